/* linear - the judge that asks a reward model trained by pref-train linear
 *
 * Scores are log-odds: sigmoid of their difference is the probability that the first response is
 * better. A general preference model (--model gpm) only compares: of a pair the scores are half of
 * the log-odds and its negative, candidates cannot be scored. Of a mixture (--mixture) a candidate's score
 * is the mean of its models' weighted by the gate; of a pair the scores are such that their difference is the
 * log-odds.
 */
#include "judge.h"

#include "linear_gpm.h"
#include "linear_mixture.h"
#include "stream.h"

#include <stdlib.h>

/* A model of 2^20 weights takes 8 MiB at most, a mixture 16 such, a general one 272 MiB with 64 dimensions. */
enum { FILE_MAX = 512 << 20 };

struct any_model {
	enum { REWARD, GENERAL, MIXTURE } kind;
	struct linear_model reward;
	struct gpm_model general;
	struct mixture_model mixture;
};

static const char *read_model(struct any_model *m, struct span bytes)
{
	if (span_starts(bytes, S("PREFGPM\n"))) {
		m->kind = GENERAL;
		return gpm_get(&m->general, bytes);
	}
	if (span_starts(bytes, S("PREFMIX\n"))) {
		m->kind = MIXTURE;
		return mixture_get(&m->mixture, bytes);
	}
	m->kind = REWARD;
	return linear_get(&m->reward, bytes);
}

static void *linear_open(const char *path)
{
	struct any_model *m = xcalloc(1, sizeof *m);
	struct buf bytes = { 0 };
	const char *why;

	if (!path || !*path)
		die(EXIT_USAGE, "-J linear wants a model: -J linear:FILE");
	if (file_read(path, &bytes, FILE_MAX, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	why = read_model(m, buf_span(&bytes));
	buf_free(&bytes);
	if (why)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	return m;
}

static void linear_close(void *self)
{
	struct any_model *m = self;

	linear_model_free(&m->reward);
	gpm_model_free(&m->general);
	mixture_model_free(&m->mixture);
	free(m);
}

/* Scores whose difference is this margin, around a mean. */
static void around(double mean, double margin, double score[2])
{
	score[0] = mean + margin / 2;
	score[1] = mean - margin / 2;
}

static void linear_judge(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	const struct any_model *m = self;
	struct features f = { 0 };
	double reward[2], margin;

	(void)r;
	features_of(&f, p->prompt, (const struct span[]){ p->chosen, p->rejected }, 2);
	if (m->kind == GENERAL) {
		around(0, gpm_margin(&m->general, &f), j->score);
	} else if (m->kind == MIXTURE) {
		margin = mixture_margin(&m->mixture, &f, reward);
		around((reward[0] + reward[1]) / 2, margin, j->score);
	} else {
		linear_score(&m->reward, &f, j->score);
	}
	j->has_scores = true;
	features_free(&f);
}

static void linear_score_one(const void *self, struct rec *r, struct span prompt, struct span response,
	struct judgement *j)
{
	const struct any_model *m = self;
	struct features f = { 0 };

	(void)r;
	if (m->kind == GENERAL) {
		j->verdict = VERDICT_ERROR;
		j->why = "it only compares pairs";
		return;
	}
	features_of(&f, prompt, &response, 1);
	if (m->kind == MIXTURE)
		mixture_margin(&m->mixture, &f, j->score);
	else
		linear_score(&m->reward, &f, j->score);
	j->has_scores = true;
	features_free(&f);
}

const struct judge judge_linear = {
	.name = "linear",
	.arg = "FILE",
	.about = "a reward model that pref-train linear made",
	.open = linear_open,
	.judge = linear_judge,
	.score = linear_score_one,
	.close = linear_close,
};
