/* overlap - the unit test of lib/overlap*.c */
#include "../../lib/overlap.c"
#include "../../lib/overlap_match.c"

#include <setjmp.h>

#include <cmocka.h>

#include "random.h"

static struct overlap *index_of(struct overlap_rule rule, const char *const *texts, size_t n)
{
	struct overlap *o = overlap_new(&rule);

	for (size_t i = 0; i < n; i++)
		assert_true(overlap_add(o, 0, span_of(texts[i])));
	overlap_build(o);
	return o;
}

/* Coverage of the one item by the one text; 0: not hit. */
static double cover(struct overlap_rule rule, const char *item, const char *text)
{
	struct overlap *o = index_of(rule, &item, 1);
	struct overlap_scratch *k = overlap_scratch_new(o);
	struct overlap_found f;
	struct span s = span_of(text);
	const bool any = overlap_find(o, &s, 1, k, &f);

	assert_int_equal(any, f.n);
	if (any)
		assert_true(f.text.p >= s.p && f.text.p + f.text.n <= s.p + s.n);
	overlap_scratch_free(k);
	overlap_free(o);
	return f.coverage;
}

/* ---- worked values ---- */

static const struct overlap_rule tulu = { 8, 0.5, 0 }, gpt3 = { 13, 0, 0 };

static void half_of_the_words(void **state)
{
	const char *twelve = "a b c d e f g h i j k l";

	(void)state;
	assert_true(cover(tulu, twelve, "A, b c d e f g h") == 8. / 12);
	assert_true(cover(tulu, twelve, "x a b c d e f g h i j k l x") == 1);
	assert_true(cover(tulu, twelve, "a b c d e f g x h i j k l") == 0);
	assert_true(cover(tulu, "a b c d e f g h i j k l m n o p", "a b c d e f g h") == 0);	/* half is not more */
	assert_true(cover(tulu, "a b c d e f g h i j k l m n o", "a b c d e f g h") == 8. / 15);
	/* Two runs of 8 in an item of 20, apart in the record and in another order. */
	assert_true(cover(tulu, "a b c d e f g h i j k l m n o p q r s t",
		"m n o p q r s t and a b c d e f g h") == 16. / 20);
}

/* Runs that touch in the record are one piece of it, though the item has them elsewhere. */
static void the_longest_piece(void **state)
{
	const char *item = "i j k l a b c d x e f g h";
	struct overlap *o = index_of((struct overlap_rule){ 4, 0.5, 0 }, &item, 1);
	struct overlap_scratch *k = overlap_scratch_new(o);
	const struct span texts[] = { S("e f g h"), S("(a, b, c, d, i, j, k, l) no a b c"), S("no") };
	struct overlap_found f;

	(void)state;
	assert_true(overlap_find(o, texts, COUNT(texts), k, &f));
	assert_true(f.coverage == 12. / 13);
	assert_true(f.in[0] && f.in[1] && !f.in[2]);
	assert_true(span_eq(f.text, S("a, b, c, d, i, j, k, l")));
	overlap_scratch_free(k);
	overlap_free(o);
}

static void any_thirteen_words(void **state)
{
	const char *item = "a b c d e f g h i j k l m n o p q r s t u v w x y z a1 a2 a3 a4 a5";

	(void)state;
	assert_true(cover(gpt3, item, "b c d e f g h i j k l m") == 0);
	assert_true(cover(gpt3, item, "b c d e f g h i j k l m n") == 13. / 31);
}

static void short_items_as_a_whole(void **state)
{
	(void)state;
	assert_true(cover(tulu, "How much is 7 * 8?", "so how  much IS 7 * 8, then") == 1);
	assert_true(cover(tulu, "How much is 7 * 8?", "so how much is 7 + 8, then") == 0);
	assert_true(cover(tulu, "How much is 7 * 8?", "how much is 7 + 8, how much is 7 * 8") == 1);
	assert_true(cover(tulu, "How much is 7 * 8?", "how much is 7") == 0);
	assert_true(cover(tulu, "Thank you", "thank you") == 1);
	assert_true(cover(tulu, "Thank you", "thank you very much") == 0);
	assert_true(cover(gpt3, "a b c d e f g h i j k l", "x a b c d e f g h i j k l") == 1);
	/* Cafe with an accent, composed and decomposed, in another case. */
	assert_true(cover(tulu, "un CAF\303\211 pour deux", "un cafe\314\201 pour deux") == 1);
}

static void numbers_stay(void **state)
{
	(void)state;
	assert_true(cover(tulu, "a shop sold 12 boxes of 31 pens each", "a shop sold 12 boxes of 31 pens each") == 1);
	assert_true(cover(tulu, "a shop sold 12 boxes of 31 pens each", "a shop sold 13 boxes of 31 pens each") == 0);
}

