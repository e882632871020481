/* pairing - which of the responses to one prompt make pairs */
#include "pairing.h"

#include <math.h>
#include <stdlib.h>

struct proposed {
	struct pairing_pair pair;
	size_t rank_better, rank_worse;
	double ratio;			/* ln of lengths, better to worse */
	bool chosen;
};

struct work {
	const struct pairing *p;
	const struct pairing_item *items;
	const size_t *order;		/* items by rank */
	struct proposed *v;
	size_t n, room, ties, narrow;
	struct arena *arena;
};

/* ---- ranking ---- */

struct ranked {
	double value;
	size_t item;
};

static int by_value(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return (a->item > b->item) - (a->item < b->item);
}

size_t *pairing_rank(const struct pairing_item *items, size_t n, size_t *n_ranked, struct arena *a)
{
	struct ranked *v = arena_alloc(a, (n + 1) * sizeof *v);
	size_t *order = arena_alloc(a, (n + 1) * sizeof *order), have = 0;

	for (size_t i = 0; i < n; i++)
		if (items[i].valued)
			v[have++] = (struct ranked){ items[i].value, i };
	qsort(v, have, sizeof *v, by_value);
	for (size_t i = 0; i < have; i++)
		order[i] = v[i].item;
	*n_ranked = have;
	return order;
}

bool pairing_triple(const struct pairing_item *items, size_t *order, size_t *n)
{
	size_t k = 1;

	while (k < *n && items[order[k]].value == items[order[0]].value)
		k++;
	if (k >= *n || items[order[k]].value == items[order[*n - 1]].value)
		return false;
	order[1] = order[k];
	order[2] = order[*n - 1];
	*n = 3;
	return true;
}

static int compare(const struct pairing *p, const struct pairing_item *items, size_t i, size_t j, double *gap)
{
	double a = items[i].value, b = items[j].value;

	if (p->compare)
		return p->compare(p->self, i, j, gap);
	*gap = fabs(a - b);
	return (a > b) - (a < b);
}

void pairing_values(const struct pairing *p, struct pairing_item *items, size_t n)
{
	double gap;

	for (size_t i = 0; i < n; i++)
		items[i].value = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n && items[i].valued; j++) {
			int order;

			if (!items[j].valued)
				continue;
			order = p->compare(p->self, i, j, &gap);
			items[i].value += order;
			items[j].value -= order;
		}
	}
}

/* ---- proposing ---- */

/* The pair of the ranks a < b, if it is one. */
static void propose(struct work *w, size_t a, size_t b)
{
	const size_t i = w->order[a], j = w->order[b];
	struct proposed q = { .rank_better = a, .rank_worse = b };
	double gap = 0;
	int order = compare(w->p, w->items, i, j, &gap);

	if (order == 0 && !w->p->ties) {
		w->ties++;
		return;
	}
	if (order != 0 && gap < w->p->min_gap) {
		w->narrow++;
		return;
	}
	q.pair = (struct pairing_pair){ i, j, gap, order == 0 };
	if (order < 0 || (order == 0 && j < i)) {
		q.pair.better = j;
		q.pair.worse = i;
	}
	q.ratio = log1p(w->items[q.pair.better].length) - log1p(w->items[q.pair.worse].length);
	w->v = arena_grown(w->arena, w->v, w->n, &w->room, sizeof *w->v);
	w->v[w->n++] = q;
}

static void propose_ends(struct work *w, size_t n)
{
	const struct pairing *p = w->p;
	const double best = w->items[w->order[0]].value, worst = w->items[w->order[n - 1]].value;

	double gap;

	if (best == worst && compare(p, w->items, w->order[0], w->order[n - 1], &gap) != 0) {
		w->ties++;		/* a circle: none is the best, though some beat others */
		return;
	}
	if ((p->max == 1 && !p->balance) || best == worst) {
		propose(w, 0, n - 1);
		return;
	}
	for (size_t a = 0; a < n && w->items[w->order[a]].value == best; a++)
		for (size_t b = n; b-- > 0 && w->items[w->order[b]].value == worst;)
			propose(w, a, b);
}

