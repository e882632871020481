/* sgemm: products beside sums in double, for every shape near the edges of tiles and panels */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lm/quant.h"
#include "lm/sgemm.h"
#include "random.h"

enum { MOST = 200 * 200 };

static float x[MOST], w[MOST], y[MOST], was[MOST];

static void fill(struct rng *g, float *v)
{
	for (size_t i = 0; i < MOST; i++)
		v[i] = (float)(rng_real(g) - 0.5);
}

/* Rows lie further apart than they are long, and what lies between them is left alone. */
static void product(const struct sgemm *s, bool turned, size_t m, size_t n, size_t k, bool add)
{
	const size_t ldx = k + 3, ldw = (turned ? k : n) + 1, ldy = n + 2;

	memcpy(y, was, sizeof y);
	(turned ? s->nt : s->nn)(y, ldy, x, ldx, w, ldw, m, n, k, add);
	for (size_t r = 0; r < m; r++)
		for (size_t c = 0; c < ldy; c++) {
			double sum = add || c >= n ? (double)was[r * ldy + c] : 0;

			for (size_t t = 0; c < n && t < k; t++)
				sum += (double)x[r * ldx + t] * (double)(turned ? w[c * ldw + t] : w[t * ldw + c]);
			if (fabs(sum - (double)y[r * ldy + c]) > 1e-5)
				fail_msg("%s %s %zu x %zu x %zu: [%zu][%zu] %g, not %g", s->name, turned ? "nt" : "nn", m, n, k, r, c,
					(double)y[r * ldy + c], sum);
		}
}

static void test_products(void **state)
{
	static const char *const names[] = { "avx2", "avx512" };
	static const size_t sizes[] = { 1, 2, 3, 5, 6, 7, 8, 12, 13, 16, 17, 31, 32, 33, 40 }, terms[] = { 1, 7, 8, 16, 65, 191, 193 };
	struct rng g = rng_for(1, "sgemm", 0);
	int ran = 0;

	(void)state;
	fill(&g, x);
	fill(&g, w);
	fill(&g, was);
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct sgemm *s = sgemm_named(names[i]);

		if (!s)
			continue;
		assert_string_equal(s->name, names[i]);
		ran++;
		for (size_t m = 0; m < COUNT(sizes); m++)
			for (size_t n = 0; n < COUNT(sizes); n++)
				for (size_t k = 0; k < COUNT(terms); k++)
					for (int how = 0; how < 4; how++)
						product(s, how & 1, sizes[m], sizes[n], terms[k], how & 2);
	}
	assert_int_equal(ran > 0, sgemm() != NULL);
}

/* Factors in bf16: beside sums in double of the rounded numbers. */
static void test_bf16(void **state)
{
	static const size_t sizes[] = { 1, 2, 4, 5, 11, 12, 13, 31, 32, 33, 40 }, terms[] = { 2, 8, 30, 32, 34, 96 };
	static uint16_t a[MOST], b[MOST];
	const struct sgemm_bf16 *s = sgemm_bf16();
	struct rng g = rng_for(2, "sgemm", 0);

	(void)state;
	if (!s)
		skip();
	fill(&g, x);
	fill(&g, w);
	fill(&g, was);
	x[0] = 1.00390625f;			/* half way: to even, 1 */
	x[1] = 1.01171875f;			/* half way: to even, 1.015625 */
	s->round(a, x, MOST);
	s->round(b, w, MOST);
	assert_int_equal(a[0], 0x3f80);
	assert_int_equal(a[1], 0x3f82);
	for (size_t i = 0; i < MOST; i++) {
		assert_int_equal(a[i], quant_to_bf16(x[i]));
		quant_expand(QUANT_BF16, &a[i], 1, &x[i]);
		quant_expand(QUANT_BF16, &b[i], 1, &w[i]);
	}
	for (size_t m = 0; m < COUNT(sizes); m++)
		for (size_t n = 0; n < COUNT(sizes); n++)
			for (size_t k = 0; k < 2 * COUNT(terms); k++) {
				const size_t t = terms[k / 2], rows = sizes[m], cols = sizes[n];
				const size_t ldx = t + 2, ldw = t + 4, ldy = cols + 1;

				memcpy(y, was, sizeof y);
				s->nt(y, ldy, a, ldx, b, ldw, rows, cols, t, k & 1);
				for (size_t r = 0; r < rows; r++)
					for (size_t c = 0; c < ldy; c++) {
						double sum = (k & 1) || c >= cols ? (double)was[r * ldy + c] : 0;

						for (size_t i = 0; c < cols && i < t; i++)
							sum += (double)x[r * ldx + i] * (double)w[c * ldw + i];
						if (fabs(sum - (double)y[r * ldy + c]) > 1e-5)
							fail_msg("%zu x %zu x %zu: [%zu][%zu] %g, not %g", rows, cols, t, r, c, (double)y[r * ldy + c], sum);
					}
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_products), cmocka_unit_test(test_bf16) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
