/* logprobs: the forms they come in, and what is none */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "logprobs.h"

static const struct {
	const char *json;
	double sum;
	size_t tokens;
	const char *why;
} cases[] = {
	{ "-20.5", -20.5, 0, NULL },
	{ "0", 0, 0, NULL },
	{ "[-0.5,-1e1, 0]", -10.5, 3, NULL },
	{ "{\"content\":[{\"token\":\"a\",\"logprob\":-1,\"top_logprobs\":[]},{\"token\":\"b\",\"logprob\":-2}]}", -3, 2, NULL },
	{ "{\"tokens\":[\"a\"],\"token_logprobs\":[-0.25],\"top_logprobs\":null}", -0.25, 1, NULL },
	{ "{\"index\":0,\"logprobs\":{\"content\":[{\"logprob\":-4}]},\"finish_reason\":\"stop\"}", -4, 1, NULL },
	{ "{\"choices\":[{\"text\":\"x\",\"logprobs\":{\"token_logprobs\":[-1,-1]}},{}],\"usage\":{}}", -2, 2, NULL },
	{ "1", 0, 0, "a log-prob is above 0" },
	{ "[-1,2]", 0, 0, "a log-prob is above 0" },
	{ "[null,-2]", 0, 0, "a token has no log-prob" },
	{ "[-2,\"x\"]", 0, 0, "a token has no log-prob" },
	{ "[]", 0, 0, "there are no tokens" },
	{ "{\"content\":[]}", 0, 0, "there are no tokens" },
	{ "{\"content\":[{\"token\":\"a\"}]}", 0, 0, "a token has no log-prob" },
	{ "{\"logprobs\":null}", 0, 0, "is no log-prob, no array of them and no reply that holds them" },
	{ "{}", 0, 0, "is no log-prob, no array of them and no reply that holds them" },
	{ "\"-1\"", 0, 0, "is no log-prob, no array of them and no reply that holds them" },
	{ "null", 0, 0, "is no log-prob, no array of them and no reply that holds them" },
	{ "{\"choices\":[]}", 0, 0, "is no log-prob, no array of them and no reply that holds them" },
	{ "{\"logprobs\":{\"logprobs\":{\"logprobs\":{\"logprobs\":[-1]}}}}", 0, 0,
	  "is no log-prob, no array of them and no reply that holds them" },
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scan_error e;
		struct logprobs l;
		struct value v;
		const char *why;

		assert_true(scan(span_of(cases[i].json), 0, NULL, &v, &e));
		why = logprobs_read(v, &l);
		if (cases[i].why)
			assert_string_equal(why, cases[i].why);
		else
			assert_null(why);
		if (!why) {
			assert_true(fabs(l.sum - cases[i].sum) < 1e-12);
			assert_int_equal(l.tokens, cases[i].tokens);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
