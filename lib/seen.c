/* seen - the records kept so far, and whether another repeats one of them */
#include "seen.h"

#include <errno.h>
#include <stdlib.h>

#include "near.h"
#include "spill.h"

enum { GRAIN = 16 };			/* items lie at multiples of this: see spill.h */

struct seen {
	struct seen_rules rules;
	struct minhash_plan plan;
	struct spill *spill;
	struct near *near;		/* NULL: exact */

	/* Near: of each kept item, where it is, and what it looks like from afar. */
	uint64_t *places;
	struct minhash_sketch *sketches;
	size_t n, places_room, sketches_room;
	uint32_t sketch_cut;
	struct candidate { uint32_t agree, item; } *candidates;	/* of the search at hand */
	size_t candidates_room;

	/* Exact: an open-addressed table. 96 bits of a key decide: a false match among 10^9 records has
	 * probability below 10^-11. */
	struct slot { uint64_t lo; uint32_t hi, place; } *slots;	/* place in GRAINs, plus 1; 0: empty */
	size_t size;

	/* The last one of seen_get(), of seen_find(). */
	struct item_buf { struct seen_item *v; size_t room; } got, other;
	struct jaccard_scratch scratch;
};

/* ---- items ---- */

void seen_scratch_free(struct seen_scratch *k)
{
	for (size_t i = 0; i < COUNT(k->words); i++)
		words_free(&k->words[i]);
	free(k->shingles);
	free(k->table.v);
}

double seen_likeness(struct span a, struct span b, uint32_t ngram, struct seen_scratch *k)
{
	const struct span texts[2] = { a, b };
	size_t n[2], all;

	for (int i = 0; i < 2; i++) {
		k->words[i].n = 0;
		text_words(texts[i], &k->words[i]);
		n[i] = shingles_count(texts[i], k->words[i].n, ngram);
	}
	all = n[0] + n[1];
	if (k->room < all) {
		k->room = all;
		k->shingles = xreallocarray(k->shingles, all, sizeof *k->shingles);
	}
	shingles_put(a, k->words[0].v, k->words[0].n, ngram, k->shingles);
	shingles_put(b, k->words[1].v, k->words[1].n, ngram, k->shingles + n[0]);
	return minhash_jaccard(k->shingles, n[0], k->shingles + n[0], n[1], &k->table);
}

static size_t n_shingles(const struct seen_item *it)
{
	return (size_t)it->n[0] + it->n[1] + it->n[2];
}

/* What follows the shingles of a near item. */
struct near_part {
	struct minhash_sketch sketch;
	uint32_t bands[];
};

static struct near_part *near_part(const struct seen_item *it)
{
	return (struct near_part *)(it->shingles + n_shingles(it));
}

static size_t near_size(const struct seen *s)
{
	return s->near ? sizeof(struct near_part) + s->plan.bands * sizeof(uint32_t) : 0;
}

struct span seen_id(const struct seen *s, const struct seen_item *item)
{
	return (struct span){ (const char *)near_part(item) + near_size(s), item->id_n };
}

uint64_t seen_item_size(const struct seen *s, const struct seen_item *it)
{
	uint64_t n = sizeof *it + 8 * (uint64_t)n_shingles(it) + near_size(s) + it->id_n;

	return (n + GRAIN - 1) / GRAIN * GRAIN;
}

struct seen_item *seen_item(const struct seen *s, const struct span texts[3], const uint64_t beyond[3],
	struct key128 key, struct key128 swapped, struct span id, struct seen_scratch *k, struct arena *a)
{
	struct seen_item head = { .key = key, .swapped = swapped, .id_n = (uint32_t)id.n }, *it;
	uint64_t *to;
	char *end;

	for (int i = 0; s->near && i < 3; i++) {
		k->words[i].n = 0;
		text_words(texts[i], &k->words[i]);
		head.n[i] = (uint32_t)shingles_count(texts[i], k->words[i].n, s->rules.ngram) + (beyond[i] != 0);
	}
	head.size = seen_item_size(s, &head);
	it = arena_alloc(a, head.size);
	*it = head;
	to = it->shingles;
	if (s->near) {
		for (int i = 0; i < 3; i++) {
			uint64_t *const from = to;

			to += shingles_put(texts[i], k->words[i].v, k->words[i].n, s->rules.ngram, to);
			for (uint64_t *x = from; x < to; x++)
				*x ^= beyond[i];
			if (beyond[i])
				*to++ = beyond[i];
		}
		minhash_sign(it->shingles, n_shingles(it), k->sig, s->rules.permutations);
		minhash_sketch(k->sig, s->rules.permutations, &near_part(it)->sketch);
		minhash_bands(&s->plan, k->sig, near_part(it)->bands);
	}
	end = (char *)seen_id(s, it).p;
	if (id.n)
		memcpy(end, id.p, id.n);
	memset(end + id.n, 0, (size_t)((char *)it + it->size - (end + id.n)));
	return it;
}

