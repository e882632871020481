/* sample.h - the next token, drawn from logits
 *
 * Temperature first, then top-k, then top-p (nucleus sampling, Holtzman et al. 2020) of what top-k left: the order of
 * transformers. Of equal logits the lower id goes first.
 */
#ifndef PREF_LM_SAMPLE_H
#define PREF_LM_SAMPLE_H

#include "base.h"
#include "random.h"

struct lm_sampling {
	double temperature;		/* 0: always the likeliest token */
	double top_p;			/* the fewest likeliest tokens whose probabilities sum to this; 1: all */
	size_t top_k;			/* so many likeliest tokens; 0: all */
};

struct lm_sampler {			/* memory of one caller; {0} is empty */
	float *p;			/* probabilities */
	struct lm_likely { float p; int32_t token; } *v;
	size_t n, room;
};
void lm_sampler_free(struct lm_sampler *k);

/* Draw one of n > 0 tokens; one number of g is used, none at temperature 0. *logp: its natural log-probability as the model
 * has it, at temperature 1 among all tokens. */
int32_t lm_sample(const float *logits, size_t n, const struct lm_sampling *how, struct rng *g, struct lm_sampler *k,
	double *logp);

#endif
