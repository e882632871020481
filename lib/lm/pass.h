/* pass.h - the parts of a forward pass; for forward*.c
 *
 * Activations are [row][...], a row a token of the batch, segments one after the other.
 */
#ifndef PREF_LM_PASS_H
#define PREF_LM_PASS_H

#include "lm/forward.h"
#include "lm/gemm.h"
#include "lm/kernel.h"

struct lm_place {			/* of a segment in the batch */
	size_t row;			/* of its first token */
	size_t before;			/* tokens before it in its sequence: the position of its first */
};

struct lm_batch {
	const struct lm_segment *segment;
	struct lm_place *place;
	size_t n, rows;
};

/* What one layer leaves behind. A pass without a way back has one for all layers. */
struct lm_acts {
	float *normed;			/* [rows][dim] */
	float *qkv;			/* [rows][(heads + 2 kv_heads) head_dim], turned by position */
	float *attn;			/* [rows][heads head_dim] */
	float *up;			/* [rows][w.up.rows] gate, up */
	float *act;			/* [rows][hidden] */
};

struct lm_engine {
	const struct lm_model *m;
	const struct kernels *k;
	struct work *pool;
	float *cosine, *sine;		/* [positions][head_dim / 2] */
	size_t positions;
	float *memory;			/* of activations */
	size_t floats;
};

/* attn = attention of b's rows over what comes before each in its sequence. */
void lm_attend(struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a);
/* Log-probs and logits that the segments want, from x [rows][dim] after the last layer. */
void lm_head(struct lm_engine *e, const struct lm_batch *b, const float *x);
/* y = norm(x), rows of dim. */
void lm_norm(struct lm_engine *e, float *y, const float *x, size_t rows, const struct lm_matrix *w,
	const struct lm_matrix *bias);
/* The row of the last token of the sequence that ends with segment i; (size_t)-1: it has none in the batch. */
size_t lm_row_last(const struct lm_batch *b, size_t i);

#endif
