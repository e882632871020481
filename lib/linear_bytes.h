/* linear_bytes.h - inside lib/linear*.c only: numbers in model files, little-endian */
#ifndef PREF_LINEAR_BYTES_H
#define PREF_LINEAR_BYTES_H

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

#endif
