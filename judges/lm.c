/* lm - the judge that asks language models how likely a response is
 *
 * -J lm:MODEL[,weak=MODEL][,KEY=VALUE...]: the log-prob of the response by MODEL, or its ratio to that by the weak one; see
 * judges/density.h and pref-density, which does the same and more. If MODEL is a reward model (score.weight, as pref-train
 * reward and transformers' *ForSequenceClassification write it), its raw score; of a general preference model, half the score
 * of the pair and its negative. Keys: weak (or reference), per (sum, token, byte), beta, criteria, chat, tokenizer, cache,
 * precision (f32, bf16).
 */
#include "density.h"
#include "judge.h"

#include <math.h>
#include <stdlib.h>

static bool take(struct density_options *o, const char *key, const char *value)
{
	static const char *const pers[] = { "sum", "token", "byte" };
	char *end;

	if (strcmp(key, "weak") == 0 || strcmp(key, "reference") == 0) {
		o->model[WEAK] = value;
	} else if (strcmp(key, "criteria") == 0) {
		o->criteria[STRONG] = o->criteria[WEAK] = value;
	} else if (strcmp(key, "chat") == 0) {
		o->chat = value;
	} else if (strcmp(key, "tokenizer") == 0) {
		o->tokenizer = value;
	} else if (strcmp(key, "cache") == 0) {
		o->cache = value;
	} else if (strcmp(key, "beta") == 0) {
		o->beta = strtod(value, &end);
		return *end == '\0' && o->beta > 0 && isfinite(o->beta);
	} else if (strcmp(key, "precision") == 0) {
		o->bf16 = strcmp(value, "bf16") == 0;
		return o->bf16 || strcmp(value, "f32") == 0;
	} else if (strcmp(key, "per") == 0) {
		size_t i = 0;

		while (i < COUNT(pers) && strcmp(value, pers[i]) != 0)
			i++;
		o->per = (enum density_per)i;
		return i < COUNT(pers);
	} else {
		return false;
	}
	return true;
}

static void *lm_judge_open(const char *arg)
{
	struct density_options o = { .beta = 1, .rewards = true, .threads = 1 };
	struct density *d;
	char *spec, *at;

	if (!arg || !*arg)
		die(EXIT_USAGE, "-J lm wants a model: -J lm:MODEL");
	spec = xstrdup(arg);
	at = spec;
	o.model[STRONG] = strsep(&at, ",");
	for (char *part; (part = strsep(&at, ","));) {
		char *value = strchr(part, '=');

		if (value)
			*value++ = '\0';
		if (!value || !take(&o, part, value))
			die(EXIT_USAGE, "-J lm:%s: what is %s%s%s? There are weak, per (sum, token, byte), beta, criteria, chat, tokenizer, cache, "
				"precision (f32, bf16)",
				arg, part, value ? "=" : "", value ? value : "");
	}
	d = density_open(&o);
	free(spec);
	return d;
}

static void lm_judge_close(void *self)
{
	density_close(self);
}

static void lm_judge(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	struct density_said said[2];

	(void)p;
	density_ask(self, r, true, 2, said);
	j->has_scores = !isnan(said[0].score) && !isnan(said[1].score);
	if (!j->has_scores) {
		j->verdict = VERDICT_ERROR;
		j->why = said[0].why ? said[0].why : said[1].why;
	}
	for (int i = 0; i < 2; i++)
		j->score[i] = said[i].score;
}

static void lm_scores(const void *self, struct rec *r, struct value responses, double *score, const char **why)
{
	const size_t n = scan_count(responses);
	struct density_said *said = arena_alloc(r->arena, (n + 1) * sizeof *said);

	density_ask(self, r, false, n, said);
	for (size_t k = 0; k < n; k++) {
		score[k] = said[k].score;
		if (said[k].why && !*why)
			*why = said[k].why;
	}
}

const struct judge judge_lm = {
	.name = "lm",
	.arg = "MODEL[,weak=MODEL]",
	.about = "score by a reward model; or log-prob by a language model, or the ratio of two",
	.slow = true,
	.open = lm_judge_open,
	.judge = lm_judge,
	.scores = lm_scores,
	.close = lm_judge_close,
};
