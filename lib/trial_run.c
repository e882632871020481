/* trial_run - test responses, in the sandbox where they are programs */
#include "trial_steps.h"

#include "answer.h"
#include "match.h"

#include <stdlib.h>
#include <sys/random.h>

enum { MOST_WORDS = 32, NONCE = 32 };

enum trial_status trial_status_of(enum sandbox_verdict v)
{
	switch (v) {
	case SANDBOX_VIOLATION: return TRIAL_VIOLATION;
	case SANDBOX_TIMEOUT: return TRIAL_TIMEOUT;
	case SANDBOX_MEMORY: return TRIAL_MEMORY;
	case SANDBOX_OUTPUT: return TRIAL_OUTPUT;
	case SANDBOX_CRASH: return TRIAL_CRASH;
	case SANDBOX_OK: return TRIAL_PASS;
	default: return TRIAL_FAIL;
	}
}

void trial_sum(struct trial_result *r, size_t n)
{
	r->pass = 0;
	r->verdict = TRIAL_PASS;
	for (size_t i = 0; i < n; i++) {
		r->pass += r->status[i] == TRIAL_PASS;
		if (r->status[i] > r->verdict)
			r->verdict = r->status[i];
	}
}

/* The words of a command; the last is NULL. */
static const char *const *words_of(const char *command, struct arena *a)
{
	const char **argv = arena_alloc(a, (MOST_WORDS + 1) * sizeof *argv);
	size_t n = 0;

	for (const char *p = command; *p && n < MOST_WORDS;) {
		size_t length = strcspn(p, " ");

		if (length)
			argv[n++] = arena_printf(a, "%.*s", (int)length, p).p;
		p += length + (p[length] == ' ');
	}
	argv[n] = NULL;
	return argv;
}

/* A number that nobody can know beforehand: it is in no output, so that outputs are the same every time. */
static void make_nonce(char nonce[NONCE + 1])
{
	unsigned char bytes[NONCE / 2];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		die(EXIT_SYSTEM, "getrandom:");
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
}

static struct span last_line(struct span s)
{
	size_t nl;

	s = span_trim(s);
	nl = span_rfind(s, S("\n"));
	return span_trim(span_cut(s, nl == (size_t)-1 ? 0 : nl + 1, s.n));
}

/* ---- standard input and output ---- */

static struct span next_line(struct span *rest)
{
	const char *nl = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	struct span line = span_cut(*rest, 0, nl ? (size_t)(nl - rest->p) : rest->n);

	*rest = span_cut(*rest, line.n + (nl != NULL), rest->n);
	while (line.n && strchr(" \t\r", line.p[line.n - 1]))
		line.n--;
	return line;
}

