/* loss: gradients beside finite differences for every loss of the tables, worked values, --loss
 *
 * Worked values: from the formulas by hand or in another language (tests/golden/losses.py holds the losses beside TRL's).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lm/loss.h"
#include "random.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static const struct loss_options none = { NAN, NAN, NAN, NAN };

enum { GROUPS = 4, MOST = 4, TOKENS = 6 };

/* A batch with arrays of its own; other inputs may be changed after it was made. */
struct batch {
	struct loss_group g[GROUPS];
	struct loss_text v[GROUPS][MOST];
	double policy[GROUPS][MOST][TOKENS], reference[GROUPS][MOST][TOKENS], slope[GROUPS][MOST][TOKENS];
	float weight[GROUPS][MOST][TOKENS];
	struct loss_why why[GROUPS][2];			/* of two tokens and of one */
	double said[GROUPS][3], gwhy[GROUPS][3];
	size_t chosen_tokens;
};

static void make_batch(struct batch *b, size_t k, uint64_t seed)
{
	struct rng r = rng_for(seed, "losses", k);

	memset(b, 0, sizeof *b);
	for (size_t i = 0; i < GROUPS; i++) {
		struct loss_group *g = &b->g[i];

		*g = (struct loss_group){ .v = b->v[i], .k = k, .why = b->why[i], .whys = 1 + i % 2,
			.margin = rng_real(&r), .preference = rng_real(&r), .flip = i % 2 ? 0.4 * rng_real(&r) : NAN };
		for (size_t j = 0; j < k; j++) {
			struct loss_text *v = &b->v[i][j];

			*v = (struct loss_text){ .policy = b->policy[i][j], .reference = b->reference[i][j],
				.weight = b->weight[i][j], .g = b->slope[i][j], .n = 1 + (size_t)rng_below(&r, TOKENS),
				.kl = rng_real(&r), .sure = -rng_real(&r), .other = rng_normal(&r),
				.reward = 2.0 / (1 + (double)j) };
			for (size_t t = 0; t < v->n; t++) {
				b->policy[i][j][t] = -0.05 - 3 * rng_real(&r);
				b->reference[i][j][t] = b->policy[i][j][t] + 0.5 * rng_normal(&r);
				b->weight[i][j][t] = (float)rng_below(&r, 2);
			}
		}
		b->why[i][0] = (struct loss_why){ b->said[i], 2, b->gwhy[i] };
		b->why[i][1] = (struct loss_why){ b->said[i] + 2, 1, b->gwhy[i] + 2 };
		for (size_t t = 0; t < 3; t++)
			b->said[i][t] = -2 * rng_real(&r);
		b->chosen_tokens += b->v[i][0].n;
	}
}

static double mean_loss(const struct loss_set *set, struct batch *b)
{
	double sum = 0;

	loss_eval(set, b->g, GROUPS, GROUPS, b->chosen_tokens);
	for (size_t i = 0; i < GROUPS; i++)
		sum += b->g[i].loss;
	return sum / GROUPS;
}

static double difference(const struct loss_set *set, struct batch *b, double *at)
{
	const double was = *at, step = 1e-5;
	double up, down;

	*at = was + step;
	up = mean_loss(set, b);
	*at = was - step;
	down = mean_loss(set, b);
	*at = was;
	return (up - down) / (2 * step);
}

static void check_loss(const char *names, const struct loss_options *o, uint64_t seed)
{
	struct loss_set set;
	char *why = loss_parse(names, o, &set);
	struct batch b, clean;
	size_t k;

	assert_null(why);
	k = set.flags & LOSS_THREE ? 3 : set.flags & LOSS_LIST ? MOST : 2;
	make_batch(&b, k, seed);
	mean_loss(&set, &b);
	clean = b;
	for (size_t i = 0; i < GROUPS; i++) {
		for (size_t j = 0; j < k; j++) {
			for (size_t t = 0; t < b.v[i][j].n; t++) {
				const double d = difference(&set, &b, &b.policy[i][j][t]), g = clean.slope[i][j][t];

				if (fabs(d - g) > 1e-7 + 1e-6 * fabs(g))
					fail_msg("%s: group %zu, response %zu, token %zu: %g, not %g", names, i, j, t, g, d);
			}
			/* (tdpo2 holds the chosen one's divergence to be a constant.) */
			if (!(strcmp(names, "tdpo2") == 0 && j == 0))
				NEAR(clean.v[i][j].gkl, difference(&set, &b, &b.v[i][j].kl), 1e-7);
			else
				assert_true(clean.v[i][j].gkl == 0);
		}
		for (size_t t = 0; t < 3; t++)
			NEAR(clean.gwhy[i][t], difference(&set, &b, &b.said[i][t]), 1e-7);
	}
}

