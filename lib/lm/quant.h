/* quant.h - the number formats of model files, expanded to float
 *
 * Types and block layouts are ggml's (docs/gguf.md, ggml-common.h); a block lies along a row. Numbers are
 * little-endian; data need not be aligned.
 */
#ifndef PREF_LM_QUANT_H
#define PREF_LM_QUANT_H

#include "base.h"

enum quant {				/* ggml's numbers */
	QUANT_F32 = 0, QUANT_F16 = 1, QUANT_Q4_0 = 2, QUANT_Q4_1 = 3, QUANT_Q5_0 = 6, QUANT_Q5_1 = 7,
	QUANT_Q8_0 = 8, QUANT_Q4_K = 12, QUANT_Q5_K = 13, QUANT_Q6_K = 14, QUANT_BF16 = 30
};

/* Values and bytes of one block. */
struct quant_type {
	const char *name;
	uint32_t values, bytes;
};
const struct quant_type *quant_type(uint32_t type);	/* NULL: not one of these */

/* n values, a whole number of blocks. */
void quant_expand(enum quant type, const void *from, size_t n, float *to);

float quant_f16(uint16_t h);
uint16_t quant_to_f16(float x);			/* nearest, ties to even; NaN stays NaN, 65520 and more become infinite */
uint16_t quant_to_bf16(float x);			/* nearest, ties to even; NaN stays NaN */

#endif
