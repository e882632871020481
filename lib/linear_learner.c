/* linear_learner - weights that learn from pairs, an epoch at a time */
#include "linear_learner.h"

#include <stdlib.h>

enum { CROSSED = LINEAR_DENSE, FIRST_GRAM = CROSSED + LINEAR_CROSSED * LINEAR_CLASSES };

/* What AdaGrad's sums of squared slopes begin with: it bounds the first steps. */
#define FIRST_SQUARES 0.1f

/* The newest epoch counts this much in the running mean. */
#define MEAN_STEP 0.3f

/* ---- one pair ---- */

static inline float cross_value(const struct linear_row *r, int i)
{
	return r->dense[linear_crossed[i]] * LINEAR_CROSS;
}

double learner_delta(const struct learner *l, const struct linear_row *r)
{
	const struct weight *v = l->v, *grams = v + FIRST_GRAM;
	const uint32_t *g = l->d->grams + r->at;
	float sum[4] = { 0, 0, 0, 0 };		/* four chains of additions run side by side */
	uint32_t i = 0;

	for (int k = 0; k < LINEAR_DENSE; k++)
		sum[k & 3] += v[k].w * r->dense[k];
	for (int k = 0; k < LINEAR_CLASSES; k++) {
		if (!(r->classes >> k & 1))
			continue;
		for (int c = 0; c < LINEAR_CROSSED; c++)
			sum[c & 3] += v[CROSSED + k * LINEAR_CROSSED + c].w * cross_value(r, c);
	}
	for (; i + 4 <= r->n; i += 4)
		for (int k = 0; k < 4; k++)
			sum[k] += grams[gram_i(g[i + k])].w * gram_x(g[i + k]);
	for (; i < r->n; i++)
		sum[0] += grams[gram_i(g[i])].w * gram_x(g[i]);
	return (double)(sum[0] + sum[1]) + (double)(sum[2] + sum[3]);
}

static inline void step(const struct learner *l, size_t i, float x, float slope)
{
	struct weight *v = &l->v[i];
	float g = slope * x + v->penalty * v->w;

	v->squares += g * g;
	v->w -= l->rate * g / sqrtf(v->squares);
}

/* Ask for the weights of a row that is soon to come. */
static void fetch(const struct learner *l, const struct linear_row *r)
{
	const uint32_t *g = l->d->grams + r->at;

	for (uint32_t i = 0; i < r->n; i++)
		__builtin_prefetch(&l->v[FIRST_GRAM + gram_i(g[i])], 1);
}

void learner_step(const struct learner *l, const struct linear_row *r, float slope)
{
	const uint32_t *g = l->d->grams + r->at;

	for (int k = 0; k < LINEAR_DENSE; k++)
		if (r->dense[k] != 0)
			step(l, (size_t)k, r->dense[k], slope);
	for (int k = 0; k < LINEAR_CLASSES; k++) {
		if (!(r->classes >> k & 1))
			continue;
		for (int c = 0; c < LINEAR_CROSSED; c++)
			if (cross_value(r, c) != 0)
				step(l, (size_t)(CROSSED + k * LINEAR_CROSSED + c),
					cross_value(r, c), slope);
	}
	for (uint32_t i = 0; i < r->n; i++)
		step(l, FIRST_GRAM + gram_i(g[i]), gram_x(g[i]), slope);
}

static struct loss_terms terms_of(const struct learner *l, const struct linear_row *r)
{
	return loss_terms(l->o->loss, l->o->e, r->preference);
}

/* ---- all pairs ---- */

void learner_open(struct learner *l, const struct linear_data *d, const struct linear_options *o)
{
	*l = (struct learner){ .d = d, .o = o, .n = FIRST_GRAM + d->n_names, .rate = (float)o->rate };
	l->v = xcalloc(l->n, sizeof *l->v);
	l->mean = xcalloc(l->n, sizeof *l->mean);
	l->best = xcalloc(l->n, sizeof *l->best);
}

