/* pairing - laws that hold for the pairs of any values, and what is chosen of them */
#include "pairing.h"
#include "random.h"

#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

enum { MOST = 12 };

static struct pairing_pair *pairs;
static size_t n_pairs;

static enum pairing_why choose(struct pairing p, const struct pairing_item *items, size_t n, struct arena *a)
{
	return pairing_of(&p, items, n, &pairs, &n_pairs, a);
}

static void items_of(struct pairing_item *items, const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		items[i] = (struct pairing_item){ .value = values[i], .valued = !isnan(values[i]), .length = 1 };
}

/* "better>worse" of each pair, with letters for items; '=' for a tie. */
static const char *as_text(void)
{
	static char text[400];
	char *p = text;

	*p = '\0';
	for (size_t i = 0; i < n_pairs; i++)
		p += sprintf(p, "%s%c%c%c", i ? " " : "", (int)('a' + pairs[i].better), pairs[i].tie ? '=' : '>',
			(int)('a' + pairs[i].worse));
	return text;
}

static void test_worked(void **state)
{
	static const struct {
		struct pairing p;
		double v[6];
		const char *want;
		enum pairing_why why;
	} cases[] = {
		{ { .which = PAIRING_BEST_WORST, .max = 1 }, { 2, 1, 3, 1, 3, NAN }, "c>d", PAIRING_OK },
		{ { .which = PAIRING_BEST_WORST, .max = 0 }, { 2, 1, 3, 1, 3, NAN }, "c>d c>b e>d e>b", PAIRING_OK },
		/* PLUM: a and c pass; no response twice before all were used once */
		{ { .which = PAIRING_BEST_WORST, .max = 2 }, { 1, 0, 1, 0, 0, NAN }, "a>e c>d", PAIRING_OK },
		{ { .which = PAIRING_BEST_WORST, .max = 3 }, { 1, 0, 1, 0, 0, NAN }, "a>e a>b c>d", PAIRING_OK },
		{ { .which = PAIRING_BEST_NEXT, .max = 1 }, { 1, 3, 2, 3, 2, NAN }, "b>c", PAIRING_OK },
		{ { .which = PAIRING_BEST_NEXT, .max = 1, .min_gap = 1.5 }, { 1, 3, 2, 3, 2, NAN }, "b>a", PAIRING_OK },
		{ { .which = PAIRING_BEST_NEXT, .max = 1 }, { 1, 1, 1, NAN, NAN, NAN }, "", PAIRING_TIE },
		{ { .which = PAIRING_BEST_RANDOM, .max = 1 }, { 1, 1, 2, 2, NAN, NAN }, "c>b", PAIRING_OK },
		{ { .which = PAIRING_BEST_RANDOM, .max = 1, .rng = { .seed = 3 } }, { 1, 1, 2, 2, NAN, NAN }, "c>a", PAIRING_OK },
		{ { .which = PAIRING_BEST_RANDOM, .max = 1, .min_gap = 2 }, { 1, 1, 2, 2, NAN, NAN }, "", PAIRING_GAP },
		{ { .which = PAIRING_ALL }, { 1, 2, 2, NAN, NAN, NAN }, "b>a c>a", PAIRING_OK },
		{ { .which = PAIRING_ALL, .ties = true }, { 1, 2, 2, NAN, NAN, NAN }, "b=c b>a c>a", PAIRING_OK },
		/* Tree-PLV: shares 6/8, 5/8, 1/8 of rollouts and a margin of .25 */
		{ { .which = PAIRING_ALL, .min_gap = 0.25 }, { 0.75, 0.625, 0.125, NAN, NAN, NAN }, "a>c b>c", PAIRING_OK },
		{ { .which = PAIRING_ALL, .max = 2 }, { 4, 3, 2, 1, NAN, NAN }, "a>d b>c", PAIRING_OK },
		{ { .which = PAIRING_ADJACENT }, { 1, 4, 3, 3, NAN, NAN }, "b>c d>a", PAIRING_OK },
		{ { .which = PAIRING_ADJACENT, .min_gap = 1.5 }, { 1, 4, 3, 3, NAN, NAN }, "d>a", PAIRING_OK },
		{ { .which = PAIRING_BEST_WORST, .max = 1 }, { 1, 1, 1, NAN, NAN, NAN }, "", PAIRING_TIE },
		{ { .which = PAIRING_BEST_WORST, .max = 1, .ties = true }, { 1, 1, 1, NAN, NAN, NAN }, "a=c", PAIRING_OK },
		{ { .which = PAIRING_ALL, .min_gap = 3 }, { 1, 2, 1, NAN, NAN, NAN }, "", PAIRING_GAP },
		{ { .which = PAIRING_ALL }, { NAN, 2, NAN, NAN, NAN, NAN }, "", PAIRING_FEW },
	};
	struct pairing_item items[6];
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		items_of(items, cases[i].v, 6);
		assert_int_equal(choose(cases[i].p, items, 6, &a), cases[i].why);
		assert_string_equal(as_text(), cases[i].want);
		arena_reset(&a);
	}
	arena_free(&a);
}

