/* ranking - the worked example of the paper's formulas, its theorem, and what records say */
#include "logistic.h"
#include "random.h"
#include "ranking.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-6)

static void test_formulas(void **state)
{
	const double reference[2] = { -21, -20 };
	double c = ranking_difficulty(reference);

	(void)state;
	assert_true(c == 1);
	/* Odds of the ideal policy: e^-1 * 3^(1/beta) = 1.103638 with beta 1, 0.458279 with beta 5. */
	assert_true(ranking_ideal(c, 0.75, 1));
	assert_false(ranking_ideal(c, 0.75, 5));
	NEAR(ranking_loss_needed(c, 1), 0.313262);
	NEAR(ranking_loss_needed(c, 0.1), 0.644397);
	/* No difficulty: any loss below that of knowing nothing will do. */
	NEAR(ranking_loss_needed(0, 0.1), log(2));

	/* Raters who are split move nothing; all of them are taken for 999 of 1000. */
	assert_false(ranking_ideal(0, 0.5, 1));
	assert_true(ranking_ideal(-0.001, 0.5, 1));
	assert_true(ranking_ideal(6.9, 1, 1) && !ranking_ideal(6.91, 1, 1));	/* log 999 = 6.906755 */
	assert_true(ranking_ideal(-6.91, 0, 1) && !ranking_ideal(-6.9, 0, 1));
}

/* Theorem 4.1: the policy is right exactly if its DPO loss is not above the loss needed. */
static void test_theorem(void **state)
{
	unsigned right = 0;

	(void)state;
	for (uint64_t i = 0; i < 2000; i++) {
		struct rng g = rng_for(3, "ranking", i);
		double beta = pow(10, 2 * rng_real(&g) - 1), ref[2], pol[2], logit, needed;

		for (int k = 0; k < 2; k++) {
			ref[k] = -20 + rng_normal(&g);
			pol[k] = -20 + rng_normal(&g);
		}
		logit = beta * ((pol[0] - ref[0]) - (pol[1] - ref[1]));
		needed = ranking_loss_needed(ranking_difficulty(ref), beta);
		assert_int_equal(pol[0] >= pol[1], nls(logit) <= needed);
		right += pol[0] >= pol[1];
	}
	assert_in_range(right, 900, 1100);
}

/* The ideal policy, written out over both responses, ranks as ranking_ideal() says. */
static void test_ideal_policy(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 2000; i++) {
		struct rng g = rng_for(4, "ranking", i);
		double ref[2] = { -3 * rng_real(&g), -3 * rng_real(&g) }, beta = 0.2 + rng_real(&g),
			a = 0.1 + 0.8 * rng_real(&g), chosen = exp(ref[0]) * pow(a, 1 / beta),
			rejected = exp(ref[1]) * pow(1 - a, 1 / beta);

		assert_int_equal(ranking_ideal(ranking_difficulty(ref), a, beta), chosen > rejected);
	}
}

/* ---- records ---- */

struct bench {
	struct rec r;
	struct arena arena;
	struct scan_index scratch;
	struct buf out;
};

/* The record as it is read; false: it is bad. */
static bool lay(struct bench *b, const struct ranking *k, const char *json, struct ranking_pair *p)
{
	bool good;

	b->r = (struct rec){ .at = { "test", 1 } };
	assert_true(rec_open(&b->r, span_of(json), &b->arena, &b->scratch));
	good = ranking_read(k, &b->r, p);
	assert_true(good == !b->r.bad);
	return good;
}

static void done(struct bench *b)
{
	arena_free(&b->arena);
	scan_index_free(&b->scratch);
	buf_free(&b->out);
}

