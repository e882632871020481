/* loss_pair - losses of a chosen and a rejected response beside a reference
 *
 * A row of the table at the end says whose a loss is, and which public code computes the same. Signs and constants
 * are those; where two forms are about, both are here, by two names.
 */
#include "lm/loss_inside.h"


/* ---- on the logit of DPO ---- */

/* -ls(x) */
LOSS(dpo)
{
	const double h = logit_of(o, x);

	put(x, nls(h), -o->beta * sigmoid(-h));
}

/* -(1 - smooth) ls(x) - smooth ls(-x) */
LOSS(cdpo)
{
	double slope, loss = smoothed(logit_of(o, x), o->smooth, &slope);

	put(x, loss, o->beta * slope);
}

/* -q ls(x) - (1 - q) ls(-x), q the record's preference */
LOSS(soft)
{
	double slope, loss = smoothed(logit_of(o, x), 1 - x->preference, &slope);

	put(x, loss, o->beta * slope);
}

/* (-(1 - e) ls(x) + e ls(-x)) / (1 - 2 e), e = smooth: without bound below */
LOSS(robust)
{
	const double h = logit_of(o, x), e = o->smooth;

	put(x, ((1 - e) * nls(h) - e * nls(-h)) / (1 - 2 * e), o->beta * (sigmoid(h) - (1 - e) / (1 - 2 * e)));
}

/* -ln((1 - e) s(x) + e s(-x)), e = the record's flip, or else smooth: what the labels' likelihood is when they are wrong
 * so often; bounded, so that wrong labels are let go */
LOSS(forward)
{
	const double h = logit_of(o, x), e = isnan(x->flip) ? o->smooth : x->flip;
	const double right = sigmoid(h), wrong = sigmoid(-h);
	double seen = (1 - e) * right + e * wrong;

	if (seen < 1e-300)		/* e is 0, and the pair hopelessly wrong */
		put(x, nls(h), -o->beta * wrong);
	else
		put(x, -log(seen), -o->beta * (1 - 2 * e) * right * wrong / seen);
}

/* max(0, 1 - x) */
LOSS(hinge)
{
	const double h = logit_of(o, x);

	put(x, h < 1 ? 1 - h : 0, h < 1 ? -o->beta : 0);
}

/* (a / n_w - b / n_l - 1 / (2 beta))^2 */
LOSS(ipo)
{
	const double d = ratio(W) / per_token(W) - ratio(L) / per_token(L) - 1 / (2 * o->beta);

	put_mean(x, d * d, 2 * d);
}

/* (a - b - 1 / (2 beta))^2 */
LOSS(ipo_sum)
{
	const double d = ratio(W) - ratio(L) - 1 / (2 * o->beta);

	put(x, d * d, 2 * d);
}

/* s(x) (ls(x) - ln(1 - smooth)) + s(-x) (ls(-x) - ln smooth) */
LOSS(exo)
{
	const double h = logit_of(o, x), right = sigmoid(h), wrong = sigmoid(-h);
	const double e = o->smooth;

	put(x, right * (-nls(h) - log1p(-e)) + wrong * (-nls(-h) - log(e)),
		o->beta * right * wrong * (h - log1p(-e) + log(e)));
}

/* -ls(x) (1 - m) + exp(-x) m, m = s(x / alpha). As exp(-x + ls(x / alpha)) it is finite where x is far below 0. */
LOSS(discopop)
{
	const double h = logit_of(o, x), m = sigmoid(h / o->alpha), slope = m * (1 - m) / o->alpha;
	const double second = exp(-h - nls(h / o->alpha));

	put(x, nls(h) * (1 - m) + second,
		o->beta * (-sigmoid(-h) * (1 - m) - nls(h) * slope + second * ((1 - m) / o->alpha - 1)));
}

/* -ls(beta (a / n_w - b / n_l)) */
LOSS(dpo_norm)
{
	const double h = o->beta * (ratio(W) / per_token(W) - ratio(L) / per_token(L));

	put_mean(x, nls(h), -o->beta * sigmoid(-h));
}

/* -ls(x - margin) */
LOSS(margin_dpo)
{
	const double h = logit_of(o, x) - x->margin;

	put(x, nls(h), -o->beta * sigmoid(-h));
}

/* -ls(x + alpha (n_w - n_l)): what is only longer earns nothing */
LOSS(r_dpo)
{
	const double h = logit_of(o, x) + o->alpha * (W->n - L->n);

	put(x, nls(h), -o->beta * sigmoid(-h));
}

/* -ls(x) min(1, exp(sure_w + sure_l)): pairs that the policy would not write count little; the weight is no function */
LOSS(wpo)
{
	const double weight = exp(fmin(0, W->sure + L->sure));

	dpo(o, x);
	put(x, x->loss * weight, W->g * weight);
}

