/* lm_files - one model from three formats (long: it writes all three)
 *
 * Files that are cut, changed or wrong are errors with a reason. */
#include "lm/build.h"
#include "lm/forward.h"

#include <math.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#include "../lm_tiny.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/pref-lm-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char *command = xasprintf("rm -r %s", folder);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

/* A path in the folder; static. */
static const char *at(const char *name)
{
	static char path[2][160];
	static int which;

	which = !which;
	snprintf(path[which], sizeof *path, "%s/%s", folder, name);
	return path[which];
}

static void write_bytes(const char *path, struct span s)
{
	struct lm_error e;

	assert_true(safetensors_write_file(path, s, &e));
}

/* ---- a writer of GGUF, from the tensors of a tiny model ---- */

static void put(struct buf *b, uint64_t x, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_addc(b, (char)(x >> 8 * i));
}

static void put_text(struct buf *b, const char *text)
{
	put(b, strlen(text), 8);
	buf_adds(b, text);
}

static void put_key(struct buf *b, const char *arch, const char *name, uint32_t type, uint32_t value)
{
	char text[96];

	snprintf(text, sizeof text, "%s.%s", arch, name);
	put_text(b, text);
	put(b, type, 4);
	put(b, value, 4);
}

static uint32_t bits(float x)
{
	uint32_t b;

	memcpy(&b, &x, sizeof b);
	return b;
}