static struct span trim_end(struct span s)
{
	while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Equal up to blanks at the ends of lines and of the text. */
static bool same_output(struct span got, struct span want)
{
	got = trim_end(got);
	want = trim_end(want);
	while (got.n || want.n)
		if (!span_eq(next_line(&got), next_line(&want)))
			return false;
	return true;
}

/* ---- steps ---- */

struct steps {
	struct sandbox_file files[2];
	size_t n_files;
	struct sandbox_step *v;
	struct sandbox_end *ends;
	size_t n, first;		/* first: of those that are tests */
};

static void plan(const struct trial_job *j, struct steps *s, size_t runs)
{
	const struct language *l = j->t->language;

	s->v = arena_alloc(j->a, (runs + 1) * sizeof *s->v);
	s->ends = arena_alloc(j->a, (runs + 1) * sizeof *s->ends);
	s->n = 0;
	if (l->compile)
		s->v[s->n++] = (struct sandbox_step){ .argv = words_of(l->compile, j->a), .build = true,
			.limits = { 30, 60, (uint64_t)2 << 30, 1 << 20, 256 << 20, 64 } };
	s->first = s->n;
	for (size_t i = 0; i < runs; i++)
		s->v[s->n++] = (struct sandbox_step){ .argv = words_of(l->run, j->a), .limits = j->rules->limits };
}

/* Of what a compiler says, the first line with an error. */
static struct span error_line(struct span err)
{
	for (struct span rest = err; rest.n;) {
		struct span line = next_line(&rest);

		if (span_find(line, S("error")) != (size_t)-1)
			return line;
	}
	return last_line(err);
}

/* True: the tests were run, or the code does not compile and that is their status. */
static bool carry_out(struct trial_job *j, struct steps *s, struct trial_result *r, bool *compiled)
{
	sandbox_run(j->sandbox, s->files, s->n_files, s->v, s->n, s->ends, j->a);
	for (size_t i = 0; i < s->n; i++) {
		if (s->ends[i].verdict == SANDBOX_ERROR) {
			j->why = s->ends[i].why;
			return false;
		}
		r->cpu += s->ends[i].cpu;
		r->wall += s->ends[i].wall;
	}
	*compiled = !s->first || s->ends[0].verdict == SANDBOX_OK;
	for (size_t i = 0; i < j->t->n; i++)
		r->status[i] = *compiled ? trial_status_of(s->ends[s->first + i].verdict) : TRIAL_COMPILE;
	if (!*compiled)
		r->why = error_line(s->ends[0].err);
	return true;
}

static bool run_cases(struct trial_job *j, struct span code, struct trial_result *r)
{
	const struct trial *t = j->t;
	struct steps s = { .files = { { t->language->file, code } }, .n_files = 1 };
	bool compiled;

	plan(j, &s, t->n);
	for (size_t i = 0; i < t->n; i++) {
		struct span in = json_text(scan_member(t->tests[i], S("in")), j->a);

		s.v[s.first + i].in = in.p ? in : S("");
	}
	if (!carry_out(j, &s, r, &compiled))
		return false;
	for (size_t i = 0; compiled && i < t->n; i++) {
		const struct sandbox_end *e = &s.ends[s.first + i];

		if (e->verdict == SANDBOX_OK && !same_output(e->out, json_text(scan_member(t->tests[i], S("out")), j->a)))
			r->status[i] = TRIAL_FAIL;
		if (r->status[i] != TRIAL_PASS && !r->why.n)
			r->why = e->verdict == SANDBOX_OK ? S("output") : last_line(e->err);
	}
	return true;
}

/* Code, tests and, at their end, what says that they have come there. */
static struct span whole_program(const struct trial_job *j, struct span code, const char *nonce)
{
	const struct language *l = j->t->language;
	struct span tests = j->t->text, done = span_of(l->done), mark = S("@NONCE@");
	size_t at = l->brace ? span_rfind(tests, S("}")) : tests.n, in_done = span_find(done, mark);
	struct buf b = { 0 };
	struct span s;

	if (at == (size_t)-1)
		at = tests.n;
	buf_add(&b, j->t->setup);
	buf_addc(&b, '\n');
	buf_add(&b, code);
	/* Tests that close a completion's brace come after code that has closed it. */
	s = span_trim(tests);
	if (s.n && s.p[0] == '}' && !span_starts(code, j->t->prompt)) {
		size_t brace = (size_t)(s.p - tests.p) + 1;

		buf_addc(&b, '\n');
		buf_add(&b, span_cut(tests, brace, at > brace ? at : brace));
	} else {
		buf_addc(&b, '\n');
		buf_add(&b, span_cut(tests, 0, at));
	}
	buf_add(&b, span_cut(done, 0, in_done));
	buf_adds(&b, nonce);
	buf_add(&b, span_cut(done, in_done + mark.n, done.n));
	buf_add(&b, span_cut(tests, at, tests.n));
	s = arena_copy(j->a, buf_span(&b));
	buf_free(&b);
	return s;
}

static bool run_program(struct trial_job *j, struct span code, struct trial_result *r)
{
	char nonce[NONCE + 1];
	struct steps s = { .n_files = 1 };
	const struct sandbox_end *e;
	bool compiled;

	make_nonce(nonce);
	s.files[0] = (struct sandbox_file){ j->t->language->file, whole_program(j, code, nonce) };
	plan(j, &s, 1);
	if (!carry_out(j, &s, r, &compiled))
		return false;
	e = &s.ends[s.first];
	if (compiled && e->verdict == SANDBOX_OK && !span_eq(last_line(e->out), span_of(nonce)))
		r->status[0] = TRIAL_FAIL;
	if (compiled && r->status[0] != TRIAL_PASS)
		r->why = e->verdict == SANDBOX_OK ? S("exit") : last_line(e->err);
	return true;
}

/* ---- testbenches ---- */

/* The testbench with the nonce in front of all it says, so that it can be told from what the design says. */
static struct span marked_bench(struct span bench, const char *nonce, struct arena *a)
{
	struct buf b = { 0 };
	struct span s;
	size_t at;

	while ((at = span_find(bench, S("$display"))) != (size_t)-1) {
		buf_add(&b, span_cut(bench, 0, at + 8));
		bench = span_cut(bench, at + 8, bench.n);
		s = span_trim(bench);
		if (!s.n || s.p[0] != '(')
			continue;
		s = span_trim(span_cut(s, 1, s.n));
		buf_addf(&b, "(\"%s \"%s", nonce, s.n && s.p[0] == ')' ? "" : ",");
		bench = (struct span){ s.p, (size_t)(bench.p + bench.n - s.p) };
	}
	buf_add(&b, bench);
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

/* Lines that begin with the nonce, without it. */
static struct span marked_lines(struct span out, const char *nonce, struct arena *a)
{
	struct buf b = { 0 };
	struct span s;

