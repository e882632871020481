/* benchmark - the unit test of lib/benchmark.c: names of items and files (files themselves: tests/cases/decon.t) */
#include "../../lib/benchmark.c"

#include <setjmp.h>

#include <cmocka.h>

static void names_of_files(void **state)
{
	static const struct { const char *path, *name; } cases[] = {
		{ "HumanEval.jsonl.gz", "HumanEval" }, { "a/b.c/gsm8k-v1.1.txt", "gsm8k-v1.1" }, { "d/x.json", "x" },
		{ "plain", "plain" }, { ".jsonl", ".jsonl" }, { "y.ndjson.zst", "y" },
	};
	struct benchmarks set = { 0 };

	(void)state;
	now.set = &set;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(benchmark_name(cases[i].path), cases[i].name);
		GROW(set.v, set.n, set.room);
		set.v[set.n++] = (struct benchmark){ .path = cases[i].path, .name = cases[i].name };
		assert_string_equal(benchmark_name(cases[i].path), cases[i].path);	/* the name is taken */
	}
	benchmarks_free(&set);
}

/* Files without items share their place with the next. */
static void items_of_files(void **state)
{
	struct benchmark v[] = {
		{ .first = 0, .n = 0 }, { .first = 0, .n = 3 }, { .first = 3, .n = 0 }, { .first = 3, .n = 1 },
		{ .first = 4, .n = 0 }
	};
	const struct benchmarks b = { .v = v, .n = COUNT(v) };

	(void)state;
	assert_ptr_equal(benchmark_of(&b, 0), &v[1]);
	assert_ptr_equal(benchmark_of(&b, 2), &v[1]);
	assert_ptr_equal(benchmark_of(&b, 3), &v[3]);
}

static void name_item(const char *json, const char *want)
{
	struct arena a = { 0 };
	struct scan_index scratch = { 0 };
	struct benchmark file = { .name = "b" };
	struct rec r = { .at = { "b.jsonl", 7 } };
	struct span got;

	now.file = &file;
	assert_true(rec_open(&r, span_of(json), &a, &scratch));
	got = name_of(&r);
	if (!span_eq(got, span_of(want)))
		fail_msg("%.*s, not %s", ARG(got), want);
	scan_index_free(&scratch);
	arena_free(&a);
	arena_free(&now.arena);
}

static void names_of_items(void **state)
{
	(void)state;
	name_item("{\"id\":\"x\\u0041\",\"task_id\":\"t\"}", "xA");
	name_item("{\"id\":12345678901234567890123,\"task_id\":\"t\"}", "12345678901234567890123");
	name_item("{\"id\":null,\"task_id\":\"t/0\"}", "t/0");
	name_item("{\"id\":[1]}", "b:7");
}

int main(void)
{
	const struct CMUnitTest benchmark[] = {
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(items_of_files),
		cmocka_unit_test(names_of_items),
	};

	return cmocka_run_group_tests(benchmark, NULL, NULL);
}
