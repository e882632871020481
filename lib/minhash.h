/* minhash.h - word shingles, MinHash signatures, bands, and the exact Jaccard similarity
 *
 * The similarity of two texts is the Jaccard index of their sets of word n-grams (shingles; Broder 1997).
 * A signature holds, for each of k permutations, the least image of the set: two signatures agree in one
 * place with probability J. Cut into b bands of r places, two signatures share at least one band with probability
 * 1 - (1 - J^r)^b (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, ch. 3). That finds candidates;
 * minhash_jaccard() decides.
 *
 * Shingles are 64-bit hashes of word hashes: two different ones in a pair of texts of a thousand words
 * are taken for the same with probability below 10^-12.
 */
#ifndef PREF_MINHASH_H
#define PREF_MINHASH_H

#include "text.h"

enum { MINHASH_MAX = 1024 };		/* permutations */

/* How a signature is read. */
struct minhash_plan {
	uint32_t bands, rows;		/* bands * rows <= permutations; the places left over are not used */
	double recall;			/* P(candidate) at exactly J = threshold */
};

/* The most rows, then the fewest bands, that keep the recall at `threshold` (0 < threshold <= 1) at or above
 * `recall`. With too few permutations for that: one row. */
struct minhash_plan minhash_plan(double threshold, uint32_t permutations, double recall);
/* 1 - (1 - J^rows)^bands. */
double minhash_recall(const struct minhash_plan *plan, double jaccard);

/* Number of shingles that shingles_put() will write for these words of a text. */
size_t shingles_count(struct span text, size_t n_words, uint32_t ngram);
/* Hash the runs of ngram words. A text of fewer words is one shingle: its words, or, if it has none (only
 * punctuation or emoji), its bytes without blanks at both ends. A blank text has none. Not sorted, and
 * repeated as the text repeats itself. Returns shingles_count(). */
size_t shingles_put(struct span text, const struct word *w, size_t n_words, uint32_t ngram, uint64_t *to);

/* sig[i] = min over the shingles of (a_i * x + b_i) mod 2^32, with x the upper half of a shingle and a_i
 * odd, so that each is a permutation of the 32-bit numbers. Of no shingles: all ones. Uses AVX-512 or
 * AVX2 where the processor has it; the result is the same everywhere. */
void minhash_sign(const uint64_t *shingles, size_t n, uint32_t *sig, uint32_t permutations);
/* One 32-bit key a band. */
void minhash_bands(const struct minhash_plan *plan, const uint32_t *sig, uint32_t *keys);

/* The low bytes of the first places of a signature: enough to tell from memory that two sets are far from
 * the threshold. Two sketches of n places agree in Binomial(n, J + (1 - J) / 256). */
enum { MINHASH_SKETCH = 128 };
struct minhash_sketch {
	uint8_t v[MINHASH_SKETCH];	/* places beyond the permutations are 0 */
};
void minhash_sketch(const uint32_t *sig, uint32_t permutations, struct minhash_sketch *sketch);
/* In how many of the first n places two sketches agree. */
uint32_t minhash_sketch_agree(const struct minhash_sketch *a, const struct minhash_sketch *b, uint32_t n);
/* The most places out of n in which sketches must agree so that sets at the threshold do with
 * probability `recall`. */
uint32_t minhash_sketch_cut(double threshold, uint32_t n, double recall);

/* |A and B| / |A or B| of the sets in two arrays (repetitions do not count); two empty sets: 1.
 * *scratch is grown as needed; free() it in the end. */
struct jaccard_scratch {
	uint64_t *v;
	size_t room;
};
double minhash_jaccard(const uint64_t *a, size_t na, const uint64_t *b, size_t nb,
	struct jaccard_scratch *scratch);

#endif
