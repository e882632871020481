/* trial - which tests a record has, and what of a response they test */
#include "trial.h"

#include "snippet.h"

const char *const trial_words[] = { "pass", "fail", "compile-error", "crash", "output-limit", "memory", "timeout",
	"sandbox-violation" };

static struct value get(struct value object, const char *key)
{
	return scan_member(object, span_of(key));
}

/* Text of a string member, empty if it is none. */
static struct span text_of(struct value object, const char *key, struct arena *a)
{
	struct span s = json_text(get(object, key), a);

	return s.p ? s : S("");
}

static bool take_list(struct trial *t, enum trial_form form, struct value list, enum json_kind kind, struct arena *a,
	const char **why)
{
	struct scan_iter it = scan_open(list);
	struct member m;

	t->form = form;
	t->n = 0;
	if (list.kind != JSON_ARRAY) {
		*why = "tests that are no list";
		return false;
	}
	t->tests = arena_alloc(a, scan_count(list) * sizeof *t->tests);
	while (scan_next(&it, &m)) {
		if (m.val.kind != kind) {
			*why = kind == JSON_STRING ? "a test that is no string" : "a test that is no object";
			return false;
		}
		t->tests[t->n++] = m.val;
	}
	if (!t->n)
		*why = "an empty list of tests";
	return t->n > 0;
}

static bool take_text(struct trial *t, enum trial_form form, struct value v, struct arena *a)
{
	t->form = form;
	t->text = json_text(v, a);
	t->n = 1;
	return t->text.p;
}

/* Are the members of each test there? */
static bool complete(const struct trial *t, const char **why)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->form == TRIAL_CALLS && get(t->tests[i], "args").kind != JSON_ARRAY)
			*why = "a call without a list of args";
		else if (t->form == TRIAL_CALLS && get(t->tests[i], "result").kind == JSON_NONE)
			*why = "a call without result";
		else if (t->form == TRIAL_CASES && get(t->tests[i], "out").kind != JSON_STRING)
			*why = "a case without out";
		else
			continue;
		return false;
	}
	return true;
}

/* The language suits the form. */
static bool suits(const struct trial *t, const char **why)
{
	const struct language *l = t->language;

	if (t->form <= TRIAL_CALLS && !l->python)
		*why = "tests that call functions are for Python";
	else if ((t->form == TRIAL_CHECK || t->form == TRIAL_CALLS) && !t->entry.n)
		*why = "tests of a function without entry_point";
	else if (t->form == TRIAL_BENCH && !l->bench)
		*why = "a testbench for a language that has none";
	else if (t->form == TRIAL_PROGRAM && !l->done)
		*why = "a test program for a language that has none";
	else
		return true;
	return false;
}

static bool take_form(struct trial *t, struct value o, struct arena *a, const char **why)
{
	static const struct {
		const char *key;
		enum trial_form form;
		enum json_kind list;	/* of what; JSON_NONE: a text */
	} forms[] = {
		{ "asserts", TRIAL_ASSERTS, JSON_STRING }, { "check", TRIAL_CHECK, JSON_NONE },
		{ "calls", TRIAL_CALLS, JSON_OBJECT },
		{ "cases", TRIAL_CASES, JSON_OBJECT }, { "program", TRIAL_PROGRAM, JSON_NONE },
		{ "testbench", TRIAL_BENCH, JSON_NONE }, { "answer", TRIAL_ANSWER, JSON_NONE },
		{ "match", TRIAL_MATCH, JSON_NONE },
	};

	for (size_t i = 0; i < COUNT(forms); i++) {
		struct value v = get(o, forms[i].key);

		if (v.kind == JSON_NONE)
			continue;
		if (forms[i].list != JSON_NONE)
			return take_list(t, forms[i].form, v, forms[i].list, a, why);
		*why = "a test that is no string";
		return take_text(t, forms[i].form, v, a);
	}
	*why = "a test in none of the forms";
	return false;
}

static bool take_language(struct trial *t, struct value o, struct arena *a, const char **why)
{
	struct span name = text_of(o, "language", a);

	if (t->form == TRIAL_BENCH && !name.n)
		name = S("verilog");
	if (name.n)
		t->language = language_find(name);
	if (!t->language)
		*why = arena_printf(a, "language \"%.*s\": not known; --list lists them", ARG(name)).p;
	return t->language;
}

