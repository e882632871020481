/* rules - the judge that follows a file of rules: patterns and measures with weights
 *
 * The score of a response is the sum over the rules of weight times points. One line is one rule; blank
 * lines and what follows a # are left out:
 *
 *	WEIGHT NAME: POINTS [if prompt PATTERN | unless prompt PATTERN]
 *
 * WEIGHT is a number, +1.5 or -2. POINTS is one of
 *
 *	PATTERN                  1 if the response holds it, else 0
 *	count PATTERN [max N]    how often the response holds it, N at most
 *	MEASURE [max N]          a measure of the response, N at most
 *	MEASURE A..B             1 if the measure is from A to B, else 0; A or B may be left out
 *
 * With a condition on the prompt, a rule whose condition does not hold gives 0 points. PATTERN is a PCRE2
 * regular expression between slashes, then flags: i ignore case, m ^ and $ at every line, s . takes line
 * ends too, x blanks and comments in the pattern are left out. A slash inside is written \/. The measures
 * are listed in measure.c and when a rule names one there is not.
 *
 *	# short answers to "briefly", and no sermon
 *	+1    brief:    words ..60              if prompt /\bbriefly\b/i
 *	-0.5  sermon:   count /\b(always|never) remember\b/i max 3
 *	-2    refusal:  refusal                 unless prompt /\b(bomb|poison)\b/i
 *
 * A pattern that hits a limit (see match.h) has neither matched nor not: the pair gets no scores, its
 * verdict is "error", and `why` names the rule.
 */
#include "judge.h"

#include "rules.h"
#include "stream.h"

#include <math.h>
#include <stdlib.h>

struct rules *rules_load(const char *path)
{
	struct rules *f = xcalloc(1, sizeof *f);
	struct buf text = { 0 };
	const char *why;

	if (file_read(path, &text, 16 << 20, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	rules_read(f, path, buf_span(&text));
	buf_free(&text);
	return f;
}

void rules_free(struct rules *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].name);
		match_free(f->v[i].pattern);
		match_free(f->v[i].prompt);
	}
	free(f->v);
	free(f);
}

static void *rules_open(const char *path)
{
	if (!path || !*path)
		die(EXIT_USAGE, "-J rules wants a file: -J rules:FILE");
	return rules_load(path);
}

static void rules_close(void *self)
{
	rules_free(self);
}

/* ---- judging ---- */

static bool points_of(const struct rule *r, struct measured *m, double *x, const char **why)
{
	struct span found;
	long n;

	switch (r->kind) {
	case PRESENT:
		n = match_find(r->pattern, m->response, 0, &found, why);
		*x = (double)n;
		return n >= 0;
	case OCCURRENCES:
		n = match_count(r->pattern, m->response, why);
		*x = fmin((double)n, r->hi);
		return n >= 0;
	case AMOUNT:
	case WITHIN:
		*x = r->measure->of(m);
		*why = m->why;
		if (isnan(*x))
			return false;
		*x = r->kind == AMOUNT ? fmin(*x, r->hi) : *x >= r->lo && *x <= r->hi;
		return true;
	}
	return false;
}

bool rule_points(const struct rule *r, struct arena *a, struct measured *m, size_t n, double *points, const char **why)
{
	const char *reason = NULL;
	struct span found;
	const int holds = r->prompt ? match_find(r->prompt, m[0].prompt, 0, &found, &reason) : 1;
	bool ok = holds >= 0;

	for (size_t k = 0; k < n; k++)
		points[k] = 0;
	if (ok && r->prompt && (holds > 0) == r->unless)
		return true;
	for (size_t k = 0; ok && k < n; k++) {
		double x;

		ok = points_of(r, &m[k], &x, &reason);
		points[k] = ok ? r->weight * x : 0;
	}
	if (!ok)
		*why = arena_printf(a, "rule %s: %s", r->name, reason).p;
	return ok;
}

/* Scores of one or two responses (m, by their prompt and response). False and *why if a rule cannot be applied. */
static bool apply(const struct rules *f, struct arena *a, struct measured *m, size_t n, double *score,
	const char **why)
{
	double points[2];

	for (size_t k = 0; k < n; k++)
		score[k] = 0;
	for (size_t i = 0; i < f->n; i++) {
		if (!rule_points(&f->v[i], a, m, n, points, why))
			return false;
		for (size_t k = 0; k < n; k++)
			score[k] += points[k];
	}
	return true;
}

static void rules_judge(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	struct measured m[2] = {
		{ .prompt = p->prompt, .response = p->chosen },
		{ .prompt = p->prompt, .response = p->rejected },
	};

	j->has_scores = apply(self, r->arena, m, 2, j->score, &j->why);
	j->verdict = j->has_scores ? VERDICT_NONE : VERDICT_ERROR;
	measured_free(&m[0]);
	measured_free(&m[1]);
}

static void rules_score(const void *self, struct rec *r, struct span prompt, struct span response,
	struct judgement *j)
{
	struct measured m = { .prompt = prompt, .response = response };

	j->has_scores = apply(self, r->arena, &m, 1, j->score, &j->why);
	j->verdict = j->has_scores ? VERDICT_NONE : VERDICT_ERROR;
	measured_free(&m);
}

const struct judge judge_rules = {
	.name = "rules",
	.arg = "FILE",
	.about = "weighted patterns and measures from a file (pipelines/rules/helpful.rules is an example)",
	.open = rules_open,
	.judge = rules_judge,
	.score = rules_score,
	.close = rules_close,
};
