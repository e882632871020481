/* lm_tiny.h - tiny random models, the same on every machine: for unit tests, and for their peers in Python
 *
 * Weights are uniform, from lib/random by the tensor's name; files are written by lib/lm/safetensors.
 */
#ifndef PREF_LM_TINY_H
#define PREF_LM_TINY_H

#include <stdlib.h>
#include <sys/stat.h>

#include "lm/safetensors.h"
#include "random.h"

enum { TINY_DIM = 32, TINY_HEAD = 8, TINY_HEADS = 4, TINY_KV = 2, TINY_HIDDEN = 48, TINY_VOCAB = 96, TINY_CONTEXT = 64 };

/* dtype: of the matrices. */
struct tiny {
	struct lm_tensors t;
	struct arena memory;
	enum quant dtype;
	bool gpt2;
};

static void tiny_add(struct tiny *y, const char *name, uint64_t rows, uint64_t cols)
{
	struct rng g = rng_for(1, name, 0);
	const size_t n = (size_t)(cols ? rows * cols : rows);
	const bool norm = strstr(name, "norm") || strstr(name, "ln_"), bias = strstr(name, "bias");
	float *x = arena_alloc(&y->memory, n * sizeof *x);
	uint16_t *half = (uint16_t *)x;
	struct lm_tensor t = { .name = arena_copy(&y->memory, span_of(name)), .dims = cols ? 2 : 1, .dim = { rows, cols } };
	struct lm_error e;

	t.type = cols ? y->dtype : QUANT_F32;
	for (size_t i = 0; i < n; i++) {
		const float u = (float)(2 * rng_real(&g) - 1);

		x[i] = norm && !bias ? 1 + 0.2f * u : bias ? 0.2f * u : 0.4f * u;
		if (t.type == QUANT_BF16)
			half[i] = quant_to_bf16(x[i]);
	}
	if (!lm_tensors_add(&y->t, t, (char *)x, n * (t.type == QUANT_BF16 ? 2 : 4), &e))
		bug("%s", e.text);
}

static void tiny_layer(struct tiny *y, int layer, const char *name, uint64_t rows, uint64_t cols, bool bias)
{
	char text[128];

	snprintf(text, sizeof text, "%s%d.%s.weight", y->gpt2 ? "transformer.h." : "model.layers.", layer, name);
	tiny_add(y, text, rows, cols);
	snprintf(strrchr(text, '.'), 8, ".bias");
	if (bias)
		tiny_add(y, text, y->gpt2 && cols ? cols : rows, 0);
}

static void tiny_gpt2(struct tiny *y)
{
	tiny_add(y, "transformer.wte.weight", TINY_VOCAB, TINY_DIM);
	tiny_add(y, "transformer.wpe.weight", TINY_CONTEXT, TINY_DIM);
	for (int i = 0; i < 2; i++) {
		tiny_layer(y, i, "ln_1", TINY_DIM, 0, true);
		tiny_layer(y, i, "attn.c_attn", TINY_DIM, 3 * TINY_DIM, true);
		tiny_layer(y, i, "attn.c_proj", TINY_DIM, TINY_DIM, true);
		tiny_layer(y, i, "ln_2", TINY_DIM, 0, true);
		tiny_layer(y, i, "mlp.c_fc", TINY_DIM, 4 * TINY_DIM, true);
		tiny_layer(y, i, "mlp.c_proj", 4 * TINY_DIM, TINY_DIM, true);
	}
	tiny_add(y, "transformer.ln_f.weight", TINY_DIM, 0);
	tiny_add(y, "transformer.ln_f.bias", TINY_DIM, 0);
}

static void tiny_llama(struct tiny *y, bool tied, bool qkv_bias)
{
	tiny_add(y, "model.embed_tokens.weight", TINY_VOCAB, TINY_DIM);
	for (int i = 0; i < 2; i++) {
		tiny_layer(y, i, "input_layernorm", TINY_DIM, 0, false);
		tiny_layer(y, i, "self_attn.q_proj", TINY_HEADS * TINY_HEAD, TINY_DIM, qkv_bias);
		tiny_layer(y, i, "self_attn.k_proj", TINY_KV * TINY_HEAD, TINY_DIM, qkv_bias);
		tiny_layer(y, i, "self_attn.v_proj", TINY_KV * TINY_HEAD, TINY_DIM, qkv_bias);
		tiny_layer(y, i, "self_attn.o_proj", TINY_DIM, TINY_HEADS * TINY_HEAD, false);
		tiny_layer(y, i, "post_attention_layernorm", TINY_DIM, 0, false);
		tiny_layer(y, i, "mlp.gate_proj", TINY_HIDDEN, TINY_DIM, false);
		tiny_layer(y, i, "mlp.up_proj", TINY_HIDDEN, TINY_DIM, false);
		tiny_layer(y, i, "mlp.down_proj", TINY_DIM, TINY_HIDDEN, false);
	}
	tiny_add(y, "model.norm.weight", TINY_DIM, 0);
	if (!tied)
		tiny_add(y, "lm_head.weight", TINY_VOCAB, TINY_DIM);
}

