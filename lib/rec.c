/* rec - one record: a line of JSON we look through, never rebuild */
#include "rec.h"

#include <stdlib.h>

/* A change to one member. Members that were read keep their index; added ones follow. */
struct rec_edit {
	struct rec_edit *next;
	size_t member;			/* index in r->ix */
	struct span old;		/* value as read; p NULL for an added member */
};

bool rec_open(struct rec *r, struct span raw, struct arena *a, struct scan_index *scratch)
{
	struct scan_error e;
	struct value top;

	*r = (struct rec){ .at = r->at, .n = r->n, .raw = raw, .arena = a, .out = -1 };
	if (!scan(raw, SCAN_UNIQUE, scratch, &top, &e)) {
		if (span_starts(raw, S("\xEF\xBB\xBF")))
			rec_bad(r, 1, "byte order mark");
		else if (span_trim(raw).n == 0)
			rec_bad(r, 0, "blank line");
		else
			rec_bad(r, e.at + 1, "%s", e.why);
		return false;
	}
	if (top.kind != JSON_OBJECT) {
		rec_bad(r, rec_col(r, top.raw.p), "not a JSON object");
		return false;
	}
	r->ix.n = scratch->n;
	r->ix.room = scratch->n + 6;
	r->ix.v = arena_alloc(a, r->ix.room * sizeof *r->ix.v);
	if (scratch->n)
		memcpy(r->ix.v, scratch->v, scratch->n * sizeof *scratch->v);
	return true;
}

/* ---- reading ---- */

static struct member *find(struct rec *r, struct span name)
{
	for (size_t i = 0; i < r->ix.n; i++)
		if (member_is(&r->ix.v[i], name))
			return &r->ix.v[i];
	return NULL;
}

/* Take the next step off a path: ".name" or "[i]". False: not a path. */
static bool step(struct value *v, struct span *path)
{
	const char *p = path->p, *end = p + path->n;
	size_t i = 0;

	if (*p == '[') {
		const char *digits = ++p;

		while (p < end && *p >= '0' && *p <= '9' && p - digits < 9)
			i = i * 10 + (size_t)(*p++ - '0');
		if (p == digits || p == end || *p != ']')
			return false;
		*v = scan_element(*v, i);
		p++;
	} else {
		const char *name = *p == '.' ? ++p : p;

		while (p < end && *p != '.' && *p != '[')
			p++;
		*v = scan_member(*v, (struct span){ name, (size_t)(p - name) });
	}
	*path = (struct span){ p, (size_t)(end - p) };
	return true;
}

struct value rec_get(struct rec *r, const char *path)
{
	struct span rest = span_of(path);
	const struct member *m = find(r, rest);
	size_t head;

	if (m)
		return m->val;
	head = strcspn(path, ".[");
	if (head == rest.n || head == 0)
		return (struct value){ 0 };
	m = find(r, span_cut(rest, 0, head));
	if (m) {
		struct value v = m->val;

		rest = span_cut(rest, head, rest.n);
		while (rest.n && v.kind != JSON_NONE)
			if (!step(&v, &rest))
				return (struct value){ 0 };
		return v;
	}
	return (struct value){ 0 };
}

struct span rec_raw(struct rec *r, const char *path)
{
	return rec_get(r, path).raw;
}

struct span rec_text(struct rec *r, const char *path)
{
	return json_text(rec_get(r, path), r->arena);
}

bool rec_num(struct rec *r, const char *path, double *x)
{
	return json_number(rec_get(r, path), x);
}

/* ---- editing ---- */

static enum json_kind kind_of(struct span json)
{
	switch (json.p[0]) {
	case '"': return JSON_STRING;
	case '{': return JSON_OBJECT;
	case '[': return JSON_ARRAY;
	case 't': return JSON_TRUE;
	case 'f': return JSON_FALSE;
	case 'n': return JSON_NULL;
	default: return JSON_NUMBER;
	}
}

/* The edit of a member, made if there is none; kept in the order of members. */
static struct rec_edit *edit_of(struct rec *r, size_t member, struct span old)
{
	struct rec_edit **at = &r->edits, *e;

	while (*at && (*at)->member < member)
		at = &(*at)->next;
	if (*at && (*at)->member == member)
		return *at;
	e = arena_alloc(r->arena, sizeof *e);
	*e = (struct rec_edit){ *at, member, old };
	*at = e;
	return e;
}

