/* layout_lines - a draft as lines in our layout: pairs, or candidates */
#include "layout_draft.h"
#include "pairing.h"

/* ---- one line ---- */

static void add(struct draft *d, struct attrs *line, struct span name, struct span json, bool mild)
{
	draft_attr(d, line, name, json);
	line->v[line->n - 1].mild = mild;
}

/* The members of the record that no one took; several_lines: its id would not name one line. */
static void add_rest(struct draft *d, struct attrs *line, bool several_lines)
{
	const size_t n_own = line->n;

	for (size_t i = 0; i < d->r->ix.n; i++) {
		const struct member *m = &d->r->ix.v[i];
		struct span name;
		bool taken = false;

		if (d->used[i] || m->val.kind == JSON_NONE)
			continue;
		name = draft_name(d, m->key_plain ? m->key : json_unescape(m->key, d->arena));
		for (size_t k = 0; k < n_own; k++) {
			if (!span_eq(line->v[k].name, name))
				continue;
			if (line->v[k].mild)
				line->v[k].json.p = NULL;
			else
				taken = true;
		}
		if (taken)
			continue;
		if (several_lines && span_eq(name, S("id")))
			name = S("source_id");
		add(d, line, name, m->val.raw, false);
	}
}

static void add_line(struct draft *d, struct span json)
{
	/* Powers of two, so that the count alone says when the room ends. */
	if ((d->n_lines & (d->n_lines - 1)) == 0) {
		struct span *bigger = arena_alloc(d->arena, (d->n_lines ? 2 * d->n_lines : 1) * sizeof *bigger);

		if (d->n_lines)
			memcpy(bigger, d->lines, d->n_lines * sizeof *bigger);
		d->lines = bigger;
	}
	d->lines[d->n_lines++] = json;
}

/* Item i is chosen, j rejected; in a tie i is the one that came first. */
static void add_pair(struct draft *d, size_t i, size_t j, bool tie, bool several)
{
	const struct item *chosen = &d->items[i], *rejected = &d->items[j];
	struct attrs line = { 0 };

	if (tie && d->opt->ties == TIES_DROP)
		return;
	if (d->prompt.p)
		add(d, &line, S("prompt"), d->prompt, false);
	add(d, &line, S("chosen"), chosen->json, false);
	add(d, &line, S("rejected"), rejected->json, false);
	attrs_add_side(&line, &chosen->attrs, "chosen", d->arena);
	attrs_add_side(&line, &rejected->attrs, "rejected", d->arena);
	if (d->scores && chosen->valued && rejected->valued)
		add(d, &line, S("margin"), draft_number(d, chosen->value - rejected->value), true);
	else if (d->strength > 0)
		add(d, &line, S("margin"), draft_number(d, d->strength), true);
	if (tie) {
		d->n_ties++;
		add(d, &line, S("verdict"), S("\"tie\""), false);
		add(d, &line, S("preference"), S("0.5"), false);
	} else if (d->soft >= 0) {
		add(d, &line, S("preference"), draft_number(d, i == 0 ? d->soft : 1 - d->soft), false);
	}
	if (d->positions)
		add(d, &line, S("chosen_position"), i == 0 ? S("1") : S("2"), false);
	for (size_t k = 0; k < d->shared.n; k++)
		add(d, &line, d->shared.v[k].name, d->shared.v[k].json, false);
	add_rest(d, &line, several);
	add_line(d, attrs_object(&line, d->arena));
}

/* ---- pairs of a list ---- */

static int beats(const void *self, size_t i, size_t j, double *gap)
{
	const struct draft *d = self;

	*gap = 1;
	return d->beats[i * d->n + j];
}

_Static_assert((int)PAIRS_BEST_WORST == PAIRING_BEST_WORST && (int)PAIRS_ALL == PAIRING_ALL &&
	(int)PAIRS_ADJACENT == PAIRING_ADJACENT, "the same numbers in both");

static void add_list_pairs(struct draft *d)
{
	struct pairing_item *items = arena_alloc(d->arena, (d->n + 1) * sizeof *items);
	const struct pairing p = { .which = (enum pairing_which)d->opt->pairs, .ties = d->opt->ties == TIES_KEEP,
		.max = d->opt->pairs == PAIRS_BEST_WORST, .compare = d->beats ? beats : NULL, .self = d };
	struct pairing_pair *pairs;
	size_t n = 0, n_pairs;

	for (size_t i = 0; i < d->n; i++) {
		n += d->items[i].valued;
		items[i] = (struct pairing_item){ .value = d->items[i].value, .valued = d->items[i].valued };
	}
	if (pairing_of(&p, items, d->n, &pairs, &n_pairs, d->arena) == PAIRING_FEW) {
		d->drop = d->n > 1 && n == 0 ? "unranked" : "single";
		return;
	}
	for (size_t i = 0; i < n_pairs; i++)
		add_pair(d, pairs[i].better, pairs[i].worse, pairs[i].tie,
			d->opt->pairs != PAIRS_BEST_WORST && n > 2);
	if (d->n_lines == 0)
		d->drop = "tie";
}

/* ---- candidates ---- */

static void add_candidates(struct draft *d, bool several)
{
	struct buf b = { 0 };
	struct attrs line = { 0 };

	if (d->n < 2) {
		d->drop = "single";
		return;
	}
	buf_addc(&b, '[');
	for (size_t i = 0; i < d->n; i++) {
		const struct item *it = &d->items[i];
		struct attrs one = { 0 };

		add(d, &one, it->json.p[0] == '[' ? S("messages") : S("text"), it->json, false);
		for (size_t k = 0; k < it->attrs.n; k++)
			add(d, &one, it->attrs.v[k].name, it->attrs.v[k].json, false);
		if (it->valued)
			add(d, &one, S("score"), draft_number(d, it->value), false);
		if (i)
			buf_addc(&b, ',');
		buf_add(&b, attrs_object(&one, d->arena));
	}
	buf_addc(&b, ']');
	if (d->prompt.p)
		add(d, &line, S("prompt"), d->prompt, false);
	add(d, &line, S("responses"), arena_copy(d->arena, buf_span(&b)), false);
	buf_free(&b);
	for (size_t k = 0; k < d->shared.n; k++)
		add(d, &line, d->shared.v[k].name, d->shared.v[k].json, false);
	add_rest(d, &line, several);
	add_line(d, attrs_object(&line, d->arena));
}

void draft_lines(struct draft *d)
{
	if (d->drop)
		return;
	if (d->opt->candidates)
		add_candidates(d, d->layout->kind == LAYOUT_TREE);
	else if (d->outcome == BY_VALUE)
		add_list_pairs(d);
	else
		add_pair(d, d->outcome == SECOND, d->outcome != SECOND, d->outcome == TIE,
			d->layout->kind == LAYOUT_TREE);
	if (d->n_lines == 0 && !d->drop)
		d->drop = "tie";
}
