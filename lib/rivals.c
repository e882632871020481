/* rivals - the responses that a record holds, read, ranked, paired and written */
#include "rivals.h"

#include "hash.h"
#include "logistic.h"
#include "pair.h"

/* ---- what is better ---- */

static struct span quoted(const char *text, struct arena *a)
{
	struct buf b = { 0 };
	struct span s;

	json_put_text(&b, span_of(text));
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

static void give_levels(struct candidates *c, const struct levels *levels)
{
	for (size_t i = 0; i < c->n; i++) {
		const int level = levels_of(levels, &c->v[i], c->r->arena);

		c->items[i].valued = level >= 0;
		c->items[i].value = -level;
		if (level >= 0)
			attrs_add(&c->v[i].attrs, S("level"), quoted(levels_name(levels, (size_t)level), c->r->arena),
				c->r->arena);
	}
	candidates_unite(c);
}

/* Give the responses their values. False: the record is bad. */
static bool rank(struct rival_list *l, const struct rivals_rules *rules)
{
	struct candidates *c = &l->c;

	if (rules->comparisons)
		return contest_read(&l->contest, c);
	if (rules->versus[0].p)
		return true;
	if (rules->factors.n) {
		const struct pairing p = { .compare = factors_compare, .self = &l->factored };

		factors_read(&l->factored, &rules->factors, c);
		pairing_values(&p, c->items, c->n);
	} else if (rules->levels) {
		give_levels(c, rules->levels);
	} else {
		candidates_value(c, rules->by, rules->judge);
	}
	return true;
}

/* ---- the pairs of one list ---- */

static const char *why_no_pair(const struct candidates *c, enum pairing_why why)
{
	switch (why) {
	case PAIRING_OK:
		return NULL;
	case PAIRING_FEW:
		return c->n < 2 ? "single" : candidates_distinct(c) < 2 ? "same" : "unscored";
	case PAIRING_TIE:
		return "tie";
	default:
		return "gap";
	}
}

/* The same for the same responses, wherever they stand. */
static struct rng rng_of(const struct candidates *c, uint64_t seed)
{
	uint64_t key = 0;

	for (size_t i = 0; i < c->n; i++)
		key = hash64(c->v[i].text, key);
	return rng_for(seed, "rejected", hash64(c->prompt.raw, key));
}

static bool has_triple(const struct candidates *c)
{
	size_t n, *order = pairing_rank(c->items, c->n, &n, c->r->arena);

	return pairing_triple(c->items, order, &n);
}

/* The next response from i on that the model gave; n: there is none. */
static size_t next_by(const struct candidates *c, size_t i, struct span model)
{
	while (i < c->n && !span_eq(json_text(candidate_member(&c->v[i], S("model")), c->r->arena), model))
		i++;
	return i;
}

/* The first answer of one model with the first of the other, the second with the second: pairs that share no answer. */
static void face(struct rivals *f, struct rival_list *l, const struct rivals_rules *rules)
{
	struct candidates *c = &l->c;
	size_t one = next_by(c, 0, rules->versus[0]), other = next_by(c, 0, rules->versus[1]);
	const bool both = one < c->n && other < c->n;

	l->pairs = arena_alloc(c->r->arena, (c->n / 2 + 1) * sizeof *l->pairs);
	while (one < c->n && other < c->n) {
		if (c->first[one] != c->first[other])
			l->pairs[l->n_pairs++] = (struct pairing_pair){ .better = one, .worse = other, .gap = NAN };
		else
			c->n_equal++;
		one = next_by(c, one + 1, rules->versus[0]);
		other = next_by(c, other + 1, rules->versus[1]);
	}
	if (l->n_pairs == 0)
		f->drop = both ? "same" : "single";
}

static void choose(struct rivals *f, struct rival_list *l, const struct rivals_rules *rules)
{
	struct pairing p = rules->pairing;
	enum pairing_why why;

	if (rules->versus[0].p) {
		face(f, l, rules);
		return;
	}
	if (rules->comparisons) {
		p.compare = contest_compare;
		p.self = &l->contest;
	} else if (rules->factors.n) {
		p.compare = factors_compare;
		p.self = &l->factored;
	}
	if (p.which == PAIRING_BEST_RANDOM)
		p.rng = rng_of(&l->c, rules->seed);
	why = pairing_of(&p, l->c.items, l->c.n, &l->pairs, &l->n_pairs, l->c.r->arena);
	if (rules->triples && why == PAIRING_OK && !has_triple(&l->c)) {
		l->n_pairs = 0;
		why = PAIRING_TIE;
	}
	if (why != PAIRING_OK && !f->drop)
		f->drop = why_no_pair(&l->c, why);
}

static struct span six_decimals(const struct rival_list *l, double x)
{
	return json_number_in(l->c.r->arena, round(1e6 * x) / 1e6);
}

/* P(chosen is better). Absent where ranks decided: they are no scores. */
static struct span preference(const struct rival_list *l, const struct pairing_pair *p, const struct rivals_rules *rules)
{
	if (rules->comparisons)
		return six_decimals(l, contest_strength(&l->contest, p->better, p->worse));
	if (!l->c.v[p->better].value.p)
		return (struct span){ 0 };
	return six_decimals(l, sigmoid(p->gap / rules->temperature));
}

/* By visits (MCTS-DPO): N of the better to N of both, and no less than not knowing. Absent without visits. */
static struct span confidence(const struct rival_list *l, const struct pairing_pair *p)
{
	double better, worse;

