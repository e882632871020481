/* minhash - the unit test of lib/minhash.c */
#include "../../lib/minhash.c"

#include <setjmp.h>

#include <cmocka.h>

static void assert_near(double x, double want, double by)
{
	if (!(fabs(x - want) <= by))
		fail_msg("%.6f is not within %g of %.6f", x, by, want);
}

/* ---- plan ---- */

static void plan_reaches_its_recall(void **state)
{
	(void)state;
	for (int t = 5; t <= 100; t += 5) {
		for (uint32_t perms = 64; perms <= 1024; perms *= 2) {
			struct minhash_plan p = minhash_plan(t / 100., perms, 0.995);

			assert_true(p.bands * p.rows <= perms && p.bands > 0);
			assert_near(minhash_recall(&p, t / 100.), p.recall, 0);
			assert_true(p.recall >= 0.995 || p.rows == 1);
			/* No band too many. */
			p.bands--;
			assert_true(p.bands == 0 || minhash_recall(&p, t / 100.) < 0.995);
		}
	}
}

static void recall_by_the_formula(void **state)
{
	const struct minhash_plan plan = { 32, 4, 0 };

	(void)state;
	assert_near(minhash_recall(&plan, 0.7), 1 - pow(1 - 0.7 * 0.7 * 0.7 * 0.7, 32), 1e-12);
	assert_near(minhash_recall(&plan, 1e-4), 32e-16, 1e-26);
	assert_near(minhash_recall(&plan, 1), 1, 0);
	assert_near(minhash_recall(&plan, 0), 0, 0);
}

/* ---- shingles ---- */

struct shingled {
	uint64_t v[64];
	size_t n;
};

static struct shingled shingle(struct span text, uint32_t ngram)
{
	struct words w = { 0 };
	struct shingled s;

	text_words(text, &w);
	s.n = shingles_put(text, w.v, w.n, ngram, s.v);
	assert_int_equal(s.n, shingles_count(text, w.n, ngram));
	words_free(&w);
	return s;
}

static void shingles_are_runs_of_words(void **state)
{
	struct shingled abc = shingle(S("a b c d e f a b c d e"), 5), tail = shingle(S("A, b; c d... E!"), 5);

	(void)state;
	assert_int_equal(abc.n, 7);
	assert_int_equal(tail.n, 1);
	assert_true(abc.v[0] == tail.v[0]);
	assert_true(abc.v[6] == tail.v[0]);
	for (int i = 0; i < 6; i++)
		for (int j = 0; j < i; j++)
			assert_true(abc.v[i] != abc.v[j]);
	assert_true(shingle(S("a b"), 2).v[0] != shingle(S("b a"), 2).v[0]);
}

static void short_texts_are_one_shingle(void **state)
{
	(void)state;
	assert_int_equal(shingle(S("No."), 5).n, 1);
	assert_true(shingle(S("No."), 5).v[0] == shingle(S(" no "), 5).v[0]);
	assert_true(shingle(S("no no"), 5).v[0] != shingle(S("no"), 5).v[0]);
	assert_int_equal(shingle(S("one two three four five"), 5).n, 1);
	assert_int_equal(shingle(S(":-)"), 5).n, 1);
	assert_true(shingle(S(":-)"), 5).v[0] == shingle(S(" :-)\n"), 5).v[0]);
	assert_true(shingle(S(":-)"), 5).v[0] != shingle(S(":-("), 5).v[0]);
	assert_int_equal(shingle(S(""), 5).n, 0);
	assert_int_equal(shingle(S(" \n"), 5).n, 0);
}

/* ---- Jaccard ---- */

