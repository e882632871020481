/* candidates - what ranks responses: values, comparisons, factors, levels; steps - trees */
#include "contest.h"
#include "factors.h"
#include "levels.h"
#include "steps.h"

#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

struct bench {
	struct rec r;
	struct arena arena;
	struct scan_index scratch;
	struct candidates c;
};

static void lay(struct bench *b, const char *json)
{
	b->r = (struct rec){ .at = { "test", 1 } };
	assert_true(rec_open(&b->r, span_of(json), &b->arena, &b->scratch));
}

static void lay_candidates(struct bench *b, const char *json)
{
	lay(b, json);
	assert_true(candidates_read(&b->c, &b->r, false));
}

static void done(struct bench *b)
{
	arena_free(&b->arena);
	scan_index_free(&b->scratch);
}

/* Pairs of the relation, as letters: "a>b c>d". */
static const char *pairs_of(struct bench *b, struct pairing p)
{
	static char text[400];
	struct pairing_pair *v;
	size_t n;

	*text = '\0';
	pairing_of(&p, b->c.items, b->c.n, &v, &n, &b->arena);
	for (size_t i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s%c>%c", i ? " " : "", (int)('a' + v[i].better), (int)('a' + v[i].worse));
	return text;
}

static void test_values(void **state)
{
	static const char record[] = "{\"prompt\":\"p\",\"responses\":["
		"{\"text\":\"a\",\"score\":1,\"rank\":3,\"tests\":{\"pass\":4,\"of\":4},\"scores\":{\"rm\":-1}},"
		"{\"text\":\"b\",\"score\":2,\"rank\":1,\"tests\":{\"pass\":3,\"of\":4},\"correct\":true},"
		"{\"text\":\"c\",\"score\":null,\"tests\":{\"pass\":0,\"of\":0},\"correct\":false,\"value\":7}]}";
	static const struct { const char *word; double v[3]; } cases[] = {
		{ NULL, { 1, 2, NAN } },
		{ "score", { 1, 2, NAN } },
		{ "rank", { -3, -1, NAN } },
		{ "tests", { 1, 0.75, NAN } },
		{ "pass", { 1, 0, NAN } },
		{ "correct", { NAN, 1, 0 } },
		{ "value", { NAN, NAN, 7 } },
		{ "rm", { -1, NAN, NAN } },
		{ "none", { NAN, NAN, NAN } },
	};
	struct bench b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		lay_candidates(&b, record);
		candidates_value(&b.c, candidates_by(cases[i].word), cases[i].word);
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(b.c.items[k].valued, !isnan(cases[i].v[k]));
			if (b.c.items[k].valued)
				assert_true(b.c.items[k].value == cases[i].v[k]);
		}
	}
	done(&b);
}

/* OSP: three answers judged in both orders. */
static void test_contest(void **state)
{
	struct bench b = { 0 };
	struct contest t;
	double gap;

	(void)state;
	lay_candidates(&b, "{\"responses\":[{\"text\":\"a\"},{\"text\":\"b\"},{\"text\":\"c\"},{\"text\":\"d\"}],\"comparisons\":"
		"[[0,1,\"A\"],[1,0,\"A\"],[0,1,\"A\"],[1,0,\"tie\"],[1,2,\"B\"],[2,1,\"A\"]]}");
	assert_true(contest_read(&t, &b.c));
	assert_true(contest_strength(&t, 0, 1) == 0.625);	/* 2 wins and a tie of 4 */
	assert_true(contest_strength(&t, 1, 0) == 0.375);
	assert_true(contest_strength(&t, 2, 1) == 1);
	assert_true(contest_strength(&t, 0, 2) == 0.5);
	assert_true(contest_compare(&t, 0, 1, &gap) > 0 && gap == 0.25);
	assert_int_equal(contest_compare(&t, 0, 2, &gap), 0);
	assert_true(b.c.items[0].value == 0.625 && b.c.items[1].value == 0.1875 && b.c.items[2].value == 1);
	assert_false(b.c.items[3].valued);
	done(&b);
}

/* HERON: A(1,.2) B(1,.8) C(0,.5) D(0,.9), margins 0 and half a standard deviation: 0.158114. */
static void test_factors(void **state)
{
	struct bench b = { 0 };
	struct factors f = { 0 };
	struct factored t;
	const struct pairing p = { .which = PAIRING_ALL, .compare = factors_compare, .self = &t };
	const char *why;

	(void)state;
	lay_candidates(&b, "{\"responses\":[{\"text\":\"a\",\"scores\":{\"x\":1,\"y\":0.2}},{\"text\":\"b\",\"scores\":{\"x\":1,\"y\":0.8}},"
		"{\"text\":\"c\",\"scores\":{\"x\":0,\"y\":0.5}},{\"text\":\"d\",\"scores\":{\"x\":0,\"y\":0.9}}]}");
	assert_true(factors_add(&f, "x", &why) && factors_add(&f, "y:0.5sd", &why) && f.in_sd);
	factors_learn(&f, &b.c);
	factors_fix(&f);
	assert_float_equal(f.v[1].least, 0.158114, 1e-6);
	factors_read(&t, &f, &b.c);
	pairing_values(&p, b.c.items, b.c.n);
	assert_string_equal(pairs_of(&b, p), "b>a b>d b>c a>d a>c d>c");
	for (size_t i = 0; i < 3; i++)
		assert_false(factors_add(&f, (const char *[]){ "x:-1", "x:1s", "-" }[i], &why));
	assert_true(factors_add(&f, "-rules:helpful", &why) && factors_add(&f, "rules:helpful:.5", &why));
	assert_string_equal(f.v[2].name, "rules:helpful");
	assert_true(f.v[2].lower && f.v[2].least == 0 && f.v[3].least == 0.5);
	assert_string_equal(f.v[3].judge, "rules:helpful");
	factors_free(&f);
	done(&b);
}

