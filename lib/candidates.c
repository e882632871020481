/* candidates - a record of several responses to one prompt, its pairs and its ranked list as records */
#include "candidates.h"

#include "hash.h"
#include "pair.h"
#include "text.h"

#include <math.h>

/* ---- reading ---- */

static struct key128 key_of(const struct candidate *c, bool normalise, struct arena *a)
{
	struct span parts[2] = { c->text, S("") };
	struct buf b = { 0 };
	struct key128 key;

	if (c->response.kind == JSON_ARRAY)
		parts[1] = pair_beyond(c->response, a);
	if (normalise) {
		text_normalise(c->text, &b);
		parts[0] = buf_span(&b);
	}
	key = hash128_parts(parts, 2, 0);
	buf_free(&b);
	return key;
}

struct candidate candidate_of(struct value object, struct arena *a)
{
	struct candidate c = { .whole = object };
	struct scan_iter it = scan_open(object);
	struct member few[16], m;
	size_t n = 0;

	if (object.kind != JSON_OBJECT)
		return c;
	/* Most have few members: counted while they are read. */
	while (scan_next(&it, &m)) {
		if (n < COUNT(few))
			few[n] = m;
		n++;
	}
	c.members = arena_alloc(a, (n + 1) * sizeof m);
	if (n <= COUNT(few)) {
		memcpy(c.members, few, n * sizeof m);
		c.n_members = n;
		return c;
	}
	for (it = scan_open(object); scan_next(&it, &m);)
		c.members[c.n_members++] = m;
	return c;
}

struct value candidate_member(const struct candidate *c, struct span name)
{
	for (size_t i = 0; i < c->n_members; i++)
		if (member_is(&c->members[i], name))
			return c->members[i].val;
	return (struct value){ 0 };
}

static size_t *firsts_of(struct candidates *c, bool normalise)
{
	size_t *first = arena_alloc(c->r->arena, (c->n + 1) * sizeof *first);
	struct keymap seen = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		bool is_new;
		uint64_t *at = keymap_at(&seen, key_of(&c->v[i], normalise, c->r->arena), &is_new);

		if (is_new)
			*at = i;
		first[i] = *at;
	}
	keymap_free(&seen);
	return first;
}

void candidates_fill(struct candidates *c, struct rec *r, bool normalise)
{
	c->r = r;
	c->items = arena_alloc(r->arena, (c->n + 1) * sizeof *c->items);
	for (size_t i = 0; i < c->n; i++) {
		struct candidate *one = &c->v[i];

		one->text = pair_text(one->response, false, r->arena);
		c->items[i] = (struct pairing_item){ .length = (double)text_points(one->text) };
	}
	c->first = firsts_of(c, normalise);
}

bool candidates_read(struct candidates *c, struct rec *r, bool normalise)
{
	const struct value list = rec_get(r, "responses");
	struct scan_iter it = scan_open(list);
	struct member m;
	size_t room = 0;

	*c = (struct candidates){ .prompt = rec_get(r, "prompt"), .taken = "prompt responses comparisons" };
	while (scan_next(&it, &m)) {
		struct candidate one = candidate_of(m.val, r->arena);

		one.response = candidate_member(&one, S("text"));
		if (one.response.kind == JSON_NONE)
			one.response = candidate_member(&one, S("messages"));
		if (!pair_text(one.response, false, r->arena).p) {
			rec_bad(r, rec_col(r, m.val.raw.p), "a response has neither \"text\" nor \"messages\"");
			return false;
		}
		c->v = arena_grown(r->arena, c->v, c->n, &room, sizeof *c->v);
		c->v[c->n++] = one;
	}
	candidates_fill(c, r, normalise);
	return true;
}

/* ---- values ---- */

enum candidates_by candidates_by(const char *word)
{
	static const char *const words[] = { "score", "value", "correct", "tests", "pass", "rank" };

	if (!word)
		return BY_FIRST_FOUND;
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(word, words[i]) == 0)
			return (enum candidates_by)(BY_SCORE + i);
	return BY_JUDGE;
}

bool candidate_value(const struct candidate *c, enum candidates_by by, const char *judge, double *x,
	struct value *written)
{
	struct value tests, v;
	double pass, of;
	bool yes;