static void jaccard_of_sets(void **state)
{
	static const struct { uint64_t a[6], b[6]; size_t na, nb; double j; } cases[] = {
		{ { 0 }, { 0 }, 0, 0, 1 },
		{ { 1 }, { 0 }, 1, 0, 0 },
		{ { 1, 2, 3 }, { 2, 3, 4 }, 3, 3, 0.5 },
		{ { 1, 1, 1, 2 }, { 2, 2, 1 }, 4, 3, 1 },
		{ { 1, 1, 2 }, { 3, 3, 3, 1, 1 }, 3, 5, 1 / 3. },
		{ { 0, 5 }, { 0, 5 }, 2, 2, 1 },
		{ { 64, 128, 192 }, { 256, 320 }, 3, 2, 0 },
	};
	struct jaccard_scratch k = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_near(minhash_jaccard(cases[i].a, cases[i].na, cases[i].b, cases[i].nb, &k), cases[i].j, 1e-15);
		assert_near(minhash_jaccard(cases[i].b, cases[i].nb, cases[i].a, cases[i].na, &k), cases[i].j, 1e-15);
	}
	free(k.v);
}

/* ---- signatures ---- */

/* Two sets of `each` that share `common`, all drawn by number. */
static void draw_sets(uint64_t *a, uint64_t *b, size_t each, size_t common, uint64_t seed)
{
	for (size_t i = 0; i < each; i++) {
		a[i] = mix64(mix64(seed) + i);
		b[i] = i < common ? a[i] : mix64(mix64(seed) + each + i);
	}
}

/* The share of equal places has mean J and, as the permutations act independently, variance J(1-J)/k. Over
 * many pairs of sets both must show. A biased estimator (as in a first C-MinHash) fails the mean, one
 * whose permutations are copies of each other the variance. */
static void estimates_are_unbiased(void **state)
{
	enum { TRIALS = 4000, PERMS = 128 };
	static const struct { size_t each, common; } sizes[] = {
		{ 100, 95 }, { 300, 250 }, { 200, 140 }, { 50, 20 }, { 10, 9 }, { 3, 1 }, { 1000, 800 },
	};
	static uint64_t a[1000], b[1000];
	uint32_t x[PERMS], y[PERMS];

	(void)state;
	for (size_t s = 0; s < COUNT(sizes); s++) {
		const double j = (double)sizes[s].common / (2. * sizes[s].each - sizes[s].common);
		const double variance = j * (1 - j) / PERMS;
		double sum = 0, squares = 0;

		for (uint64_t t = 0; t < TRIALS; t++) {
			double same = 0;

			draw_sets(a, b, sizes[s].each, sizes[s].common, t * 10 + s);
			minhash_sign(a, sizes[s].each, x, PERMS);
			minhash_sign(b, sizes[s].each, y, PERMS);
			for (int i = 0; i < PERMS; i++)
				same += x[i] == y[i];
			sum += same / PERMS - j;
			squares += (same / PERMS - j) * (same / PERMS - j);
		}
		/* Five standard errors; those of a variance are about sqrt(2 / TRIALS) of it. */
		assert_near(sum / TRIALS, 0, 5 * sqrt(variance / TRIALS));
		assert_near(squares / TRIALS / variance, 1, 5 * sqrt(2. / TRIALS));
	}
}

static void signature_does_not_depend_on_order_or_repetition(void **state)
{
	uint64_t a[40], b[60];
	uint32_t x[200], y[200];

	(void)state;
	draw_sets(a, b, 40, 40, 3);
	for (int i = 0; i < 40; i++)
		b[59 - i] = a[i];
	for (int i = 0; i < 20; i++)
		b[i] = a[i];
	memset(x, 0xaa, sizeof x);
	minhash_sign(a, 40, x, 100);
	minhash_sign(b, 60, y, 100);
	assert_memory_equal(x, y, 100 * sizeof *x);
	assert_int_equal(x[100], 0xaaaaaaaa);
	minhash_sign(a, 40, y, 200);
	assert_memory_equal(x, y, 100 * sizeof *x);
	minhash_sign(a, 0, x, 3);
	assert_int_equal(x[2], 0xffffffff);
}

static void every_processor_signs_alike(void **state)
{
	uint64_t a[77], b[77];
	uint32_t plain[130], fast[130];

	(void)state;
	draw_sets(a, b, 77, 0, 9);
	minhash_sign(a, 77, fast, 130);
	sign_plain(a, 77, plain, 130);
	assert_memory_equal(plain, fast, sizeof plain);
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		sign_avx2(a, 77, fast, 130);
		assert_memory_equal(plain, fast, sizeof plain);
	}
