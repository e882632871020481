/* scales - put unlike judges on one scale, learnt from the data */
#include "scales.h"

#include <math.h>
#include <stdlib.h>

/* What can be learnt from: the squares of all there can be still have a finite sum. */
#define LEARNABLE 1e140
/* What a unit or a temperature in a file can be: wider than what is ever learnt. */
#define SMALLEST 1e-200
#define LARGEST 1e200

struct said {
	uint32_t pair, label;
	double margin;
};

bool scores_of_pair(struct value v, double *chosen, double *rejected)
{
	struct scan_iter it = scan_open(v);
	struct member c, r, more;

	return v.kind == JSON_ARRAY && scan_next(&it, &c) && scan_next(&it, &r) && !scan_next(&it, &more) &&
		json_number(c.val, chosen) && json_number(r.val, rejected);
}

static struct scale *scale_of(const struct scales *s, const struct member *m)
{
	for (size_t i = 0; i < s->n; i++)
		if (member_is(m, span_of(s->v[i].label)))
			return &s->v[i];
	return NULL;
}

struct scale *scales_find(const struct scales *s, struct span label)
{
	for (size_t i = 0; i < s->n; i++)
		if (span_eq(span_of(s->v[i].label), label))
			return &s->v[i];
	return NULL;
}

bool scales_unit(const struct scales *s, const struct member *m, double *unit)
{
	const struct scale *scale;
	bool asked = !s->only;

	for (size_t i = 0; i < s->n_only && !asked; i++)
		asked = member_is(m, span_of(s->only[i]));
	*unit = 1;
	if (!asked || !s->known)
		return asked;
	scale = scale_of(s, m);
	if (scale)
		*unit = scale->unit;
	return scale != NULL;
}

/* ---- learning ---- */

static struct scale *scale_new(struct scales *s, struct span label)
{
	GROW(s->v, s->n, s->room);
	s->v[s->n] = (struct scale){ .label = span_dup(label), .unit = 1 };
	return &s->v[s->n++];
}

/* NULL: a label no judge has, since it holds a NUL. */
static struct scale *scale_for(struct scales *s, const struct member *m)
{
	struct scale *scale = scale_of(s, m);
	struct arena a = { 0 };

	if (!scale) {
		struct span label = json_unescape(m->key, &a);

		if (!label.n || !memchr(label.p, '\0', label.n))
			scale = scale_new(s, label);
		arena_free(&a);
	}
	return scale;
}

void scales_learn(struct scales *s, struct value scores)
{
	struct scan_iter it = scan_open(scores);
	struct member m;
	double c, r;

	while (scores.kind == JSON_OBJECT && scan_next(&it, &m)) {
		struct scale *scale;

		if (!scores_of_pair(m.val, &c, &r) || !(fabs(c - r) <= LEARNABLE))
			continue;
		scale = scale_for(s, &m);
		if (!scale)
			continue;
		scale->squares += (c - r) * (c - r);
		scale->pairs++;
		GROW(s->said, s->n_said, s->said_room);
		s->said[s->n_said++] = (struct said){ s->pairs, (uint32_t)(scale - s->v), c - r };
	}
	s->pairs++;
}

void scales_learn_group(struct scales *s, const struct value *scores, size_t n)
{
	struct member m;
	double x;

	for (size_t i = 0; i < n; i++) {
		struct scan_iter it = scan_open(scores[i]);

		while (scores[i].kind == JSON_OBJECT && scan_next(&it, &m)) {
			struct scale *scale;
			double off;

			if (!json_number(m.val, &x) || !(fabs(x) <= LEARNABLE))
				continue;
			scale = scale_for(s, &m);
			if (!scale)
				continue;
			off = x - scale->mean;
			scale->mean += off / ++scale->n;
			scale->m2 += off * (x - scale->mean);
		}
	}
	/* The squared differences of all n(n-1)/2 pairs add up to n times the squares about the mean. */
	for (size_t i = 0; i < s->n; i++) {
		struct scale *scale = &s->v[i];

		if (scale->n > 1) {
			scale->squares += scale->n * scale->m2;
			scale->pairs += (uint64_t)(scale->n * (scale->n - 1) / 2);
		}
		scale->n = scale->mean = scale->m2 = 0;
	}
}

/* The b = 1 / temperature > 0 under which sigmoid(b m) explains best that chosen is better, a label that is
 * right with probability t = (n + 1) / (n + 2) (Platt 1999: with t = 1 margins that all agree with their
 * labels would drive b to infinity). It is the root of g(b) = sum m (t - sigmoid(b m)), which falls: found
 * by Newton's steps, halved when they leave the bracket. The margins' sum must be positive. */
static double fit_slope(const double *m, size_t n)
{
	const double t = ((double)n + 1) / ((double)n + 2);
	double lo = 0, hi = INFINITY, b = 1;

	for (int step = 0; step < 200; step++) {
		double g = 0, falls = 0, next;

		for (size_t i = 0; i < n; i++) {
			double p = sigmoid(b * m[i]);

			g += m[i] * (t - p);
			falls += m[i] * m[i] * p * (1 - p);
		}
		if (g > 0)
			lo = b;
		else
			hi = b;
		next = b + g / falls;
		if (!(next > lo && next < hi))
			next = isinf(hi) ? 2 * lo : (lo + hi) / 2;
		if (fabs(next - b) <= 1e-12 * b)
			break;
		b = next;
	}
	return b;
}

