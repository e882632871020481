/* judge - opening a panel, its labels; every judge that scores one response at a time is symmetric */
#include "panel.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "random.h"

static char rules[] = "/tmp/judge-XXXXXX";

static void test_labels(void **state)
{
	char *second = xasprintf("rules:%s", rules);
	const char *const specs[] = { "length", second, "length:words", "length:shorter", second };
	struct panel p;
	(void)state;

	panel_open(&p, specs, 4);
	assert_int_equal(p.n, 4);
	assert_string_equal(p.v[0].label, "length");
	assert_string_equal(p.v[1].label, "rules");
	assert_string_equal(p.v[2].label, "length:words");
	assert_string_equal(p.v[3].label, "length:shorter");
	panel_close(&p);

	panel_open(&p, specs + 1, 4);
	assert_string_equal(p.v[3].label + strlen("rules:"), rules + strlen("/tmp/"));
	panel_close(&p);
	panel_open(&p, NULL, 0);
	assert_int_equal(p.n, 0);
	panel_close(&p);
	free(second);
}

static void test_wrong_spec(void **state)
{
	static const struct {
		const char *specs[2];
		size_t n;
		const char *message;
	} cases[] = {
		{ { "lenght" }, 1, "no judge named lenght; there are length, rules" },
		{ { "" }, 1, "no judge named ; there are" },
		{ { "length:pages" }, 1, "-J length:pages: there are chars, words, bytes, shorter, shorter-words" },
		{ { "rules" }, 1, "-J rules wants a file: -J rules:FILE" },
		{ { "length", "length" }, 2, "two judges would both be called length in the scores" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int out[2], status;
		char text[1000];
		ssize_t n;
		pid_t child;

		assert_int_equal(pipe(out), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct panel p;

			dup2(out[1], STDERR_FILENO);
			panel_open(&p, cases[i].specs, cases[i].n);
			_exit(0);
		}
		close(out[1]);
		n = read(out[0], text, sizeof text - 1);
		text[n > 0 ? n : 0] = '\0';
		close(out[0]);
		waitpid(child, &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_USAGE || !strstr(text, cases[i].message))
			fail_msg("%s: status %d, %s", cases[i].specs[0], status, text);
	}
}

static void test_length(void **state)
{
	static const struct {
		const char *spec, *response;
		double score;
	} cases[] = {
		{ "length", "na\xc3\xafve \xe2\x82\xac", 7 }, { "length:chars", "", 0 },
		{ "length:bytes", "na\xc3\xafve \xe2\x82\xac", 10 }, { "length:words", "one two, three.", 3 },
		{ "length:shorter", "abc", -3 }, { "length:shorter-words", "one two", -2 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct panel p;
		struct judgement j = { 0 };

		panel_open(&p, &cases[i].spec, 1);
		p.v[0].judge->score(p.v[0].self, NULL, S("p"), span_of(cases[i].response), &j);
		assert_true(j.has_scores);
		if (j.score[0] != cases[i].score)
			fail_msg("%s of %s: %g", cases[i].spec, cases[i].response, j.score[0]);
		panel_close(&p);
	}
}

static void put_text(struct buf *b, struct rng *g)
{
	static const char *const pieces[] = {
		"the ", "answer ", "is ", "not ", "\n- ", "1. ", "? ", "\xc3\xa9", "\xe6\xbc\xa2", "I cannot help ", "```\n",
		"very ", "sorry", ". ", "\\", "\"", "A", "because ",
	};
	struct buf text = { 0 };

	for (uint64_t n = rng_below(g, 30); n; n--)
		buf_adds(&text, pieces[rng_below(g, COUNT(pieces))]);
	json_put_text(b, buf_span(&text));
	buf_free(&text);
}

static void hear(const struct panel *p, const char *json, struct arena *a, struct hearing *h)
{
	struct scan_index scratch = { 0 };
	struct rec r = { 0 };

	assert_true(rec_open(&r, span_of(json), a, &scratch));
	panel_classify(&r, h);
	assert_true(panel_ask(p, &r, h) && panel_merge(p, &r, h));
	scan_index_free(&scratch);
}

/* A pair turned round has its scores turned round; its responses as candidates have the same ones. */
static void test_symmetric(void **state)
{
	char *with_file = xasprintf("rules:%s", rules);
	const char *const specs[] = { "length", "length:words", with_file };
	struct panel p;
	(void)state;

	panel_open(&p, specs, COUNT(specs));
	for (uint64_t i = 0; i < 300; i++) {
		struct rng g = rng_for(3, "symmetric", i);
		struct buf text[3] = { { 0 } }, line = { 0 };
		struct arena a = { 0 };
		struct hearing one, two, each;

		for (int k = 0; k < 3; k++)
			put_text(&text[k], &g);
		buf_addf(&line, "{\"prompt\":%s,\"chosen\":%s,", buf_cstr(&text[0]), buf_cstr(&text[1]));
		buf_addf(&line, "\"rejected\":%s}", buf_cstr(&text[2]));
		hear(&p, arena_copy(&a, (struct span){ buf_cstr(&line), line.n + 1 }).p, &a, &one);
		line.n = 0;
		buf_addf(&line, "{\"prompt\":%s,\"chosen\":%s,", buf_cstr(&text[0]), buf_cstr(&text[2]));
		buf_addf(&line, "\"rejected\":%s}", buf_cstr(&text[1]));
		hear(&p, arena_copy(&a, (struct span){ buf_cstr(&line), line.n + 1 }).p, &a, &two);
		line.n = 0;
		buf_addf(&line, "{\"prompt\":%s,\"responses\":[{\"text\":%s},", buf_cstr(&text[0]), buf_cstr(&text[1]));
		buf_addf(&line, "{\"text\":%s}]}", buf_cstr(&text[2]));
		hear(&p, arena_copy(&a, (struct span){ buf_cstr(&line), line.n + 1 }).p, &a, &each);
		assert_true(one.pair && two.pair && !each.pair && each.rows == 2);
		for (size_t k = 0; k < p.n; k++) {
			assert_true(one.score[2 * k] == two.score[2 * k + 1]);
			assert_true(one.score[2 * k + 1] == two.score[2 * k]);
			assert_true(one.score[2 * k] == each.score[2 * k]);
			assert_true(one.score[2 * k + 1] == each.score[2 * k + 1]);
		}
		for (int k = 0; k < 3; k++)
			buf_free(&text[k]);
		buf_free(&line);
		arena_free(&a);
	}
	panel_close(&p);
	free(with_file);
}

static int make_rules(void **state)
{
	int fd = mkstemp(rules);
	static const char text[] =
		"+1 a: list-items max 3\n-2 b: refusal\n-3 c: repeats\n+0.25 d: overlap\n"
		"+1 e: count /because/i max 2 unless prompt /not/\n+.5 f: words 5..20\n";
	bool ok = fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1;

	(void)state;
	return ok ? close(fd) : -1;
}

static int remove_rules(void **state)
{
	(void)state;
	return unlink(rules);
}

int main(void)
{
	const struct CMUnitTest judge[] = {
		cmocka_unit_test(test_labels), cmocka_unit_test(test_wrong_spec), cmocka_unit_test(test_length),
		cmocka_unit_test(test_symmetric),
	};

	return cmocka_run_group_tests(judge, make_rules, remove_rules);
}
