/* lm_sample: frequencies of drawn tokens against the distribution they are drawn from */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lm/sample.h"

enum { N = 50, DRAWS = 40000 };

static float logits[N];

static void make(uint64_t seed)
{
	struct rng g = rng_for(seed, "logits", 0);

	for (int i = 0; i < N; i++)
		logits[i] = (float)(3 * rng_normal(&g));
	logits[7] = logits[31];		/* equals */
}

/* The distribution, by the definition. */
static void expect(const struct lm_sampling *how, double *p)
{
	int order[N];
	double all = 0, sum = 0;

	for (int i = 0; i < N; i++) {
		int at = i;

		p[i] = exp((double)logits[i] / how->temperature);
		while (at > 0 && p[order[at - 1]] < p[i]) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = i;
	}
	for (int k = 0; k < N; k++)
		if (how->top_k && (size_t)k >= how->top_k)
			p[order[k]] = 0;
	for (int i = 0; i < N; i++)
		all += p[i];
	for (int k = 0; k < N; k++) {
		const double one = p[order[k]] / all;

		p[order[k]] = sum < how->top_p || k == 0 ? one : 0;
		sum += one;
	}
	all = 0;
	for (int i = 0; i < N; i++)
		all += p[i];
	for (int i = 0; i < N; i++)
		p[i] /= all;
}

static void test_frequencies(void **state)
{
	static const struct lm_sampling hows[] = {
		{ 1, 1, 0 }, { 0.7, 1, 0 }, { 1.5, 0.9, 0 }, { 1, 0.5, 0 }, { 1, 1, 5 }, { 2, 0.8, 10 }, { 1, 0.01, 0 }, { 1, 1, 1 },
		{ 1, 0.999999, 0 }, { 1, 1, N + 1 },
	};
	struct lm_sampler k = { 0 };

	(void)state;
	for (size_t h = 0; h < COUNT(hows); h++) {
		struct rng g = rng_for(h, "draw", 0);
		int seen[N] = { 0 };
		double p[N], logp;

		make(h);
		expect(&hows[h], p);
		for (int i = 0; i < DRAWS; i++)
			seen[lm_sample(logits, N, &hows[h], &g, &k, &logp)]++;
		assert_int_equal(g.n, DRAWS);
		for (int i = 0; i < N; i++) {
			const double deviation = sqrt(p[i] * (1 - p[i]) / DRAWS);

			if (fabs((double)seen[i] / DRAWS - p[i]) > 5 * deviation + 1e-6 || (p[i] == 0 && seen[i]))
				fail_msg("case %zu: token %d drawn %d times, p %g", h, i, seen[i], p[i]);
		}
	}
	lm_sampler_free(&k);
}

static void test_greedy(void **state)
{
	const struct lm_sampling how = { 0, 1, 0 };
	struct rng g = rng_for(1, "draw", 0);
	struct lm_sampler k = { 0 };
	double logp, sum = 0;
	int32_t token;

	(void)state;
	make(1);
	logits[40] = logits[3] = 20;
	token = lm_sample(logits, N, &how, &g, &k, &logp);
	assert_int_equal(token, 3);
	assert_int_equal(g.n, 0);
	for (int i = 0; i < N; i++)
		sum += exp((double)logits[i] - 20);
	assert_true(fabs(logp + log(sum)) < 1e-6);
	lm_sampler_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_frequencies), cmocka_unit_test(test_greedy) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