/* ---- stop n-grams ---- */

static void templates_do_not_count(void **state)
{
	const char *const items[] = { "t1 t2 t3 a", "t1 t2 t3 b", "T1 t2 t3 b", "t1 t2 t3", "t1 t2 t3 c d" };
	struct overlap *o = index_of((struct overlap_rule){ 3, 0.5, 3 }, items, COUNT(items));
	struct overlap_scratch *k = overlap_scratch_new(o);
	struct overlap_found f;

	(void)state;
	/* t1 t2 t3 is in four different items; a run of three is left in the others: t2 t3 a, ... */
	assert_int_equal(overlap_size(o).items, 5);
	assert_int_equal(overlap_size(o).stop, 1);
	assert_true(overlap_find(o, &S("t1 t2 t3"), 1, k, &f));
	assert_int_equal(f.n, 1);
	assert_int_equal(f.best, 3);		/* is nothing but the template */
	assert_true(overlap_find(o, &S("t2 t3 b"), 1, k, &f));
	assert_int_equal(f.n, 2);
	assert_int_equal(f.best, 1);
	assert_true(f.coverage == 1);		/* t1 is in no run that counts */
	assert_true(overlap_find(o, &S("t2 t3 c"), 1, k, &f));
	assert_true(f.best == 4 && f.coverage == 3. / 4);
	overlap_scratch_free(k);
	overlap_free(o);
}

static void templates_are_of_one_benchmark(void **state)
{
	struct overlap *o = overlap_new(&(struct overlap_rule){ 2, 0.5, 2 });

	(void)state;
	for (uint32_t benchmark = 0; benchmark < 3; benchmark++) {
		assert_true(overlap_add(o, benchmark, S("x y a")));
		assert_true(overlap_add(o, benchmark, S("x y b")));
		assert_false(overlap_add(o, benchmark, S("?!")));
	}
	assert_true(overlap_add(o, 2, S("z z z z z")));		/* often, but in one item */
	overlap_build(o);
	assert_int_equal(overlap_size(o).stop, 0);
	assert_int_equal(overlap_size(o).items, 7);
	overlap_free(o);
}

/* ---- against brute force: words of one letter ---- */

struct plain {
	char text[256];
	size_t n;			/* letters at text[0], text[2], ... */
};

static struct plain draw(struct rng *g, size_t most, size_t letters)
{
	struct plain p = { .n = rng_below(g, most + 1) };

	for (size_t i = 0; i < p.n; i++) {
		p.text[2 * i] = (char)('a' + rng_below(g, letters));
		p.text[2 * i + 1] = ' ';
	}
	return p;
}

static bool same_run(const struct plain *a, size_t at, const struct plain *b, size_t b_at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a->text[2 * (at + i)] != b->text[2 * (b_at + i)])
			return false;
	return true;
}

static bool has_run(const struct plain *p, const struct plain *of, size_t at, size_t n)
{
	for (size_t i = 0; i + n <= p->n; i++)
		if (same_run(p, i, of, at, n))
			return true;
	return false;
}

/* Does the run of item i at this place count? */
static bool run_counts(const struct plain *items, size_t n_items, size_t i, size_t at, size_t n, uint32_t stop)
{
	size_t in = 0;

	for (size_t k = 0; k < n_items; k++) {
		bool again = false;

		for (size_t j = 0; j < k; j++)
			again = again || (items[j].n == items[k].n && same_run(&items[j], 0, &items[k], 0, items[k].n));
		in += !again && has_run(&items[k], &items[i], at, n) && items[k].n >= n;
	}
	return !stop || in <= stop || items[i].n < n;
}

static double brute(const struct plain *items, size_t n_items, size_t i, const struct plain texts[2],
	struct overlap_rule rule)
{
	const struct plain *item = &items[i];
	const size_t n = item->n < rule.ngram ? item->n : rule.ngram;
	bool counted[128] = { false }, covered[128] = { false }, stop[128] = { false }, only_stop = true;
	size_t all = 0, found = 0;

	for (size_t at = 0; at + n <= item->n; at++) {
		stop[at] = n == rule.ngram && !run_counts(items, n_items, i, at, n, rule.stop);
		only_stop = only_stop && stop[at];
	}
	for (size_t at = 0; at + n <= item->n; at++) {
		if (stop[at] && !only_stop)
			continue;
		memset(counted + at, 1, n);
		for (size_t k = 0; k < 2; k++)
			if (has_run(&texts[k], item, at, n) && (n == rule.ngram || n >= OVERLAP_ALONE || texts[k].n == n))
				memset(covered + at, 1, n);
	}
	for (size_t k = 0; k < item->n; k++) {
		all += counted[k];
		found += covered[k];
	}
	return (double)found > rule.coverage * (double)all ? (double)found / (double)all : 0;
}

