/* panel - ask all open judges about one record, pair or candidates, and merge what they say into `scores` */
#include "panel.h"

#include "scores.h"

#include <math.h>

void panel_classify(struct rec *r, struct hearing *h)
{
	*h = (struct hearing){ .responses = rec_get(r, "responses") };
	h->pair = h->responses.kind != JSON_ARRAY || rec_get(r, "chosen").kind != JSON_NONE ||
		rec_get(r, "rejected").kind != JSON_NONE;
	h->rows = h->pair ? 2 : scan_count(h->responses);
}

/* Of a candidate; p NULL: it has none. */
static struct span response_text(struct value candidate, struct arena *a)
{
	struct value text = scan_member(candidate, S("text"));

	if (text.kind == JSON_NONE)
		text = scan_member(candidate, S("messages"));
	return pair_text(text, false, a);
}

/* ---- ahead of asking ---- */

bool panel_has_ahead(const struct panel *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].judge->ahead)
			return true;
	return false;
}

static bool ahead(const struct panel *p, struct rec *r, const struct pair *pair, int round)
{
	bool more = false;

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].judge->ahead && p->v[i].judge->ahead(p->v[i].self, r, pair, round))
			more = true;
	return more;
}

bool panel_ahead(const struct panel *p, struct rec *r, int round)
{
	struct hearing h;
	struct pair pair = { 0 };
	struct scan_iter it;
	struct member m;
	const char *what;
	bool more = false;

	panel_classify(r, &h);
	if (h.pair)
		return pair_of(r, &pair, &what) && ahead(p, r, &pair, round);
	pair.prompt = pair_text(rec_get(r, "prompt"), true, r->arena);
	for (it = scan_open(h.responses); scan_next(&it, &m);) {
		pair.chosen = response_text(m.val, r->arena);
		if (pair.chosen.p && ahead(p, r, &pair, round))
			more = true;
	}
	return more;
}

bool panel_ahead_sides(const struct panel *p, struct rec *r, int round)
{
	struct pair pair;
	const char *what;

	return pair_of(r, &pair, &what) && !span_eq(rec_text(r, "verdict"), S("tie")) &&
		!span_eq(pair.chosen, pair.rejected) && ahead(p, r, &pair, round);
}

/* ---- asking ---- */

static void note_verdict(struct hearing *h, struct rec *r, const struct panel_seat *s, enum verdict verdict,
	const char *why)
{
	/* A judge that prefers one side gives way to one that failed; otherwise the first is told. */
	if (h->verdict >= VERDICT_INVALID || (h->verdict && verdict < VERDICT_INVALID))
		return;
	h->verdict = verdict;
	h->why = why ? arena_printf(r->arena, "%s: %s", s->label, why).p : NULL;
}

static bool ask_pair(const struct panel *p, struct rec *r, struct hearing *h)
{
	struct pair pair;

	if (p->n && !pair_need(r, &pair))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct panel_seat *s = &p->v[i];
		struct judgement j = { 0 };

		s->judge->judge(s->self, r, &pair, &j);
		if (j.has_scores && !(isfinite(j.score[0]) && isfinite(j.score[1])))
			j = (struct judgement){ .verdict = VERDICT_ERROR, .why = "a score is not finite" };
		if (j.verdict)
			note_verdict(h, r, s, j.verdict, j.why);
		h->score[2 * i] = j.has_scores ? j.score[0] : NAN;
		h->score[2 * i + 1] = j.has_scores ? j.score[1] : NAN;
	}
	return true;
}

static double ask_one(const struct panel_seat *s, struct rec *r, struct hearing *h, struct span prompt,
	struct span response)
{
	struct judgement j = { .verdict = VERDICT_ERROR, .why = "it only compares pairs" };

	if (s->judge->scores)
		return NAN;		/* ask_together() */
	if (s->judge->score) {
		j = (struct judgement){ 0 };
		s->judge->score(s->self, r, prompt, response, &j);
	}
	if (j.has_scores && !isfinite(j.score[0]))
		j = (struct judgement){ .verdict = VERDICT_ERROR, .why = "a score is not finite" };
	if (!j.has_scores)
		note_verdict(h, r, s, j.verdict, j.why);
	return j.has_scores ? j.score[0] : NAN;
}

