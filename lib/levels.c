/* levels - a file of rules that puts every response on one of several levels, best first */
#include "levels.h"

#include "match.h"

#include <stdlib.h>

struct condition {
	enum { HOLDS, PASSES, NAMED, MEMBER } kind;
	bool negated;
	struct match *pattern;
	size_t group;			/* NAMED */
	char *member;
};

struct group {				/* a line: all of its conditions */
	char *name;
	bool level;
	struct condition *v;
	size_t n, room;
};

struct levels {
	struct group *v;
	size_t n, room;
	size_t *levels, n_levels, levels_room;
};

/* ---- reading ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct span *s)
{
	while (s->n && is_blank(*s->p))
		*s = span_cut(*s, 1, s->n);
	if (s->n && *s->p == '#')
		s->n = 0;
}

static struct span word_at(struct span s)
{
	size_t n = 0;

	while (n < s.n && !is_blank(s.p[n]))
		n++;
	return span_cut(s, 0, n);
}

static char *copied(struct span s)
{
	return span_dup(s);
}

/* A condition off the head of *s. False: *why; *s begins with what is wrong. */
static bool read_condition(const struct levels *l, struct condition *c, struct span *s, char **why)
{
	struct span word;

	*c = (struct condition){ .negated = *s->p == '!' };
	if (c->negated)
		*s = span_cut(*s, 1, s->n);
	if (s->n && *s->p == '/') {
		size_t at;

		c->pattern = match_read(s, &at, why);
		if (!c->pattern)
			*s = span_cut(*s, at, s->n);
		return c->pattern;
	}
	word = word_at(*s);
	if (!word.n) {
		*why = xstrdup("expected a condition after \"!\"");
		return false;
	}
	c->kind = span_eq(word, S("pass")) ? PASSES : MEMBER;
	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].level && span_eq(span_of(l->v[i].name), word)) {
			c->kind = NAMED;
			c->group = i;
		}
	}
	if (c->kind == MEMBER)
		c->member = copied(word);
	*s = span_cut(*s, word.n, s->n);
	return true;
}

/* The line's name and what it is. */
static bool read_head(const struct levels *l, struct group *g, struct span *s, char **why)
{
	struct span word = word_at(*s), rest = span_cut(*s, word.n, s->n);

	g->level = span_ends(word, S(":"));
	if (g->level) {
		word.n--;
	} else {
		skip_blanks(&rest);
		if (!rest.n || *rest.p != '=') {
			*why = xstrdup("expected \"NAME: ...\", a level, or \"NAME = ...\"");
			return false;
		}
		rest = span_cut(rest, 1, rest.n);
	}
	if (!word.n || *word.p == '!' || *word.p == '/' || span_eq(word, S("pass"))) {
		*why = xstrdup("this cannot be a name");
		return false;
	}
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].level == g->level && span_eq(span_of(l->v[i].name), word)) {
			*why = xasprintf("a second line named %.*s", ARG(word));
			return false;
		}
	}
	g->name = copied(word);
	*s = rest;
	return true;
}

static bool read_line(struct levels *l, struct span *s, char **why)
{
	struct group g = { 0 };
	bool good = read_head(l, &g, s, why);

	for (skip_blanks(s); good && s->n; skip_blanks(s)) {
		struct condition c;

		good = read_condition(l, &c, s, why);
		if (good) {
			GROW(g.v, g.n, g.room);
			g.v[g.n++] = c;
		}
	}
	if (good && !g.level && g.n == 0) {
		*why = xstrdup("a name for nothing");
		good = false;
	}
	/* A broken line is kept as well: levels_free() frees it. */
	if (good && g.level) {
		GROW(l->levels, l->n_levels, l->levels_room);
		l->levels[l->n_levels++] = l->n;
	}
	GROW(l->v, l->n, l->room);
	l->v[l->n++] = g;
	return good;
}

struct levels *levels_read(struct span text, size_t *line, size_t *col, char **why)
{
	struct levels *l = xcalloc(1, sizeof *l);

	for (*line = 1; text.n; ++*line) {
		const char *nl = memchr(text.p, '\n', text.n);
		struct span whole = span_cut(text, 0, nl ? (size_t)(nl - text.p) : text.n), s = whole;

		text = span_cut(text, whole.n + (nl != NULL), text.n);
		skip_blanks(&s);
		*col = 1;
		if (s.n && memchr(s.p, '\0', s.n))
			*why = xstrdup("not a text file");
		else if (!s.n || read_line(l, &s, why))
			continue;
		*col = (size_t)(s.p - whole.p) + 1;
		levels_free(l);
		return NULL;
	}
	if (l->n_levels < 2) {
		*line = *col = 0;
		*why = xstrdup("fewer than two levels in it");
		levels_free(l);
		return NULL;
	}
	return l;
}

void levels_free(struct levels *l)
{
	for (size_t i = 0; l && i < l->n; i++) {
		struct group *g = &l->v[i];

		for (size_t k = 0; k < g->n; k++) {
			match_free(g->v[k].pattern);
			free(g->v[k].member);
		}
		free(g->v);
		free(g->name);
	}
	if (l) {
		free(l->v);
		free(l->levels);
	}
	free(l);
}

size_t levels_count(const struct levels *l)
{
	return l->n_levels;
}

const char *levels_name(const struct levels *l, size_t level)
{
	return l->v[l->levels[level]].name;
}

/* ---- judging ---- */

/* 1 yes, 0 no, -1 cannot be told. known: what came of the lines before. */
static int condition_holds(const struct condition *k, const struct candidate *c, const signed char *known)
{
	struct value v;
	struct span found;
	const char *why;
	bool yes;
	double x;
	int got = -1;

	switch (k->kind) {
	case HOLDS:
		got = match_find(k->pattern, c->text, 0, &found, &why);
		break;
	case PASSES:
		got = candidate_value(c, BY_PASS, NULL, &x, &v) ? x == 1 : -1;
		break;
	case NAMED:
		got = known[k->group];
		break;
	case MEMBER:
		got = json_bool(candidate_member(c, span_of(k->member)), &yes) ? yes : -1;
		break;
	}
	return got < 0 ? -1 : got != k->negated;
}

/* What fails settles it, whatever else cannot be told. */
static int group_holds(const struct group *g, const struct candidate *c, const signed char *known)
{
	int all = 1;

	for (size_t i = 0; i < g->n && all != 0; i++) {
		int one = condition_holds(&g->v[i], c, known);

		if (one != 1)
			all = one;
	}
	return all;
}

int levels_of(const struct levels *l, const struct candidate *c, struct arena *a)
{
	signed char *known = arena_alloc(a, l->n);
	int level = 0;

	for (size_t i = 0; i < l->n; i++) {
		known[i] = (signed char)group_holds(&l->v[i], c, known);
		if (l->v[i].level && known[i])
			return known[i] > 0 ? level : LEVELS_UNKNOWN;
		level += l->v[i].level;
	}
	return LEVELS_NONE;
}
