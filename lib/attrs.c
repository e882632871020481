/* attrs - members that are to be written, and the names they may have in a pair */
#include "attrs.h"

void attrs_add(struct attrs *to, struct span name, struct span json, struct arena *a)
{
	to->v = arena_grown(a, to->v, to->n, &to->room, sizeof *to->v);
	to->v[to->n++] = (struct attr){ .name = name, .json = json };
}

void attrs_add_side(struct attrs *to, const struct attrs *from, const char *side, struct arena *a)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct attr *one = &from->v[i];
		struct span name = span_eq(one->name, S("score")) ? arena_printf(a, "score_%s", side) :
			arena_printf(a, "%s_%.*s", side, ARG(one->name));

		attrs_add(to, name, one->json, a);
	}
}

/* A name that cannot stand between quotes as it is. */
static bool needs_escapes(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '"' || name.p[i] == '\\' || (unsigned char)name.p[i] < 0x20)
			return true;
	return false;
}

static bool was_before(const struct attrs *line, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (line->v[i].json.p && span_eq(line->v[i].name, name))
			return true;
	return false;
}

struct span attrs_object(const struct attrs *line, struct arena *arena)
{
	size_t room = 2;
	char *start, *p;

	/* A name made of an escaped key can grow by as much as sixfold. */
	for (size_t i = 0; i < line->n; i++)
		room += 6 * line->v[i].name.n + line->v[i].json.n + 4;
	p = start = arena_alloc(arena, room);
	*p++ = '{';
	for (size_t i = 0; i < line->n; i++) {
		const struct attr *a = &line->v[i];

		if (!a->json.p || was_before(line, i, a->name))
			continue;
		if (p > start + 1)
			*p++ = ',';
		if (needs_escapes(a->name)) {
			struct buf b = { 0 };

			json_put_text(&b, a->name);
			memcpy(p, b.p, b.n);
			p += b.n;
			buf_free(&b);
		} else {
			*p++ = '"';
			memcpy(p, a->name.p, a->name.n);
			p += a->name.n;
			*p++ = '"';
		}
		*p++ = ':';
		memcpy(p, a->json.p, a->json.n);
		p += a->json.n;
	}
	*p++ = '}';
	return (struct span){ start, (size_t)(p - start) };
}

bool word_among(struct span word, const char *words)
{
	while (words && *words) {
		size_t n = strcspn(words, " ");

		if (n == word.n && memcmp(words, word.p, n) == 0)
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

struct span attrs_foreign(struct rec *r, struct span name)
{
	static const char ours[] = "scores score_chosen score_rejected margin margin_std preference verdict why "
		"votes flip swapped chosen_position difficulty";

	if (!word_among(name, ours))
		return name;
	do
		name = arena_printf(r->arena, "source_%.*s", ARG(name));
	while (rec_get(r, name.p).kind != JSON_NONE);
	return name;
}

struct span json_number_in(struct arena *a, double x)
{
	struct buf b = { 0 };
	struct span s;

	json_put_number(&b, x + 0.0);		/* no -0 */
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}