/* Metadata; the number of entries is 12. */
static void put_meta(struct buf *b, const char *arch, float theta, float eps, bool gpt2)
{
	put_text(b, "general.architecture");
	put(b, 8, 4);
	put_text(b, arch);
	put_key(b, arch, "block_count", 4, 2);
	put_key(b, arch, "context_length", 4, TINY_CONTEXT);
	put_key(b, arch, "embedding_length", 4, TINY_DIM);
	put_key(b, arch, "feed_forward_length", 4, gpt2 ? 4 * TINY_DIM : TINY_HIDDEN);
	put_key(b, arch, "attention.head_count", 4, TINY_HEADS);
	put_key(b, arch, "attention.head_count_kv", 4, gpt2 ? TINY_HEADS : TINY_KV);
	put_key(b, arch, gpt2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", 6, bits(eps));
	put_key(b, arch, "rope.freq_base", 6, bits(theta));
	put_key(b, arch, "attention.key_length", 4, TINY_HEAD);
	put_key(b, arch, "attention.value_length", 4, TINY_HEAD);
	put_key(b, "general", "alignment", 4, 64);
}

static const char *gguf_name(struct span name, char to[96])
{
	static const char *const words[][2] = {
		{ "model.embed_tokens", "token_embd" }, { "model.norm", "output_norm" }, { "lm_head", "output" },
		{ "input_layernorm", "attn_norm" }, { "self_attn.q_proj", "attn_q" }, { "self_attn.k_proj", "attn_k" },
		{ "self_attn.v_proj", "attn_v" }, { "self_attn.o_proj", "attn_output" },
		{ "post_attention_layernorm", "ffn_norm" }, { "mlp.gate_proj", "ffn_gate" }, { "mlp.up_proj", "ffn_up" },
		{ "mlp.down_proj", "ffn_down" }, { "transformer.wte", "token_embd" }, { "transformer.wpe", "position_embd" },
		{ "transformer.ln_f", "output_norm" }, { "ln_1", "attn_norm" }, { "attn.c_attn", "attn_qkv" },
		{ "attn.c_proj", "attn_output" }, { "ln_2", "ffn_norm" }, { "mlp.c_fc", "ffn_up" }, { "mlp.c_proj", "ffn_down" },
	};
	size_t layer = span_find(name, S(".layers.")) + 1 ? 13 : span_find(name, S(".h.")) + 1 ? 14 : 0;
	const char digit = layer ? name.p[layer] : 0;

	name = layer ? span_cut(name, layer + 2, name.n) : name;
	for (size_t i = 0; i < COUNT(words); i++)
		if (span_starts(name, span_of(words[i][0])) && name.p[strlen(words[i][0])] == '.') {
			const struct span end = span_cut(name, strlen(words[i][0]), name.n);

			snprintf(to, 96, "%s%.1s%s%s%.*s", layer ? "blk." : "", layer ? &digit : "", layer ? "." : "", words[i][1], ARG(end));
			return to;
		}
	fail_msg("%.*s", ARG(name));
	return NULL;
}

/* Numbers as GGUF has them: pairs of q and k side by side (llama), or transposed (gpt2). */
static void put_data(struct buf *b, const struct lm_tensor *t, const char *name, bool llama, bool gpt2)
{
	const size_t cols = t->dims > 1 ? t->dim[1] : 1, rows = t->dim[0];
	const bool turned = llama && (strstr(name, "attn_q.") || strstr(name, "attn_k."));
	const bool transposed = gpt2 && t->dims > 1 && strncmp(name, "blk.", 4) == 0;

	for (size_t i = 0; i < rows * cols; i++) {
		size_t r = i / cols, c = i % cols;

		if (turned)
			r = r / TINY_HEAD * TINY_HEAD + r % 2 * (TINY_HEAD / 2) + r % TINY_HEAD / 2;
		if (transposed) {
			r = i % rows;
			c = i / rows;
		}
		buf_add(b, (struct span){ t->data.p + 4 * (r * cols + c), 4 });
	}
}

static void make_gguf(struct buf *b, const char *kind)
{
	struct tiny y;
	struct buf data = { 0 };
	const bool llama = strcmp(kind, "llama") == 0, gpt2 = strcmp(kind, "gpt2") == 0;
	char name[96];

	tiny_make(&y, kind);
	buf_adds(b, "GGUF");
	put(b, 3, 4);
	put(b, y.t.n, 8);
	put(b, 12, 8);
	put_meta(b, kind, llama ? 500 : 1000, llama || gpt2 ? 1e-5f : 1e-6f, gpt2);
	for (size_t i = 0; i < y.t.n; i++) {
		const struct lm_tensor *t = &y.t.v[i];

		put_text(b, gguf_name(t->name, name));
		put(b, t->dims, 4);
		if (t->dims == 2 && gpt2 && strncmp(name, "blk.", 4) == 0) {
			put(b, t->dim[0], 8);
			put(b, t->dim[1], 8);
		} else {
			for (uint32_t d = t->dims; d-- > 0; )
				put(b, t->dim[d], 8);
		}
		put(b, 0, 4);
		while (data.n % 64)
			buf_addc(&data, 0);
		put(b, data.n, 8);
		put_data(&data, t, name, llama, gpt2);
	}
	while (b->n % 64)
		buf_addc(b, 0);
	buf_add(b, buf_span(&data));
	buf_free(&data);
	tiny_free(&y);
}

/* ---- the same model ---- */

static struct lm_model *open_good(const char *path)
{
	struct lm_error e = { .text = "" };
	struct lm_model *m = lm_open(path, 0, 1, &e);

	assert_string_equal(e.text, "");
	assert_non_null(m);
	return m;
}

static void same_matrix(const struct lm_matrix *a, const struct lm_matrix *b)
{
	assert_int_equal(a->rows, b->rows);
	assert_int_equal(a->cols, b->cols);
	if (a->rows)
		assert_memory_equal(a->f, b->f, (size_t)a->rows * a->cols * sizeof *a->f);
}

static void same_model(const struct lm_model *a, const struct lm_model *b)
{
	assert_int_equal(a->config.layers, b->config.layers);
	assert_int_equal(a->config.tied, b->config.tied);
	assert_int_equal(a->config.context, b->config.context);
	assert_true(fabs(a->config.eps / b->config.eps - 1) < 1e-6);
	same_matrix(&a->embed, &b->embed);
	same_matrix(&a->positions, &b->positions);
	same_matrix(&a->norm, &b->norm);
	same_matrix(&a->norm_bias, &b->norm_bias);
	same_matrix(&a->head, &b->head);
	for (uint32_t i = 0; i < a->config.layers; i++) {
		const struct lm_matrix *x = (struct lm_matrix *)&a->layer[i], *y = (struct lm_matrix *)&b->layer[i];

		for (size_t k = 0; k < sizeof *a->layer / sizeof *x; k++)
			same_matrix(&x[k], &y[k]);
	}
	for (uint32_t i = 0; a->inverse_freq && i < TINY_HEAD / 2; i++)
		assert_true(a->inverse_freq[i] == b->inverse_freq[i]);
}

static void test_gguf(void **state)
{
	static const char *const kinds[] = { "llama", "qwen2", "gpt2" };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct buf file = { 0 };
		struct lm_model *a, *b;

		make_gguf(&file, kinds[i]);
		write_bytes(at("tiny.gguf"), buf_span(&file));
		tiny_write(kinds[i], at("tiny"));
		a = open_good(at("tiny.gguf"));
		b = open_good(at("tiny"));
		same_model(a, b);
		assert_int_equal(lm_parameters(a), a->bytes / 4);
		lm_free(a);
		lm_free(b);
		buf_free(&file);
	}
}

