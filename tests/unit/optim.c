/* optim: steps beside the formula in double, norms, clipping, schedules; models that learn */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lm/optim.h"

#include "../lm_tiny.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static char folder[64];

static struct lm_model *open_tiny(const char *name)
{
	struct lm_error e = { .text = "" };
	struct lm_model *m;

	snprintf(folder, sizeof folder, "/tmp/pref-optim-XXXXXX");
	assert_non_null(mkdtemp(folder));
	tiny_write(name, folder);
	m = lm_open(folder, 0, 1, &e);
	assert_string_equal(e.text, "");
	return m;
}

static void close_tiny(struct lm_model *m)
{
	char *command = xasprintf("rm -r %s", folder);

	lm_free(m);
	assert_int_equal(system(command), 0);
	free(command);
}

enum { STEPS = 5 };

/* Several threads, parts of several chunks and of odd lengths, with decay: the formula, number by number. */
static void test_steps(void **state)
{
	const size_t sizes[] = { 7, 40000, 16384 };
	struct adam a = { .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .decay = 0.1 };
	struct adam_part part[3];
	struct work *pool = work_new(3);
	struct rng g = { 1, 0 };
	float *w[3], *slope[3];
	double *is[3], *m[3], *v[3], square = 0;

	(void)state;
	for (int p = 0; p < 3; p++) {
		w[p] = xcalloc(sizes[p], sizeof **w);
		slope[p] = xcalloc(sizes[p], sizeof **slope);
		is[p] = xcalloc(sizes[p], sizeof **is);
		m[p] = xcalloc(sizes[p], sizeof **m);
		v[p] = xcalloc(sizes[p], sizeof **v);
		for (size_t i = 0; i < sizes[p]; i++)
			is[p][i] = (double)(w[p][i] = (float)rng_normal(&g));
		part[p] = (struct adam_part){ w[p], slope[p], sizes[p], p != 1 };
		a.numbers += sizes[p];
	}
	a.part = part;
	a.parts = 3;
	a.m = xcalloc(a.numbers, sizeof *a.m);
	a.v = xcalloc(a.numbers, sizeof *a.v);
	for (int t = 1; t <= STEPS; t++) {
		square = 0;
		for (int p = 0; p < 3; p++)
			for (size_t i = 0; i < sizes[p]; i++) {
				slope[p][i] = (float)rng_normal(&g);
				square += (double)slope[p][i] * (double)slope[p][i];
				const double d = 0.5 * (double)slope[p][i];

				m[p][i] = 0.8 * m[p][i] + 0.2 * d;
				v[p][i] = 0.95 * v[p][i] + 0.05 * d * d;
				is[p][i] *= p != 1 ? 1 - 0.01 * 0.1 : 1;
				is[p][i] -= 0.01 * m[p][i] / (1 - pow(0.8, t)) / (sqrt(v[p][i] / (1 - pow(0.95, t))) + 1e-3);
			}
		NEAR(adam_norm(&a, pool), sqrt(square), 1e-9 * square);
		adam_step(&a, pool, 0.01, 0.5);
		for (int p = 0; p < 3; p++)
			for (size_t i = 0; i < sizes[p]; i++) {
				NEAR((double)w[p][i], is[p][i], 2e-6);
				assert_true(slope[p][i] == 0);
			}
	}
	assert_int_equal(a.steps, STEPS);
	for (int p = 0; p < 3; p++) {
		free(w[p]);
		free(slope[p]);
		free(is[p]);
		free(m[p]);
		free(v[p]);
	}
	free(a.m);
	free(a.v);
	work_free(pool);
}

static void test_schedules(void **state)
{
	(void)state;
	/* As transformers.get_scheduler() with 2 steps of warm-up, of 10. */
	NEAR(schedule_rate(SCHEDULE_LINEAR, 0, 2, 10), 0, 0);
	NEAR(schedule_rate(SCHEDULE_LINEAR, 1, 2, 10), 0.5, 0);
	NEAR(schedule_rate(SCHEDULE_LINEAR, 2, 2, 10), 1, 0);
	NEAR(schedule_rate(SCHEDULE_LINEAR, 8, 2, 10), 0.25, 1e-15);
	NEAR(schedule_rate(SCHEDULE_LINEAR, 10, 2, 10), 0, 0);
	NEAR(schedule_rate(SCHEDULE_COSINE, 4, 2, 10), 0.85355339059327, 1e-12);
	NEAR(schedule_rate(SCHEDULE_COSINE, 6, 2, 10), 0.5, 1e-15);
	NEAR(schedule_rate(SCHEDULE_COSINE, 11, 2, 10), 0, 1e-15);
	NEAR(schedule_rate(SCHEDULE_CONSTANT, 1, 4, 10), 0.25, 0);
	NEAR(schedule_rate(SCHEDULE_CONSTANT, 9, 4, 10), 1, 0);
	NEAR(schedule_rate(SCHEDULE_LINEAR, 0, 0, 0), 1, 0);
	NEAR(clip_scale(3, 1), 1 / 3.000001, 1e-15);
	NEAR(clip_scale(0.5, 1), 1, 0);
	NEAR(clip_scale(0, 1), 1, 0);
	NEAR(clip_scale(3, 0), 1, 0);
}

static double logp_of(struct lm_engine *e)
{
	double logp[12], sum = 0;
	const struct lm_segment s[] = {
		{ .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1 },
		{ .tokens = tiny_response[1], .n = 12, .parent = 0, .logp = logp },
	};

	assert_null(lm_forward(e, s, 2));
	for (int i = 0; i < 12; i++)
		sum += logp[i];
	return sum;
}

/* Steps up the log-prob of a response, over all numbers or adapters; the log-prob at the end. */
static double climb(const char *name, bool all, uint32_t rank, int steps)
{
	struct lm_model *m = open_tiny(name);
	struct lm_engine *e = lm_engine_new(m, 2);
	struct lm_trace *t = lm_trace_new();
	struct work *pool = work_new(2);
	struct lm_slopes s = { all ? xcalloc(m->bytes / 4, 4) : NULL, all ? NULL : lora_new(m, rank, rank, 127, 1) };
	struct adam *a = adam_new(m, &s);
	double logp[12], g[12], end;
	const struct lm_segment v[] = {
		{ .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1 },
		{ .tokens = tiny_response[1], .n = 12, .parent = 0, .logp = logp },
	};

	assert_int_equal(a->numbers, all ? lm_parameters(m) : s.lora->floats);
	for (int i = 0; i < 12; i++)
		g[i] = -1;
	for (int i = 0; i < steps; i++) {
		assert_null(lm_forward_keep(e, t, v, 2, NULL));
		lm_backward(e, t, (const double *const[]){ NULL, g }, &s);
		adam_step(a, pool, 0.01, clip_scale(adam_norm(a, pool), 1));
		if (s.lora)
			lora_merge(s.lora, pool);
	}
	end = logp_of(e);
	free(s.all);
	lora_free(s.lora);
	adam_free(a);
	work_free(pool);
	lm_trace_free(t);
	lm_engine_free(e);
	close_tiny(m);
	return end;
}

static void test_learns(void **state)
{
	static const char *const names[] = { "llama3", "gpt2" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const double before = climb(names[i], true, 0, 0);

		assert_true(before < -40);
		assert_true(climb(names[i], true, 0, 40) > -5);
		assert_true(climb(names[i], false, 4, 40) > -15);
		assert_true(climb(names[i], false, 4, 0) == before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps), cmocka_unit_test(test_schedules), cmocka_unit_test(test_learns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