static void test_gradients(void **state)
{
	const struct loss *tables[] = { loss_pairs, loss_frees, loss_lists };

	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++)
		for (const struct loss *l = tables[i]; l->name; l++) {
			/* (With sppo's own beta the loss is 1e6: differences lose their digits.) */
			const struct loss_options o = { strcmp(l->name, "sppo") ? 0.3 : 0.7, NAN, NAN, 0.3 };

			for (uint64_t seed = 1; seed <= 5; seed++) {
				check_loss(l->name, &o, seed);
				if (strcmp(l->name, "sppo"))
					check_loss(l->name, &none, seed);
			}
		}
	check_loss("dpo:0.8,sft:0.2,ld-dpo", &none, 7);
	check_loss("mask-dpo:2,kto,aot:0.5", &none, 8);
	check_loss("pl,lambda:0.3,sft:0.1", &none, 9);
}

static void test_gpm(void **state)
{
	double w[] = { 0.3, -1, 0.4, 2 }, l[] = { 1.5, 0.2, -0.7, 0.1 }, gw[4], gl[4], g[4];
	double *sides[] = { w, l }, *slopes[] = { gw, gl };

	(void)state;
	/* 0.3 0.2 + 1 1.5 + 0.4 0.1 + 2 0.7 = 3 */
	NEAR(loss_gpm(w, l, 4, 2, gw, gl), log1p(exp(-1.5)), 1e-12);
	NEAR(loss_gpm(l, w, 4, 2, g, g), log1p(exp(1.5)), 1e-12);
	loss_gpm(w, l, 4, 2, gw, gl);
	for (int s = 0; s < 2; s++)
		for (int i = 0; i < 4; i++) {
			double *at = &sides[s][i], was = *at, up, down, other[4];

			*at = was + 1e-5;
			up = loss_gpm(w, l, 4, 2, g, other);
			*at = was - 1e-5;
			down = loss_gpm(w, l, 4, 2, g, other);
			*at = was;
			NEAR(slopes[s][i], (up - down) / 2e-5, 1e-8);
		}
}

/* ---- worked values ---- */

static double loss_of(const char *name, struct loss_options o, struct loss_sum *v, size_t k, struct loss_in x)
{
	struct loss_set set;
	char *why = loss_parse(name, &o, &set);

	assert_null(why);
	x.v = v;
	x.k = k;
	for (size_t i = 0; i < k; i++)
		v[i].n = v[i].n > 0 ? v[i].n : 1;
	if (set.v[0].loss->one)
		set.v[0].loss->one(&set.v[0].o, &x);
	else
		set.v[0].loss->all(&set.v[0].o, &x, 1);
	return x.loss;
}

/* With beta 1 the logit is p_w - p_l. */
static double at(const char *name, double h, double smooth, struct loss_in x)
{
	struct loss_sum v[2] = { { .p = h }, { .p = 0 } };

	return loss_of(name, (struct loss_options){ 1, smooth, NAN, NAN }, v, 2, x);
}

