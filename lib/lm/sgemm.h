/* sgemm.h - products of float matrices on one thread, by kernels written for AVX-512, AVX2 and AVX512-BF16
 *
 * y[m x n] = x[m x k] w (+ y), with w either [n x k], used transposed, or [k x n]. The second factor is copied in
 * panels of 192 terms by 32 (AVX2: 16) columns that stay in the first cache while all rows of x pass by them, 12 (AVX2: 6)
 * at a time, in registers: the scheme of Goto and van de Geijn (2008), "Anatomy of High-Performance Matrix Multiplication",
 * without the copy of x, whose rows are short. With few rows of x, as when text is sampled, copying would cost more than
 * it saves: then rows of w [n x k] are read once, as they lie, for all of them.
 *
 * No more than 192 terms are summed in one float before they are added to y; what is summed in which order depends on
 * m, n and k alone, and on the kernel.
 */
#ifndef PREF_LM_SGEMM_H
#define PREF_LM_SGEMM_H

#include "base.h"

struct sgemm {
	const char *name;		/* "avx512", "avx2" */
	bool wide;			/* registers of 512 bits */
	/* The numbers after the pointers are floats from row to row. add: to what y holds. */
	void (*nt)(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
		size_t k, bool add);
	void (*nn)(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
		size_t k, bool add);
};

/* Products of numbers in bf16 (the upper half of a float), summed as floats, two terms at a time, by AVX512-BF16's vdpbf16ps:
 * twice as many terms in the time of AVX-512's (and so up to 384 in one float), half the memory read. Numbers below 2^-126
 * count as 0. */
struct sgemm_bf16 {
	/* y[m x n] = x[m x k] w[n x k]^T (+ y, if add). k, ldx and ldw are even, x and w at multiples of 4 bytes. */
	void (*nt)(float *y, size_t ldy, const uint16_t *x, size_t ldx, const uint16_t *w, size_t ldw, size_t m, size_t n,
		size_t k, bool add);
	void (*round)(uint16_t *to, const float *x, size_t n);	/* to the nearest, ties to even */
};
const struct sgemm_bf16 *sgemm_bf16(void);	/* NULL: this processor has no such instructions */

/* The fastest this processor can run, the same always; NULL: neither. */
const struct sgemm *sgemm(void);
/* For tests. NULL: this processor cannot run it. */
const struct sgemm *sgemm_named(const char *name);

#endif
