/* optim.h - AdamW, clipping by the norm of the whole gradient, and schedules of the learning rate
 *
 * AdamW: Loshchilov and Hutter 2019 (arXiv 1711.05101), with the operations of torch.optim.AdamW; schedules are those
 * of transformers' get_scheduler: what it calls step counts steps already taken, so that with warm-up the first one
 * changes nothing.
 */
#ifndef PREF_LM_OPTIM_H
#define PREF_LM_OPTIM_H

#include "lm/backward.h"

struct adam_part {
	float *w, *g;			/* numbers and their gradients, borrowed */
	size_t n;
	bool decays;			/* norms and biases do not */
};

struct adam {
	double beta1, beta2, eps, decay;	/* 0.9, 0.999, 1e-8, 0 */
	uint64_t steps;			/* taken */
	struct adam_part *part;
	size_t parts;
	float *m, *v;			/* moments, of all parts in their order, [numbers] */
	size_t numbers;
};

/* Of all numbers of the model (slopes->all) and of all adapters (slopes->lora). */
struct adam *adam_new(struct lm_model *m, const struct lm_slopes *slopes);
void adam_free(struct adam *a);		/* accepts NULL */
/* Norm of the whole gradient. */
double adam_norm(const struct adam *a, struct work *pool);
/* Gradients times scale, one step at this rate; gradients become 0. */
void adam_step(struct adam *a, struct work *pool, double rate, double scale);
/* What a gradient of this norm is multiplied by, to be no longer than `most` (0: as it is): most / (norm + 1e-6), as torch. */
double clip_scale(double norm, double most);

enum schedule { SCHEDULE_LINEAR, SCHEDULE_COSINE, SCHEDULE_CONSTANT };
/* The rate of the step after `taken` of `all` steps, the first `warm` of which rise from 0: a share of the greatest. */
double schedule_rate(enum schedule s, uint64_t taken, uint64_t warm, uint64_t all);

#endif