void rec_set(struct rec *r, const char *name, struct span json)
{
	struct member *m = find(r, span_of(name));

	if (json.n == 0)
		bug("rec_set: empty value for %s", name);
	if (!m) {
		if (r->ix.n == r->ix.room) {
			struct member *v;

			r->ix.room = 2 * r->ix.room + 4;
			v = arena_alloc(r->arena, r->ix.room * sizeof *v);
			memcpy(v, r->ix.v, r->ix.n * sizeof *v);
			r->ix.v = v;
		}
		m = &r->ix.v[r->ix.n++];
		*m = (struct member){ .key = arena_copy(r->arena, span_of(name)), .key_plain = true };
	}
	edit_of(r, (size_t)(m - r->ix.v), m->val.raw);
	m->val.raw = json;
	m->val.kind = kind_of(json);
	m->val.plain = m->val.kind == JSON_STRING && !memchr(json.p, '\\', json.n);
}

void rec_set_text(struct rec *r, const char *name, struct span text)
{
	struct buf b = { 0 };

	json_put_text(&b, text);
	rec_set(r, name, arena_copy(r->arena, buf_span(&b)));
	buf_free(&b);
}

void rec_set_num(struct rec *r, const char *name, double x)
{
	struct buf b = { arena_alloc(r->arena, JSON_NUMBER_MAX), 0, JSON_NUMBER_MAX };

	json_put_number(&b, x);		/* never longer, so that the buffer stays the arena's */
	rec_set(r, name, buf_span(&b));
}

void rec_set_bool(struct rec *r, const char *name, bool x)
{
	rec_set(r, name, x ? S("true") : S("false"));
}

void rec_remove(struct rec *r, const char *name)
{
	struct member *m = find(r, span_of(name));

	if (!m || m->val.kind == JSON_NONE)
		return;
	edit_of(r, (size_t)(m - r->ix.v), m->val.raw);
	m->val = (struct value){ 0 };
}

/* ---- judging ---- */

void rec_drop(struct rec *r, const char *reason)
{
	if (!r->dropped)
		r->dropped = reason;
}

static struct rec_note *note(struct rec *r)
{
	struct rec_note **at = &r->notes;

	while (*at)
		at = &(*at)->next;
	*at = arena_alloc(r->arena, sizeof **at);
	**at = (struct rec_note){ 0 };
	return *at;
}

void rec_note(struct rec *r, const char *name, struct span json)
{
	struct rec_note *n = note(r);

	n->kind = NOTE_DETAIL;
	n->name = arena_copy(r->arena, span_of(name));
	n->text = arena_copy(r->arena, json);
}

static void message(struct rec *r, int kind, size_t col, const char *fmt, va_list ap)
{
	struct rec_note *n = note(r);
	char *text = xvasprintf(fmt, ap);

	n->kind = kind;
	n->col = col;
	n->text = arena_printf(r->arena, "%s", text);
	free(text);
}

void rec_bad(struct rec *r, size_t col, const char *fmt, ...)
{
	va_list ap;

	if (r->bad)
		return;
	r->bad = true;
	va_start(ap, fmt);
	message(r, NOTE_BAD, col, fmt, ap);
	va_end(ap);
}

void rec_warn(struct rec *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(r, NOTE_WARN, 0, fmt, ap);
	va_end(ap);
}

size_t rec_col(const struct rec *r, const char *p)
{
	return p && p >= r->raw.p && p <= r->raw.p + r->raw.n ? (size_t)(p - r->raw.p) + 1 : 0;
}

void rec_put(struct rec *r, struct span json, int out)
{
	rec_put_kept(r, arena_copy(r->arena, json), out);
}

void rec_put_kept(struct rec *r, struct span json, int out)
{
	struct rec_line *line = arena_alloc(r->arena, sizeof *line);

	*line = (struct rec_line){ NULL, json, out };
	if (r->lines)
		r->last->next = line;
	else
		r->lines = line;
	r->last = line;
}

/* ---- writing ---- */

/* Append s; when folded, without line ends and the blanks around them (never inside a string). */
static void put(struct buf *out, struct span s, bool folded)
{
	const char *p = s.p, *end = p + s.n;

	if (!folded) {
		buf_add(out, s);
		return;
	}
	buf_room(out, s.n);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl)
			nl = end;
		buf_add(out, (struct span){ p, (size_t)(nl - p) });
		while (nl < end && out->n && out->p[out->n - 1] == '\r')
			out->n--;
		for (p = nl; p < end && (*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t');)
			p++;
	}
}

static struct span between(const char *from, const char *to)
{
	return (struct span){ from, (size_t)(to - from) };
}

