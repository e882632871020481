/* breakdown - the accuracy of judges within groups of pairs: those of a source, those of an annotator */
#include "breakdown.h"

#include <stdlib.h>

size_t breakdown_pair(struct breakdown *b, struct span name)
{
	bool is_new;
	uint64_t *at = keymap_at(&b->at, hash128(name, 0), &is_new);

	if (is_new) {
		GROW(b->v, b->n, b->room);
		*at = b->n;
		b->v[b->n++] = (struct breakdown_group){ .name = span_dup(name) };
	}
	b->v[*at].pairs++;
	return *at;
}

void breakdown_add(struct breakdown_tallies *t, size_t group, double margin)
{
	const size_t had = t->n;

	while (group >= t->n)
		GROW(t->v, group, t->n);
	if (t->n > had)
		memset(t->v + had, 0, (t->n - had) * sizeof *t->v);
	tally_add(&t->v[group], margin);
}

struct tally breakdown_tally(const struct breakdown_tallies *t, size_t group)
{
	return group < t->n ? t->v[group] : (struct tally){ 0 };
}

struct ranked {
	uint64_t pairs;
	size_t group;
};

static int by_pairs(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->pairs != y->pairs)
		return x->pairs < y->pairs ? 1 : -1;
	return x->group < y->group ? -1 : x->group > y->group;
}

size_t *breakdown_order(const struct breakdown *b)
{
	struct ranked *v = xmalloc((b->n + 1) * sizeof *v);
	size_t *order = xmalloc((b->n + 1) * sizeof *order);

	for (size_t i = 0; i < b->n; i++)
		v[i] = (struct ranked){ b->v[i].pairs, i };
	qsort(v, b->n, sizeof *v, by_pairs);
	for (size_t i = 0; i < b->n; i++)
		order[i] = v[i].group;
	free(v);
	return order;
}

void breakdown_free(struct breakdown *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].name);
	free(b->v);
	keymap_free(&b->at);
	*b = (struct breakdown){ 0 };
}
