/* gemm - products in tiles */
#include "lm/gemm.h"

#include <cblas.h>
#include <pthread.h>
#include <strings.h>

#include "late.h"
#include "lm/sgemm.h"

#ifndef LIBOPENBLAS
#define LIBOPENBLAS "libopenblas.so.0"
#endif
#define BLAS_FUNCTIONS(X) X(cblas, sgemm) X(openblas, get_corename) X(openblas, set_num_threads)
static struct { BLAS_FUNCTIONS(LATE_POINTER) } blas;

/* A tile's rows of x and of W: enough for OpenBLAS to reach its speed, few enough that small models keep all threads
 * busy. */
enum { TILE_ROWS = 256, TILE_COLS = 512 };

/* Terms that OpenBLAS may add up in one float. Its own sums are longer: log-probs of SmolLM2 were five times as far from
 * those in double, all to one side; in pieces of 192 they are as near as torch's, and take no longer. */
enum { TERMS = 192 };

enum { BLAS_ROWS = 256 };		/* of x, from which on OpenBLAS is as fast as it gets */

/* Ours with few rows, where OpenBLAS copies more than it computes; OpenBLAS with many, as fast as the processor can,
 * unless it was told to use kernels of half the width. NULL: OpenBLAS. */
static struct {
	pthread_once_t once;
	const struct sgemm *own;
	const struct sgemm_bf16 *bf16;
	bool narrow;
} kinds = { .once = PTHREAD_ONCE_INIT };

static void find_kinds(void)
{
	static const char *const wide[] = { "SkylakeX", "Cooperlake", "SapphireRapids", "Zen4", "Zen5" };
	static const char *const names[] = { BLAS_FUNCTIONS(LATE_NAME) NULL };

	late_load(LIBOPENBLAS, names, &blas);
	kinds.own = sgemm();
	kinds.bf16 = sgemm_bf16();
	kinds.narrow = kinds.own && kinds.own->wide;
	for (size_t i = 0; i < COUNT(wide); i++)
		if (strcasecmp(blas.get_corename(), wide[i]) == 0)
			kinds.narrow = false;
}

void gemm_one_thread(void)
{
	pthread_once(&kinds.once, find_kinds);
	blas.set_num_threads(1);
}

static const struct sgemm *own(size_t m)
{
	pthread_once(&kinds.once, find_kinds);
	return m < BLAS_ROWS || kinds.narrow ? kinds.own : NULL;
}

const char *gemm_core(void)
{
	static _Thread_local char name[80];

	pthread_once(&kinds.once, find_kinds);
	snprintf(name, sizeof name, kinds.own ? "%s,%s %s of our own" : "%s", blas.get_corename(),
		kinds.narrow ? "" : " with few rows", kinds.own ? kinds.own->name : "");
	return name;
}

void gemm_nt(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	const struct sgemm *s = own(m);

	if (s) {
		s->nt(y, ldy, x, ldx, w, ldw, m, n, k, add);
		return;
	}
	for (size_t from = 0, some; from < k; from += some) {
		some = k - from < TERMS ? k - from : TERMS;
		blas.sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)some, 1, x + from, (int)ldx,
			w + from, (int)ldw, add || from ? 1 : 0, y, (int)ldy);
	}
}

void gemm_nn(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	const struct sgemm *s = own(m);

	if (s)
		s->nn(y, ldy, x, ldx, w, ldw, m, n, k, add);
	else
		blas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, x, (int)ldx, w, (int)ldw,
			add ? 1 : 0, y, (int)ldy);
}

/* (Our kernels take no first factor that lies across: it is turned in blocks.) */
void gemm_tn(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	const struct sgemm *s = own(m);
	float block[TERMS * TERMS];

	if (!s) {
		blas.sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, x, (int)ldx, w, (int)ldw,
			add ? 1 : 0, y, (int)ldy);
		return;
	}
	for (size_t r = 0; r < m; r += TERMS)
		for (size_t t = 0; t < k; t += TERMS) {
			const size_t rows = m - r < TERMS ? m - r : TERMS, terms = k - t < TERMS ? k - t : TERMS;

			for (size_t i = 0; i < terms; i++)
				for (size_t c = 0; c < rows; c++)
					block[c * terms + i] = x[(t + i) * ldx + r + c];
			s->nn(y + r * ldy, ldy, block, terms, w + t * ldw, ldw, rows, n, terms, add || t);
		}
}

