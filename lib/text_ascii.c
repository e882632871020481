/* text_ascii - words of ASCII, many at a time */
#include "text_ascii.h"

#include <pthread.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { BLOCK = 64, BLOCKS = 8, CHUNK = BLOCK * BLOCKS };

/* One block: a bit a byte. Bytes beyond its end are of no class. */
struct classes {
	uint64_t letters, digits, quotes, high;
};

/* Classify p[0, n), n <= BLOCK; low[0, BLOCK) is the same with letters in lower case, and zeros. */
typedef void classify_fn(const char *p, size_t n, struct classes *c, char *low);

/* Top bits of eight bytes, side by side. */
static inline uint64_t gather(uint64_t tops)
{
	return (tops >> 7) * 0x0102040810204080ULL >> 56;
}

static void classify_plain(const char *p, size_t n, struct classes *c, char *low)
{
	const char *end = p + n;

	*c = (struct classes){ 0 };
	memset(low, 0, BLOCK);
	for (size_t i = 0; i < n; i += 8) {
		uint64_t x = load8(p + i, end), digits, letters = letters8(x, &digits);
		uint64_t other = x ^ '\'' * EACH_BYTE;

		store8(low + i, x | letters >> 2);
		c->letters |= gather(letters) << i;
		c->digits |= gather(digits) << i;
		c->high |= gather(x & TOP_BITS) << i;
		/* A byte is zero if neither its low seven bits, carried, nor its top bit are there. */
		c->quotes |= gather(~((other & ~TOP_BITS) + ~TOP_BITS) & ~other & TOP_BITS) << i;
	}
}

static classify_fn *classify = classify_plain;

#ifdef __x86_64__
static __attribute__((target("avx2"))) void classify_avx2(const char *p, size_t n, struct classes *c, char *low)
{
	char tail[BLOCK] = { 0 };

	if (n < BLOCK) {
		memcpy(tail, p, n);
		p = tail;
	}
	*c = (struct classes){ 0 };
	for (int i = 0; i < BLOCK; i += 32) {
		const __m256i x = _mm256_loadu_si256((const __m256i *)(p + i));
		const __m256i lower = _mm256_or_si256(x, _mm256_set1_epi8(0x20));
		/* As signed numbers all that is not ASCII lies below. */
		const __m256i letters = _mm256_and_si256(_mm256_cmpgt_epi8(lower, _mm256_set1_epi8('a' - 1)),
			_mm256_cmpgt_epi8(_mm256_set1_epi8('z' + 1), lower));
		const __m256i digits = _mm256_and_si256(_mm256_cmpgt_epi8(x, _mm256_set1_epi8('0' - 1)),
			_mm256_cmpgt_epi8(_mm256_set1_epi8('9' + 1), x));
		const __m256i quotes = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\''));

		_mm256_storeu_si256((__m256i *)(low + i),
			_mm256_or_si256(x, _mm256_and_si256(letters, _mm256_set1_epi8(0x20))));
		c->letters |= (uint64_t)(uint32_t)_mm256_movemask_epi8(letters) << i;
		c->digits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(digits) << i;
		c->quotes |= (uint64_t)(uint32_t)_mm256_movemask_epi8(quotes) << i;
		c->high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(x) << i;
	}
}

static __attribute__((target("avx512bw"))) void classify_avx512(const char *p, size_t n, struct classes *c,
	char *low)
{
	const __m512i x = _mm512_maskz_loadu_epi8(n < BLOCK ? (1ULL << n) - 1 : ~0ULL, p);
	const __m512i lower = _mm512_or_si512(x, _mm512_set1_epi8(0x20));

	c->letters = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(lower, _mm512_set1_epi8('a')), _mm512_set1_epi8(26));
	c->digits = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
	c->quotes = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\''));
	c->high = _mm512_movepi8_mask(x);
	_mm512_storeu_si512(low, _mm512_mask_blend_epi8(c->letters, x, lower));
}
#endif

static void choose(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512bw"))
		classify = classify_avx512;
	else if (__builtin_cpu_supports("avx2"))
		classify = classify_avx2;
#endif
}

/* Up to CHUNK bytes: the first `n` of them, of which the first is not ASCII or the text ends there (`ends`). */
struct stretch {
	size_t n;
	bool ends;
	char low[CHUNK + 16];
	uint16_t border[CHUNK + 2];	/* beginnings and ends of words, in turn */
	size_t borders;
};

static void find_borders(struct span s, struct stretch *k)
{
	struct classes c[BLOCKS + 2] = { { 0 } };	/* c[i + 1] is block i */
	uint64_t before = 0;
	size_t blocks = 0;

	k->n = s.n < CHUNK ? s.n : CHUNK;
	k->ends = s.n <= CHUNK;
	while (blocks * BLOCK < k->n) {
		const size_t from = blocks * BLOCK, left = k->n - from;
		struct classes *b = &c[++blocks];

		classify(s.p + from, left < BLOCK ? left : BLOCK, b, k->low + from);
		if (b->high) {
			k->n = from + (size_t)__builtin_ctzll(b->high);
			k->ends = false;
		}
	}
	memset(k->low + blocks * BLOCK, 0, 16);
	k->borders = 0;
	for (size_t i = 1; i <= blocks; i++) {
		const uint64_t left = c[i].letters << 1 | c[i - 1].letters >> 63;
		const uint64_t right = c[i].letters >> 1 | c[i + 1].letters << 63;
		const uint64_t word = c[i].letters | c[i].digits | (c[i].quotes & left & right);

		for (uint64_t b = word ^ (word << 1 | before); b; b &= b - 1)
			k->border[k->borders++] = (uint16_t)((i - 1) * BLOCK + (size_t)__builtin_ctzll(b));
		before = word >> 63;
	}
	if (k->borders % 2)
		k->border[k->borders++] = (uint16_t)(blocks * BLOCK);
}

size_t text_ascii_words(struct span s, size_t at, struct words *w)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct stretch k;

	pthread_once(&once, choose);
	do {
		find_borders(span_cut(s, at, s.n), &k);
		if (w->room - w->n < COUNT(k.border) / 2) {
			w->room += w->room / 2 + COUNT(k.border);
			w->v = xreallocarray(w->v, w->room, sizeof *w->v);
		}
		for (size_t i = 0; i < k.borders; i += 2) {
			const size_t from = k.border[i], to = k.border[i + 1];

			/* A quote behind it and a letter behind that would go on with the word. */
			if (to + 1 >= k.n && !k.ends)
				return at + (from < k.n ? from : k.n);
			w->v[w->n++] = (struct word){
				word_hash(k.low + from, to - from), (uint32_t)(at + from), (uint32_t)(to - from)
			};
		}
		at += k.n;
	} while (k.n == CHUNK && !k.ends);
	return at;
}
