/* text_ascii.h - inside lib/text*.c only: words of ASCII, many at a time, and what hashes a word
 *
 * Bytes are classified 64 at a time (AVX-512, AVX2, or eight at a time in plain C: the same everywhere), borders
 * of words are where neighbouring bits differ.
 */
#ifndef PREF_TEXT_ASCII_H
#define PREF_TEXT_ASCII_H

#include "hash.h"
#include "text.h"

#define EACH_BYTE 0x0101010101010101ULL
#define TOP_BITS (0x80 * EACH_BYTE)

/* Bytes p[0, 8) as a number whose lowest byte is p[0]; beyond end they are 0. */
static inline uint64_t load8(const char *p, const char *end)
{
	uint64_t x = 0;

	if (end - p >= 8)
		memcpy(&x, p, 8);
	else
		memcpy(&x, p, (size_t)(end - p));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

static inline void store8(char *p, uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	memcpy(p, &x, 8);
}

/* Top bits of the bytes of x that are ASCII letters; *digits those that are ASCII digits. */
static inline uint64_t letters8(uint64_t x, uint64_t *digits)
{
	uint64_t low7 = x & ~TOP_BITS, lower = low7 | 0x20 * EACH_BYTE;
	uint64_t ascii = ~x & TOP_BITS;

	*digits = (low7 + (0x80 - '0') * EACH_BYTE) & ~(low7 + (0x7f - '9') * EACH_BYTE) & ascii;
	return (lower + (0x80 - 'a') * EACH_BYTE) & ~(lower + (0x7f - 'z') * EACH_BYTE) & ascii;
}

/* The first n of the eight bytes of x. */
static inline uint64_t first_bytes(uint64_t x, size_t n)
{
	return n >= 8 ? x : x & ((1ULL << 8 * n) - 1);
}

/* Hash of a folded word; at least 16 bytes can be read. Nearly all words are this short, and a length that
 * cannot be foreseen costs a general hash more than the hashing. One step is a bijection of eight bytes,
 * and no word has a zero byte, so that words of up to eight bytes never collide. */
static inline uint64_t word_hash(const char *p, size_t n)
{
	if (n > 16)
		return hash64((struct span){ p, n }, 0);
	return mix64(mix64(first_bytes(load8(p, p + 8), n) ^ 0x9e3779b97f4a7c15ULL) +
		(n > 8 ? first_bytes(load8(p + 8, p + 16), n - 8) : 0));
}

/* Append the words of s from byte `at`, where no word is under way, up to the first that is longer than 500
 * bytes or that may touch what is not ASCII. Returns where to go on; `at` itself if there is nothing to gain. */
size_t text_ascii_words(struct span s, size_t at, struct words *w);

#endif
