/* logp_cache: what was put is there after a crash at any byte, and for others who share the file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "lm/logp_cache.h"

static char path[] = "/tmp/pref-cache-XXXXXX";

static int make(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int clean(void **state)
{
	(void)state;
	return unlink(path);
}

static struct logp_cache *reopen(void)
{
	const char *why;
	struct logp_cache *c = logp_cache_open(path, &why);

	assert_null(why);
	return c;
}

static struct key128 key(uint64_t i)
{
	return hash128((struct span){ (const char *)&i, sizeof i }, 0);
}

static void test_torn(void **state)
{
	const long header = 16, entry = 32;

	(void)state;
	for (long cut = 0; cut <= entry; cut++) {
		struct logp_cache *c;
		double sum;

		assert_int_equal(truncate(path, 0), 0);
		c = reopen();
		for (uint64_t i = 0; i < 3; i++)
			assert_true(logp_cache_put(c, key(i), -1.5 * (double)i));
		logp_cache_close(c);
		assert_int_equal(truncate(path, header + 2 * entry + cut), 0);
		/* Two at once go on behind the torn piece. */
		c = reopen();
		struct logp_cache *other = reopen();

		assert_int_equal(logp_cache_size(c), cut == entry ? 3 : 2);
		assert_true(logp_cache_put(c, key(10), -10));
		assert_true(logp_cache_put(other, key(11), -11));
		assert_false(logp_cache_find(c, key(11), &sum));
		logp_cache_close(c);
		logp_cache_close(other);
		c = reopen();
		assert_int_equal(logp_cache_size(c), cut == entry ? 5 : 4);
		assert_true(logp_cache_find(c, key(1), &sum) && sum == -1.5);
		assert_true(logp_cache_find(c, key(10), &sum) && sum == -10);
		assert_true(logp_cache_find(c, key(11), &sum) && sum == -11);
		assert_false(logp_cache_find(c, key(12), &sum));
		logp_cache_close(c);
	}
}

/* The last byte is torn off, and what is put next happens to begin with it: both are found. */
static void test_completed(void **state)
{
	struct logp_cache *c;
	uint64_t next = 10;
	double sum;
	int last;
	FILE *f;

	(void)state;
	assert_int_equal(truncate(path, 0), 0);
	c = reopen();
	assert_true(logp_cache_put(c, key(1), -1) && logp_cache_put(c, key(2), -2));
	logp_cache_close(c);
	f = fopen(path, "r");
	fseek(f, -1, SEEK_END);
	last = fgetc(f);
	fclose(f);
	assert_int_equal(truncate(path, 16 + 32 + 31), 0);
	while ((int)(key(next).lo & 0xff) != last)
		next++;
	c = reopen();
	assert_int_equal(logp_cache_size(c), 1);
	assert_true(logp_cache_put(c, key(next), -3));
	logp_cache_close(c);
	c = reopen();
	assert_int_equal(logp_cache_size(c), 3);
	assert_true(logp_cache_put(c, key(4), -4));
	logp_cache_close(c);
	c = reopen();
	assert_int_equal(logp_cache_size(c), 4);
	assert_true(logp_cache_find(c, key(2), &sum) && sum == -2);
	assert_true(logp_cache_find(c, key(next), &sum) && sum == -3);
	logp_cache_close(c);
}

static void test_damaged(void **state)
{
	struct logp_cache *c;
	const char *why;
	double sum;
	FILE *f;

	(void)state;
	assert_int_equal(truncate(path, 0), 0);
	c = reopen();
	for (uint64_t i = 0; i < 3; i++)
		logp_cache_put(c, key(i), -1);
	logp_cache_close(c);
	f = fopen(path, "r+");
	fseek(f, 16 + 32 + 20, SEEK_SET);
	fputc(0x55, f);
	fclose(f);
	c = reopen();
	assert_int_equal(logp_cache_size(c), 2);
	assert_false(logp_cache_find(c, key(1), &sum));
	logp_cache_close(c);
	f = fopen(path, "w");
	fputs("{\"prompt\":1}\n", f);
	fclose(f);
	assert_null(logp_cache_open(path, &why));
	assert_string_equal(why, "is no cache of log-probs");
	assert_null(logp_cache_open("/nowhere/at/all", &why));
	assert_string_equal(why, "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_torn), cmocka_unit_test(test_completed), cmocka_unit_test(test_damaged) };

	return cmocka_run_group_tests(tests, make, clean);
}
