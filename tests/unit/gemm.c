/* gemm: the products of the way back beside sums in double, of one tile and of several, by one thread and by more */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lm/gemm.h"
#include "random.h"

static float *filled(size_t n, uint64_t which)
{
	struct rng g = rng_for(2, "gemm", which);
	float *x = xreallocarray(NULL, n + 1, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = (float)(rng_real(&g) - 0.5);
	return x;
}

/* dy [m][ld >= rows], x [m][cols], W [rows][cols]. */
static void check(struct work *pool, size_t m, size_t rows, size_t cols, size_t ld)
{
	float *dy = filled(m * ld, 1), *x = filled(m * cols, 2), *wf = filled(rows * cols, 3);
	float *dx = filled(m * cols, 4), *dw = filled(rows * cols, 5);
	float *dx_was = filled(m * cols, 4), *dw_was = filled(rows * cols, 5);
	const struct lm_matrix w = { .rows = (uint32_t)rows, .cols = (uint32_t)cols, .f = wf };

	gemm_back(pool, dx, dy, ld, m, &w, true);
	gemm_slope(pool, dw, dy, ld, x, m, rows, cols);
	for (size_t i = 0; i < m; i += 1 + i / 7)
		for (size_t c = 0; c < cols; c++) {
			double sum = (double)dx_was[i * cols + c];

			for (size_t r = 0; r < rows; r++)
				sum += (double)dy[i * ld + r] * (double)wf[r * cols + c];
			assert_true(fabs(sum - (double)dx[i * cols + c]) < 2e-5);
		}
	for (size_t r = 0; r < rows; r += 1 + r / 7)
		for (size_t c = 0; c < cols; c++) {
			double sum = (double)dw_was[r * cols + c];

			for (size_t i = 0; i < m; i++)
				sum += (double)dy[i * ld + r] * (double)x[i * cols + c];
			assert_true(fabs(sum - (double)dw[r * cols + c]) < 2e-5);
		}
	free(dy);
	free(x);
	free(wf);
	free(dx);
	free(dw);
	free(dx_was);
	free(dw_was);
}

static void test_back(void **state)
{
	static const size_t sizes[][4] = {
		{ 1, 1, 1, 1 }, { 3, 5, 7, 6 }, { 40, 16, 70, 100 }, { 300, 530, 130, 531 }, { 517, 259, 600, 259 }, { 193, 1030, 33, 1030 }, { 700, 650, 40, 650 },
	};

	(void)state;
	gemm_one_thread();
	for (int threads = 1; threads <= 3; threads += 2) {
		struct work *pool = work_new(threads);

		for (size_t i = 0; i < COUNT(sizes); i++)
			check(pool, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
		work_free(pool);
	}
}

/* A first factor that lies across, by our kernels (few rows) and by OpenBLAS (many, where it is the faster one). */
static void test_across(void **state)
{
	static const size_t sizes[][3] = { { 1, 1, 1 }, { 5, 3, 2 }, { 192, 64, 192 }, { 193, 65, 200 }, { 400, 40, 390 } };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++)
		for (int add = 0; add < 2; add++) {
			const size_t m = sizes[i][0], n = sizes[i][1], k = sizes[i][2], ldx = m + 3, ldw = n + 1, ldy = n + 2;
			float *x = filled(k * ldx, 1), *w = filled(k * ldw, 2), *y = filled(m * ldy, 3), *was = filled(m * ldy, 3);

			gemm_tn(y, ldy, x, ldx, w, ldw, m, n, k, add);
			for (size_t r = 0; r < m; r++)
				for (size_t c = 0; c < ldy; c++) {
					double sum = add || c >= n ? (double)was[r * ldy + c] : 0;

					for (size_t t = 0; c < n && t < k; t++)
						sum += (double)x[t * ldx + r] * (double)w[t * ldw + c];
					assert_true(fabs(sum - (double)y[r * ldy + c]) < 2e-5);
				}
			free(x);
			free(w);
			free(y);
			free(was);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_back), cmocka_unit_test(test_across) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
