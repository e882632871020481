/* ballot - votes read from records and written again; turn - records turned round */
#include "ballot.h"
#include "turn.h"

#include <setjmp.h>
#include <cmocka.h>

struct bench {
	struct rec r;
	struct arena arena;
	struct scan_index scratch;
	struct buf out;
};

static void lay(struct bench *b, const char *json)
{
	b->r = (struct rec){ .at = { "test", 1 } };
	b->out.n = 0;
	assert_true(rec_open(&b->r, span_of(json), &b->arena, &b->scratch));
}

static void done(struct bench *b)
{
	arena_free(&b->arena);
	scan_index_free(&b->scratch);
	buf_free(&b->out);
}

/* The votes of a record, written as a member "votes"; NULL: it is a bad one. */
static void test_read(void **state)
{
	static const struct { const char *record, *votes; size_t abstained; } cases[] = {
		{ "{}", "{}", 0 },
		{ "{\"votes\":null}", "{}", 0 },
		{ "{\"votes\":{}}", "{}", 0 },
		{ "{\"votes\":{\"a\":\"A\",\"b\":\"B\",\"c\":\"tie\"}}", "{\"a\":\"A\",\"b\":\"B\",\"c\":\"tie\"}", 0 },
		{ "{\"votes\":{\"a\":null,\"b\":\"invalid\",\"c\":\"refused\",\"d\":\"error\"}}", "{}", 4 },
		{ "{\"votes\":{\"a\":[\"A\",\"B\"],\"b\":[null,\"tie\"]}}", "{\"a\":[\"A\",\"B\"],\"b\":[null,\"tie\"]}", 1 },
		{ "{\"votes\":{\"a\":\"A\"},\"chosen_position\":1}", "{\"a\":[\"A\",null]}", 0 },
		{ "{\"votes\":{\"a\":\"A\"},\"chosen_position\":2}", "{\"a\":[null,\"A\"]}", 0 },
		{ "{\"votes\":{\"a\":\"A\"},\"chosen_position\":3}", "{\"a\":\"A\"}", 0 },
		{ "{\"votes\":{\"a\":\"A\"},\"annotator\":\"b\"}", "{\"a\":\"A\"}", 0 },
		{ "{\"votes\":{\"\\u00e9\\\"\":\"A\"}}", "{\"\xC3\xA9\\\"\":\"A\"}", 0 },
		{ "{\"annotator\":\"b\"}", "{\"b\":\"A\"}", 0 },
		{ "{\"annotator\":7,\"verdict\":\"tie\",\"chosen_position\":2}", "{\"7\":[null,\"tie\"]}", 0 },
		{ "{\"annotator\":\"b\",\"verdict\":\"B\"}", "{\"b\":\"B\"}", 0 },
		{ "{\"annotator\":\"b\",\"verdict\":\"error\"}", "{}", 1 },
		{ "{\"annotator\":null,\"verdict\":\"B\"}", "{}", 0 },
		{ "{\"annotator\":\"b\",\"verdict\":\"C\"}", NULL, 0 },
		{ "{\"votes\":[]}", NULL, 0 },
		{ "{\"votes\":{\"a\":1}}", NULL, 0 },
		{ "{\"votes\":{\"a\":\"a\"}}", NULL, 0 },
		{ "{\"votes\":{\"a\":[\"A\"]}}", NULL, 0 },
		{ "{\"votes\":{\"a\":[\"A\",\"A\",\"A\"]}}", NULL, 0 },
		{ "{\"votes\":{\"a\":[\"A\",[\"A\"]]}}", NULL, 0 },
	};
	struct bench b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ballot votes;

		lay(&b, cases[i].record);
		assert_int_equal(ballot_read(&b.r, &votes), cases[i].votes != NULL);
		assert_int_equal(b.r.bad, cases[i].votes == NULL);
		if (!cases[i].votes)
			continue;
		ballot_put(&b.out, votes.v, votes.n);
		assert_string_equal(buf_cstr(&b.out), cases[i].votes);
		assert_int_equal(votes.abstained, cases[i].abstained);
	}
	done(&b);
}

