/* lm_quant - blocks of known bytes against the figures of the gguf package; halves against all their values
 *
 * A block's bytes are 7 i + 3 (mod 256), but for d = 0.25 and m = 0.5. (All of 400 random blocks of each type are compared
 * in tests/golden/lm.py.)
 */
#include "lm/quant.h"

#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

static void test_blocks(void **state)
{
	static const struct {
		enum quant type;
		int d, m;		/* where they are; m 0: there is none */
		double y[7];		/* 0, 1, 15, 16, 31, half + 5, last */
		double sum;		/* of (i + 1) y[i] */
	} cases[] = {
		{ QUANT_Q8_0, 0, 0, { 4.25, 6, 30.5, -31.75, -5.5, -23, -5.5 }, -3748 },
		{ QUANT_Q4_0, 0, 0, { -1.75, 0, 0.5, -1.75, -0.25, -1.25, -0.25 }, -381.25 },
		{ QUANT_Q4_1, 0, 2, { 4.25, 2, 2.5, 0.75, 2.5, 1.5, 2.5 }, 1002 },
		{ QUANT_Q5_0, 0, 0, { 3.25, -3, -2.5, 0.5, -1.75, -2.75, -1.75 }, -429.75 },
		{ QUANT_Q5_1, 0, 2, { 7.25, 5, 1.5, 5.25, 3, 5.75, 3 }, 2059.5 },
		{ QUANT_Q4_K, 0, 2, { -6.25, 48, 63.5, -6.25, 63.5, 8, 31 }, 917340 },
		{ QUANT_Q5_K, 0, 2, { 117.75, 48, 63.5, 117.75, 63.5, 36, 25 }, 2170768 },
		{ QUANT_Q6_K, 208, 0, { 318.25, 167.5, -335, 351.5, -370, 184.5, 525 }, -971426 },
	};

	(void)state;
	for (size_t c = 0; c < COUNT(cases); c++) {
		const struct quant_type *q = quant_type(cases[c].type);
		const size_t n = q->values, at[7] = { 0, 1, 15, 16, 31, n / 2 + 5, n - 1 };
		unsigned char block[512];
		float y[512];
		double sum = 0;

		for (unsigned i = 0; i < q->bytes; i++)
			block[i] = (unsigned char)(7 * i + 3);
		memcpy(block + cases[c].d, "\0\x34", 2);
		if (cases[c].m)
			memcpy(block + cases[c].m, "\0\x38", 2);
		/* Twice, and not aligned. */
		memmove(block + q->bytes, block, q->bytes);
		memmove(block + 1, block, 2 * q->bytes);
		quant_expand(cases[c].type, block + 1, 2 * n, y);
		for (int i = 0; i < 7; i++)
			assert_true(y[at[i]] == cases[c].y[i]);
		for (size_t i = 0; i < n; i++)
			sum += (double)(i + 1) * y[i];
		assert_true(sum == cases[c].sum);
		assert_memory_equal(y, y + n, n * sizeof *y);
	}
}

static void test_halves(void **state)
{
	(void)state;
	for (unsigned h = 0; h < 0x10000; h++) {
		const unsigned exponent = h >> 10 & 31, fraction = h & 1023;
		const double sign = h >> 15 ? -1 : 1;
		const float x = quant_f16((uint16_t)h);
		float y;

		if (exponent == 31)
			assert_true(fraction ? isnan(x) : isinf(x) && (x < 0) == (h >> 15));
		else if (exponent)
			assert_true(x == sign * ldexp(1024 + fraction, (int)exponent - 25));
		else
			assert_true(x == sign * ldexp(fraction, -24));
		assert_int_equal(signbit(x) != 0, h >> 15);
		quant_expand(QUANT_F16, &(uint16_t){ (uint16_t)h }, 1, &y);
		assert_memory_equal(&x, &y, 4);
	}
}

static void test_bfloat(void **state)
{
	static const struct {
		float x;
		uint16_t to;
	} cases[] = {
		{ 1, 0x3f80 }, { -2, 0xc000 }, { 0, 0 }, { 1.00390625f, 0x3f80 }, { 1.0117188f, 0x3f82 }, { 1.0039064f, 0x3f81 },
		{ 3.4e38f, 0x7f80 }, { INFINITY, 0x7f80 }, { 1e-40f, 0x0001 },
	};
	uint16_t nan = quant_to_bf16(NAN);
	float y;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(quant_to_bf16(cases[i].x), cases[i].to);
	quant_expand(QUANT_BF16, &nan, 1, &y);
	assert_true(isnan(y));
	quant_expand(QUANT_BF16, &(uint16_t){ 0xc000 }, 1, &y);
	assert_true(y == -2);
	assert_null(quant_type(4));
	assert_null(quant_type(UINT32_MAX));
	assert_string_equal(quant_type(QUANT_Q6_K)->name, "Q6_K");
}

/* Every half comes back; between two of them the nearer one is taken, of two that are as near the even one. */
static void test_to_f16(void **state)
{
	(void)state;
	for (uint32_t h = 0; h < 0x10000; h++) {
		const float x = quant_f16((uint16_t)h), up = quant_f16((uint16_t)(h + 1)), middle = (x + up) / 2;

		if (isnan(x)) {
			assert_true(isnan(quant_f16(quant_to_f16(x))));
			continue;
		}
		assert_int_equal(quant_to_f16(x), h);
		if ((h & 0x7fff) >= 0x7bff)
			continue;
		assert_int_equal(quant_to_f16(middle), h + (h & 1));
		assert_int_equal(quant_to_f16(nextafterf(middle, x)), h);
		assert_int_equal(quant_to_f16(nextafterf(middle, up)), h + 1);
	}
	assert_int_equal(quant_to_f16(65519.0f), 0x7bff);
	assert_int_equal(quant_to_f16(-65520.0f), 0xfc00);
	assert_int_equal(quant_to_f16(1e30f), 0x7c00);
	assert_int_equal(quant_to_f16(-1e-30f), 0x8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_to_f16), cmocka_unit_test(test_blocks), cmocka_unit_test(test_halves), cmocka_unit_test(test_bfloat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
