/* overlap_index.h - inside lib/overlap*.c only: what the index holds, and how n-grams are hashed */
#ifndef PREF_OVERLAP_INDEX_H
#define PREF_OVERLAP_INDEX_H

#include "hash.h"
#include "overlap.h"
#include "text.h"

/* An n-gram is the polynomial sum of its words' hashes, word[i] * B^(n-1-i) mod 2^64, so that one of any length
 * comes from two prefix sums. */
#define OVERLAP_BASE 0x9e3779b97f4a7c15ULL

struct posting {
	uint32_t item, at;		/* the n-gram begins at this word of the item */
};

struct item {
	uint32_t n, counted;		/* words; those in an n-gram that counts */
	uint32_t benchmark;
	bool repeat;			/* of the words of an earlier item of its benchmark */
	bool only_stop;
};

struct length {				/* of n-grams: that of the rule, and those of short items */
	uint32_t n;
	uint64_t power;			/* OVERLAP_BASE^n */
};

struct overlap {
	struct overlap_rule rule;
	struct item *items;
	size_t n_items, items_room;
	struct length lengths[OVERLAP_NGRAM_MAX];	/* [0] is the rule's */
	size_t n_lengths;
	bool gated;			/* there are short items of OVERLAP_ALONE words or more */
	uint32_t longest;		/* words of an item */

	/* Different n-grams by number. The postings of g are postings[first[g], first[g + 1]), by item. */
	uint64_t *keys;
	uint32_t *first;
	struct posting *postings;
	size_t n_grams, n_stop;
	/* Where they are: linear probing, at most 3/4 full. A slot is the upper half of the key, and g + 1. */
	struct slot { uint32_t tag, gram; } *slots;
	size_t slot_mask;
	/* Three bits a key in one word of 64, 8 to 16 bits for each key in all: half a million n-grams fit in the
	 * second cache of a processor, and of what is not in the index all but 1 to 4 in 100 end here. */
	uint64_t *filter;
	size_t filter_mask;

	struct raw { uint64_t key; uint32_t item, at; } *raw;	/* until it is built; by item, then place */
	size_t n_raw, raw_room;
	struct words words;
	struct keyset texts;		/* of the items so far, each with its benchmark */
};

enum { NO_ITEM = UINT32_MAX };

/* Key of the run of words whose sum is this; of no length are two keys the same by design. */
static inline uint64_t overlap_key(uint64_t sum, uint32_t n)
{
	return mix64(sum ^ n * 0xd6e8feb86659fd93ULL);
}

/* What tells that a short item may begin here, whatever its length: its first OVERLAP_ALONE words. */
static inline uint64_t overlap_gate_key(uint64_t sum)
{
	return overlap_key(sum, 0);
}

/* OVERLAP_BASE^n. */
static inline uint64_t overlap_power(uint32_t n)
{
	uint64_t power = 1;

	while (n--)
		power *= OVERLAP_BASE;
	return power;
}

/* Key of a short item: that of its words, and of its normal form from the first word to the last. */
uint64_t overlap_whole_key(uint64_t key, struct span text, const struct word *w, size_t n, struct buf *scratch);

static inline uint64_t overlap_filter_bits(uint64_t key)
{
	return 1ULL << (key & 63) | 1ULL << (key >> 6 & 63) | 1ULL << (key >> 12 & 63);
}

/* False: key is not in the index. */
static inline bool overlap_may_have(const struct overlap *o, uint64_t key)
{
	const uint64_t bits = overlap_filter_bits(key);

	return (o->filter[key >> 18 & o->filter_mask] & bits) == bits;
}

/* The slot of key, or the empty one where it belongs. */
static inline size_t overlap_slot(const struct overlap *o, uint64_t key)
{
	size_t i = key >> 18 & o->slot_mask;

	while (o->slots[i].gram && (o->slots[i].tag != key >> 32 || o->keys[o->slots[i].gram - 1] != key))
		i = (i + 1) & o->slot_mask;
	return i;
}

#endif