static void test_levels(void **state)
{
	static const char rules[] = "format = /\\A<think>[^<]*<\\/think><answer>([^<]*)<\\/answer>\\z/\nread = /<answer>\\d+</\n"
		"right: format correct\nwrong: format read !correct\nunreadable: format\nbroken:\n";
	static const struct { const char *response; int level; } cases[] = {
		{ "{\"text\":\"<think>x</think><answer>4</answer>\",\"correct\":true}", 0 },
		{ "{\"text\":\"<think>x</think><answer>4</answer>\",\"correct\":false}", 1 },
		{ "{\"text\":\"<think>x</think><answer>four</answer>\",\"correct\":false}", 2 },
		{ "{\"text\":\"<answer>4</answer>\",\"correct\":true}", 3 },
		{ "{\"text\":\"<answer>4</answer>\"}", 3 },
		{ "{\"text\":\"<think>x</think><answer>4</answer>\"}", LEVELS_UNKNOWN },
		{ "{\"text\":\"<think>x</think><answer>4</answer>\",\"correct\":\"yes\"}", LEVELS_UNKNOWN },
	};
	struct arena a = { 0 };
	size_t line, col;
	char *why;
	struct levels *l = levels_read(span_of(rules), &line, &col, &why);

	(void)state;
	assert_non_null(l);
	assert_int_equal(levels_count(l), 4);
	assert_string_equal(levels_name(l, 2), "unreadable");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct candidate c;
		struct value whole;
		struct scan_error e;

		assert_true(scan(span_of(cases[i].response), 0, NULL, &whole, &e));
		c = candidate_of(whole, &a);
		c.response = candidate_member(&c, S("text"));
		c.text = json_text(c.response, &a);
		assert_int_equal(levels_of(l, &c, &a), cases[i].level);
	}
	levels_free(l);
	l = levels_read(S("a: /x/\nb: b c !\n"), &line, &col, &why);
	assert_null(l);
	assert_int_equal(line, 2);
	assert_int_equal(col, 9);
	assert_string_equal(why, "expected a condition after \"!\"");
	free(why);
	l = levels_read(S("a: /x/\nb: /y/ # c\nc: !missing"), &line, &col, &why);
	assert_non_null(l);
	levels_free(l);
	arena_free(&a);
}

/* What a tree is cut into: prompts and responses. */
static void test_steps(void **state)
{
	static const char record[] = "{\"prompt\":\"Q\",\"nodes\":[{\"id\":3,\"parent\":2,\"text\":\"c\",\"value\":1},"
		"{\"id\":1,\"text\":\"a\",\"value\":0.5},{\"id\":2,\"parent\":-1,\"text\":\"b\",\"value\":0.9},{\"id\":4,\"parent\":2,\"text\":\"d\"},"
		"{\"id\":5,\"parent\":1,\"text\":\"e\",\"value\":2},{\"id\":6,\"parent\":5,\"text\":\"f\"},{\"id\":7,\"parent\":5,\"text\":\"g\"}]}";
	static const struct { struct steps_rules s; const char *want; } cases[] = {
		{ { .separator = "\n" }, "Q: a b|Qb\n: c d|Qa\ne\n: f g|" },
		{ { .separator = "" }, "Q: a b|Qb: c d|Qae: f g|" },
		{ { .separator = "/", .merge = true }, "Q: a/e b|Qb/: c d|Qa/e/: f g|" },
		{ { .separator = "/", .best_path = true }, "Q: a b|Qb/: c d|" },
		{ { .separator = "-", .branches = true }, "Q: b-c b-d a-e-f a-e-g|" },
	};
	struct bench b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct candidates *lists;
		struct buf text = { 0 };
		size_t n;

		lay(&b, record);
		assert_true(steps_are(&b.r));
		assert_true(steps_read(&b.r, &cases[i].s, &lists, &n));
		for (size_t k = 0; k < n; k++) {
			buf_add(&text, json_text(lists[k].prompt, &b.arena));
			buf_addc(&text, ':');
			for (size_t j = 0; j < lists[k].n; j++)
				buf_addf(&text, " %.*s", ARG(lists[k].v[j].text));
			buf_addc(&text, '|');
		}
		assert_string_equal(buf_cstr(&text), cases[i].want);
		buf_free(&text);
	}
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_contest), cmocka_unit_test(test_factors),
		cmocka_unit_test(test_levels), cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
