/* ruling - the verdict in what a language model said */
#include "ruling.h"

#include <stdlib.h>
#include <strings.h>

enum { LONGEST = 40 };			/* bytes between double brackets */

struct word {
	const char *text;
	double value;
};

static const struct word pair_words[] = {
	{ "A", 1 }, { "B", 0 }, { "tie", 0.5 }, { "draw", 0.5 }, { "equal", 0.5 },
	{ "A>B", 1 }, { "A>>B", 1 }, { "B<A", 1 }, { "B<<A", 1 },
	{ "B>A", 0 }, { "B>>A", 0 }, { "A<B", 0 }, { "A<<B", 0 }, { "A=B", 0.5 }, { "B=A", 0.5 },
};
static const struct word yes_words[] = { { "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 } };
static const char *const fillers[] = { "response ", "assistant ", "answer ", "option ", "model_", "model " };
static const char *const names[] = {
	"verdict", "winner", "preference", "preferred", "choice", "better", "answer", "result", "judgement", "judgment",
	"rating", "score",
};
static const char *const before_names[] = { "final ", "overall ", "my " };

/* ---- words ---- */

static bool is_word(struct span s, const char *text)
{
	return s.n == strlen(text) && strncasecmp(s.p, text, s.n) == 0;
}

static bool starts_with(struct span s, const char *text)
{
	return s.n >= strlen(text) && strncasecmp(s.p, text, strlen(text)) == 0;
}

/* Marks that people put round a word. */
static struct span bare(struct span s)
{
	while (s.n && strchr(" \t\r\n*_`\"'.:", *s.p))
		s = span_cut(s, 1, s.n);
	while (s.n && strchr(" \t\r\n*_`\"'.,;", s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool of_words(struct span s, const struct word *w, size_t n, double *value)
{
	for (size_t i = 0; i < n; i++) {
		if (is_word(s, w[i].text)) {
			*value = w[i].value;
			return true;
		}
	}
	return false;
}

static bool is_number(struct span s, double *value)
{
	char copy[32], *end;
	size_t n = 0;

	while (n < s.n && n < sizeof copy - 1 && strchr("+-.0123456789", s.p[n])) {
		copy[n] = s.p[n];
		n++;
	}
	copy[n] = '\0';
	*value = strtod(copy, &end);
	if (n == 0 || *end)
		return false;
	s = span_trim(span_cut(s, n, s.n));
	if (s.n == 0)
		return true;
	/* 7/10, 7 out of 10, 7 points */
	if (s.p[0] == '/')
		s = span_cut(s, 1, s.n);
	else if (starts_with(s, "out of "))
		s = span_cut(s, 7, s.n);
	else
		return is_word(s, "points") || is_word(s, "stars");
	while (s.n && strchr(" .0123456789", s.p[0]))
		s = span_cut(s, 1, s.n);
	return s.n == 0;
}

bool ruling_word(struct span s, enum ruling_form form, double *value)
{
	s = bare(s);
	if (form == RULING_RATING)
		return is_number(s, value);
	if (form == RULING_YES_NO)
		return of_words(s, yes_words, COUNT(yes_words), value);
	for (size_t i = 0; i < COUNT(fillers); i++)
		if (starts_with(s, fillers[i]))
			s = span_cut(s, strlen(fillers[i]), s.n);
	return of_words(s, pair_words, COUNT(pair_words), value);
}

/* ---- places; each gives the offset behind the last verdict of its form, 0: none ---- */

static size_t in_brackets(struct span text, enum ruling_form form, double *value)
{
	size_t at, end;

	for (struct span s = text; (at = span_rfind(s, S("[["))) != (size_t)-1; s.n = at) {
		struct span inside = span_cut(text, at + 2, at + 2 + LONGEST);

		end = span_find(inside, S("]]"));
		if (end == (size_t)-1)
			continue;
		inside.n = end;
		if (form == RULING_PAIR && is_word(bare(inside), "C"))
			*value = 0.5;
		else if (!ruling_word(inside, form, value))
			continue;
		return at + end + 4;
	}
	return 0;
}

/* The value of a member that begins behind the colon at s: a string that is closed, or a bare word or number that
 * something follows. */
static struct span member_value(struct span s)
{
	size_t n = 0;

	while (s.n && strchr(" \t\r\n", *s.p))
		s = span_cut(s, 1, s.n);
	if (s.n && (*s.p == '"' || *s.p == '\'')) {
		const char *end = memchr(s.p + 1, *s.p, s.n - 1);

		return end ? (struct span){ s.p + 1, (size_t)(end - s.p) - 1 } : (struct span){ 0 };
	}
	while (n < s.n && !strchr(",}\r\n", s.p[n]))
		n++;
	return n < s.n ? (struct span){ s.p, n } : (struct span){ 0 };
}

/* Is there a quoted name at s[at], a colon behind it? The offset behind that; 0: no. An escaped quote is inside a
 * string of another member. */
static size_t member_name(struct span s, size_t at)
{
	const char quote = s.p[at];

	if ((quote != '"' && quote != '\'') || (at > 0 && s.p[at - 1] == '\\'))
		return 0;
	for (size_t i = 0; i < COUNT(names); i++) {
		size_t n = strlen(names[i]), end = at + 1 + n;

		if (!starts_with(span_cut(s, at + 1, s.n), names[i]) || end >= s.n || s.p[end] != quote)
			continue;
		for (end++; end < s.n && strchr(" \t\r\n", s.p[end]); end++)
			;
		return end < s.n && s.p[end] == ':' ? end + 1 : 0;
	}
	return 0;
}

static size_t in_member(struct span text, enum ruling_form form, double *value)
{
	for (size_t at = text.n; at-- > 0;) {
		size_t end = member_name(text, at);
		struct span v;

		if (end == 0)
			continue;
		v = member_value(span_cut(text, end, text.n));
		if (v.n && ruling_word(v, form, value))
			return (size_t)(v.p + v.n - text.p);
	}
	return 0;
}

/* "Final verdict: A", "[RESULT] 4" */
static bool line_says(struct span line, enum ruling_form form, double *value)
{
	while (line.n && strchr(" \t*#>-_", *line.p))
		line = span_cut(line, 1, line.n);
	if (starts_with(line, "[RESULT]"))
		return ruling_word(span_cut(line, 8, line.n), form, value);
	for (size_t i = 0; i < COUNT(before_names); i++)
		if (starts_with(line, before_names[i]))
			line = span_cut(line, strlen(before_names[i]), line.n);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct span rest;

		if (!starts_with(line, names[i]))
			continue;
		rest = span_cut(line, strlen(names[i]), line.n);
		while (rest.n && strchr("*_ ", *rest.p))
			rest = span_cut(rest, 1, rest.n);
		if (rest.n && *rest.p == ':')
			return ruling_word(rest, form, value);
	}
	return false;
}

static size_t on_line(struct span text, enum ruling_form form, double *value)
{
	struct span s = text;

	while (s.n) {
		size_t nl = span_rfind(s, S("\n")), from = nl == (size_t)-1 ? 0 : nl + 1;

		if (line_says(span_cut(s, from, s.n), form, value))
			return s.n;
		s.n = from ? nl : 0;
	}
	return 0;
}

/* What comes after thinking; n == 0 if it never ended. */
static struct span spoken(struct span text)
{
	size_t at = span_rfind(text, S("</think>"));

	if (at != (size_t)-1)
		return span_cut(text, at + 8, text.n);
	return span_starts(span_trim(text), S("<think>")) ? (struct span){ 0 } : text;
}

bool ruling_read(struct span text, bool cut, enum ruling_form form, double *value)
{
	static size_t (*const places[])(struct span, enum ruling_form, double *) = { in_member, in_brackets, on_line };
	size_t last = 0;
	double x;

	text = spoken(text);
	for (size_t i = 0; i < (cut ? 1 : COUNT(places)); i++) {
		size_t end = places[i](text, form, &x);

		if (end > last) {
			last = end;
			*value = x;
		}
	}
	return last > 0 || (!cut && ruling_word(text, form, value));
}