int trial_of(struct value object, const struct trial_rules *rules, struct trial *t, struct arena *a, const char **why)
{
	struct value test = get(object, "test"), list = get(object, "test_list"), tests = get(object, "tests");

	*t = (struct trial){ .language = rules->language, .prompt = text_of(object, "prompt", a) };
	t->pass = S("Mismatches: 0 in [1-9]|Your Design Passed");
	if (test.kind == JSON_OBJECT) {
		if (!take_form(t, test, a, why) || !take_language(t, test, a, why))
			return -1;
		t->setup = text_of(test, "setup", a);
		t->entry = text_of(test, "entry_point", a);
		if (get(test, "pass").kind == JSON_STRING)
			t->pass = text_of(test, "pass", a);
		t->fail = text_of(test, "fail", a);
	} else if (list.kind != JSON_NONE && list.kind != JSON_NULL) {
		if (!take_list(t, TRIAL_ASSERTS, list, JSON_STRING, a, why))
			return -1;
		t->setup = text_of(object, "test_setup_code", a);
	} else if (test.kind == JSON_STRING && get(object, "entry_point").kind == JSON_STRING) {
		take_text(t, TRIAL_CHECK, test, a);
		t->entry = text_of(object, "entry_point", a);
	} else if (tests.kind == JSON_STRING && get(object, "language").kind == JSON_STRING) {
		take_text(t, TRIAL_PROGRAM, tests, a);
		if (!take_language(t, object, a, why))
			return -1;
	} else {
		return 0;
	}
	return suits(t, why) && complete(t, why) ? 1 : -1;
}

bool trial_runs(const struct trial *t)
{
	return t->form < TRIAL_ANSWER;
}

/* ---- the code ---- */

/* Its last line that is not blank: in a prompt for a completion, the head of the function. */
static struct span last_line(struct span s)
{
	size_t from;

	s = span_trim(s);
	from = span_rfind(s, S("\n"));
	return span_trim(span_cut(s, from == (size_t)-1 ? 0 : from + 1, s.n));
}

static bool goes_on(const struct trial *t, const struct trial_rules *rules, struct span code)
{
	struct span line;

	if (rules->completion || (t->language->python && snippet_begins_inside(code)))
		return true;
	if (t->form == TRIAL_CHECK)
		return !snippet_defines(code, t->language, t->entry);
	line = last_line(t->prompt);
	return t->form == TRIAL_PROGRAM && line.n && span_find(code, line) == (size_t)-1;
}

/* Some fence the rest of a function alone. */
static bool is_whole(const struct trial *t, const struct trial_rules *rules, struct span code, bool fenced)
{
	if (fenced && t->form == TRIAL_CHECK && snippet_begins_inside(code))
		return snippet_defines(code, t->language, t->entry);
	return fenced || !goes_on(t, rules, code);
}

/* To the end of the function: the first line that begins with its closing brace, without it if the tests have it. */
static struct span function_body(const struct trial *t, struct span code)
{
	size_t at = span_find(code, S("\n}"));
	const bool theirs = span_starts(span_trim(t->text), S("}"));

	return at == (size_t)-1 ? code : span_cut(code, 0, at + 1 + !theirs);
}

struct span trial_code(const struct trial *t, const struct trial_rules *rules, struct span response, struct arena *a)
{
	struct buf b = { 0 };
	struct span code;
	bool fenced;

	if (!trial_runs(t))
		return response;
	code = snippet_code(response, t->language, t->entry, &fenced);
	if (!t->prompt.n)
		return code;
	if (is_whole(t, rules, code, fenced)) {
		const struct span head = t->form == TRIAL_CHECK ? snippet_head(t->prompt, t->language, t->entry) : (struct span){ NULL, 0 };

		if (!head.n || span_find(code, S("__future__")) != (size_t)-1)
			return code;
		buf_add(&b, head);
		buf_add(&b, code);
	} else {
		buf_add(&b, t->prompt);
		buf_add(&b, rules->keep_tail ? code : t->language->python ? snippet_completion(code) : function_body(t, code));
	}
	code = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return code;
}
