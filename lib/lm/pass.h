/* pass.h - the parts of a forward pass; for forward*.c and backward*.c
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
	float *before, *between;	/* [rows][dim] what the layer got, and had before its MLP. NULL: not kept */
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

/* Where each segment lies. NULL, or why it cannot be computed. */
const char *lm_place(const struct lm_engine *e, struct lm_batch *b);
/* x = what the tokens are embedded as, [rows][dim]; angles are made for all positions. */
void lm_embed(struct lm_engine *e, const struct lm_batch *b, float *x);
/* x becomes what the layer makes of it. */
void lm_layer_forward(struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a, float *x);
/* act = what the MLP makes of up. */
void lm_activate(struct lm_engine *e, uint32_t layer, const struct lm_acts *a, size_t rows);
/* attn = attention of b's rows over what comes before each in its sequence. */
void lm_attend(struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a);

/* Keys and values that lie together: k and v of head 0, of `n` tokens, ld floats from one to the next. */
struct lm_stretch {
	const float *k, *v;
	size_t n, ld;
};
/* What rows of segment i see: what comes before it, then its own first n rows, nearest last, at the end of s[0, room),
 * room at least lm_chain_room(). Returns the first used. */
size_t lm_chain(const struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a, size_t i,
	size_t n, struct lm_stretch *s, size_t room);
size_t lm_chain_room(const struct lm_batch *b, size_t i);

enum { LM_TILE = 64 };			/* rows of one head that are computed together */

/* The tokens whose log-probs are wanted, by the row that predicts them. */
struct lm_target {
	size_t row, place;		/* in the batch; among the rows taken */
	size_t segment, at;		/* for segment[].logp[at] */
	int32_t token;
	float logit;
};
struct lm_targets {
	struct lm_target *v;
	size_t n;
	size_t *first;			/* [rows + 1] first target of each row taken */
	size_t rows;
};
void lm_targets_list(struct lm_targets *t, const struct lm_batch *b);
/* The rows taken of x, to [rows][dim]. */
void lm_targets_take(const struct lm_targets *t, float *to, const float *x, size_t dim);
void lm_targets_free(struct lm_targets *t);

/* Log-probs and logits that the segments want, from x [rows][dim] after the last layer. */
void lm_head(struct lm_engine *e, const struct lm_batch *b, const float *x);
/* Segments that want scores. */
size_t lm_scored(const struct lm_batch *b);
/* Put the scores that the segments want, from x as lm_head(). ends: [lm_scored()][dim] gets the rows that they are of,
 * before the last norm; normed: after it. */
void lm_score(struct lm_engine *e, const struct lm_batch *b, const float *x, float *ends, float *normed);
/* y = norm(x), rows of dim. */
void lm_norm(struct lm_engine *e, float *y, const float *x, size_t rows, const struct lm_matrix *w,
	const struct lm_matrix *bias);
/* The row of the last token of the sequence that ends with segment i; (size_t)-1: it has none in the batch. */
size_t lm_row_last(const struct lm_batch *b, size_t i);

#endif
