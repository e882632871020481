/* linear - losses against worked examples, learning against its own optimum, calibration, files */
#include "linear.h"
#include "random.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) < (eps))

/* ---- losses ---- */

static void test_losses(void **state)
{
	static const struct {
		enum linear_loss loss;
		double e, p, h, value;
	} cases[] = {
		{ LINEAR_BT, 0, 1, 1, 0.313262 },
		{ LINEAR_BT, 0, 1, 0.675, 0.411551 }, /* Delta 1, margin 0.325 */
		{ LINEAR_BT, 0, 1, 1.4, 0.220417 },
		{ LINEAR_CDPO, 0.1, 1, 1, 0.413262 },
		{ LINEAR_RDPO, 0.2, 1, 1, -0.020072 },
		{ LINEAR_CDPO, 0.2, 1, 1, 0.513262 },
		{ LINEAR_RDPO, 0.2, 1, 0, 0.693147 },
		{ LINEAR_CDPO, 0.2, 1, 0, 0.693147 },
		{ LINEAR_RDPO, 0.2, 1, 5, -1.659951 },
		{ LINEAR_CDPO, 0.2, 1, 5, 1.006715 },
		{ LINEAR_BT, 0, 0.8, 1, 0.513262 }, /* a soft label smooths one pair */
		{ LINEAR_BT, 0, 0, 1, 1.313262 },
		{ LINEAR_BT, 0, 1, -800, 800 },
		/* -log(0.2 + 0.6 sigmoid(1)) = -log 0.638635; never more than -log e */
		{ LINEAR_FORWARD, 0.2, 1, 1, 0.448422 },
		{ LINEAR_FORWARD, 0.2, 1, 0, 0.693147 },
		{ LINEAR_FORWARD, 0.2, 1, -800, 1.609438 },
		{ LINEAR_FORWARD, 0, 1, 1, 0.313262 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loss_terms t = loss_terms(cases[i].loss, cases[i].e, cases[i].p);

		NEAR(loss_value(t, cases[i].h), cases[i].value, 1e-6);
		NEAR(t.pos + t.neg, 1, 1e-12);
		/* The mirror image: the label exchanged and the margin negated. */
		NEAR(loss_value(loss_terms(cases[i].loss, cases[i].e, 1 - cases[i].p), -cases[i].h),
			cases[i].value, 1e-6);
	}
}

static void test_slopes(void **state)
{
	(void)state;
	for (int loss = LINEAR_BT; loss <= LINEAR_FORWARD; loss++) {
		for (double h = -6; h <= 6; h += 0.75) {
			struct loss_terms t = loss_terms((enum linear_loss)loss, 0.3, 0.9);
			double d = 1e-5,
			       slope = (loss_value(t, h + d) - loss_value(t, h - d)) / (2 * d);

			NEAR(loss_slope(t, h), slope, 1e-7);
		}
	}
}

/* The mean of rDPO's loss over labels flipped at rate e is the loss of clean labels. */
static void test_unbiased(void **state)
{
	(void)state;
	for (double e = 0; e < 0.5; e += 0.07)
		for (double h = -4; h <= 4; h += 0.5) {
			struct loss_terms t = loss_terms(LINEAR_RDPO, e, 1);

			NEAR((1 - e) * loss_value(t, h) + e * loss_value(t, -h), nls(h), 1e-9);
		}
}

/* ---- features ---- */

static void test_features(void **state)
{
	struct features f = { 0 }, g = { 0 };
	struct span texts[] = { S("The cat sat. The cat?"), S("caf\u00e9 \u4e2d\u6587 don't") };
	size_t two = 0, twice = 0;

	(void)state;
	features_of(&f, S("\n\nHuman: How can I list it?\n\nAssistant:"), texts, 2);
	for (int side = 0; side < 2; side++) {
		double sum = 0;

		for (size_t i = 0; i < f.n; i++)
			sum += gram_value(&f, &f.v[i], side) * gram_value(&f, &f.v[i], side);
		NEAR(sum, 49, 1e-6);
	}
	/* the cat sat the cat: 3 words; ^the the-cat cat-sat sat-the cat$ */
	assert_int_equal(f.distinct[0][GRAM_WORD], 3);
	assert_int_equal(f.distinct[0][GRAM_TWO_WORDS], 5);
	/* <the the> <cat cat> <sat sat> */
	assert_int_equal(f.distinct[0][GRAM_CHARS], 6);
	for (size_t i = 0; i < f.n; i++) {
		two += (f.v[i].key & 3) == GRAM_TWO_WORDS && f.v[i].count[0] > 0;
		twice += f.v[i].count[0] == 2;
	}
	assert_int_equal(two, 5);
	assert_int_equal(twice, 2 + 1 + 4);	/* the, cat; the-cat; their pieces */

	/* Order: a response alone, and the two exchanged, have the same features. */
	features_of(&g, S("\n\nHuman: How can I list it?\n\nAssistant:"),
		(const struct span[]){ texts[1], texts[0] }, 2);
	assert_memory_equal(f.dense[0], g.dense[1], sizeof f.dense[0]);
	assert_memory_equal(f.dense[1], g.dense[0], sizeof f.dense[0]);
	assert_int_equal(f.classes, g.classes);
	assert_int_equal(f.n, g.n);
	features_of(&g, S("\n\nHuman: How can I list it?\n\nAssistant:"), texts, 1);
	assert_memory_equal(f.dense[0], g.dense[0], sizeof f.dense[0]);
	assert_true(f.scale[0] == g.scale[0]);

	/* Nothing at all; a prompt that is absent; a text beyond the limit and a character across
	 * it. */
	features_of(&g, (struct span){ 0 }, (const struct span[]){ { 0 }, S("") }, 2);
	assert_int_equal(g.n, 0);
	assert_memory_equal(g.dense[0], g.dense[1], sizeof g.dense[0]);
	struct buf big = { 0 };
	for (int i = 0; i < 40000; i++)
		buf_adds(&big, "\u4e2d");
	features_of(&g, S(""), (const struct span[]){ buf_span(&big) }, 1);
	assert_int_equal(g.distinct[0][GRAM_WORD], 1);
	assert_int_equal(g.v[0].count[0] + g.v[1].count[0] + g.v[2].count[0], 2 * (65536 / 3));
	buf_free(&big);
	features_free(&f);
	features_free(&g);
}

/* ---- learning ---- */

/* Pairs whose better side says "good" and whose worse side says "bad", 7 times of 10 each, among
 * other words. */
static struct linear_data make_data(size_t n, uint64_t seed, double flipped)
{
	static const char *const words[] = { "river", "stone", "apple", "window", "garden", "paper",
		"winter", "signal" };
	struct linear_data d = { .bits = 12 };
	struct rng g = rng_for(seed, "pairs", 0);
	struct features f = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct buf t[2] = { { 0 }, { 0 } };
		uint32_t *grams;
		struct linear_row row;
		bool flip = rng_real(&g) < flipped;

		for (int side = 0; side < 2; side++) {
			for (uint64_t k = 3 + rng_below(&g, 6); k; k--)
				buf_addf(&t[side], "%s ", words[rng_below(&g, COUNT(words))]);
			if (rng_real(&g) < 0.7)
				buf_adds(&t[side], side == 0 ? "good" : "bad");
		}
		features_of(&f, S("Which?"),
			(const struct span[]){ buf_span(&t[flip]), buf_span(&t[!flip]) }, 2);
		grams = xmalloc((linear_pack_room(&f) + 1) * sizeof *grams);
		linear_pack(&f, d.bits, &row, grams);
		row.group = i;
		linear_add(&d, &row, grams);
		free(grams);
		buf_free(&t[0]);
		buf_free(&t[1]);
	}
	features_free(&f);
	linear_index(&d);
	return d;
}