static void test_read(void **state)
{
	static const char *const absent[] = {
		"{}", "{\"scores\":null}", "{\"scores\":[-1,-2]}", "{\"scores\":{}}", "{\"scores\":{\"re\":[-1,-2]}}",
		"{\"scores\":{\"ref\":null}}", "{\"scores\":{\"ref\":-1}}", "{\"scores\":{\"ref\":[-1]}}",
		"{\"scores\":{\"ref\":[-1,-2,-3]}}", "{\"scores\":{\"ref\":[-1,null]}}",
		"{\"scores\":{\"ref\":[\"-1\",-2]}}", "{\"scores\":{\"ref\":[-1,-1e999]}}",
	}, *const bad[] = {
		"{\"scores\":{\"ref\":[1,-2]}}", "{\"scores\":{\"ref\":[-1,0.01]}}", "{\"scores\":{\"pol\":[-1,2]}}",
		"{\"preference\":1.5}", "{\"preference\":-0.1}", "{\"preference\":\"A\"}", "{\"preference\":1e999}",
	}, *const no_tokens[] = {
		"{\"chosen_tokens\":4}", "{\"chosen_tokens\":4,\"rejected_tokens\":0}",
		"{\"chosen_tokens\":-4,\"rejected_tokens\":2}", "{\"chosen_tokens\":\"4\",\"rejected_tokens\":2}",
	};
	const struct ranking k = { .beta = 1, .reference = "ref", .policy = "pol" };
	struct bench b = { 0 };
	struct ranking_pair p;

	(void)state;
	for (size_t i = 0; i < COUNT(absent); i++)
		if (!lay(&b, &k, absent[i], &p) || p.has_reference || p.has_policy || p.has_tokens || p.has_share)
			fail_msg("not absent: %s", absent[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (lay(&b, &k, bad[i], &p))
			fail_msg("taken: %s", bad[i]);
	for (size_t i = 0; i < COUNT(no_tokens); i++)
		if (!lay(&b, &k, no_tokens[i], &p) || p.has_tokens)
			fail_msg("tokens: %s", no_tokens[i]);

	assert_true(lay(&b, &k, "{\"preference\":null,\"scores\":{\"pol\":[0.001,-1]}}", &p));
	assert_true(p.has_policy && !p.has_reference && !p.has_share && p.share == 0.75);
	assert_true(lay(&b, &k, "{\"scores\":{\"r\\u0065f\":[-3,-4]},\"preference\":1,\"chosen_tokens\":2,"
		"\"rejected_tokens\":8}", &p));
	assert_true(p.has_reference && p.reference[0] == -3 && p.reference[1] == -4 && p.has_share && p.share == 1);
	assert_true(p.has_tokens && p.tokens[0] == 2 && p.tokens[1] == 8);
	done(&b);
}

/* ---- counting ---- */

static void test_counts(void **state)
{
	static const struct ranking_pair pairs[] = {
		{ .has_reference = true, .reference = { -20, -20.5 }, .has_policy = true, .policy = { -20, -19 },
			.share = 0.75, .has_tokens = true, .tokens = { 2, 8 } },	/* right, then wrong; by token wrong */
		{ .has_reference = true, .reference = { -21, -20 }, .has_policy = true, .policy = { -20, -21 },
			.share = 0.75 },						/* wrong, then right */
		{ .has_reference = true, .reference = { -25, -20 }, .has_policy = true, .policy = { -24, -21 },
			.share = 0.5, .has_share = true },				/* wrong, wrong; not even ideally */
		{ .has_reference = true, .reference = { -7, -7 }, .share = 0.75 },	/* a tie is right, no policy */
		{ .has_reference = true, .reference = { -7.009, -7 }, .share = 0.75 },	/* a tie that is wrong */
		{ .has_policy = true, .policy = { -7, -8 }, .share = 0.75 },		/* no reference */
	};
	struct ranking k = { .beta = 1, .reference = "ref", .policy = "pol" };
	double loss = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		ranking_add(&k, &pairs[i]);
	ranking_close(&k);
	assert_int_equal(k.rows[RANKING_REFERENCE].pairs, 5);
	assert_int_equal(k.rows[RANKING_REFERENCE].right, 2);
	assert_int_equal(k.rows[RANKING_REFERENCE].ties, 2);
	assert_int_equal(k.rows[RANKING_REFERENCE].missing, 1);
	assert_int_equal(k.rows[RANKING_POLICY].pairs, 4);
	assert_int_equal(k.rows[RANKING_POLICY].right, 2);
	assert_int_equal(k.rows[RANKING_POLICY].missing, 2);
	assert_int_equal(k.rows[RANKING_IDEAL].pairs, 5);
	assert_int_equal(k.rows[RANKING_IDEAL].right, 4);
	assert_int_equal(k.rows[RANKING_IDEAL].missing, 1);
	/* -10 a token against -2.5625. */
	assert_int_equal(k.rows[RANKING_REFERENCE_TOKEN].pairs, 1);
	assert_int_equal(k.rows[RANKING_REFERENCE_TOKEN].right, 0);
	assert_int_equal(k.rows[RANKING_REFERENCE_TOKEN].missing, 5);
	assert_int_equal(k.shares, 1);
	assert_true(k.moved[1][0] == 1 && k.moved[0][1] == 1 && k.moved[0][0] == 1 && k.moved[1][1] == 0);

	/* Difficulties -0.5, 0, 0.009, 1, 5: the nearest rank, never a value in between. */
	assert_true(k.n == 5 && ranking_quantile(&k, 0.05) == -0.5 && ranking_quantile(&k, 0.2) == -0.5);
	assert_true(ranking_quantile(&k, 0.21) == 0 && ranking_quantile(&k, 0.8) == 1 && ranking_quantile(&k, 1) == 5);
	NEAR(ranking_quantile(&k, 0.5), 0.009);
	for (size_t i = 0; i < k.n; i++)
		loss += log1p(exp(-k.difficulty[i]));
	NEAR(k.loss, loss);
	ranking_free(&k);
	assert_true(isnan(ranking_quantile(&k, 0.5)));
}

/* Exchanging chosen and rejected makes right wrong, negates the difficulty and complements the share. */
static void test_swap(void **state)
{
	struct ranking k = { .beta = 0.3, .reference = "r", .policy = "p" }, turned = k;

	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		struct rng g = rng_for(5, "ranking", i);
		struct ranking_pair p = { .has_reference = true, .has_policy = true, .has_tokens = true, .has_share = true,
			.reference = { -9 * rng_real(&g), -9 * rng_real(&g) },
			.policy = { -9 * rng_real(&g), -9 * rng_real(&g) },
			.tokens = { 1 + 9 * rng_real(&g), 1 + 9 * rng_real(&g) }, .share = rng_real(&g) };

		ranking_add(&k, &p);
		p = (struct ranking_pair){ .has_reference = true, .has_policy = true, .has_tokens = true, .has_share = true,
			.reference = { p.reference[1], p.reference[0] }, .policy = { p.policy[1], p.policy[0] },
			.tokens = { p.tokens[1], p.tokens[0] }, .share = 1 - p.share };
		ranking_add(&turned, &p);
	}
	ranking_close(&k);
	ranking_close(&turned);
	for (int row = 0; row < RANKING_ROWS; row++) {
		assert_int_equal(k.rows[row].right + turned.rows[row].right, 300);
		assert_int_equal(k.rows[row].ties, turned.rows[row].ties);
	}
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 2; j++)
			assert_int_equal(k.moved[i][j], turned.moved[1 - i][1 - j]);
	for (size_t i = 0; i < k.n; i++)
		assert_true(k.difficulty[i] == -turned.difficulty[k.n - 1 - i]);
	ranking_free(&k);
	ranking_free(&turned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formulas), cmocka_unit_test(test_theorem), cmocka_unit_test(test_ideal_policy),
		cmocka_unit_test(test_read), cmocka_unit_test(test_counts), cmocka_unit_test(test_swap),
	};

	return cmocka_run_group_tests_name("ranking", tests, NULL, NULL);
}
