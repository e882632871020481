/* turn - exchange chosen and rejected of a record, and all that is said of them */
#include "turn.h"

/* What `name` is called of the other response; p NULL if it speaks of none. NUL-terminated. */
static struct span other_name(struct span name, struct arena *a)
{
	static const struct span words[2] = { S("chosen"), S("rejected") };

	for (int i = 0; i < 2; i++) {
		struct span own = words[i], other = words[1 - i], rest = span_cut(name, own.n, name.n);

		if (span_eq(name, own))
			return other;
		if (span_starts(name, own) && rest.p[0] == '_' && !span_eq(name, S("chosen_position")))
			return arena_printf(a, "%.*s%.*s", ARG(other), ARG(rest));
		rest = span_cut(name, 0, name.n - own.n);
		if (span_ends(name, own) && span_ends(rest, S("_")))
			return arena_printf(a, "%.*s%.*s", ARG(rest), ARG(other));
	}
	return (struct span){ 0 };
}

/* Members that speak of one response. All are read before any is written. */
static void turn_names(struct rec *r)
{
	const size_t n = r->ix.n;
	struct renamed { struct span from, to, json; } *v = arena_alloc(r->arena, (n + 1) * sizeof *v);
	size_t n_v = 0;

	for (size_t i = 0; i < n; i++) {
		const struct member *m = &r->ix.v[i];
		struct span name = m->key_plain ? m->key : json_unescape(m->key, r->arena), to;

		if (memchr(name.p, '\0', name.n))
			continue;		/* not to be named in C */
		to = other_name(name, r->arena);
		if (to.p)
			v[n_v++] = (struct renamed){ arena_printf(r->arena, "%.*s", ARG(name)), to, m->val.raw };
	}
	for (size_t i = 0; i < n_v; i++) {
		size_t k = 0;

		while (k < n_v && !span_eq(v[k].to, v[i].from))
			k++;
		if (k == n_v)
			rec_remove(r, v[i].from.p);
	}
	for (size_t i = 0; i < n_v; i++)
		rec_set(r, v[i].to.p, v[i].json);
}

static void turn_number(struct rec *r, const char *name, double from)
{
	double x;

	if (rec_num(r, name, &x))
		rec_set_num(r, name, from - x);
}

/* A vote, or a verdict: A is B and B is A, all else is as it was. */
static struct span turned_word(struct span json)
{
	return span_eq(json, S("\"A\"")) ? S("\"B\"") : span_eq(json, S("\"B\"")) ? S("\"A\"") : json;
}

/* scores and votes: an object whose members are [of chosen, of rejected], or of a word of votes. */
static void turn_object(struct rec *r, const char *name)
{
	struct value object = rec_get(r, name);
	struct scan_iter it = scan_open(object);
	struct buf b = { 0 };
	struct member m;

	if (object.kind != JSON_OBJECT)
		return;
	buf_addc(&b, '{');
	while (scan_next(&it, &m)) {
		struct span both[2] = { scan_element(m.val, 0).raw, scan_element(m.val, 1).raw };

		buf_addf(&b, "%s\"%.*s\":", b.n > 1 ? "," : "", ARG(m.key));
		if (m.val.kind == JSON_ARRAY && scan_count(m.val) == 2)
			buf_addf(&b, "[%.*s,%.*s]", ARG(turned_word(both[1])), ARG(turned_word(both[0])));
		else
			buf_add(&b, turned_word(m.val.raw));
	}
	buf_addc(&b, '}');
	rec_set(r, name, arena_copy(r->arena, buf_span(&b)));
	buf_free(&b);
}

void turn(struct rec *r)
{
	struct value why = rec_get(r, "rationale"), said = rec_get(r, "verdict");
	double x;

	turn_names(r);
	turn_object(r, "scores");
	turn_object(r, "votes");
	turn_number(r, "margin", 0);
	turn_number(r, "difficulty", 0);
	turn_number(r, "preference", 1);
	turn_number(r, "flip", 1);
	if (rec_num(r, "chosen_position", &x) && (x == 1 || x == 2))
		rec_set_num(r, "chosen_position", 3 - x);
	if (said.kind == JSON_STRING)
		rec_set(r, "verdict", turned_word(said.raw));
	if (why.kind != JSON_NONE) {
		struct span name = S("source_rationale");

		while (rec_get(r, name.p).kind != JSON_NONE)
			name = arena_printf(r->arena, "source_%.*s", ARG(name));
		rec_remove(r, "rationale");
		rec_set(r, name.p, why.raw);
	}
	rec_remove(r, "rationale_prompt");
	rec_remove(r, "mask");
	if (rec_get(r, "swapped").kind == JSON_TRUE)
		rec_remove(r, "swapped");
	else
		rec_set_bool(r, "swapped", true);
}
