/* snippet - the program in an answer */
#include "snippet.h"

#include <ctype.h>

/* The next line with its end, off the front of rest. */
static struct span next_line(struct span *rest)
{
	const char *nl = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	struct span line = span_cut(*rest, 0, nl ? (size_t)(nl - rest->p) + 1 : rest->n);

	*rest = span_cut(*rest, line.n, rest->n);
	return line;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does code hold word, with no letter of a name beside it, after this? */
static bool holds(struct span code, const char *before, struct span word)
{
	const size_t head = strlen(before);

	for (size_t from = 0, at; (at = span_find(span_cut(code, from, code.n), word)) != (size_t)-1; from += at + 1) {
		size_t begin = from + at, end = begin + word.n;

		if ((begin && is_word(code.p[begin - 1])) || (end < code.n && is_word(code.p[end])))
			continue;
		if (begin >= head && memcmp(code.p + begin - head, before, head) == 0)
			return true;
	}
	return false;
}

bool snippet_defines(struct span code, const struct language *l, struct span entry)
{
	if (!entry.n)
		return false;
	if (!l->python)
		return holds(code, "", entry);
	if (holds(code, "def ", entry) || holds(code, "class ", entry))
		return true;
	for (struct span rest = code; rest.n;) {
		struct span line = next_line(&rest);

		if (span_starts(line, entry) && span_starts(span_trim(span_cut(line, entry.n, line.n)), S("=")))
			return true;
	}
	return false;
}

/* ---- prose ---- */

static bool begins_code(struct span line)
{
	return span_starts(line, S("def ")) || span_starts(line, S("class ")) || span_starts(line, S("@")) ||
		span_starts(line, S("import ")) || span_starts(line, S("async def ")) ||
		(span_starts(line, S("from ")) && span_find(line, S(" import ")) != (size_t)-1);
}

/* A line at the margin that begins like a sentence and holds nothing that statements hold. */
static bool is_prose(struct span line)
{
	struct span s = span_trim(line);

	if (!s.n || line.p[0] == ' ' || line.p[0] == '\t' || !memchr(s.p, ' ', s.n))
		return false;
	if (!isupper((unsigned char)s.p[0]) && !strchr("*-", s.p[0]))
		return false;
	return !memchr(s.p, '=', s.n) && (!memchr(s.p, '(', s.n) || strchr(".!?:", s.p[s.n - 1]));
}

static struct span first_line(struct span text)
{
	for (struct span rest = text; rest.n;) {
		struct span line = next_line(&rest);

		if (span_trim(line).n)
			return line;
	}
	return (struct span){ text.p, 0 };
}

static struct span without_prose(struct span text)
{
	struct span rest = text;
	size_t from = 0, to;

	while (rest.n) {
		struct span line = next_line(&rest);

		if (begins_code(line)) {
			from = (size_t)(line.p - text.p);
			break;
		}
	}
	rest = span_cut(text, from, text.n);
	for (to = text.n; rest.n;) {
		struct span line = next_line(&rest);

		if (is_prose(line)) {
			to = (size_t)(line.p - text.p);
			break;
		}
	}
	return span_cut(text, from, to);
}

/* ---- fences ---- */

/* The fence that a line is: its number of ` or ~, at least 3; 0: it is none. *info is what follows. Of ~ at the margin
 * alone: farther in, they underline headings in comments. */
static size_t fence(struct span line, char *mark, struct span *info)
{
	struct span s = span_trim(line);
	size_t n = 0;

	if (s.n && s.p[0] == '~' && s.p != line.p)
		return 0;
	while (n < s.n && s.p[n] == s.p[0] && (s.p[0] == '`' || s.p[0] == '~'))
		n++;
	if (n < 3)
		return 0;
	*mark = s.p[0];
	*info = span_trim(span_cut(s, n, s.n));
	return n;
}

/* The first word of what follows a fence, without what some put around it. */
static struct span tag_of(struct span info)
{
	size_t from = 0, to;

