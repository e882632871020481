/* panel_put - write into a record what the judges said */
#include "panel.h"
#include "scores.h"

#include <math.h>

/* The number as JSON, or p NULL; in the arena. */
static struct span number(double x, struct arena *a)
{
	struct buf b = { 0 };
	struct span json = { 0 };

	if (!isnan(x)) {
		json_put_number(&b, x);
		json = arena_copy(a, buf_span(&b));
	}
	buf_free(&b);
	return json;
}

void panel_put_candidates(struct rec *r, const struct hearing *h, const double *score, const struct panel_extra *extra,
	size_t n_extra)
{
	struct scan_iter it = scan_open(h->responses);
	struct buf b = { 0 };
	struct member m;

	buf_addc(&b, '[');
	for (size_t k = 0; scan_next(&it, &m); k++) {
		struct member_edit edits[6] = { { S("scores"), h->scores[k].raw }, { S("score"), number(score[k], r->arena) } };

		for (size_t i = 0; i < n_extra; i++)
			edits[2 + i] = (struct member_edit){ span_of(extra[i].name), number(extra[i].number[k], r->arena) };
		if (k)
			buf_addc(&b, ',');
		object_put(&b, m.val, edits, 2 + n_extra, r->arena);
	}
	buf_addc(&b, ']');
	rec_set(r, "responses", arena_copy(r->arena, buf_span(&b)));
	buf_free(&b);
}

/* Is the record's complaint by one of these judges, or by "scores" (the means)? */
static bool is_settled(const struct panel *p, struct rec *r)
{
	struct span why = rec_text(r, "why");

	if (span_starts(why, S("scores: ")))
		return true;
	for (size_t i = 0; i < p->n; i++) {
		struct span label = span_of(p->v[i].label);

		if (span_starts(why, label) && span_starts(span_cut(why, label.n, why.n), S(": ")))
			return true;
	}
	return false;
}

void panel_put_verdict(const struct panel *p, struct rec *r, const struct hearing *h)
{
	static const char *const words[] = { NULL, "A", "B", "tie", "invalid", "refused", "error" };

	if (h->verdict) {
		rec_set_text(r, "verdict", span_of(words[h->verdict]));
		if (h->why)
			rec_set_text(r, "why", span_of(h->why));
		else
			rec_remove(r, "why");
	} else if (is_settled(p, r)) {
		rec_remove(r, "verdict");
		rec_remove(r, "why");
	}
}
