/* lm_forward - log-probs of tiny models against torch; what shares, packs, caches or threads against what does not
 *
 * The figures of tests/unit/lm_tiny.inc are written by tests/golden/lm.py, with transformers. PREF_SHARED/data/models
 * holds stories260K.bin and 60 tokens that llama2.c chose.
 */
#include "lm/forward.h"
#include "lm/kernel.h"
#include "lm/sgemm.h"
#include "scan.h"

#include <math.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#include "../lm_folder.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static const struct figures {
	const char *name;
	double logp[2][12];
} figures[] = {
#include "lm_tiny.inc"
};

static struct lm_model *open_tiny(const char *name, int flags)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct lm_error e = { .text = "" };
	struct lm_model *m = lm_open(path, flags, 2, &e);

	assert_string_equal(e.text, "");
	assert_non_null(m);
	free(path);
	return m;
}

/* The prompt with both responses. */
static void shared(struct lm_engine *e, double logp[2][12])
{
	struct lm_segment s[3] = { { .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1 } };

	for (int i = 0; i < 2; i++)
		s[i + 1] = (struct lm_segment){ .tokens = tiny_response[i], .n = tiny_tokens[i], .logp = logp[i] };
	assert_null(lm_forward(e, s, 3));
}

/* The prompt and one response as one root. */
static void alone(struct lm_engine *e, int i, double *logp)
{
	int32_t tokens[COUNT(tiny_prompt) + 12];

	memcpy(tokens, tiny_prompt, sizeof tiny_prompt);
	memcpy(tokens + COUNT(tiny_prompt), tiny_response[i], tiny_tokens[i] * sizeof *tokens);
	assert_null(lm_forward(e, &(struct lm_segment){ .tokens = tokens, .n = COUNT(tiny_prompt) + tiny_tokens[i],
		.parent = -1, .from = COUNT(tiny_prompt), .logp = logp }, 1));
}

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(figures); i++)
		for (int flags = 0; flags <= LM_PACKED; flags++) {
			struct lm_model *m = open_tiny(figures[i].name, flags);
			struct lm_engine *e = lm_engine_new(m, 1);
			double logp[2][12], single[12];

			shared(e, logp);
			for (int k = 0; k < 2; k++) {
				alone(e, k, single);
				for (size_t t = 0; t < tiny_tokens[k]; t++) {
					NEAR(logp[k][t], figures[i].logp[k][t], 1e-5);
					NEAR(single[t], figures[i].logp[k][t], 1e-5);
				}
			}
			lm_engine_free(e);
			lm_free(m);
		}
	assert_int_equal(COUNT(figures), COUNT(tiny_kinds));
}

/* Rounded to bf16: near torch's figures in float, not at them (0.07 at most; tests/golden/bf16.py has torch round, too); the same
 * bits for any number of threads. */
static void test_bf16(void **state)
{
	struct lm_error e = { .text = "" };
	char *path = xasprintf("%s/%s", folder, figures[0].name);

	(void)state;
	assert_null(lm_open(path, LM_BF16 | LM_PACKED, 1, &e));
	assert_string_equal(e.text, "weights are either packed or bf16");
	free(path);
	if (!sgemm_bf16())
		skip();
	for (size_t i = 0; i < COUNT(figures); i++) {
		struct lm_model *m = open_tiny(figures[i].name, LM_BF16), *full = open_tiny(figures[i].name, 0);
		double logp[2][2][12], worst = 0;

		for (int t = 0; t < 2; t++) {
			struct lm_engine *engine = lm_engine_new(m, 1 + t);

			shared(engine, logp[t]);
			lm_engine_free(engine);
		}
		for (int k = 0; k < 2; k++)
			for (size_t t = 0; t < tiny_tokens[k]; t++) {
				worst = fmax(worst, fabs(logp[0][k][t] - figures[i].logp[k][t]));
				assert_memory_equal(&logp[0][k][t], &logp[1][k][t], sizeof (double));
			}
		assert_true(worst > 1e-6 && worst < 0.1);
		assert_true(m->bytes < full->bytes);
		lm_free(m);
		lm_free(full);
	}
}

/* 150 sequences in one pass, many tiles of attention and of products: as one by one, and the same bits for any
 * number of threads. */
