/* tokenizer_merge - byte-pair merges: the pair of lowest rank first, the leftmost of equals */
#include "lm/tokenizer_inside.h"

#include <stdlib.h>

/* Up to so many symbols the lowest rank is looked for, in more of them it comes from a heap. */
enum { FEW = 48 };

static void look_up(const struct tokenizer *t, struct symbol *s, const struct symbol *next)
{
	const struct merge *m = next ? merge_find(t, s->id, next->id) : NULL;

	s->rank = m ? m->rank : NO_RANK;
	s->into = m ? m->id : 0;
}

/* ---- few symbols ---- */

static void merge_few(const struct tokenizer *t, struct symbol *s, size_t *n)
{
	for (;;) {
		size_t best = 0;

		for (size_t i = 1; i + 1 < *n; i++)
			if (s[i].rank < s[best].rank)
				best = i;
		if (s[best].rank == NO_RANK)
			return;
		s[best].id = s[best].into;
		s[best].end = s[best + 1].end;
		--*n;
		memmove(s + best + 1, s + best + 2, (*n - best - 1) * sizeof *s);
		look_up(t, &s[best], best + 1 < *n ? &s[best + 1] : NULL);
		if (best > 0)
			look_up(t, &s[best - 1], &s[best]);
	}
}

/* ---- many ---- */

static bool before(struct place a, struct place b)
{
	return a.rank < b.rank || (a.rank == b.rank && a.at < b.at);
}

static void heap_put(struct tokenizer_scratch *k, struct place x)
{
	size_t i = k->heaped++;

	GROW(k->heap, i, k->heap_room);
	for (; i > 0 && before(x, k->heap[(i - 1) / 2]); i = (i - 1) / 2)
		k->heap[i] = k->heap[(i - 1) / 2];
	k->heap[i] = x;
}

static struct place heap_take(struct tokenizer_scratch *k)
{
	struct place *h = k->heap, first = h[0], last = h[--k->heaped];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < k->heaped; i = child) {
		if (child + 1 < k->heaped && before(h[child + 1], h[child]))
			child++;
		if (!before(h[child], last))
			break;
		h[i] = h[child];
	}
	h[i] = last;
	return first;
}

static void look_up_and_put(const struct tokenizer *t, struct tokenizer_scratch *k, uint32_t at)
{
	struct symbol *s = &k->symbol[at];

	look_up(t, s, s->next < k->n ? &k->symbol[s->next] : NULL);
	if (s->rank != NO_RANK)
		heap_put(k, (struct place){ s->rank, at });
}

/* A place in the heap is stale when its symbol is gone (rank NO_RANK, too) or merges by another rank now. */
static void merge_many(const struct tokenizer *t, struct tokenizer_scratch *k)
{
	struct symbol *s = k->symbol;
	size_t left = 0;

	k->heaped = 0;
	for (uint32_t i = 0; i < k->n; i++) {
		s[i].prev = i ? i - 1 : NO_RANK;
		s[i].next = i + 1;
		if (s[i].rank != NO_RANK)
			heap_put(k, (struct place){ s[i].rank, i });
	}
	while (k->heaped > 0) {
		const struct place p = heap_take(k);
		struct symbol *a = &s[p.at], *b;

		if (a->rank != p.rank)
			continue;
		b = &s[a->next];
		a->id = a->into;
		a->end = b->end;
		b->rank = NO_RANK;
		a->next = b->next;
		if (a->next < k->n)
			s[a->next].prev = p.at;
		look_up_and_put(t, k, p.at);
		if (a->prev != NO_RANK)
			look_up_and_put(t, k, a->prev);
	}
	/* (The place written to is never behind the one that is read.) */
	for (size_t i = 0, next; i < k->n; i = next) {
		next = s[i].next;
		s[left++] = s[i];
	}
	k->n = left;
}

void merge_symbols(const struct tokenizer *t, struct tokenizer_scratch *k)
{
	for (size_t i = 0; i < k->n; i++)
		look_up(t, &k->symbol[i], i + 1 < k->n ? &k->symbol[i + 1] : NULL);
	if (k->n > FEW)
		merge_many(t, k);
	else if (k->n > 1)
		merge_few(t, k->symbol, &k->n);
}
