/* trial_cache - any bytes as the file of pref-test --cache, behind a key that is asked for and as they are */
#include "fuzz.h"
#include "trial_cache.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TESTS = 3, KEY = 33 };

static const struct trial_rules rules;

/* The key of our code, as a line begins with it. */
static void learn_key(const struct trial *t, char key[KEY])
{
	enum trial_status status[TESTS] = { TRIAL_PASS, TRIAL_FAIL, TRIAL_CRASH };
	const struct trial_result r = { .status = status, .why = S("x") };
	int fd = memfd_create("cache", 0);
	const char *why;
	char path[32];
	struct trial_cache *c;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	c = trial_cache_open(path, &why);
	LAW(c && trial_cache_put(c, t, &rules, "direct", S("code"), &r) == 0);
	LAW(pread(fd, key, KEY, 0) == KEY);
	trial_cache_close(c);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char key[KEY];
	struct trial t = { .form = TRIAL_CASES, .language = language_find(S("sh")), .n = TESTS };
	static const char list[] = "{},{},{}";
	struct value tests[TESTS] = { { .raw = { list, 2 } }, { .raw = { list + 3, 2 } }, { .raw = { list + 6, 2 } } };
	enum trial_status status[TESTS];
	struct trial_result r = { .status = status };
	int fd = memfd_create("cache", 0);
	struct arena a = { 0 };
	struct trial_cache *c;
	const char *why;
	char path[32];

	t.tests = tests;
	if (!key[0])
		learn_key(&t, key);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (size && data[0] % 2)
		LAW(write(fd, key, KEY) == KEY);
	LAW(write(fd, data + (size > 0), size - (size > 0)) == (ssize_t)(size - (size > 0)));
	c = trial_cache_open(path, &why);
	if (c && trial_cache_find(c, &t, &rules, "direct", S("code"), &r, &a))
		for (size_t i = 0; i < TESTS; i++)
			LAW(status[i] <= TRIAL_VIOLATION && r.pass <= TESTS);
	trial_cache_close(c);
	arena_free(&a);
	close(fd);
	return 0;
}