LOSS(wpo_trl)				/* the same, its weight not held below 1 */
{
	const double weight = exp(W->sure + L->sure);

	dpo(o, x);
	put(x, x->loss * weight, W->g * weight);
}

/* -ls(beta (a - b - alpha max(0, -a))) */
LOSS(dpop)
{
	const double fall = ratio(W) < 0 ? o->alpha : 0;
	const double h = logit_of(o, x) + o->beta * fall * ratio(W), slope = -o->beta * sigmoid(-h);

	put(x, nls(h), slope);
	W->g = slope * (1 + fall);
}

/* -ls(x) + alpha max(0, -a) */
LOSS(dpop_out)
{
	const double fall = ratio(W) < 0 ? o->alpha : 0;

	dpo(o, x);
	x->loss -= fall * ratio(W);
	W->g -= fall;
}

/* -ls(a - b) + ((a - 1 / (2 beta))^2 + (b + 1 / (2 beta))^2) / 2; without beta in the first term, as the code has it */
LOSS(cal_dpo)
{
	const double h = ratio(W) - ratio(L), u = ratio(W) - 1 / (2 * o->beta), v = ratio(L) + 1 / (2 * o->beta);

	put(x, nls(h) + (u * u + v * v) / 2, -sigmoid(-h));
	W->g += u;
	L->g += v;
}

/* -ls(beta (a - b - (kl_l - kl_w))) */
LOSS(tdpo1)
{
	const double h = logit_of(o, x) - o->beta * (L->kl - W->kl), slope = -o->beta * sigmoid(-h);

	put(x, nls(h), slope);
	W->gkl = slope;
	L->gkl = -slope;
}

/* -ls(beta (a - b - alpha (kl_l - kl_w))), kl_w a constant */
LOSS(tdpo2)
{
	const double h = logit_of(o, x) - o->beta * o->alpha * (L->kl - W->kl), slope = -o->beta * sigmoid(-h);

	put(x, nls(h), slope);
	L->gkl = -o->alpha * slope;
}

/* (x - logit(preference))^2, the preference held in [smooth, 1 - smooth] */
LOSS(irepo)
{
	const double q = fmin(fmax(x->preference, o->smooth), 1 - o->smooth);
	const double d = logit_of(o, x) - log(q) + log1p(-q);

	put(x, d * d, 2 * o->beta * d);
}

/* -ls(x) - gamma ln p(rationale | prompt, pair), of several rationales the mean */
LOSS(rationale)
{
	dpo(o, x);
	x->loss -= o->gamma * x->why;
	x->gwhy = -o->gamma;
}

/* ---- on each side's own reward: u = beta a, v = beta b ---- */

/* -ls(u) - ls(-u) / 2 - ls(-v) / 2 */
LOSS(nca)
{
	const double u = o->beta * ratio(W), v = o->beta * ratio(L);

	sides(x, nls(u) + nls(-u) / 2 + nls(-v) / 2, o->beta * (1.5 * sigmoid(u) - 1), o->beta * sigmoid(v) / 2);
}

/* -ls(u) - ls(-v) */
LOSS(bco)
{
	const double u = o->beta * ratio(W), v = o->beta * ratio(L);

	sides(x, nls(u) + nls(-v), -o->beta * sigmoid(-u), o->beta * sigmoid(v));
}

/* (a - 1 / (2 beta))^2 + (b + 1 / (2 beta))^2 */
LOSS(sppo)
{
	const double u = ratio(W) - 1 / (2 * o->beta), v = ratio(L) + 1 / (2 * o->beta);

	sides(x, u * u + v * v, 2 * u, 2 * v);
}

/* 1 - s(u) + s(v) */
LOSS(apo_zero)
{
	const double u = o->beta * ratio(W), v = o->beta * ratio(L);

	sides(x, sigmoid(-u) + sigmoid(v), -o->beta * sigmoid(u) * sigmoid(-u), o->beta * sigmoid(v) * sigmoid(-v));
}

/* s(u) + 1 - s(u - v) */
LOSS(apo_down)
{
	const double u = o->beta * ratio(W), h = logit_of(o, x), slope = o->beta * sigmoid(h) * sigmoid(-h);

	sides(x, sigmoid(u) + sigmoid(-h), o->beta * sigmoid(u) * sigmoid(-u) - slope, slope);
}