static struct linear_model train(
	const struct linear_data *d, const struct linear_options *o, size_t n_held)
{
	uint32_t *rows = xmalloc(d->n * sizeof *rows);
	struct linear_task t = { .d = d,
		.train = rows,
		.n_train = d->n - n_held,
		.held = rows + d->n - n_held,
		.n_held = n_held };
	struct linear_model m;

	for (size_t i = 0; i < d->n; i++)
		rows[i] = (uint32_t)i;
	linear_train(&t, o, &m);
	free(rows);
	return m;
}

/* What linear_train() is to minimise. */
static double objective(
	const struct linear_model *m, const struct linear_data *d, const struct linear_options *o)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < d->n; i++)
		sum += loss_value(loss_terms(o->loss, o->e, d->rows[i].preference),
			linear_delta(m, d, &d->rows[i]) - d->rows[i].margin);
	for (int i = 0; i < LINEAR_DENSE; i++)
		squares += m->dense[i] * m->dense[i];
	for (int i = 0; i < LINEAR_CROSSED; i++)
		for (int k = 0; k < LINEAR_CLASSES; k++)
			squares += m->crossed[i][k] * m->crossed[i][k];
	for (size_t i = 0; i < (size_t)1 << m->bits; i++)
		squares += (double)m->grams[i] * m->grams[i];
	return sum + o->l2 / 2 * squares;
}

