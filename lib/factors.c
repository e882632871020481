/* factors - which of two responses is better by factors in order of importance */
#include "factors.h"

#include <math.h>
#include <stdlib.h>

/* ---- the factors ---- */

static bool read_margin(struct factor *f, const char *text)
{
	char *end;

	f->margin = strtod(text, &end);
	f->in_sd = strcmp(end, "sd") == 0;
	return end > text && (*end == '\0' || f->in_sd) && isfinite(f->margin) && f->margin >= 0;
}

bool factors_add(struct factors *f, const char *spec, const char **why)
{
	const char *colon = strrchr(spec, ':'), *name = spec + (*spec == '-');
	struct factor one = { .name = spec, .lower = *spec == '-' };

	/* Labels of judges may hold a colon, too: "rules:helpful". */
	if (colon && (!colon[1] || !strchr("+-.0123456789", colon[1])))
		colon = NULL;
	*why = "a margin is a number, 0 or more, or one and \"sd\"";
	if (colon && !read_margin(&one, colon + 1))
		return false;
	one.judge = colon ? span_dup((struct span){ name, (size_t)(colon - name) }) : xstrdup(name);
	*why = "a factor wants a name";
	if (!*one.judge) {
		free(one.judge);
		return false;
	}
	one.by = candidates_by(one.judge);
	one.name = one.judge;
	one.least = one.in_sd ? 0 : one.margin;
	f->in_sd |= one.in_sd && one.margin > 0;
	GROW(f->v, f->n, f->room);
	f->v[f->n++] = one;
	return true;
}

void factors_free(struct factors *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].judge);
	free(f->v);
	*f = (struct factors){ 0 };
}

static bool value_of(const struct factor *f, const struct candidate *c, double *x)
{
	struct value written;

	if (!candidate_value(c, f->by, f->judge, x, &written))
		return false;
	if (f->lower)
		*x = -*x;
	return true;
}

/* ---- margins in standard deviations ---- */

void factors_learn(struct factors *f, const struct candidates *c)
{
	for (size_t k = 0; k < f->n; k++) {
		struct factor *one = &f->v[k];

		for (size_t i = 0; i < c->n; i++) {
			double x, d;

			if (!value_of(one, &c->v[i], &x))
				continue;
			d = x - one->mean;
			one->mean += d / (double)++one->n;
			one->squares += d * (x - one->mean);
		}
	}
}

void factors_fix(struct factors *f)
{
	for (size_t k = 0; k < f->n; k++) {
		struct factor *one = &f->v[k];

		if (one->in_sd)
			one->least = one->n < 2 ? 0 : one->margin * sqrt(one->squares / (double)(one->n - 1));
	}
}

/* ---- comparing ---- */

void factors_read(struct factored *t, const struct factors *f, struct candidates *c)
{
	t->f = f;
	t->z = arena_alloc(c->r->arena, (c->n * f->n + 1) * sizeof *t->z);
	for (size_t i = 0; i < c->n; i++) {
		c->items[i].valued = false;
		for (size_t k = 0; k < f->n; k++) {
			double x, *z = &t->z[i * f->n + k];
			bool had = value_of(&f->v[k], &c->v[i], &x);

			*z = had ? x : NAN;
			c->items[i].valued |= had;
		}
	}
	candidates_unite(c);
}

int factors_decide(const struct factored *t, size_t i, size_t j, size_t *which, double *gap)
{
	const size_t n = t->f->n;

	for (size_t k = 0; k < n; k++) {
		const double a = t->z[i * n + k], b = t->z[j * n + k], d = a - b;

		if (isnan(a) || isnan(b) || !(fabs(d) > t->f->v[k].least))
			continue;
		*which = k;
		*gap = fabs(d);
		return d > 0 ? 1 : -1;
	}
	return 0;
}

int factors_compare(const void *self, size_t i, size_t j, double *gap)
{
	size_t which;

	*gap = 0;
	return factors_decide(self, i, j, &which, gap);
}
