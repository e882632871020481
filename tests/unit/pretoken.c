/* pretoken: where each pre-tokenizer cuts, as Hugging Face's tokenizers 0.23.3 cut these texts; invalid UTF-8; the laws */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lm/pretoken.h"

static const char *const names[] = { "gpt-2", "smollm", "llama-bpe", "qwen2" };

/* A text, and its pieces by each of these with bars between them. */
static const struct {
	const char *text, *cut[COUNT(names)];
} golden[] = {
	{ "it's IT'S we'Ll they\xe2\x80\x99re 'tis",
		{ "it|'s| IT|'|S| we|'|Ll| they|\xe2\x80\x99|re| '|tis",
		"it|'s| IT|'|S| we|'|Ll| they|\xe2\x80\x99|re| '|tis",
		"it|'s| IT|'S| we|'Ll| they|\xe2\x80\x99re| '|tis",
		"it|'s| IT|'S| we|'Ll| they|\xe2\x80\x99re| '|tis" } },
	{ "a  1 12345 v2.0",
		{ "a| | 1| 12345| v|2|.|0",
		"a|  |1| |1|2|3|4|5| v|2|.|0",
		"a| | |1| |123|45| v|2|.|0",
		"a| | |1| |1|2|3|4|5| v|2|.|0" } },
	{ "  lead\t\n\n  x  ",
		{ " | lead|\t\n\n | x|  ",
		" | lead|\t\n\n | x|  ",
		" | lead|\t\n\n| | x|  ",
		" | lead|\t\n\n| | x|  " } },
	{ "a\xe1\xa0\x8e""b \xe1\xa0\x8e c",
		{ "a|\xe1\xa0\x8e|b| \xe1\xa0\x8e| c",
		"a|\xe1\xa0\x8e|b| \xe1\xa0\x8e| c",
		"a|\xe1\xa0\x8e""b| \xe1\xa0\x8e| c",
		"a|\xe1\xa0\x8e""b| \xe1\xa0\x8e| c" } },
	{ "a\xc2\x85""b\xc2\x85\xc2\x85 c",
		{ "a|\xc2\x85|b|\xc2\x85\xc2\x85| c",
		"a|\xc2\x85|b|\xc2\x85\xc2\x85| c",
		"a|\xc2\x85""b|\xc2\x85\xc2\x85| c",
		"a|\xc2\x85""b|\xc2\x85\xc2\x85| c" } },
	{ "x\xc2\xa0y\xe3\x80\x80\xe3\x80\x80z",
		{ "x|\xc2\xa0|y|\xe3\x80\x80|\xe3\x80\x80|z",
		"x|\xc2\xa0|y|\xe3\x80\x80|\xe3\x80\x80|z",
		"x|\xc2\xa0y|\xe3\x80\x80|\xe3\x80\x80z",
		"x|\xc2\xa0y|\xe3\x80\x80|\xe3\x80\x80z" } },
	{ "hi\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80 \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa!",
		{ "hi|\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80| \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa!",
		"hi|\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80| \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa!",
		"hi|\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80| \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa!",
		"hi|\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80| \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa!" } },
	{ "\xc2\xbd\xd9\xa3\xe2\x85\xa7 \xc2\xb2",
		{ "\xc2\xbd\xd9\xa3\xe2\x85\xa7| \xc2\xb2",
		"\xc2\xbd|\xd9\xa3|\xe2\x85\xa7| |\xc2\xb2",
		"\xc2\xbd\xd9\xa3\xe2\x85\xa7| |\xc2\xb2",
		"\xc2\xbd|\xd9\xa3|\xe2\x85\xa7| |\xc2\xb2" } },
	{ "cafe\xcc\x81 \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xed\x95\x9c",
		{ "cafe|\xcc\x81| \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xed\x95\x9c",
		"cafe|\xcc\x81| \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xed\x95\x9c",
		"cafe|\xcc\x81| \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xed\x95\x9c",
		"cafe|\xcc\x81| \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xed\x95\x9c" } },
	{ "x=1;\r\n\r\n}\n",
		{ "x|=|1|;|\r\n\r|\n|}|\n",
		"x|=|1|;|\r\n\r|\n|}|\n",
		"x|=|1|;\r\n\r\n|}\n",
		"x|=|1|;\r\n\r\n|}\n" } },
	{ "'\xc5\xbfo",
		{ "'|\xc5\xbfo",
		"'|\xc5\xbfo",
		"'\xc5\xbf|o",
		"'\xc5\xbf|o" } },
	{ "!?...\n\n \n ",
		{ "!?...|\n\n \n ",
		"!?...|\n\n \n ",
		"!?...\n\n| \n| ",
		"!?...\n\n| \n| " } },
	{ "'S'D",
		{ "'|S|'|D",
		"'|S|'|D",
		"'S|'D",
		"'S|'D" } },
	{ "don't've",
		{ "don|'t|'ve",
		"don|'t|'ve",
		"don|'t|'ve",
		"don|'t|'ve" } },
	{ "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d",
		{ "\xe0\xa4\xb9|\xe0\xa4\xbf|\xe0\xa4\xa8|\xe0\xa5\x8d",
		"\xe0\xa4\xb9|\xe0\xa4\xbf|\xe0\xa4\xa8|\xe0\xa5\x8d",
		"\xe0\xa4\xb9|\xe0\xa4\xbf\xe0\xa4\xa8|\xe0\xa5\x8d",
		"\xe0\xa4\xb9|\xe0\xa4\xbf\xe0\xa4\xa8|\xe0\xa5\x8d" } },
	{ " \xe2\x80\xa8\xe2\x80\xa9""a",
		{ " \xe2\x80\xa8|\xe2\x80\xa9|a",
		" \xe2\x80\xa8|\xe2\x80\xa9|a",
		" \xe2\x80\xa8|\xe2\x80\xa9""a",
		" \xe2\x80\xa8|\xe2\x80\xa9""a" } },
	{ "_a_ \xe2\x80\x8b""b",
		{ "_|a|_| \xe2\x80\x8b|b",
		"_|a|_| \xe2\x80\x8b|b",
		"_a|_| \xe2\x80\x8b|b",
		"_a|_| \xe2\x80\x8b|b" } },
	{ "\n 7 \n",
		{ "\n| 7| \n",
		"\n |7| \n",
		"\n| |7| \n",
		"\n| |7| \n" } },
};

