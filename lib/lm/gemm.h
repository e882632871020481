/* gemm.h - matrix products on all threads: by OpenBLAS, and with few rows by kernels of our own (lm/sgemm.h)
 *
 * Products are cut into tiles, the tasks of a pool, each computed by one thread. The cut depends on sizes
 * alone. The order of sums depends on the processor and on the number of rows: the same product
 * in a batch of another size may differ in the last bits.
 */
#ifndef PREF_LM_GEMM_H
#define PREF_LM_GEMM_H

#include "lm/model.h"
#include "lm/work.h"

/* To be called by a program before threads of its own compute products: OpenBLAS starts none. */
void gemm_one_thread(void);
/* The kernels that OpenBLAS chose, and ours: "Haswell, avx512 of our own", "SkylakeX, with few rows avx512 of our own". */
const char *gemm_core(void);

/* y[m x n] = x[m x k] w[n x k]^T (+ y, if add); the numbers after the pointers are floats from row to row. */
void gemm_nt(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add);
/* y[m x n] = x[m x k] w[k x n] (+ y, if add) */
void gemm_nn(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add);

/* y[m x n] = x[k x m]^T w[k x n] (+ y, if add) */
void gemm_tn(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add);

/* y[m x w->rows] = x W^T + bias (+ y, if add) on all threads; rows of x and y without gaps. bias may have no rows. Where W is in
 * bf16 (LM_BF16), x is rounded to it, and the products are lm/sgemm.h's. */
void gemm(struct work *pool, float *y, const float *x, size_t m, const struct lm_matrix *w,
	const struct lm_matrix *bias, bool add);
/* x W[from, from + n)^T, [m x n], on the calling thread, number `thread` of the pool; in its scratch, until its next. */
float *gemm_rows(struct work *pool, int thread, const float *x, size_t m, const struct lm_matrix *w, size_t from,
	size_t n);

/* The way back. dx[m x w->cols] = dy[m x w->rows] W (+ dx, if add) on all threads; rows of dy are lddy floats apart. */
void gemm_back(struct work *pool, float *dx, const float *dy, size_t lddy, size_t m, const struct lm_matrix *w, bool add);
/* dw[rows x cols] += dy[m x rows]^T x[m x cols] on all threads; rows of dw and x without gaps. */
void gemm_slope(struct work *pool, float *dw, const float *dy, size_t lddy, const float *x, size_t m, size_t rows,
	size_t cols);

#endif
