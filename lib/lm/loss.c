/* loss - losses by name, weighted sums of them, and what tokens have to do with it */
#include "lm/loss.h"

#include <math.h>
#include <stdlib.h>

const struct loss *loss_named(const char *name)
{
	const struct loss *tables[] = { loss_pairs, loss_frees, loss_lists };

	for (size_t i = 0; i < COUNT(tables); i++)
		for (const struct loss *l = tables[i]; l->name; l++)
			if (strcmp(l->name, name) == 0)
				return l;
	return NULL;
}

/* ---- --loss ---- */

static void choose(double *to, double own, double given)
{
	*to = isnan(own) || isnan(given) ? own : given;
}

static char *check(const struct loss_set *set)
{
	const int shapes[] = { LOSS_LIST, LOSS_THREE, LOSS_SCORES, LOSS_EMBEDDED };

	for (size_t i = 0; i < set->n; i++) {
		const struct loss_term *t = &set->v[i];

		for (size_t k = 0; k < COUNT(shapes); k++)
			if ((set->flags & shapes[k]) && !(t->loss->flags & shapes[k]) && strcmp(t->loss->name, "sft"))
				return xasprintf("%s does not go with the others", t->loss->name);
		if (t->o.smooth < 0 || t->o.smooth >= 0.5)
			return xasprintf("%s: labels that are wrong half of the time say nothing", t->loss->name);
		if (strcmp(t->loss->name, "exo") == 0 && !(t->o.smooth > 0))
			return xasprintf("exo: its label smoothing must be above 0");
		if ((t->o.beta <= 0 || t->o.alpha < 0 || (t->o.alpha == 0 && (strcmp(t->loss->name, "alphapo") == 0 ||
			strcmp(t->loss->name, "discopop") == 0))))
			return xasprintf("%s: beta and alpha must be above 0", t->loss->name);
	}
	return NULL;
}

char *loss_parse(const char *text, const struct loss_options *given, struct loss_set *set)
{
	struct loss_set s = { .n = 0 };

	for (const char *p = text; ; p++) {
		const size_t whole = strcspn(p, ","), n = strcspn(p, ",:");
		char name[32], *end = NULL;
		struct loss_term *t = &s.v[s.n];

		if (s.n == COUNT(s.v))
			return xasprintf("more than %zu losses", COUNT(s.v));
		snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), p);
		t->loss = n < sizeof name ? loss_named(name) : NULL;
		if (!t->loss)
			return xasprintf("there is no loss %.*s", (int)n, p);
		t->weight = n < whole ? strtod(p + n + 1, &end) : 1;
		if (n < whole && (end != p + whole || n + 1 == whole || !(t->weight > 0 && t->weight < 1e9)))
			return xasprintf("%.*s: the weight must be a number above 0", (int)whole, p);
		choose(&t->o.beta, t->loss->own.beta, given->beta);
		choose(&t->o.smooth, t->loss->own.smooth, given->smooth);
		choose(&t->o.gamma, t->loss->own.gamma, given->gamma);
		choose(&t->o.alpha, t->loss->own.alpha, given->alpha);
		s.flags |= t->loss->flags;
		s.n++;
		p += whole;
		if (!*p)
			break;
	}
	*set = s;
	return check(set);
}

/* ---- tokens ---- */

/* How much token i of a response counts; shorter: of the group. */
static double weight_of(const struct loss_term *t, const struct loss_text *v, size_t i, size_t shorter)
{
	if (t->loss->flags & LOSS_SHARED)
		return i < shorter ? 1 : t->o.alpha;
	return (t->loss->flags & LOSS_MASKED) && v->weight ? (double)v->weight[i] : 1;
}

static size_t shorter_of(const struct loss_group *g)
{
	size_t n = g->v[0].n;

	for (size_t k = 1; k < g->k; k++)
		n = g->v[k].n < n ? g->v[k].n : n;
	return n;
}

static void sum_up(const struct loss_term *t, const struct loss_group *g, struct loss_in *x)
{
	const size_t shorter = shorter_of(g);

	for (size_t k = 0; k < g->k; k++) {
		const struct loss_text *v = &g->v[k];
		struct loss_sum *s = &x->v[k];

		*s = (struct loss_sum){ .n = (double)v->n, .kl = v->kl, .sure = v->sure, .other = v->other, .reward = v->reward };
		for (size_t i = 0; i < v->n; i++) {
			const double weight = weight_of(t, v, i, shorter);

			s->p += weight * v->policy[i];
			s->r += v->reference ? weight * v->reference[i] : 0;
		}
	}
	for (size_t k = 0; k < g->whys; k++)
		for (size_t i = 0; i < g->why[k].n; i++)
			x->why += g->why[k].policy[i] / (double)g->whys;
}

static void hand_down(const struct loss_term *t, struct loss_group *g, const struct loss_in *x, double scale)
{
	const size_t shorter = shorter_of(g);

	g->loss += t->weight * x->loss;
	scale *= t->weight;
	for (size_t k = 0; k < g->k; k++) {
		struct loss_text *v = &g->v[k];

		v->gkl += scale * x->v[k].gkl;
		for (size_t i = 0; i < v->n; i++)
			v->g[i] += scale * x->v[k].g * weight_of(t, v, i, shorter);
	}
	for (size_t k = 0; k < g->whys; k++)
		for (size_t i = 0; i < g->why[k].n; i++)
			g->why[k].g[i] += scale * x->gwhy / (double)g->whys;
}

/* Of embeddings, which sums say nothing of. */
static void embedded(const struct loss_term *t, struct loss_group *g, double scale)
{
	struct loss_text *w = &g->v[0], *l = &g->v[1];
	const size_t dims = (w->n < l->n ? w->n : l->n) / 2 * 2;
	double *gw = xcalloc(2 * dims + 1, sizeof *gw), *gl = gw + dims;

	g->loss += t->weight * loss_gpm(w->policy, l->policy, dims, 1 / t->o.beta, gw, gl);
	for (size_t i = 0; i < dims; i++) {
		w->g[i] += scale * t->weight * gw[i];
		l->g[i] += scale * t->weight * gl[i];
	}
	free(gw);
}

void loss_eval(const struct loss_set *set, struct loss_group *g, size_t n, size_t groups, size_t tokens)
{
	struct loss_in *x = xcalloc(n + 1, sizeof *x);
	struct loss_sum *sums;
	size_t all = 0;

	for (size_t i = 0; i < n; i++) {
		all += g[i].k;
		g[i].loss = 0;
	}
	sums = xcalloc(all + 1, sizeof *sums);
	for (size_t k = 0; k < set->n; k++) {
		const struct loss_term *t = &set->v[k];
		struct loss_sum *v = sums;

		for (size_t i = 0; (t->loss->flags & LOSS_EMBEDDED) && i < n; i++)
			embedded(t, &g[i], 1 / (double)groups);
		if (t->loss->flags & LOSS_EMBEDDED)
			continue;
		for (size_t i = 0; i < n; v += g[i++].k) {
			x[i] = (struct loss_in){ .v = v, .k = g[i].k, .margin = g[i].margin, .preference = g[i].preference,
				.flip = g[i].flip, .tokens = tokens ? (double)tokens / (double)groups : 1 };
			sum_up(t, &g[i], &x[i]);
			if (t->loss->one)
				t->loss->one(&t->o, &x[i]);
		}
		if (t->loss->all && n > 0)
			t->loss->all(&t->o, x, n);
		for (size_t i = 0; i < n; i++)
			hand_down(t, &g[i], &x[i], 1 / (double)groups);
	}
	free(sums);
	free(x);
}