/* What is read of bytes, without a file; why not, or "". */
static const char *read_bytes(struct span file)
{
	static struct lm_error e;
	struct lm_model *m = xcalloc(1, sizeof *m);
	struct lm_tensors t = { 0 };
	const struct lm_names *names;

	strcpy(e.text, "?");
	if (lm_read_bytes(m, file, &t, &names, &e) && lm_build(m, &t, names, 0, &e))
		e.text[0] = 0;
	lm_tensors_free(&t);
	lm_free(m);
	return e.text;
}

/* Every cut, in memory of just that size, so that a look beyond the end is one beyond an allocation. */
static void all_cuts(struct span file, size_t step)
{
	assert_string_equal(read_bytes(file), "");
	for (size_t n = 0; n < file.n; n += n < 4000 ? 1 : step) {
		char *p = xmalloc(n + !n);

		memcpy(p, file.p, n);
		assert_string_not_equal(read_bytes((struct span){ p, n }), "");
		free(p);
	}
}

static void test_gguf_hostile(void **state)
{
	struct buf file = { 0 };
	struct rng g = { 7, 0 };

	(void)state;
	make_gguf(&file, "llama");
	all_cuts(buf_span(&file), 997);
	/* One byte of the first 3,000 changed: read or refused, no more. */
	for (int i = 0; i < 4000; i++) {
		char *p = &file.p[rng_below(&g, 3000)], was = *p;

		*p = (char)rng_below(&g, 256);
		read_bytes(buf_span(&file));
		*p = was;
	}
	buf_free(&file);
}