#define REF LOSS_REFERENCE
const struct loss loss_pairs[] = {
	{ "dpo", REF, KNOBS(.1, NO, NO, NO), dpo, NULL, "Rafailov et al. 2023; sigmoid of TRL 1.x" },
	{ "cdpo", REF, KNOBS(.1, .1, NO, NO), cdpo, NULL, "Mitchell 2023, conservative DPO; label_smoothing of TRL before 1.0" },
	{ "soft", REF, KNOBS(.1, NO, NO, NO), soft, NULL, "cdpo by the record's preference; soft cross-entropy of OSP" },
	{ "robust", REF, KNOBS(.1, .1, NO, NO), robust, NULL, "Chowdhury et al. 2024, rDPO; robust of TRL 1.x" },
	{ "forward", REF, KNOBS(.1, .1, NO, NO), forward, NULL, "likelihood of noisy labels, as Patrini et al. 2017" },
	{ "hinge", REF, KNOBS(.1, NO, NO, NO), hinge, NULL, "Zhao et al. 2023, Liu et al. 2024 (RSO); hinge of TRL 1.x" },
	{ "ipo", REF, KNOBS(.1, NO, NO, NO), ipo, NULL, "Azar et al. 2023, by token; ipo of TRL 1.x" },
	{ "ipo-sum", REF, KNOBS(.1, NO, NO, NO), ipo_sum, NULL, "Azar et al. 2023; the DPO authors' code, OpenRLHF" },
	{ "exo", REF, KNOBS(.1, .001, NO, NO), exo, NULL, "Ji et al. 2024; exo_pair of TRL 1.x" },
	{ "nca", REF, KNOBS(.1, NO, NO, NO), nca, NULL, "Chen et al. 2024; nca_pair of TRL 1.x" },
	{ "bco", REF, KNOBS(.1, NO, NO, NO), bco, NULL, "Jung et al. 2024; bco_pair of TRL 1.x (no running mean)" },
	{ "sppo", REF, KNOBS(.001, NO, NO, NO), sppo, NULL, "Wu et al. 2024; sppo_hard of TRL 1.x" },
	{ "apo-zero", REF, KNOBS(.1, NO, NO, NO), apo_zero, NULL, "D'Oosterlinck et al. 2024; apo_zero of TRL 1.x" },
	{ "apo-down", REF, KNOBS(.1, NO, NO, NO), apo_down, NULL, "D'Oosterlinck et al. 2024; apo_down of TRL 1.x" },
	{ "discopop", REF, KNOBS(.1, NO, NO, .05), discopop, NULL, "Lu et al. 2024; discopop of TRL 1.x" },
	{ "dpo-norm", REF, KNOBS(5, NO, NO, NO), dpo_norm, NULL, "Lambert et al. 2024 (Tulu 3); sigmoid_norm of TRL 1.x" },
	{ "margin-dpo", REF, KNOBS(.1, NO, NO, NO), margin_dpo, NULL, "Amini et al. 2024, DPO with an offset" },
	{ "r-dpo", REF, KNOBS(.1, NO, NO, .01), r_dpo, NULL, "Park et al. 2024, length" },
	{ "ld-dpo", REF | LOSS_SHARED, KNOBS(.1, NO, NO, .5), dpo, NULL, "Liu et al. 2024, length; ld_alpha of TRL 1.x" },
	{ "mask-dpo", REF | LOSS_MASKED, KNOBS(.1, NO, NO, NO), dpo, NULL, "Gu et al. 2025; SparsePO with weights given" },
	{ "wpo", REF | LOSS_SURE, KNOBS(.1, NO, NO, NO), wpo, NULL, "Zhou et al. 2024, the authors' code" },
	{ "wpo-trl", REF | LOSS_SURE, KNOBS(.1, NO, NO, NO), wpo_trl, NULL, "Zhou et al. 2024; use_weighting of TRL 1.x" },
	{ "dpop", REF, KNOBS(.1, NO, NO, 50), dpop, NULL, "Pal et al. 2024; PaddleNLP" },
	{ "dpop-out", REF, KNOBS(.1, NO, NO, 5), dpop_out, NULL, "Pal et al. 2024, the penalty outside, as others have it" },
	{ "cal-dpo", REF, KNOBS(.1, NO, NO, NO), cal_dpo, NULL, "Xiao et al. 2024, the authors' code" },
	{ "tdpo1", REF | LOSS_KL, KNOBS(.1, NO, NO, NO), tdpo1, NULL, "Zeng et al. 2024, the authors' code" },
	{ "tdpo2", REF | LOSS_KL, KNOBS(.1, NO, NO, .5), tdpo2, NULL, "Zeng et al. 2024, the authors' code" },
	{ "irepo", REF, KNOBS(.1, .01, NO, NO), irepo, NULL, "Le et al. 2024, regression on the logit of the votes" },
	{ "rationale", REF, KNOBS(.1, NO, .01, NO), rationale, NULL, "Just et al. 2024, the paper's formula" },
	{ NULL }
};
