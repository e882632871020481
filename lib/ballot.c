/* ballot - the votes that a record carries on which of its responses is better */
#include "ballot.h"

#include <stdlib.h>

#include "hash.h"

static const char *const words[] = { "\"A\"", "\"B\"", "\"tie\"" };

struct ballot_vote ballot_turned(struct ballot_vote v)
{
	if (v.side != BALLOT_TIE)
		v.side = 1 - v.side;
	if (v.shown != BALLOT_UNKNOWN)
		v.shown = BALLOT_CHOSEN_FIRST + BALLOT_REJECTED_FIRST - v.shown;
	return v;
}

/* ---- reading ---- */

/* Take one vote. False: it is neither a vote nor a word for none. */
static bool take(struct ballot *b, struct span by, struct value v, int shown)
{
	static const char *const none[] = { "null", "\"invalid\"", "\"refused\"", "\"error\"" };

	for (size_t side = 0; side < COUNT(words); side++) {
		if (span_eq(v.raw, span_of(words[side]))) {
			b->v[b->n++] = (struct ballot_vote){ by, (uint8_t)side, (uint8_t)shown };
			return true;
		}
	}
	for (size_t i = 0; i < COUNT(none); i++) {
		if (span_eq(v.raw, span_of(none[i]))) {
			b->abstained++;
			return true;
		}
	}
	return false;
}

static bool take_both(struct ballot *b, struct span by, struct value v)
{
	struct scan_iter it = scan_open(v);
	struct member m;
	int shown = BALLOT_CHOSEN_FIRST;

	while (scan_next(&it, &m))
		if (shown > BALLOT_REJECTED_FIRST || !take(b, by, m.val, shown++))
			return false;
	return shown > BALLOT_REJECTED_FIRST;
}

static int order_of(struct rec *r)
{
	double x;

	return !rec_num(r, "chosen_position", &x) ? BALLOT_UNKNOWN : x == 1 ? BALLOT_CHOSEN_FIRST :
		x == 2 ? BALLOT_REJECTED_FIRST : BALLOT_UNKNOWN;
}

static bool read_votes(struct rec *r, struct value votes, struct ballot *b)
{
	struct scan_iter it = scan_open(votes);
	const int shown = order_of(r);
	struct member m;

	b->v = arena_alloc(r->arena, 2 * scan_count(votes) * sizeof *b->v);
	while (scan_next(&it, &m)) {
		struct span by = m.key_plain ? m.key : json_unescape(m.key, r->arena);

		if (m.val.kind == JSON_ARRAY ? take_both(b, by, m.val) : take(b, by, m.val, shown))
			continue;
		rec_bad(r, rec_col(r, m.val.raw.p), "a vote is \"A\", \"B\", \"tie\" or null, or an array of two of them");
		return false;
	}
	return true;
}

/* A string or a number. */
static struct span annotator(struct value who, struct rec *r)
{
	return who.kind == JSON_STRING ? json_text(who, r->arena) : who.raw;
}

bool ballot_read(struct rec *r, struct ballot *b)
{
	struct value votes = rec_get(r, "votes"), who = rec_get(r, "annotator"), said = rec_get(r, "verdict");

	*b = (struct ballot){ 0 };
	if (votes.kind == JSON_OBJECT)
		return read_votes(r, votes, b);
	if (votes.kind != JSON_NONE && votes.kind != JSON_NULL) {
		rec_bad(r, rec_col(r, votes.raw.p), "\"votes\" is not an object");
		return false;
	}
	if (who.kind != JSON_STRING && who.kind != JSON_NUMBER)
		return true;
	b->v = arena_alloc(r->arena, sizeof *b->v);
	if (said.kind == JSON_NONE)
		said = (struct value){ S("\"A\""), JSON_STRING, true };
	if (take(b, annotator(who, r), said, order_of(r)))
		return true;
	rec_bad(r, rec_col(r, said.raw.p), "the verdict of an annotator is \"A\", \"B\" or \"tie\"");
	return false;
}

/* Votes of one annotator stand side by side, as an object has no two equal keys. */
static void keep_sides(struct ballot *b)
{
	const size_t n = b->n;

	b->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct ballot_vote v = b->v[i];
		bool both = i + 1 < n && span_eq(b->v[i + 1].by, v.by), same = !both || b->v[++i].side == v.side;

		if (same && v.side != BALLOT_TIE)
			b->v[b->n++] = v;
	}
}

bool ballot_sides(struct rec *r, const char *field, struct ballot *b)
{
	struct value votes = rec_get(r, "votes"), who = rec_get(r, field ? field : "annotator");

	*b = (struct ballot){ 0 };
	if (!field && votes.kind != JSON_NONE && votes.kind != JSON_NULL) {
		if (!ballot_read(r, b))
			return false;
		keep_sides(b);
	} else if (who.kind == JSON_STRING || who.kind == JSON_NUMBER) {
		b->v = arena_alloc(r->arena, sizeof *b->v);
		b->v[b->n++] = (struct ballot_vote){ annotator(who, r), BALLOT_CHOSEN, BALLOT_UNKNOWN };
	}
	return true;
}

/* ---- writing ---- */

/* The next vote after v[i] that stands in one member with it: the annotator's in the other order. */
static size_t partner(const struct ballot_vote *v, size_t n, size_t i, const bool *written)
{
	for (size_t k = i + 1; k < n && v[i].shown != BALLOT_UNKNOWN; k++)
		if (!written[k] && v[k].shown == ballot_turned(v[i]).shown && span_eq(v[k].by, v[i].by))
			return k;
	return n;
}

/* A name of its own: no object has two equal keys. */
static void put_name(struct buf *out, struct span by, struct keyset *names)
{
	struct buf name = { 0 };

	buf_add(&name, by);
	for (unsigned again = 2; !keyset_add(names, hash128(buf_span(&name), 0)); again++) {
		name.n = by.n;
		buf_addf(&name, "~%u", again);
	}
	json_put_text(out, buf_span(&name));
	buf_free(&name);
}

void ballot_put(struct buf *out, const struct ballot_vote *v, size_t n)
{
	bool *written = xcalloc(n + 1, sizeof *written);
	struct keyset names = { 0 };
	const char *before = "";

	buf_addc(out, '{');
	for (size_t i = 0; i < n; i++) {
		const char *half[2] = { "null", "null" };
		size_t other;

		if (written[i])
			continue;
		buf_adds(out, before);
		before = ",";
		put_name(out, v[i].by, &names);
		if (v[i].shown == BALLOT_UNKNOWN) {
			buf_addf(out, ":%s", words[v[i].side]);
			continue;
		}
		half[v[i].shown - BALLOT_CHOSEN_FIRST] = words[v[i].side];
		other = partner(v, n, i, written);
		if (other < n) {
			half[v[other].shown - BALLOT_CHOSEN_FIRST] = words[v[other].side];
			written[other] = true;
		}
		buf_addf(out, ":[%s,%s]", half[0], half[1]);
	}
	buf_addc(out, '}');
	keyset_free(&names);
	free(written);
}
