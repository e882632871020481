/* rules - every form of a rule, what each measure counts, and where a wrong line is reported */
#include "judge.h"
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

extern const struct judge judge_rules;

static char path[] = "/tmp/rules-XXXXXX";

static void write_rules(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct judgement judge(const char *rules, const char *prompt, const char *chosen, const char *rejected)
{
	struct arena a = { 0 };
	struct rec r = { .arena = &a };
	struct pair p = { .prompt = span_of(prompt), .chosen = span_of(chosen), .rejected = span_of(rejected) };
	struct judgement j = { 0 };
	void *self;

	write_rules(rules);
	self = judge_rules.open(path);
	judge_rules.judge(self, &r, &p, &j);
	if (j.has_scores) {
		struct judgement one = { 0 }, two = { 0 };

		/* The same response alone gets the same score, and the order of the two does not matter. */
		judge_rules.score(self, &r, p.prompt, p.chosen, &one);
		judge_rules.score(self, &r, p.prompt, p.rejected, &two);
		assert_true(one.has_scores && one.score[0] == j.score[0]);
		assert_true(two.has_scores && two.score[0] == j.score[1]);
	} else {
		static char why[200];
		snprintf(why, sizeof why, "%s", j.why);
		j.why = why;
	}
	judge_rules.close(self);
	arena_free(&a);
	return j;
}

static void test_forms(void **state)
{
	static const struct {
		const char *rule, *prompt, *chosen;
		double score;
	} cases[] = {
		{ "2 a: /b+/", "", "abba bb", 2 },
		{ "2 a: /x/", "", "abba", 0 },
		{ "+1.5 a: /B/i # upper", "", "abba", 1.5 },
		{ "-.5 a: count /b/", "", "abba bb", -2 },
		{ "-0.5 a: count /b/ max 3", "", "abba bb", -1.5 },
		{ "1 a: /^b$/m", "", "a\nb\nc", 1 },
		{ "1 a: /a\\/b/", "", "a/b", 1 },
		{ "1 a: /[#] x/", "", "# x", 1 },
		{ "1 a: / a b  # a comment/x", "", "abc", 1 },
		{ "1 a: words", "", "one two three", 3 },
		{ "1 a: words max 2", "", "one two three", 2 },
		{ "1 a: words 3..4", "", "one two three", 1 },
		{ "1 a: words 4..", "", "one two three", 0 },
		{ "1 a: words ..3", "", "one two three", 1 },
		{ "1 a: words ..2.5", "", "one two three", 0 },
		{ "1 a: variety 0.5..0.9", "", "a b a", 1 },
		{ "1 a: /y/ if prompt /why/", "why", "y", 1 },
		{ "1 a: /y/ if prompt /why/", "how", "y", 0 },
		{ "1 a: /y/ unless prompt /why/i", "Why", "y", 0 },
		{ "1 a: /y/ unless prompt /why/", NULL, "y", 1 },
		{ "1 a: words 1.. if prompt /x/", NULL, "y", 0 },
		{ "\r\n\t# c\r\n1 a: words\r\n -1\tb:\tchars \r\n", "", "abc d", 2 - 5 },
		{ "1 a: /\xc3\xa9/", "", "caf\xc3\xa9", 1 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judgement j = judge(cases[i].rule, cases[i].prompt, cases[i].chosen, "");
		if (!j.has_scores || j.score[0] != cases[i].score)
			fail_msg("%s: %g, not %g", cases[i].rule, j.score[0], cases[i].score);
	}
}

static void test_sum(void **state)
{
	struct judgement j = judge("1 a: /a/\n10 b: /b/\n100 c: words\n", "p", "a b", "b");
	(void)state;

	assert_true(j.has_scores && j.verdict == VERDICT_NONE);
	assert_true(j.score[0] == 211 && j.score[1] == 110);
}

static void test_limit(void **state)
{
	static const char bomb[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
	static const char *const rules[] = {
		"1 ok: /a/\n1 fuse: /(a+)+$/", "1 fuse: count /(a+)+$/", "1 fuse: words if prompt /(a+)+$/",
		"1 fuse: words unless prompt /(a+)+$/",
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rules); i++) {
		/* In the prompt, the chosen or the rejected response: no scores for either. */
		for (int where = 0; where < 2; where++) {
			const char *a = where ? bomb : "x", *b = where ? "x" : bomb;
			struct judgement j = judge(rules[i], bomb, a, b);

			assert_false(j.has_scores);
			assert_int_equal(j.verdict, VERDICT_ERROR);
			assert_string_equal(j.why, "rule fuse: pattern needs more steps than the limit");
		}
	}
}

static void test_measures(void **state)
{
	static const struct {
		const char *measure, *prompt, *response;
		double value;
	} cases[] = {
		{ "words", "", "", 0 }, { "words", "", "It's  a\ntest.", 3 },
		{ "chars", "", "caf\xc3\xa9", 4 },
		{ "lines", "", "a\n\n  \nb\n", 2 },
		{ "paragraphs", "", "a\nb\n\nc\n", 2 }, { "paragraphs", "", "\n\n", 0 },
		{ "list-items", "", "Do:\n- a\n * b\n12. c\n3) d\n-e\n1.5 f\n", 4 },
		{ "list-items", "", "\xe2\x80\xa2 a", 1 }, { "list-items", "", "2024 was good\n-\n", 0 },
		{ "headings", "", "# a\n###### b\n####### c\n#d", 2 },
		{ "code-blocks", "", "x\n```c\nint a;\n```\ny\n~~~\nz\n~~~", 2 }, { "code-blocks", "", "```\nint", 1 },
		{ "questions", "", "What? Why??", 3 }, { "questions", "", "\xef\xbc\x9f", 1 },
		{ "exclamations", "", "No!", 1 },
		{ "links", "", "see https://a.b and http://c", 2 },
		{ "capitals", "", "AbCd 12", 0.5 }, { "capitals", "", "12", 0 },
		{ "variety", "", "a b A b", 0.5 }, { "variety", "", "", 1 },
		/* The worked example: aba, bab, aba, bab are two different out of four. */
		{ "repeats", "", "a b a b a b", 0.5 }, { "repeats", "", "a b", 0 }, { "repeats", "", "a b c d", 0 },
		{ "overlap", "the red fox", "the blue the fox", 0.75 }, { "overlap", "x", "", 0 },
		{ "overlap", NULL, "x", 0 },
		{ "coverage", "the red fox", "the blue the", 1 / 3.0 }, { "coverage", NULL, "x", 0 },
		{ "copied", "1 2 3 4 5 6", "1 2 3 4 5 7", 0.5 }, { "copied", "1 2", "1 2", 0 },
		{ "refusal", "", "I'm sorry, but I can't help with that.", 1 },
		{ "refusal", "", "I cannot provide that.", 1 },
		{ "refusal", "", "I\xe2\x80\x99m not able to assist here.", 1 },
		{ "refusal", "", "As an AI language model, I have no opinions.", 1 },
		{ "refusal", "", "I must decline to answer.", 1 }, { "refusal", "", "I won't be able to, but I won't help.", 1 },
		{ "refusal", "", "I can't wait to show you!", 0 },
		{ "refusal", "", "Sorry to hear that. Here is what helps.", 0 },
		{ "refusal", "", "She said: he cannot help it.", 0 },
		{ "unfinished", "", "This goes on and", 1 }, { "unfinished", "", "This is the end.", 0 },
		{ "unfinished", "", "Paris", 0 }, { "unfinished", "", "", 0 },
		{ "unfinished", "", "Items are these\n- one two three four", 0 },
		{ "unfinished", "", "This is it:\n```\ncode here now ok\n```", 0 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct measure *f = measure_find(span_of(cases[i].measure));
		struct measured m = { .prompt = span_of(cases[i].prompt), .response = span_of(cases[i].response) };
		double x;

		assert_non_null(f);
		x = f->of(&m);
		if (!(fabs(x - cases[i].value) < 1e-15))
			fail_msg("%s of \"%s\": %.17g, not %g", cases[i].measure, cases[i].response, x, cases[i].value);
		measured_free(&m);
	}
	/* A refusal is looked for in the first 300 bytes, which may end inside a character. */
	for (size_t n = 290; n < 310; n++) {
		struct buf b = { 0 };
		struct measured m = { 0 };

		while (b.n < n)
			buf_adds(&b, "\xe2\x82\xac");
		buf_adds(&b, " I cannot help");
		m.response = buf_span(&b);
		assert_true(measure_find(S("refusal"))->of(&m) == 0);
		measured_free(&m);
		buf_free(&b);
	}
}

/* A wrong file ends the program with status 2 and says where: done in a child. */
static void test_errors(void **state)
{
	static const struct {
		const char *rules, *message;	/* after "program: file:" */
	} cases[] = {
		{ "x a: words", "1:1: expected the rule's weight, a number" },
		{ "0x10 a: words", "1:1: expected the rule's weight, a number" },
		{ "nan a: words", "1:1: expected the rule's weight, a number" },
		{ "1", "1:2: expected the rule's name and a colon" },
		{ "# c\n\n1 name words", "3:3: expected the rule's name and a colon" },
		{ "1 a: words\n2 a: chars", "2:3: a second rule named a" },
		{ "1 a: /x(/", "1:9: missing closing parenthesis (at offset 2 of the pattern)" },
		{ "1 a: /x", "1:6: no / ends this pattern" },
		{ "1 a: /x\\/", "1:6: no / ends this pattern" },
		{ "1 a: /x/q", "1:7: no such pattern flag: q (there are i, m, s, x)" },
		{ "1 a: count x", "1:12: expected a /pattern/ to count" },
		{ "1 a: words 3..2", "1:12: nothing can be within 3..2" },
		{ "1 a: words ..", "1:12: nothing can be within .." },
		{ "1 a: words 1..x", "1:15: a range is A..B, with numbers" },
		{ "1 a: words x..1", "1:12: a range is A..B, with numbers" },
		{ "1 a: words max", "1:15: expected the most it may count, a number" },
		{ "1 a: words 7", "1:12: the rule is complete before this" },
		{ "1 a: /x/ if /y/", "1:13: expected \"prompt\" and a /pattern/" },
		{ "1 a: /x/ if prompt y", "1:20: expected a /pattern/ the prompt is to hold" },
		{ "# nothing\n", " no rule in it" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int out[2], status;
		char text[2000];
		size_t n = 0;
		ssize_t got;
		pid_t child;

		write_rules(cases[i].rules);
		assert_int_equal(pipe(out), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			dup2(out[1], STDERR_FILENO);
			judge_rules.open(path);
			_exit(0);
		}
		close(out[1]);
		while ((got = read(out[0], text + n, sizeof text - 1 - n)) > 0)
			n += (size_t)got;
		text[n] = '\0';
		close(out[0]);
		waitpid(child, &status, 0);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) != EXIT_USAGE || !strstr(text, path) ||
		    strncmp(strstr(text, path) + strlen(path) + 1, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("%s: exit %d, %s", cases[i].rules, WEXITSTATUS(status), text);
	}
}

/* The example that is shipped: it is read, and it prefers what anyone would. */
static void test_helpful(void **state)
{
	static const struct {
		const char *prompt, *chosen, *rejected;
	} cases[] = {
		{ "How do I clean a cast iron pan?", "Rinse it, scrub it with salt, dry it at once and oil it.",
		  "I'm sorry, but I can't help with cleaning." },
		{ "Name a colour, briefly.", "Blue.",
		  "There are a great many colours, and I think it depends on what you like: some people name red, "
		  "others name green, and yet others name blue, which is the colour of the sky on a clear day, and of "
		  "the sea under it. Maybe you would like one of these; perhaps you would not. Colours are a matter of "
		  "taste, and taste is a matter of habit, so that no answer is right for everyone who asks." },
		{ "Give me tips for sleep.", "Here are some:\n- Dim the light.\n- Keep the hours.\n- Leave the phone.",
		  "Sleep is good, sleep is good, sleep is good, sleep is good, sleep is good, sleep is good." },
		{ "What dose of ibuprofen is safe?", "The label says; ask a pharmacist if you take other drugs.",
		  "Take as many as you like, it is fine to take as many as" },
	};
	void *self = judge_rules.open("pipelines/rules/helpful.rules");
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a = { 0 };
		struct rec r = { .arena = &a };
		struct pair p = {
			.prompt = span_of(cases[i].prompt), .chosen = span_of(cases[i].chosen),
			.rejected = span_of(cases[i].rejected)
		};
		struct judgement j = { 0 };

		judge_rules.judge(self, &r, &p, &j);
		if (!j.has_scores || j.score[0] <= j.score[1])
			fail_msg("case %zu: %g, %g", i, j.score[0], j.score[1]);
		arena_free(&a);
	}
	judge_rules.close(self);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest rules[] = {
		cmocka_unit_test(test_forms), cmocka_unit_test(test_sum), cmocka_unit_test(test_limit),
		cmocka_unit_test(test_measures), cmocka_unit_test(test_errors), cmocka_unit_test(test_helpful),
	};

	return cmocka_run_group_tests(rules, make_file, remove_file);
}
