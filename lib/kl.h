/* kl - how far a policy has gone from its reference: the Kullback-Leibler divergence, estimated on what the policy says
 *
 * KL(policy || reference) of one prompt x is the mean over answers y that the policy gives of ln policy(y | x) - ln
 * reference(y | x), which is the estimator k1 of Schulman (2020), "Approximating KL Divergence": without bias where the
 * answers were drawn at temperature 1 from all tokens. Over prompts: the mean, and its standard error.
 */
#ifndef PREF_KL_H
#define PREF_KL_H

#include "rec.h"

struct kl_prompt {			/* answers to one prompt whose two log-probs are known */
	size_t answers, tokens;		/* tokens 0: an answer does not tell how many it has */
	double sum;			/* of ln policy - ln reference, nats */
};

struct kl {				/* {0} is empty */
	uint64_t prompts, answers, tokens, missing;	/* missing: prompts without an answer that has both */
	double sum, square;		/* of the means of prompts */
	double counted;			/* of the answers that are in `tokens` */
};

/* The member "responses" of a record of candidates: of each answer scores.NAME, else logp.NAME, as logprobs.h reads them.
 * Answers whose member "model" is a text other than `policy` are another model's, and left out. */
void kl_read(struct rec *r, const char *policy, const char *reference, struct kl_prompt *p);
void kl_add(struct kl *k, const struct kl_prompt *p);
double kl_mean(const struct kl *k, double *error);	/* nats an answer; NaN of none, the error NaN of fewer than two prompts */
double kl_per_token(const struct kl *k);		/* nats; NaN: not known */
void kl_table(const struct kl *k, struct buf *out);
void kl_json(const struct kl *k, struct buf *out);	/* one object */

#endif
