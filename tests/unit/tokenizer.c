/* tokenizer: llama.cpp's own vectors, and the laws
 *
 * GPT-2's tokenizer is made of its original files in PREF_SHARED/data/tokenizers; others of the GGUF files there, or in
 * PREF_VOCABULARIES (the sources of llama.cpp have them in models/), where they can be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lm/gguf_meta.h"
#include "lm/tokenizer_gguf.h"
#include "lm/tokenizer_json.h"
#include "lm/tokenizer_llama2c.h"
#include "scan.h"

static const char *folder(void)
{
	const char *data = getenv("PREF_SHARED"), *own = getenv("PREF_VOCABULARIES");
	static char path[400];

	snprintf(path, sizeof path, own ? "%s" : "%s/data/tokenizers", own ? own : data ? data : "../shared");
	return path;
}

/* The text up to `end`, which is taken off *rest with it. */
static struct span take(struct span *rest, struct span end)
{
	const size_t at = span_find(*rest, end);
	const struct span s = span_cut(*rest, 0, at == (size_t)-1 ? rest->n : at);

	*rest = span_cut(*rest, at == (size_t)-1 ? rest->n : at + end.n, rest->n);
	return s;
}

/* GPT-2's own files: {"token": id, ...}, and a line for each merge. NULL: they are not there. */
static struct tokenizer *open_gpt2(void)
{
	char *encoder = xasprintf("%s/encoder.json", folder()), *bpe = xasprintf("%s/vocab.bpe", folder());
	struct tokenizer_spec spec = { .kind = TOKENIZER_BYTES, .pre = S("gpt-2"), .bos = -1, .eos = -1, .unk = -1, .pad = -1 };
	struct lm_error e = { .text = "" };
	struct span json, lines;
	struct tokenizer *t = NULL;
	struct scan_error se;
	struct arena a = { 0 };
	struct value top;
	struct scan_iter it;
	struct member m;

	if (lm_map(encoder, &json, &e) && lm_map(bpe, &lines, &e)) {
		struct span *text = xcalloc(60000, sizeof *text), rest = lines;
		struct tokenizer_merge *merge = xcalloc(60000, sizeof *merge);

		assert_true(scan(json, 0, NULL, &top, &se));
		for (it = scan_open(top); scan_next(&it, &m); spec.n++) {
			double id = -1;

			assert_true(json_number(m.val, &id) && id >= 0 && id < 60000);
			text[(size_t)id] = m.key_plain ? m.key : json_unescape(m.key, &a);
		}
		take(&rest, S("\n"));
		while (rest.n) {
			struct span right = take(&rest, S("\n")), left = take(&right, S(" "));

			if (left.n)
				merge[spec.merges++] = (struct tokenizer_merge){ left, right };
		}
		spec.text = text;
		spec.merge = merge;
		t = tokenizer_new(&spec, &e);
		assert_string_equal(e.text, "");
		free(text);
		free(merge);
		lm_unmap(json);
		lm_unmap(lines);
		arena_free(&a);
	}
	free(encoder);
	free(bpe);
	return t;
}

/* NULL: the file is not there, or damaged. */
static struct tokenizer *open_vocabulary(const char *name)
{
	char *path = xasprintf("%s/ggml-vocab-%s.gguf", folder(), name);
	struct gguf_meta m = { 0 };
	struct tokenizer *t = NULL;
	struct lm_error e = { .text = "" };
	struct span file;

	if (lm_map(path, &file, &e)) {
		if (gguf_meta_read(file, &m, &e)) {
			e.text[0] = '\0';
			t = tokenizer_of_gguf(&m, &e);
			assert_string_equal(e.text, "");
		}
		gguf_meta_free(&m);
		lm_unmap(file);
	}
	if (!t)
		printf("# skipped: %s: %s\n", path, e.text);
	free(path);
	return t;
}

static struct span open_file(const char *name, const char *suffix)
{
	char *path = xasprintf("%s/ggml-vocab-%s.gguf%s", folder(), name, suffix);
	struct lm_error e = { .text = "" };
	struct span s = { 0 };

	lm_map(path, &s, &e);
	assert_string_equal(e.text, "");
	free(path);
	return s;
}

static void one_vector(const struct tokenizer *t, struct tokenizer_scratch *k, const char *name, struct span text, struct span want)
{
	struct lm_tokens got = { 0 };
	struct buf ids = { 0 }, back = { 0 };

	tokenizer_encode(t, text, 0, k, &got);
	for (size_t i = 0; i < got.n; i++)
		buf_addf(&ids, " %d", got.id[i]);
	if (!span_eq(span_trim(buf_span(&ids)), span_trim(want)))
		fail_msg("%s: \"%.*s\" is %s, not %.*s", name, ARG(text), buf_cstr(&ids), ARG(want));
	tokenizer_decode(t, got.id, got.n, 0, &back);
	assert_true(span_eq(buf_span(&back), text));
	for (size_t i = 0; i < got.n; i++)
		assert_true(got.at[i] <= got.end[i] && got.end[i] <= text.n && (i == 0 || got.at[i] >= got.at[i - 1]));
	lm_tokens_free(&got);
	buf_free(&ids);
	buf_free(&back);
}

static void test_vectors(void **state)
{
	static const char *const names[] = { "gpt-2", "starcoder", "deepseek-coder", "llama-spm" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct tokenizer *t = i ? open_vocabulary(names[i]) : open_gpt2();
		struct tokenizer_scratch *k;
		struct span inp, out, texts, ids;
		size_t n = 0;

		if (!t)
			continue;
		k = tokenizer_scratch_new();
		inp = texts = open_file(names[i], ".inp");
		out = ids = open_file(names[i], ".out");
		for (; texts.n; n++) {
			const struct span text = take(&texts, S("\n__ggml_vocab_test__\n"));

			one_vector(t, k, names[i], text, take(&ids, S("\n")));
		}
		assert_true(n > 40);
		lm_unmap(inp);
		lm_unmap(out);
		tokenizer_scratch_free(k);
		tokenizer_free(t);
	}
}

