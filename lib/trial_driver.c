/* trial_driver - Python functions: all candidates of a record in one sandbox, under driver.py
 *
 * A candidate that kills the driver is found by where the answers end. It is a violation, and the candidates after it
 * go to a sandbox of their own. So does each from the first on, where the driver cannot find and kill what one before it has
 * left running.
 */
#include "trial_steps.h"

#include "driver.h"

#include <math.h>
#include <stdlib.h>

enum { DRIVER_MEMORY = 128 << 20 };

static void put_member(struct buf *b, const char *name, struct span text)
{
	buf_addf(b, ",\"%s\":", name);
	json_put_text(b, text);
}

/* What driver.py reads. */
static void put_job(struct buf *b, const struct trial_job *j, const struct span *codes, size_t n)
{
	const struct trial *t = j->t;

	buf_addf(b, "{\"cpu\":%d,\"wall\":", (int)ceil(j->rules->limits.cpu));
	json_put_number(b, j->rules->limits.wall);
	buf_addf(b, ",\"memory\":%llu", (unsigned long long)j->rules->limits.memory);
	put_member(b, "prompt", t->form == TRIAL_CHECK ? t->prompt : S(""));
	put_member(b, "setup", t->setup);
	put_member(b, "entry", t->entry);
	buf_adds(b, ",\"tests\":[");
	for (size_t i = 0; i < t->n; i++) {
		if (i)
			buf_addc(b, ',');
		if (t->form != TRIAL_CHECK) {
			buf_add(b, t->tests[i].raw);
			continue;
		}
		struct span text = arena_printf(j->a, "%.*s\ncheck(%.*s)\n", ARG(t->text), ARG(t->entry));

		json_put_text(b, text);
	}
	buf_adds(b, "],\"codes\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(b, ',');
		json_put_text(b, codes[i]);
	}
	buf_adds(b, "]}");
}

static enum trial_status status_named(struct span word)
{
	for (int i = 0; i <= TRIAL_VIOLATION; i++)
		if (span_eq(word, span_of(trial_words[i])))
			return (enum trial_status)i;
	return TRIAL_VIOLATION;
}

/* False: the line is none of the driver's. */
static bool read_answer(struct span line, size_t n, struct trial_result *r, struct arena *a)
{
	struct scan_error e;
	struct value top, list;
	struct scan_iter it;
	struct member m;
	double x;
	size_t i = 0;

	if (!scan(line, 0, NULL, &top, &e) || top.kind != JSON_OBJECT)
		return false;
	list = scan_member(top, S("status"));
	if (scan_count(list) != n)
		return false;
	for (it = scan_open(list); scan_next(&it, &m); i++)
		r->status[i] = status_named(json_text(m.val, a));
	r->why = json_text(scan_member(top, S("why")), a);
	if (json_number(scan_member(top, S("inside")), &x))
		r->inside = (size_t)x;
	return true;
}

/* Answers of the first candidates: their number. */
static size_t read_answers(struct span side, size_t tests, struct trial_result *results, size_t n, struct arena *a)
{
	size_t done = 0;

	while (side.n && done < n) {
		const char *nl = memchr(side.p, '\n', side.n);

		if (!nl || !read_answer(span_cut(side, 0, (size_t)(nl - side.p)), tests, &results[done], a))
			break;
		done++;
		side = span_cut(side, (size_t)(nl - side.p) + 1, side.n);
	}
	return done;
}

/* The candidate that took the driver with it: by a limit on all processes together, or by force. */
static void blame(struct trial_result *r, size_t tests, enum sandbox_verdict v)
{
	const bool limit = v == SANDBOX_TIMEOUT || v == SANDBOX_MEMORY || v == SANDBOX_OUTPUT;

	for (size_t i = 0; i < tests; i++)
		r->status[i] = limit ? trial_status_of(v) : TRIAL_VIOLATION;
	r->why = S("driver");
	r->inside = 0;
	trial_sum(r, tests);
}

/* As many of the candidates as one sandbox lasts for: *got. */
static bool run_some(struct trial_job *j, const struct span *codes, size_t n, bool alone, struct trial_result *results,
	size_t *got)
{
	static const char *const argv[] = { "python3", "-I", "../box/driver.py", NULL };
	const struct sandbox_file file = { "driver.py", driver_python() };
	struct sandbox_step step = { .argv = argv, .limits = j->rules->limits };
	const size_t tests = j->t->n;
	struct sandbox_end end;
	struct buf in = { 0 };

	put_job(&in, j, codes, n);
	step.in = buf_span(&in);
	/* The driver holds each candidate to its limits; these are for the driver. */
	step.limits.wall = (j->rules->limits.wall + 6) * (double)n + 10;
	step.limits.cpu = (2 * j->rules->limits.cpu + 4) * (double)n + 10;
	step.limits.memory += DRIVER_MEMORY;
	step.limits.output = (size_t)64 << 20;
	(alone ? sandbox_run_alone : sandbox_run)(j->sandbox, &file, 1, &step, 1, &end, j->a);
	buf_free(&in);
	if (end.verdict == SANDBOX_ERROR) {
		j->why = end.why;
		return false;
	}
	*got = read_answers(end.side, tests, results, n, j->a);
	for (size_t i = 0; i < *got; i++)
		trial_sum(&results[i], tests);
	if (*got == 0 && (end.verdict == SANDBOX_EXIT || end.verdict == SANDBOX_OK)) {
		j->why = arena_printf(j->a, "driver.py: %.*s", ARG(span_trim(end.err)));
		return false;
	}
	if (*got < n && end.verdict != SANDBOX_OK)
		blame(&results[(*got)++], tests, end.verdict);
	return true;
}

/* Late by the clock, but not by the time it has used. */
static bool was_late(const struct trial_result *r)
{
	return r->verdict == TRIAL_TIMEOUT && span_eq(r->why, S("wall"));
}

bool trial_driver(struct trial_job *j, const struct span *codes, size_t n, struct trial_result *results)
{
	/* Where the driver cannot find what a candidate has left behind, each has a sandbox of its own. */
	const bool together = sandbox_own_processes(j->sandbox);

	for (size_t done = 0, got; done < n; done += got)
		if (!run_some(j, codes + done, together ? n - done : 1, false, results + done, &got))
			return false;
	for (size_t i = 0, got; i < n; i++)
		if (was_late(&results[i]) && !run_some(j, codes + i, 1, true, results + i, &got))
			return false;
	return true;
}