/* A byte that is no UTF-8 is a character of no category: it goes with punctuation. */
static const struct {
	const char *text, *cut[COUNT(names)];
} invalid[] = {
	{ "a\xff""b \xc3(", { "a|\xff|b| \xc3(", "a|\xff|b| \xc3(", "a|\xff""b| \xc3(", "a|\xff""b| \xc3(" } },
	{ "\xe6\x97", { "\xe6\x97", "\xe6\x97", "\xe6\x97", "\xe6\x97" } },
	{ "1\x80 2\xf0\x9f\x98", { "1|\x80| 2|\xf0\x9f\x98", "1|\x80| |2|\xf0\x9f\x98", "1|\x80| |2|\xf0\x9f\x98", "1|\x80| |2|\xf0\x9f\x98" } },
	{ "\xed\xa0\x80 \xc0\xaf", { "\xed\xa0\x80| \xc0\xaf", "\xed\xa0\x80| \xc0\xaf", "\xed\xa0\x80| \xc0\xaf", "\xed\xa0\x80| \xc0\xaf" } },
};

static void cut(const char *name, struct span text, struct buf *to)
{
	const struct pretoken *p = pretoken_find(span_of(name));

	assert_non_null(p);
	for (const char *at = text.p, *end = text.p + text.n, *next; at < end; at = next) {
		next = p->next(at, end);
		assert_true(next > at && next <= end);
		buf_add(to, (struct span){ at, (size_t)(next - at) });
		if (next < end)
			buf_addc(to, '|');
	}
}

static void test_golden(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (size_t k = 0; k < COUNT(names); k++) {
		for (size_t i = 0; i < COUNT(golden); i++, b.n = 0) {
			cut(names[k], span_of(golden[i].text), &b);
			assert_string_equal(buf_cstr(&b), golden[i].cut[k]);
		}
		for (size_t i = 0; i < COUNT(invalid); i++, b.n = 0) {
			cut(names[k], span_of(invalid[i].text), &b);
			assert_string_equal(buf_cstr(&b), invalid[i].cut[k]);
		}
	}
	buf_free(&b);
}

/* Any bytes: pieces are not empty, lie one behind the other, and nothing behind `end` is read (under ASan). */
static void test_any_bytes(void **state)
{
	static const char *const more[] = { "starcoder", "refact", "deepseek-coder" };
	static const char bytes[] = { 'a', ' ', '\'', 's', '1', '\n', '\r', '!', '\xc2', '\x85', '\xe1', '\xa0', '\x8e', '\xff', '\0', '\xf0' };

	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		const size_t n = (size_t)rand() % 12;
		char *text = malloc(n ? n : 1);
		struct buf b = { 0 };

		assert_non_null(text);
		for (size_t k = 0; k < n; k++)
			text[k] = bytes[(size_t)rand() % sizeof bytes];
		cut(i % 7 < 4 ? names[i % 7] : more[i % 7 - 4], (struct span){ text, n }, &b);
		buf_free(&b);
		free(text);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_true(pretoken_find(S("qwen2"))->nfc);
	assert_false(pretoken_find(S("llama-bpe"))->nfc);
	assert_ptr_equal(pretoken_find(S("starcoder"))->next, pretoken_find(S("smollm"))->next);
	assert_ptr_equal(pretoken_find(S("llama3"))->next, pretoken_find(S("llama-bpe"))->next);
	assert_null(pretoken_find(S("")));
	assert_null(pretoken_find(S("default")));
	assert_null(pretoken_find(S("GPT-2")));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_non_null(strstr(pretoken_names(), names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden), cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
