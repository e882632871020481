/* gain - which labels a human would turn: the facts about a pair */
#include "gain.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>

/* Variances stay finite. */
#define LARGEST 1e9
enum { WORD_MAX = 100 };

void gain_reads_add(char ***v, size_t *n, struct span name)
{
	for (size_t i = 0; i < *n; i++)
		if (span_eq(span_of((*v)[i]), name))
			return;
	*v = xreallocarray(*v, *n + 1, sizeof **v);
	(*v)[(*n)++] = span_dup(name);
}

static void free_names(char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

void gain_reads_free(struct gain_reads *reads)
{
	free_names(reads->fields, reads->n_fields);
	free_names(reads->humans, reads->n_humans);
	*reads = (struct gain_reads){ 0 };
}

/* The first of a name counts. */
static void add(struct rec *r, struct gain_facts *f, struct span name, double x, bool tag)
{
	for (size_t i = 0; i < f->n; i++)
		if (span_eq(f->v[i].name, name))
			return;
	if (f->n >= GAIN_TERMS || name.n > 4 * WORD_MAX)
		return;
	f->v = arena_grown(r->arena, f->v, f->n, &f->room, sizeof *f->v);
	f->v[f->n++] = (struct gain_fact){ name, fmin(fmax(x, -LARGEST), LARGEST), tag };
}

/* ---- of the texts ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The hashes of a text's words, in order. */
static size_t hashes(struct rec *r, struct span text, uint64_t **v)
{
	struct words w = { 0 };
	const size_t n = (text_words(text, &w), w.n);

	*v = arena_alloc(r->arena, (n + 1) * sizeof **v);
	for (size_t i = 0; i < n; i++)
		(*v)[i] = w.v[i].hash;
	qsort(*v, n, sizeof **v, by_value);
	words_free(&w);
	return n;
}

/* Words that both have, each as often as it is in both. */
static size_t shared(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
	size_t i = 0, k = 0, both = 0;

	while (i < n && k < m) {
		both += a[i] == b[k];
		if (a[i] <= b[k])
			k += a[i++] == b[k];
		else
			k++;
	}
	return both;
}

static double copied(const uint64_t *v, size_t n, const uint64_t *prompt, size_t m)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += bsearch(&v[i], prompt, m, sizeof *v, by_value) != NULL;
	return (double)found / (double)(n + 1);
}

static void of_texts(struct rec *r, const struct pair *p, struct gain_facts *f)
{
	uint64_t *prompt, *chosen, *rejected;
	const size_t k = hashes(r, p->prompt.p ? p->prompt : S(""), &prompt);
	const size_t n = hashes(r, p->chosen, &chosen), m = hashes(r, p->rejected, &rejected);
	const double ratio = log((double)(n + 1) / (double)(m + 1));

	add(r, f, S("prompt_words"), log1p((double)k), false);
	add(r, f, S("words"), log1p((double)(n + m)), false);
	add(r, f, S("length_ratio"), ratio, false);
	add(r, f, S("length_gap"), fabs(ratio), false);
	add(r, f, S("overlap"), n + m ? 2 * (double)shared(chosen, n, rejected, m) / (double)(n + m) : 1, false);
	add(r, f, S("copied"), copied(chosen, n, prompt, k) - copied(rejected, m, prompt, k), false);
	add(r, f, S("question"), p->prompt.p && memchr(p->prompt.p, '?', p->prompt.n), false);
}

/* ---- of the members ---- */

static bool is_human(const struct gain_reads *reads, struct span by)
{
	for (size_t i = 0; i < reads->n_humans; i++)
		if (span_eq(span_of(reads->humans[i]), by))
			return true;
	return false;
}

bool gain_votes(struct rec *r, const struct gain_reads *reads, double *wrong, double *human)
{
	double against[2] = { 0, 0 }, votes[2] = { 0, 0 };
	struct ballot b;

	*wrong = *human = NAN;
	if (!ballot_read(r, &b))
		return false;
	for (size_t i = 0; i < b.n; i++) {
		const bool h = is_human(reads, b.v[i].by);

		votes[h]++;
		against[h] += b.v[i].side == BALLOT_REJECTED ? 1 : b.v[i].side == BALLOT_TIE ? 0.5 : 0;
	}
	/* (A record of one annotator says nothing against its own label.) */
	if (votes[0] > 0 && rec_get(r, "votes").kind != JSON_NONE)
		*wrong = (against[0] + 1) / (votes[0] + 2);
	if (votes[1] > 0)
		*human = against[1] / votes[1];
	return true;
}

static double log_odds(double p)
{
	p = fmin(fmax(p, 1e-6), 1 - 1e-6);
	return log(p / (1 - p));
}

static void of_value(struct rec *r, struct span name, struct value v, struct gain_facts *f)
{
	struct scan_iter it = scan_open(v);
	struct member m;
	struct span word = v.kind == JSON_TRUE || v.kind == JSON_FALSE ? v.raw : json_text(v, r->arena);
	double x;

	if (json_number(v, &x))
		add(r, f, name, x, false);
	else if (word.p && word.n <= WORD_MAX)
		add(r, f, arena_printf(r->arena, "%.*s=%.*s", ARG(name), ARG(word)), 1, true);
	while (scan_next(&it, &m)) {
		if (v.kind == JSON_OBJECT)
			of_value(r, arena_printf(r->arena, "%.*s.%.*s", ARG(name), ARG(json_unescape(m.key, r->arena))), m.val, f);
		else if (m.val.kind == JSON_STRING)
			of_value(r, name, m.val, f);
	}
}

bool gain_facts_of(struct rec *r, const struct pair *p, const struct gain_reads *reads, struct gain_facts *f)
{
	static const char *const plain[] = { "margin", "margin_std", "difficulty" };
	double x, wrong;

	*f = (struct gain_facts){ 0 };
	if (!gain_votes(r, reads, &wrong, &f->human))
		return false;
	if (!isnan(wrong))
		add(r, f, S("votes"), log_odds(wrong), false);
	if (rec_num(r, "flip", &x) && x >= 0 && x <= 1)
		add(r, f, S("flip"), log_odds(x), false);
	if (rec_num(r, "preference", &x) && x >= 0 && x <= 1)
		add(r, f, S("preference"), log_odds(1 - x), false);
	for (size_t i = 0; i < COUNT(plain); i++)
		if (rec_num(r, plain[i], &x))
			add(r, f, span_of(plain[i]), x, false);
	of_texts(r, p, f);
	for (size_t i = 0; i < reads->n_fields; i++)
		of_value(r, span_of(reads->fields[i]), rec_get(r, reads->fields[i]), f);
	return true;
}
