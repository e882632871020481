/* overlap_match - which items of the index a record repeats
 *
 * First all n-grams of the record, of which the filter lets few pass, then the table. What was found is
 * remembered once for each different n-gram, so that a text which repeats itself costs no more than its length.
 */
#include "overlap_index.h"

#include <stdlib.h>

struct candidate {			/* the filter knows the key */
	uint64_t key;
	uint32_t at, n;			/* words[at, at + n) of the record */
	uint32_t text;
};

struct hit {				/* the index knows the n-gram */
	uint32_t gram, at, n, text;
};

struct touched {			/* an item with a part in the record */
	uint32_t item, n;		/* n: marks */
	uint32_t mark;			/* the last one */
	uint32_t covered;
};

struct mark {
	uint32_t at, before;		/* place in the item; the item's mark before this */
};

/* grams and items are sparse sets (Briggs and Torczon 1993): x is a member if v[where[x]].x is x. */
struct overlap_scratch {
	struct words words;		/* of all texts */
	uint64_t *sums;
	size_t sums_room;
	struct candidate *candidates;
	size_t n_candidates, candidates_room;
	struct hit *hits;
	size_t n_hits, hits_room;

	uint32_t *grams, *where_gram;
	size_t n_grams, grams_room;
	struct touched *touched;
	uint32_t *where_item;
	size_t n_touched, touched_room;
	struct mark *marks;
	size_t n_marks, marks_room;

	bool *covered;			/* words of one item */
	bool *of_best;			/* by place in grams */
	size_t of_best_room;
	uint32_t *items;
	size_t n_items, items_room;
	bool *in;
	size_t in_room;
	struct buf normal;
};

struct overlap_scratch *overlap_scratch_new(const struct overlap *o)
{
	struct overlap_scratch *k = xcalloc(1, sizeof *k);

	k->where_gram = xcalloc(o->n_grams + 1, sizeof *k->where_gram);
	k->where_item = xcalloc(o->n_items + 1, sizeof *k->where_item);
	k->covered = xmalloc((size_t)o->longest + 1);
	return k;
}

void overlap_scratch_free(struct overlap_scratch *k)
{
	if (!k)
		return;
	words_free(&k->words);
	free(k->sums);
	free(k->candidates);
	free(k->hits);
	free(k->grams);
	free(k->where_gram);
	free(k->touched);
	free(k->where_item);
	free(k->marks);
	free(k->covered);
	free(k->of_best);
	free(k->items);
	free(k->in);
	buf_free(&k->normal);
	free(k);
}

/* ---- n-grams of the record ---- */

static uint32_t gram_of(const struct overlap *o, uint64_t key)
{
	return o->slots[overlap_slot(o, key)].gram;
}

static void room_for(struct overlap_scratch *k, size_t candidates)
{
	while (k->candidates_room < k->n_candidates + candidates)
		GROW(k->candidates, k->candidates_room, k->candidates_room);
}

/* Key of the n words from i on, of those whose prefix sums are k->sums. */
static inline uint64_t key_at(const struct overlap_scratch *k, size_t i, const struct length *length)
{
	return overlap_key(k->sums[i + length->n] - k->sums[i] * length->power, length->n);
}

/* What the filter knows of the runs of one length in words[from, from + n), which are of this text. */
static void sift(const struct overlap *o, const struct length *length, size_t from, size_t n, size_t text,
	struct overlap_scratch *k)
{
	const struct length of = *length;
	struct candidate *to;

	if (n < of.n)
		return;
	room_for(k, n);
	to = k->candidates + k->n_candidates;
	for (size_t i = 0; i + of.n <= n; i++) {
		const uint64_t key = key_at(k, i, &of);

		*to = (struct candidate){ key, (uint32_t)(from + i), of.n, (uint32_t)text };
		to += overlap_may_have(o, key);		/* no branch: nobody could foresee it */
	}
	k->n_candidates = (size_t)(to - k->candidates);
}

