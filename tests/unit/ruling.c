/* ruling - the unit test of lib/ruling.c: how judges put it, and what broke other readers of theirs */
#include "ruling.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

struct example {
	const char *text;
	bool cut;
	double value;			/* NaN: no verdict */
};

static void check(const struct example *e, size_t n, enum ruling_form form)
{
	for (size_t i = 0; i < n; i++) {
		double x = NAN;

		if (!ruling_read(span_of(e[i].text), e[i].cut, form, &x))
			x = NAN;
		if (!(x == e[i].value || (isnan(x) && isnan(e[i].value))))
			fail_msg("%s: %g, not %g", e[i].text, x, e[i].value);
	}
}

static void of_two(void **state)
{
	static const struct example examples[] = {
		{ "Both are fine. [[A]]", 0, 1 }, { "[[B]]", 0, 0 }, { "[[C]]", 0, 0.5 }, { "[[tie]]", 0, 0.5 },
		{ "[[A>>B]]", 0, 1 }, { "My final verdict is: [[B>A]]", 0, 0 }, { "[[A=B]]", 0, 0.5 }, { "[[ b ]]", 0, 0 },
		/* Both markers are quoted: the last one is meant (FastChat and RewardBench take A). */
		{ "I may say [[A]] or [[B]]. I say [[B]]", 0, 0 },
		{ "[[B]] was my first thought, but [[A]].", 0, 1 },
		{ "[[A]] [[D]]", 0, 1 },
		{ "{\"rationale\":\"B is short\",\"verdict\":\"A\"}", 0, 1 },
		{ "```json\n{\n  \"verdict\" : \"B\"\n}\n```\n", 0, 0 },
		{ "{'winner': 'tie'}", 0, 0.5 },
		{ "{\"verdict\": \"A\", \"rationale\": \"it goes on and", 1, 1 },
		{ "{\"rationale\": \"it goes on and", 1, NAN },
		{ "{\"verdict\": \"A", 1, NAN },
		{ "{\"rationale\":\"he wrote \\\"verdict\\\":\\\"A\\\" himself\",\"verdict\":\"B\"}", 0, 0 },
		{ "{\"rationale\":\"he wrote \\\"verdict\\\":\\\"A\\\" himself", 1, NAN },
		{ "{\"verdict\":\"B\"} so it is [[A]]", 0, 1 },
		{ "If it were better I would say [[A]], but then", 1, NAN },
		{ "Feedback: good. [RESULT] A", 0, NAN }, { "Feedback: good.\n[RESULT] A", 0, 1 },
		{ "**Result:** B", 0, 0 }, { "## Final verdict: Response A.", 0, 1 }, { "Preferred: B\n", 0, 0 },
		{ "Verdict: A is better in some ways", 0, NAN },
		{ "A", 0, 1 }, { " B.\n", 0, 0 }, { "\"Tie\"", 0, 0.5 }, { "C", 0, NAN }, { "A", 1, NAN },
		{ "A good answer", 0, NAN }, { "Response A", 0, 1 }, { "", 0, NAN }, { "I cannot tell.", 0, NAN },
		{ "[[A]", 0, NAN }, { "[[", 0, NAN }, { "]][[", 0, NAN },
		{ "<think>[[A]] or so</think>[[B]]", 0, 0 }, { "<think>[[A]] or so", 0, NAN },
		{ "<think>[[A]]</think> Hmm.", 0, NAN }, { "[[7]]", 0, NAN },
		{ "model_a", 0, 1 }, { "{\"better\": \"model_b\"}", 0, 0 },
	};
	(void)state;

	check(examples, COUNT(examples), RULING_PAIR);
}

static void of_ratings(void **state)
{
	static const struct example examples[] = {
		{ "Rating: [[7]]", 0, 7 }, { "[[7.5]]", 0, 7.5 }, { "Rating: 5", 0, 5 }, { "**Rating:** 7/10", 0, 7 },
		{ "Score: 8 out of 10", 0, 8 }, { "{\"rating\": 4, \"why\": \"x\"}", 0, 4 }, { "{\"score\":\"3\"}", 0, 3 },
		{ "{\"rating\": 1", 1, NAN }, { "{\"rating\": 10,", 1, 10 }, { "Text.\n[RESULT] 4", 0, 4 }, { "4", 0, 4 },
		{ "Rating: N/A", 0, NAN }, { "Rating: 5\n\nRationale: it has\n\ntwo blank lines, 3 of them", 0, 5 },
		{ "10 things are wrong with it", 0, NAN }, { "[[A]]", 0, NAN }, { "-1", 0, -1 }, { "1.2.3", 0, NAN },
		{ "[[5 stars]]", 0, 5 }, { "[[0x10]]", 0, NAN }, { "[[nan]]", 0, NAN }, { "[[1e400]]", 0, NAN },
	};
	(void)state;

	check(examples, COUNT(examples), RULING_RATING);
}

static void of_rules(void **state)
{
	static const struct example examples[] = {
		{ "[[Yes]]", 0, 1 }, { "[[No]]", 0, 0 }, { "yes", 0, 1 }, { "No.", 0, 0 }, { "Answer: yes", 0, 1 },
		{ "{\"answer\": true}", 0, 1 }, { "{\"answer\": false}", 0, 0 }, { "I would not say [[Yes]], but [[No]]", 0, 0 },
		{ "incorrect", 0, NAN }, { "Yes, but", 0, NAN }, { "not", 0, NAN },
	};
	(void)state;

	check(examples, COUNT(examples), RULING_YES_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two), cmocka_unit_test(of_ratings), cmocka_unit_test(of_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
