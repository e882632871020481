/* gguf_out.h - a GGUF file (version 3) written: keys and values, then tensors in F32 or F16
 *
 * Layout as in lm/gguf_meta.h and lm/gguf.h, with data at multiples of 32.
 */
#ifndef PREF_LM_GGUF_OUT_H
#define PREF_LM_GGUF_OUT_H

#include "lm/gguf_meta.h"
#include "lm/tokenizer.h"

struct gguf_tensor {
	struct span name;		/* borrowed, as is all else */
	const float *f;			/* [rows][cols]; cols 1: a vector, which is always F32 */
	uint32_t rows, cols;
	uint32_t heads;			/* not 0: rows go out with pairs side by side, as struct lm_part has them */
};

struct gguf_out {			/* {0} is empty */
	struct buf meta;
	uint64_t keys;
	struct gguf_tensor *v;
	size_t n, room;
	struct arena names;		/* for names of tensors */
};

void gguf_put_value(struct gguf_out *o, struct span key, const struct gguf_value *v);	/* as it was read */
void gguf_put_text(struct gguf_out *o, const char *key, struct span text);
void gguf_put_whole(struct gguf_out *o, const char *key, uint32_t x);
void gguf_put_number(struct gguf_out *o, const char *key, double x);
void gguf_put_bool(struct gguf_out *o, const char *key, bool x);
/* A vocabulary, in the form of llama.cpp: tokenizer.ggml.*; padded with tokens that nothing becomes until it has n. */
void gguf_put_tokenizer(struct gguf_out *o, const struct tokenizer *t, size_t n);
void gguf_put_tensor(struct gguf_out *o, struct span name, const float *f, uint32_t rows, uint32_t cols, uint32_t heads);

/* The whole file or none. type: QUANT_F32 or QUANT_F16, of matrices; a number that F16 does not hold is an error. */
bool gguf_out_write(const struct gguf_out *o, enum quant type, const char *path, struct lm_error *e);
void gguf_out_free(struct gguf_out *o);

#endif