static void test_packed(void **state)
{
	enum { MANY = 75 };
	struct lm_model *m = open_tiny("llama", 0);
	struct lm_engine *e[3] = { lm_engine_new(m, 1), lm_engine_new(m, 2), lm_engine_new(m, 3) };
	static double logp[3][MANY][2][12];
	struct lm_segment s[3 * MANY];
	double single[12];

	(void)state;
	for (int t = 0; t < 3; t++) {
		for (int i = 0; i < MANY; i++) {
			s[3 * i] = (struct lm_segment){ .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1 };
			for (int k = 0; k < 2; k++)
				s[3 * i + 1 + k] = (struct lm_segment){ .tokens = tiny_response[k], .n = tiny_tokens[k],
					.parent = 3 * i, .logp = logp[t][i][k] };
		}
		assert_null(lm_forward(e[t], s, 3 * MANY));
	}
	for (int k = 0; k < 2; k++) {
		alone(e[0], k, single);
		for (int i = 0; i < MANY; i++)
			for (size_t n = 0; n < tiny_tokens[k]; n++) {
				NEAR(logp[0][i][k][n], single[n], 1e-5);
				assert_memory_equal(&logp[0][i][k][n], &logp[1][i][k][n], sizeof (double));
				assert_memory_equal(&logp[0][i][k][n], &logp[2][i][k][n], sizeof (double));
			}
	}
	for (int t = 0; t < 3; t++)
		lm_engine_free(e[t]);
	lm_free(m);
}

/* A tree: the prompt in three pieces, a response that goes on from another, an empty one between. */
static void test_tree(void **state)
{
	struct lm_model *m = open_tiny("qwen2", 0);
	struct lm_engine *e = lm_engine_new(m, 2);
	const int32_t *p = tiny_prompt, *r = tiny_response[1];
	double logp[12], whole[12], again[3];
	const struct lm_segment s[] = {
		{ .tokens = p, .n = 2, .parent = -1 },
		{ .tokens = p + 2, .n = 3, .parent = 0 },
		{ .tokens = tiny_response[0], .n = 4, .parent = 0 },
		{ .tokens = p + 5, .n = 2, .parent = 1 },
		{ .tokens = NULL, .n = 0, .parent = 3, .logp = logp },
		{ .tokens = r, .n = 4, .parent = 4, .logp = logp },
		{ .tokens = r + 4, .n = 8, .parent = 5, .logp = logp + 4 },
		{ .tokens = r + 4, .n = 6, .parent = 5, .from = 3, .logp = again },
	};

	(void)state;
	alone(e, 1, whole);
	assert_null(lm_forward(e, s, COUNT(s)));
	for (int i = 0; i < 12; i++)
		NEAR(logp[i], whole[i], 1e-5);
	for (int i = 0; i < 3; i++)
		NEAR(again[i], whole[7 + i], 1e-5);
	lm_engine_free(e);
	lm_free(m);
}

static double logp_of(const float *logits, size_t n, int32_t token)
{
	double sum = 0, most = logits[lm_argmax(logits, n)];

	for (size_t i = 0; i < n; i++)
		sum += exp(logits[i] - most);
	return logits[token] - most - log(sum);
}

