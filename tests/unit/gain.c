/* gain - the logistic model, facts about pairs, what is learned of them, and its file */
#include "gain.h"
#include "logistic.h"

#include <setjmp.h>
#include <cmocka.h>

/* ---- the logistic model ---- */

/* One column of 0 or 1 and no penalty to speak of: the log-odds in either half. */
static void test_fit_closed(void **state)
{
	static const struct logistic_cell one = { 0, 1 };
	struct logistic_row rows[20];
	double w[2];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		rows[i] = (struct logistic_row){ &one, i < 10, i < 10 ? i < 7 : i < 14 };
	logistic_fit(rows, 20, 1, 1e-9, w);
	assert_float_equal(w[1], log(0.4 / 0.6), 1e-7);
	assert_float_equal(w[0] + w[1], log(0.7 / 0.3), 1e-7);
	/* All of one kind, and nothing at all: the share by Laplace's rule. */
	for (size_t i = 0; i < 20; i++)
		rows[i].y = 1;
	logistic_fit(rows, 20, 1, 1, w);
	assert_true(w[0] == 0 && fabs(sigmoid(w[1]) - 21.0 / 22) < 1e-12);
	logistic_fit(NULL, 0, 1, 1, w);
	assert_true(w[0] == 0 && w[1] == 0);
}

/* At the answer the slope is 0, whatever the rows: soft labels, a column that repeats another, one of huge values. */
static void test_fit_slope(void **state)
{
	struct logistic_cell cells[50][4];
	struct logistic_row rows[50];
	double w[5], slope[5] = { 0 };

	(void)state;
	for (size_t i = 0; i < 50; i++) {
		const double x = sin((double)i * 3.7), z = cos((double)i * i);

		cells[i][0] = (struct logistic_cell){ 0, x };
		cells[i][1] = (struct logistic_cell){ 1, -x };
		cells[i][2] = (struct logistic_cell){ 2, 1e4 * z };
		cells[i][3] = (struct logistic_cell){ 3, i % 7 == 0 };
		rows[i] = (struct logistic_row){ cells[i], 4, i % 3 == 0 ? 1 : i % 5 == 0 ? 0.5 : x > 0.8 };
	}
	logistic_fit(rows, 50, 4, 0.1, w);
	for (size_t k = 0; k < 4; k++)
		slope[k] = 0.1 * w[k];
	for (size_t i = 0; i < 50; i++) {
		const double off = sigmoid(logistic_at(&rows[i], 4, w)) - rows[i].y;

		for (size_t k = 0; k < 4; k++)
			slope[k] += off * cells[i][k].x;
		slope[4] += off;
	}
	for (size_t k = 0; k < 5; k++)
		assert_true(fabs(slope[k]) < (k == 2 ? 1e-3 : 1e-7));
	assert_float_equal(w[0], -w[1], 1e-9);
}

/* ---- facts ---- */

struct bench {
	struct rec r;
	struct arena arena;
	struct scan_index scratch;
	struct gain_facts f;
};

static bool facts(struct bench *b, const char *json, const struct gain_reads *reads)
{
	struct pair p;

	b->r = (struct rec){ .at = { "test", 1 } };
	assert_true(rec_open(&b->r, span_of(json), &b->arena, &b->scratch));
	assert_true(pair_need(&b->r, &p));
	return gain_facts_of(&b->r, &p, reads, &b->f);
}

static void done(struct bench *b)
{
	arena_free(&b->arena);
	scan_index_free(&b->scratch);
}

/* NaN: not there. */
static double fact(const struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->f.n; i++)
		if (span_eq(b->f.v[i].name, span_of(name)))
			return b->f.v[i].x;
	return NAN;
}