	if (!json_number(candidate_member(&l->c.v[p->better], S("visits")), &better) ||
	    !json_number(candidate_member(&l->c.v[p->worse], S("visits")), &worse) || better < 0 || worse < 0)
		return (struct span){ 0 };
	return six_decimals(l, fmax(0.5, 1 / (1 + worse / fmax(1, better))));
}

static void put_pair(struct rival_list *l, const struct pairing_pair *p, const struct rivals_rules *rules)
{
	struct arena *a = l->c.r->arena;
	struct attrs more = { 0 };
	size_t which;
	double gap;

	if (rules->preference)
		attrs_add(&more, S("preference"), preference(l, p, rules), a);
	if (rules->visits)
		attrs_add(&more, S("preference"), confidence(l, p), a);
	if (rules->factors.n) {
		factors_decide(&l->factored, p->better, p->worse, &which, &gap);
		attrs_add(&more, S("factor"), quoted(rules->factors.v[which].name, a), a);
		attrs_add(&more, S("difference"), json_number_in(a, gap), a);
	}
	rec_put_kept(l->c.r, candidates_pair(&l->c, p, &more), -1);
}

/* Write its pairs, or the list itself. */
static void put(struct rivals *f, struct rival_list *l, const struct rivals_rules *rules)
{
	if (rules->lists && l->n_pairs)
		rec_put_kept(l->c.r, candidates_list(&l->c, rules->triples), -1);
	for (size_t i = 0; i < l->n_pairs && !rules->lists; i++) {
		const struct pairing_pair *p = &l->pairs[i];

		f->n_longer += l->c.items[p->better].length > l->c.items[p->worse].length;
		put_pair(l, p, rules);
	}
	f->n_pairs += l->n_pairs;
}

/* ---- records ---- */

static bool is_candidates(struct rec *r)
{
	return rec_get(r, "responses").kind == JSON_ARRAY && rec_get(r, "chosen").kind == JSON_NONE;
}

static struct rivals *rivals_new(struct rec *r, size_t n)
{
	struct rivals *f = arena_alloc(r->arena, sizeof *f);

	*f = (struct rivals){ .n = n };
	f->v = arena_alloc(r->arena, n * sizeof *f->v);
	memset(f->v, 0, n * sizeof *f->v);
	return f;
}

/* May one list of responses become more than one line? */
static bool several_lines(const struct rivals_rules *rules)
{
	return (rules->pairing.max != 1 || rules->versus[0].p) && !rules->lists;
}

static struct rivals *read_tree(struct rec *r, const struct rivals_rules *rules)
{
	struct steps_rules steps = rules->steps;
	struct candidates *trees;
	struct rivals *f;
	size_t n;

	if (rules->comparisons) {
		rec_bad(r, 0, "the nodes of a tree are not what --comparisons compares");
		return NULL;
	}
	steps.by = rules->by;
	steps.judge = rules->judge;
	steps.normalise = rules->normalise;
	if (!steps_read(r, &steps, &trees, &n))
		return NULL;
	f = rivals_new(r, n);
	f->drop = n ? NULL : "single";
	for (size_t k = 0; k < n; k++) {
		f->v[k].c = trees[k];
		if (steps.branches)
			f->v[k].c.several = several_lines(rules);
	}
	return f;
}

struct rivals *rivals_read(struct rec *r, const struct rivals_rules *rules)
{
	struct rivals *f;
	struct pair p;

	if (steps_are(r))
		return read_tree(r, rules);
	if (!is_candidates(r)) {
		pair_need(r, &p);
		return NULL;
	}
	f = rivals_new(r, 1);
	if (!candidates_read(&f->v[0].c, r, rules->normalise))
		return NULL;
	f->v[0].c.several = several_lines(rules);
	return f;
}

bool rivals_rank(struct rivals *f, const struct rivals_rules *rules)
{
	for (size_t k = 0; k < f->n; k++)
		if (!rank(&f->v[k], rules))
			return false;
	return true;
}

bool rivals_many(const struct rivals *f, const struct rivals_rules *rules)
{
	enum { FEW = 16 };

	if (rules->lists || (rules->pairing.max && rules->pairing.max <= FEW))
		return false;
	for (size_t k = 0; k < f->n; k++)
		if (f->v[k].c.n > FEW)
			return true;
	return false;
}

void rivals_put(struct rivals *f, const struct rivals_rules *rules, struct rec *r)
{
	for (size_t k = 0; k < f->n; k++) {
		f->v[k].c.r = r;
		choose(f, &f->v[k], rules);
		put(f, &f->v[k], rules);
	}
}

void rivals_count(const struct rivals *f, const struct rivals_rules *rules, uint64_t *decided)
{
	size_t which;
	double gap;

	for (size_t k = 0; k < f->n && rules->factors.n; k++) {
		const struct rival_list *l = &f->v[k];

		for (size_t i = 0; i < l->n_pairs; i++) {
			factors_decide(&l->factored, l->pairs[i].better, l->pairs[i].worse, &which, &gap);
			decided[which]++;
		}
	}
}
