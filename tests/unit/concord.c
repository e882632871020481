/* concord - alpha and kappa against values worked out by hand */
#include "concord.h"

#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static void test_alpha(void **state)
{
	struct alpha a = { 0 };

	(void)state;
	assert_true(isnan(alpha_value(&a)));
	alpha_add(&a, (const double[]){ 1, 0, 0 });	/* one vote: nothing to compare */
	assert_true(isnan(alpha_value(&a)));
	alpha_add(&a, (const double[]){ 2, 0, 0 });
	alpha_add(&a, (const double[]){ 1, 1, 0 });
	alpha_add(&a, (const double[]){ 0, 0, 2 });
	/* n = 6, D_o = 2 / 6; with the mirror image n = 12, each value 4 times: D_e = 1 - 3 * 4 * 3 / (12 * 11). */
	NEAR(alpha_value(&a), 1 - (1. / 3) / (1 - 36. / 132));
	a = (struct alpha){ 0 };
	alpha_add(&a, (const double[]){ 0, 0, 3 });
	assert_true(isnan(alpha_value(&a)));
	alpha_add(&a, (const double[]){ 3, 0, 0 });
	NEAR(alpha_value(&a), 1);
	/* Three votes, two alike: 2 / (3 - 1) of 3 agree. */
	a = (struct alpha){ 0 };
	alpha_add(&a, (const double[]){ 2, 1, 0 });
	NEAR(alpha_value(&a), 1 - (2. / 3) / (1 - 2. * 3 * 2 / (6 * 5)));
}

static void test_alpha_does_not_see_the_order(void **state)
{
	struct alpha a = { 0 }, b = { 0 };

	(void)state;
	alpha_add(&a, (const double[]){ 3, 1, 1 });
	alpha_add(&a, (const double[]){ 2, 0, 1 });
	alpha_add(&b, (const double[]){ 1, 3, 1 });
	alpha_add(&b, (const double[]){ 2, 0, 1 });
	NEAR(alpha_value(&a), alpha_value(&b));
}

static void test_kappa(void **state)
{
	struct kappa k = { 0 };

	(void)state;
	assert_true(isnan(kappa_value(&k)));
	kappa_add(&k, 2, 2);
	assert_true(isnan(kappa_value(&k)));
	kappa_add(&k, 0, 0);
	kappa_add(&k, 0, 1);
	/* p_o = 2/3; with the mirror image both say each value with 1/3: p_e = 1/3. */
	NEAR(kappa_value(&k), 0.5);
	k = (struct kappa){ 0 };
	kappa_add(&k, 0, 1);
	kappa_add(&k, 1, 0);
	NEAR(kappa_value(&k), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alpha),
		cmocka_unit_test(test_alpha_does_not_see_the_order),
		cmocka_unit_test(test_kappa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
