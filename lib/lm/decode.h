/* decode.h - continue prompts: many sequences at once, a token of each in one pass
 *
 * The samples of one prompt share its keys and values. A sequence that ends makes room for the next in line, so that
 * the batch stays full until the queue is empty (continuous batching, Yu et al. 2022, "Orca").
 *
 * A sample is a function of the model, the prompt, the settings and its own random numbers: with kernels of our own
 * (lm/sgemm.h) the same bits come out whoever shares the batch, in whatever order.
 */
#ifndef PREF_LM_DECODE_H
#define PREF_LM_DECODE_H

#include "lm/forward.h"
#include "lm/sample.h"
#include "lm/tokenizer.h"

struct lm_decoding {
	struct lm_sampling sampling;
	size_t most;			/* tokens of a continuation, at least 1 */
	size_t together;		/* sequences in one pass, at least 1; 32 fill the kernels */
	const int32_t *ends;		/* tokens that end a continuation, and belong to it */
	size_t n_ends;
	const struct span *stops;	/* texts that end one, and do not belong to it; never empty */
	size_t n_stops;
};

enum lm_finish { LM_STOP, LM_LENGTH };	/* by an end or a stop; by `most` or the model's context */

struct lm_continuation {
	struct rng g;			/* in: random numbers of its own */
	int32_t *token;			/* out: owned, with the end if one was drawn */
	size_t n, room;
	double logp;			/* sum of the natural log-probabilities of token[0, n), at temperature 1 */
	struct buf text;		/* owned; without the end, cut before the stop */
	enum lm_finish finish;
};
void lm_continuation_free(struct lm_continuation *c);

struct lm_request {			/* one prompt */
	const int32_t *prompt;
	size_t n;			/* at least 1 */
	struct lm_continuation *sample;	/* [samples] */
	size_t samples;
	const char *why;		/* out: why it has none (static text); NULL */
};

/* Serve all requests. The tokenizer is the model's. */
void lm_decode(struct lm_engine *e, const struct lm_model *m, const struct tokenizer *t, const struct lm_decoding *how,
	struct lm_request *requests, size_t n);

#endif