#endif
}

/* How often sets of a known similarity become candidates, against the formula. */
static void bands_keep_their_promise(void **state)
{
	enum { TRIALS = 4000, EACH = 170 };
	static const size_t commons[] = { 100, 120, 140, 150, 160 };
	const struct minhash_plan plan = minhash_plan(0.7, 128, 0.995);
	uint64_t a[EACH], b[EACH];
	uint32_t sig[128], x[128], y[128];

	(void)state;
	for (size_t c = 0; c < COUNT(commons); c++) {
		const double want = minhash_recall(&plan, (double)commons[c] / (2. * EACH - commons[c]));
		double found = 0;

		for (uint64_t t = 0; t < TRIALS; t++) {
			uint32_t shared = 0;

			draw_sets(a, b, EACH, commons[c], t + 1000 * c);
			minhash_sign(a, EACH, sig, 128);
			minhash_bands(&plan, sig, x);
			minhash_sign(b, EACH, sig, 128);
			minhash_bands(&plan, sig, y);
			for (uint32_t i = 0; i < plan.bands; i++)
				shared += x[i] == y[i];
			found += shared > 0;
		}
		assert_near(found / TRIALS, want, 5 * sqrt(want * (1 - want) / TRIALS) + 1. / TRIALS);
	}
}

/* Pairs at the threshold pass the cut as often as promised; pairs far below it hardly ever do. */
static void sketches_tell_far_from_near(void **state)
{
	enum { TRIALS = 5000, EACH = 170 };
	static const uint32_t perms[] = { 16, 64, 128, 200 };
	uint64_t a[EACH], b[EACH];
	uint32_t sig[200];
	struct minhash_sketch x, y;

	(void)state;
	for (size_t p = 0; p < COUNT(perms); p++) {
		const uint32_t cut = minhash_sketch_cut(0.7, perms[p], 0.99), n = perms[p] < 128 ? perms[p] : 128;
		double passed = 0, far = 0;

		assert_true(cut > 0 && cut < n);
		for (uint64_t t = 0; t < TRIALS; t++) {
			draw_sets(a, b, EACH, 140, t + 77);	/* J = 0.7 */
			minhash_sign(a, EACH, sig, perms[p]);
			minhash_sketch(sig, perms[p], &x);
			assert_int_equal(minhash_sketch_agree(&x, &x, perms[p]), n);
			minhash_sign(b, EACH, sig, perms[p]);
			minhash_sketch(sig, perms[p], &y);
			passed += minhash_sketch_agree(&x, &y, perms[p]) >= cut;
			draw_sets(a, b, EACH, 50, t + 77);	/* J = 0.17 */
			minhash_sign(b, EACH, sig, perms[p]);
			minhash_sketch(sig, perms[p], &y);
			far += minhash_sketch_agree(&x, &y, perms[p]) >= cut;
		}
		assert_true(passed / TRIALS >= 0.985);
		assert_true(far / TRIALS <= 0.1);
	}
	assert_int_equal(minhash_sketch_cut(1, 128, 0.999), 128);
}

int main(void)
{
	const struct CMUnitTest minhash[] = {
		cmocka_unit_test(plan_reaches_its_recall),
		cmocka_unit_test(recall_by_the_formula),
		cmocka_unit_test(shingles_are_runs_of_words),
		cmocka_unit_test(short_texts_are_one_shingle),
		cmocka_unit_test(jaccard_of_sets),
		cmocka_unit_test(estimates_are_unbiased),
		cmocka_unit_test(signature_does_not_depend_on_order_or_repetition),
		cmocka_unit_test(every_processor_signs_alike),
		cmocka_unit_test(bands_keep_their_promise),
		cmocka_unit_test(sketches_tell_far_from_near),
	};

	return cmocka_run_group_tests(minhash, NULL, NULL);
}
