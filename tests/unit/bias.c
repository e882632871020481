/* bias - whose response is one's own, and what votes in both orders say */
#include "bias.h"

#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

static void test_own(void **state)
{
	(void)state;
	assert_true(bias_is_own(S("gpt-4"), S("GPT-4")));
	assert_true(bias_is_own(S("GPT-4/CoT"), S("gpt-4")));
	assert_true(bias_is_own(S("meta/llama (in scores)"), S("meta/llama")));
	assert_false(bias_is_own(S("gpt-4o"), S("gpt-4")));
	assert_false(bias_is_own(S("gpt"), S("gpt-4")));
	assert_false(bias_is_own(S("/x"), S("")));
}

/* Shown first chosen, then rejected: the first place twice; chosen twice; a tie, then the second place. */
static void test_orders(void **state)
{
	struct bias b = { 0 };

	(void)state;
	bias_orders(&b, S("x"), 0, 1);
	bias_orders(&b, S("x"), 0, 0);
	bias_orders(&b, S("x"), 2, 0);
	assert_int_equal(b.n, 1);
	assert_int_equal(bias_both(&b.v[0]), 3);
	assert_true(fabs(bias_first(&b.v[0]) - 3.5 / 6) < 1e-12);
	assert_true(fabs(bias_same(&b.v[0]) - 1.0 / 3) < 1e-12);
	bias_free(&b);
}

/* The label takes the longer response, 2 characters, once of twice; of equal lengths nothing is told. */
static void test_longer(void **state)
{
	struct bias_pair p = { .chars = { 1, 2 } };
	struct bias b = { 0 };

	(void)state;
	bias_say(&b, S("x"), &p, -0.5);
	p.chars[0] = 2;
	bias_say(&b, S("x"), &p, 1);
	p.chars[0] = 3;
	bias_say(&b, S("x"), &p, 0);
	assert_int_equal(tally_count(&b.v[0].longer), 2);
	assert_true(tally_accuracy(&b.v[0].longer) == 0.75);
	assert_true(tally_accuracy(&b.v[0].label_longer) == 0.5);
	assert_true(isnan(bias_first(&b.v[0])) && isnan(tally_accuracy(&b.v[0].own)));
	bias_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