static void test_gguf_reasons(void **state)
{
	static const struct {
		struct span from, to;
		const char *why;
	} cases[] = {
		{ S("blk.1.ffn_up.weight"), S("blk.1.ffn_xx.weight"), "tensor of a layer: ffn_up.weight is not there" },
		{ S("\r\0\0\0\0\0\0\0output"), S("\r\0\0\0\0\0\0\0outpot"),
			"tensor outpot.weight is no part of this architecture" },
		{ S("blk.0.attn_q.weight"), S("blk.0.attn_v.weight"), "two tensors are called blk.0.attn_v.weight" },
		{ S("\5\0\0\0\0\0\0\0llama"), S("\5\0\0\0\0\0\0\0rwkv7"),
			"architecture rwkv7 is not one of llama, qwen2, gpt2" },
		{ S("llama.block_count"), S("llama.block_cound"), "llama.block_count is not there or impossible" },
		{ S("attention.head_count\4\0\0\0\4"), S("attention.head_count\4\0\0\0\0"),
			"llama.attention.head_count is not there or impossible" },
		{ S("attention.head_count\4\0\0\0\4"), S("attention.head_count\4\0\0\0\5"),
			"impossible size: 5 heads of 8 for 2" },
		{ S("general.alignment\4\0\0\0\x40"), S("general.alignment\4\0\0\0\0"), "general.alignment is 0" },
		{ S("ffn_norm.weight\1\0\0\0"), S("ffn_norm.weight\5\0\0\0"), "tensor blk.0.ffn_norm.weight: 5 dimensions" },
		{ S("ffn_norm.weight\1\0\0\0\x20\0\0\0\0\0\0\0\0"), S("ffn_norm.weight\1\0\0\0\x20\0\0\0\0\0\0\0\4"),
			"tensor blk.0.ffn_norm.weight: type 4 cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf file = { 0 };
		size_t at_byte;

		make_gguf(&file, "llama");
		at_byte = span_find(buf_span(&file), cases[i].from);
		assert_true(at_byte != (size_t)-1 && cases[i].from.n == cases[i].to.n);
		memcpy(file.p + at_byte, cases[i].to.p, cases[i].to.n);
		assert_string_equal(read_bytes(buf_span(&file)), cases[i].why);
		buf_free(&file);
	}
	assert_string_equal(read_bytes(S("GGUG")), "is no model: neither GGUF nor llama2.c");
}

/* ---- llama2.c ---- */

static void test_llama2c(void **state)
{
	const int32_t head[7] = { 4, 6, 1, 2, 1, 3, 5 };
	/* embedding, norm, q, k, v, o, norm, three of the MLP, norm, what is no longer used */
	const size_t n = 12 + 4 + 16 + 8 + 8 + 16 + 4 + 72 + 4, unused = 2 * 5;
	struct buf file = { 0 };
	struct lm_model *m;

	(void)state;
	buf_add(&file, (struct span){ (const char *)head, sizeof head });
	for (size_t i = 0; i < n; i++)
		put(&file, bits((float)i), 4);
	all_cuts(buf_span(&file), 1);
	for (size_t i = 0; i < unused; i++)
		put(&file, bits(-1), 4);
	write_bytes(at("tiny.bin"), buf_span(&file));
	m = open_good(at("tiny.bin"));
	assert_true(m->config.tied && m->head.f == m->embed.f);
	assert_true(m->embed.f[11] == 11 && m->layer[0].attn_norm.f[0] == 12 && m->layer[0].out.f[0] == 48);
	/* q: two heads of one pair; k: one head. Gate, down, up: 68, 92, 116. */
	assert_true(m->layer[0].qkv.f[4] == 20 && m->layer[0].qkv.f[16] == 32 && m->layer[0].qkv.f[24] == 40);
	assert_true(m->layer[0].up.f[0] == 68 && m->layer[0].up.f[24] == 116 && m->layer[0].down.f[0] == 92);
	assert_true(m->norm.f[3] == 143);
	lm_free(m);
	/* A head of its own, behind what is unused. */
	file.p[21] = file.p[22] = file.p[23] = (char)0xff;
	file.p[20] = (char)-3;
	for (size_t i = 0; i < 12; i++)
		put(&file, bits((float)(200 + i)), 4);
	write_bytes(at("tiny.bin"), buf_span(&file));
	m = open_good(at("tiny.bin"));
	assert_true(!m->config.tied && m->head.f[0] == 200 && m->embed.f[0] == 0);
	lm_free(m);
	buf_free(&file);
}

/* ---- safetensors ---- */

static void test_safetensors_hostile(void **state)
{
	static const struct {
		const char *header;
		size_t data;
		bool good;
	} cases[] = {
		{ "{}", 0, true },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ", 8, true },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},\"__metadata__\":{\"x\":\"y\"}}", 4, true },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, true },
		{ "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[0,3]}}", 3, true },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
			"\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
			"\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, false },
		{ "{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,10]}}", 10, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[9007199254740992,2048],\"data_offsets\":[0,0]}}", 0, false },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", 8, false },
		{ "{\"a\":[]}", 0, false },
		{ "{\"a\":", 0, false },
		{ "[]", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = { 0 };
		struct lm_tensors t = { 0 };
		struct lm_error e;

		put(&b, strlen(cases[i].header), 8);
		buf_adds(&b, cases[i].header);
		for (size_t k = 0; k < cases[i].data; k++)
			buf_addc(&b, 1);
		assert_int_equal(safetensors_read(buf_span(&b), &t, &e), cases[i].good);
		lm_tensors_free(&t);
		/* A length that goes beyond the file, and one that is not there. */
		b.p[6] = 1;
		assert_false(safetensors_read(buf_span(&b), &t, &e));
		assert_false(safetensors_read(span_cut(buf_span(&b), 0, 7), &t, &e));
		lm_tensors_free(&t);
		buf_free(&b);
	}
}