/* Floats of scratch that a product with n rows of w takes: x in bf16, or the rows expanded. */
static size_t room(size_t m, const struct lm_matrix *w, size_t n)
{
	return w->f ? 0 : w->h ? (m * w->cols + 1) / 2 : n * w->cols;
}

/* y[m x n] = x W[from, from + n)^T (+ y, if add); rows of y are ldy floats apart. */
static void product(float *y, size_t ldy, const float *x, size_t m, const struct lm_matrix *w, size_t from, size_t n,
	float *scratch, bool add)
{
	const size_t k = w->cols;

	if (w->h) {
		uint16_t *rounded = (uint16_t *)(void *)scratch;

		kinds.bf16->round(rounded, x, m * k);
		kinds.bf16->nt(y, ldy, rounded, k, w->h + from * k, k, m, n, k, add);
		return;
	}
	if (!w->f)
		lm_matrix_rows(w, from, n, scratch);
	gemm_nt(y, ldy, x, k, w->f ? w->f + from * k : scratch, k, m, n, k, add);
}

float *gemm_rows(struct work *pool, int thread, const float *x, size_t m, const struct lm_matrix *w, size_t from,
	size_t n)
{
	float *y = work_scratch(pool, thread, m * n + room(m, w, n));

	product(y, n, x, m, w, from, n, y + m * n, false);
	return y;
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
	product(y, n, j->x + row * k, rows, j->w, col, cols, work_scratch(j->pool, thread, room(rows, j->w, cols)), j->add || j->bias);
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
	struct job j = { pool, y, x, bias->f, w, m, w->f || w->h ? part(m, TILE_ROWS) : m, part(w->rows, TILE_COLS), 0, add };

	j.across = (w->rows + j.tile_n - 1) / j.tile_n;
	work_run(pool, (m + j.tile_m - 1) / j.tile_m * j.across, tile, &j);
}

/* ---- the way back ---- */

/* More rows than forward: the second factor, or the first that lies across, is copied for every tile. Of 256, 640 and 1024
 * the fastest, by a third. */
enum { BACK_ROWS = 640 };

struct back {
	float *y;
	const float *dy, *x;
	size_t m, rows, cols, lddy, tile_m, tile_n, across;
	bool add;
};

static void back_tile(void *arg, size_t task, int thread)
{
	const struct back *j = arg;
	const size_t row = task / j->across * j->tile_m, col = task % j->across * j->tile_n;
	const size_t m = j->m - row < j->tile_m ? j->m - row : j->tile_m;
	const size_t n = j->cols - col < j->tile_n ? j->cols - col : j->tile_n;

	(void)thread;
	gemm_nn(j->y + row * j->cols + col, j->cols, j->dy + row * j->lddy, j->lddy, j->x + col, j->cols, m, n, j->rows, j->add);
}

void gemm_back(struct work *pool, float *dx, const float *dy, size_t lddy, size_t m, const struct lm_matrix *w, bool add)
{
	struct back j = { dx, dy, w->f, m, w->rows, w->cols, lddy, part(m, BACK_ROWS), part(w->cols, TILE_COLS), 0, add };

	if (!w->f)
		bug("gradients want expanded weights");
	j.across = (w->cols + j.tile_n - 1) / j.tile_n;
	work_run(pool, (m + j.tile_m - 1) / j.tile_m * j.across, back_tile, &j);
}

static void slope_tile(void *arg, size_t task, int thread)
{
	const struct back *j = arg;
	const size_t row = task / j->across * j->tile_m, col = task % j->across * j->tile_n;
	const size_t rows = j->rows - row < j->tile_m ? j->rows - row : j->tile_m;
	const size_t n = j->cols - col < j->tile_n ? j->cols - col : j->tile_n;

	(void)thread;
	gemm_tn(j->y + row * j->cols + col, j->cols, j->dy + row, j->lddy, j->x + col, j->cols, rows, n, j->m, true);
}

void gemm_slope(struct work *pool, float *dw, const float *dy, size_t lddy, const float *x, size_t m, size_t rows,
	size_t cols)
{
	struct back j = { dw, dy, x, m, rows, cols, lddy, part(rows, BACK_ROWS), part(cols, TILE_COLS), 0, true };

	j.across = (cols + j.tile_n - 1) / j.tile_n;
	work_run(pool, (rows + j.tile_m - 1) / j.tile_m * j.across, slope_tile, &j);
}
