/* overlap.h - an exhaustive index of benchmark items, and which of them a record repeats
 *
 * An item is its words in order (text.h: letters and digits; case, punctuation and layout do not matter). An
 * n-gram is a run of n of them. A token of an item is covered if it lies in an n-gram that the record has, too;
 * an item is hit if the record covers more than a given share of its tokens: with n = 8 and a half that is the
 * rule of Tulu 3 (Lambert et al. 2024, section 3.2), with n = 13 and any n-gram at all that of GPT-3 (Brown et
 * al. 2020, appendix C). All n-grams of all items are in the index and all of a record are looked up: nothing is
 * sampled and no list of results is cut.
 *
 * Operators and brackets are no tokens, though benchmarks hold code. With every ASCII sign a token, or every
 * operator, HumanEval finds no item that words alone do not, and of its items with solution 153 or 155 instead of
 * 157 in the bare prompts: signs are what reformatting, markup and typography change. An item of fewer than n
 * words is the exception: it has little else to show, and must be there sign for sign.
 *
 * Stop n-grams: one that more than `stop` items of one benchmark share (items of the same words count once) is a
 * template, not evidence, wherever it is. It covers nothing, and a token that lies in no other n-gram of its item is
 * not counted among the item's tokens. An item made of stop n-grams alone keeps them.
 *
 * Whole items: one of fewer than n words is one n-gram of that many. From its first word to its last it must be
 * equal to what the record has, in normal form (text_normalise()), and one of fewer than OVERLAP_ALONE words must be
 * all that there is in a text: "thank you" is in every conversation.
 *
 * N-grams are 64-bit hashes: with a million in the index, 10^9 words of records give a false match with
 * probability below 10^-4.
 *
 * Memory: 32 to 43 bytes for each n-gram (about as many as words), 24 an item, 20 more a word while it is built; for
 * each thread 4 a n-gram and 4 an item, of which only what records have met is touched.
 */
#ifndef PREF_OVERLAP_H
#define PREF_OVERLAP_H

#include "base.h"

enum { OVERLAP_ALONE = 4, OVERLAP_NGRAM_MAX = 64 };

struct overlap_rule {
	uint32_t ngram;			/* words, 1 to OVERLAP_NGRAM_MAX */
	double coverage;		/* an item is hit when more than this share of it is covered; 0: by any n-gram */
	uint32_t stop;			/* at most so many items of a benchmark may share an n-gram; 0: any number */
};

struct overlap;				/* the index */

struct overlap *overlap_new(const struct overlap_rule *rule);
void overlap_free(struct overlap *o);	/* accepts NULL */

/* Add an item, which gets the next number, from 0. The items of a benchmark (a number) come one after another.
 * False: text has no word, so nothing was added. Dies (EXIT_SYSTEM) beyond 2^31 n-grams. */
bool overlap_add(struct overlap *o, uint32_t benchmark, struct span text);
/* After the last item and before the first search; from then on the index is only read. */
void overlap_build(struct overlap *o);

struct overlap_size {
	size_t items, ngrams, stop;	/* ngrams: different ones, with the stop n-grams */
	size_t bytes;			/* of memory, threads not counted */
};
struct overlap_size overlap_size(const struct overlap *o);

struct overlap_scratch;			/* one a thread */
struct overlap_scratch *overlap_scratch_new(const struct overlap *o);
void overlap_scratch_free(struct overlap_scratch *k);	/* accepts NULL */

/* What one record repeats. Borrowed from the scratch until its next search. */
struct overlap_found {
	const uint32_t *items;		/* the items hit, in no order of meaning */
	size_t n;
	uint32_t best;			/* the one with the greatest coverage, the first among equals */
	double coverage;		/* of best: 0 < coverage <= 1 */
	const bool *in;			/* for each text: does it have something of best? */
	struct span text;		/* the longest run of best's n-grams, in one of the texts */
};

/* Search a record, given as its texts: no n-gram spans two of them, what they cover adds up. True: f->n > 0. */
bool overlap_find(const struct overlap *o, const struct span *texts, size_t n, struct overlap_scratch *k,
	struct overlap_found *f);

#endif