	while (from < info.n && strchr("{.", info.p[from]))
		from++;
	for (to = from; to < info.n && !strchr(" \t,:}", info.p[to]); to++)
		;
	return span_cut(info, from, to);
}

/* How well a block suits; 0: not at all. A tag that no language has (text, output) is forgiven if entry is there. */
static int rank(struct span code, struct span tag, const struct language *l, struct span entry)
{
	const bool defines = snippet_defines(code, l, entry), ours = tag.n && language_is(l, tag);

	if (tag.n && !ours)
		return defines && !language_find(tag);
	return 1 + ours + 2 * defines;
}

/* Does a text in another language begin like code, not like a sentence? */
static bool seems_code(struct span text)
{
	struct span line = span_trim(first_line(text));

	return line.n && (strchr("{;,(", line.p[line.n - 1]) || strchr("#/`", line.p[0]));
}

/* A model that takes its prompt for the beginning of a block answers with code, the fence that ends it, and prose. The
 * code of such a text; then *rest is after the fence, unless prose comes before that, of which it is none of the code's.
 * Absent: it does not begin so. */
static struct span opened_before(struct span *rest, const struct language *l, struct span entry)
{
	struct span after = *rest, code, line, info;
	char mark;
	bool begins;

	do {
		if (!after.n)
			return (struct span){ NULL, 0 };
		line = next_line(&after);
	} while (!fence(line, &mark, &info));
	code = span_cut(*rest, 0, (size_t)(line.p - rest->p));
	begins = l->python ? snippet_begins_inside(code) : seems_code(code);
	if (l->python && !begins) {
		code = without_prose(code);
		begins = begins_code(first_line(code));
	} else if (l->python) {
		entry.n = 0;	/* its head is in the prompt */
	}
	if (!begins || (entry.n && !snippet_defines(code, l, entry)))
		return (struct span){ NULL, 0 };
	if (!info.n && code.p + code.n == line.p)
		*rest = after;
	return code;
}

static struct span best_block(struct span text, const struct language *l, struct span entry, bool *fenced)
{
	struct span rest = text, best = opened_before(&rest, l, entry);
	int best_rank = best.p ? 3 : 0;

	*fenced = false;
	while (rest.n) {
		struct span info, unused, code;
		char mark, end_mark;
		size_t n = fence(next_line(&rest), &mark, &info);
		int this_rank;

		if (!n)
			continue;
		code = (struct span){ rest.p, 0 };
		while (rest.n) {
			struct span line = next_line(&rest);

			if (fence(line, &end_mark, &unused) >= n && end_mark == mark) {
				if (!unused.n)
					break;
				/* What seemed to begin here was the end of what had not begun. */
				if (!info.n && language_find(tag_of(unused))) {
					rest = span_cut(text, (size_t)(line.p - text.p), text.n);
					break;
				}
			}
			code.n = (size_t)(line.p + line.n - code.p);
		}
		this_rank = rank(code, tag_of(info), l, entry);
		if (this_rank > best_rank) {
			best_rank = this_rank;
			best = code;
			*fenced = true;
		}
	}
	return best;
}

struct span snippet_code(struct span text, const struct language *l, struct span entry, bool *fenced)
{
	bool is_block;
	struct span block = best_block(text, l, entry, &is_block);

	if (fenced)
		*fenced = is_block;
	if (block.p)
		return block;
	return l->python && !snippet_begins_inside(text) && snippet_defines(text, l, entry) ? without_prose(text) : text;
}

bool snippet_begins_inside(struct span code)
{
	struct span s = span_trim(code);

	return s.n && s.p != code.p && (s.p[-1] == ' ' || s.p[-1] == '\t');
}

struct span snippet_completion(struct span text)
{
	struct span rest = text;

	while (rest.n) {
		struct span line = next_line(&rest);

		if (span_trim(line).n && line.p != text.p && line.p[0] != ' ' && line.p[0] != '\t')
			return span_cut(text, 0, (size_t)(line.p - text.p));
	}
	return text;
}

struct span snippet_head(struct span prompt, const struct language *l, struct span entry)
{
	for (struct span rest = prompt; l->python && rest.n;) {
		struct span line = next_line(&rest);
		const bool inside = !span_trim(line).n || strchr(" \t", line.p[0]);

		if (!inside && snippet_defines(line, l, entry))
			return span_cut(prompt, 0, (size_t)(line.p - prompt.p));
		if (!inside && line.p[0] != '#' && (line.p[0] == '@' || !begins_code(line)))
			break;
	}
	return (struct span){ NULL, 0 };
}
