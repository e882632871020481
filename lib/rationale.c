/* rationale - a rationale: why the chosen response of a pair is better, in words that hold in either order */
#include "rationale.h"

#include "hash.h"
#include "match.h"
#include "ruling.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

const char *const rationale_words[RATIONALE_FAULTS] = {
	NULL, "empty", "short", "long", "order", "mark", "copies", "no-verdict", "disagrees", "cut", "failed", "duplicate"
};
const char *const rationale_reasons[RATIONALE_FAULTS] = {
	NULL, "there is no text beside the verdict", "it has too few words", "it has too many words",
	"it tells which response was shown in which place", "it holds the mark of the request", "it copies a response",
	"there is no verdict in it", "its verdict is not the label", "it was cut off", "there is no answer", "another pair has it, too"
};

/* Names of places: what is wrong as soon as the two are shown the other way round. */
static struct match *places;
/* The line, or the end of a line, that holds the verdict and nothing else. */
static struct match *verdict_line;

static struct match *compiled(const char *pattern, const char *flags)
{
	char *why;
	struct match *m = match_new_flags(pattern, flags, NULL, &why);

	if (!m)		/* (No memory: the patterns are good.) */
		die(EXIT_SYSTEM, "%s", why);
	return m;
}

void rationale_start(void)
{
	places = compiled(
		"\\b (?: response | answer | assistant | option | reply | candidate | model | text | choice ) s? \\s+ [\"'(*]*"
		"   (?: (?-i: [AB] ) | [12] | one | two ) \\b (?! \\s+ (?: sentence | paragraph | word | line | step ) )"
		"| \\b (?: response | answer | assistant | option | reply | candidate | model | text | choice | output ) s? \\s*"
		"   [(\\[\"'*`]+ [AB12] [)\\]\"'*`]+"
		"| \\b outputs? \\s+ (?-i: [AB] ) \\b"
		"| \\b (?: first | second | 1st | 2nd | former | latter ) \\s+"
		"   (?: response | answer | assistant | option | reply | candidate | model | choice | output | one ) \\b"
		"| \\b the \\s+ (?: former | latter ) \\b (?! \\s+ (?: half | part | section | portion | stage | year | centur | case | two ) )"
		"| \\b (?: response | answer | assistant | option | reply ) s? \\s+ (?: above | below ) \\b"
		"| (?<! \\w ) (?-i: [AB] ) (?: ['\\x{2019}] s )? \\s+ (?: is | was | does | has | gives | provides | offers | addresses | directly |"
		"   better | more | less | fails | answers | wins ) \\b"
		"| (?-i: \\b (?: than | over | prefer | choose ) \\s+ [AB] \\b (?! ['\\x{2019}-] ) )"
		"| </? (?: A | B | response | prompt ) - [0-9a-f]* >? | \\[\\[", "ix");
	verdict_line = compiled("\\s* (?: [*_#\\s]* (?: (?: final | overall | my ) \\s+ )? (?: verdict | winner | preference | preferred |"
		" choice | better | answer | result | judge?ment ) [*_]* \\s* (?: : | is ) )? [*_\\s]* \\[\\[ [^\\]\\n]{0,40} \\]\\] [.*_\\s]* \\z"
		"| (?: \\A | \\n ) [*_#\\s]* (?: (?: final | overall | my ) \\s+ )? (?: verdict | winner | preference | preferred | choice | better |"
		" answer | result | judge?ment ) [*_]* \\s* : [^\\n]{0,60} \\s* \\z"
		"| (?: \\A | \\n ) [*_\\s]* (?-i: [AB] ) [.*_\\s]* \\z", "ix");
}

void rationale_stop(void)
{
	match_free(places);
	match_free(verdict_line);
}

/* ---- reading ---- */

/* The object in a text that is JSON, perhaps in a fence; kind JSON_NONE: it is not. */
static struct value object_of(struct span text)
{
	struct value top;
	struct scan_error e;
	const size_t head = span_find(text, S("{")), tail = span_rfind(text, S("}"));

	if (!(span_starts(text, S("{")) || span_starts(text, S("```"))) || head == (size_t)-1 || tail == (size_t)-1 || tail < head)
		return (struct value){ 0 };
	if (!scan(span_cut(text, head, tail + 1), SCAN_UNIQUE, NULL, &top, &e))
		return (struct value){ 0 };
	return top;
}

