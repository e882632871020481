/* loss_inside.h - what the files of losses share; for loss_*.c */
#ifndef PREF_LM_LOSS_INSIDE_H
#define PREF_LM_LOSS_INSIDE_H

#include "lm/loss.h"

#include <math.h>

#include "logistic.h"

#define LOSS(name) static void name(const struct loss_options *o, struct loss_in *x)
#define W (&x->v[0])
#define L (&x->v[1])

static inline double ratio(const struct loss_sum *v)
{
	return v->p - v->r;
}

static inline double logit_of(const struct loss_options *o, const struct loss_in *x)
{
	return o->beta * (ratio(W) - ratio(L));
}

static inline double per_token(const struct loss_sum *v)
{
	return v->n < 1 ? 1 : v->n;
}

/* The loss is `loss`, a function of p_w - p_l with this derivative. */
static inline void put(struct loss_in *x, double loss, double slope)
{
	x->loss = loss;
	W->g = slope;
	L->g = -slope;
}

/* The same of p_w / n_w - p_l / n_l. */
static inline void put_mean(struct loss_in *x, double loss, double slope)
{
	x->loss = loss;
	W->g = slope / per_token(W);
	L->g = -slope / per_token(L);
}

/* -(1 - e) ls(h) - e ls(-h), and its derivative. */
static inline double smoothed(double h, double e, double *slope)
{
	*slope = sigmoid(h) - (1 - e);
	return (1 - e) * nls(h) + e * nls(-h);
}

/* The loss is `loss`, with these derivatives by p_w and p_l. */
static inline void sides(struct loss_in *x, double loss, double gw, double gl)
{
	x->loss = loss;
	W->g = gw;
	L->g = gl;
}

/* Rows of the tables: knobs, and those that a loss does not have. */
#define KNOBS(beta, smooth, gamma, alpha) { beta, smooth, gamma, alpha }
#define NO NAN

#endif
