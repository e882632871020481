/* voting - records gathered by pair: orders, what is not text, items */
#include "voting.h"

#include <setjmp.h>
#include <cmocka.h>

struct bench {
	struct voting voting;
	struct arena arena;
	struct scan_index scratch;
};

/* Add a record; false: it is bad. */
static bool add(struct bench *b, const char *json, const char *items)
{
	struct rec r = { .at = { "test", 1 } };
	struct voting_paper *paper;

	assert_true(rec_open(&r, span_of(json), &b->arena, &b->scratch));
	paper = voting_read(&r, items);
	assert_int_equal(paper != NULL, !r.bad);
	if (paper)
		assert_true(voting_add(&b->voting, paper));
	arena_reset(&b->arena);
	return paper;
}

static void done(struct bench *b)
{
	voting_free(&b->voting);
	arena_free(&b->arena);
	scan_index_free(&b->scratch);
}

static void test_pairs(void **state)
{
	static const struct { const char *json; uint32_t pair; } records[] = {
		{ "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"annotator\":\"x\",\"chosen_position\":1}", 0 },
		{ "{\"prompt\":\"p\",\"chosen\":\"b\",\"rejected\":\"\\u0061\",\"annotator\":\"y\",\"chosen_position\":1}", 0 },
		{ "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"annotator\":\"x\"}", 1 },
		{ "{\"chosen\":\"a\",\"rejected\":\"b\"}", VOTING_NONE },
		{ "{\"prompt\":\"p\",\"chosen\":[{\"role\":\"assistant\",\"content\":\"a\"}],\"rejected\":\"b\",\"annotator\":\"z\"}", 0 },
		{ "{\"prompt\":\"p\",\"chosen\":[{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[1]}],\"rejected\":\"b\","
			"\"annotator\":\"z\"}", 2 },
	};
	struct bench b = { 0 };
	const struct voting *p = &b.voting;

	(void)state;
	for (size_t i = 0; i < COUNT(records); i++) {
		assert_true(add(&b, records[i].json, NULL));
		assert_int_equal(p->links[i].pair, records[i].pair);
	}
	assert_int_equal(p->n_links, COUNT(records));
	assert_int_equal(p->without, 1);
	assert_int_equal(p->crowd.n_by, 3);
	assert_int_equal(p->firsts[1], 2);
	/* x and y contradict each other, and each saw what he prefers first. */
	assert_true(p->links[0].turned != p->links[1].turned);
	assert_true(p->links[0].turned == p->links[4].turned);
	assert_true(p->crowd.v[0].side != p->crowd.v[1].side);
	assert_true(p->crowd.v[0].shown != p->crowd.v[1].shown);
	assert_null(p->ends);
	done(&b);
}

static void test_items(void **state)
{
	struct bench b = { .voting = { .matches = true } };
	const struct voting *p = &b.voting;
	uint32_t a, c;

	(void)state;
	assert_true(add(&b, "{\"prompt\":\"p\",\"chosen\":\"1\",\"rejected\":\"2\",\"annotator\":\"x\","
		"\"chosen_m\":\"a\",\"rejected_m\":\"b\"}", "m"));
	assert_true(add(&b, "{\"prompt\":\"q\",\"chosen\":\"1\",\"rejected\":\"3\",\"annotator\":\"x\","
		"\"chosen_m\":\"c\",\"rejected_m\":\"a\"}", "m"));
	assert_false(add(&b, "{\"prompt\":\"q\",\"chosen\":\"1\",\"rejected\":\"3\",\"annotator\":\"x\","
		"\"chosen_m\":\"c\",\"rejected_m\":1}", "m"));
	/* Without votes nobody asks for items. */
	assert_true(add(&b, "{\"prompt\":\"q\",\"chosen\":\"1\",\"rejected\":\"3\"}", "m"));
	assert_int_equal(p->n_items, 3);
	a = p->ends[0][p->links[0].turned];
	c = p->ends[1][!p->links[1].turned];
	assert_int_equal(a, c);
	voting_free(&b.voting);
	b.voting.matches = true;
	/* Without a name an item is a response to a prompt. */
	assert_true(add(&b, "{\"prompt\":\"p\",\"chosen\":\"1\",\"rejected\":\"2\",\"annotator\":\"x\"}", NULL));
	assert_true(add(&b, "{\"prompt\":\"p\",\"chosen\":\"2\",\"rejected\":\"3\",\"annotator\":\"x\"}", NULL));
	assert_true(add(&b, "{\"prompt\":\"q\",\"chosen\":\"2\",\"rejected\":\"3\",\"annotator\":\"x\"}", NULL));
	assert_int_equal(p->n_items, 5);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