/* The record with its edits, up to but without the closing brace; *any: a member has been written. */
static void put_open(const struct rec *r, struct buf *out, const char **brace, bool *any)
{
	const char *cursor = r->raw.p, *kept_end = NULL;
	const struct rec_edit *e = r->edits;
	size_t i;

	*brace = memrchr(r->raw.p, '}', r->raw.n);
	*any = false;
	for (i = 0; i < r->ix.n; i++) {
		const struct member *m = &r->ix.v[i];
		const bool edited = e && e->member == i;
		struct span old = edited ? e->old : m->val.raw;
		const char *start = m->key.p - 1;

		if (!old.p)
			break;		/* added members from here on */
		if (edited && m->val.kind == JSON_NONE) {
			/* Removed: with the comma before it, or after it when nothing kept is before. */
			if (kept_end) {
				if (cursor < kept_end)
					put(out, between(cursor, kept_end), r->folded);
				cursor = old.p + old.n;
			} else {
				bool next = i + 1 < r->ix.n && r->ix.v[i + 1].key.p > start &&
					r->ix.v[i + 1].key.p < *brace;

				if (cursor < start)
					put(out, between(cursor, start), r->folded);
				cursor = next ? r->ix.v[i + 1].key.p - 1 : old.p + old.n;
			}
		} else {
			*any = true;
			kept_end = old.p + old.n;
			if (edited) {
				put(out, between(cursor, old.p), r->folded);
				put(out, m->val.raw, r->folded);
				cursor = kept_end;
			}
		}
		if (edited)
			e = e->next;
	}
	put(out, between(cursor, *brace), r->folded);
	for (; e; e = e->next) {
		const struct member *m = &r->ix.v[e->member];

		if (m->val.kind == JSON_NONE)
			continue;
		if (*any)
			buf_addc(out, ',');
		*any = true;
		json_put_text(out, m->key);
		buf_addc(out, ':');
		put(out, m->val.raw, r->folded);
	}
}

void rec_write(const struct rec *r, struct buf *out)
{
	const char *brace;
	bool any;

	if (!r->edits) {
		put(out, r->raw, r->folded);
		return;
	}
	put_open(r, out, &brace, &any);
	put(out, between(brace, r->raw.p + r->raw.n), r->folded);
}

static void put_base64(struct buf *b, struct span s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;

		if (i + 1 < s.n)
			v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
		if (i + 2 < s.n)
			v |= (unsigned char)s.p[i + 2];
		buf_addc(b, digits[v >> 18]);
		buf_addc(b, digits[v >> 12 & 63]);
		buf_addc(b, i + 1 < s.n ? digits[v >> 6 & 63] : '=');
		buf_addc(b, i + 2 < s.n ? digits[v & 63] : '=');
	}
}

/* A line that is no record: kept as text, or in base64 if text would not give its bytes back. */
static void put_bad_line(const struct rec *r, struct buf *out)
{
	const struct rec_note *n = r->notes;
	size_t before;
	struct arena a = { 0 };
	struct value top;
	struct scan_error e;
	bool exact;

	while (n && n->kind != NOTE_BAD)
		n = n->next;
	buf_adds(out, "{\"dropped\":{\"reason\":\"bad\",\"file\":");
	json_put_text(out, span_of(r->at.file));
	buf_addf(out, ",\"line\":%llu", (unsigned long long)r->at.line);
	if (n) {
		if (n->col)
			buf_addf(out, ",\"column\":%zu", n->col);
		buf_adds(out, ",\"why\":");
		json_put_text(out, n->text);
	}
	buf_adds(out, "},\"line\":");
	before = out->n;
	json_put_text(out, r->raw);
	exact = scan((struct span){ out->p + before, out->n - before }, 0, NULL, &top, &e) &&
		span_eq(json_text(top, &a), r->raw);
	arena_free(&a);
	if (!exact) {
		out->n = before - strlen("\"line\":");
		buf_adds(out, "\"base64\":\"");
		put_base64(out, r->raw);
		buf_addc(out, '"');
	}
	buf_addc(out, '}');
}

void rec_write_reject(struct rec *r, struct buf *out)
{
	const char *brace;
	bool any;

	if (r->bad) {
		put_bad_line(r, out);
		return;
	}
	rec_remove(r, "dropped");	/* of an earlier stage: a second one would be a duplicate key */
	put_open(r, out, &brace, &any);
	buf_adds(out, any ? ",\"dropped\":{\"reason\":" : "\"dropped\":{\"reason\":");
	json_put_text(out, span_of(r->dropped));
	for (const struct rec_note *n = r->notes; n; n = n->next) {
		if (n->kind != NOTE_DETAIL)
			continue;
		buf_addc(out, ',');
		json_put_text(out, n->name);
		buf_addc(out, ':');
		put(out, n->text, r->folded);
	}
	buf_addc(out, '}');
	put(out, between(brace, r->raw.p + r->raw.n), r->folded);
}

void rec_write_lost(const struct where *at, const char *why, struct buf *out)
{
	buf_adds(out, "{\"dropped\":{\"reason\":\"bad\",\"file\":");
	json_put_text(out, span_of(at->file));
	buf_addf(out, ",\"line\":%ju,\"why\":", (uintmax_t)at->line);
	json_put_text(out, span_of(why));
	buf_adds(out, "}}");
}
