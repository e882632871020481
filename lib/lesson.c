/* lesson - token ids and texts of records, kept as groups
 *
 * What a record holds is found in lesson_look(), by several threads, and lies in its arena until lesson_keep().
 */
#include "lesson_inside.h"

#include <math.h>
#include <stdlib.h>

struct lesson *lesson_new(const struct lesson_options *o)
{
	struct lesson *l = xcalloc(1, sizeof *l);

	l->o = *o;
	l->raw = o->lm && chat_end(o->lm->chat).n == 0;
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void lesson_free(struct lesson *l)
{
	if (!l)
		return;
	while (l->scratches)
		tokenizer_scratch_free(l->scratch[--l->scratches]);
	free(l->learned.v);
	free(l->held_out.v);
	arena_free(&l->memory);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* ---- groups ---- */

/* What lesson_look() found, in the record's arena. */
struct found {
	struct train_group g;
	int cut;			/* responses that were too long */
	struct train_text v[];
};

static bool read_weights(struct rec *r, const char *name, struct train_text *x)
{
	const struct value v = rec_get(r, name);
	struct scan_iter it = scan_open(v);
	struct member m;
	float *weight;
	size_t n = 0;
	double one;

	if (v.kind == JSON_NONE)
		return true;
	weight = arena_alloc(r->arena, (x->n + 1) * sizeof *weight);
	while (n < x->n && scan_next(&it, &m) && json_number(m.val, &one))
		weight[n++] = (float)one;
	if (n < x->n || v.kind != JSON_ARRAY || scan_count(v) != n) {
		rec_bad(r, rec_col(r, v.raw.p), "%s is no array of a number for each of %zu tokens", name, x->n);
		return false;
	}
	x->weight = weight;
	return true;
}

/* Prompt and response together have at most so many tokens. */
static struct train_text fit(const struct lesson *l, struct found *f, struct ids ids, size_t prompt)
{
	const size_t most = l->o.limit > prompt ? l->o.limit - prompt : 0;

	if (l->o.flags & LOSS_SCORES)
		return (struct train_text){ .tokens = ids.v, .n = lm_unfilled(l->o.model, ids.v, ids.n) };
	f->cut += ids.n > most;
	return (struct train_text){ .tokens = ids.v, .n = ids.n > most ? most : ids.n };
}

static bool look_at_list(struct lesson *l, struct rec *r, struct found **out, const struct asked *p)
{
	const struct value list = rec_get(r, "responses");
	const size_t n = scan_count(list);
	struct scan_iter it = scan_open(list);
	struct member m;
	struct found *f = arena_alloc(r->arena, sizeof *f + (n + 1) * sizeof *f->v);

	memset(f, 0, sizeof *f + (n + 1) * sizeof *f->v);
	*out = f;
	if (list.kind != JSON_ARRAY || n < 2 || ((l->o.flags & LOSS_THREE) && n != 3)) {
		rec_bad(r, rec_col(r, list.raw.p), "responses is no array of %s", l->o.flags & LOSS_THREE ? "three" : "two or more");
		return false;
	}
	while (scan_next(&it, &m)) {
		struct value text = scan_member(m.val, S("text"));
		struct ids ids;

		if (text.kind == JSON_NONE)
			text = scan_member(m.val, S("messages"));
		if (!lesson_response(l, r, p, scan_member(m.val, S("ids")), text, "text", &ids))
			return false;
		f->v[f->g.k] = fit(l, f, ids, p->ids.n);
		if (!json_number(scan_member(m.val, S("score")), &f->v[f->g.k].reward) && (l->o.flags & LOSS_REWARDS)) {
			rec_bad(r, rec_col(r, m.val.raw.p), "a response without a score");
			return false;
		}
		f->g.k++;
	}
	return true;
}

static bool look_at_pair(struct lesson *l, struct rec *r, struct found **out, const struct asked *p)
{
	struct found *f = arena_alloc(r->arena, sizeof *f + 2 * sizeof *f->v);
	const char *const names[] = { "chosen", "rejected" };
	struct ids ids;

	memset(f, 0, sizeof *f + 2 * sizeof *f->v);
	*out = f;
	for (f->g.k = 0; f->g.k < (l->o.one ? 1 : 2); f->g.k++) {
		const bool completes = l->o.one && (rec_get(r, "completion").kind != JSON_NONE || rec_get(r, "completion_ids").kind != JSON_NONE);
		char weights[32];

		if (!lesson_member(l, r, p, completes ? "completion" : names[f->g.k], &ids))
			return false;
		f->v[f->g.k] = fit(l, f, ids, p->ids.n);
		snprintf(weights, sizeof weights, "%s_weights", names[f->g.k]);
		if ((l->o.flags & LOSS_MASKED) && (!read_weights(r, weights, &f->v[f->g.k]) ||
			(!f->v[f->g.k].weight && !lesson_mask(l, r, p, names[f->g.k], &f->v[f->g.k]))))
			return false;
	}
	return true;
}

static void read_labels(const struct lesson *l, struct rec *r, struct train_group *g)
{
	if (l->o.no_margin || !rec_num(r, "margin", &g->margin))
		g->margin = 0;
	if (!rec_num(r, "preference", &g->preference))
		g->preference = 1;
	if (!rec_num(r, "flip", &g->flip))
		g->flip = NAN;
	if (g->preference < 0 || g->preference > 1)
		rec_bad(r, rec_col(r, rec_raw(r, "preference").p), "a preference of %g is no probability", g->preference);
	else if (g->flip < 0 || g->flip > 1)
		rec_bad(r, rec_col(r, rec_raw(r, "flip").p), "a flip of %g is no probability", g->flip);
}

/* The rationales, of a record that has some. */
static bool look_at_why(struct lesson *l, struct rec *r, struct found *f)
{
	const bool ids = rec_get(r, "rationale_ids").kind != JSON_NONE;
	const struct value list = rec_get(r, ids ? "rationale_ids" : "rationale");
	const bool several = scan_element(list, 0).kind == (ids ? JSON_ARRAY : JSON_STRING);
	const size_t n = several ? scan_count(list) : 1;
	struct asked p;

	if (!l->o.rationale || list.kind == JSON_NONE)
		return true;
	if (!lesson_prompt(l, r, "rationale_prompt", &p))
		return false;
	f->g.why = arena_alloc(r->arena, (n + 1) * sizeof *f->g.why);
	f->g.why_prompt = p.ids.v;
	f->g.why_prompt_n = p.ids.n;
	for (size_t i = 0; i < n; i++) {
		const struct value v = several ? scan_element(list, i) : list, none = { 0 };
		struct ids why;

		if (!lesson_response(l, r, &p, ids ? v : none, ids ? none : v, "rationale", &why))
			return false;
		if (why.n && p.ids.n && p.ids.n < l->o.limit)
			f->g.why[f->g.whys++] = fit(l, f, why, p.ids.n);
	}
	return true;
}

void lesson_look(struct lesson *l, struct rec *r)
{
	const bool list = l->o.flags & (LOSS_LIST | LOSS_THREE);
	struct asked p;
	struct found *f;

	if (!lesson_prompt(l, r, "prompt", &p) || !(list ? look_at_list : look_at_pair)(l, r, &f, &p) || !look_at_why(l, r, f))
		return;
	read_labels(l, r, &f->g);
	f->g.prompt = p.ids.v;
	f->g.prompt_n = p.ids.n;
	if (p.ids.n == 0)
		rec_drop(r, "no-prompt");
	else if (p.ids.n >= l->o.limit)
		rec_drop(r, "prompt-too-long");
	for (size_t k = 0; k < f->g.k; k++)
		if (f->v[k].n == 0)
			rec_drop(r, "empty");
		else if (p.ids.n < l->o.limit && p.ids.n + f->v[k].n > l->o.limit)
			rec_drop(r, "too-long");
	r->data = f;
}

static const int32_t *kept(struct lesson *l, const int32_t *ids, size_t n)
{
	int32_t *to = arena_alloc(&l->memory, (n + 1) * sizeof *to);

	if (n)
		memcpy(to, ids, n * sizeof *to);
	return to;
}

static void keep_text(struct lesson *l, struct train_text *to, const struct train_text *x, bool reference)
{
	*to = *x;
	to->tokens = kept(l, x->tokens, x->n);
	to->reference = reference ? arena_alloc(&l->memory, (x->n + 1) * sizeof *to->reference) : NULL;
	if (x->weight)
		to->weight = memcpy(arena_alloc(&l->memory, (x->n + 1) * sizeof *x->weight), x->weight, x->n * sizeof *x->weight);
}

void lesson_keep(struct lesson *l, const struct rec *r, bool held_out)
{
	const struct found *f = r->data;
	struct course_data *to = held_out ? &l->held_out : &l->learned;
	struct train_group g = f->g;

	l->cut += (uint64_t)f->cut;
	g.v = arena_alloc(&l->memory, g.k * sizeof *g.v);
	for (size_t k = 0; k < g.k; k++)
		keep_text(l, &g.v[k], &f->v[k], l->o.flags & LOSS_REFERENCE);
	g.prompt = kept(l, g.prompt, g.prompt_n);
	if (g.whys) {
		g.why_prompt = kept(l, g.why_prompt, g.why_prompt_n);
		g.why = arena_alloc(&l->memory, g.whys * sizeof *g.why);
		for (size_t k = 0; k < g.whys; k++)
			keep_text(l, &g.why[k], &f->g.why[k], false);
	}
	GROW(to->v, to->n, l->room[held_out]);
	to->v[to->n++] = g;
}

/* KTO: every pair gets the responses of the next one. */
static void pair_up(struct lesson *l, struct course_data *d)
{
	for (size_t i = 0; (l->o.flags & LOSS_OTHER) && i < d->n; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct train_text *x = &d->v[(i + 1) % d->n].v[k];
			const size_t most = l->o.limit - d->v[i].prompt_n;

			keep_text(l, &d->v[i].other[k], x, true);
			d->v[i].other[k].n = x->n < most ? x->n : most;
		}
}

struct course_data lesson_groups(struct lesson *l, bool held_out)
{
	struct course_data *d = held_out ? &l->held_out : &l->learned;

	pair_up(l, d);
	return *d;
}

uint64_t lesson_cut(const struct lesson *l)
{
	return l->cut;
}

/* ---- keys ---- */

static void add_key(struct buf *b, struct span bytes)
{
	const struct key128 k = hash128(bytes, 0);

	buf_add(b, (struct span){ (const char *)&k, sizeof k });
}

static void add_group(struct buf *b, const struct train_group *g)
{
	const double labels[] = { g->margin, g->preference, isnan(g->flip) ? -1 : g->flip };

	add_key(b, (struct span){ (const char *)labels, sizeof labels });
	add_key(b, (struct span){ (const char *)g->prompt, g->prompt_n * sizeof *g->prompt });
	for (size_t k = 0; k < g->k; k++) {
		add_key(b, (struct span){ (const char *)g->v[k].tokens, g->v[k].n * sizeof *g->v[k].tokens });
		add_key(b, (struct span){ (const char *)&g->v[k].reward, sizeof g->v[k].reward });
		if (g->v[k].weight)
			add_key(b, (struct span){ (const char *)g->v[k].weight, g->v[k].n * sizeof *g->v[k].weight });
	}
	for (size_t k = 0; k < g->whys; k++)
		add_key(b, (struct span){ (const char *)g->why[k].tokens, g->why[k].n * sizeof *g->why[k].tokens });
}

void lesson_key(const struct lesson *l, struct buf *b)
{
	for (size_t i = 0; i < l->learned.n; i++)
		add_group(b, &l->learned.v[i]);
	buf_addf(b, "%zu %zu", l->learned.n, l->held_out.n);
	for (size_t i = 0; i < l->held_out.n; i++)
		add_group(b, &l->held_out.v[i]);
}
