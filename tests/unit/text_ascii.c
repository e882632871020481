/* text_ascii - words many at a time, against classes told byte by byte and words told one by one */
#include "../../lib/text_ascii.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "random.h"

static classify_fn *const all[] = {
	classify_plain,
#ifdef __x86_64__
	classify_avx2, classify_avx512,
#endif
};

/* Is it here? */
static bool usable(classify_fn *f)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (f == classify_avx2)
		return __builtin_cpu_supports("avx2");
	if (f == classify_avx512)
		return __builtin_cpu_supports("avx512bw");
#endif
	return f == classify_plain;
}

static bool between(unsigned char c, char from, char to)
{
	return c >= (unsigned char)from && c <= (unsigned char)to;
}

/* Every byte in every place, blocks of every length. */
static void classes_of_bytes(void **state)
{
	struct rng g = rng_for(1, "text_ascii", 0);
	char p[BLOCK], low[BLOCK];

	(void)state;
	for (size_t k = 0; k < COUNT(all); k++) {
		for (int t = 0; usable(all[k]) && t < 5000; t++) {
			const size_t n = t % (BLOCK + 1);
			struct classes c;

			for (int i = 0; i < BLOCK; i++)
				p[i] = t < 256 ? (char)(t + i) : (char)rng_below(&g, 256);
			all[k](p, n, &c, low);
			for (size_t i = 0; i < BLOCK; i++) {
				const unsigned char x = i < n ? (unsigned char)p[i] : 0;
				const bool upper = between(x, 'A', 'Z');

				assert_int_equal(c.letters >> i & 1, upper || between(x, 'a', 'z'));
				assert_int_equal(c.digits >> i & 1, between(x, '0', '9'));
				assert_int_equal(c.quotes >> i & 1, x == '\'');
				assert_int_equal(c.high >> i & 1, x >> 7);
				assert_int_equal((unsigned char)low[i], upper ? x + 32 : x);
			}
		}
	}
}

/* A text of words of many lengths, quotes, blanks and now and then what is not ASCII. */
static void make_text(struct rng *g, struct buf *b)
{
	static const char *const odd[] = {
		"\xc3\xa9", "\xe2\x80\x99", "\xe2\x80\x94", "\xcc\x81", "\xe4\xb8\xad", "\xff", "\xc2\xad", "'", "''", "'s", " '"
	};
	const uint64_t odds = rng_below(g, 3) ? 300 : 8;

	b->n = 0;
	for (uint64_t left = rng_below(g, 400); left; left--) {
		uint64_t letters = rng_below(g, 200) ? rng_below(g, 12) : rng_below(g, 700);

		while (letters--)
			buf_addc(b, "abcXYZ019'"[rng_below(g, 10)]);
		if (rng_below(g, odds) == 0)
			buf_adds(b, odd[rng_below(g, COUNT(odd))]);
		else
			buf_addc(b, " \n.,-_'"[rng_below(g, 7)]);
	}
}

/* The same text with a soft hyphen at the end of every word takes the way of code points: it belongs to the
 * word's bytes, not to its hash. */
static void words_one_by_one(void **state)
{
	struct rng g = rng_for(1, "text_ascii", 1);
	struct words fast = { 0 }, slow = { 0 };
	struct buf text = { 0 }, one = { 0 };
	size_t seen = 0;

	(void)state;
	for (size_t k = 0; k < COUNT(all); k++) {
		if (!usable(all[k]))
			continue;
		text_words(S("a"), &fast);	/* its choice is made: now ours */
		classify = all[k];
		for (int t = 0; t < 400; t++) {
			size_t to = 0;

			make_text(&g, &text);
			fast.n = 0;
			text_words(buf_span(&text), &fast);
			for (size_t i = 0; i < fast.n; i++) {
				const struct span word = { text.p + fast.v[i].at, fast.v[i].n };

				assert_true(fast.v[i].at >= to);
				for (; to < fast.v[i].at; to++)		/* nothing was left out */
					assert_false(between((unsigned char)text.p[to], 'a', 'z') || between((unsigned char)text.p[to], '0', '9'));
				to += word.n;
				one.n = slow.n = 0;
				buf_add(&one, word);
				buf_adds(&one, "\xc2\xad");
				text_words(buf_span(&one), &slow);
				assert_int_equal(slow.n, 1);
				assert_int_equal(slow.v[0].n, one.n);
				assert_true(slow.v[0].hash == fast.v[i].hash);
			}
			seen += fast.n;
		}
	}
	assert_true(seen > 50000);
	choose();
	words_free(&fast);
	words_free(&slow);
	buf_free(&text);
	buf_free(&one);
}

int main(void)
{
	const struct CMUnitTest text_ascii[] = {
		cmocka_unit_test(classes_of_bytes),
		cmocka_unit_test(words_one_by_one),
	};

	return cmocka_run_group_tests(text_ascii, NULL, NULL);
}