/* The best and those that are worse: the first of them, or one by chance. */
static void propose_best(struct work *w, size_t n)
{
	struct rng g = w->p->rng;

	for (size_t b = 1; b < n && (w->n == 0 || w->p->which == PAIRING_BEST_RANDOM); b++) {
		const size_t had = w->n;

		propose(w, 0, b);
		if (w->n > had && w->v[had].pair.better != w->order[0])
			w->n = had;
	}
	if (w->n > 1) {
		w->v[0] = w->v[rng_below(&g, w->n)];
		w->n = 1;
	}
}

static void propose_all(struct work *w, size_t n)
{
	switch (w->p->which) {
	case PAIRING_BEST_WORST:
		propose_ends(w, n);
		break;
	case PAIRING_BEST_NEXT:
	case PAIRING_BEST_RANDOM:
		propose_best(w, n);
		break;
	case PAIRING_ALL:
		for (size_t a = 0; a < n; a++)
			for (size_t b = a + 1; b < n; b++)
				propose(w, a, b);
		break;
	case PAIRING_ADJACENT:
		for (size_t a = 0; a + 1 < n; a++)
			propose(w, a, a + 1);
		break;
	}
}

/* ---- choosing ---- */

/* Is x to be chosen before y? used: how often each item is in a pair already. */
static bool before(const struct work *w, const struct proposed *x, const struct proposed *y, const size_t *used)
{
	const struct proposed *both[] = { x, y };
	size_t most[2], sum[2];
	double far[2];

	for (int k = 0; k < 2; k++) {
		const size_t b = used[both[k]->pair.better], c = used[both[k]->pair.worse];

		most[k] = b > c ? b : c;
		sum[k] = b + c;
		far[k] = w->p->balance ? fabs(*w->p->balance + both[k]->ratio) : 0;
	}
	if (most[0] != most[1])
		return most[0] < most[1];
	if (sum[0] != sum[1])
		return sum[0] < sum[1];
	if (far[0] != far[1])
		return far[0] < far[1];
	if (x->pair.gap != y->pair.gap)
		return x->pair.gap > y->pair.gap;
	return x->rank_worse - x->rank_better > y->rank_worse - y->rank_better;
}

static void choose(struct work *w, size_t n_items)
{
	const size_t max = w->p->max && w->p->max < w->n ? w->p->max : w->n;
	size_t *used;

	if (max == w->n) {
		for (size_t i = 0; i < w->n; i++) {
			w->v[i].chosen = true;
			if (w->p->balance)
				*w->p->balance += w->v[i].ratio;
		}
		return;
	}
	used = arena_alloc(w->arena, n_items * sizeof *used);
	memset(used, 0, n_items * sizeof *used);
	for (size_t k = 0; k < max; k++) {
		struct proposed *best = NULL;

		for (size_t i = 0; i < w->n; i++)
			if (!w->v[i].chosen && (!best || before(w, &w->v[i], best, used)))
				best = &w->v[i];
		best->chosen = true;
		used[best->pair.better]++;
		used[best->pair.worse]++;
		if (w->p->balance)
			*w->p->balance += best->ratio;
	}
}

enum pairing_why pairing_of(const struct pairing *p, const struct pairing_item *items, size_t n,
	struct pairing_pair **pairs, size_t *n_pairs, struct arena *a)
{
	struct work w = { .p = p, .items = items, .arena = a };
	size_t n_ranked;

	*n_pairs = 0;
	w.order = pairing_rank(items, n, &n_ranked, a);
	if (n_ranked < 2)
		return PAIRING_FEW;
	propose_all(&w, n_ranked);
	choose(&w, n);
	*pairs = arena_alloc(a, (w.n + 1) * sizeof **pairs);
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].chosen)
			(*pairs)[(*n_pairs)++] = w.v[i].pair;
	if (*n_pairs)
		return PAIRING_OK;
	return w.narrow ? PAIRING_GAP : PAIRING_TIE;
}
