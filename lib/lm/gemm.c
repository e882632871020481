/* gemm - products in tiles */
#include "lm/gemm.h"

#include <cblas.h>

/* A tile's rows of x and of W: enough for OpenBLAS to reach its speed, few enough that small models keep all threads
 * busy. */
enum { TILE_ROWS = 256, TILE_COLS = 512 };

/* Terms that OpenBLAS may add up in one float. Its own sums are longer: log-probs of SmolLM2 were five times as far from
 * those in double, all to one side; in pieces of 192 they are as near as torch's, and take no longer. */
enum { TERMS = 192 };

void gemm_one_thread(void)
{
	openblas_set_num_threads(1);
}

const char *gemm_core(void)
{
	return openblas_get_corename();
}

void gemm_nt(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, float alpha, bool add)
{
	if (m == 1)
		cblas_sgemv(CblasRowMajor, CblasNoTrans, (int)n, (int)k, alpha, w, (int)ldw, x, 1, add ? 1 : 0, y, 1);
	for (size_t from = 0, some; m > 1 && from < k; from += some) {
		some = k - from < TERMS ? k - from : TERMS;
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)some, alpha, x + from, (int)ldx,
			w + from, (int)ldw, add || from ? 1 : 0, y, (int)ldy);
	}
}

void gemm_nn(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	if (m == 1)
		cblas_sgemv(CblasRowMajor, CblasTrans, (int)k, (int)n, 1, w, (int)ldw, x, 1, add ? 1 : 0, y, 1);
	else
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, x, (int)ldx, w, (int)ldw,
			add ? 1 : 0, y, (int)ldy);
}

float *gemm_rows(struct work *pool, int thread, const float *x, size_t m, const struct lm_matrix *w, size_t from,
	size_t n)
{
	float *y = work_scratch(pool, thread, m * n + (w->f ? 0 : n * w->cols)), *expanded = y + m * n;

	if (!w->f)
		lm_matrix_rows(w, from, n, expanded);
	gemm_nt(y, n, x, w->cols, w->f ? w->f + from * w->cols : expanded, w->cols, m, n, w->cols, 1, false);
	return y;
}

/* Rows [from, from + n) of w as floats: its own, or expanded to scratch. */
static const float *rows_of(struct work *pool, int thread, const struct lm_matrix *w, size_t from, size_t n)
{
	float *to;

	if (w->f)
		return w->f + from * w->cols;
	to = work_scratch(pool, thread, n * w->cols);
	lm_matrix_rows(w, from, n, to);
	return to;
}

struct job {
	struct work *pool;
	float *y;
	const float *x, *bias;
	const struct lm_matrix *w;
	size_t m, tile_m, tile_n, across;	/* across: tiles side by side */
	bool add;
};

static void tile(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const size_t n = j->w->rows, k = j->w->cols, row = task / j->across * j->tile_m, col = task % j->across * j->tile_n;
	const size_t rows = j->m - row < j->tile_m ? j->m - row : j->tile_m, cols = n - col < j->tile_n ? n - col : j->tile_n;
	float *y = j->y + row * n + col;

	for (size_t r = 0; j->bias && r < rows; r++)
		for (size_t c = 0; c < cols; c++)
			y[r * n + c] = j->add ? y[r * n + c] + j->bias[col + c] : j->bias[col + c];
	gemm_nt(y, n, j->x + row * k, k, rows_of(j->pool, thread, j->w, col, cols), k, rows, cols, k, 1, j->add || j->bias);
}

/* The size of equal parts of n, none above most. */
static size_t part(size_t n, size_t most)
{
	const size_t parts = (n + most - 1) / most;

	return ((n + parts - 1) / parts + 15) / 16 * 16;
}

void gemm(struct work *pool, float *y, const float *x, size_t m, const struct lm_matrix *w,
	const struct lm_matrix *bias, bool add)
{
	/* (What is expanded for one tile should be of use to all rows.) */
	struct job j = { pool, y, x, bias->f, w, m, w->f ? part(m, TILE_ROWS) : m, part(w->rows, TILE_COLS), 0, add };

	j.across = (w->rows + j.tile_n - 1) / j.tile_n;
	work_run(pool, (m + j.tile_m - 1) / j.tile_m * j.across, tile, &j);
}
