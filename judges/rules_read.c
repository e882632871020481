/* rules_read - read a file of rules; the form is told in rules.c */
#include "rules.h"

#include <math.h>
#include <stdlib.h>

struct parser {
	struct where at;
	const char *line, *p, *end;
};

static NORETURN PRINTF(3, 4) void wrong(const struct parser *s, const char *at, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	die_at(EXIT_USAGE, &s->at, (size_t)(at - s->line) + 1, "%s", text);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Skip blanks and a comment; true if nothing is left of the line. */
static bool line_over(struct parser *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
	if (s->p < s->end && *s->p == '#')
		s->p = s->end;
	return s->p == s->end;
}

/* The word at s->p without taking it; n == 0 at the end of the line. */
static struct span peek(struct parser *s)
{
	const char *end;

	line_over(s);
	for (end = s->p; end < s->end && !is_blank(*end);)
		end++;
	return (struct span){ s->p, (size_t)(end - s->p) };
}

static bool accept(struct parser *s, struct span word)
{
	if (!span_eq(peek(s), word))
		return false;
	s->p += word.n;
	return true;
}

/* A number in decimal at the head of text; *n bytes of it. NaN if there is none. */
static double number(struct span text, size_t *n)
{
	char copy[40];
	char *end;
	size_t digits = 0;
	double x;

	/* What strtod takes beyond that (hex, inf, nan) is no number here. ".." ends one. */
	for (*n = 0; *n < text.n && *n < sizeof copy - 1; ++*n) {
		char c = text.p[*n];

		if (!memchr("+-.0123456789", c, 13) || (c == '.' && *n + 1 < text.n && text.p[*n + 1] == '.'))
			break;
		digits += c >= '0' && c <= '9';
	}
	memcpy(copy, text.p, *n);
	copy[*n] = '\0';
	x = strtod(copy, &end);
	return digits && *end == '\0' ? x : NAN;
}

static double whole_number(struct parser *s, const char *what)
{
	struct span word = peek(s);
	size_t n;
	double x = number(word, &n);

	if (isnan(x) || n != word.n)
		wrong(s, word.p, "expected %s, a number", what);
	s->p += n;
	return x;
}

static bool at_pattern(struct parser *s)
{
	return !line_over(s) && *s->p == '/';
}

static struct match *pattern(struct parser *s)
{
	struct span rest = { s->p, (size_t)(s->end - s->p) };
	struct match *m;
	size_t at;
	char *why;

	m = match_read(&rest, &at, &why);
	if (!m)
		wrong(s, s->p + at, "%s", why);
	s->p = rest.p;
	return m;
}

static const struct measure *named_measure(struct parser *s)
{
	struct span word = peek(s);
	const struct measure *m = measure_find(word);
	struct buf list = { 0 };

	if (!m) {
		for (size_t i = 0; i < n_measures; i++)
			buf_addf(&list, " %s", measures[i].name);
		if (word.n == 0)
			wrong(s, word.p, "expected a /pattern/, count, or a measure:%s", buf_cstr(&list));
		wrong(s, word.p, "no measure %.*s; there are%s", ARG(word), buf_cstr(&list));
	}
	s->p += word.n;
	return m;
}

/* A..B, A.. or ..B, if it is there. */
static bool range(struct parser *s, double *lo, double *hi)
{
	struct span word = peek(s);
	size_t dots = span_find(word, S("..")), n;

	if (dots == (size_t)-1)
		return false;
	*lo = -INFINITY;
	*hi = INFINITY;
	if (dots > 0) {
		*lo = number(word, &n);
		if (isnan(*lo) || n != dots)
			wrong(s, word.p, "a range is A..B, with numbers");
	}
	if (dots + 2 < word.n) {
		*hi = number(span_cut(word, dots + 2, word.n), &n);
		if (isnan(*hi) || n != word.n - dots - 2)
			wrong(s, word.p + dots + 2, "a range is A..B, with numbers");
	}
	if (word.n == 2 || *lo > *hi)
		wrong(s, word.p, "nothing can be within %.*s", ARG(word));
	s->p += word.n;
	return true;
}

static void points(struct parser *s, struct rule *r)
{
	r->hi = INFINITY;
	if (at_pattern(s)) {
		r->kind = PRESENT;
		r->pattern = pattern(s);
		return;
	}
	if (accept(s, S("count"))) {
		r->kind = OCCURRENCES;
		if (!at_pattern(s))
			wrong(s, s->p, "expected a /pattern/ to count");
		r->pattern = pattern(s);
	} else {
		r->measure = named_measure(s);
		r->kind = AMOUNT;
		if (range(s, &r->lo, &r->hi)) {
			r->kind = WITHIN;
			return;
		}
	}
	if (accept(s, S("max")))
		r->hi = whole_number(s, "the most it may count");
}

static void condition(struct parser *s, struct rule *r)
{
	r->unless = accept(s, S("unless"));
	if (!r->unless && !accept(s, S("if")))
		return;
	if (!accept(s, S("prompt")))
		wrong(s, s->p, "expected \"prompt\" and a /pattern/");
	if (!at_pattern(s))
		wrong(s, s->p, "expected a /pattern/ the prompt is to hold");
	r->prompt = pattern(s);
}

static char *name(struct parser *s, const struct rules *so_far)
{
	struct span word = peek(s);
	char *text;

	if (word.n < 2 || word.p[word.n - 1] != ':')
		wrong(s, word.p, "expected the rule's name and a colon");
	text = span_dup(span_cut(word, 0, word.n - 1));
	for (size_t i = 0; i < so_far->n; i++)
		if (strcmp(so_far->v[i].name, text) == 0)
			wrong(s, word.p, "a second rule named %s", text);
	s->p += word.n;
	return text;
}

void rules_read(struct rules *f, const char *path, struct span text)
{
	struct parser s = { .at = { path, 0 } };
	const char *p = text.p, *end = p + text.n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		struct rule r = { 0 };

		s.at.line++;
		s.line = s.p = p;
		s.end = nl ? nl : end;
		p = s.end + (nl != NULL);
		if (memchr(s.line, '\0', (size_t)(s.end - s.line)))
			wrong(&s, s.line, "not a text file");
		if (line_over(&s))
			continue;
		r.weight = whole_number(&s, "the rule's weight");
		r.name = name(&s, f);
		points(&s, &r);
		condition(&s, &r);
		if (!line_over(&s))
			wrong(&s, s.p, "the rule is complete before this");
		GROW(f->v, f->n, f->room);
		f->v[f->n++] = r;
	}
	if (f->n == 0)
		die(EXIT_USAGE, "%s: no rule in it", path);
}
