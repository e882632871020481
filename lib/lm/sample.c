/* sample - the next token, drawn from logits */
#include "lm/sample.h"

#include <math.h>
#include <stdlib.h>

#include "lm/kernel.h"

void lm_sampler_free(struct lm_sampler *k)
{
	free(k->p);
	free(k->v);
	*k = (struct lm_sampler){ 0 };
}

static bool before(struct lm_likely a, struct lm_likely b)
{
	return a.p > b.p || (a.p == b.p && a.token < b.token);
}

static int by_likelihood(const void *a, const void *b)
{
	const struct lm_likely *x = a, *y = b;

	return before(*x, *y) ? -1 : before(*y, *x);
}

/* v[0, n) is a heap whose root is the least likely; put the root where it belongs. */
static void sink(struct lm_likely *v, size_t n)
{
	for (size_t i = 0, next; (next = 2 * i + 1) < n; i = next) {
		struct lm_likely root = v[i];

		if (next + 1 < n && before(v[next], v[next + 1]))
			next++;
		if (before(v[next], root))
			break;
		v[i] = v[next];
		v[next] = root;
	}
}

static void put(struct lm_sampler *k, size_t at, struct lm_likely one)
{
	GROW(k->v, at, k->room);
	k->v[at] = one;
}

/* The top most likely of n tokens. */
static size_t take_top(struct lm_sampler *k, size_t n, size_t top)
{
	for (size_t i = 0; i < top; i++)
		put(k, i, (struct lm_likely){ k->p[i], (int32_t)i });
	qsort(k->v, top, sizeof *k->v, by_likelihood);
	for (size_t i = 0; i < top / 2; i++) {
		const struct lm_likely one = k->v[i];

		k->v[i] = k->v[top - 1 - i];
		k->v[top - 1 - i] = one;
	}
	for (size_t i = top; i < n; i++) {
		const struct lm_likely one = { k->p[i], (int32_t)i };

		if (before(one, k->v[0])) {
			k->v[0] = one;
			sink(k->v, top);
		}
	}
	return top;
}

/* All tokens more likely than `least`. */
static size_t take_above(struct lm_sampler *k, size_t n, float least)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++)
		if (k->p[i] > least)
			put(k, taken++, (struct lm_likely){ k->p[i], (int32_t)i });
	return taken;
}

/* One of v[0, n), likeliest first. */
static int32_t draw_of(const struct lm_likely *v, size_t n, double u)
{
	double sum = 0;
	size_t i = 0;

	for (size_t j = 0; j < n; j++)
		sum += (double)v[j].p;
	for (sum *= u; i + 1 < n && (sum -= (double)v[i].p) >= 0; i++)
		;
	return v[i].token;
}

static int32_t draw_likely(struct lm_sampler *k, size_t n, const struct lm_sampling *how, double u)
{
	const bool top = how->top_k > 0 && how->top_k < n;
	/* Tokens of (1 - p) / n and less sum to 1 - p at most: the nucleus needs none of them. */
	size_t taken = top ? take_top(k, n, how->top_k) : take_above(k, n, (float)((1 - how->top_p) / (double)n)), kept = 0;
	double all = top ? 0 : 1, sum = 0;

	qsort(k->v, taken, sizeof *k->v, by_likelihood);
	for (size_t i = 0; top && i < taken; i++)
		all += (double)k->v[i].p;
	while (kept < taken && (sum < how->top_p * all || kept == 0))
		sum += (double)k->v[kept++].p;
	return draw_of(k->v, kept, u);
}

/* One of all, in the order of ids. */
static int32_t draw_any(const float *p, size_t n, double u)
{
	int32_t last = 0;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)p[i];
	sum *= u;
	for (size_t i = 0; i < n && sum >= 0; i++)
		if (p[i] > 0) {
			last = (int32_t)i;
			sum -= (double)p[i];
		}
	return last;
}

int32_t lm_sample(const float *logits, size_t n, const struct lm_sampling *how, struct rng *g, struct lm_sampler *k,
	double *logp)
{
	int32_t token = 0;
	float most;
	double sum;

	kernels()->sum_exp(logits, n, &most, &sum);
	if (how->temperature == 0) {
		while (logits[token] < most)
			token++;
	} else {
		const double u = rng_real(g);

		if (k->n < n) {
			k->n = n;
			k->p = xreallocarray(k->p, n, sizeof *k->p);
		}
		memcpy(k->p, logits, n * sizeof *k->p);
		kernels()->softmax(k->p, n, (float)(1 / how->temperature));
		if ((how->top_k == 0 || how->top_k >= n) && how->top_p >= 1)
			token = draw_any(k->p, n, u);
		else
			token = draw_likely(k, n, how, u);
	}
	*logp = (double)logits[token] - (double)most - log(sum);
	return token;
}
