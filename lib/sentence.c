/* sentence - a text cut into sentences that tile it */
#include "sentence.h"

#include "text.h"

#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool closes(uint32_t cp)
{
	return cp == '"' || cp == '\'' || cp == ')' || cp == ']' || cp == '*' || cp == '_' || cp == 0x201d || cp == 0x2019 || cp == 0xbb ||
		cp == 0x300d || cp == 0x300f || cp == 0xff09;
}

/* The word that ends where text ends. */
static struct span last_word(struct span text)
{
	size_t i = text.n;

	while (i > 0 && !is_blank(text.p[i - 1]) && text.p[i - 1] != '(' && text.p[i - 1] != '"')
		i--;
	return span_cut(text, i, text.n);
}

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* Does the full stop behind `before`, a part of a sentence, end it? rest: what follows, a blank first. */
static bool is_end(struct span before, struct span rest, bool fresh)
{
	static const char *const short_forms[] = {
		"mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "cf", "fig", "jr", "sr", "gen", "rev", "capt", "approx", "ca",
	};
	const struct span word = last_word(before), next = span_trim(rest);

	if (word.n == 1 && word.p[0] >= 'A' && word.p[0] <= 'Z' && word.p[0] != 'I')
		return false;
	if (fresh && all_digits(word) && span_trim(before).n == word.n)
		return false;
	for (size_t i = 0; i < COUNT(short_forms); i++)
		if (word.n == strlen(short_forms[i]) && strncasecmp(word.p, short_forms[i], word.n) == 0)
			return false;
	if ((span_eq(word, S("No")) || span_eq(word, S("no"))) && next.n && next.p[0] >= '0' && next.p[0] <= '9')
		return false;
	return !(next.n && next.p[0] >= 'a' && next.p[0] <= 'z');
}

/* s up to `at`, with the blanks behind it; those of the line alone, and its end. */
static struct span with_blanks(struct span s, size_t at)
{
	while (at < s.n && is_blank(s.p[at]))
		at++;
	return span_cut(s, 0, at);
}

struct span sentence_first(struct span s, bool fresh)
{
	const char *p = s.p, *end = s.p + s.n;
	bool said = false;		/* something that is no blank */

	while (p < end) {
		const char *at = p;
		uint32_t c = text_next(&p, end), stop = c;
		const char *behind = p;

		if (c == '\n' && said)
			return with_blanks(s, (size_t)(p - s.p));
		said = said || c > 0xff || !is_blank((char)c);
		if (c == 0x3002 || c == 0xff01 || c == 0xff1f) {
			while (behind < end && closes(text_next(&p, end)))
				behind = p;
			return with_blanks(s, (size_t)(behind - s.p));
		}
		if (c != '.' && c != '!' && c != '?' && c != 0x2026)
			continue;
		while (p < end) {	/* "?!", "...", then what closes */
			const uint32_t more = text_next(&p, end);

			if (more != '.' && more != '!' && more != '?' && !closes(more))
				break;
			stop = more;
			behind = p;
		}
		p = behind;
		if (p < end && !is_blank(*p))
			continue;
		if (c != '.' || stop == '!' || stop == '?' ||
		    is_end(span_cut(s, 0, (size_t)(at - s.p)), span_cut(s, (size_t)(p - s.p), s.n), fresh))
			return with_blanks(s, (size_t)(p - s.p));
	}
	return s;
}

struct sentences sentences_of(struct span text, struct arena *a)
{
	struct sentences s = { 0 };
	size_t room = 0;
	bool fresh = true;

	while (text.n) {
		s.v = arena_grown(a, s.v, s.n, &room, sizeof *s.v);
		s.v[s.n] = sentence_first(text, fresh);
		text = span_cut(text, s.v[s.n].n, text.n);
		fresh = memchr(s.v[s.n].p, '\n', s.v[s.n].n) != NULL;
		s.n++;
	}
	return s;
}