static const struct linear_options plain = {
	.seed = 1, .l2 = 10, .rate = 0.05, .epochs = 200, .patience = 200
};

/* At the end of learning the objective's slope by each weight, from finite differences, is nearly
 * nothing beside what it was at the start. */
static void test_optimum(void **state)
{
	struct linear_data d = make_data(400, 5, 0.1);

	(void)state;
	for (size_t i = 0; i < d.n; i++) {
		d.rows[i].margin = i % 5 == 0 ? 0.5f : 0;
		d.rows[i].preference = i % 7 == 0 ? 0.75f : 1;
	}
	for (int loss = LINEAR_BT; loss <= LINEAR_FORWARD; loss++) {
		struct linear_options o = plain;
		struct linear_model m, zero = { .bits = d.bits };
		double worst = 0, first = 0;

		o.loss = (enum linear_loss)loss;
		o.e = loss == LINEAR_BT ? 0 : 0.1;
		m = train(&d, &o, 0);
		zero.grams = xcalloc((size_t)1 << d.bits, sizeof *zero.grams);
		for (size_t i = 0; i < LINEAR_DENSE + 60; i++) {
			size_t gram =
				i < LINEAR_DENSE ? 0 : d.names[(i - LINEAR_DENSE) % d.n_names];
			struct linear_model *both[] = { &m, &zero };

			for (int k = 0; k < 2; k++) {
				float *w = i < LINEAR_DENSE ? &both[k]->dense[i]
							    : &both[k]->grams[gram],
				      was = *w;
				double up, down;

				*w = was + 0.01f;
				up = objective(both[k], &d, &o);
				*w = was - 0.01f;
				down = objective(both[k], &d, &o);
				*w = was;
				if (k == 0)
					worst = fmax(worst, fabs(up - down) / 0.02);
				else
					first = fmax(first, fabs(up - down) / 0.02);
			}
		}
		assert_true(first > 50);
		assert_true(worst < 0.02 * first);
		linear_model_free(&zero);
		linear_model_free(&m);
	}
	linear_data_free(&d);
}

static double agreement(const struct linear_model *m, const struct linear_data *d)
{
	double right = 0;

	for (size_t i = 0; i < d->n; i++) {
		double delta = linear_delta(m, d, &d->rows[i]);
		right += delta > 0 ? 1 : delta == 0 ? 0.5 : 0;
	}
	return right / (double)d->n;
}

static void test_learns(void **state)
{
	struct linear_data d = make_data(1500, 1, 0);
	struct linear_options o = plain;
	struct linear_model m, again;
	struct buf a = { 0 }, b = { 0 };

	(void)state;
	o.patience = 3;
	o.refit = true;
	m = train(&d, &o, 300);
	/* "good" or "bad" is there in 91 % of the pairs; of the rest half can be had by luck. */
	assert_true(m.held_accuracy > 0.9 && agreement(&m, &d) > 0.93);
	assert_true(m.held_loss < 0.35 && m.epochs >= 1 && m.held == 300 && m.pairs == 1500);
	again = train(&d, &o, 300);
	linear_put(&m, &a);
	linear_put(&again, &b);
	assert_true(span_eq(buf_span(&a), buf_span(&b)));
	linear_model_free(&again);
	o.seed = 2;
	again = train(&d, &o, 300);
	b.n = 0;
	linear_put(&again, &b);
	assert_false(span_eq(buf_span(&a), buf_span(&b)));
	linear_model_free(&again);
	linear_model_free(&m);
	buf_free(&a);
	buf_free(&b);
	linear_data_free(&d);
}

/* What was learned from difference vectors is what scores single responses: the same bits alone or on either
 * side, though the sides share words in another order. */
static void test_scores(void **state)
{
	struct linear_data d = make_data(300, 3, 0), one = { .bits = 12 };
	struct linear_model m = train(&d, &plain, 0);
	struct features f = { 0 };
	struct span texts[] = { S("river stone good apple window"), S("window apple bad stone paper river") };
	uint32_t grams[128];
	struct linear_row row;
	double score[2], alone[2], delta;

	(void)state;
	features_of(&f, S("Which?"), texts, 2);
	linear_score(&m, &f, score);
	assert_true(score[0] > score[1]);
	assert_true(linear_pack_room(&f) <= COUNT(grams));
	linear_pack(&f, 12, &row, grams);
	linear_add(&one, &row, grams);
	linear_add(&one, &row, grams);		/* a gram of one pair alone would be left out */
	linear_index(&one);
	delta = linear_delta(&m, &one, &one.rows[0]);
	NEAR(delta, score[0] - score[1], 0.01 * (fabs(score[0]) + fabs(score[1])));
	for (int side = 0; side < 2; side++) {
		features_of(&f, S("Which?"), &texts[side], 1);
		linear_score(&m, &f, alone);
		assert_true(alone[0] == score[side]);
	}
	features_of(&f, S("Which?"), (const struct span[]){ texts[1], texts[0] }, 2);
	linear_score(&m, &f, alone);
	assert_true(alone[0] == score[1] && alone[1] == score[0]);
	features_free(&f);
	linear_data_free(&one);
	linear_model_free(&m);
	linear_data_free(&d);
}

