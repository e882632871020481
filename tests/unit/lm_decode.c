/* lm_decode: continuations of a tiny model, whoever shares the batch */
#include "lm/decode.h"

#include <math.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#include "../lm_tiny.h"

enum { PROMPTS = 5, SAMPLES = 3, MOST = 12 };

static char folder[64];
static struct lm_model *model;
static struct tokenizer *tok;
static int32_t prompt[PROMPTS][PROMPTS + 2];

/* One character a token, from '!' on, the last a "~". */
static struct tokenizer *letters(void)
{
	static char text[TINY_VOCAB];
	struct span span[TINY_VOCAB];
	struct tokenizer_spec spec = { .kind = TOKENIZER_BYTES, .pre = S("gpt-2"), .n = TINY_VOCAB, .text = span,
		.bos = -1, .eos = -1, .unk = -1, .pad = -1 };
	struct lm_error e = { .text = "" };
	struct tokenizer *t;

	for (int i = 0; i < TINY_VOCAB; i++) {
		text[i] = (char)('!' + i);
		span[i] = (struct span){ &text[i], 1 };
	}
	span[94] = S("\xc4\xa0");	/* a blank, and a line end */
	span[95] = S("\xc4\x8a");
	t = tokenizer_new(&spec, &e);
	assert_string_equal(e.text, "");
	return t;
}