static void fit_temperature(struct scales *s)
{
	double *mean = xcalloc(s->pairs ? s->pairs : 1, sizeof *mean), total = 0;
	size_t n = 0, i = 0;
	bool differ = false;

	while (i < s->n_said) {
		uint32_t pair = s->said[i].pair, judges = 0;
		double sum = 0;

		for (; i < s->n_said && s->said[i].pair == pair; i++) {
			const struct scale *scale = &s->v[s->said[i].label];
			struct member m = { .key = span_of(scale->label), .key_plain = true };
			double unit;

			if (!scales_unit(s, &m, &unit))
				continue;
			sum += s->said[i].margin / unit;
			judges++;
		}
		if (judges) {
			mean[n] = sum / judges;
			differ |= mean[n] != 0;
			total += mean[n++];
		}
	}
	s->temperature = 0;
	s->no_temperature = NULL;
	if (total > 0) {
		/* Six digits are more than any data bear, and the same with every exp(). */
		char digits[32];

		snprintf(digits, sizeof digits, "%.6g", 1 / fit_slope(mean, n));
		s->temperature = strtod(digits, NULL);
	} else if (n) {
		s->no_temperature = !differ ? "all margins are 0" :
			total < 0 ? "the judges contradict the labels more than they agree" :
			"the judges contradict the labels as much as they agree";
	}
	free(mean);
}

void scales_fit(struct scales *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct scale *scale = &s->v[i];

		/* A judge to whom all responses are equal adds margins of 0 in any unit. */
		scale->unit = scale->pairs ? sqrt(scale->squares / (double)scale->pairs) : 0;
		if (scale->unit == 0)
			scale->unit = 1;
	}
	s->known = true;
	fit_temperature(s);
	free(s->said);
	s->said = NULL;
	s->n_said = s->said_room = 0;
	/* Labels met only on single responses have no margin to learn from. */
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].pairs > 0) {
			s->v[kept++] = s->v[i];
		} else {
			free(s->v[i].label);
			free(s->v[i].judge);
		}
	}
	s->n = kept;
}

void scales_free(struct scales *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].label);
		free(s->v[i].judge);
	}
	free(s->v);
	free(s->said);
	*s = (struct scales){ 0 };
}

/* ---- file ---- */

void scales_put(const struct scales *s, struct buf *b)
{
	buf_adds(b, "{\"judges\":{");
	for (size_t i = 0; i < s->n; i++) {
		const struct scale *scale = &s->v[i];

		if (i)
			buf_addc(b, ',');
		json_put_text(b, span_of(scale->label));
		buf_adds(b, ":{");
		if (scale->judge) {
			buf_adds(b, "\"judge\":");
			json_put_text(b, span_of(scale->judge));
			buf_addc(b, ',');
		}
		buf_adds(b, "\"unit\":");
		json_put_number(b, scale->unit);
		buf_addf(b, ",\"pairs\":%llu}", (unsigned long long)scale->pairs);
	}
	buf_addc(b, '}');
	if (s->temperature > 0) {
		buf_adds(b, ",\"temperature\":");
		json_put_number(b, s->temperature);
	}
	buf_addc(b, '}');
}

static bool in_range(double x)
{
	return x >= SMALLEST && x <= LARGEST;
}

static char *copy_text(struct value v)
{
	struct arena a = { 0 };
	struct span text = json_text(v, &a);
	char *copy = text.p ? span_dup(text) : NULL;

	arena_free(&a);
	return copy;
}

bool scales_get(struct scales *s, struct span json, const char **why)
{
	struct scan_index ix = { 0 };
	struct scan_error e;
	struct scan_iter it;
	struct value top, judges, temperature;
	struct member m;
	struct arena a = { 0 };

	*s = (struct scales){ .known = true };
	*why = NULL;
	if (!scan(json, SCAN_UNIQUE, &ix, &top, &e)) {
		*why = e.why;
		goto out;
	}
	judges = scan_member(top, S("judges"));
	temperature = scan_member(top, S("temperature"));
	*why = "not a calibration file of pref-score";
	if (judges.kind != JSON_OBJECT)
		goto out;
	if (temperature.kind != JSON_NONE && !json_number(temperature, &s->temperature))
		goto out;
	*why = "the temperature is not in 1e-200..1e200";
	if (temperature.kind != JSON_NONE && !in_range(s->temperature))
		goto out;
	it = scan_open(judges);
	while (scan_next(&it, &m)) {
		double unit, pairs;
		struct scale *scale;

		*why = "not a calibration file of pref-score";
		if (!json_number(scan_member(m.val, S("unit")), &unit) ||
		    !json_number(scan_member(m.val, S("pairs")), &pairs) || !(pairs >= 1 && pairs < 1e18))
			goto out;
		*why = "a unit is not in 1e-200..1e200";
		if (!in_range(unit))
			goto out;
		scale = scale_new(s, json_unescape(m.key, &a));
		scale->unit = unit;
		scale->pairs = (uint64_t)pairs;
		scale->judge = copy_text(scan_member(m.val, S("judge")));
	}
	*why = NULL;
out:
	scan_index_free(&ix);
	arena_free(&a);
	if (*why)
		scales_free(s);
	return !*why;
}
