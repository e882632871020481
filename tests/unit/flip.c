/* flip - rates and probabilities of wrong labels, against worked values, planted flips and each other */
#include "flip.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "logistic.h"
#include "random.h"

#define NEAR(x, want, by) \
	do { \
		const double x_ = (x), want_ = (want); \
		if (!(fabs(x_ - want_) <= (by))) \
			fail_msg("%s is %.9g, not %.9g", #x, x_, want_); \
	} while (0)

/* ---- voters ---- */

static void means_over_voters(void **state)
{
	const double said[] = { 0.5, -0.3, 1.5, -0.4, 1, NAN, 1, 1, NAN, NAN, NAN, NAN };
	double mean[3], std[3];

	(void)state;
	flip_mean(said, 3, 4, false, mean, std);
	NEAR(mean[0], 0.325, 1e-9);
	NEAR(std[0], 0.762807, 1e-6);	/* population, not sample */
	NEAR(mean[1], 1, 1e-12);
	NEAR(std[1], 0, 1e-12);
	assert_true(isnan(mean[2]));
	/* A voter in tenths and one in units. */
	flip_mean((const double[]){ 0.1, 1, -0.1, 3 }, 2, 2, true, mean, std);
	NEAR(mean[0], (1 + 1 / sqrt(5)) / 2, 1e-9);
	NEAR(mean[1], (-1 + 3 / sqrt(5)) / 2, 1e-9);
}

/* ---- likelihood ---- */

/* The scale is a maximum, and so is it for margins in another unit. */
static void likelihood_is_greatest(void **state)
{
	static const double d[] = { 2, 1.5, 0.3, -0.2, 1, -1, 0.7, 0.1, 3, -0.4 };
	double tenfold[COUNT(d)], a, b, at, other;

	(void)state;
	for (size_t i = 0; i < COUNT(d); i++)
		tenfold[i] = 10 * d[i];
	for (double e = 0; e < 0.25; e += 0.05) {	/* beyond, so few labels want no finite scale */
		at = flip_likelihood(d, COUNT(d), e, &a);
		for (double factor = 0.25; factor <= 4; factor *= 1.1) {
			double sum = 0;

			for (size_t i = 0; i < COUNT(d); i++)
				sum += log(e + (1 - 2 * e) * sigmoid(a * factor * d[i]));
			assert_true(sum <= at + 1e-9);
		}
		other = flip_likelihood(tenfold, COUNT(d), e, &b);
		NEAR(other, at, 1e-9);
		NEAR(10 * b, a, 1e-4 * a);
	}
}

static void nothing_to_tell(void **state)
{
	static const double zeros[3] = { 0, 0, 0 };
	struct flip_rate r;
	double a, p[3], e[] = { 0, 0.25 }, same[] = { -3, -3 };

	(void)state;
	NEAR(flip_likelihood(zeros, 3, 0.2, &a), 3 * log(0.5), 1e-12);
	flip_believe(e, same, 2, &r);
	NEAR(r.mean, 0.25, 1e-9);
	NEAR(r.low, 0.0125, 1e-9);
	NEAR(r.high, 0.4875, 1e-9);
	flip_probabilities(zeros, 3, &r, p);
	for (int i = 0; i < 3; i++)
		NEAR(p[i], 0.25, 1e-9);		/* what is believed of any pair */
}

static void one_rate(void **state)
{
	static const double d[] = { 1, -1, 0, 4, 1.5, 2 };
	struct flip_rate r;
	double p[COUNT(d)], a;

	(void)state;
	flip_believe_one(0.2, &r);
	NEAR(r.mean, 0.2, 0);
	flip_probabilities(d, COUNT(d), &r, p);
	flip_likelihood(d, COUNT(d), 0.2, &a);
	for (size_t i = 0; i < COUNT(d); i++)
		NEAR(p[i], 0.2 * sigmoid(-a * d[i]) / (0.2 * sigmoid(-a * d[i]) + 0.8 * sigmoid(a * d[i])), 1e-9);
	NEAR(p[2], 0.2, 1e-12);
}

/* Margins of a known unit, labels drawn by Bradley-Terry and turned round at a known rate: the interval holds
 * the rate, and of those said to be wrong with probability p about a share p is. */
static void planted_flips_are_found(void **state)
{
	enum { N = 20000, BINS = 5 };
	static const double rates[] = { 0.02, 0.1, 0.3 };
	double *d = xmalloc(N * sizeof *d), *p = xmalloc(N * sizeof *p), e[FLIP_RATES], loglik[FLIP_RATES], a;
	bool *wrong = xmalloc(N * sizeof *wrong);

	(void)state;
	for (size_t k = 0; k < COUNT(rates); k++) {
		struct rng g = rng_for(7, "flips", k);
		double said[BINS] = { 0 }, were[BINS] = { 0 }, n[BINS] = { 0 };
		struct flip_rate r;

		for (size_t i = 0; i < N; i++) {
			const double reward = 3 * rng_normal(&g), label = rng_real(&g) < sigmoid(reward) ? 1 : -1;

			wrong[i] = rng_real(&g) < rates[k];
			d[i] = reward * (wrong[i] ? -label : label) / 5;
		}
		for (int i = 0; i < FLIP_RATES; i++) {
			e[i] = flip_rate_at(i);
			loglik[i] = flip_likelihood(d, N, e[i], &a);
		}
		flip_believe(e, loglik, FLIP_RATES, &r);
		assert_true(r.low <= rates[k] && rates[k] <= r.high);
		assert_true(r.high - r.low < 0.05);
		flip_probabilities(d, N, &r, p);
		for (size_t i = 0; i < N; i++) {
			int bin = (int)fmin(p[i] * BINS, BINS - 1);

			said[bin] += p[i];
			were[bin] += wrong[i];
			n[bin]++;
		}
		for (int b = 0; b < BINS; b++)
			if (n[b] >= 100)
				NEAR(were[b] / n[b], said[b] / n[b], 0.03 + 2 * sqrt(0.25 / n[b]));
	}
	free(d);
	free(p);
	free(wrong);
}

/* ---- confident learning ---- */

static void confident_learning(void **state)
{
	static const double q[] = { 0.9, 0.8, 0.7, 0.6, 0.3, 0.1 }, unsure[] = { 0.2, 0.4, 0.5, 0.6 };
	struct flip_confident c = flip_confident(q, COUNT(q));

	(void)state;
	NEAR(c.threshold, 0.566667, 1e-6);
	assert_int_equal(c.right, 4);
	assert_int_equal(c.wrong, 2);
	NEAR(c.rate, 0.333333, 1e-6);
	for (size_t i = 0; i < COUNT(q); i++)
		assert_int_equal(flip_is_issue(&c, q[i]), i >= 4);
	c = flip_confident(unsure, COUNT(unsure));	/* t = 0.425 */
	assert_int_equal(c.right, 2);
	assert_int_equal(c.wrong, 2);
}

/* ---- mixture ---- */

static void mirror_mixture(void **state)
{
	static const double fixed[] = { 2, 1.5, 1, -1 }, one_hump[] = { 1.2, 0.4, -0.3, 0.8, -0.1, 1.5 };
	double p[6];
	struct flip_mixture m = flip_mixture(fixed, COUNT(fixed), p);

	(void)state;
	NEAR(m.u, 1.375, 1e-4);
	NEAR(m.s * m.s, 0.171875, 1e-3);
	NEAR(m.rate, 0.25, 1e-5);
	assert_true(p[3] > 0.99 && p[2] < 0.01);
	m = flip_mixture(one_hump, COUNT(one_hump), p);
	NEAR(m.rate, 0, 1e-4);
	NEAR(m.u, 0.583333, 1e-3);
	NEAR(m.u / m.s, 0.895, 2e-3);
}

/* ---- choosing ---- */

static void choosing(void **state)
{
	static const double p[] = { 0.5, 0.9, 0.5, 0.2, 0.7, 0.5, 0.1, 0.3, 0.4, 0.6 };
	bool chosen[COUNT(p)];

	(void)state;
	assert_int_equal(flip_select(p, COUNT(p), 0.5, 1, chosen), 6);
	for (size_t i = 0; i < COUNT(p); i++)
		assert_int_equal(chosen[i], p[i] >= 0.5);
	/* 0.4 of ten is four: 0.9, 0.7, 0.6 and the first 0.5. */
	assert_int_equal(flip_select(p, COUNT(p), 0, 0.4, chosen), 4);
	assert_true(chosen[0] && chosen[1] && chosen[4] && chosen[9] && !chosen[2]);
	/* 0.29 * 100 is 28.999999999999996. */
	assert_int_equal(flip_select((const double[100]){ 0 }, 100, 0, 0.29, (bool[100]){ 0 }), 29);
	assert_int_equal(flip_select(p, 0, 0, 1, chosen), 0);
}

int main(void)
{
	const struct CMUnitTest flip[] = {
		cmocka_unit_test(means_over_voters),
		cmocka_unit_test(likelihood_is_greatest),
		cmocka_unit_test(nothing_to_tell),
		cmocka_unit_test(one_rate),
		cmocka_unit_test(planted_flips_are_found),
		cmocka_unit_test(confident_learning),
		cmocka_unit_test(mirror_mixture),
		cmocka_unit_test(choosing),
	};

	return cmocka_run_group_tests(flip, NULL, NULL);
}
