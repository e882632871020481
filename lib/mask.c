/* mask - which sentences of a pair's responses a loss should look at */
#include "mask.h"

#include "text.h"

#include <math.h>

size_t mask_put(struct buf *b, const struct sentences *s, const bool *wrong, bool keep)
{
	size_t at = 0, n = 0, end = 0;

	buf_addc(b, '[');
	for (size_t k = 0; k < s->n; at += s->v[k++].n) {
		if (wrong[k] != keep)
			continue;
		if (n && end == at) {	/* joined: its end is written anew */
			while (b->p[b->n - 1] != ',')
				b->n--;
		} else {
			buf_addf(b, "%s[%zu,", n ? "," : "", at);
		}
		end = at + s->v[k].n;
		buf_addf(b, "%zu]", end);
		n++;
	}
	buf_addc(b, ']');
	return n;
}

/* Where character number `point` of the text begins; its end if it has no such. */
static size_t byte_of(struct span text, double point)
{
	const char *p = text.p, *end = text.p + text.n;

	while (p < end && point-- >= 1)
		text_next(&p, end);
	return (size_t)(p - text.p);
}

static bool is_meant(struct value mark, const char *const *types, size_t n_types, struct arena *a)
{
	static const char *const names[] = { "error type", "type", "label" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct span type = json_text(scan_member(mark, span_of(names[i])), a);

		for (size_t k = 0; k < n_types; k++)
			if (type.p && span_eq(type, span_of(types[k])))
				return true;
	}
	return n_types == 0;
}

const char *mask_of_marks(struct span text, const struct sentences *s, struct value marks, const char *const *types, size_t n_types,
	struct arena *a, bool *wrong)
{
	const double points = (double)text_points(text);
	struct scan_iter it;
	struct member m;

	if (marks.kind == JSON_OBJECT)
		marks = scan_member(marks, S("errors"));
	if (marks.kind != JSON_ARRAY)
		return "the marks are no array";
	for (it = scan_open(marks); scan_next(&it, &m);) {
		double from, to;
		size_t at = 0, lo, hi;

		if (!json_number(scan_member(m.val, S("start")), &from) || !json_number(scan_member(m.val, S("end")), &to) ||
		    from != floor(from) || to != floor(to) || from < 0 || to < from || to > points)
			return "a mark has no start and end within the text";
		if (!is_meant(m.val, types, n_types, a))
			continue;
		lo = byte_of(text, from);
		hi = byte_of(text, to);
		/* (The blanks behind a sentence are no part of it that could be wrong.) */
		for (size_t k = 0; k < s->n; at += s->v[k++].n) {
			const struct span said = span_trim(s->v[k]);
			const size_t begin = at + (said.n ? (size_t)(said.p - s->v[k].p) : 0);

			wrong[k] = wrong[k] || (lo < begin + said.n && hi > begin);
		}
	}
	return NULL;
}

bool mask_read(struct value side, size_t n, bool *kept)
{
	struct scan_iter it = scan_open(side);
	struct member m;
	double last = 0;

	for (size_t i = 0; i < n; i++)
		kept[i] = false;
	if (side.kind != JSON_ARRAY)
		return false;
	while (scan_next(&it, &m)) {
		double from, to;

		if (scan_count(m.val) != 2 || m.val.kind != JSON_ARRAY || !json_number(scan_element(m.val, 0), &from) ||
		    !json_number(scan_element(m.val, 1), &to))
			return false;
		if (!(from >= last && to >= from && to <= (double)n) || from != floor(from) || to != floor(to))
			return false;
		for (size_t i = (size_t)from; i < (size_t)to; i++)
			kept[i] = true;
		last = to;
	}
	return true;
}
