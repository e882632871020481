/* sentence - the unit test of lib/sentence.c */
#include "sentence.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

/* Sentences with | between them. */
static void cuts(void **state)
{
	static const char *const texts[] = {
		"It is so. |And so.", "One?! |\"Two.\" |(Three.)", "Mr. A. Smith met Dr. J. Doe. |They ate.", "See No. 5 of it. |No. |Yes",
		"1. Take eggs.\n|2. Beat them. |Wait 3. |Eat", "It costs 3.50 at node.js. |Ok", "a line\n\n|another", "e.g. this, i.e. that. |Then",
		"Wait... and see... |And?", "\n\n blank first. |X", "   ", "\xe5\xa5\xbd\xe3\x80\x82|\xe5\xa5\xbd\xef\xbc\x81\xe3\x80\x8d|x",
		"So am I. |We go.", "**Bold.** |More\r\n|x", "released in 2018 (see there). |He said: \xe2\x80\x9cgo.\xe2\x80\x9d |Done", "no end", "Hm\xe2\x80\xa6 |Yes.",
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf plain = { 0 }, got = { 0 };
		struct sentences s;

		for (const char *p = texts[i]; *p; p++)
			if (*p != '|')
				buf_addc(&plain, *p);
		s = sentences_of(buf_span(&plain), &a);
		for (size_t k = 0; k < s.n; k++) {
			buf_adds(&got, k ? "|" : "");
			buf_add(&got, s.v[k]);
		}
		assert_string_equal(buf_cstr(&got), texts[i]);
		buf_free(&plain);
		buf_free(&got);
	}
	assert_int_equal(sentences_of((struct span){ 0 }, &a).n, 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cuts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
