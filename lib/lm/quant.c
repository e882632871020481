/* quant - one small function a format, its block in the comment above it
 *
 * d, m, dmin are halves (IEEE 754 binary16). y: the values of the block in order.
 */
#include "lm/quant.h"

/* (The choice at load time runs before ThreadSanitizer is ready.) */
#if defined __GNUC__ && !defined __clang__ && defined __x86_64__ && !defined __SANITIZE_THREAD__
#define VECTORISED __attribute__((optimize("O3"), target_clones("avx512f", "avx2", "default")))
#else
#define VECTORISED
#endif

enum { BLOCK = 32, SUPER = 256 };

static inline uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline float from_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* The exponent is moved by multiplication, which is right for subnormal numbers too. */
float quant_f16(uint16_t h)
{
	const uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7fff;

	if (rest >= 0x7c00)
		return from_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);
	return (sign ? -1.0f : 1.0f) * (from_bits(rest << 13) * 0x1p112f);
}

uint16_t quant_to_f16(float x)
{
	const float half = 0.5f;
	uint32_t bits, sign, base;

	memcpy(&bits, &x, sizeof bits);
	sign = bits >> 16 & 0x8000;
	bits &= 0x7fffffff;
	if (bits > 0x7f800000)
		return (uint16_t)(sign | 0x7e00);
	if (bits >= 0x477ff000)
		return (uint16_t)(sign | 0x7c00);
	if (bits < 0x38800000) {		/* subnormal: the last bit of a half plus this is its unit, 2^-24 */
		memcpy(&x, &bits, sizeof x);
		x += half;
		memcpy(&bits, &x, sizeof bits);
		memcpy(&base, &half, sizeof base);
		return (uint16_t)(sign | (bits - base));
	}
	return (uint16_t)(sign | (bits + 0xfff + (bits >> 13 & 1) - (112u << 23)) >> 13);
}

uint16_t quant_to_bf16(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	if ((bits & 0x7fffffff) > 0x7f800000)
		return (uint16_t)(bits >> 16 | 0x40);
	return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void expand_f32(const unsigned char *restrict p, size_t n, float *restrict y)
{
	memcpy(y, p, n * sizeof *y);
}

static VECTORISED void expand_f16(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = quant_f16(get16(p + 2 * i));
}

static VECTORISED void expand_bf16(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = from_bits((uint32_t)get16(p + 2 * i) << 16);
}

/* 34 bytes: d, 32 x i8 q.  y = q d */
static VECTORISED void expand_q8_0(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / BLOCK * 34; p < end; p += 34, y += BLOCK) {
		const float d = quant_f16(get16(p));

		for (int i = 0; i < BLOCK; i++)
			y[i] = (float)(signed char)p[2 + i] * d;
	}
}

/* 18 bytes: d, 16 bytes of nibbles, low ones y[0, 16), high ones y[16, 32).  y = (q - 8) d */
static VECTORISED void expand_q4_0(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / BLOCK * 18; p < end; p += 18, y += BLOCK) {
		const float d = quant_f16(get16(p));

		for (int i = 0; i < BLOCK / 2; i++) {
			y[i] = (float)((p[2 + i] & 15) - 8) * d;
			y[i + BLOCK / 2] = (float)((p[2 + i] >> 4) - 8) * d;
		}
	}
}

/* 20 bytes: d, m, nibbles as in Q4_0.  y = q d + m */
static VECTORISED void expand_q4_1(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / BLOCK * 20; p < end; p += 20, y += BLOCK) {
		const float d = quant_f16(get16(p)), m = quant_f16(get16(p + 2));

		for (int i = 0; i < BLOCK / 2; i++) {
			y[i] = (float)(p[4 + i] & 15) * d + m;
			y[i + BLOCK / 2] = (float)(p[4 + i] >> 4) * d + m;
		}
	}
}

/* Value i of a block of 5-bit numbers: nibbles as in Q4_0, the fifth bit is bit i of `high`. */
static inline int five(const unsigned char *nibbles, uint32_t high, int i)
{
	const int low = i < BLOCK / 2 ? nibbles[i] & 15 : nibbles[i - BLOCK / 2] >> 4;

	return low | (int)(high >> i & 1) << 4;
}

static inline uint32_t get32(const unsigned char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* 22 bytes: d, u32 of fifth bits, nibbles.  y = (q - 16) d */
static void expand_q5_0(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / BLOCK * 22; p < end; p += 22, y += BLOCK) {
		const float d = quant_f16(get16(p));

		for (int i = 0; i < BLOCK; i++)
			y[i] = (float)(five(p + 6, get32(p + 2), i) - 16) * d;
	}
}

/* 24 bytes: d, m, u32 of fifth bits, nibbles.  y = q d + m */
static void expand_q5_1(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / BLOCK * 24; p < end; p += 24, y += BLOCK) {
		const float d = quant_f16(get16(p)), m = quant_f16(get16(p + 2));

		for (int i = 0; i < BLOCK; i++)
			y[i] = (float)five(p + 8, get32(p + 4), i) * d + m;
	}
}

