/* linear_gpm.h - a general preference model: who beats whom need not be a ranking
 *
 * Zhang et al. 2024, "General Preference Modeling with Preference Representations for Aligning Language Models". A
 * response has an embedding v(y) in R^D, D even, here linear in the features of linear_features.h and a constant,
 * and
 *
 *	s(y > y') = sum over b of v_2b(y) v_2b+1(y') - v_2b+1(y) v_2b(y')	P(y beats y') = sigmoid(s)
 *
 * s is skew-symmetric, to the bit: s(y > y') = -s(y' > y). A beats B beats C beats A can be had from two dimensions;
 * v = (r(y), 1) is Bradley and Terry's model with reward r, which is where learning starts from: the paper brings v
 * to length 1 and divides s by a temperature, which a linear embedding does not need and that start forbids.
 *
 * Everything is a pure function of the rows, their order and the options. Memory: 272 bytes a pair and 4 a gram of
 * either response; while learning 12 bytes times D and 4 for each of 2^bits grams.
 */
#ifndef PREF_LINEAR_GPM_H
#define PREF_LINEAR_GPM_H

#include "linear.h"

enum { GPM_DIMS_MAX = 64, GPM_DIMS = 4 };

/* AdaGrad's rate by default: products are learned, from nearly nothing. With the reward model's 0.02 the held-out loss
 * of a few hundred pairs does not move at first, and learning stops before it has begun (tests/golden/mixed.py). */
#define GPM_RATE 0.1

/* A pair with the features of both responses, chosen first. */
struct gpm_row {
	uint64_t at;			/* of the grams of chosen, those of rejected follow */
	uint64_t group;			/* as in struct linear_row */
	uint32_t n[2];
	float preference;
	float dense[2][LINEAR_DENSE];
};

struct gpm_data {			/* set bits, the rest {0} */
	int bits;
	struct gpm_row *rows;
	size_t n, room;
	uint32_t *grams;
	size_t n_grams, grams_room;
};

/* Room that gpm_pack() needs for f, in grams. Fill row (all but at, group) and its grams. Safe on threads. */
size_t gpm_pack_room(const struct features *f);
void gpm_pack(const struct features *f, int bits, struct gpm_row *row, uint32_t *grams);
void gpm_add(struct gpm_data *d, const struct gpm_row *row, const uint32_t *grams);
void gpm_data_free(struct gpm_data *d);

struct gpm_model {
	int bits, dims;
	float *w;			/* [feature * dims + dim]: a constant, the dense ones, 2^bits grams */
	double temperature;		/* s is divided by it */
	uint64_t seed, pairs, held;
	uint32_t epochs;
	double held_accuracy, held_loss;	/* as in struct linear_model */
};
void gpm_model_free(struct gpm_model *m);

/* s(first > second), the log-odds that the first of two responses is better. */
double gpm_margin(const struct gpm_model *m, const struct features *f);
/* The same of a row; off by the 12 bits of a gram's value. */
double gpm_delta(const struct gpm_model *m, const struct gpm_data *d, const struct gpm_row *row);
/* s of two embeddings. */
double gpm_skew(const float *a, const float *b, int dims);

/* Learn m, from {0}, of these rows, with a share of their groups held out to stop early and to find the temperature.
 * Of o: seed, loss, e, l2, rate, epochs, patience. told as in struct linear_task. */
void gpm_fit(const struct gpm_data *d, const uint32_t *rows, size_t n, int dims, double hold, const struct linear_options *o,
	void (*told)(const struct linear_epoch *e, void *arg), struct gpm_model *m);

/* As linear_put(), linear_get(). */
void gpm_put(const struct gpm_model *m, struct buf *b);
const char *gpm_get(struct gpm_model *m, struct span bytes);

#endif
