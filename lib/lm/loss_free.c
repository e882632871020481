/* loss_free - losses of a chosen and a rejected response without a reference, and of reward models */
#include "lm/loss_inside.h"

/* Adds weight * -p / n of the chosen response. */
static void add_nll(struct loss_in *x, double weight, double n)
{
	x->loss -= weight * W->p / n;
	W->g -= weight / n;
}

/* -ls(beta (p_w / n_w - p_l / n_l) - gamma), smoothed */
LOSS(simpo)
{
	double slope, loss = smoothed(o->beta * (W->p / per_token(W) - L->p / per_token(L)) - o->gamma, o->smooth, &slope);

	put_mean(x, loss, o->beta * slope);
}

/* simpo of the rewards (1 - P^-alpha) / alpha, P = exp(p / n) */
LOSS(alphapo)
{
	const double w = exp(-o->alpha * W->p / per_token(W)), l = exp(-o->alpha * L->p / per_token(L));
	const double h = o->beta * (l - w) / o->alpha - o->gamma;
	const double slope = -o->beta * sigmoid(-h);

	sides(x, nls(h), slope * w / per_token(W), -slope * l / per_token(L));
}

/* -ls(beta (p_w - p_l)), smoothed, + alpha NLL_w, the mean over the tokens of the batch */
LOSS(cpo)
{
	double slope, loss = smoothed(o->beta * (W->p - L->p), o->smooth, &slope);

	put(x, loss, o->beta * slope);
	add_nll(x, o->alpha, x->tokens);
}

/* max(0, gamma - p_w + p_l) + alpha NLL_w */
LOSS(slic)
{
	const double d = o->gamma - W->p + L->p;

	put(x, d > 0 ? d : 0, d > 0 ? -1 : 0);
	add_nll(x, o->alpha, per_token(W));
}

/* ln(P / (1 - P)) of P = exp(l), l <= 0, and its derivative by l. (1 - P by whichever of two forms loses no digits;
 * a response that is certain is taken to be so but for 1e-12.) */
static double log_odds(double l, double *slope)
{
	const double m = fmin(l, -1e-12);
	const double rest = m > -0.6931471805599453 ? log(-expm1(m)) : log1p(-exp(m));

	*slope = 1 / -expm1(m);
	return m - rest;
}

/* NLL_w - beta ls(ln odds_w - ln odds_l), odds of P = exp(p / n); NLL of the response, as in the paper */
LOSS(orpo)
{
	double gw, gl, h = log_odds(W->p / per_token(W), &gw) - log_odds(L->p / per_token(L), &gl);
	const double slope = -o->beta * sigmoid(-h);

	sides(x, o->beta * nls(h), slope * gw / per_token(W), -slope * gl / per_token(L));
	add_nll(x, 1, per_token(W));
}

/* -p_w, the mean over the chosen tokens of the batch */
LOSS(sft)
{
	(void)o;
	x->loss = 0;
	add_nll(x, 1, x->tokens);
}

/* ---- reward models ---- */

/* -ls(R_w - R_l - margin) + alpha (R_w + R_l)^2 */
LOSS(bt)
{
	const double h = W->p - L->p - x->margin, sum = W->p + L->p;

	put(x, nls(h) + o->alpha * sum * sum, -sigmoid(-h));
	W->g += 2 * o->alpha * sum;
	L->g += 2 * o->alpha * sum;
}

double loss_gpm_score(const double *w, const double *l, size_t dims)
{
	double score = 0;

	for (size_t i = 0; i + 1 < dims; i += 2)
		score += w[i] * l[i + 1] - w[i + 1] * l[i];
	return score;
}

double loss_gpm(const double *w, const double *l, size_t dims, double tau, double *gw, double *gl)
{
	const double score = loss_gpm_score(w, l, dims);
	const double slope = -sigmoid(-score / tau) / tau;
	for (size_t i = 0; i + 1 < dims; i += 2) {
		gw[i] = slope * l[i + 1];
		gw[i + 1] = -slope * l[i];
		gl[i] = -slope * w[i + 1];
		gl[i + 1] = slope * w[i];
	}
	return nls(score / tau);
}

const struct loss loss_frees[] = {
	{ "simpo", 0, KNOBS(2, 0, 1, NO), simpo, NULL, "Meng et al. 2024; CPOTrainer's simpo (TRL), cpo_alpha 0" },
	{ "alphapo", 0, KNOBS(2, NO, 1, .25), alphapo, NULL, "Gupta et al. 2025; CPOTrainer's simpo with alpha" },
	{ "cpo", 0, KNOBS(.1, 0, NO, 1), cpo, NULL, "Xu et al. 2024; CPOTrainer's sigmoid" },
	{ "slic", 0, KNOBS(NO, NO, 1, 1), slic, NULL, "Zhao et al. 2023, SLiC-HF" },
	{ "orpo", 0, KNOBS(.1, NO, NO, NO), orpo, NULL, "Hong et al. 2024, the paper's (TRL's NLL takes the prompt in)" },
	{ "sft", 0, KNOBS(NO, NO, NO, NO), sft, NULL, "likelihood of the chosen response; sft of TRL 1.x" },
	{ "bt", LOSS_SCORES, KNOBS(NO, NO, NO, 0), bt, NULL, "Bradley and Terry 1952; RewardTrainer, alpha its centring" },
	{ "gpm", LOSS_SCORES | LOSS_EMBEDDED, KNOBS(1, NO, NO, NO), NULL, NULL, "Zhang et al. 2024; beta is 1 / tau" },
	{ NULL }
};