/* The same for short items: few are the places where one may begin, and only there the lengths are tried. */
static void sift_short(const struct overlap *o, size_t from, size_t n, size_t text, struct overlap_scratch *k)
{
	const uint64_t power = overlap_power(OVERLAP_ALONE);

	for (size_t i = 0; i + OVERLAP_ALONE <= n; i++) {
		if (!overlap_may_have(o, overlap_gate_key(k->sums[i + OVERLAP_ALONE] - k->sums[i] * power)))
			continue;
		room_for(k, o->n_lengths);
		for (const struct length *l = o->lengths + 1; l < o->lengths + o->n_lengths; l++) {
			if (l->n < OVERLAP_ALONE || i + l->n > n || !overlap_may_have(o, key_at(k, i, l)))
				continue;
			k->candidates[k->n_candidates++] = (struct candidate){
				key_at(k, i, l), (uint32_t)(from + i), l->n, (uint32_t)text };
		}
	}
}

static void sift_text(const struct overlap *o, struct span s, size_t text, struct overlap_scratch *k)
{
	const size_t from = k->words.n;
	const struct word *w;
	size_t n;

	text_words(s, &k->words);
	n = k->words.n - from;
	w = n ? k->words.v + from : NULL;	/* without a word there may be no room either */
	while (k->sums_room < n + 1)
		GROW(k->sums, k->sums_room, k->sums_room);
	k->sums[0] = 0;
	for (size_t i = 0; i < n; i++)
		k->sums[i + 1] = k->sums[i] * OVERLAP_BASE + w[i].hash;
	sift(o, &o->lengths[0], from, n, text, k);
	if (o->gated)
		sift_short(o, from, n, text, k);
	for (size_t i = 1; i < o->n_lengths && n < OVERLAP_ALONE; i++)
		if (o->lengths[i].n == n)
			sift(o, &o->lengths[i], from, n, text, k);
}

static void look_up(const struct overlap *o, const struct span *texts, struct overlap_scratch *k)
{
	enum { AHEAD = 8 };

	for (size_t i = 0; i < k->n_candidates; i++) {
		const struct candidate *c = &k->candidates[i];
		uint32_t gram;

		if (i + AHEAD < k->n_candidates)
			__builtin_prefetch(&o->slots[k->candidates[i + AHEAD].key >> 18 & o->slot_mask]);
		gram = gram_of(o, c->key);
		if (gram && c->n < o->rule.ngram)
			gram = gram_of(o, overlap_whole_key(c->key, texts[c->text], k->words.v + c->at, c->n, &k->normal));
		if (!gram || o->first[gram - 1] == o->first[gram])
			continue;
		GROW(k->hits, k->n_hits, k->hits_room);
		k->hits[k->n_hits++] = (struct hit){ gram - 1, c->at, c->n, c->text };
	}
}

/* ---- items ---- */

static bool has_gram(const struct overlap_scratch *k, uint32_t gram)
{
	const size_t i = k->where_gram[gram];

	return i < k->n_grams && k->grams[i] == gram;
}

static struct touched *touch(struct overlap_scratch *k, uint32_t item)
{
	size_t i = k->where_item[item];

	if (i < k->n_touched && k->touched[i].item == item)
		return &k->touched[i];
	GROW(k->touched, k->n_touched, k->touched_room);
	k->where_item[item] = (uint32_t)k->n_touched;
	k->touched[k->n_touched] = (struct touched){ .item = item };
	return &k->touched[k->n_touched++];
}

static void mark_items(const struct overlap *o, uint32_t gram, struct overlap_scratch *k)
{
	for (uint32_t i = o->first[gram]; i < o->first[gram + 1]; i++) {
		struct touched *t = touch(k, o->postings[i].item);

		GROW(k->marks, k->n_marks, k->marks_room);
		k->marks[k->n_marks] = (struct mark){ o->postings[i].at, t->mark };
		t->mark = (uint32_t)k->n_marks++;
		t->n++;
	}
}

