/* layout_draft - what a reader of a layout uses to say what a record says */
#include "layout_draft.h"

/* ---- members of the record ---- */

struct value draft_take(struct draft *d, const char *name)
{
	struct span want = span_of(name);

	for (size_t i = 0; i < d->r->ix.n; i++) {
		const struct member *m = &d->r->ix.v[i];

		if (span_eq(m->key_plain ? m->key : json_unescape(m->key, d->arena), want)) {
			d->used[i] = true;
			return m->val;
		}
	}
	return (struct value){ 0 };
}

bool draft_fail(struct draft *d, struct value at, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	d->bad = arena_printf(d->arena, "%s: %s", d->layout->name, text).p;
	d->bad_at = at.raw.p;
	return false;
}

bool draft_wrong(struct draft *d, struct value v, const char *name, const char *what)
{
	if (v.kind == JSON_NONE)
		return draft_fail(d, v, "no member \"%s\"", name);
	return draft_fail(d, v, "\"%s\" is not %s", name, what);
}

bool draft_drop(struct draft *d, const char *reason)
{
	d->drop = reason;
	return true;
}

static const char *kind_name(enum json_kind kind)
{
	static const char *const names[] = { "anything", "null", "false", "true", "a number", "a string", "an array",
		"an object" };

	return names[kind];
}

bool draft_need(struct draft *d, const char *name, enum json_kind kind, struct value *v)
{
	*v = draft_take(d, name);
	return v->kind == kind || draft_wrong(d, *v, name, kind_name(kind));
}

bool value_number(struct value v, struct arena *a, double *x)
{
	struct span text;
	struct value inner;
	struct scan_error e;

	if (v.kind != JSON_STRING)
		return json_number(v, x);
	text = json_text(v, a);
	return scan(text, 0, NULL, &inner, &e) && json_number(inner, x);
}

/* ---- what is written ---- */

struct item *draft_response(struct draft *d, struct span json)
{
	d->items = arena_grown(d->arena, d->items, d->n, &d->room, sizeof *d->items);
	d->items[d->n] = (struct item){ .json = json };
	return &d->items[d->n++];
}

void draft_attr(struct draft *d, struct attrs *to, struct span name, struct span json)
{
	attrs_add(to, name, json, d->arena);
}

void draft_share(struct draft *d, const char *name, struct span json)
{
	if (json.p)
		draft_attr(d, &d->shared, span_of(name), json);
}

struct span draft_name(struct draft *d, struct span name)
{
	for (const struct layout *l = layouts_direct; l->name; l++)
		if (l == d->layout)
			return name;
	return attrs_foreign(d->r, name);
}

void draft_attrs_of(struct draft *d, struct attrs *to, struct value object, const char *skip)
{
	struct scan_iter it = scan_open(object);
	struct member m;

	while (scan_next(&it, &m)) {
		struct span name = m.key_plain ? m.key : json_unescape(m.key, d->arena);

		if (!word_among(name, skip))
			draft_attr(d, to, to == &d->shared ? draft_name(d, name) : name, m.val.raw);
	}
}

struct span draft_number(struct draft *d, double x)
{
	return json_number_in(d->arena, x);
}

/* ---- votes ---- */

/* Until they are shared, votes are digits: 1 the first, 2 the second, 0 neither, - none. */
static char digit_of(enum outcome o)
{
	return o == FIRST ? '1' : o == SECOND ? '2' : o == TIE ? '0' : '-';
}

void draft_vote(struct draft *d, struct span who, enum outcome o)
{
	d->n_voted[o]++;
	draft_attr(d, &d->votes, who, arena_printf(d->arena, "%c", digit_of(o)));
}

void draft_vote_both(struct draft *d, struct span who, enum outcome given, enum outcome swapped)
{
	d->n_voted[given]++;
	d->n_voted[swapped]++;
	draft_attr(d, &d->votes, who, arena_printf(d->arena, "%c%c", digit_of(given), digit_of(swapped)));
}

static struct span shared_vote(const struct draft *d, char digit)
{
	if (digit == '-')
		return S("null");
	if (digit == '0')
		return S("\"tie\"");
	return (digit == '1') == (d->outcome != SECOND) ? S("\"A\"") : S("\"B\"");
}

void draft_share_votes(struct draft *d)
{
	/* Of two votes the first is the one given when chosen was shown first. */
	const int first = d->outcome == SECOND;

	for (size_t i = 0; i < d->votes.n; i++) {
		struct span *json = &d->votes.v[i].json;
		const char *digits = json->p;

		if (json->n == 1)
			*json = shared_vote(d, digits[0]);
		else
			*json = arena_printf(d->arena, "[%.*s,%.*s]", ARG(shared_vote(d, digits[first])),
				ARG(shared_vote(d, digits[1 - first])));
	}
	if (d->votes.n)
		draft_share(d, "votes", attrs_object(&d->votes, d->arena));
}
