/* forward.h - log-probs of tokens: many sequences packed into one pass, what they share computed once
 *
 * A batch is a forest of segments. A segment goes on where its parent ends: a prompt is a root, its responses are
 * children of it, and no token is computed twice. The first token of a child is predicted by the last token of
 * its parent. Nothing is padded.
 *
 * Numbers are float, sums over the vocabulary and what is returned double. Results have the same bits for every
 * number of threads; with the batch they change in the last digits (lm/gemm.h).
 */
#ifndef PREF_LM_FORWARD_H
#define PREF_LM_FORWARD_H

#include "lm/model.h"

struct lm_engine;

/* threads: in all, at least 1. The model is borrowed; it may serve several engines. */
struct lm_engine *lm_engine_new(const struct lm_model *m, int threads);
void lm_engine_free(struct lm_engine *e);	/* accepts NULL */

/* Keys and values of a sequence, to go on with it later. Several caches may go on from one, which is then left as it
 * is: the samples of one prompt. */
struct lm_cache {
	size_t n, room;			/* tokens held, at most */
	size_t width;			/* kv_heads x head_dim */
	float *kv;			/* [layer][k, v][room][width] */
	const struct lm_cache *after;	/* the cache that this one goes on from, borrowed; NULL: none. To be set before use */
};
void lm_cache_init(struct lm_cache *c, const struct lm_model *m, size_t room);
void lm_cache_free(struct lm_cache *c);

struct lm_segment {
	const int32_t *tokens;
	size_t n;			/* 0: an empty response */
	long parent;			/* index of an earlier segment; -1: a root */
	struct lm_cache *cache;		/* of a root: it goes on where the cache ends, and is added to it. Or NULL */
	/* Wanted: ln p(tokens[i] | all before it) of i in [from, n) into logp[i - from]. NULL: not wanted. The first token
	 * of a root has none: there from must be at least 1. */
	size_t from;
	double *logp;
	float *logits;			/* wanted: [vocab] of what follows the last token. NULL: not wanted */
	double *score;			/* wanted: [scores] of the sequence up to the last token, by a reward model. NULL: not
					 * wanted. A reward model has nothing else to say */
};

/* Compute what the segments want. NULL, or why it cannot be done (static text); then nothing was written. */
const char *lm_forward(struct lm_engine *e, const struct lm_segment *segments, size_t n);

/* The token with the greatest logit, the first of equals. */
int32_t lm_argmax(const float *logits, size_t vocab);

#endif