static void test_groups(void **state)
{
	struct linear_row a = { .group = 7 }, b = { .group = 7, .margin = 1 };
	unsigned parts[5] = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++)
		assert_int_equal(
			linear_side(&a, seed, "fold", 5), linear_side(&b, seed, "fold", 5));
	for (a.group = 0; a.group < 1000; a.group++)
		parts[linear_side(&a, 1, "fold", 5)]++;
	for (int i = 0; i < 5; i++)
		assert_true(parts[i] > 150 && parts[i] < 250);
}

/* ---- calibration ---- */

static void test_temperature(void **state)
{
	enum { N = 40000 };
	double *delta = xmalloc(N * sizeof *delta), t;
	float *p = xmalloc(N * sizeof *p);
	struct rng g = rng_for(1, "margins", 0);

	(void)state;
	/* Labels drawn from sigmoid(x), margins three times too large; then a fifth of the labels
	 * flipped. */
	for (double e = 0; e < 0.3; e += 0.2) {
		for (size_t i = 0; i < N; i++) {
			double x = 2 * rng_normal(&g);

			p[i] = (rng_real(&g) < sigmoid(x)) != (rng_real(&g) < e);
			delta[i] = 3 * x;
		}
		t = linear_temperature(delta, p, N, e);
		NEAR(t, 3, 0.15);
		assert_true(linear_flip_loss(delta, p, N, e, t) <
			    linear_flip_loss(delta, p, N, e, 1.3 * t));
		assert_true(linear_flip_loss(delta, p, N, e, t) <
			    linear_flip_loss(delta, p, N, e, t / 1.3));
	}
	/* A few pairs, all right, do not make the model sure of itself. */
	for (size_t i = 0; i < 5; i++) {
		delta[i] = 1;
		p[i] = 1;
	}
	t = linear_temperature(delta, p, 5, 0);
	assert_true(t > 0.8 && t < 1);
	NEAR(linear_temperature(delta, p, 0, 0), 1, 1e-9);
	free(delta);
	free(p);
}

/* ---- files ---- */

static void test_file(void **state)
{
	struct linear_data d = make_data(200, 4, 0);
	struct linear_model m = train(&d, &plain, 50), back;
	struct buf b = { 0 }, again = { 0 };

	(void)state;
	for (int full = 0; full < 2; full++) {
		for (size_t i = 0; full && i < (size_t)1 << m.bits; i++)
			m.grams[i] = (float)i + 1;
		b.n = again.n = 0;
		linear_put(&m, &b);
		assert_null(linear_get(&back, buf_span(&b)));
		assert_memory_equal(back.dense, m.dense, sizeof m.dense);
		assert_memory_equal(back.crossed, m.crossed, sizeof m.crossed);
		assert_memory_equal(back.grams, m.grams, sizeof *m.grams << m.bits);
		assert_true(back.seed == m.seed && back.pairs == m.pairs && back.held == m.held &&
			    back.epochs == m.epochs && back.temperature == m.temperature &&
			    back.held_accuracy == m.held_accuracy);
		linear_put(&back, &again);
		assert_true(span_eq(buf_span(&b), buf_span(&again)));
		linear_model_free(&back);
		/* Any byte changed, any length cut. */
		for (size_t i = 0; i < b.n; i += 1 + i / 40) {
			b.p[i] ^= 0x10;
			assert_non_null(linear_get(&back, buf_span(&b)));
			b.p[i] ^= 0x10;
			assert_non_null(linear_get(&back, span_cut(buf_span(&b), 0, i)));
		}
		buf_addc(&b, 0);
		assert_non_null(linear_get(&back, buf_span(&b)));
	}
	linear_model_free(&m);
	linear_data_free(&d);
	buf_free(&b);
	buf_free(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_slopes),
		cmocka_unit_test(test_unbiased),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_optimum),
		cmocka_unit_test(test_learns),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_temperature),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
