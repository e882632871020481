/* trace.h - what a forward pass leaves for the way back; for backward*.c */
#ifndef PREF_LM_TRACE_H
#define PREF_LM_TRACE_H

#include "lm/backward.h"
#include "lm/pass.h"

struct lm_trace {
	struct lm_batch b;
	struct lm_targets targets;
	struct lm_acts *acts;		/* [layers]; normed and act are the same of all */
	float *x;			/* [rows][dim] after the last layer */
	float *taken;			/* [rows taken][dim] normed */
	float *p;			/* [rows taken][vocab] probabilities */
	const struct lm_trace *reference;	/* of lm_pull(), or NULL */
	const double *pull;		/* [segments] */
	float *ends, *scored;		/* [scored][dim] rows whose scores were wanted, before and after the last norm */

	/* What the loss changes by with ... */
	float *dx;			/* [rows][dim] the layer's output, then its input */
	float *dnormed, *dqkv, *dattn, *dup, *dact;	/* as in struct lm_acts */
	float *stat;			/* [rows][2] of a norm, as the kernels say */

	float *memory;
	size_t floats;
};

/* Adds to gradients of w and its bias: y = x W^T + bias, dy [m][w->rows]. */
void lm_matrix_back(struct lm_engine *e, const struct lm_slopes *to, const struct lm_matrix *w,
	const struct lm_matrix *bias, const float *dy, const float *x, size_t m);
/* dx += what comes back through y = norm(x); adds to gradients of w and bias. */
void lm_norm_back(struct lm_engine *e, struct lm_trace *t, const struct lm_slopes *to, float *dx, const float *dy,
	const float *x, size_t rows, const struct lm_matrix *w, const struct lm_matrix *bias);
/* dqkv of a layer from dattn. */
void lm_attend_back(struct lm_engine *e, struct lm_trace *t, uint32_t layer);
/* Log-probs from x, keeping p. */
void lm_head_keep(struct lm_engine *e, struct lm_trace *t, struct lm_spread *const *spread);
/* dx of all rows, from g of the log-probs or scores. */
void lm_head_back(struct lm_engine *e, struct lm_trace *t, const double *const *g, const struct lm_slopes *to);

#endif