static void test_facts(void **state)
{
	static char *fields[] = { "tags", "level" }, *humans[] = { "ann", "bob" };
	static const struct gain_reads reads = { fields, humans, 2, 2 };
	struct bench b = { 0 };

	(void)state;
	assert_true(facts(&b, "{\"prompt\":\"Why is the sky blue?\",\"chosen\":\"The sky, the SKY!\",\"rejected\":\"the blue sky is\","
		"\"votes\":{\"ann\":\"B\",\"bob\":\"tie\",\"m\":[\"A\",\"B\"],\"k\":\"A\"},\"flip\":0.2,\"preference\":0.9,\"margin\":-3,\"difficulty\":1e300,"
		"\"tags\":{\"safety\":\"high\",\"code\":false,\"none\":null,\"of\":[\"a\",\"b\",\"a\",7]},\"level\":4}", &reads));
	assert_true(fabs(b.f.human - 0.75) < 1e-12);
	assert_true(fabs(fact(&b, "votes") - log(2.0 / 3)) < 1e-12);		/* (1 against + 1) / (3 + 2) */
	assert_true(fabs(fact(&b, "flip") - log(0.25)) < 1e-12);
	assert_true(fabs(fact(&b, "preference") - log(1.0 / 9)) < 1e-9);
	assert_true(fact(&b, "margin") == -3 && fact(&b, "difficulty") == 1e9 && isnan(fact(&b, "margin_std")));
	assert_true(fabs(fact(&b, "prompt_words") - log(6)) < 1e-12);
	assert_true(fabs(fact(&b, "words") - log(9)) < 1e-12);
	assert_true(fact(&b, "length_ratio") == 0 && fact(&b, "length_gap") == 0 && fact(&b, "question") == 1);
	assert_true(fabs(fact(&b, "overlap") - 0.5) < 1e-12);			/* the, sky; of 4 and 4 */
	assert_true(fabs(fact(&b, "copied") - 0) < 1e-12);
	assert_true(fact(&b, "tags.safety=high") == 1 && fact(&b, "tags.code=false") == 1 && fact(&b, "level") == 4);
	assert_true(fact(&b, "tags.of=a") == 1 && fact(&b, "tags.of=b") == 1 && b.f.n == 17);
	/* One annotator's record says nothing against its own label, but may be the human's. */
	assert_true(facts(&b, "{\"chosen\":\"a\",\"rejected\":\"b c d\",\"annotator\":\"m\"}", &reads));
	assert_true(isnan(fact(&b, "votes")) && isnan(b.f.human) && fabs(fact(&b, "length_ratio") - log(0.5)) < 1e-12);
	assert_true(facts(&b, "{\"chosen\":\"\",\"rejected\":\"\",\"annotator\":\"ann\",\"verdict\":\"B\"}", &reads));
	assert_true(b.f.human == 1 && fact(&b, "overlap") == 1);
	assert_false(facts(&b, "{\"chosen\":\"a\",\"rejected\":\"b\",\"votes\":{\"m\":3}}", &reads));
	assert_true(b.r.bad);
	done(&b);
}

/* ---- learning ---- */

/* 200 pairs; humans turn a label where `level` is above 0, but for every tenth. */
static void teach(struct gain_pupil *g, size_t n, bool human)
{
	for (size_t i = 0; i < n; i++) {
		const double level = sin((double)i * 1.7);
		struct gain_fact f[] = { { S("level"), level, false }, { S("same"), 5, false }, { S("tag=x"), 1, true }, { S("rare"), 1, true } };
		struct gain_facts facts = { .v = f, .n = i < 4 ? 4 : i % 2 ? 3 : 2, .human = NAN };

		if (human)
			facts.human = (level > 0) != (i % 10 == 0);
		gain_add(g, &facts, i / 2);
	}
}

static void test_learn(void **state)
{
	struct gain_pupil g = { 0 };
	struct gain_fact level = { S("level"), 0.9, false };
	size_t right = 0;

	(void)state;
	teach(&g, 200, true);
	teach(&g, 10, false);
	assert_null(gain_learn(&g, 1));
	assert_true(g.learned == 200 && g.m.pairs == 200 && g.m.n == 2);	/* not "same", not "rare" */
	for (size_t i = 0; i < 200; i++)
		right += (g.p[i] > 0.5) == (g.seats[i].human > 0.5);
	assert_in_range(right, 170, 185);
	assert_true(g.loss < 0.4 && g.base > 0.69);
	/* A pair that no human has seen is told by the model of all. */
	for (size_t i = 204; i < 210; i++) {
		struct gain_fact f[] = { { S("level"), sin((double)(i - 200) * 1.7), false }, { S("tag=x"), 1, true } };

		assert_float_equal(g.p[i], gain_predict(&g.m, &(struct gain_facts){ .v = f, .n = 1 + i % 2 }), 1e-12);
	}
	/* What is not there counts as its mean. */
	assert_float_equal(gain_predict(&g.m, &(struct gain_facts){ 0 }), sigmoid(g.m.intercept), 1e-12);
	assert_true(gain_predict(&g.m, &(struct gain_facts){ .v = &level, .n = 1 }) > 0.8);
	gain_pupil_free(&g);
}

