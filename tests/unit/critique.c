/* critique - what is said of responses 1 and 2, told of the better and the other one */
#include "critique.h"

#include <setjmp.h>
#include <cmocka.h>

static void retelling(void **state)
{
	static const struct { const char *said; int better; const char *told; } examples[] = {
		{ "Response 1 is exact.", 1, "The better response is exact." },
		{ "Response 1 is exact.", 2, "The other response is exact." },
		{ "I like @Response 2 more than the assistant A's.", 2, "I like the better response more than the other response's." },
		{ "Output (a) is, output [B] is not; **Model_b** \"fails\".", 2,
		  "The other response is, the better response is not; **the better response** \"fails\"." },
		{ "Both outputs (a) and (b) are so. Responses 1 or 2.", 1, "Both the responses are so. The responses." },
		{ "The first answer is good, the second response is not.", 2, "The other response is good, the better response is not." },
		{ "Output (a) is better.\n\nOutput (a) is exact. Therefore, Output (a) is better.", 1, "The better response is exact." },
		{ "It is so, therefore Output (a) is better.", 1, "It is so, therefore the better response is better." },
		{ "Output (a) is better because it is exact.", 1, "The better response is better because it is exact." },
		{ "Overall, response B is the better one!\nIt is exact.", 2, "It is exact." },
		{ "Response A is better.", 1, "" },
		{ "In sentence (a) a response a day is an answer, 2 of them output 12.", 1,
		  "In sentence (a) a response a day is an answer, 2 of them output 12." },
		{ "", 1, "" }, { "Ein Wort \xc3\xa4 Response 1", 1, "Ein Wort \xc3\xa4 the better response" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const struct span told = critique_retold(span_of(examples[i].said), examples[i].better, &a);

		if (!span_eq(told, span_of(examples[i].told)))
			fail_msg("%s: %.*s", examples[i].said, ARG(told));
	}
	arena_free(&a);
}

static void contradicting(void **state)
{
	static const struct { const char *said; int better; bool against; } examples[] = {
		{ "Therefore, Output (a) is better.", 2, true }, { "Therefore, Output (a) is better.", 1, false },
		{ "Response 2 is much better because it is exact.", 1, true }, { "Response 2 was the best response", 1, true },
		{ "Response 2 is better. But then, overall response 1 is preferable.", 1, false },
		{ "Response 2 is better at rhymes, but wrong.", 1, false }, { "Nothing is said of it.", 1, false }, { "", 2, false },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++)
		if (critique_contradicts(span_of(examples[i].said), examples[i].better, &a) != examples[i].against)
			fail_msg("%s", examples[i].said);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(retelling), cmocka_unit_test(contradicting) };
	int failed;

	critique_start();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	critique_stop();
	return failed;
}
