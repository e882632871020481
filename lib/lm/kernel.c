/* kernel - the kernels for each instruction set, and the choice */
#include "lm/kernel.h"

#include <math.h>

enum { LANES = 16 };

#if defined __GNUC__ && !defined __clang__
#define VECTORISED __attribute__((optimize("O3")))
#define AVX512 "avx512f,prefer-vector-width=512"
#else
#define VECTORISED
#define AVX512 "avx512f"
#endif

/* exp(x) = 2^n exp(r), |r| <= log(2) / 2: r by subtracting n log(2) in two parts, exp(r) by a polynomial (the
 * coefficients of Cephes' expf), 2^n by its bits. x is held within what a float can take. */
static inline __attribute__((always_inline)) float exp_near(float x)
{
	const float rounds = 12582912;		/* 1.5 * 2^23: adding it rounds to an integer */
	float n, r, y, two_n;
	uint32_t bits;

	x = x < -87.33f ? -87.33f : x;
	x = x > 88.02f ? 88.02f : x;
	n = x * 1.44269504f + rounds;
	memcpy(&bits, &n, sizeof bits);
	n -= rounds;
	r = x - n * 0.693359375f - n * -2.12194440e-4f;
	y = 1.9875691500e-4f;
	y = y * r + 1.3981999507e-3f;
	y = y * r + 8.3334519073e-3f;
	y = y * r + 4.1665795894e-2f;
	y = y * r + 1.6666665459e-1f;
	y = y * r + 5.0000001201e-1f;
	y = y * r * r + r + 1;
	bits = (bits + 127) << 23;
	memcpy(&two_n, &bits, sizeof two_n);
	return y * two_n;
}

#define NAME(x) x##_plain
#define TARGET VECTORISED
#include "lm/kernel_body.h"

#ifdef __x86_64__
#define NAME(x) x##_avx2
#define TARGET VECTORISED __attribute__((target("avx2")))
#include "lm/kernel_body.h"

#define NAME(x) x##_avx512
#define TARGET VECTORISED __attribute__((target(AVX512)))
#include "lm/kernel_body.h"
#endif

const struct kernels *kernels_named(const char *name)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (strcmp(name, "avx2") == 0)
		return __builtin_cpu_supports("avx2") ? &kernels_avx2 : NULL;
	if (strcmp(name, "avx512") == 0)
		return __builtin_cpu_supports("avx512f") ? &kernels_avx512 : NULL;
#endif
	return strcmp(name, "plain") == 0 ? &kernels_plain : NULL;
}

const struct kernels *kernels(void)
{
	static const char *const order[] = { "avx512", "avx2", "plain" };
	const struct kernels *k = NULL;

	for (size_t i = 0; !k; i++)
		k = kernels_named(order[i]);
	return k;
}
