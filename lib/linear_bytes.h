/* linear_bytes.h - inside lib/linear*.c only: numbers in model files, little-endian */
#ifndef PREF_LINEAR_BYTES_H
#define PREF_LINEAR_BYTES_H

#include "hash.h"
#include "linear.h"

static inline void put(struct buf *b, uint64_t x, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_addc(b, (char)(x >> 8 * i));
}

static inline void put_float(struct buf *b, float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	put(b, bits, 4);
}

static inline void put_double(struct buf *b, double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	put(b, bits, 8);
}

/* What is left to read; the caller has made sure that it is there. */
static inline uint64_t get(const char **p, int bytes)
{
	uint64_t x = 0;

	for (int i = 0; i < bytes; i++)
		x |= (uint64_t)(unsigned char)(*p)[i] << 8 * i;
	*p += bytes;
	return x;
}

static inline float get_float(const char **p, bool *finite)
{
	uint32_t bits = (uint32_t)get(p, 4);
	float x;

	memcpy(&x, &bits, sizeof x);
	*finite &= isfinite(x) != 0;
	return x;
}

static inline double get_double(const char **p, bool *finite)
{
	uint64_t bits = get(p, 8);
	double x;

	memcpy(&x, &bits, sizeof x);
	*finite &= isfinite(x) != 0;
	return x;
}

/* Every file begins with 8 bytes that tell its kind, the version of its format and that of the features, and ends with the
 * XXH3-64 of all before. */
static inline void put_begin(struct buf *b, const char magic[8], uint32_t version)
{
	buf_add(b, (struct span){ magic, 8 });
	put(b, version, 4);
	put(b, LINEAR_FEATURES_VERSION, 4);
}

static inline void put_end(struct buf *b, size_t from)
{
	put(b, hash64((struct span){ b->p + from, b->n - from }, 0), 8);
}

/* NULL, and *p is behind the beginning; or why it is no such file. head: bytes that every file of this kind has before the end.
 * other: what is said of files of another kind. */
static inline const char *get_begin(struct span bytes, const char magic[8], uint32_t version, size_t head, const char *other,
	const char **p)
{
	const char *tail;

	*p = bytes.p + 8;
	if (!span_starts(bytes, (struct span){ magic, 8 }))
		return other;
	if (bytes.n < head + 8)
		return "the model is cut short";
	if (get(p, 4) != version)
		return "a model of another version of the format";
	if (get(p, 4) != LINEAR_FEATURES_VERSION)
		return "a model of other features than those of this version";
	tail = bytes.p + bytes.n - 8;
	return get(&tail, 8) == hash64(span_cut(bytes, 0, bytes.n - 8), 0) ? NULL : "the model is damaged: its checksum is wrong";
}

#endif