/* ---- opening and closing ---- */

struct seen *seen_open(const struct seen_rules *rules)
{
	struct seen *s = xcalloc(1, sizeof *s);

	s->rules = *rules;
	s->spill = spill_open();
	if (!s->spill) {
		free(s);
		return NULL;
	}
	if (rules->near) {
		s->plan = minhash_plan(rules->threshold, rules->permutations, 0.995);
		s->sketch_cut = minhash_sketch_cut(rules->threshold, rules->permutations, 0.999);
		s->near = near_new(s->plan.bands);
	} else {
		s->size = 1024;
		s->slots = xcalloc(s->size, sizeof *s->slots);
	}
	return s;
}

void seen_close(struct seen *s)
{
	if (!s)
		return;
	spill_close(s->spill);
	near_free(s->near);
	free(s->places);
	free(s->sketches);
	free(s->candidates);
	free(s->slots);
	free(s->got.v);
	free(s->other.v);
	free(s->scratch.v);
	free(s);
}

const struct seen_rules *seen_rules(const struct seen *s)
{
	return &s->rules;
}

const struct minhash_plan *seen_plan(const struct seen *s)
{
	return &s->plan;
}

size_t seen_count(const struct seen *s)
{
	return s->n;
}

static int by_place(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t *seen_kept(const struct seen *s, size_t *n)
{
	uint64_t *v = xreallocarray(NULL, s->n + 1, sizeof *v);
	size_t k = 0;

	*n = s->n;
	if (s->near && s->n)
		memcpy(v, s->places, s->n * sizeof *v);
	for (size_t i = 0; !s->near && i < s->size; i++)
		if (s->slots[i].place)
			v[k++] = ((uint64_t)s->slots[i].place - 1) * GRAIN;
	qsort(v, s->n, sizeof *v, by_place);
	return v;
}

/* ---- storing ---- */

int seen_put(struct seen *s, const struct seen_item *item, uint64_t *at)
{
	return spill_put(s->spill, item, item->size, at);
}

/* Most items are this long or shorter, and come with one read. */
enum { GUESS = 4096 };

static const struct seen_item *read_item(struct seen *s, uint64_t at, struct item_buf *b)
{
	size_t want = s->near ? GUESS : GUESS / 16, got, more;

	if (b->room < want) {
		b->room = want;
		b->v = xrealloc(b->v, b->room);
	}
	if (spill_get(s->spill, at, b->v, want, &got) < 0)
		return NULL;
	if (got < sizeof *b->v || (got < want && got < b->v->size)) {
		errno = EIO;
		return NULL;
	}
	if (b->v->size <= got)
		return b->v;
	if (b->room < b->v->size) {
		b->room = b->v->size;
		b->v = xrealloc(b->v, b->room);
	}
	if (spill_get(s->spill, at + got, (char *)b->v + got, b->v->size - got, &more) < 0)
		return NULL;
	if (got + more < b->v->size) {
		errno = EIO;
		return NULL;
	}
	return b->v;
}

const struct seen_item *seen_get(struct seen *s, uint64_t at)
{
	return read_item(s, at, &s->got);
}

/* ---- exact ---- */

static struct slot *slot_of(struct slot *v, size_t size, uint64_t lo, uint32_t hi)
{
	size_t i = (size_t)((lo >> 32) * size >> 32);

	while (v[i].place && !(v[i].lo == lo && v[i].hi == hi))
		if (++i == size)
			i = 0;
	return &v[i];
}

static void exact_add(struct seen *s, struct key128 k, uint64_t at)
{
	struct slot *to;

	if (s->n + 1 > s->size / 4 * 3) {
		size_t size = s->size + s->size / 2;
		struct slot *wide = xcalloc(size, sizeof *wide);

		for (size_t i = 0; i < s->size; i++)
			if (s->slots[i].place)
				*slot_of(wide, size, s->slots[i].lo, s->slots[i].hi) = s->slots[i];
		free(s->slots);
		s->slots = wide;
		s->size = size;
	}
	if (at / GRAIN >= UINT32_MAX)
		die(EXIT_SYSTEM, "too many records to compare with: their ids take more than 64 GiB");
	to = slot_of(s->slots, s->size, k.lo, (uint32_t)k.hi);
	s->n += to->place == 0;
	*to = (struct slot){ k.lo, (uint32_t)k.hi, (uint32_t)(at / GRAIN) + 1 };
}

static bool exact_find(const struct seen *s, struct key128 k, uint64_t *at)
{
	uint32_t place = slot_of(s->slots, s->size, k.lo, (uint32_t)k.hi)->place;

	*at = ((uint64_t)place - 1) * GRAIN;
	return place != 0;
}

/* ---- near ---- */

static bool same(struct key128 a, struct key128 b)
{
	return a.lo == b.lo && a.hi == b.hi;
}

static double likeness(struct seen *s, const struct seen_item *a, const struct seen_item *b)
{
	return minhash_jaccard(a->shingles, n_shingles(a), b->shingles, n_shingles(b), &s->scratch);
}

/* Similarity of text i of a to text j of b. */
static double text_likeness(struct seen *s, const struct seen_item *a, int i, const struct seen_item *b,
	int j)
{
	const uint64_t *from = a->shingles, *to = b->shingles;

	for (int k = 0; k < i; k++)
		from += a->n[k];
	for (int k = 0; k < j; k++)
		to += b->n[k];
	return minhash_jaccard(from, a->n[i], to, b->n[j], &s->scratch);
}

static struct seen_match compare(struct seen *s, const struct seen_item *a, const struct seen_item *b)
{
	const double t = s->rules.threshold;
	struct seen_match m = { .how = SEEN_NEW };
	double straight[2], crossed[2];

	if (same(a->key, b->key))
		return (struct seen_match){ .how = SEEN_REPEAT, .similarity = 1 };
	if (s->rules.pair && same(a->swapped, b->key))
		return (struct seen_match){ .how = SEEN_SWAPPED, .similarity = 1 };
	m.similarity = likeness(s, a, b);
	if (m.similarity < t)
		return m;
	if (!s->rules.pair) {
		m.how = SEEN_NEAR;
		return m;
	}
	straight[0] = text_likeness(s, a, 1, b, 1);
	straight[1] = text_likeness(s, a, 2, b, 2);
	crossed[0] = text_likeness(s, a, 1, b, 2);
	crossed[1] = text_likeness(s, a, 2, b, 1);
	m.how = crossed[0] + crossed[1] > straight[0] + straight[1] ? SEEN_SWAPPED : SEEN_NEAR;
	if (s->rules.each) {
		const double *j = m.how == SEEN_SWAPPED ? crossed : straight;

		if (j[0] < t || j[1] < t || text_likeness(s, a, 0, b, 0) < t)
			m.how = SEEN_NEW;
	}
	return m;
}

/* Most places of the sketches that agree first, then the first in input order. */
static int by_agreement(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->agree != y->agree)
		return x->agree > y->agree ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

/* Those that may reach the threshold, the most likely first. */
static size_t candidates_of(struct seen *s, const struct near_part *part)
{
	const uint32_t *met;
	size_t n = near_find(s->near, part->bands, &met), kept = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t agree = minhash_sketch_agree(&s->sketches[met[i]], &part->sketch, s->rules.permutations);

		if (agree < s->sketch_cut)
			continue;
		GROW(s->candidates, kept, s->candidates_room);
		s->candidates[kept++] = (struct candidate){ agree, met[i] };
	}
	if (kept > 1)
		qsort(s->candidates, kept, sizeof *s->candidates, by_agreement);
	return kept;
}

