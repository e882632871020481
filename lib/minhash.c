/* minhash - word shingles, MinHash signatures, bands, and the exact Jaccard similarity */
#include "minhash.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "hash.h"

/* ---- plan ---- */

double minhash_recall(const struct minhash_plan *plan, double jaccard)
{
	return -expm1(plan->bands * log1p(-pow(jaccard, plan->rows)));
}

struct minhash_plan minhash_plan(double threshold, uint32_t permutations, double recall)
{
	struct minhash_plan best = { permutations, 1, 0 };

	for (uint32_t rows = 2; rows <= permutations; rows++) {
		const struct minhash_plan p = { permutations / rows, rows, 0 };

		if (minhash_recall(&p, threshold) >= recall)
			best = p;
	}
	while (best.bands > 1 && minhash_recall(&(struct minhash_plan){ best.bands - 1, best.rows, 0 }, threshold) >= recall)
		best.bands--;
	best.recall = minhash_recall(&best, threshold);
	return best;
}

/* ---- shingles ---- */

size_t shingles_count(struct span text, size_t n_words, uint32_t ngram)
{
	if (n_words >= ngram)
		return n_words - ngram + 1;
	return n_words > 0 || span_trim(text).n > 0;
}

/* A shingle is the polynomial sum of word[i] * B^(n-1-i) mod 2^64, mixed: words come and go at its ends. */
size_t shingles_put(struct span text, const struct word *w, size_t n_words, uint32_t ngram, uint64_t *to)
{
	const uint64_t base = 0x9e3779b97f4a7c15ULL;
	uint64_t gone = 1, sum = 0;
	size_t n = 0;

	if (n_words == 0) {
		text = span_trim(text);
		if (text.n > 0)
			to[n++] = hash64(text, ngram);
		return n;
	}
	if (n_words < ngram)
		ngram = (uint32_t)n_words;
	for (uint32_t i = 0; i < ngram; i++) {
		sum = sum * base + w[i].hash;
		gone *= base;
	}
	to[n++] = mix64(sum);
	for (size_t i = ngram; i < n_words; i++) {
		sum = sum * base + w[i].hash - w[i - ngram].hash * gone;
		to[n++] = mix64(sum);
	}
	return n;
}

/* ---- signatures ---- */

static uint32_t multiply[MINHASH_MAX] __attribute__((aligned(64)));
static uint32_t offset[MINHASH_MAX] __attribute__((aligned(64)));

enum { BLOCK = 64 };			/* permutations whose minima stay in registers */

#if defined __GNUC__ && !defined __clang__
#define VECTORISED __attribute__((optimize("O3")))
#define AVX512 "avx512f,prefer-vector-width=512"
#else
#define VECTORISED
#define AVX512 "avx512f"
#endif

#define SIGN_BODY \
	for (uint32_t from = 0; from < permutations; from += BLOCK) { \
		const uint32_t *a = multiply + from, *b = offset + from; \
		uint32_t least[BLOCK]; \
		memset(least, 0xff, sizeof least); \
		for (size_t s = 0; s < n; s++) { \
			const uint32_t x = (uint32_t)(shingles[s] >> 32); \
			for (int i = 0; i < BLOCK; i++) { \
				const uint32_t y = a[i] * x + b[i]; \
				least[i] = y < least[i] ? y : least[i]; \
			} \
		} \
		memcpy(sig + from, least, sizeof *sig * (permutations - from < BLOCK ? permutations - from : BLOCK)); \
	}

static VECTORISED void sign_plain(const uint64_t *shingles, size_t n, uint32_t *sig, uint32_t permutations)
{
	SIGN_BODY
}

static void (*sign)(const uint64_t *shingles, size_t n, uint32_t *sig, uint32_t permutations) = sign_plain;

#ifdef __x86_64__
static VECTORISED __attribute__((target("avx2"))) void sign_avx2(const uint64_t *shingles, size_t n,
	uint32_t *sig, uint32_t permutations)
{
	SIGN_BODY
}

static VECTORISED __attribute__((target(AVX512))) void sign_avx512(
	const uint64_t *shingles, size_t n, uint32_t *sig, uint32_t permutations)
{
	SIGN_BODY
}
#endif