static int open_all(void **state)
{
	struct lm_error e = { .text = "" };

	(void)state;
	snprintf(folder, sizeof folder, "/tmp/pref-lm-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	tiny_write("llama3", folder);
	model = lm_open(folder, 0, 1, &e);
	tok = letters();
	for (int32_t i = 0; i < PROMPTS; i++)
		for (int32_t k = 0; k < PROMPTS + 2; k++)
			prompt[i][k] = (7 * i + 13 * k) % TINY_VOCAB;
	return model && tok ? 0 : -1;
}

static int close_all(void **state)
{
	char *command = xasprintf("rm -r %s", folder);
	int status = system(command);

	(void)state;
	lm_free(model);
	tokenizer_free(tok);
	free(command);
	return status;
}

static void decode(int threads, const struct lm_decoding *how, struct lm_continuation c[PROMPTS][SAMPLES])
{
	struct lm_engine *e = lm_engine_new(model, threads);
	struct lm_request r[PROMPTS];

	for (uint64_t i = 0; i < PROMPTS; i++) {
		for (uint64_t k = 0; k < SAMPLES; k++)
			c[i][k] = (struct lm_continuation){ .g = rng_for(i, "sample", k) };
		r[i] = (struct lm_request){ .prompt = prompt[i], .n = i + 2, .sample = c[i], .samples = SAMPLES };
	}
	lm_decode(e, model, tok, how, r, PROMPTS);
	for (int i = 0; i < PROMPTS; i++)
		assert_null(r[i].why);
	lm_engine_free(e);
}

static void free_all(struct lm_continuation c[PROMPTS][SAMPLES])
{
	for (int i = 0; i < PROMPTS * SAMPLES; i++)
		lm_continuation_free(&c[i / SAMPLES][i % SAMPLES]);
}

/* What the batch and the threads do not change: tokens, texts, and the last bit of log-probs. */
static void test_same_bits(void **state)
{
	static const int32_t ends[] = { 17, 40 };
	struct lm_decoding how = { .sampling = { 1.3, 0.9, 0 }, .most = MOST, .ends = ends, .n_ends = 2 };
	struct lm_continuation a[PROMPTS][SAMPLES], b[PROMPTS][SAMPLES];

	(void)state;
	how.together = 1;
	decode(1, &how, a);
	for (how.together = 2; how.together < 20; how.together += 6) {
		decode(2, &how, b);
		for (int i = 0; i < PROMPTS; i++)
			for (int k = 0; k < SAMPLES; k++) {
				assert_int_equal(a[i][k].n, b[i][k].n);
				assert_memory_equal(a[i][k].token, b[i][k].token, a[i][k].n * sizeof(int32_t));
				assert_true(a[i][k].logp == b[i][k].logp);
				assert_true(span_eq(buf_span(&a[i][k].text), buf_span(&b[i][k].text)));
			}
		free_all(b);
	}
	free_all(a);
}

/* Log-probs are those that the forward pass gives the whole; what is likeliest is what greedy decoding takes. */
static void test_log_probs(void **state)
{
	const struct lm_decoding how = { .sampling = { 0, 1, 0 }, .most = MOST, .together = 4 };
	struct lm_engine *e = lm_engine_new(model, 1);
	struct lm_continuation c[PROMPTS][SAMPLES];

	(void)state;
	decode(1, &how, c);
	for (size_t i = 0; i < PROMPTS; i++) {
		double logp[MOST], sum = 0;
		struct lm_segment s[2] = {
			{ .tokens = prompt[i], .n = i + 2, .parent = -1 },
			{ .tokens = c[i][0].token, .n = c[i][0].n, .parent = 0, .logp = logp },
		};

		assert_int_equal(c[i][0].n, MOST);
		assert_int_equal(c[i][0].finish, LM_LENGTH);
		assert_null(lm_forward(e, s, 2));
		for (int t = 0; t < MOST; t++) {
			float logits[TINY_VOCAB];
			struct lm_segment one[2] = { s[0], s[1] };

			one[1].n = (size_t)t;
			one[1].logp = NULL;
			one[1].logits = logits;
			assert_null(lm_forward(e, one, 2));
			assert_int_equal(lm_argmax(logits, TINY_VOCAB), c[i][0].token[t]);
			sum += logp[t];
		}
		assert_true(fabs(sum - c[i][0].logp) < 1e-4);
		assert_memory_equal(c[i][0].token, c[i][2].token, MOST * sizeof(int32_t));
	}
	free_all(c);
	lm_engine_free(e);
}

/* Ends are drawn but not shown; stops are cut off, also where they begin in an earlier token. */
static void test_ends(void **state)
{
	struct lm_decoding how = { .sampling = { 0, 1, 0 }, .most = MOST, .together = 3 };
	struct lm_continuation whole[PROMPTS][SAMPLES], cut[PROMPTS][SAMPLES];
	struct span stop;

	(void)state;
	decode(1, &how, whole);
	how.ends = &whole[0][0].token[5];
	how.n_ends = 1;
	decode(1, &how, cut);
	assert_int_equal(cut[0][0].finish, LM_STOP);
	assert_int_equal(cut[0][0].token[cut[0][0].n - 1], *how.ends);
	assert_int_equal(cut[0][0].text.n, cut[0][0].n - 1);
	assert_memory_equal(cut[0][0].text.p, whole[0][0].text.p, cut[0][0].text.n);
	free_all(cut);
	how.n_ends = 0;
	stop = span_cut(buf_span(&whole[1][0].text), 4, 7);
	how.stops = &stop;
	how.n_stops = 1;
	decode(1, &how, cut);
	assert_int_equal(cut[1][0].finish, LM_STOP);
	assert_true(cut[1][0].text.n <= 4);
	assert_memory_equal(cut[1][0].text.p, whole[1][0].text.p, cut[1][0].text.n);
	assert_true(span_eq(stop, span_cut(buf_span(&whole[1][0].text), cut[1][0].text.n, cut[1][0].text.n + 3)));
	free_all(cut);
	free_all(whole);
}

static void test_context(void **state)
{
	const struct lm_decoding how = { .sampling = { 0, 1, 0 }, .most = 100, .together = 2 };
	static const int32_t full[TINY_CONTEXT] = { 1 };
	struct lm_continuation c[2] = { { .n = 0 }, { .n = 0 } };
	struct lm_request r[2] = {
		{ .prompt = full, .n = TINY_CONTEXT, .sample = &c[0], .samples = 1 },
		{ .prompt = full, .n = TINY_CONTEXT - 3, .sample = &c[1], .samples = 1 },
	};
	struct lm_engine *e = lm_engine_new(model, 1);

	(void)state;
	lm_decode(e, model, tok, &how, r, 2);
	assert_string_equal(r[0].why, "the prompt fills the model's context");
	assert_int_equal(c[0].n, 0);
	assert_int_equal(c[1].n, 3);
	assert_int_equal(c[1].finish, LM_LENGTH);
	lm_continuation_free(&c[1]);
	lm_engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bits), cmocka_unit_test(test_log_probs), cmocka_unit_test(test_ends),
		cmocka_unit_test(test_context),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
