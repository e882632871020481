/* length - the judge that knows nothing but length: the baseline every other has to beat
 *
 * -J length scores a response by its code points; the argument names another measure.
 */
#include "judge.h"

#include "text.h"

static double chars(struct span s)
{
	return (double)text_points(s);
}

static double bytes(struct span s)
{
	return (double)s.n;
}

static double words(struct span s)
{
	struct words w = { 0 };
	double n;

	text_words(s, &w);
	n = (double)w.n;
	words_free(&w);
	return n;
}

static const struct measure {
	const char *name;
	double (*of)(struct span s);
	double sign;
} measures[] = {
	{ "chars", chars, 1 },			/* the first is the default */
	{ "words", words, 1 },
	{ "bytes", bytes, 1 },
	{ "shorter", chars, -1 },
	{ "shorter-words", words, -1 },
};

static void *length_open(const char *arg)
{
	struct buf list = { 0 };

	if (!arg)
		return (void *)&measures[0];
	for (size_t i = 0; i < COUNT(measures); i++)
		if (strcmp(arg, measures[i].name) == 0)
			return (void *)&measures[i];
	for (size_t i = 0; i < COUNT(measures); i++)
		buf_addf(&list, "%s%s", i ? ", " : "", measures[i].name);
	die(EXIT_USAGE, "-J length:%s: there are %s", arg, buf_cstr(&list));
}

static void length_judge(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	const struct measure *m = self;

	(void)r;
	j->score[0] = m->sign * m->of(p->chosen);
	j->score[1] = m->sign * m->of(p->rejected);
	j->has_scores = true;
}

static void length_score(const void *self, struct rec *r, struct span prompt, struct span response,
	struct judgement *j)
{
	const struct measure *m = self;

	(void)r;
	(void)prompt;
	j->score[0] = m->sign * m->of(response);
	j->has_scores = true;
}

const struct judge judge_length = {
	.name = "length",
	.arg = "MEASURE",
	.about = "longer is better, by chars (the default), words or bytes; shorter, shorter-words: the reverse",
	.open = length_open,
	.judge = length_judge,
	.score = length_score,
};