static void test_worked(void **state)
{
	const struct loss_in x = { .flip = NAN, .tokens = 1 };
	struct loss_sum v[3];
	double u;

	(void)state;
	NEAR(at("robust", 1, .2, x), -0.020072, 1e-6);
	NEAR(at("cdpo", 1, .2, x), 0.513262, 1e-6);
	NEAR(at("robust", 5, .2, x), -1.659951, 1e-6);
	NEAR(at("cdpo", 5, .2, x), 1.006715, 1e-6);
	/* Over labels of which a share is wrong, robust is the loss of right ones. */
	NEAR(.8 * at("robust", 1, .2, x) + .2 * at("robust", -1, .2, x), 0.313262, 1e-6);
	NEAR(at("forward", 1, .2, x), -log(.2 + .6 * 0.731058578630), 1e-9);
	NEAR(at("forward", 1, .2, (struct loss_in){ .flip = 0 }), 0.313262, 1e-6);
	NEAR(at("soft", .5, NAN, (struct loss_in){ .preference = .8 }), 0.574077, 1e-6);
	NEAR(at("irepo", .5, NAN, (struct loss_in){ .preference = .7 }), 0.120616, 1e-6);
	NEAR(at("margin-dpo", 1, NAN, (struct loss_in){ .margin = .325 }), 0.411551, 1e-6);
	NEAR(at("margin-dpo", 1, NAN, (struct loss_in){ .margin = -.4 }), 0.220417, 1e-6);
	NEAR(at("bt", 1, NAN, (struct loss_in){ .margin = .325 }), 0.411551, 1e-6);
	NEAR(at("rationale", .5, NAN, (struct loss_in){ .why = -40 }), 0.874077, 1e-6);
	/* Far out: finite, and the slope that is left. */
	NEAR(at("dpo", -800, NAN, x), 800, 1e-9);
	NEAR(at("forward", -800, 0, x), 800, 1e-9);
	NEAR(at("discopop", -800, NAN, x), 800, 1e-9);
	assert_true(isfinite(at("discopop", 800, NAN, x)));
	NEAR(at("exo", 0, .1, x), .5 * log(.5 / .9) + .5 * log(.5 / .1), 1e-12);
	/* Reference-free ones. */
	v[0] = (struct loss_sum){ .p = -30 };
	v[1] = (struct loss_sum){ .p = -35 };
	NEAR(loss_of("cpo", (struct loss_options){ .2, NAN, NAN, 0 }, v, 2, x), 0.313262, 1e-6);
	v[2] = v[1];
	v[1] = v[0];
	v[0] = (struct loss_sum){ .p = -20 };
	NEAR(loss_of("tpo", (struct loss_options){ .2, NAN, NAN, .5 }, v, 3, x), 10.313262, 1e-6);
	/* ln odds of 0.8 and 0.5 are ln 4 and 0; s of it 0.8 */
	v[0] = (struct loss_sum){ .p = log(.8) };
	v[1] = (struct loss_sum){ .p = log(.5) };
	NEAR(loss_of("orpo", (struct loss_options){ .1, NAN, NAN, NAN }, v, 2, x), -log(.8) - .1 * log(.8), 1e-12);
	v[0] = (struct loss_sum){ .p = 0 };
	assert_true(isfinite(loss_of("orpo", none, v, 2, x)));
	v[0] = (struct loss_sum){ .p = -2, .n = 2 };
	v[1] = (struct loss_sum){ .p = -9, .n = 3 };
	NEAR(loss_of("simpo", (struct loss_options){ 2, 0, 1, NAN }, v, 2, x), log1p(exp(-3.)), 1e-12);
	/* -ls(0.2 (1 - 5 max(0, 1))) */
	v[0] = (struct loss_sum){ .p = -1 };
	v[1] = (struct loss_sum){ .p = -2 };
	NEAR(loss_of("dpop", (struct loss_options){ .2, NAN, NAN, 5 }, v, 2, x), log1p(exp(.8)), 1e-12);
	NEAR(loss_of("dpop-out", (struct loss_options){ .2, NAN, NAN, 5 }, v, 2, x), log1p(exp(-.2)) + 5, 1e-12);
	v[0].kl = 1;
	v[1].kl = 3;
	NEAR(loss_of("tdpo1", (struct loss_options){ .2, NAN, NAN, NAN }, v, 2, x), log1p(exp(.2)), 1e-12);
	/* Lists. */
	v[0] = (struct loss_sum){ .p = -.5, .reward = 2 };
	v[1] = (struct loss_sum){ .p = -1, .reward = 1 };
	v[2] = (struct loss_sum){ .p = -1.5, .reward = .5 };
	NEAR(loss_of("pro", (struct loss_options){ NAN, NAN, NAN, 0 }, v, 3, x), 0.694112 + 0.575939, 1e-6);
	NEAR(loss_of("pl", (struct loss_options){ 2, NAN, NAN, NAN }, v, 3, x),
		-log(exp(-1) / (exp(-1) + exp(-2) + exp(-3))) - log(exp(-2) / (exp(-2) + exp(-3))), 1e-12);
	v[0].p = -1;				/* equal scores: places by order */
	u = (4 - 2) * (1 - 1 / log2(3)) + (4 - sqrt(2)) * (1 - .5) + (2 - sqrt(2)) * (1 / log2(3) - .5);
	v[2].p = -1;
	NEAR(loss_of("lambda", (struct loss_options){ 1, NAN, NAN, NAN }, v, 3, x), u * log(2), 1e-12);
	/* A pair as a list is dpo. */
	NEAR(loss_of("pl", none, v, 2, x), log(2), 1e-12);
}