/* Scale and minimum of the k-th 32 values of Q4_K and Q5_K, 6 bits each in 12 bytes: four scales and four
 * minima in the low 6 bits of s[0, 8); the other four in the nibbles of s[8, 12), their upper two bits at the
 * top of s[0, 8). */
static void scale_and_min(const unsigned char *s, int k, int *scale, int *min)
{
	if (k < 4) {
		*scale = s[k] & 63;
		*min = s[k + 4] & 63;
	} else {
		*scale = (s[k + 4] & 15) | s[k - 4] >> 6 << 4;
		*min = s[k + 4] >> 4 | s[k] >> 6 << 4;
	}
}

/* 144 bytes for 256: d, dmin, 12 bytes of scales and minima, 128 bytes of nibbles: 32 bytes are two times 32
 * values, the low nibbles first.  y = q d scale - dmin min */
static void expand_q4_k(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / SUPER * 144; p < end; p += 144)
		for (int k = 0; k < 8; k++, y += BLOCK) {
			const unsigned char *q = p + 16 + k / 2 * 32;
			int scale, min;
			float d, m;

			scale_and_min(p + 4, k, &scale, &min);
			d = quant_f16(get16(p)) * (float)scale;
			m = quant_f16(get16(p + 2)) * (float)min;
			for (int i = 0; i < BLOCK; i++)
				y[i] = (float)(q[i] >> k % 2 * 4 & 15) * d - m;
		}
}

/* 176 bytes for 256: d, dmin, 12 bytes as in Q4_K, 32 bytes of fifth bits (bit k of byte i belongs to value i of
 * the k-th 32), 128 bytes of nibbles as in Q4_K.  y = q d scale - dmin min */
static void expand_q5_k(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / SUPER * 176; p < end; p += 176)
		for (int k = 0; k < 8; k++, y += BLOCK) {
			const unsigned char *q = p + 48 + k / 2 * 32, *high = p + 16;
			int scale, min;
			float d, m;

			scale_and_min(p + 4, k, &scale, &min);
			d = quant_f16(get16(p)) * (float)scale;
			m = quant_f16(get16(p + 2)) * (float)min;
			for (int i = 0; i < BLOCK; i++)
				y[i] = (float)((q[i] >> k % 2 * 4 & 15) | (high[i] >> k & 1) << 4) * d - m;
		}
}

/* 210 bytes for 256: 128 bytes of low nibbles, 64 bytes of upper two bits, 16 x i8 scale of 16 values each, d.
 * A half (128 values) has 64 and 32 bytes of them; its k-th 32 values have the low (k < 2) or high nibbles of
 * bytes k%2*32.., and bits 2k, 2k+1 of the 32 bytes.  y = (q - 32) scale d */
static void expand_q6_k(const unsigned char *restrict p, size_t n, float *restrict y)
{
	for (const unsigned char *end = p + n / SUPER * 210; p < end; p += 210) {
		const float d = quant_f16(get16(p + 208));

		for (int k = 0; k < 8; k++, y += BLOCK) {
			const unsigned char *low = p + k / 4 * 64 + k % 2 * 32, *high = p + 128 + k / 4 * 32;

			for (int i = 0; i < BLOCK; i++) {
				const int q = (low[i] >> k % 4 / 2 * 4 & 15) | (high[i] >> k % 4 * 2 & 3) << 4;

				y[i] = (float)(q - 32) * (float)(signed char)p[192 + k * 2 + i / 16] * d;
			}
		}
	}
}

/* ---- the table ---- */

static const struct format {
	uint32_t number;
	struct quant_type type;
	void (*expand)(const unsigned char *p, size_t n, float *y);
} formats[] = {
	{ QUANT_F32, { "F32", 1, 4 }, expand_f32 },
	{ QUANT_F16, { "F16", 1, 2 }, expand_f16 },
	{ QUANT_BF16, { "BF16", 1, 2 }, expand_bf16 },
	{ QUANT_Q8_0, { "Q8_0", BLOCK, 34 }, expand_q8_0 },
	{ QUANT_Q4_0, { "Q4_0", BLOCK, 18 }, expand_q4_0 },
	{ QUANT_Q4_1, { "Q4_1", BLOCK, 20 }, expand_q4_1 },
	{ QUANT_Q5_0, { "Q5_0", BLOCK, 22 }, expand_q5_0 },
	{ QUANT_Q5_1, { "Q5_1", BLOCK, 24 }, expand_q5_1 },
	{ QUANT_Q4_K, { "Q4_K", SUPER, 144 }, expand_q4_k },
	{ QUANT_Q5_K, { "Q5_K", SUPER, 176 }, expand_q5_k },
	{ QUANT_Q6_K, { "Q6_K", SUPER, 210 }, expand_q6_k },
};

static const struct format *format(uint32_t type)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (formats[i].number == type)
			return &formats[i];
	return NULL;
}

const struct quant_type *quant_type(uint32_t type)
{
	const struct format *f = format(type);

	return f ? &f->type : NULL;
}

void quant_expand(enum quant type, const void *from, size_t n, float *to)
{
	const struct format *f = format(type);

	if (!f || n % f->type.values)
		bug("%zu values of type %d", n, (int)type);
	f->expand(from, n, to);
}