static void test_cannot_learn(void **state)
{
	struct gain_pupil g = { 0 };

	(void)state;
	assert_non_null(gain_learn(&g, 1));
	gain_pupil_free(&g);
	teach(&g, 19, true);
	teach(&g, 100, false);
	assert_string_equal(gain_learn(&g, 1), "fewer than 20 pairs have a vote of a human");
	gain_pupil_free(&g);
	for (size_t i = 0; i < 30; i++)
		gain_add(&g, &(struct gain_facts){ .human = 1 }, i);
	assert_string_equal(gain_learn(&g, 1), "all of the humans' labels are the same");
	gain_pupil_free(&g);
}

/* A model does not see the pairs that it is asked about: if each group has a tag and a label of its own, all pairs of a fold look
 * alike to it. */
static void test_folds(void **state)
{
	struct gain_pupil g = { 0 };
	double seen[GAIN_FOLDS + 1];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		char name[16];
		struct gain_fact f = { { name, 0 }, 1, true };

		f.name.n = (size_t)snprintf(name, sizeof name, "g=%zu", i / 8);
		gain_add(&g, &(struct gain_facts){ .v = &f, .n = 1, .human = mix64(i / 8 + 77) & 1 }, i / 8);
	}
	assert_null(gain_learn(&g, 0.01));
	assert_int_equal(g.m.n, 50);
	for (size_t i = 0, k; i < 400; i++) {
		for (k = 0; k < n && seen[k] != g.p[i]; k++)
			;
		if (k == n)
			seen[n++] = g.p[i];
		assert_in_range(n, 1, GAIN_FOLDS);
	}
	gain_pupil_free(&g);
}

/* ---- the file ---- */

static void test_file(void **state)
{
	struct gain_pupil g = { 0 };
	struct gain_model m;
	struct buf once = { 0 }, twice = { 0 };

	(void)state;
	teach(&g, 100, true);
	assert_null(gain_learn(&g, 1));
	gain_reads_add(&g.m.reads.humans, &g.m.reads.n_humans, S("a \"b\" \xc3\xa9"));
	gain_reads_add(&g.m.reads.fields, &g.m.reads.n_fields, S("tags"));
	gain_reads_add(&g.m.reads.fields, &g.m.reads.n_fields, S("tags"));
	gain_put(&g.m, &once);
	assert_null(gain_get(&m, buf_span(&once)));
	assert_true(m.reads.n_fields == 1 && m.pairs == 100 && m.n == 2);
	gain_put(&m, &twice);
	assert_true(span_eq(buf_span(&once), buf_span(&twice)));
	gain_model_free(&m);
	/* Cut anywhere, or with any one byte changed, it is refused. */
	for (size_t i = 0; i + 1 < once.n; i++)
		assert_non_null(gain_get(&m, span_cut(buf_span(&once), 0, i)));
	for (size_t i = 0; i < once.n; i++) {
		once.p[i] ^= 1;
		assert_non_null(gain_get(&m, buf_span(&once)));
		once.p[i] ^= 1;
	}
	assert_non_null(gain_get(&m, S("{\"judges\":{}}")));
	buf_free(&once);
	buf_free(&twice);
	gain_pupil_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit_closed), cmocka_unit_test(test_fit_slope), cmocka_unit_test(test_facts),
		cmocka_unit_test(test_learn), cmocka_unit_test(test_cannot_learn), cmocka_unit_test(test_folds),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