/* Words of the item that its marks cover. */
static uint32_t covered(const struct overlap *o, const struct touched *t, struct overlap_scratch *k)
{
	const struct item *item = &o->items[t->item];
	const uint32_t n = item->n < o->rule.ngram ? item->n : o->rule.ngram;
	uint32_t sum = 0, mark = t->mark;

	memset(k->covered, 0, item->n);
	for (uint32_t i = 0; i < t->n; i++) {
		memset(k->covered + k->marks[mark].at, 1, n);
		mark = k->marks[mark].before;
	}
	for (uint32_t i = 0; i < item->n; i++)
		sum += k->covered[i];
	return sum;
}

static double share(const struct overlap *o, const struct touched *t)
{
	return (double)t->covered / o->items[t->item].counted;
}

/* The items hit go to k->items; the best of them, or NULL. */
static const struct touched *judge_items(const struct overlap *o, struct overlap_scratch *k)
{
	const struct touched *best = NULL;

	for (size_t i = 0; i < k->n_touched; i++) {
		struct touched *t = &k->touched[i];
		const double need = o->rule.coverage * o->items[t->item].counted;

		if ((double)t->n * o->rule.ngram <= need)
			continue;		/* not even if no two n-grams overlapped */
		t->covered = covered(o, t, k);
		if (t->covered <= need)
			continue;
		GROW(k->items, k->n_items, k->items_room);
		k->items[k->n_items++] = t->item;
		if (!best || share(o, t) > share(o, best) || (share(o, t) == share(o, best) && t->item < best->item))
			best = t;
	}
	return best;
}

/* ---- where it was found ---- */

static bool has_item(const struct overlap *o, uint32_t gram, uint32_t item)
{
	for (uint32_t i = o->first[gram]; i < o->first[gram + 1]; i++)
		if (o->postings[i].item == item)
			return true;
	return false;
}

/* f->in and f->text. The hits of one item have one length: in each text they come by place. */
static void place(const struct overlap *o, const struct span *texts, size_t n, struct overlap_scratch *k,
	struct overlap_found *f)
{
	uint32_t from = 0, end = 0, text = UINT32_MAX, longest = 0;

	while (k->of_best_room < k->n_grams)
		GROW(k->of_best, k->of_best_room, k->of_best_room);
	while (k->in_room < n)
		GROW(k->in, k->in_room, k->in_room);
	memset(k->in, 0, n);
	for (size_t i = 0; i < k->n_grams; i++)
		k->of_best[i] = has_item(o, k->grams[i], f->best);
	for (size_t i = 0; i < k->n_hits; i++) {
		const struct hit *h = &k->hits[i];
		const struct word *w = k->words.v;

		if (!k->of_best[k->where_gram[h->gram]])
			continue;
		k->in[h->text] = true;
		if (h->text != text || h->at > end)
			from = h->at;
		text = h->text;
		end = h->at + h->n;
		if (end - from > longest) {
			longest = end - from;
			f->text = span_cut(texts[text], w[from].at, (size_t)w[end - 1].at + w[end - 1].n);
		}
	}
	f->in = k->in;
}

bool overlap_find(const struct overlap *o, const struct span *texts, size_t n, struct overlap_scratch *k,
	struct overlap_found *f)
{
	const struct touched *best;

	k->words.n = k->n_candidates = k->n_hits = k->n_grams = k->n_touched = k->n_marks = k->n_items = 0;
	*f = (struct overlap_found){ 0 };
	for (size_t i = 0; i < n; i++)
		sift_text(o, texts[i], i, k);
	look_up(o, texts, k);
	for (size_t i = 0; i < k->n_hits; i++) {
		const uint32_t gram = k->hits[i].gram;

		if (has_gram(k, gram))
			continue;
		GROW(k->grams, k->n_grams, k->grams_room);
		k->where_gram[gram] = (uint32_t)k->n_grams;
		k->grams[k->n_grams++] = gram;
		mark_items(o, gram, k);
	}
	best = judge_items(o, k);
	if (!best)
		return false;
	f->items = k->items;
	f->n = k->n_items;
	f->best = best->item;
	f->coverage = share(o, best);
	place(o, texts, n, k, f);
	return true;
}
