/* rationale - the unit test of lib/rationale.c */
#include "rationale.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct rationale_bounds bounds = { .least = 3, .most = 20, .copied = 6 };
static const struct pair pair = {
	.prompt = S("Why?"), .chosen = S("Because the sun is a star like many others."), .rejected = S("I do not know at all.")
};

static void reading(void **state)
{
	static const struct { const char *said, *text; double verdict; bool cut; } examples[] = {
		{ "It is right.\n\n[[A]]", "It is right.", 1, 0 }, { "It is right. [[B]].", "It is right.", 0, 0 },
		{ "Rationale: It is right.\n**Verdict:** [[A]]", "It is right.", 1, 0 }, { "It is right.\nFinal verdict: B\n", "It is right.", 0, 0 },
		{ "<think>[[B]] first</think>\nIt is right.\n[[A]]", "It is right.", 1, 0 }, { "<think>It is right. [[A]]", "", NAN, 0 },
		{ "{\"rationale\":\"It\\u0020is.\",\"verdict\":\"B\"}", "It is.", 0, 0 },
		{ "```json\n{\"rationale\": \"It is.\", \"verdict\": \"A\"}\n```", "It is.", 1, 0 }, { "{\"verdict\":\"A\"}", "", 1, 0 },
		{ "It is right. [[A]]", "It is right.", NAN, 1 }, { "It is right.\nA", "It is right.", NAN, 0 }, { "[[A]]", "", 1, 0 },
		{ "[[A]] It is so.\nMore words", "It is so.\nMore words", 1, 0 }, { "I say [[A]] of it.\nMore words", "I say [[A]] of it.\nMore words", 1, 0 }, { "", "", NAN, 0 }, { "It is.\n[[C]]", "It is.", .5, 0 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		struct span text;
		double x;

		rationale_read(span_of(examples[i].said), examples[i].cut, &a, &text, &x);
		if (!span_eq(text, span_of(examples[i].text)) || !(x == examples[i].verdict || (isnan(x) && isnan(examples[i].verdict))))
			fail_msg("%s: %.*s, %g", examples[i].said, ARG(text), x);
	}
	arena_free(&a);
}

static void checking(void **state)
{
	static const struct { const char *text; enum rationale_fault fault; } examples[] = {
		{ "The better response is right and says why.", RATIONALE_GOOD }, { " \n", RATIONALE_EMPTY }, { "Too short", RATIONALE_SHORT },
		{ "a b c d e f g h i j k l m n o p q r s t u", RATIONALE_LONG }, { "I think that Response A is right.", RATIONALE_ORDER },
		{ "The first response is right.", RATIONALE_ORDER }, { "It is better than B in all.", RATIONALE_ORDER },
		{ "The former says it well.", RATIONALE_ORDER }, { "In the latter half of it he errs.", RATIONALE_GOOD },
		{ "Output (a) is the one that is right.", RATIONALE_ORDER }, { "Of outputs [B] and this, it.", RATIONALE_ORDER },
		{ "It should output 1 for this input.", RATIONALE_GOOD }, { "In sentence (a) they are the police.", RATIONALE_GOOD }, { "Look: A's is better than that.", RATIONALE_ORDER },
		{ "The answer above is right.", RATIONALE_ORDER }, { "So I say [[A]] and mean it.", RATIONALE_ORDER },
		{ "What assistant 2 says is wrong.", RATIONALE_ORDER }, { "It holds <A-0bad> of the question.", RATIONALE_ORDER },
		{ "The second one is better here.", RATIONALE_ORDER }, { "It has the mark 00ff in it.", RATIONALE_MARK },
		{ "It says: Because the sun is a star like others.", RATIONALE_COPIES }, { "It says the sun is a star.", RATIONALE_GOOD },
		{ "A response like this answers the question first.", RATIONALE_GOOD }, { "Group B, it says, waited.", RATIONALE_GOOD },
		{ "The first sentence answers it, the second gives reasons.", RATIONALE_GOOD },
		{ "The answer a person wants is there.", RATIONALE_GOOD }, { "Its answer is one sentence, which is enough.", RATIONALE_GOOD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const enum rationale_fault f = rationale_check(span_of(examples[i].text), &pair, &bounds, S("00ff"));

		if (f != examples[i].fault)
			fail_msg("%s: %s", examples[i].text, f ? rationale_words[f] : "good");
	}
}

/* The same question for both orders of a pair but for the two names: what is shown first does not follow the label. */
static void asking(void **state)
{
	struct arena a = { 0 };
	size_t first = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct pair p = { .prompt = arena_printf(&a, "q%d", i), .chosen = S("yes yes"), .rejected = S("no no") };
		struct pair turned = { .prompt = p.prompt, .chosen = p.rejected, .rejected = p.chosen };
		const struct span q = rationale_question(&p, &a), t = rationale_question(&turned, &a);
		const bool before = span_find(q, p.chosen) < span_find(q, p.rejected);

		assert_true(span_find(q, S("The better response:\nyes yes\n")) < q.n);
		assert_true(span_find(t, S("The better response:\nno no\n")) < t.n);
		assert_int_equal(before, span_find(t, p.chosen) < span_find(t, p.rejected));
		first += before;
	}
	assert_in_range(first, 70, 130);
	arena_free(&a);
}

/* The first pair keeps a text; what was pushed out of its place by others is not known any more. */
static void having(void **state)
{
	struct rationale_had *h = rationale_had_new();
	const struct pair other = { .chosen = S("x"), .rejected = S("y") };
	size_t again = 0;

	(void)state;
	assert_false(rationale_was_had(h, S("It is right."), &pair));
	assert_false(rationale_was_had(h, S("It is right."), &pair));
	assert_true(rationale_was_had(h, S(" it  IS right."), &other));
	assert_false(rationale_was_had(h, S("It is right"), &other));
	assert_false(rationale_was_had(h, S("It is right."), &pair));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2000000; i++) {
			char text[16];
			const struct span s = { text, (size_t)snprintf(text, sizeof text, "text %d", i) };

			again += rationale_was_had(h, s, round ? &other : &pair);
		}
	}
	/* (Known are those that are alone in their place: 2,000,000 e^(-2,000,000 / 2^20) = 296,900.) */
	assert_in_range(again, 294000, 300000);
	rationale_had_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reading), cmocka_unit_test(checking), cmocka_unit_test(asking), cmocka_unit_test(having) };
	int failed;

	rationale_start();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rationale_stop();
	return failed;
}