static struct span without_label(struct span text)
{
	static const char *const labels[] = { "Rationale:", "**Rationale:**", "Rationale -", "**Rationale**:", "Explanation:" };

	for (size_t i = 0; i < COUNT(labels); i++)
		if (span_starts(text, span_of(labels[i])))
			return span_trim(span_cut(text, strlen(labels[i]), text.n));
	return text;
}

void rationale_read(struct span said, bool cut, struct arena *a, struct span *text, double *verdict)
{
	const size_t thought = span_rfind(said, S("</think>"));
	struct value object;
	struct span found;
	const char *why;

	if (!ruling_read(said, cut, RULING_PAIR, verdict))
		*verdict = NAN;
	if (thought != (size_t)-1)
		said = span_cut(said, thought + strlen("</think>"), said.n);
	said = span_trim(said);
	if (span_starts(said, S("<think>")))
		said.n = 0;
	object = object_of(said);
	if (object.kind == JSON_OBJECT) {
		*text = span_trim(json_text(scan_member(object, S("rationale")), a));
		*text = text->p ? *text : S("");
		return;
	}
	if (match_find(verdict_line, said, 0, &found, &why) > 0)
		said = span_cut(said, 0, (size_t)(found.p - said.p));
	else if (span_starts(said, S("[[")) && span_find(said, S("]]")) < 40)	/* the verdict came first */
		said = span_cut(said, span_find(said, S("]]")) + 2, said.n);
	*text = without_label(span_trim(said));
}

/* ---- checking ---- */

static int by_hash(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Hashes of n words in a row; the number of them, v is the caller's to free. */
static size_t runs(const struct words *w, size_t n, uint64_t **v)
{
	const size_t k = w->n >= n ? w->n - n + 1 : 0;

	*v = xcalloc(k + 1, sizeof **v);
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < n; j++)
			(*v)[i] = mix64((*v)[i] + w->v[i + j].hash);
	return k;
}

static bool copies(const struct words *w, struct span from, size_t n)
{
	struct words theirs = { 0 };
	uint64_t *a, *b;
	size_t k, m;
	bool found = false;

	text_words(from, &theirs);
	k = runs(w, n, &a);
	m = runs(&theirs, n, &b);
	qsort(b, m, sizeof *b, by_hash);
	for (size_t i = 0; i < k && !found; i++)
		found = bsearch(&a[i], b, m, sizeof *b, by_hash) != NULL;
	free(a);
	free(b);
	words_free(&theirs);
	return found;
}

enum rationale_fault rationale_check(struct span text, const struct pair *p, const struct rationale_bounds *b, struct span mark)
{
	enum rationale_fault fault = RATIONALE_GOOD;
	struct words w = { 0 };
	struct span found;
	const char *why;

	text_words(text, &w);
	if (span_trim(text).n == 0)
		fault = RATIONALE_EMPTY;
	else if (mark.n && span_find(text, mark) != (size_t)-1)
		fault = RATIONALE_MARK;
	else if (match_find(places, text, 0, &found, &why))	/* (A limit that is hit is no proof of innocence.) */
		fault = RATIONALE_ORDER;
	else if (w.n < b->least)
		fault = RATIONALE_SHORT;
	else if (w.n > b->most)
		fault = RATIONALE_LONG;
	else if (p && b->copied && (copies(&w, p->chosen, b->copied) || copies(&w, p->rejected, b->copied)))
		fault = RATIONALE_COPIES;
	words_free(&w);
	return fault;
}

/* ---- what it answers ---- */

struct span rationale_question(const struct pair *p, struct arena *a)
{
	static const char *const names[] = { "The better response:", "The other response:" };
	const bool turned = pair_turned(p);
	struct buf b = { 0 };
	struct span s;

	if (p->prompt.p) {
		buf_adds(&b, "This was asked:\n");
		buf_add(&b, p->prompt);
		buf_adds(&b, "\n\n");
	}
	for (int i = 0; i < 2; i++) {
		const int which = i ^ turned;

		buf_adds(&b, names[which]);
		buf_addc(&b, '\n');
		buf_add(&b, which ? p->rejected : p->chosen);
		buf_adds(&b, "\n\n");
	}
	buf_adds(&b, "Why is the better response better?");
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}
