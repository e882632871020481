/* sgemm.h - products of float matrices on one thread, by kernels written for AVX-512 and AVX2
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

/* The fastest this processor can run, the same always; NULL: neither. */
const struct sgemm *sgemm(void);
/* For tests. NULL: this processor cannot run it. */
const struct sgemm *sgemm_named(const char *name);

#endif