/* Judges that want all candidates at once. */
static void ask_together(const struct panel *p, struct rec *r, struct hearing *h)
{
	for (size_t i = 0; i < p->n; i++) {
		double *score = &h->score[i * h->rows];
		const char *why = NULL;
		bool failed = false;

		if (!p->v[i].judge->scores)
			continue;
		p->v[i].judge->scores(p->v[i].self, r, h->responses, score, &why);
		for (size_t k = 0; k < h->rows; k++)
			failed = failed || !isfinite(score[k]);
		if (failed)
			note_verdict(h, r, &p->v[i], VERDICT_ERROR, why ? why : "a response could not be scored");
	}
}

static bool ask_candidates(const struct panel *p, struct rec *r, struct hearing *h)
{
	struct span prompt = pair_text(rec_get(r, "prompt"), true, r->arena);
	struct scan_iter it = scan_open(h->responses);
	struct member m;

	for (size_t k = 0; scan_next(&it, &m); k++) {
		struct span response = response_text(m.val, r->arena);

		if (!response.p) {
			rec_bad(r, rec_col(r, m.val.raw.p), "response %zu has no text", k);
			return false;
		}
		for (size_t i = 0; i < p->n; i++)
			h->score[i * h->rows + k] = ask_one(&p->v[i], r, h, prompt, response);
	}
	ask_together(p, r, h);
	return true;
}

bool panel_ask(const struct panel *p, struct rec *r, struct hearing *h)
{
	h->score = arena_alloc(r->arena, (p->n * h->rows + 1) * sizeof *h->score);
	return h->pair ? ask_pair(p, r, h) : ask_candidates(p, r, h);
}

/* ---- merging ---- */

/* The scores of row k with the panel's put in; a pair's rows are merged as one. */
static bool merge(const struct panel *p, struct rec *r, const struct hearing *h, size_t k, struct value old,
	struct value *merged)
{
	struct member_edit *edits = arena_alloc(r->arena, (p->n + 1) * sizeof *edits);
	struct buf b = { 0 };
	bool any = false;

	if (old.kind == JSON_NULL)
		old.kind = JSON_NONE;
	if (old.kind != JSON_NONE && old.kind != JSON_OBJECT) {
		rec_bad(r, rec_col(r, old.raw.p), "\"scores\" is not an object");
		return false;
	}
	for (size_t i = 0; i < p->n; i++) {
		const double *x = &h->score[i * h->rows + k];

		edits[i] = (struct member_edit){ .name = span_of(p->v[i].label) };
		if (isnan(x[0]))
			continue;
		any = true;
		b.n = 0;
		if (h->pair)
			buf_addc(&b, '[');
		json_put_number(&b, x[0]);
		if (h->pair) {
			buf_addc(&b, ',');
			json_put_number(&b, x[1]);
			buf_addc(&b, ']');
		}
		edits[i].json = arena_copy(r->arena, buf_span(&b));
	}
	*merged = (struct value){ 0 };
	if (old.kind == JSON_OBJECT || any) {
		b.n = 0;
		object_put(&b, old, edits, p->n, r->arena);
		*merged = (struct value){ .raw = arena_copy(r->arena, buf_span(&b)), .kind = JSON_OBJECT };
	}
	buf_free(&b);
	return true;
}

bool panel_merge(const struct panel *p, struct rec *r, struct hearing *h)
{
	struct scan_iter it = scan_open(h->responses);
	struct member m;

	h->scores = arena_alloc(r->arena, (h->rows + 1) * sizeof *h->scores);
	if (h->pair)
		return merge(p, r, h, 0, rec_get(r, "scores"), &h->scores[0]);
	for (size_t k = 0; scan_next(&it, &m); k++)
		if (!merge(p, r, h, k, scan_member(m.val, S("scores")), &h->scores[k]))
			return false;
	return true;
}
