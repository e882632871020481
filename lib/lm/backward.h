/* backward.h - what log-probs change by when a model's numbers do
 *
 * lm_forward_keep() computes log-probs as lm_forward() does and keeps what the way back needs: five rows of activations a
 * token and layer (the input, q k v, attention, what is between, the MLP's inside; norms and activation functions are
 * computed again), and the probabilities of the whole vocabulary at tokens whose log-probs are wanted, at no others.
 * lm_backward() adds to gradients. Both give the same bits for every number of threads.
 *
 * Memory of a pass: 4 bytes times tokens x layers x (3 dim + 2 kv_heads head_dim + 2 heads head_dim + 2 hidden), and wanted
 * tokens x vocab.
 */
#ifndef PREF_LM_BACKWARD_H
#define PREF_LM_BACKWARD_H

#include "lm/forward.h"
#include "lm/lora.h"

struct lm_trace;

struct lm_trace *lm_trace_new(void);
void lm_trace_free(struct lm_trace *t);	/* accepts NULL */
size_t lm_trace_bytes(const struct lm_trace *t);	/* the most it has held */

/* Of a token whose log-prob was wanted, over the vocabulary. */
struct lm_spread {
	double entropy;			/* -sum p ln p */
	double square;			/* ln sum p^2 */
	bool likeliest;			/* the token is the one with the greatest p */
};

/* As lm_forward(), of segments without caches or logits; they are borrowed until the next pass of t. spread[i]: of
 * segment i's tokens from `from` on, may be NULL for all or one. */
const char *lm_forward_keep(struct lm_engine *e, struct lm_trace *t, const struct lm_segment *segments, size_t n,
	struct lm_spread *const *spread);

/* How far a policy's distributions are from a reference's, after passes of both with the same segments: kl[i], the sum over the
 * tokens of segment i whose log-probs were wanted of KL(reference || policy), over the vocabulary. NULL: not wanted. */
void lm_divergence(struct lm_engine *e, const struct lm_trace *policy, const struct lm_trace *reference, double *const *kl);
/* To be called between a pass and its way back: g[i], what the loss changes by with kl[i]. Both are borrowed. */
void lm_pull(struct lm_trace *policy, const struct lm_trace *reference, const double *g);

/* Where gradients go: all of the model's numbers, or adapters. */
struct lm_slopes {
	float *all;			/* as the model's memory: [bytes / 4]. NULL: frozen */
	struct lm_lora *lora;		/* or NULL */
};
/* The gradient of a matrix (or vector) of the model. */
float *lm_slope(const struct lm_slopes *s, const struct lm_model *m, const struct lm_matrix *w);

/* g[i][k]: what the loss changes by with logp[k], or of a reward model score[k], of segment i; NULL: not at all. To be
 * called once after a pass. */
void lm_backward(struct lm_engine *e, struct lm_trace *t, const double *const *g, const struct lm_slopes *to);

#endif
