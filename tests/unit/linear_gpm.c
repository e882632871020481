/* linear_gpm - a general preference model: worked values, symmetry, slopes, files */
#include "../../lib/linear_gpm.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NEAR(x, want, by) \
	do { \
		const double x_ = (x), want_ = (want); \
		if (!(fabs(x_ - want_) <= (by))) \
			fail_msg("%s is %.9g, not %.9g", #x, x_, want_); \
	} while (0)

/* Three unit vectors at 0, 120 and 240 degrees beat each other in a circle. */
static void a_circle(void **state)
{
	float v[3][2];

	(void)state;
	for (int i = 0; i < 3; i++) {
		v[i][0] = (float)cos(i * 2 * 3.14159265358979 / 3);
		v[i][1] = (float)sin(i * 2 * 3.14159265358979 / 3);
	}
	for (int i = 0; i < 3; i++) {
		NEAR(gpm_skew(v[i], v[(i + 1) % 3], 2), 0.866025, 1e-6);
		NEAR(sigmoid(gpm_skew(v[i], v[(i + 1) % 3], 2) / 0.1), 0.999827, 1e-6);
	}
}

static void skew_to_the_bit(void **state)
{
	struct rng g = rng_for(1, "gpm", 1);

	(void)state;
	for (int t = 0; t < 1000; t++) {
		float a[8], b[8];

		for (int k = 0; k < 8; k++) {
			a[k] = (float)rng_normal(&g);
			b[k] = (float)rng_normal(&g);
		}
		assert_true(gpm_skew(a, b, 8) == -gpm_skew(b, a, 8));
		assert_true(gpm_skew(a, a, 8) == 0);
	}
}

/* v = (r, 1) is Bradley and Terry's model. */
static void bradley_terry_is_a_special_case(void **state)
{
	(void)state;
	NEAR(gpm_skew((float[]){ 1.25f, 1 }, (float[]){ -0.5f, 1 }, 2), 1.75, 1e-7);
}

static void slopes_are_slopes(void **state)
{
	const struct loss_terms t = loss_terms(LINEAR_BT, 0, 0.8);
	float v[2][GPM_DIMS_MAX] = { { 0.3f, -0.7f, 1.1f, 0.2f }, { -0.4f, 0.9f, 0.5f, -1.3f } };
	float slope[2][GPM_DIMS_MAX];
	const float d = 1e-2f;

	(void)state;
	slopes(v, 4, (float)loss_slope(t, gpm_skew(v[0], v[1], 4)), slope);
	for (int side = 0; side < 2; side++) {
		for (int k = 0; k < 4; k++) {
			const float was = v[side][k];
			double up, down;

			v[side][k] = was + d;
			up = loss_value(t, gpm_skew(v[0], v[1], 4));
			v[side][k] = was - d;
			down = loss_value(t, gpm_skew(v[0], v[1], 4));
			v[side][k] = was;
			NEAR(slope[side][k], (up - down) / (2 * (double)d), 1e-4);
		}
	}
}

/* Rock, scissors, paper: learned, written, read; the file is what the model is. */
static void learned_and_read_back(void **state)
{
	static const char *const words[] = { "granite boulder", "paper sheet", "scissors blade" };
	const struct linear_options o = { .seed = 1, .l2 = 10, .rate = 0.05, .epochs = 20, .patience = 3 };
	struct gpm_data d = { .bits = 12 };
	struct features f = { 0 };
	struct gpm_model m, back;
	struct buf bytes = { 0 }, again = { 0 };
	uint32_t rows[300], *grams = xmalloc(4096 * sizeof *grams);

	(void)state;
	for (uint32_t i = 0; i < COUNT(rows); i++) {
		const struct span pair[2] = { span_of(words[(i + 1) % 3]), span_of(words[i % 3]) };
		struct gpm_row row;

		features_of(&f, S("?"), pair, 2);
		assert_true(gpm_pack_room(&f) <= 4096);
		gpm_pack(&f, d.bits, &row, grams);
		row.group = i;
		gpm_add(&d, &row, grams);
		rows[i] = i;
	}
	gpm_fit(&d, rows, COUNT(rows), 4, 0.2, &o, NULL, &m);
	assert_true(m.held >= 20);
	NEAR(m.held_accuracy, 1, 0);
	gpm_put(&m, &bytes);
	assert_null(gpm_get(&back, buf_span(&bytes)));
	gpm_put(&back, &again);
	assert_true(span_eq(buf_span(&bytes), buf_span(&again)));
	for (int i = 0; i < 3; i++) {
		double one, other;

		features_of(&f, S("?"), (struct span[]){ span_of(words[(i + 1) % 3]), span_of(words[i]) }, 2);
		one = gpm_margin(&back, &f);
		assert_true(one > 0);
		features_of(&f, S("?"), (struct span[]){ span_of(words[i]), span_of(words[(i + 1) % 3]) }, 2);
		other = gpm_margin(&back, &f);
		assert_true(other == -one);
	}
	gpm_model_free(&back);
	/* No byte of it may change. */
	for (size_t i = 0; i < bytes.n; i += bytes.n / 97 + 1) {
		bytes.p[i] ^= 4;
		assert_non_null(gpm_get(&back, buf_span(&bytes)));
		bytes.p[i] ^= 4;
		assert_non_null(gpm_get(&back, span_cut(buf_span(&bytes), 0, i)));
	}
	gpm_model_free(&m);
	gpm_data_free(&d);
	features_free(&f);
	buf_free(&bytes);
	buf_free(&again);
	free(grams);
}

/* Labels known to be flipped at a rate are no reason to doubt the margins. */
static void temperature_allows_for_flips(void **state)
{
	const struct linear_options o = { .seed = 1, .loss = LINEAR_FORWARD, .e = 0.25, .l2 = 10, .rate = 0.05,
		.epochs = 5, .patience = 5 };
	struct gpm_data d = { .bits = 12 };
	struct features f = { 0 };
	struct gpm_model m;
	double deltas[400];
	float labels[400];
	uint32_t rows[400], *grams = xmalloc(4096 * sizeof *grams);
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < COUNT(rows); i++) {
		const bool flip = i % 4 == 3;
		const struct span pair[2] = { flip ? S("blunt terse") : S("please gladly"),
			flip ? S("please gladly") : S("blunt terse") };
		struct gpm_row row;

		features_of(&f, S("?"), pair, 2);
		gpm_pack(&f, d.bits, &row, grams);
		row.group = i;
		gpm_add(&d, &row, grams);
		rows[i] = i;
	}
	gpm_fit(&d, rows, COUNT(rows), 2, 0.2, &o, NULL, &m);
	for (size_t i = 0; i < d.n; i++) {
		const struct linear_row of = { .group = d.rows[i].group };

		if (linear_side(&of, o.seed, "hold", PARTS) >= 2000)
			continue;
		deltas[n] = gpm_delta(&m, &d, &d.rows[i]) * m.temperature;
		labels[n++] = 1;
	}
	assert_int_equal(n, m.held);
	NEAR(m.temperature, linear_temperature(deltas, labels, n, 0.25), 1e-3);
	NEAR(m.held_loss, linear_flip_loss(deltas, labels, n, 0.25, m.temperature), 1e-6);
	assert_true(linear_temperature(deltas, labels, n, 0) > 1.1 * m.temperature);
	gpm_model_free(&m);
	gpm_data_free(&d);
	features_free(&f);
	free(grams);
}

int main(void)
{
	const struct CMUnitTest gpm[] = {
		cmocka_unit_test(a_circle),
		cmocka_unit_test(skew_to_the_bit),
		cmocka_unit_test(bradley_terry_is_a_special_case),
		cmocka_unit_test(slopes_are_slopes),
		cmocka_unit_test(learned_and_read_back),
		cmocka_unit_test(temperature_allows_for_flips),
	};

	return cmocka_run_group_tests(gpm, NULL, NULL);
}
