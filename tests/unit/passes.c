/* passes - the unit test of lib/passes.c */
#include "../../lib/passes.h"

#include <math.h>
#include <setjmp.h>

#include <cmocka.h>

static void near(double got, double want)
{
	if (!(fabs(got - want) < 1e-12))
		fail_msg("%.15g, not %.15g", got, want);
}

/* 1 - C(n - c, k) / C(n, k) by hand. */
static void estimates(void **state)
{
	struct passes t = { 0 };
	size_t prompts;

	(void)state;
	assert_true(isnan(passes_at(&t, 1, &prompts)));
	passes_add(&t, 5, 2);
	near(passes_at(&t, 1, &prompts), 0.4);
	near(passes_at(&t, 2, &prompts), 1 - 3.0 / 10);
	near(passes_at(&t, 4, &prompts), 1);
	near(passes_at(&t, 5, &prompts), 1);
	passes_add(&t, 3, 0);
	near(passes_at(&t, 1, &prompts), 0.2);
	assert_int_equal(prompts, 2);
	near(passes_at(&t, 5, &prompts), 1);
	assert_int_equal(prompts, 1);
	assert_true(isnan(passes_at(&t, 6, &prompts)));
	assert_int_equal(prompts, 0);
	passes_free(&t);
	/* C(90, 10) / C(100, 10) = 0.330476... */
	passes_add(&t, 100, 10);
	near(passes_at(&t, 10, &prompts), 0.6695237889132748);
	passes_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(estimates) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