/* Token by token with a cache, two sequences at once: the logits say what log-probs of the whole say. */
static void test_cache(void **state)
{
	static const char *const names[] = { "llama3", "gpt2" };

	(void)state;
	for (size_t n = 0; n < COUNT(names); n++) {
		struct lm_model *m = open_tiny(names[n], 0);
		struct lm_engine *e = lm_engine_new(m, 2);
		struct lm_cache cache[2];
		float logits[2][TINY_VOCAB];
		double whole[2][12];
		struct lm_segment s[2];

		shared(e, whole);
		for (int i = 0; i < 2; i++) {
			lm_cache_init(&cache[i], m, 15);
			s[i] = (struct lm_segment){ .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1,
				.cache = &cache[i], .logits = logits[i] };
		}
		for (size_t k = 0; k < tiny_tokens[0]; k++) {
			assert_null(lm_forward(e, s, 2));
			for (int i = 0; i < 2; i++) {
				NEAR(logp_of(logits[i], TINY_VOCAB, tiny_response[i][k]), whole[i][k], 1e-5);
				s[i].tokens = &tiny_response[i][k];
				s[i].n = 1;
			}
		}
		assert_int_equal(cache[1].n, COUNT(tiny_prompt) + 4);
		/* The rest at once, with log-probs of all but its first. */
		s[1] = (struct lm_segment){ .tokens = tiny_response[1] + 4, .n = 5, .parent = -1, .cache = &cache[1],
			.from = 1, .logp = whole[0] };
		assert_string_equal(lm_forward(e, &s[1], 1), "longer than the cache");
		s[1].n = 4;
		assert_null(lm_forward(e, &s[1], 1));
		for (int k = 0; k < 3; k++)
			NEAR(whole[0][k], whole[1][5 + k], 1e-5);
		for (int i = 0; i < 2; i++)
			lm_cache_free(&cache[i]);
		lm_engine_free(e);
		lm_free(m);
	}
}

/* Two samples of one prompt, which is held once. */
static void test_cache_after(void **state)
{
	static const char *const names[] = { "llama3", "gpt2" };

	(void)state;
	for (size_t n = 0; n < COUNT(names); n++) {
		struct lm_model *m = open_tiny(names[n], 0);
		struct lm_engine *e = lm_engine_new(m, 2);
		struct lm_cache prompt, cache[2];
		float logits[2][TINY_VOCAB];
		double whole[2][12];
		struct lm_segment s[2];

		shared(e, whole);
		lm_cache_init(&prompt, m, COUNT(tiny_prompt));
		s[0] = (struct lm_segment){ .tokens = tiny_prompt, .n = COUNT(tiny_prompt), .parent = -1, .cache = &prompt };
		assert_null(lm_forward(e, s, 1));
		for (int i = 0; i < 2; i++) {
			lm_cache_init(&cache[i], m, 4);
			cache[i].after = &prompt;
			s[i] = (struct lm_segment){ .n = 1, .parent = -1, .cache = &cache[i], .logits = logits[i] };
		}
		for (size_t k = 0; k < 4; k++) {
			for (int i = 0; i < 2; i++)
				s[i].tokens = &tiny_response[i][k];
			assert_null(lm_forward(e, s, 2));
			for (int i = 0; i < 2; i++)
				NEAR(logp_of(logits[i], TINY_VOCAB, tiny_response[i][k + 1]), whole[i][k + 1], 1e-5);
		}
		assert_int_equal(prompt.n, COUNT(tiny_prompt));
		assert_string_equal(lm_forward(e, s, 2), "longer than the cache");
		for (int i = 0; i < 2; i++)
			lm_cache_free(&cache[i]);
		lm_cache_free(&prompt);
		lm_engine_free(e);
		lm_free(m);
	}
}

static void test_refused(void **state)
{
	struct lm_model *m = open_tiny("gpt2", 0);
	struct lm_engine *e = lm_engine_new(m, 1);
	int32_t tokens[TINY_CONTEXT + 1] = { 0 };
	float logits[TINY_VOCAB];
	double logp[TINY_CONTEXT];
	struct lm_segment s = { .tokens = tokens, .n = TINY_CONTEXT + 1, .parent = -1, .from = 1, .logp = logp };
	const struct lm_segment empty[] = { { .parent = -1 }, { .tokens = tokens, .n = 2, .parent = 0, .logp = logp } };

	(void)state;
	assert_string_equal(lm_forward(e, &s, 1), "longer than the model's context");
	s.n--;
	assert_null(lm_forward(e, &s, 1));
	tokens[3] = TINY_VOCAB;
	assert_string_equal(lm_forward(e, &s, 1), "a token that the model does not have");
	tokens[3] = -1;
	assert_string_equal(lm_forward(e, &s, 1), "a token that the model does not have");
	assert_string_equal(lm_forward(e, empty, 2), "nothing comes before what is asked for");
	assert_string_equal(lm_forward(e, &(struct lm_segment){ .parent = -1, .logits = logits }, 1),
		"nothing comes before what is asked for");
	assert_null(lm_forward(e, NULL, 0));
	assert_null(lm_forward(e, empty, 1));
	lm_engine_free(e);
	lm_free(m);
}