#define TINY_SIZES "\"hidden_size\":32,\"intermediate_size\":48,\"num_hidden_layers\":2,\"num_attention_heads\":4," \
	"\"num_key_value_heads\":2,\"vocab_size\":96,\"max_position_embeddings\":64,\"hidden_act\":\"silu\","

/* llama: untied, another rotary base; llama3: tied, frequencies scaled, bfloat16, in two shards; linear: scaled
 * positions; qwen2: biases; gpt2. */
static const struct tiny_kind {
	const char *name, *config;
} tiny_kinds[] = {
	{ "llama", "{\"model_type\":\"llama\"," TINY_SIZES "\"rms_norm_eps\":1e-5,\"rope_theta\":500.0,"
		"\"tie_word_embeddings\":false}\n" },
	{ "llama3", "{\"model_type\":\"llama\"," TINY_SIZES "\"rms_norm_eps\":1e-5,\"rope_theta\":100.0,"
		"\"tie_word_embeddings\":true,\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,"
		"\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":32}}\n" },
	{ "linear", "{\"model_type\":\"mistral\"," TINY_SIZES "\"rms_norm_eps\":1e-6,\"sliding_window\":null,"
		"\"rope_theta\":10000.0,\"tie_word_embeddings\":true,\"rope_scaling\":{\"type\":\"linear\",\"factor\":2.0}}\n" },
	{ "qwen2", "{\"model_type\":\"qwen2\"," TINY_SIZES "\"rms_norm_eps\":1e-6,\"rope_theta\":1000.0,"
		"\"tie_word_embeddings\":true}\n" },
	{ "gpt2", "{\"model_type\":\"gpt2\",\"n_embd\":32,\"n_layer\":2,\"n_head\":4,\"vocab_size\":96,\"n_positions\":64,"
		"\"activation_function\":\"gelu_new\",\"layer_norm_epsilon\":1e-5}\n" },
};

static void tiny_make(struct tiny *y, const char *name)
{
	*y = (struct tiny){ .gpt2 = strcmp(name, "gpt2") == 0, .dtype = strcmp(name, "llama3") ? QUANT_F32 : QUANT_BF16 };
	if (y->gpt2)
		tiny_gpt2(y);
	else
		tiny_llama(y, strcmp(name, "llama") != 0, strcmp(name, "qwen2") == 0);
}

static void tiny_free(struct tiny *y)
{
	lm_tensors_free(&y->t);
	arena_free(&y->memory);
}

/* Write the model to a folder, which is made if it is not there. */
static void tiny_write(const char *name, const char *folder)
{
	struct tiny y;
	struct lm_error e;
	char *path = xasprintf("%s/config.json", folder);
	const char *config = NULL;

	for (size_t i = 0; i < COUNT(tiny_kinds); i++)
		if (strcmp(tiny_kinds[i].name, name) == 0)
			config = tiny_kinds[i].config;
	if (!config)
		bug("no tiny model %s", name);
	tiny_make(&y, name);
	mkdir(folder, 0777);
	if (!safetensors_write_file(path, span_of(config), &e) ||
		!safetensors_write(folder, &y.t, y.dtype == QUANT_BF16 ? 20000 : UINT64_MAX, &e))
		bug("%s", e.text);
	free(path);
	tiny_free(&y);
}

/* A prompt and two responses, made up. */
static const int32_t tiny_prompt[] = { 1, 17, 93, 5, 5, 60, 2 };
static const int32_t tiny_response[2][12] = { { 8, 95, 0, 33, 41 }, { 8, 12, 77, 77, 3, 9, 50, 64, 21, 90, 11, 2 } };
static const size_t tiny_tokens[2] = { 5, 12 };

#endif
