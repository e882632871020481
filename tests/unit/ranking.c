/* ranking - worked values of the paper, and counts that add up */
#include "ranking.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NEAR(x, want, by) \
	do { \
		const double x_ = (x), want_ = (want); \
		if (!(fabs(x_ - want_) <= (by))) \
			fail_msg("%s is %.9g, not %.9g", #x, x_, want_); \
	} while (0)

static void one_pair(void **state)
{
	const double reference[2] = { -21, -20 };

	(void)state;
	NEAR(ranking_difficulty(reference), 1, 0);
	assert_true(ranking_ideal(1, 0.75, 1));		/* e^-1 * 3 = 1.103638 */
	assert_false(ranking_ideal(1, 0.75, 5));	/* e^-1 * 3^0.2 = 0.458279 */
	assert_true(ranking_ideal(6.9, 1, 1));		/* log(0.999 / 0.001) = 6.906755 */
	assert_false(ranking_ideal(7, 1, 1));
	assert_false(ranking_ideal(-6.9, 0, 1));
	NEAR(ranking_loss_needed(1, 1), 0.313262, 1e-6);
	NEAR(ranking_loss_needed(1, 0.1), 0.644397, 1e-6);
}

static void counts(void **state)
{
	static const double reference[][2] = { { -1, -2 }, { -2, -1 }, { -2, -1 }, { -3, -3.005 }, { -1, -9 } };
	static const double policy[][2] = { { -1, -3 }, { -1, -2 }, { -5, -1 }, { -1, -2 }, { -9, -1 } };
	struct ranking k = { .beta = 1 };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(reference); i++)
		ranking_add(&k, reference[i], policy[i], 0.75);
	ranking_close(&k);
	assert_int_equal(k.n, 5);
	NEAR(tally_accuracy(&k.reference), 2.5 / 5, 1e-12);
	NEAR(tally_accuracy(&k.policy), 3. / 5, 1e-12);
	assert_int_equal(k.ideal, 5);		/* c is at most 1, log 3 is more */
	assert_int_equal(k.moved[1][1], 1);
	assert_int_equal(k.moved[1][0], 1);
	assert_int_equal(k.moved[0][1], 1);
	assert_int_equal(k.moved[0][0], 1);
	NEAR(k.difficulty[0], -8, 0);
	NEAR(k.difficulty[4], 1, 0);
	ranking_json(&k, &b);
	assert_true(span_find(buf_span(&b), S("\"flipped\":0.5,")) != (size_t)-1);
	buf_free(&b);
	ranking_free(&k);
}

int main(void)
{
	const struct CMUnitTest ranking[] = { cmocka_unit_test(one_pair), cmocka_unit_test(counts) };

	return cmocka_run_group_tests(ranking, NULL, NULL);
}