static void choose(void)
{
	for (uint32_t i = 0; i < MINHASH_MAX; i++) {
		multiply[i] = (uint32_t)mix64(2 * i + 1) | 1;
		offset[i] = (uint32_t)mix64(2 * i + 2);
	}
#ifdef __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f"))
		sign = sign_avx512;
	else if (__builtin_cpu_supports("avx2"))
		sign = sign_avx2;
#endif
}

void minhash_sign(const uint64_t *shingles, size_t n, uint32_t *sig, uint32_t permutations)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, choose);
	if (permutations > MINHASH_MAX)
		bug("%u permutations", permutations);
	sign(shingles, n, sig, permutations);
}

void minhash_bands(const struct minhash_plan *plan, const uint32_t *sig, uint32_t *keys)
{
	for (uint32_t i = 0; i < plan->bands; i++) {
		uint64_t h = i;

		for (uint32_t k = 0; k < plan->rows; k++) {
			h = (h ^ *sig++) * 0x9e3779b97f4a7c15ULL;
			h ^= h >> 32;
		}
		keys[i] = (uint32_t)(mix64(h) >> 32);
	}
}

/* ---- sketches ---- */

void minhash_sketch(const uint32_t *sig, uint32_t permutations, struct minhash_sketch *sketch)
{
	*sketch = (struct minhash_sketch){ 0 };
	for (uint32_t i = 0; i < permutations && i < MINHASH_SKETCH; i++)
		sketch->v[i] = (uint8_t)sig[i];
}

VECTORISED uint32_t minhash_sketch_agree(const struct minhash_sketch *a, const struct minhash_sketch *b, uint32_t n)
{
	uint8_t differ = 0;

	_Static_assert(MINHASH_SKETCH <= UINT8_MAX, "the sum is a byte");
	for (int i = 0; i < MINHASH_SKETCH; i++)
		differ += a->v[i] != b->v[i];
	return (n < MINHASH_SKETCH ? n : MINHASH_SKETCH) - differ;
}

/* P(Binomial(n, p) < least). */
static double binomial_below(uint32_t n, double p, uint32_t least)
{
	double sum = 0;

	for (uint32_t i = 0; i < least && p < 1; i++)
		sum += exp(lgamma(n + 1.) - lgamma(i + 1.) - lgamma(n - i + 1.) + i * log(p) + (n - i) * log1p(-p));
	return sum;
}

uint32_t minhash_sketch_cut(double threshold, uint32_t n, double recall)
{
	uint32_t cut = 0;

	n = n < MINHASH_SKETCH ? n : MINHASH_SKETCH;
	while (cut < n && 1 - binomial_below(n, threshold, cut + 1) >= recall)
		cut++;
	return cut;
}

/* ---- similarity ---- */

/* Slot of x, or the empty one where it belongs. 0 is empty, so that x is never 0. */
static inline size_t slot(const uint64_t *v, size_t mask, uint64_t x)
{
	size_t i = x & mask;

	while (v[i] && v[i] != x)
		i = (i + 1) & mask;
	return i;
}

double minhash_jaccard(const uint64_t *a, size_t na, const uint64_t *b, size_t nb,
	struct jaccard_scratch *scratch)
{
	size_t slots = 64, both = 0, either = 0;
	uint64_t *v;
	unsigned char *met;

	while (slots < 2 * (na + nb))
		slots *= 2;
	if (slots > scratch->room) {
		scratch->room = slots;
		scratch->v = xreallocarray(scratch->v, slots, sizeof *v + 1);
	}
	v = scratch->v;
	met = (unsigned char *)(v + slots);
	memset(v, 0, slots * (sizeof *v + 1));
	for (size_t k = 0; k < na; k++) {
		uint64_t x = a[k] ? a[k] : 1;
		size_t i = slot(v, slots - 1, x);

		either += v[i] == 0;
		v[i] = x;
	}
	for (size_t k = 0; k < nb; k++) {
		uint64_t x = b[k] ? b[k] : 1;
		size_t i = slot(v, slots - 1, x);

		if (v[i] == 0)
			either++;
		else if (!met[i])
			both++;
		met[i] = 1;
		v[i] = x;
	}
	return either ? (double)both / (double)either : 1;
}