static int find_near(struct seen *s, const struct seen_item *item, struct seen_match *m)
{
	const size_t n = candidates_of(s, near_part(item));

	for (size_t i = 0; i < n; i++) {
		const uint64_t place = s->places[s->candidates[i].item];
		const struct seen_item *kept = read_item(s, place, &s->other);
		struct seen_match found;

		if (!kept)
			return -1;
		found = compare(s, item, kept);
		found.partner = place;
		if (found.how == SEEN_REPEAT || found.how == SEEN_NEAR) {
			*m = found;
			return 0;
		}
		if (found.how == SEEN_SWAPPED && m->how == SEEN_NEW && !s->rules.keep_swapped)
			*m = found;
	}
	return 0;
}

/* ---- the kept ones ---- */

int seen_find(struct seen *s, const struct seen_item *item, struct seen_match *m)
{
	*m = (struct seen_match){ .how = SEEN_NEW };
	if (s->near)
		return find_near(s, item, m);
	if (exact_find(s, item->key, &m->partner))
		m->how = SEEN_REPEAT;
	else if (s->rules.pair && !s->rules.keep_swapped && exact_find(s, item->swapped, &m->partner))
		m->how = SEEN_SWAPPED;
	m->similarity = m->how != SEEN_NEW;
	return 0;
}

void seen_keep(struct seen *s, const struct seen_item *item, uint64_t at)
{
	if (!s->near) {
		exact_add(s, item->key, at);
		return;
	}
	GROW(s->places, s->n, s->places_room);
	GROW(s->sketches, s->n, s->sketches_room);
	s->places[s->n] = at;
	s->sketches[s->n++] = near_part(item)->sketch;
	near_add(s->near, near_part(item)->bands);
}

int seen_add(struct seen *s, const struct seen_item *item, uint64_t *at)
{
	if (seen_put(s, item, at) < 0)
		return -1;
	seen_keep(s, item, *at);
	return 0;
}
