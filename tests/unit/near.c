/* near - the unit test of lib/near.c */
#include "../../lib/near.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../lib/random.h"

enum { BANDS = 9, ITEMS = 6000 };

static uint32_t keys[ITEMS][BANDS];

/* A few keys that many share, among them 0 and the greatest, so that buckets overflow and wrap; the rest
 * anywhere. */
static void make_keys(void)
{
	static const uint32_t common[] = { 0, 1, 0xffffffff, 0xfffffffe, 0x80000000, 12345 };
	struct rng g = { .seed = 3 };

	for (size_t i = 0; i < ITEMS; i++)
		for (size_t b = 0; b < BANDS; b++)
			keys[i][b] = rng_below(&g, 30) == 0 ? common[rng_below(&g, COUNT(common))] :
				(uint32_t)rng_below(&g, i % 2 ? 3000 : UINT64_C(1) << 32);
}

static uint32_t shared(size_t i, size_t j)
{
	uint32_t n = 0;

	for (size_t b = 0; b < BANDS; b++)
		n += keys[i][b] == keys[j][b];
	return n;
}

/* All items that share a band, each once: against brute force, while the tables grow. */
static void finds_what_brute_force_finds(void **state)
{
	struct near *n = near_new(BANDS);
	static bool met[ITEMS];
	size_t found_any = 0;

	(void)state;
	make_keys();
	for (size_t i = 0; i < ITEMS; i++) {
		if (i % 37 == 0 || i > ITEMS - 50) {
			const uint32_t *items;
			size_t count = near_find(n, keys[i], &items), want = 0;

			for (size_t j = 0; j < i; j++) {
				want += shared(i, j) > 0;
				met[j] = false;
			}
			assert_int_equal(count, want);
			for (size_t k = 0; k < count; k++) {
				assert_true(items[k] < i && shared(i, items[k]) > 0 && !met[items[k]]);
				met[items[k]] = true;
			}
			found_any += count;
		}
		assert_int_equal(near_add(n, keys[i]), i);
	}
	assert_true(found_any > 1000);
	near_free(n);
	near_free(NULL);
}

int main(void)
{
	const struct CMUnitTest near[] = {
		cmocka_unit_test(finds_what_brute_force_finds),
	};

	return cmocka_run_group_tests(near, NULL, NULL);
}