/* ---- kernels ---- */

enum { WIDTH = 1000 };

static void random_row(struct rng *g, float *x, size_t n, double scale)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(scale * rng_normal(g));
}

/* Every instruction set gives the bits of the plain path, for lengths around the width of registers. */
static void test_kernels_agree(void **state)
{
	static const char *const names[] = { "avx2", "avx512" };
	const struct kernels *plain = kernels_named("plain");
	static float x[3][WIDTH], y[2][WIDTH], d[2][3][WIDTH];
	struct rng g = { 3, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct kernels *k = kernels_named(names[i]);

		for (size_t n = 1; k && n <= WIDTH; n += n < 70 ? 1 : 93) {
			float most[2], stat[2][2][2];
			double sum[2], square[2], spread[2][2];

			for (int r = 0; r < 3; r++)
				random_row(&g, x[r], n, 3);
			for (int t = 0; t < 2; t++) {
				const struct kernels *use = t ? k : plain;

				use->rms_norm(y[t], x[0], x[1], n, 1e-5);
				use->layer_norm(y[t], y[t], x[1], x[2], n, 1e-5);
				use->swiglu(y[t], y[t], x[1], n);
				use->gelu(y[t], y[t], n);
				use->rotate(y[t], x[1], x[2], n / 2);
				use->sum_exp(y[t], n, &most[t], &sum[t]);
				use->softmax(y[t], n, 0.3f);
				memset(d[t], 0, sizeof d[t]);
				use->rms_norm_back(d[t][0], x[0], x[1], x[2], n, 1e-5, stat[t][0]);
				use->layer_norm_back(d[t][0], x[2], x[1], x[0], n, 1e-5, stat[t][1]);
				use->swiglu_back(d[t][0], d[t][1], d[t][0], x[0], x[1], n);
				use->gelu_back(d[t][0], d[t][0], x[2], n);
				use->softmax_back(d[t][0], y[t], n, 0.3f);
				use->rotate_back(d[t][1], x[1], x[2], n / 2);
				memcpy(d[t][2], y[t], sizeof y[t]);
				use->adam(y[t], d[t][0], d[t][1], d[t][2], n, &(struct adam_step){ .9f, .5f, .9f, .99f, .1f, 2, 1e-3f });
				square[t] = use->square(y[t], n);
				use->spread(y[t], n, 0.5f, &spread[t][0], &spread[t][1]);
			}
			assert_memory_equal(d[0][0], d[1][0], n * sizeof ***d);
			assert_memory_equal(d[0][1], d[1][1], n * sizeof ***d);
			assert_memory_equal(stat[0], stat[1], sizeof *stat);
			assert_memory_equal(&square[0], &square[1], sizeof *square);
			assert_memory_equal(spread[0], spread[1], sizeof *spread);
			assert_memory_equal(y[0], y[1], n * sizeof **y);
			assert_memory_equal(&most[0], &most[1], sizeof *most);
			assert_memory_equal(&sum[0], &sum[1], sizeof *sum);
		}
	}
}

