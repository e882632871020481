/* answer - the unit test of lib/answer.c */
#include "../../lib/answer.h"

#include <setjmp.h>

#include <cmocka.h>

static void finds_the_last(void **state)
{
	static const struct { const char *text, *answer; } t[] = {
		{ "She makes 9 * 2 = $<<9*2=18>>18 every day.\n#### 18", "18" },
		{ "so \\boxed{3} or rather \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}" },
		{ "#### 1,234\nmore text 5", "1,234" },
		{ "The answer is 18.", "18" },
		{ "The answer is **$1,000.50**.", "1,000.50" },
		{ "thus the answer is about 20 apples", "20" },
		{ "the answer is Paris", "Paris" },
		{ "#### 7 and the answer is 8", "7 and the answer is 8" },
		{ "We add 2 and 3.\nA: -5", "-5" },
		{ "It costs $3.50, not 10-4", "4" },
		{ "5 apples.", "5" }, { ".5 of it", ".5" }, { "1,23 is two numbers", "23" },
		{ "\\boxed{never closed 9", "9" },
		{ "none at all", NULL }, { "", NULL }, { "####", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		struct span s = answer_final(span_of(t[i].text));

		if ((s.p != NULL) != (t[i].answer != NULL) || (s.p && !span_eq(s, span_of(t[i].answer))))
			fail_msg("%s: %.*s", t[i].text, ARG(s));
	}
}

static void compares(void **state)
{
	static const struct { const char *a, *b; bool same; } t[] = {
		{ "1,000", "$1000.00", true }, { "18", "18.", true }, { "1/2", "\\frac{1}{2}", true }, { "0.5", "\\dfrac{1}{2}", true },
		{ "50%", "50", true }, { "paris", " Paris. ", true }, { "x + 1", "x+1", true }, { "0.333333333333", "1/3", true },
		{ "18", "18.5", false }, { "18", "-18", false }, { "18", "180", false }, { "nan", "nan", true }, { "nan", "0", false },
		{ "inf", "1e999", false }, { "Paris", "London", false }, { "1/0", "0", false }, { "", "0", false }, { "18 apples", "18", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		if (answer_same(span_of(t[i].a), span_of(t[i].b)) != t[i].same)
			fail_msg("%s and %s", t[i].a, t[i].b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(finds_the_last), cmocka_unit_test(compares) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
