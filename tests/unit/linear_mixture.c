/* linear_mixture - several reward models and a gate: worked values, slopes, files */
#include "../../lib/linear_mixture.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NEAR(x, want, by) \
	do { \
		const double x_ = (x), want_ = (want); \
		if (!(fabs(x_ - want_) <= (by))) \
			fail_msg("%s is %.9g, not %.9g", #x, x_, want_); \
	} while (0)

static void two_models(void **state)
{
	const double a[] = { 0.6, 0.4 }, delta[] = { 1, -2 }, far[] = { -800, -900 };
	double q[2];

	(void)state;
	NEAR(nls(mixture_logit(a, delta, 2, q)), 0.720896, 1e-6);	/* -log 0.486316 */
	NEAR(q[0], 0.901954, 1e-6);
	NEAR(q[1], 0.098046, 1e-6);
	NEAR(mixture_logit(a, far, 2, q), -800 + log(0.6), 1e-9);
	NEAR(q[0], 1, 1e-12);
}

/* Slopes by margins and by the gate's logits, against differences; soft labels too. */
static void slopes_are_slopes(void **state)
{
	static const double labels[] = { 1, 0, 0.7 };
	const struct mixed l = { .k = 3 };
	double logit[3] = { 0.3, -0.2, 0.5 }, delta[3] = { 0.4, -1.1, 0.2 };

	(void)state;
	for (size_t t = 0; t < COUNT(labels); t++) {
		double loss[2][6], slope[3] = { 0 }, gate[3] = { 0 };

		for (int at = -1; at < 6; at++) {
			for (int up = 0; up < 2; up++) {
				double x[6], a[3], sum = 0, by[3] = { 0 }, none[3] = { 0 };
				double *const to = at < 0 ? slope : by, *const also = at < 0 ? gate : none;

				for (int i = 0; i < 3; i++) {
					x[i] = delta[i];
					x[3 + i] = logit[i];
				}
				if (at >= 0)
					x[at] += up ? 1e-5 : -1e-5;
				for (int i = 0; i < 3; i++)
					sum += a[i] = exp(x[3 + i]);
				for (int i = 0; i < 3; i++)
					a[i] /= sum;
				sum = 0;
				if (at < 0 && up)
					continue;
				sum += add_label(&l, a, x, 1, labels[t], to, also);
				sum += add_label(&l, a, x, -1, 1 - labels[t], to, also);
				if (at >= 0)
					loss[up][at] = sum;
			}
		}
		for (int i = 0; i < 3; i++) {
			NEAR(slope[i], (loss[1][i] - loss[0][i]) / 2e-5, 1e-8);
			NEAR(gate[i], (loss[1][3 + i] - loss[0][3 + i]) / 2e-5, 1e-8);
		}
	}
}

/* Two kinds of asker who want opposite things: learned, written, read. */
static void learned_and_read_back(void **state)
{
	static const char *const askers[] = { "a nurse asks", "a pilot asks" }, *const words[] = { "please gladly", "blunt terse" };
	const struct linear_options o = { .seed = 1, .l2 = 10, .rate = 0.05, .epochs = 30, .patience = 5 };
	struct mixture_data d = { .pairs.bits = 12 };
	struct features f = { 0 };
	struct mixture_model m, back;
	struct buf bytes = { 0 }, again = { 0 };
	uint32_t rows[400], *grams = xmalloc(4096 * sizeof *grams);
	uint16_t gate[64];

	(void)state;
	for (uint32_t i = 0; i < COUNT(rows); i++) {
		struct linear_row row;

		features_of(&f, span_of(askers[i % 2]), (struct span[]){ span_of(words[i % 2]), span_of(words[1 - i % 2]) }, 2);
		linear_pack(&f, 12, &row, grams);
		row.group = i;
		assert_true(mixture_words_room(&f) <= COUNT(gate));
		mixture_add(&d, &row, grams, gate, mixture_words(&f, gate));
		rows[i] = i;
	}
	linear_index(&d.pairs);
	mixture_fit(&d, rows, COUNT(rows), 2, 0.2, &o, NULL, &m);
	NEAR(m.held_accuracy, 1, 0);
	for (int h = 0; h < 2; h++) {
		double sum = 0;
		size_t n = 0;

		for (size_t i = 0; i < COUNT(rows); i++) {
			double a[2];

			if (linear_side(&d.pairs.rows[i], o.seed, "hold", PARTS) < 2000)
				continue;
			mixture_gate(&m, d.pairs.rows[i].classes, d.words + d.rows[i].at, d.rows[i].n, a);
			sum += a[h];
			n++;
		}
		NEAR(m.usage[h], sum / (double)n, 1e-9);
	}
	mixture_put(&m, &bytes);
	assert_null(mixture_get(&back, buf_span(&bytes)));
	mixture_put(&back, &again);
	assert_true(span_eq(buf_span(&bytes), buf_span(&again)));
	for (int who = 0; who < 2; who++) {
		double reward[2], one;

		features_of(&f, span_of(askers[who]), (struct span[]){ span_of(words[who]), span_of(words[1 - who]) }, 2);
		one = mixture_margin(&back, &f, reward);
		assert_true(one > 0 && reward[0] > reward[1]);
		features_of(&f, span_of(askers[who]), (struct span[]){ span_of(words[1 - who]), span_of(words[who]) }, 2);
		NEAR(mixture_margin(&back, &f, reward), -one, 1e-9);
	}
	mixture_model_free(&back);
	for (size_t i = 0; i < bytes.n; i += bytes.n / 97 + 1) {
		bytes.p[i] ^= 4;
		assert_non_null(mixture_get(&back, buf_span(&bytes)));
		bytes.p[i] ^= 4;
		assert_non_null(mixture_get(&back, span_cut(buf_span(&bytes), 0, i)));
	}
	mixture_model_free(&m);
	mixture_data_free(&d);
	features_free(&f);
	buf_free(&bytes);
	buf_free(&again);
	free(grams);
}

int main(void)
{
	const struct CMUnitTest mixture[] = {
		cmocka_unit_test(two_models),
		cmocka_unit_test(slopes_are_slopes),
		cmocka_unit_test(learned_and_read_back),
	};

	return cmocka_run_group_tests(mixture, NULL, NULL);
}