/* Special tokens in a text are text, unless asked for, everywhere or in places. */
static void test_special(void **state)
{
	const struct span text = S("<s>Hi</s> <s>");
	const struct tokenizer_range only = { 4, 10 };
	struct tokenizer *t = open_vocabulary("llama-spm");
	struct tokenizer_scratch *k;
	struct lm_tokens plain = { 0 }, all = { 0 }, some = { 0 }, ends = { 0 };

	(void)state;
	if (!t)
		return;
	k = tokenizer_scratch_new();
	tokenizer_encode(t, text, 0, k, &plain);
	tokenizer_encode(t, text, TOKENIZER_SPECIAL, k, &all);
	tokenizer_encode_in(t, text, &only, 1, 0, k, &some);
	tokenizer_encode(t, S("Hi"), TOKENIZER_ENDS, k, &ends);
	for (size_t i = 0; i < plain.n; i++)
		assert_false(tokenizer_is_special(t, plain.id[i]));
	assert_int_equal(all.id[0], tokenizer_bos(t));
	assert_int_equal(tokenizer_special(t, S("</s>")), tokenizer_eos(t));
	assert_false(tokenizer_is_special(t, some.id[0]));
	{
		size_t specials = 0;

		for (size_t i = 0; i < some.n; i++)
			specials += tokenizer_is_special(t, some.id[i]);
		assert_int_equal(specials, 1);
	}
	assert_int_equal(ends.id[0], tokenizer_bos(t));
	assert_int_equal(ends.n, 2);
	lm_tokens_free(&plain);
	lm_tokens_free(&all);
	lm_tokens_free(&some);
	lm_tokens_free(&ends);
	tokenizer_scratch_free(k);
	tokenizer_free(t);
}

static struct tokenizer *open_stories(void)
{
	char *path = xasprintf("%s/../models/tok512.bin", folder());
	struct lm_error e = { .text = "" };
	struct tokenizer *t = NULL;
	struct span file;

	if (lm_map(path, &file, &e)) {
		t = tokenizer_of_llama2c(file, &e);
		lm_unmap(file);
	}
	if (!t)
		printf("# skipped: %s: %s\n", path, e.text);
	free(path);
	return t;
}

/* Written as a tokenizer.json and read again it is the same, and is written the same. */
static void one_written(const struct tokenizer *t, const struct span *text, size_t n)
{
	struct tokenizer_scratch *k[] = { tokenizer_scratch_new(), tokenizer_scratch_new() };
	struct buf json = { 0 }, config = { 0 }, again = { 0 };
	struct lm_error e = { .text = "" };
	struct tokenizer *other;
	struct arena a = { 0 };

	assert_true(tokenizer_put_json(t, &json, &e));
	tokenizer_put_config(t, S("{{ \"x\" }}"), 512, &config);
	other = tokenizer_of_json(buf_span(&json), buf_span(&config), &e);
	assert_string_equal(e.text, "");
	assert_true(span_eq(tokenizer_json_template(buf_span(&config), &a), S("{{ \"x\" }}")));
	assert_int_equal(tokenizer_eos(other), tokenizer_eos(t));
	for (size_t i = 0; i < n; i++) {
		struct lm_tokens one = { 0 }, two = { 0 };

		tokenizer_encode(t, text[i], TOKENIZER_ENDS | TOKENIZER_SPECIAL, k[0], &one);
		tokenizer_encode(other, text[i], TOKENIZER_ENDS | TOKENIZER_SPECIAL, k[1], &two);
		assert_int_equal(one.n, two.n);
		assert_memory_equal(one.id, two.id, one.n * sizeof *one.id);
		lm_tokens_free(&one);
		lm_tokens_free(&two);
	}
	assert_true(tokenizer_put_json(other, &again, &e));
	assert_true(span_eq(buf_span(&json), buf_span(&again)));
	buf_free(&json);
	buf_free(&config);
	buf_free(&again);
	arena_free(&a);
	tokenizer_scratch_free(k[0]);
	tokenizer_scratch_free(k[1]);
	tokenizer_free(other);
}

static void test_written(void **state)
{
	static const struct span text[] = {
		S("Once upon a time, there was a \"tree\"."), S(""), S(" "), S("  two  blanks\n\n and\ttabs "), S("<s>x</s><|endoftext|>"),
		S("1234567 h\xc3\xa9llo \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80"), S("\xff\xc3"), S("it's, WE'LL"),
	};
	struct tokenizer *all[] = { open_gpt2(), open_stories(), open_vocabulary("llama-spm") };

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		if (all[i])
			one_written(all[i], text, COUNT(text));
		tokenizer_free(all[i]);
	}
}

static void test_refused(void **state)
{
	static const struct span text[] = { S("a"), S("b") };
	struct tokenizer_spec spec = { .kind = TOKENIZER_BYTES, .pre = S("my-own"), .n = 2, .text = text, .bos = -1, .eos = -1,
		.unk = -1, .pad = -1 };
	struct lm_error e = { .text = "" };

	(void)state;
	assert_null(tokenizer_new(&spec, &e));
	assert_non_null(strstr(e.text, "my-own"));
	spec.pre = S("gpt-2");
	spec.bos = 2;
	assert_null(tokenizer_new(&spec, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors), cmocka_unit_test(test_special), cmocka_unit_test(test_written),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