/* All pairs of n distinct values are n(n-1)/2, each with the difference as its gap; none is a tie, whatever the
 * values; what is chosen of them is among them; the best and the worst are pairs if any two are. */
static void test_laws(void **state)
{
	struct rng g = { .seed = 7 };
	struct arena a = { 0 };

	(void)state;
	for (int round = 0; round < 3000; round++) {
		const size_t n = 2 + rng_below(&g, MOST - 1), max = rng_below(&g, 8);
		const bool distinct = rng_below(&g, 2);
		const double gap = (double)rng_below(&g, 3);
		struct pairing_item items[MOST];
		size_t decided = 0, all;
		bool seen[MOST][MOST] = { { false } };

		for (size_t i = 0; i < n; i++)
			items[i] = (struct pairing_item){ .valued = true, .length = (double)rng_below(&g, 100),
				.value = distinct ? (double)(i * 7 % 13) : (double)rng_below(&g, 4) };
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < i; j++)
				decided += items[i].value != items[j].value &&
					fabs(items[i].value - items[j].value) >= gap;
		choose((struct pairing){ .which = PAIRING_ALL, .min_gap = gap }, items, n, &a);
		all = n_pairs;
		assert_int_equal(all, decided);
		if (distinct && gap <= 1)
			assert_int_equal(all, n * (n - 1) / 2);
		for (size_t i = 0; i < n_pairs; i++) {
			const struct pairing_item *b = &items[pairs[i].better], *w = &items[pairs[i].worse];

			assert_true(b->value > w->value && pairs[i].gap == b->value - w->value && !pairs[i].tie);
			assert_false(seen[pairs[i].better][pairs[i].worse]);
			seen[pairs[i].better][pairs[i].worse] = true;
		}
		choose((struct pairing){ .which = PAIRING_ALL, .min_gap = gap, .max = max }, items, n, &a);
		assert_int_equal(n_pairs, max && max < all ? max : all);
		for (size_t i = 0; i < n_pairs; i++)
			assert_true(seen[pairs[i].better][pairs[i].worse]);
		if (choose((struct pairing){ .which = PAIRING_BEST_WORST, .min_gap = gap, .max = 1 }, items, n, &a) == PAIRING_OK) {
			for (size_t i = 0; i < n; i++) {
				assert_true(items[i].value <= items[pairs[0].better].value);
				assert_true(items[i].value >= items[pairs[0].worse].value);
			}
		} else {
			assert_int_equal(all, 0);
		}
		arena_reset(&a);
	}
	arena_free(&a);
}

/* The chosen one is the longer as often as not, if there is a choice; else nothing can be done. */
static void test_balance(void **state)
{
	struct rng g = { .seed = 9 };
	double sum[2] = { 0, 0 }, most[2] = { 0, 0 };
	struct arena a = { 0 };

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct pairing_item items[6];

		/* what is long is good, with noise */
		for (size_t i = 0; i < 6; i++) {
			items[i].length = (double)(20 + rng_below(&g, 400));
			items[i].value = items[i].length / 100 + 3 * rng_real(&g);
			items[i].valued = true;
		}
		for (int k = 0; k < 2; k++) {
			double before = sum[k];

			choose((struct pairing){ .which = PAIRING_ALL, .max = 1, .balance = k ? &sum[1] : NULL }, items, 6, &a);
			before += log1p(items[pairs[0].better].length) - log1p(items[pairs[0].worse].length);
			if (k)
				assert_float_equal(sum[k], before, 1e-9);
			sum[k] = before;
			most[k] = fmax(most[k], fabs(sum[k]));
		}
		arena_reset(&a);
	}
	assert_true(sum[0] > 500);
	assert_true(most[1] < 4);
	arena_free(&a);
}

/* Stone, scissors, paper: a beats b beats c beats a, and all beat d. */
static int stones(const void *self, size_t i, size_t j, double *gap)
{
	static const int beats[4][4] = { { 0, 1, -1, 1 }, { -1, 0, 1, 1 }, { 1, -1, 0, 1 }, { -1, -1, -1, 0 } };

	(void)self;
	*gap = 1;
	return beats[i][j];
}

/* A relation that is no ranking: every two are paired as it says, and the best is who wins most. */
static void test_relation(void **state)
{
	static const double values[] = { 0, 0, 0, 0 };
	struct pairing p = { .which = PAIRING_ALL, .compare = stones };
	struct pairing_item items[4];
	struct arena a = { 0 };

	(void)state;
	items_of(items, values, 4);
	pairing_values(&p, items, 4);
	assert_true(items[0].value == 1 && items[1].value == 1 && items[2].value == 1 && items[3].value == -3);
	choose(p, items, 4, &a);
	assert_string_equal(as_text(), "a>b c>a a>d b>c b>d c>d");
	p.which = PAIRING_BEST_WORST;
	p.max = 1;
	choose(p, items, 4, &a);
	assert_string_equal(as_text(), "a>d");
	items[3].valued = false;
	pairing_values(&p, items, 4);
	assert_int_equal(choose(p, items, 4, &a), PAIRING_TIE);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worked), cmocka_unit_test(test_laws), cmocka_unit_test(test_balance),
		cmocka_unit_test(test_relation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
