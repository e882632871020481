/* loss_list - losses of ranked lists, of three responses, and those that couple the pairs of a batch */
#include "lm/loss_inside.h"

#include <stdlib.h>

/* ---- lists, best first ---- */

/* ln of the sum of exp of u[from, n); weight[i] becomes the share of each. */
static double log_sum(const double *u, size_t from, size_t n, double *share)
{
	double most = u[from], sum = 0;

	for (size_t i = from; i < n; i++)
		most = fmax(most, u[i]);
	for (size_t i = from; i < n; i++)
		sum += share[i] = exp(u[i] - most);
	for (size_t i = from; i < n; i++)
		share[i] /= sum;
	return most + log(sum);
}

/* -sum over k of ln(exp(u_k) / sum over j >= k of exp(u_j)), u = beta (p - r): with two responses, dpo */
static void plackett_luce(const struct loss_options *o, struct loss_in *x)
{
	double *u = xcalloc(2 * x->k, sizeof *u), *share = u + x->k;

	x->loss = 0;
	for (size_t i = 0; i < x->k; i++)
		u[i] = o->beta * ratio(&x->v[i]);
	for (size_t k = 0; k + 1 < x->k; k++) {
		x->loss += log_sum(u, k, x->k, share) - u[k];
		x->v[k].g -= o->beta;
		for (size_t j = k; j < x->k; j++)
			x->v[j].g += o->beta * share[j];
	}
	free(u);
}

/* Sum over k of ln(sum over j >= k of exp(T_j m_j)) - T_k m_k, with m = p / n, T_j = reward_k - reward_j of those below k
 * and T_k the greatest of them; and alpha (K - 1)^2 times -p of the best. */
static void pro(const struct loss_options *o, struct loss_in *x)
{
	double *u = xcalloc(3 * x->k, sizeof *u), *share = u + x->k, *t = share + x->k;
	const double nll = o->alpha * (double)((x->k - 1) * (x->k - 1));

	x->loss = -nll * x->v[0].p;
	x->v[0].g = -nll;
	for (size_t k = 0; k + 1 < x->k; k++) {
		t[k] = -INFINITY;
		for (size_t j = k + 1; j < x->k; j++) {
			t[j] = x->v[k].reward - x->v[j].reward;
			t[k] = fmax(t[k], t[j]);
		}
		for (size_t j = k; j < x->k; j++)
			u[j] = t[j] * x->v[j].p / fmax(x->v[j].n, 1);
		x->loss += log_sum(u, k, x->k, share) - u[k];
		for (size_t j = k; j < x->k; j++)
			x->v[j].g += t[j] * (share[j] - (j == k)) / fmax(x->v[j].n, 1);
	}
	free(u);
}

/* Place of response i, from 1, in the order of u; the first of equals first. */
static double place(const double *u, size_t n, size_t i)
{
	size_t before = 0;

	for (size_t j = 0; j < n; j++)
		before += u[j] > u[i] || (u[j] == u[i] && j < i);
	return (double)before + 1;
}

/* -sum over i above j of lambda_ij ls(u_i - u_j), u = beta (p - r), with LambdaRank's weights, which are no function:
 * lambda_ij = |2^reward_i - 2^reward_j| |1 / log2(1 + place_i) - 1 / log2(1 + place_j)|. Rewards are meant in [0, 1]. */
static void lambda(const struct loss_options *o, struct loss_in *x)
{
	double *u = xcalloc(2 * x->k, sizeof *u), *discount = u + x->k;

	x->loss = 0;
	for (size_t i = 0; i < x->k; i++)
		u[i] = o->beta * ratio(&x->v[i]);
	for (size_t i = 0; i < x->k; i++)
		discount[i] = 1 / log2(1 + place(u, x->k, i));
	for (size_t i = 0; i < x->k; i++)
		for (size_t j = i + 1; j < x->k; j++) {
			const double weight = fabs(exp2(x->v[i].reward) - exp2(x->v[j].reward)) *
				fabs(discount[i] - discount[j]);

			if (x->v[i].reward <= x->v[j].reward)
				continue;
			x->loss += weight * nls(u[i] - u[j]);
			x->v[i].g -= o->beta * weight * sigmoid(u[j] - u[i]);
			x->v[j].g += o->beta * weight * sigmoid(u[j] - u[i]);
		}
	free(u);
}

