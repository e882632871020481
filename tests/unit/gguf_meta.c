/* gguf_meta - the unit test of lib/lm/gguf_meta.c: a file made here, and every way to cut it short */
#include "lm/gguf_meta.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static void put(struct buf *b, uint64_t x, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_addc(b, (char)(x >> 8 * i));
}

static void put_text(struct buf *b, const char *text)
{
	put(b, strlen(text), 8);
	buf_adds(b, text);
}

static void put_key(struct buf *b, const char *key, enum gguf_type type)
{
	put_text(b, key);
	put(b, type, 4);
}

static void put_array(struct buf *b, const char *key, enum gguf_type type, uint64_t n)
{
	put_key(b, key, GGUF_ARRAY);
	put(b, type, 4);
	put(b, n, 8);
}

static void put_head(struct buf *b, uint32_t version, uint64_t tensors, uint64_t entries)
{
	buf_adds(b, "GGUF");
	put(b, version, 4);
	put(b, tensors, 8);
	put(b, entries, 8);
}

/* One value of each type that the accessors tell apart. */
static struct buf sample(uint32_t version)
{
	struct buf b = { 0 };

	put_head(&b, version, 7, 9);
	put_key(&b, "text", GGUF_STRING);
	put_text(&b, "llama");
	put_key(&b, "minus", GGUF_I16);
	put(&b, 0xfffe, 2);
	put_key(&b, "large", GGUF_U64);
	put(&b, ~UINT64_C(0), 8);
	put_key(&b, "byte", GGUF_U8);
	put(&b, 200, 1);
	put_key(&b, "eps", GGUF_F32);
	put(&b, 0x3e800000, 4);			/* 0.25 */
	put_key(&b, "wide", GGUF_F64);
	put(&b, UINT64_C(0xc000000000000000), 8);	/* -2 */
	put_key(&b, "yes", GGUF_BOOL);
	put(&b, 1, 1);
	put_array(&b, "words", GGUF_STRING, 3);
	put_text(&b, "a");
	put_text(&b, "");
	put_text(&b, "ccc");
	put_array(&b, "types", GGUF_I32, 2);
	put(&b, 3, 4);
	put(&b, 0xffffffff, 4);
	return b;
}

static void values_are_read(void **state)
{
	(void)state;
	for (uint32_t version = 2; version <= 3; version++) {
		struct buf b = sample(version);
		struct gguf_meta m;
		struct lm_error e;
		struct span text = { 0 };
		const struct gguf_value *v;
		int64_t whole = 5;
		double x = 5;
		bool yes = false;
		size_t at = 0;

		buf_adds(&b, "tensors follow");
		assert_true(gguf_meta_read(buf_span(&b), &m, &e));
		assert_int_equal(m.version, version);
		assert_int_equal(m.tensors, 7);
		assert_int_equal(m.end, b.n - strlen("tensors follow"));
		assert_int_equal(m.n, 9);
		assert_true(gguf_meta_text(&m, "text", &text) && span_eq(text, S("llama")));
		assert_true(gguf_meta_whole(&m, "minus", &whole) && whole == -2);
		assert_true(gguf_meta_whole(&m, "byte", &whole) && whole == 200);
		assert_false(gguf_meta_whole(&m, "large", &whole));
		assert_false(gguf_meta_whole(&m, "eps", &whole));
		assert_false(gguf_meta_whole(&m, "yes", &whole));
		assert_false(gguf_meta_whole(&m, "types", &whole));
		assert_false(gguf_meta_whole(&m, "none", &whole));
		assert_int_equal(whole, 200);
		assert_true(gguf_meta_number(&m, "eps", &x) && x == 0.25);
		assert_true(gguf_meta_number(&m, "wide", &x) && x == -2);
		assert_true(gguf_meta_number(&m, "minus", &x) && x == -2);
		assert_false(gguf_meta_number(&m, "text", &x));
		assert_true(gguf_meta_bool(&m, "yes", &yes) && yes);
		assert_false(gguf_meta_bool(&m, "byte", &yes));
		assert_false(gguf_meta_text(&m, "words", &text));

		v = gguf_meta_find(&m, "words");
		assert_true(v && v->array && v->n == 3 && v->type == GGUF_STRING);
		assert_true(gguf_next_text(v, &at, &text) && span_eq(text, S("a")));
		assert_true(gguf_next_text(v, &at, &text) && span_eq(text, S("")));
		assert_true(gguf_next_text(v, &at, &text) && span_eq(text, S("ccc")));
		assert_false(gguf_next_text(v, &at, &text));
		v = gguf_meta_find(&m, "types");
		assert_true(gguf_element_whole(v, 0, &whole) && whole == 3);
		assert_true(gguf_element_whole(v, 1, &whole) && whole == -1);
		assert_false(gguf_element_whole(v, 2, &whole));
		gguf_meta_free(&m);
		buf_free(&b);
	}
}

/* Every shorter file is an error, in a block of just its size so that a sanitizer sees what is read behind it. */
static void cut_short_is_an_error(void **state)
{
	struct buf b = sample(3);

	(void)state;
	for (size_t n = 0; n < b.n; n++) {
		char *exact = xmalloc(n);
		struct gguf_meta m;
		struct lm_error e;

		if (n)
			memcpy(exact, b.p, n);
		assert_false(gguf_meta_read((struct span){ exact, n }, &m, &e));
		assert_true(m.v == NULL && m.n == 0);
		free(exact);
	}
	buf_free(&b);
}

static void refuse(struct buf *b, const char *why)
{
	struct gguf_meta m;
	struct lm_error e;

	assert_false(gguf_meta_read(buf_span(b), &m, &e));
	assert_string_equal(e.text, why);
	b->n = 0;
}

static void hostile_files_are_refused(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_adds(&b, "GGML");
	refuse(&b, "is no GGUF file");
	put_head(&b, 1, 0, 0);
	refuse(&b, "GGUF version 1: only 2 and 3 are read");
	put_head(&b, 0x03000000, 0, 0);
	refuse(&b, "GGUF version 50331648 (big-endian?): only 2 and 3 are read");
	put_head(&b, 3, 0, ~UINT64_C(0));
	refuse(&b, "says it has 18446744073709551615 keys, and is cut short");
	put_head(&b, 3, 0, 1);
	put(&b, ~UINT64_C(0), 8);
	buf_adds(&b, "12345");
	refuse(&b, "is cut short in key 1");
	put_head(&b, 3, 0, 1);
	put_array(&b, "k", GGUF_F32, UINT64_C(1) << 62);	/* 2^62 * 4 wraps to 0 */
	refuse(&b, "the value of k is cut short or of a type that is not known");
	put_head(&b, 3, 0, 1);
	put_array(&b, "k", GGUF_STRING, ~UINT64_C(0));
	put_text(&b, "one");
	refuse(&b, "the value of k is cut short or of a type that is not known");
	put_head(&b, 3, 0, 1);
	put_array(&b, "k", GGUF_ARRAY, 0);
	refuse(&b, "the value of k is cut short or of a type that is not known");
	put_head(&b, 3, 0, 1);
	put_key(&b, "k", GGUF_TYPES);
	put(&b, 0, 8);
	refuse(&b, "the value of k is cut short or of a type that is not known");
	put_head(&b, 3, 0, 2);
	for (int i = 0; i < 2; i++) {
		put_key(&b, "k", GGUF_U8);
		put(&b, 1, 1);
	}
	refuse(&b, "two values of k");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(cut_short_is_an_error),
		cmocka_unit_test(hostile_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
