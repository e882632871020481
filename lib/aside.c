/* aside - the records of another file than the inputs, in one thread */
#include "aside.h"

#include "stream.h"

enum { RECORD_MAX = 64 << 20 };

struct reading {
	struct scan_index scratch;
	struct arena arena;
	void (*record)(struct rec *r);
	void (*text)(struct span line, const struct where *at);	/* NULL: the file holds records */
};

static void read_record(struct reading *a, struct span raw, struct where at, size_t col)
{
	struct rec r = { .at = at };

	arena_reset(&a->arena);
	if (rec_open(&r, raw, &a->arena, &a->scratch))
		a->record(&r);
	for (const struct rec_note *n = r.notes; r.bad; n = n->next)
		if (n->kind == NOTE_BAD)
			die_at(EXIT_BAD, &at, n->col ? n->col + col - 1 : 0, "%.*s", ARG(n->text));
}

static void read_lines(struct reading *a, const struct chunk *c)
{
	struct where at = { c->file, c->first_line };

	for (struct span rest = buf_span(&c->bytes), line; rest.n; at.line++) {
		const char *nl = memchr(rest.p, '\n', rest.n);

		line = span_cut(rest, 0, nl ? (size_t)(nl - rest.p) : rest.n);
		rest = span_cut(rest, line.n + (nl != NULL), rest.n);
		if (a->text)
			a->text(line, &at);
		else
			read_record(a, line, at, 1);
	}
}

static void read_elements(struct reading *a, const struct chunk *c)
{
	for (size_t i = 0; i < c->n; i++)
		read_record(a, span_cut(buf_span(&c->bytes), c->at[i].from, c->at[i].to),
			(struct where){ c->file, c->at[i].line }, c->at[i].col);
}

/* (A byte order mark is no part of a text, and no part of JSON: there the first record is bad.) */
static bool is_json(const struct chunk *c)
{
	struct span s = span_trim(buf_span(&c->bytes));

	if (span_starts(s, S("\357\273\277")))
		s = span_trim(span_cut(s, 3, s.n));
	return c->array || span_starts(s, S("{")) || span_starts(s, S("["));
}

void aside_read_any(const char *path, void (*record)(struct rec *r), void (*text)(struct span line,
	const struct where *at))
{
	struct reading a = { .record = record, .text = text };
	struct chunk c = { 0 };
	const char *why;
	struct in *in = in_open(path, RECORD_MAX, &why);
	bool first = true;
	int got;

	if (!in)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	while ((got = in_next(in, &c, 1 << 20)) > 0) {
		if (first && is_json(&c))
			a.text = NULL;
		first = false;
		if (c.array)
			read_elements(&a, &c);
		else
			read_lines(&a, &c);
	}
	if (got < 0) {
		size_t col = 0;
		struct where at = { path, in_error_line(in, &col) };

		die_at(at.line ? EXIT_BAD : EXIT_SYSTEM, &at, col, "%s", in_error(in));
	}
	in_close(in);
	chunk_free(&c);
	scan_index_free(&a.scratch);
	arena_free(&a.arena);
}

void aside_read(const char *path, void (*record)(struct rec *r))
{
	aside_read_any(path, record, NULL);
}