/* -ls(beta (p_1 - p_2)) - alpha p_0: v[0] the gold response, v[1] chosen, v[2] rejected */
static void triple(const struct loss_options *o, struct loss_in *x)
{
	const double h = o->beta * (x->v[1].p - x->v[2].p), slope = -o->beta * sigmoid(-h);

	x->loss = nls(h) - o->alpha * x->v[0].p;
	x->v[0].g = -o->alpha;
	x->v[1].g = slope;
	x->v[2].g = -slope;
}

/* ---- batches ---- */

/* (1 - s(beta (a - z)) + alpha (1 - s(beta (z - b)))) / 2, z = max(0, mean of `other` over the batch), a constant:
 * KTO of pairs, each two examples. */
static void kto(const struct loss_options *o, struct loss_in *x, size_t n)
{
	double sum = 0, of = 0, z;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 2; k++, of++)
			sum += x[i].v[k].other;
	z = fmax(0, sum / of);
	for (size_t i = 0; i < n; i++) {
		struct loss_sum *w = &x[i].v[0], *l = &x[i].v[1];
		const double u = o->beta * (ratio(w) - z), v = o->beta * (ratio(l) - z);

		x[i].loss = (sigmoid(-u) + o->alpha * sigmoid(v)) / 2;
		w->g = -o->beta * sigmoid(u) * sigmoid(-u) / 2;
		l->g = o->alpha * o->beta * sigmoid(v) * sigmoid(-v) / 2;
	}
}

struct ranked {
	double value;
	size_t of;
};

static int by_value(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : (x->of > y->of) - (x->of < y->of);
}

/* The i-th smallest of one kind is set against the i-th smallest of the other: -ls(beta difference), smoothed.
 * Pairs: p_w - p_l against r_w - r_l; unpaired: p_w - r_w against p_l - r_l. */
static void transport(const struct loss_options *o, struct loss_in *x, size_t n, bool pairs)
{
	struct ranked *one = xcalloc(2 * n, sizeof *one), *two = one + n;

	for (size_t i = 0; i < n; i++) {
		const struct loss_sum *w = &x[i].v[0], *l = &x[i].v[1];

		one[i] = (struct ranked){ pairs ? w->p - l->p : ratio(w), i };
		two[i] = (struct ranked){ pairs ? w->r - l->r : ratio(l), i };
	}
	qsort(one, n, sizeof *one, by_value);
	qsort(two, n, sizeof *two, by_value);
	for (size_t i = 0; i < n; i++) {
		const double h = o->beta * (one[i].value - two[i].value), slope = o->beta * (sigmoid(h) - (1 - o->smooth));

		x[one[i].of].loss = (1 - o->smooth) * nls(h) + o->smooth * nls(-h);
		x[one[i].of].v[0].g = slope;
		x[pairs ? one[i].of : two[i].of].v[1].g = -slope;
	}
	free(one);
}

static void aot(const struct loss_options *o, struct loss_in *x, size_t n)
{
	transport(o, x, n, true);
}

static void aot_unpaired(const struct loss_options *o, struct loss_in *x, size_t n)
{
	transport(o, x, n, false);
}

#define REF LOSS_REFERENCE
const struct loss loss_lists[] = {
	{ "pl", REF | LOSS_LIST, { .1, NAN, NAN, NAN }, plackett_luce, NULL, "Plackett-Luce; appendix of Rafailov et al. 2023" },
	{ "pro", LOSS_LIST | LOSS_REWARDS, { NAN, NAN, NAN, .05 }, pro, NULL, "Song et al. 2023; sums in logarithms" },
	{ "lambda", REF | LOSS_LIST | LOSS_REWARDS, { .1, NAN, NAN, NAN }, lambda, NULL,
		"Liu et al. 2024 (LiPO), Liao et al. 2024 (TPO, without its weights of steps)" },
	{ "tpo", LOSS_THREE, { .1, NAN, NAN, 1 }, triple, NULL, "Saeidi et al. 2024, the authors' code: sums" },
	{ "kto", REF | LOSS_OTHER | LOSS_COUPLED, { .1, NAN, NAN, 1 }, NULL, kto, "Ethayarajh et al. 2024; KTOTrainer (TRL)" },
	{ "aot", REF | LOSS_COUPLED, { .1, 0, NAN, NAN }, NULL, aot, "Melnyk et al. 2024; aot of TRL 1.x" },
	{ "aot-unpaired", REF | LOSS_COUPLED, { .1, 0, NAN, NAN }, NULL, aot_unpaired, "Melnyk et al. 2024; aot_unpaired of TRL 1.x" },
	{ NULL }
};