	while (out.n) {
		struct span line = next_line(&out);

		if (!span_starts(line, span_of(nonce)))
			continue;
		buf_add(&b, span_cut(line, NONCE + 1, line.n));
		buf_addc(&b, '\n');
	}
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

/* 1, 0; -1: a pattern is wrong or cannot be decided, j->why says so. */
static int matches(struct trial_job *j, struct span pattern, struct span text)
{
	char *why = NULL, *copy = span_dup(pattern);
	struct match *m = match_new(copy, false, &why);
	const char *limit = NULL;
	struct span found;
	int is = m ? match_find(m, text, 0, &found, &limit) : -1;

	if (is < 0)
		j->why = arena_printf(j->a, "pattern %s: %s", copy, m ? limit : why);
	match_free(m);
	free(why);
	free(copy);
	return is;
}

/* What a design must not call, since the testbench would be over before it has looked; NULL: nothing. */
static const char *ends_simulation(struct span code)
{
	static const char *const calls[] = { "$finish", "$stop", "$fatal" };

	for (size_t i = 0; i < COUNT(calls); i++)
		if (span_find(code, span_of(calls[i])) != (size_t)-1)
			return calls[i];
	return NULL;
}

static bool run_bench(struct trial_job *j, struct span code, struct trial_result *r)
{
	const struct trial *t = j->t;
	char nonce[NONCE + 1];
	struct steps s = { .n_files = 2 };
	const struct sandbox_end *e;
	struct span said;
	bool compiled;
	int pass, fail;

	r->why = span_of(ends_simulation(code));
	if (r->why.n)
		return true;
	make_nonce(nonce);
	s.files[0] = (struct sandbox_file){ t->language->file, code };
	s.files[1] = (struct sandbox_file){ t->language->bench, marked_bench(t->text, nonce, j->a) };
	plan(j, &s, 1);
	if (!carry_out(j, &s, r, &compiled))
		return false;
	if (!compiled || r->status[0] != TRIAL_PASS)
		return true;
	e = &s.ends[s.first];
	said = marked_lines(e->out, nonce, j->a);
	pass = matches(j, t->pass, said);
	fail = pass > 0 && t->fail.n ? matches(j, t->fail, said) : 0;
	if (pass < 0 || fail < 0)
		return false;
	if (!pass || fail) {
		r->status[0] = TRIAL_FAIL;
		r->why = S("testbench");
	}
	return true;
}

/* ---- all forms ---- */

static bool run_text(struct trial_job *j, struct span text, struct trial_result *r)
{
	struct span answer;
	int is;

	if (j->t->form == TRIAL_MATCH) {
		is = matches(j, j->t->text, text);
	} else {
		struct span want = answer_final(j->t->text);

		answer = answer_final(text);
		is = answer.p && answer_same(answer, want.p ? want : j->t->text);
		if (!answer.p)
			r->why = S("no answer");
	}
	r->status[0] = is > 0 ? TRIAL_PASS : TRIAL_FAIL;
	return is >= 0;
}

static bool run_one(struct trial_job *j, struct span code, struct trial_result *r)
{
	switch (j->t->form) {
	case TRIAL_CASES: return run_cases(j, code, r);
	case TRIAL_PROGRAM: return run_program(j, code, r);
	case TRIAL_BENCH: return run_bench(j, code, r);
	default: return run_text(j, code, r);
	}
}

bool trial_run(const struct trial *t, const struct trial_rules *rules, struct sandbox *s, const struct span *codes,
	size_t n, struct trial_result *results, struct arena *a, struct span *why)
{
	struct trial_job j = { t, rules, s, a, { NULL, 0 } };
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		results[i] = (struct trial_result){ .status = arena_alloc(a, t->n * sizeof *results[i].status), .why = S("") };
		for (size_t k = 0; k < t->n; k++)
			results[i].status[k] = TRIAL_FAIL;
	}
	if (t->form <= TRIAL_CALLS)
		good = trial_driver(&j, codes, n, results);
	for (size_t i = 0; good && t->form > TRIAL_CALLS && i < n; i++) {
		good = run_one(&j, codes[i], &results[i]);
		trial_sum(&results[i], t->n);
	}
	*why = j.why;
	return good;
}
