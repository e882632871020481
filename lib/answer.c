/* answer - the final answer of a solution, and whether two are the same */
#include "answer.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

static bool digit(struct span s, size_t i)
{
	return i < s.n && isdigit((unsigned char)s.p[i]);
}

/* The number that begins at i: sign, digits with commas between groups, decimals. 0: none begins there. */
static size_t number_length(struct span s, size_t i)
{
	size_t at = i;

	if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
		at++;
	if (!digit(s, at) && !(at < s.n && s.p[at] == '.' && digit(s, at + 1)))
		return 0;
	while (digit(s, at) || (at < s.n && s.p[at] == ',' && digit(s, at + 1) && digit(s, at + 2) && digit(s, at + 3)))
		at++;
	if (at < s.n && s.p[at] == '.' && digit(s, at + 1))
		for (at++; digit(s, at);)
			at++;
	return at - i;
}

static struct span last_number(struct span s)
{
	struct span last = { NULL, 0 };

	for (size_t i = 0; i < s.n; i++) {
		size_t n = number_length(s, i);

		/* A sign after a digit is a minus between two numbers. */
		if (n && i && !isdigit((unsigned char)s.p[i]) && digit(s, i - 1))
			continue;
		if (!n)
			continue;
		last = span_cut(s, i, i + n);
		i += n - 1;
	}
	return last;
}

static struct span line_after(struct span s, size_t at)
{
	const char *nl = at < s.n ? memchr(s.p + at, '\n', s.n - at) : NULL;

	return span_trim(span_cut(s, at, nl ? (size_t)(nl - s.p) : s.n));
}

/* What is in the braces that open at `at`; p NULL: they do not close. */
static struct span braced(struct span s, size_t at)
{
	int depth = 0;

	for (size_t i = at; i < s.n; i++) {
		depth += (s.p[i] == '{') - (s.p[i] == '}');
		if (depth == 0)
			return span_trim(span_cut(s, at + 1, i));
	}
	return (struct span){ NULL, 0 };
}

/* The part of a line that says the answer: its number if it has one, else all of it. */
static struct span said(struct span line)
{
	struct span s = line;

	while (s.n && strchr("*: \t$", s.p[0]))
		s = span_cut(s, 1, s.n);
	while (s.n && strchr("*. \t$", s.p[s.n - 1]))
		s = span_cut(s, 0, s.n - 1);
	return s;
}

struct span answer_final(struct span text)
{
	static const struct span words[] = { { "answer is", 9 }, { "Answer:", 7 }, { "\nA:", 3 } };
	size_t at = span_rfind(text, S("####"));
	struct span s;

	if (at != (size_t)-1 && (s = said(line_after(text, at + 4))).n)
		return s;
	at = span_rfind(text, S("\\boxed{"));
	if (at != (size_t)-1 && (s = braced(text, at + 6)).n)
		return s;
	for (size_t i = 0; i < COUNT(words); i++) {
		at = span_rfind(text, words[i]);
		if (at == (size_t)-1 || !(s = said(line_after(text, at + words[i].n))).n)
			continue;
		return last_number(s).p && !number_length(s, 0) ? last_number(s) : s;
	}
	return last_number(text);
}

/* ---- the same ---- */

/* Without what does not matter: case, blanks, $, commas between digits, a full stop at the end; \frac{a}{b} as a/b. */
static void normal(struct span s, struct buf *b)
{
	s = span_trim(s);
	if (s.n && s.p[s.n - 1] == '.')
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		struct span rest = span_cut(s, i, s.n);
		const size_t frac = span_starts(rest, S("\\frac{")) ? 5 : span_starts(rest, S("\\dfrac{")) ? 6 : 0;

		if (frac) {
			struct span top = braced(s, i + frac);

			if (top.p && top.p + top.n + 1 < s.p + s.n && top.p[top.n] == '}' && top.p[top.n + 1] == '{') {
				struct span below = braced(s, (size_t)(top.p - s.p) + top.n + 1);

				if (below.p) {
					buf_addf(b, "%.*s/%.*s", ARG(top), ARG(below));
					i = (size_t)(below.p - s.p) + below.n;
					continue;
				}
			}
		}
		if (isspace((unsigned char)s.p[i]) || s.p[i] == '$' ||
				(s.p[i] == ',' && i && digit(s, i - 1) && digit(s, i + 1)))
			continue;
		buf_addc(b, (char)tolower((unsigned char)s.p[i]));
	}
}

/* A number, a fraction of two, or one with a percent sign or degrees behind it. */
static bool value(const char *text, double *x)
{
	char *end;
	double below;

	if (!*text || strchr("ni", *text))
		return false;		/* nan and infinity are words here */
	*x = strtod(text, &end);
	if (end == text)
		return false;
	if (*end == '/') {
		const char *from = end + 1;

		below = strtod(from, &end);
		if (end == from || below == 0)
			return false;
		*x /= below;
	}
	return *end == '\0' || strcmp(end, "%") == 0 || strcmp(end, "\\%") == 0;
}

bool answer_same(struct span a, struct span b)
{
	struct buf x = { 0 }, y = { 0 };
	double p, q;
	bool same;

	normal(a, &x);
	normal(b, &y);
	same = span_eq(buf_span(&x), buf_span(&y));
	if (!same && value(buf_cstr(&x), &p) && value(buf_cstr(&y), &q))
		same = isfinite(p) && isfinite(q) && fabs(p - q) <= 1e-9 * fmax(1, fmax(fabs(p), fabs(q)));
	buf_free(&x);
	buf_free(&y);
	return same;
}
