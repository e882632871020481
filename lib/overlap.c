/* overlap - an exhaustive index of benchmark items: how it is built */
#include "overlap_index.h"

#include <stdlib.h>

/* ---- items ---- */

struct overlap *overlap_new(const struct overlap_rule *rule)
{
	struct overlap *o = xcalloc(1, sizeof *o);

	if (rule->ngram < 1 || rule->ngram > OVERLAP_NGRAM_MAX)
		bug("n-grams of %u words", rule->ngram);
	o->rule = *rule;
	o->lengths[o->n_lengths++].n = rule->ngram;
	return o;
}

void overlap_free(struct overlap *o)
{
	if (!o)
		return;
	free(o->items);
	free(o->keys);
	free(o->first);
	free(o->postings);
	free(o->slots);
	free(o->filter);
	free(o->raw);
	words_free(&o->words);
	keyset_free(&o->texts);
	free(o);
}

uint64_t overlap_whole_key(uint64_t key, struct span text, const struct word *w, size_t n, struct buf *scratch)
{
	scratch->n = 0;
	text_normalise(span_cut(text, w[0].at, (size_t)w[n - 1].at + w[n - 1].n), scratch);
	return mix64(key + hash64(buf_span(scratch), 1));
}

static void add_raw(struct overlap *o, uint64_t key, uint32_t item, size_t at)
{
	GROW(o->raw, o->n_raw, o->raw_room);
	o->raw[o->n_raw++] = (struct raw){ key, item, (uint32_t)at };
}

/* Under the key of its words, and at its gate, a short item leaves only a sign that it is worth a closer look. */
static void add_whole(struct overlap *o, struct span text, uint64_t sum, uint32_t item, uint32_t n)
{
	struct buf scratch = { 0 };
	uint64_t key = overlap_key(sum, n);
	size_t i = 1;

	add_raw(o, key, NO_ITEM, 0);
	add_raw(o, overlap_whole_key(key, text, o->words.v, n, &scratch), item, 0);
	buf_free(&scratch);
	if (n >= OVERLAP_ALONE) {
		sum = 0;
		for (size_t k = 0; k < OVERLAP_ALONE; k++)
			sum = sum * OVERLAP_BASE + o->words.v[k].hash;
		add_raw(o, overlap_gate_key(sum), NO_ITEM, 0);
		o->gated = true;
	}
	while (i < o->n_lengths && o->lengths[i].n != n)
		i++;
	if (i == o->n_lengths)
		o->lengths[o->n_lengths++].n = n;
}

bool overlap_add(struct overlap *o, uint32_t benchmark, struct span text)
{
	struct words *w = &o->words;
	const uint32_t item = (uint32_t)o->n_items, ngram = o->rule.ngram;
	uint64_t sum = 0, all = 0, gone = 1;
	struct key128 words = { 0, benchmark };

	w->n = 0;
	text_words(text, w);
	if (w->n == 0)
		return false;
	if (o->n_raw + w->n + 3 > INT32_MAX)
		die(EXIT_SYSTEM, "more than %d words in benchmarks", INT32_MAX);
	for (size_t i = 0; i < w->n; i++) {
		all = all * OVERLAP_BASE + w->v[i].hash;
		sum = sum * OVERLAP_BASE + w->v[i].hash;
		if (i < ngram)
			gone *= OVERLAP_BASE;
		else
			sum -= w->v[i - ngram].hash * gone;
		if (i + 1 >= ngram)
			add_raw(o, overlap_key(sum, ngram), item, i + 1 - ngram);
	}
	if (w->n < ngram)
		add_whole(o, text, all, item, (uint32_t)w->n);
	words.lo = mix64(all) + w->n;
	GROW(o->items, o->n_items, o->items_room);
	o->items[o->n_items++] = (struct item){
		.n = (uint32_t)w->n, .benchmark = benchmark, .repeat = !keyset_add(&o->texts, words)
	};
	if (w->n > o->longest)
		o->longest = (uint32_t)w->n;
	return true;
}

/* ---- n-grams by number ---- */

static size_t power_of_two(size_t least)
{
	size_t n = 64;

	while (n < least)
		n *= 2;
	return n;
}

/* Number the different keys, in order of appearance; of[i] is the number of raw i. All keys are known, so that
 * memory can be asked for ahead: the table is larger than the caches. */
static uint32_t *number_grams(struct overlap *o)
{
	enum { AHEAD = 16 };
	const size_t n_slots = power_of_two(o->n_raw + o->n_raw / 3 + 1);
	uint32_t *of = xreallocarray(NULL, o->n_raw + 1, sizeof *of);

	o->slots = xcalloc(n_slots, sizeof *o->slots);
	o->slot_mask = n_slots - 1;
	o->keys = xreallocarray(NULL, o->n_raw + 1, sizeof *o->keys);
	for (size_t i = 0; i < o->n_raw; i++) {
		const uint64_t key = o->raw[i].key;
		struct slot *s;

		if (i + AHEAD < o->n_raw)
			__builtin_prefetch(&o->slots[o->raw[i + AHEAD].key >> 18 & o->slot_mask], 1);
		s = &o->slots[overlap_slot(o, key)];
		if (!s->gram) {
			o->keys[o->n_grams++] = key;
			*s = (struct slot){ (uint32_t)(key >> 32), (uint32_t)o->n_grams };
		}
		of[i] = s->gram - 1;
	}
	o->keys = xreallocarray(o->keys, o->n_grams + 1, sizeof *o->keys);
	return of;
}

