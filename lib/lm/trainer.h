/* trainer.h - batches of preferences to gradients, gradients to steps
 *
 * A batch is cut into passes of at most so many tokens. In a pass a prompt that several groups begin with is there once,
 * with all their responses; nothing is padded. Cut and order depend on the data alone, so that the same run gives the
 * same bits for every number of threads.
 *
 * A reward model (LOSS_SCORES) says a score of a response after its last token, instead of log-probs; there is no reference.
 *
 * The reference is the model as it is when trainer_reference() is called, over the same passes as those of training: at
 * the first step policy and reference agree to the last bit.
 */
#ifndef PREF_LM_TRAINER_H
#define PREF_LM_TRAINER_H

#include "lm/loss.h"
#include "lm/optim.h"

struct train_text {
	const int32_t *tokens;
	size_t n;			/* 0: there is none */
	double *reference;		/* [n] ln p of each; NULL: not wanted */
	const float *weight;		/* [n] for masks, or NULL */
	double reward;			/* of ranked lists */
};

struct train_group {
	const int32_t *prompt;
	size_t prompt_n;		/* at least 1 */
	struct train_text *v;		/* responses, at least 1 token each: chosen, rejected; or best first */
	size_t k;
	struct train_text other[2];	/* LOSS_OTHER: responses of another prompt, to this one */
	const int32_t *why_prompt;	/* what the rationales answer */
	size_t why_prompt_n;
	struct train_text *why;		/* [whys] at least 1 token each */
	size_t whys;
	double margin, preference, flip;
};

struct train_options {
	struct loss_set loss;
	size_t rows;			/* tokens of one pass, at most, unless one group has more */
	double clip;			/* greatest norm of a gradient; 0: any */
	struct lm_model *reference;	/* LOSS_KL: as the model is at the start, in memory of its own; borrowed */
};

/* Sums over the groups of a batch, to be divided by what is said; TRL's name for the mean in brackets. */
struct train_sums {
	size_t groups;
	double loss;				/* groups [loss] */
	double chosen, rejected, margin;	/* groups [rewards/chosen, rewards/rejected, rewards/margins] */
	double right;				/* groups [rewards/accuracies]: chosen has the higher reward */
	double logp_chosen, logp_rejected;	/* groups [logps/chosen, logps/rejected] */
	double entropy, likeliest;		/* tokens wanted, chosen tokens [entropy, mean_token_accuracy] */
	size_t tokens, chosen_tokens;		/* whose log-probs were wanted; of chosen responses */
	size_t rows;				/* tokens computed [num_tokens, but for those that are shared] */
	double square;				/* margin^2: for its standard error */
	double least, most;			/* score of a response [min_reward, max_reward]; there are groups */
};

struct trainer;
/* Model and adapters (NULL: all numbers are learned) are borrowed. threads: in all. */
struct trainer *trainer_new(struct lm_model *m, struct lm_lora *lora, const struct train_options *o, int threads);
void trainer_free(struct trainer *t);	/* accepts NULL */
struct adam *trainer_adam(struct trainer *t);
size_t trainer_bytes(const struct trainer *t);	/* memory of passes, gradients and moments */

/* Fill the references of a batch. NULL, or why it cannot be done (static text). */
const char *trainer_reference(struct trainer *t, struct train_group *const *g, size_t n);
/* Losses of a batch; learn: its gradient, too, added to what is there. Adds to *sums. */
const char *trainer_batch(struct trainer *t, struct train_group *const *g, size_t n, bool learn, struct train_sums *sums);
/* A step along the gradient at this rate; the gradient's norm before it was clipped. */
double trainer_step(struct trainer *t, double rate);
/* To be called after the adapters' numbers were read from elsewhere. */
void trainer_merge(struct trainer *t);

#endif