static struct span span_of_plain(const struct plain *p)
{
	return (struct span){ p->text, p->n * 2 };
}

static void compare(struct rng *g, struct overlap_rule rule)
{
	struct plain items[20], texts[2];
	struct overlap *o = overlap_new(&rule);
	struct overlap_scratch *k;

	for (size_t i = 0; i < COUNT(items);) {
		items[i] = i % 5 == 4 ? items[i - 1] : draw(g, 20, 3);
		i += overlap_add(o, 0, span_of_plain(&items[i]));
	}
	overlap_build(o);
	k = overlap_scratch_new(o);
	for (int round = 0; round < 20; round++) {
		struct overlap_found f;
		struct span s[2];
		size_t hit = 0, first = 0;
		double best = 0;

		for (size_t i = 0; i < 2; i++) {
			texts[i] = draw(g, 40, 3);
			s[i] = span_of_plain(&texts[i]);
		}
		overlap_find(o, s, 2, k, &f);
		for (size_t i = 0; i < COUNT(items); i++) {
			const double want = brute(items, COUNT(items), i, texts, rule);
			bool is_hit = false;

			for (size_t j = 0; j < f.n; j++)
				is_hit = is_hit || f.items[j] == i;
			assert_int_equal(is_hit, want > 0);
			hit += is_hit;
			if (want > best) {
				best = want;
				first = i;
			}
		}
		assert_int_equal(hit, f.n);
		assert_true(f.coverage == best);
		assert_true(!f.n || f.best == first);
		assert_true(!f.n || f.in[0] || f.in[1]);
	}
	overlap_scratch_free(k);
	overlap_free(o);
}

static void finds_what_brute_force_finds(void **state)
{
	static const double coverages[] = { 0, 0.25, 0.5, 0.9 };
	struct rng g = rng_for(1, "overlap", 0);

	(void)state;
	for (uint32_t round = 0; round < 200; round++)
		compare(&g, (struct overlap_rule){
			.ngram = 1 + round % 7, .coverage = coverages[round % 4], .stop = (uint32_t)rng_below(&g, 6) });
}

/* As full as the filter gets, and half as full: of foreign keys few pass. */
static void filter_lets_few_pass(void **state)
{
	static const struct { size_t grams; double most; } cases[] = { { 8192, 0.05 }, { 4097, 0.012 } };
	struct rng g = rng_for(1, "filter", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct overlap *o = overlap_new(&(struct overlap_rule){ 1, 0.5, 0 });
		struct buf b = { 0 };
		size_t passed = 0;

		for (size_t k = 0; k < cases[i].grams; k++)
			buf_addf(&b, "w%zu ", k);
		assert_true(overlap_add(o, 0, buf_span(&b)));
		overlap_build(o);
		assert_int_equal(overlap_size(o).ngrams, cases[i].grams);
		for (size_t k = 0; k < o->n_grams; k++)
			assert_true(overlap_may_have(o, o->keys[k]));
		for (size_t k = 0; k < 100000; k++)
			passed += overlap_may_have(o, rng_u64(&g));
		if ((double)passed > cases[i].most * 100000)
			fail_msg("%zu of 100000 pass with %zu n-grams", passed, cases[i].grams);
		overlap_free(o);
		buf_free(&b);
	}
}

static void nothing_in_the_index(void **state)
{
	struct overlap *o = overlap_new(&tulu);
	struct overlap_scratch *k;
	struct overlap_found f;

	(void)state;
	assert_false(overlap_add(o, 0, S("")));
	overlap_build(o);
	k = overlap_scratch_new(o);
	assert_false(overlap_find(o, &S("a b c d e f g h i j"), 1, k, &f));
	assert_false(overlap_find(o, NULL, 0, k, &f));
	overlap_scratch_free(k);
	overlap_scratch_free(NULL);
	overlap_free(o);
	overlap_free(NULL);
}

int main(void)
{
	const struct CMUnitTest overlap[] = {
		cmocka_unit_test(half_of_the_words),
		cmocka_unit_test(the_longest_piece),
		cmocka_unit_test(any_thirteen_words),
		cmocka_unit_test(short_items_as_a_whole),
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(templates_do_not_count),
		cmocka_unit_test(templates_are_of_one_benchmark),
		cmocka_unit_test(finds_what_brute_force_finds),
		cmocka_unit_test(filter_lets_few_pass),
		cmocka_unit_test(nothing_in_the_index),
	};

	return cmocka_run_group_tests(overlap, NULL, NULL);
}
