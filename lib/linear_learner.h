/* linear_learner.h - inside lib/linear*.c only: weights that learn from pairs, an epoch at a time
 *
 * AdaGrad (Duchi, Hazan and Singer 2011), with the penalty on a weight spread over the pairs that
 * have its feature, l2 / (number of those pairs) each time: over an epoch that sums to l2, and no
 * weight need be touched in a pair that does not have its feature.
 *
 * What counts is a running mean of the weights at the ends of epochs: the last pairs of an epoch
 * leave their mark on the weights themselves.
 */
#ifndef PREF_LINEAR_LEARNER_H
#define PREF_LINEAR_LEARNER_H

#include "linear.h"

/* Most of the time goes into fetching these: none may lie across two cache lines. */
struct weight {
	float w, penalty;
	float squares;			/* of the slopes until now */
	float unused;
};

struct learner {
	const struct linear_data *d;
	const struct linear_options *o;
	/* Dense, crossed (class by class), grams: */
	struct weight *v;
	float *mean, *best;		/* running mean over epochs; that of the epoch kept */
	size_t n;
	float rate;
};

void learner_open(struct learner *l, const struct linear_data *d, const struct linear_options *o);
void learner_close(struct learner *l);

/* Weights 0, with penalties for n of these rows an epoch. */
void learner_begin(struct learner *l, const uint32_t *rows, size_t n);
/* One row: its margin by the weights as they are, and a step down the slope dL/dmargin. */
double learner_delta(const struct learner *l, const struct linear_row *r);
void learner_step(const struct learner *l, const struct linear_row *r, float slope);
/* Learn from these rows in this order: the mean loss, of each before its step. */
double learner_pass(struct learner *l, const uint32_t *rows, size_t n);
/* The end of epoch k, from 1: the running mean. */
void learner_mean(struct learner *l, long k);
/* Margins of rows by the running mean. */
void learner_deltas(struct learner *l, const uint32_t *rows, size_t n, double *deltas);
/* The mean loss of rows with these margins, and the share whose better side is scored higher: equal scores
 * count half, labels of 1/2 not at all. NaN of nothing. */
double learner_loss(const struct learner *l, const uint32_t *rows, size_t n, const double *deltas);
double learner_accuracy(const struct learner *l, const uint32_t *rows, size_t n, const double *deltas);
/* Keep the running mean: the last one kept is what learner_take() writes to m. */
void learner_keep(struct learner *l);
void learner_take(const struct learner *l, struct linear_model *m);

#endif