/* Written whole and in shards of all sizes, read again: the same tensors. */
static void test_safetensors_round(void **state)
{
	struct tiny y;
	struct lm_model *whole, *sharded;
	struct lm_error e;

	(void)state;
	tiny_write("llama", at("whole"));
	tiny_write("llama", at("sharded"));
	tiny_make(&y, "llama");
	whole = open_good(at("whole"));
	assert_int_equal(unlink(at("sharded/model.safetensors")), 0);
	for (uint64_t most = 1; most < 100000; most *= 50) {
		assert_true(safetensors_write(at("sharded"), &y.t, most, &e));
		sharded = open_good(at("sharded"));
		same_model(whole, sharded);
		assert_int_equal(access(at("sharded/model.safetensors.index.json.tmp"), F_OK), -1);
		lm_free(sharded);
	}
	assert_false(safetensors_write(at("nowhere"), &y.t, UINT64_MAX, &e));
	y.t.v[0].type = QUANT_Q8_0;
	assert_false(safetensors_write(at("whole"), &y.t, UINT64_MAX, &e));
	lm_free(whole);
	tiny_free(&y);
}

/* ---- config.json ---- */

static void test_config(void **state)
{
#define SIZES "\"hidden_size\":32,\"intermediate_size\":48,\"num_hidden_layers\":2,\"num_attention_heads\":4," \
	"\"num_key_value_heads\":2,\"vocab_size\":96,\"hidden_act\":\"silu\",\"rope_theta\":500.0"
	static const struct {
		const char *json, *why;		/* NULL: it can be read */
	} cases[] = {
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64," SIZES "}", NULL },
		{ "{\"model_type\":\"mistral\",\"max_position_embeddings\":64,\"sliding_window\":9," SIZES "}", NULL },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"rope_scaling\":{\"type\":\"default\"}," SIZES "}", NULL },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"rope_parameters\":{\"rope_type\":\"default\","
			"\"rope_theta\":7.0}," SIZES "}", NULL },
		{ "{\"model_type\":\"llama\"," SIZES "}", "config.json: max_position_embeddings is not there or impossible" },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"rope_scaling\":{\"type\":\"yarn\",\"factor\":2}," SIZES "}",
			"config.json: rotary positions of type yarn cannot be computed" },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"rms_norm_eps\":\"small\"," SIZES "}",
			"config.json: rms_norm_eps is not a number" },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"rope_scaling\":{\"type\":\"linear\"}," SIZES "}",
			"impossible factor of the rotary positions" },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"head_dim\":7," SIZES "}",
			"impossible size: 4 heads of 7 for 2" },
		{ "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"head_dim\":16," SIZES "}",
			"tensor model.layers.0.self_attn.q_proj.weight is not of the shape that the model's sizes ask for" },
		{ "{\"model_type\":\"bert\"}", "config.json: model_type bert is not one of llama, mistral, qwen2, gpt2" },
		{ "{}", "config.json: model_type  is not one of llama, mistral, qwen2, gpt2" },
		{ "{", "config.json: unexpected end at byte 1" },
	};
	struct lm_error e;

	(void)state;
	tiny_write("llama", at("config"));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lm_model *m;

		write_bytes(at("config/config.json"), span_of(cases[i].json));
		m = lm_open(at("config"), 0, 1, &e);
		if (cases[i].why)
			assert_string_equal(e.text, cases[i].why);
		assert_int_equal(m != NULL, !cases[i].why);
		if (i == 1)
			assert_int_equal(m->config.context, 9);
		if (m)
			assert_true(m->config.theta == (i == 3 ? 7 : 500));
		lm_free(m);
	}
	unlink(at("config/model.safetensors"));
	write_bytes(at("config/config.json"), span_of(cases[0].json));
	write_bytes(at("config/model.safetensors.index.json"), S("{\"weight_map\":{\"a\":\"../whole/model.safetensors\"}}"));
	assert_null(lm_open(at("config"), 0, 1, &e));
	assert_string_equal(e.text, "model.safetensors.index.json: a shard is not a file of the folder");
	assert_null(lm_open(at("config/nothing"), 0, 1, &e));
	assert_string_equal(e.text, "cannot open: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gguf), cmocka_unit_test(test_gguf_hostile), cmocka_unit_test(test_gguf_reasons),
		cmocka_unit_test(test_llama2c), cmocka_unit_test(test_safetensors_hostile),
		cmocka_unit_test(test_safetensors_round), cmocka_unit_test(test_config),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