static void test_tokens(void **state)
{
	/* Sentences: log-ratios of the chosen .4 -.2 .1, the second false; of the rejected -.1 -.6, the first true. */
	const double policy[2][3] = { { .4, -.2, .1 }, { -.1, -.6 } }, zero[3] = { 0 };
	const float weight[2][3] = { { 1, 0, 1 }, { 0, 1 } };
	double slope[2][3] = { { 0 } };
	struct loss_text v[2];
	struct loss_group g = { .v = v, .k = 2, .flip = NAN };
	struct loss_set set;

	(void)state;
	for (int i = 0; i < 2; i++)
		v[i] = (struct loss_text){ .policy = policy[i], .reference = zero, .weight = weight[i], .n = i ? 2 : 3, .g = slope[i] };
	assert_null(loss_parse("mask-dpo", &none, &set));
	loss_eval(&set, &g, 1, 1, 3);
	NEAR(g.loss, 0.639659, 1e-6);
	assert_true(slope[0][1] == 0 && slope[1][0] == 0 && slope[0][0] < 0 && slope[1][1] > 0);
	assert_null(loss_parse("dpo", &none, &set));
	loss_eval(&set, &g, 1, 1, 3);
	NEAR(g.loss, 0.644397, 1e-6);
	/* Beyond the two tokens of the shorter one half a token counts: .1 (.4 - .2 + .05 + .7) */
	assert_null(loss_parse("ld-dpo", &none, &set));
	loss_eval(&set, &g, 1, 1, 3);
	NEAR(g.loss, log1p(exp(-.095)), 1e-12);
}

/* Policy and reference are one: ln 2, to the last bit but one. */
static void test_step_0(void **state)
{
	static const char *const names[] = { "dpo", "cdpo", "soft", "ld-dpo", "mask-dpo", "dpo-norm", "pl", "rationale", "r-dpo",
		"margin-dpo" };
	struct loss_set set;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct batch b;

		make_batch(&b, 2, 1);
		for (size_t k = 0; k < GROUPS; k++) {
			b.g[k].margin = 0;
			b.g[k].whys = 0;
			for (size_t j = 0; j < 2; j++)
				b.v[k][j].reference = b.policy[k][j];
		}
		assert_null(loss_parse(names[i], &(struct loss_options){ NAN, NAN, NAN, strcmp(names[i], "r-dpo") ? NAN : 0 }, &set));
		NEAR(mean_loss(&set, &b), 0.69314718055994531, 1e-15);
	}
}

/* Parts of a batch add up to the whole, also where tokens are averaged. */
static void test_parts(void **state)
{
	struct batch whole, parts;
	struct loss_set set;

	(void)state;
	assert_null(loss_parse("dpo,sft:0.3,cpo:0.1,orpo", &none, &set));
	make_batch(&whole, 2, 3);
	make_batch(&parts, 2, 3);
	mean_loss(&set, &whole);
	for (size_t i = 0; i < GROUPS; i++)
		loss_eval(&set, &parts.g[i], 1, GROUPS, parts.chosen_tokens);
	assert_memory_equal(whole.slope, parts.slope, sizeof whole.slope);
	for (size_t i = 0; i < GROUPS; i++)
		assert_true(whole.g[i].loss == parts.g[i].loss);
}

static void refuse(const char *text, struct loss_options o, const char *expected)
{
	struct loss_set set;
	char *why = loss_parse(text, &o, &set);

	assert_non_null(why);
	assert_string_equal(why, expected);
	free(why);
}

static void test_parse(void **state)
{
	struct loss_set set;

	(void)state;
	assert_null(loss_parse("dpo:0.8,sft:0.2", &(struct loss_options){ .5, NAN, NAN, NAN }, &set));
	assert_int_equal(set.n, 2);
	assert_string_equal(set.v[1].loss->name, "sft");
	assert_true(set.v[0].weight == .8 && set.v[0].o.beta == .5 && isnan(set.v[1].o.beta));
	assert_int_equal(set.flags, LOSS_REFERENCE);
	refuse("", none, "there is no loss ");
	refuse("dpo,", none, "there is no loss ");
	refuse("dop", none, "there is no loss dop");
	refuse("dpo:", none, "dpo:: the weight must be a number above 0");
	refuse("dpo:1x", none, "dpo:1x: the weight must be a number above 0");
	refuse("dpo:-1", none, "dpo:-1: the weight must be a number above 0");
	refuse("dpo:nan", none, "dpo:nan: the weight must be a number above 0");
	refuse("dpo,dpo,dpo,dpo,dpo,dpo,dpo,dpo,dpo", none, "more than 8 losses");
	refuse("pl,dpo", none, "dpo does not go with the others");
	refuse("bt,dpo", none, "dpo does not go with the others");
	refuse("robust", (struct loss_options){ NAN, .5, NAN, NAN }, "robust: labels that are wrong half of the time say nothing");
	refuse("exo", (struct loss_options){ NAN, 0, NAN, NAN }, "exo: its label smoothing must be above 0");
	refuse("dpo", (struct loss_options){ 0, NAN, NAN, NAN }, "dpo: beta and alpha must be above 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gradients), cmocka_unit_test(test_gpm), cmocka_unit_test(test_worked),
		cmocka_unit_test(test_tokens), cmocka_unit_test(test_step_0), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
