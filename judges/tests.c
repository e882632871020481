/* tests - the judge that runs responses against the tests that go with their prompt
 *
 * A score is the share of the tests that a response passes, from 0 to 1. Tests are in the records, in the forms of pref-test,
 * or in the file that the argument names, under the same task_id, id or prompt. Without tests there is no score. Time
 * and memory that end a test are no pass: pref-test tells them apart from wrong answers. Programs run in the best
 * sandbox that works, under its usual limits; where none works the judge cannot be opened.
 */
#include "judge.h"

#include "exam.h"
#include "testbook.h"
#include "view.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

struct tests {
	struct testbook *book;		/* NULL: tests are in the records */
	struct sandbox *box;
	struct trial_rules rules;
};

static void *tests_open(const char *arg)
{
	struct tests *t = xcalloc(1, sizeof *t);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char *why;

	t->box = sandbox_open(SANDBOX_AUTO, cores > 1 ? (unsigned)cores : 1, NULL, 0, &why);
	if (!t->box)
		die(EXIT_SYSTEM, "-J tests: no sandbox works here (%s)", why);
	t->rules = (struct trial_rules){ .limits = sandbox_limits, .language = language_find(S("python")) };
	if (arg)
		t->book = testbook_read(arg);
	return t;
}

/* Shares of n texts; false: *why says why there are none. */
static bool shares(const struct tests *t, struct rec *r, const struct span *texts, size_t n, double *share, const char **why)
{
	struct span no_reference = { NULL, 0 }, error;
	struct trial trial;
	struct exam e;
	struct value object = testbook_find(t->book, r);
	int found = object.kind == JSON_NONE ? 0 : trial_of(object, &t->rules, &trial, r->arena, why);

	if (found == 0)
		*why = "no tests";
	if (found <= 0)
		return false;
	if (!exam_take(&e, &trial, &t->rules, t->box, NULL, texts, n, no_reference, r->arena, &error))
		die(EXIT_SYSTEM, "-J tests: %.*s", ARG(error));
	for (size_t i = 0; i < n; i++)
		share[i] = (double)e.results[i].pass / (double)e.tests;
	return true;
}

static void tests_judge(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	const struct span texts[] = { p->chosen, p->rejected };

	j->has_scores = shares(self, r, texts, 2, j->score, &j->why);
	if (!j->has_scores)
		j->verdict = VERDICT_ERROR;
}

static void tests_scores(const void *self, struct rec *r, struct value responses, double *score, const char **why)
{
	const size_t n = scan_count(responses);
	struct span *texts = arena_alloc(r->arena, (n + 1) * sizeof *texts);
	size_t *of = arena_alloc(r->arena, (n + 1) * sizeof *of), m = 0;
	double *share = arena_alloc(r->arena, (n + 1) * sizeof *share);
	struct view w;

	view_of(r, &w);
	for (size_t k = 0; k < n; k++) {
		score[k] = NAN;
		texts[m] = view_text(&w, &w.sides[k]);
		if (texts[m].p)
			of[m++] = k;
	}
	*why = m < n ? "no text" : NULL;
	if (m && shares(self, r, texts, m, share, why))
		for (size_t i = 0; i < m; i++)
			score[of[i]] = share[i];
}

static void tests_close(void *self)
{
	struct tests *t = self;

	sandbox_close(t->box);
	testbook_free(t->book);
	free(t);
}

const struct judge judge_tests = {
	.name = "tests",
	.arg = "FILE",
	.about = "run responses in a sandbox: the share passed of their tests, which are in records or in FILE (pref-test)",
	.slow = true,
	.open = tests_open,
	.judge = tests_judge,
	.scores = tests_scores,
	.close = tests_close,
};