/* Who took which side; NULL: a bad record. */
static void test_sides(void **state)
{
	static const struct { const char *record, *field, *sides; } cases[] = {
		{ "{}", NULL, "" },
		{ "{\"votes\":{\"a\":\"A\",\"b\":\"B\",\"c\":\"tie\",\"d\":null}}", NULL, "a+ b- " },
		{ "{\"votes\":{\"a\":[\"A\",\"A\"],\"b\":[\"B\",\"B\"],\"c\":[\"A\",\"B\"],\"d\":[\"B\",\"tie\"],\"e\":[\"tie\",\"tie\"]}}",
			NULL, "a+ b- " },
		{ "{\"votes\":{\"a\":[\"A\",null],\"b\":[null,\"B\"],\"c\":[\"error\",\"tie\"]}}", NULL, "a+ b- " },
		{ "{\"votes\":{\"a\":\"B\",\"a~2\":\"A\"},\"chosen_position\":1}", NULL, "a- a~2+ " },
		{ "{\"votes\":{\"a\":\"B\"},\"annotator\":\"x\"}", NULL, "a- " },
		{ "{\"votes\":{\"a\":\"B\"},\"annotator\":\"x\"}", "annotator", "x+ " },
		{ "{\"votes\":{},\"annotator\":\"x\"}", NULL, "" },
		{ "{\"votes\":null,\"annotator\":\"x\",\"verdict\":\"B\"}", NULL, "x+ " },
		{ "{\"annotator\":7,\"verdict\":3}", NULL, "7+ " },
		{ "{\"annotator\":\"\\u00e9\"}", NULL, "\xC3\xA9+ " },
		{ "{\"annotator\":null}", NULL, "" },
		{ "{\"annotator\":[\"x\"]}", NULL, "" },
		{ "{\"annotator\":\"x\",\"meta\":{\"who\":\"y\"}}", "meta.who", "y+ " },
		{ "{\"annotator\":\"x\"}", "who", "" },
		{ "{\"votes\":[\"A\"]}", NULL, NULL },
		{ "{\"votes\":{\"a\":1}}", NULL, NULL },
		{ "{\"votes\":{\"a\":1}}", "who", "" },
	};
	struct bench b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ballot votes;

		lay(&b, cases[i].record);
		assert_int_equal(ballot_sides(&b.r, cases[i].field, &votes), cases[i].sides != NULL);
		assert_int_equal(b.r.bad, cases[i].sides == NULL);
		for (size_t k = 0; cases[i].sides && k < votes.n; k++)
			buf_addf(&b.out, "%.*s%c ", ARG(votes.v[k].by), votes.v[k].side == BALLOT_CHOSEN ? '+' : '-');
		if (cases[i].sides)
			assert_string_equal(buf_cstr(&b.out), cases[i].sides);
	}
	done(&b);
}

static void test_put(void **state)
{
	static const struct ballot_vote votes[] = {
		{ S("a"), BALLOT_CHOSEN, BALLOT_REJECTED_FIRST }, { S("b"), BALLOT_TIE, BALLOT_UNKNOWN },
		{ S("a"), BALLOT_REJECTED, BALLOT_CHOSEN_FIRST }, { S("b"), BALLOT_CHOSEN, BALLOT_CHOSEN_FIRST },
		{ S("a"), BALLOT_TIE, BALLOT_CHOSEN_FIRST }, { S("a~2"), BALLOT_TIE, BALLOT_UNKNOWN },
	};
	struct buf out = { 0 };

	(void)state;
	ballot_put(&out, votes, COUNT(votes));
	/* No two members have one name. */
	assert_string_equal(buf_cstr(&out), "{\"a\":[\"B\",\"A\"],\"b\":\"tie\",\"b~2\":[\"A\",null],\"a~2\":[\"tie\",null],"
		"\"a~2~2\":\"tie\"}");
	buf_free(&out);
}

static void test_turn(void **state)
{
	static const struct { const char *record, *turned; } cases[] = {
		{ "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":[1]}",
			"{\"prompt\":\"p\",\"chosen\":[1],\"rejected\":\"a\",\"swapped\":true}" },
		{ "{\"chosen\":1,\"rejected\":2,\"swapped\":true}", "{\"chosen\":2,\"rejected\":1}" },
		{ "{\"chosen\":1,\"rejected\":2,\"swapped\":false}", "{\"chosen\":2,\"rejected\":1,\"swapped\":true}" },
		{ "{\"chosen\":1,\"rejected\":2,\"score_chosen\":3,\"score_rejected\":4.10,\"chosen_model\":\"m\",\"swapped\":true}",
			"{\"chosen\":2,\"rejected\":1,\"score_chosen\":4.10,\"score_rejected\":3,\"rejected_model\":\"m\"}" },
		{ "{\"margin\":-0.5,\"difficulty\":2,\"preference\":0.25,\"flip\":1,\"verdict\":\"A\",\"chosen_position\":2,\"swapped\":true}",
			"{\"margin\":0.5,\"difficulty\":-2,\"preference\":0.75,\"flip\":0,\"verdict\":\"B\",\"chosen_position\":1}" },
		{ "{\"margin\":\"x\",\"preference\":null,\"verdict\":\"tie\",\"chosen_position\":3,\"swapped\":true}",
			"{\"margin\":\"x\",\"preference\":null,\"verdict\":\"tie\",\"chosen_position\":3}" },
		{ "{\"scores\":{\"j\":[1,2.0],\"k\":[1,2,3],\"l\":5},\"swapped\":true}", "{\"scores\":{\"j\":[2.0,1],\"k\":[1,2,3],\"l\":5}}" },
		{ "{\"votes\":{\"a\":\"A\",\"b\":[\"A\",null],\"c\":\"tie\",\"d\":[\"tie\",\"B\"]},\"swapped\":true}",
			"{\"votes\":{\"a\":\"B\",\"b\":[null,\"B\"],\"c\":\"tie\",\"d\":[\"A\",\"tie\"]}}" },
		{ "{\"rationale\":\"why\",\"swapped\":true}", "{\"source_rationale\":\"why\"}" },
		{ "{\"chosenness\":1,\"unchosen\":2,\"chosen_\":3,\"swapped\":true}", "{\"chosenness\":1,\"unchosen\":2,\"rejected_\":3}" },
	};
	struct bench b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		lay(&b, cases[i].record);
		turn(&b.r);
		rec_write(&b.r, &b.out);
		assert_string_equal(buf_cstr(&b.out), cases[i].turned);
	}
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read), cmocka_unit_test(test_sides),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