	*written = (struct value){ 0 };
	switch (by) {
	case BY_SCORE:
		*written = candidate_member(c, S("score"));
		return json_number(*written, x);
	case BY_VALUE:
		*written = candidate_member(c, S("value"));
		return json_number(*written, x);
	case BY_CORRECT:
		if (!json_bool(candidate_member(c, S("correct")), &yes))
			return false;
		*x = yes;
		return true;
	case BY_JUDGE:
		*written = scan_member(candidate_member(c, S("scores")), span_of(judge));
		return json_number(*written, x);
	case BY_RANK:
		if (!json_number(candidate_member(c, S("rank")), x))
			return false;
		*x = -*x;
		return true;
	case BY_TESTS:
	case BY_PASS:
		tests = candidate_member(c, S("tests"));
		v = scan_member(tests, S("pass"));
		if (!json_number(v, &pass) || !json_number(scan_member(tests, S("of")), &of) || of <= 0)
			return false;
		*x = by == BY_TESTS ? pass / of : pass == of;
		return true;
	default:
		return false;
	}
}

enum candidates_by candidates_first_found(const struct candidates *c)
{
	static const enum candidates_by all[] = { BY_SCORE, BY_VALUE, BY_CORRECT, BY_TESTS, BY_RANK };
	struct value written;
	double x;

	for (size_t k = 0; k < COUNT(all); k++)
		for (size_t i = 0; i < c->n; i++)
			if (candidate_value(&c->v[i], all[k], NULL, &x, &written))
				return all[k];
	return BY_SCORE;
}

void candidates_value(struct candidates *c, enum candidates_by by, const char *judge)
{
	if (by == BY_FIRST_FOUND)
		by = candidates_first_found(c);
	c->as_written = by == BY_SCORE;
	for (size_t i = 0; i < c->n; i++) {
		struct pairing_item *it = &c->items[i];
		struct value written;

		it->valued = candidate_value(&c->v[i], by, judge, &it->value, &written);
		if (it->valued && by != BY_RANK)
			c->v[i].value = written.raw.p ? written.raw : json_number_in(c->r->arena, it->value);
	}
	candidates_unite(c);
}

void candidates_unite(struct candidates *c)
{
	bool *stands = arena_alloc(c->r->arena, c->n + 1);

	memset(stands, 0, c->n + 1);
	for (size_t i = 0; i < c->n; i++) {
		if (!c->items[i].valued) {
			c->n_valueless++;
		} else if (stands[c->first[i]]) {
			c->items[i].valued = false;
			c->n_equal++;
		} else {
			stands[c->first[i]] = true;
		}
	}
}

size_t candidates_distinct(const struct candidates *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->first[i] == i;
	return n;
}

/* ---- writing ---- */

/* A response in the form of the prompt: TRL wants both as strings or both as messages. */
static struct span form_of(const struct candidates *c, const struct candidate *one)
{
	if (c->prompt.kind != JSON_ARRAY || one->response.kind != JSON_STRING)
		return one->response.raw;
	return arena_printf(c->r->arena, "[{\"role\":\"assistant\",\"content\":%.*s}]", ARG(one->response.raw));
}

/* The members of the record that are its own, under names that a pair leaves free. */
static void add_rest(struct candidates *c, struct attrs *line, bool pair)
{
	const size_t n_own = line->n;

	for (size_t i = 0; i < c->r->ix.n; i++) {
		const struct member *m = &c->r->ix.v[i];
		struct span name = m->key_plain ? m->key : json_unescape(m->key, c->r->arena);
		bool taken = m->val.kind == JSON_NONE || word_among(name, c->taken);

		if (c->several && span_eq(name, S("id")))
			name = S("source_id");
		else if (pair)
			name = attrs_foreign(c->r, name);
		for (size_t k = 0; k < n_own && !taken; k++)
			taken = line->v[k].json.p && span_eq(line->v[k].name, name);
		if (!taken)
			attrs_add(line, name, m->val.raw, c->r->arena);
	}
}

/* "scores" of both, judge by judge, where both have one. */
static struct span both_scores(const struct candidates *c, const struct candidate *x, const struct candidate *y)
{
	const struct value other = candidate_member(y, S("scores"));
	struct scan_iter it = scan_open(candidate_member(x, S("scores")));
	struct attrs scores = { 0 };
	struct member m;