static void test_kernels_right(void **state)
{
	const struct kernels *k = kernels();
	static float x[WIDTH], w[WIDTH], b[WIDTH], y[WIDTH];
	struct rng g = { 4, 0 };
	double sum = 0, square = 0, all = 0, total;
	float most;

	(void)state;
	random_row(&g, x, WIDTH, 4);
	random_row(&g, w, WIDTH, 1);
	random_row(&g, b, WIDTH, 1);
	for (int i = 0; i < WIDTH; i++) {
		sum += x[i];
		square += (double)x[i] * x[i];
		all += exp(x[i]);
	}
	k->rms_norm(y, x, w, WIDTH, 0.5);
	for (int i = 0; i < WIDTH; i++)
		NEAR(y[i], x[i] / sqrt(square / WIDTH + 0.5) * w[i], 1e-5);
	k->layer_norm(y, x, w, b, WIDTH, 0.5);
	for (int i = 0; i < WIDTH; i++)
		NEAR(y[i], (x[i] - sum / WIDTH) / sqrt((square - sum * sum / WIDTH) / WIDTH + 0.5) * w[i] + b[i], 1e-5);
	k->swiglu(y, x, w, WIDTH);
	for (int i = 0; i < WIDTH; i++)
		NEAR(y[i], x[i] / (1 + exp(-x[i])) * w[i], 1e-5);
	k->gelu(y, x, WIDTH);
	for (int i = 0; i < WIDTH; i++)
		NEAR(y[i], 0.5 * x[i] * (1 + tanh(sqrt(2 / M_PI) * (x[i] + 0.044715 * pow(x[i], 3)))), 1e-5);
	k->sum_exp(x, WIDTH, &most, &total);
	NEAR(most + log(total), log(all), 1e-6);
	memcpy(y, x, sizeof y);
	k->softmax(y, WIDTH, 1);
	for (int i = 0; i < WIDTH; i++)
		NEAR(y[i] / (exp(x[i]) / all), 1, 1e-5);
	k->rotate(y, w, b, WIDTH / 2);
	for (int i = 0; i < WIDTH / 2; i++)
		NEAR(y[i], exp(x[i]) / all * w[i] - exp(x[i + WIDTH / 2]) / all * b[i], 1e-6);
	/* Far ends: nothing is infinite. */
	x[0] = 1e30f;
	x[1] = -1e30f;
	k->swiglu(y, x, w, 2);
	k->gelu(y + 2, x, 2);
	assert_true(y[0] == x[0] * w[0] && fabsf(y[1]) < 1e-6 && y[2] == x[0] && fabsf(y[3]) < 1e-6);
}

/* ---- a real model ---- */

/* The numbers of a member of the file, an array. */
static size_t numbers(struct value top, const char *name, int32_t *to, size_t most)
{
	struct scan_iter it = scan_open(scan_member(top, span_of(name)));
	struct member m;
	size_t n = 0;
	double x;

	while (n < most && scan_next(&it, &m) && json_number(m.val, &x))
		to[n++] = (int32_t)x;
	return n;
}

static void test_stories(void **state)
{
	const char *data = getenv("PREF_SHARED");
	char *path = xasprintf("%s/data/models/stories260K.bin", data ? data : "../shared");
	char *answers = xasprintf("%s/data/models/stories260k_greedy.json", data ? data : "../shared");
	struct lm_error e;
	struct span json;
	struct value top;
	struct scan_error why;

	(void)state;
	if (access(path, R_OK) || !lm_map(answers, &json, &e)) {
		printf("skipped: %s is not there\n", path);
		free(path);
		free(answers);
		return;
	}
	assert_true(scan(json, 0, NULL, &top, &why));
	for (int flags = 0; flags <= LM_PACKED; flags++) {
		struct lm_model *m = lm_open(path, flags, 1, &e);
		struct lm_engine *engine = lm_engine_new(m, 2);
		struct lm_cache cache;
		int32_t prompt[16], golden[64], token;
		const size_t n = numbers(top, "greedy_ids", golden, COUNT(golden));
		float logits[512];
		struct lm_segment s = { .tokens = prompt, .n = numbers(top, "prompt_ids", prompt, 16), .parent = -1,
			.cache = &cache, .logits = logits };

		assert_int_equal(n, 60);
		assert_int_equal(lm_parameters(m), 260032);
		lm_cache_init(&cache, m, 64);
		for (size_t i = 0; i < n; i++) {
			assert_null(lm_forward(engine, &s, 1));
			token = lm_argmax(logits, m->config.vocab);
			assert_int_equal(token, golden[i]);
			s.tokens = &token;
			s.n = 1;
		}
		lm_cache_free(&cache);
		lm_engine_free(engine);
		lm_free(m);
	}
	lm_unmap(json);
	free(path);
	free(answers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden), cmocka_unit_test(test_bf16), cmocka_unit_test(test_packed), cmocka_unit_test(test_tree),
		cmocka_unit_test(test_cache), cmocka_unit_test(test_cache_after), cmocka_unit_test(test_refused), cmocka_unit_test(test_kernels_agree),
		cmocka_unit_test(test_kernels_right), cmocka_unit_test(test_stories),
	};

	return cmocka_run_group_tests(tests, make_models, remove_models);
}
