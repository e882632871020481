/* sgemm - products of float matrices: the kernels for each instruction set, and the choice */
#include "lm/sgemm.h"

#include "lm/quant.h"

enum { TERMS = 192, FEW_ROWS = 32 };

#ifdef __x86_64__
#include <immintrin.h>

/* to[t][c] = from[c][t] */
static inline __attribute__((always_inline, target("avx2,fma"))) void turn_8x8(float *to, size_t ldt, const float *from,
	size_t ldf)
{
	__m256 r[8], s[8];

	for (int i = 0; i < 8; i++)
		r[i] = _mm256_loadu_ps(from + (size_t)i * ldf);
	for (int i = 0; i < 8; i += 2) {
		s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
		s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
	}
	for (int i = 0; i < 8; i += 4) {
		r[i] = _mm256_shuffle_ps(s[i], s[i + 2], _MM_SHUFFLE(1, 0, 1, 0));
		r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], _MM_SHUFFLE(3, 2, 3, 2));
		r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], _MM_SHUFFLE(1, 0, 1, 0));
		r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], _MM_SHUFFLE(3, 2, 3, 2));
	}
	for (int i = 0; i < 4; i++) {
		_mm256_storeu_ps(to + (size_t)i * ldt, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
		_mm256_storeu_ps(to + (size_t)(i + 4) * ldt, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
	}
}

#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)

static inline __attribute__((always_inline, target("avx2,fma"))) float sum_8(__m256 x)
{
	__m128 h = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));

	h = _mm_add_ps(h, _mm_movehl_ps(h, h));
	return _mm_cvtss_f32(_mm_add_ss(h, _mm_movehdup_ps(h)));
}

#define NAME(x) x##_avx2
#define SGEMM_NAME "avx2"
#define TARGET __attribute__((target("avx2,fma")))
#define vec __m256
#define WIDTH 8
#define ROWS 6
#define FEW 3
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, x) _mm256_storeu_ps(p, x)
#define ALL(x) _mm256_set1_ps(x)
#define ZERO() _mm256_setzero_ps()
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ADD(a, b) _mm256_add_ps(a, b)
#define SUM(x) sum_8(x)
#define elem float
#define WORD LOAD
#define TIMES(a, b) ((a) * (b))
#include "lm/sgemm_body.h"

#define NAME(x) x##_avx512
#define SGEMM_NAME "avx512"
#define TARGET __attribute__((target("avx2,fma,avx512f")))
#define vec __m512
#define WIDTH 16
#define ROWS 12
#define FEW 5
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, x) _mm512_storeu_ps(p, x)
#define ALL(x) _mm512_set1_ps(x)
#define ZERO() _mm512_setzero_ps()
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define ADD(a, b) _mm512_add_ps(a, b)
#define SUM(x) _mm512_reduce_add_ps(x)
#define elem float
#define WORD LOAD
#define TIMES(a, b) ((a) * (b))
#include "lm/sgemm_body.h"

/* Two numbers in bf16, the first in the lower half. */
typedef uint32_t __attribute__((may_alias)) pair;

static inline float half(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static float times(pair a, pair b)
{
	return half(a << 16) * half(b << 16) + half(a & 0xffff0000) * half(b & 0xffff0000);
}

#define NAME(x) x##_bf16
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512bf16")))
#define vec __m512
#define WIDTH 16
#define ROWS 12
#define FEW 5
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, x) _mm512_storeu_ps(p, x)
#define ZERO() _mm512_setzero_ps()
#define FMA(a, b, c) _mm512_dpbf16_ps(c, (__m512bh)(a), (__m512bh)(b))
#define ADD(a, b) _mm512_add_ps(a, b)
#define SUM(x) _mm512_reduce_add_ps(x)
#define elem pair
#define WORD(p) _mm512_castsi512_ps(_mm512_loadu_si512(p))
#define ALL(x) _mm512_castsi512_ps(_mm512_set1_epi32((int)(x)))
#define TIMES(a, b) times(a, b)
#include "lm/sgemm_body.h"

static __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) void round_bf16(uint16_t *to, const float *x, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm256_storeu_si256((__m256i *)(to + i), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + i)));
	for (; i < n; i++)
		to[i] = quant_to_bf16(x[i]);
}

static void product_bf16(float *y, size_t ldy, const uint16_t *x, size_t ldx, const uint16_t *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	nt_bf16(y, ldy, (const pair *)(const void *)x, ldx / 2, (const pair *)(const void *)w, ldw / 2, m, n, k / 2, add);
}

static const struct sgemm_bf16 bf16 = { product_bf16, round_bf16 };
#endif

const struct sgemm_bf16 *sgemm_bf16(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		return &bf16;
#endif
	return NULL;
}

const struct sgemm *sgemm_named(const char *name)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (strcmp(name, "avx2") == 0)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &sgemm_avx2 : NULL;
	if (strcmp(name, "avx512") == 0)
		return __builtin_cpu_supports("avx512f") ? &sgemm_avx512 : NULL;
#endif
	(void)name;
	return NULL;
}

const struct sgemm *sgemm(void)
{
	const struct sgemm *best = sgemm_named("avx512");

	return best ? best : sgemm_named("avx2");
}