	while (scan_next(&it, &m)) {
		struct span name = m.key_plain ? m.key : json_unescape(m.key, c->r->arena);
		struct value b = scan_member(other, name);

		if (m.val.kind == JSON_NUMBER && b.kind == JSON_NUMBER)
			attrs_add(&scores, name, arena_printf(c->r->arena, "[%.*s,%.*s]", ARG(m.val.raw), ARG(b.raw)),
				c->r->arena);
	}
	return scores.n ? attrs_object(&scores, c->r->arena) : (struct span){ 0 };
}

/* What is to be said of a response: its value as its score, what was added, its members. */
static void add_members(const struct candidates *c, struct attrs *to, const struct candidate *one, const char *hidden)
{
	struct arena *a = c->r->arena;

	if (one->value.p)
		attrs_add(to, S("score"), one->value, a);
	for (size_t i = 0; i < one->attrs.n; i++)
		attrs_add(to, one->attrs.v[i].name, one->attrs.v[i].json, a);
	for (size_t i = 0; i < one->n_members; i++) {
		const struct member *m = &one->members[i];
		struct span name = m->key_plain ? m->key : json_unescape(m->key, a);

		if (m->val.raw.p != one->response.raw.p && !word_among(name, c->hidden) && !word_among(name, hidden))
			attrs_add(to, name, m->val.raw, a);
	}
}

/* Of a pair: `scores` of both sides stand together. */
static void add_side(const struct candidates *c, struct attrs *line, const struct candidate *one, const char *side)
{
	struct attrs some = { 0 };

	add_members(c, &some, one, "scores");
	attrs_add_side(line, &some, side, c->r->arena);
}

struct span candidates_pair(struct candidates *c, const struct pairing_pair *p, const struct attrs *more)
{
	const struct candidate *x = &c->v[p->better], *y = &c->v[p->worse];
	struct arena *a = c->r->arena;
	struct attrs line = { 0 };
	struct span scores = both_scores(c, x, y);

	if (c->prompt.kind != JSON_NONE)
		attrs_add(&line, S("prompt"), c->prompt.raw, a);
	attrs_add(&line, S("chosen"), form_of(c, x), a);
	attrs_add(&line, S("rejected"), form_of(c, y), a);
	attrs_add(&line, S("scores"), scores, a);
	add_side(c, &line, x, "chosen");
	add_side(c, &line, y, "rejected");
	if (x->value.p && y->value.p && isfinite(p->gap))
		attrs_add(&line, S("margin"), json_number_in(a, p->gap), a);
	for (size_t i = 0; more && i < more->n; i++)
		attrs_add(&line, more->v[i].name, more->v[i].json, a);
	for (size_t i = 0; i < c->shared.n; i++)
		attrs_add(&line, c->shared.v[i].name, c->shared.v[i].json, a);
	add_rest(c, &line, true);
	return attrs_object(&line, a);
}

/* A response with its value as its score. */
static struct span put_response(const struct candidates *c, size_t i)
{
	const struct candidate *one = &c->v[i];
	struct arena *a = c->r->arena;
	struct attrs all = { 0 };

	if (c->as_written && !c->made)
		return one->whole.raw;
	attrs_add(&all, one->response.kind == JSON_STRING ? S("text") : S("messages"), one->response.raw, a);
	if (!one->value.p)
		attrs_add(&all, S("score"), json_number_in(a, c->items[i].value), a);
	add_members(c, &all, one, NULL);
	return attrs_object(&all, a);
}

struct span candidates_list(struct candidates *c, bool triple)
{
	struct arena *a = c->r->arena;
	struct attrs line = { 0 };
	struct buf b = { 0 };
	size_t n, *order = pairing_rank(c->items, c->n, &n, a);

	if (triple && !pairing_triple(c->items, order, &n))
		return (struct span){ NULL, 0 };
	buf_addc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&b, ',');
		buf_add(&b, put_response(c, order[i]));
	}
	buf_addc(&b, ']');
	if (c->prompt.kind != JSON_NONE)
		attrs_add(&line, S("prompt"), c->prompt.raw, a);
	attrs_add(&line, S("responses"), arena_copy(a, buf_span(&b)), a);
	buf_free(&b);
	for (size_t i = 0; i < c->shared.n; i++)
		attrs_add(&line, c->shared.v[i].name, c->shared.v[i].json, a);
	add_rest(c, &line, false);
	return attrs_object(&line, a);
}