void learner_close(struct learner *l)
{
	free(l->v);
	free(l->mean);
	free(l->best);
}

void learner_begin(struct learner *l, const uint32_t *rows, size_t n)
{
	memset(l->v, 0, l->n * sizeof *l->v);
	memset(l->mean, 0, l->n * sizeof *l->mean);
	for (size_t i = 0; i < n; i++) {
		const struct linear_row *r = &l->d->rows[rows[i]];

		for (int k = 0; k < LINEAR_DENSE; k++)
			l->v[k].penalty += r->dense[k] != 0;
		for (int k = 0; k < LINEAR_CLASSES; k++)
			for (int c = 0; r->classes >> k & 1 && c < LINEAR_CROSSED; c++)
				l->v[CROSSED + k * LINEAR_CROSSED + c].penalty +=
					cross_value(r, c) != 0;
		for (uint32_t k = 0; k < r->n; k++)
			l->v[FIRST_GRAM + gram_i(l->d->grams[r->at + k])].penalty++;
	}
	for (size_t i = 0; i < l->n; i++) {
		l->v[i].squares = FIRST_SQUARES;
		if (l->v[i].penalty > 0)
			l->v[i].penalty = (float)(l->o->l2 / l->v[i].penalty);
	}
}

double learner_pass(struct learner *l, const uint32_t *rows, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct linear_row *r = &l->d->rows[rows[i]];
		struct loss_terms t = terms_of(l, r);
		double h;

		if (i + 1 < n)
			fetch(l, &l->d->rows[rows[i + 1]]);
		h = learner_delta(l, r) - r->margin;

		sum += loss_value(t, h);
		learner_step(l, r, (float)loss_slope(t, h));
	}
	return sum / (double)n;
}

void learner_mean(struct learner *l, long k)
{
	for (size_t i = 0; i < l->n; i++)
		l->mean[i] += (k == 1 ? 1 : MEAN_STEP) * (l->v[i].w - l->mean[i]);
}

/* Exchange the weights and their running means. */
static void swap_mean(struct learner *l)
{
	for (size_t i = 0; i < l->n; i++) {
		float w = l->v[i].w;

		l->v[i].w = l->mean[i];
		l->mean[i] = w;
	}
}

void learner_deltas(struct learner *l, const uint32_t *rows, size_t n, double *deltas)
{
	swap_mean(l);
	for (size_t i = 0; i < n; i++)
		deltas[i] = learner_delta(l, &l->d->rows[rows[i]]);
	swap_mean(l);
}

double learner_loss(const struct learner *l, const uint32_t *rows, size_t n, const double *deltas)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct linear_row *r = &l->d->rows[rows[i]];

		sum += loss_value(terms_of(l, r), deltas[i] - r->margin);
	}
	return n ? sum / (double)n : NAN;
}

double learner_accuracy(const struct learner *l, const uint32_t *rows, size_t n, const double *deltas)
{
	double right = 0, counted = 0;

	for (size_t i = 0; i < n; i++) {
		double side = l->d->rows[rows[i]].preference - 0.5;

		counted += side != 0;
		right += side == 0 ? 0 : deltas[i] == 0 ? 0.5 : (deltas[i] > 0) == (side > 0);
	}
	return counted > 0 ? right / counted : NAN;
}

void learner_keep(struct learner *l)
{
	memcpy(l->best, l->mean, l->n * sizeof *l->best);
}

void learner_take(const struct learner *l, struct linear_model *m)
{
	memcpy(m->dense, l->best, sizeof m->dense);
	for (int k = 0; k < LINEAR_CLASSES; k++)
		for (int c = 0; c < LINEAR_CROSSED; c++)
			m->crossed[c][k] = l->best[CROSSED + k * LINEAR_CROSSED + c];
	for (size_t i = 0; i < l->d->n_names; i++)
		m->grams[l->d->names[i]] = l->best[FIRST_GRAM + i];
}