/* ---- stop n-grams ---- */

/* Which n-grams more than rule.stop items of one benchmark share. Raws come by benchmark and item. */
static bool *find_stop(struct overlap *o, const uint32_t *of)
{
	struct { uint32_t item, benchmark, n; } *last = xcalloc(o->n_grams + 1, sizeof *last);
	bool *stop = xcalloc(o->n_grams + 1, sizeof *stop);

	for (size_t i = 0; i < o->n_raw && o->rule.stop; i++) {
		const uint32_t number = o->raw[i].item, g = of[i];
		const struct item *item;

		if (number == NO_ITEM || (last[g].n && last[g].item == number))
			continue;
		item = &o->items[number];
		if (item->repeat)
			continue;
		last[g].n = last[g].n && last[g].benchmark == item->benchmark ? last[g].n + 1 : 1;
		last[g].item = number;
		last[g].benchmark = item->benchmark;
		if (last[g].n > o->rule.stop && !stop[g]) {
			stop[g] = true;
			o->n_stop++;
		}
	}
	free(last);
	return stop;
}

/* Words of each item that lie in an n-gram that counts; all of them if there is none. */
static void count_words(struct overlap *o, const uint32_t *of, const bool *stop)
{
	uint32_t end = 0, number = NO_ITEM;	/* of the words counted so far, in which item */

	for (size_t i = 0; i < o->n_raw; i++) {
		const struct raw *r = &o->raw[i];
		struct item *item;
		uint32_t to;

		if (r->item == NO_ITEM || stop[of[i]])
			continue;
		if (r->item != number)
			end = 0;
		number = r->item;
		item = &o->items[number];
		to = r->at + (item->n < o->rule.ngram ? item->n : o->rule.ngram);
		item->counted += to - (r->at > end ? r->at : end);
		end = to;
	}
	for (size_t i = 0; i < o->n_items; i++) {
		o->items[i].only_stop = o->items[i].counted == 0;
		if (o->items[i].only_stop)
			o->items[i].counted = o->items[i].n;
	}
}

/* ---- postings and filter ---- */

static bool counts(const struct overlap *o, size_t i, const uint32_t *of, const bool *stop)
{
	const uint32_t item = o->raw[i].item;

	return item != NO_ITEM && (!stop[of[i]] || o->items[item].only_stop);
}

static void put_postings(struct overlap *o, const uint32_t *of, const bool *stop)
{
	size_t n = 0;

	o->first = xcalloc(o->n_grams + 2, sizeof *o->first);
	for (size_t i = 0; i < o->n_raw; i++) {
		const bool yes = counts(o, i, of, stop);

		o->first[of[i] + 2] += yes;
		n += yes;
	}
	for (size_t g = 0; g < o->n_grams; g++)
		o->first[g + 2] += o->first[g + 1];
	o->postings = xreallocarray(NULL, n + 1, sizeof *o->postings);
	for (size_t i = 0; i < o->n_raw; i++)
		if (counts(o, i, of, stop))
			o->postings[o->first[of[i] + 1]++] = (struct posting){ o->raw[i].item, o->raw[i].at };
}

static void fill_filter(struct overlap *o)
{
	const size_t n = power_of_two(o->n_grams * 8) / 64;

	o->filter = xcalloc(n, sizeof *o->filter);
	o->filter_mask = n - 1;
	for (size_t g = 0; g < o->n_grams; g++)
		o->filter[o->keys[g] >> 18 & o->filter_mask] |= overlap_filter_bits(o->keys[g]);
}

void overlap_build(struct overlap *o)
{
	uint32_t *of = number_grams(o);
	bool *stop = find_stop(o, of);

	count_words(o, of, stop);
	put_postings(o, of, stop);
	fill_filter(o);
	for (size_t i = 0; i < o->n_lengths; i++)
		o->lengths[i].power = overlap_power(o->lengths[i].n);
	free(of);
	free(stop);
	free(o->raw);
	o->raw = NULL;
	words_free(&o->words);
	keyset_free(&o->texts);
}

struct overlap_size overlap_size(const struct overlap *o)
{
	return (struct overlap_size){
		.items = o->n_items, .ngrams = o->n_grams, .stop = o->n_stop,
		.bytes = o->items_room * sizeof *o->items + o->n_grams * (sizeof *o->keys + sizeof *o->first) +
			o->first[o->n_grams] * sizeof *o->postings + (o->slot_mask + 1) * sizeof *o->slots +
			(o->filter_mask + 1) * sizeof *o->filter,
	};
}
