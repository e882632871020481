/* lm_grad: gradients in float beside torch's (tests/unit/lm_grad.inc, by tests/golden/lm_grad.py); bits for any number of
 * threads; batches in parts; what a pass of many pairs adds up to */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lm/backward.h"

#include "../lm_tiny.h"

static const struct figures {
	const char *name;
	size_t n;
	double value[40][2];		/* norm, sum with cos(i) */
} figures[] = {
#include "lm_grad.inc"
};

static char folder[64];

static struct lm_model *open_tiny(const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct lm_error e = { .text = "" };
	struct lm_model *m;

	tiny_write(name, path);
	m = lm_open(path, 0, 1, &e);
	assert_string_equal(e.text, "");
	free(path);
	return m;
}

/* The pair `times` over in one pass, after another; gradients of all numbers. */
static float *slopes_of(struct lm_model *m, int threads, int times, int passes)
{
	enum { MOST = 40 };
	struct lm_engine *e = lm_engine_new(m, threads);
	struct lm_trace *t = lm_trace_new();
	struct lm_slopes to = { xcalloc(m->bytes, 1), NULL };
	struct lm_segment s[3 * MOST];
	static double logp[3 * MOST][12];
	double one[12], two[12];
	const double *g[3 * MOST];

	for (int i = 0; i < 12; i++) {
		one[i] = 1;
		two[i] = -0.5;
	}
	for (int i = 0; i < 3 * times; i += 3) {
		s[i] = (struct lm_segment){ .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1 };
		g[i] = NULL;
		for (int k = 1; k < 3; k++) {
			s[i + k] = (struct lm_segment){ .tokens = tiny_response[k - 1], .n = tiny_tokens[k - 1], .parent = i,
				.logp = logp[i + k] };
			g[i + k] = k == 1 ? one : two;
		}
	}
	for (int p = 0; p < passes; p++) {
		assert_null(lm_forward_keep(e, t, s, 3 * (size_t)times, NULL));
		lm_backward(e, t, g, &to);
	}
	assert_true(lm_trace_bytes(t) > 0);
	lm_trace_free(t);
	lm_engine_free(e);
	return to.all;
}

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(figures); i++) {
		struct lm_model *m = open_tiny(figures[i].name);
		struct lm_slopes to = { slopes_of(m, 1, 1, 1), NULL };
		struct lm_matrix *v[64];

		assert_int_equal(lm_matrices(m, v), figures[i].n);
		for (size_t k = 0; k < figures[i].n; k++) {
			const float *g = lm_slope(&to, m, v[k]);
			double square = 0, sum = 0;

			for (size_t at = 0; at < (size_t)v[k]->rows * v[k]->cols; at++) {
				square += (double)g[at] * (double)g[at];
				sum += (double)g[at] * cos((double)at);
			}
			/* (A sum may be small beside what it adds up.) */
			assert_true(fabs(sqrt(square) - figures[i].value[k][0]) < 1e-5 * figures[i].value[k][0]);
			assert_true(fabs(sum - figures[i].value[k][1]) < 2e-5 * figures[i].value[k][0]);
		}
		free(to.all);
		lm_free(m);
	}
	assert_int_equal(COUNT(figures), COUNT(tiny_kinds));
}

static void test_threads(void **state)
{
	struct lm_model *m = open_tiny("llama3");
	float *one = slopes_of(m, 1, 40, 1), *two = slopes_of(m, 2, 40, 1), *three = slopes_of(m, 3, 40, 1);

	(void)state;
	assert_memory_equal(one, two, m->bytes);
	assert_memory_equal(one, three, m->bytes);
	free(one);
	free(two);
	free(three);
	lm_free(m);
}

/* 40 pairs in one pass, or in 20 passes of two: the same but for rounding. */
static void test_parts(void **state)
{
	struct lm_model *m = open_tiny("gpt2");
	float *whole = slopes_of(m, 2, 40, 1), *parts = slopes_of(m, 2, 2, 20);

	(void)state;
	for (size_t i = 0; i < m->bytes / sizeof *whole; i++)
		assert_true(fabsf(whole[i] - parts[i]) <= 1e-3f + 1e-4f * fabsf(whole[i]));
	free(whole);
	free(parts);
	lm_free(m);
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/pref-lm-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char *command = xasprintf("rm -r %s", folder);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden), cmocka_unit_test(test_threads), cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
