/* model_folder - a folder as transformers writes it: config.json, and model.safetensors or its index and shards */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "lm/build.h"
#include "lm/safetensors.h"
#include "scan.h"

static const struct lm_names llama = {
	.embed = "model.embed_tokens", .norm = "model.norm", .head = "lm_head", .layer = "model.layers.",
	.attn_norm = "input_layernorm", .q = "self_attn.q_proj", .k = "self_attn.k_proj", .v = "self_attn.v_proj",
	.out = "self_attn.o_proj", .mlp_norm = "post_attention_layernorm", .gate = "mlp.gate_proj", .up = "mlp.up_proj",
	.down = "mlp.down_proj", .ignore = { ".rotary_emb.inv_freq" },
};

/* (The files of GPT2Model, such as OpenAI's, have no "transformer." before the names.) */
#define GPT2_NAMES(before) { \
	.embed = before "wte", .positions = before "wpe", .norm = before "ln_f", .head = "lm_head", .layer = before "h.", \
	.attn_norm = "ln_1", .q = "attn.c_attn", .out = "attn.c_proj", .mlp_norm = "ln_2", .up = "mlp.c_fc", \
	.down = "mlp.c_proj", .transposed = true, .ignore = { ".attn.bias", ".attn.masked_bias" } }
static const struct lm_names gpt2 = GPT2_NAMES("transformer."), gpt2_bare = GPT2_NAMES("");

const struct lm_names *lm_folder_names(const struct lm_model *m)
{
	return m->config.arch == LM_GPT2 ? &gpt2 : &llama;
}

/* ---- config.json ---- */

struct config_reader {
	struct value top;
	struct arena *arena;
	struct lm_error *e;
	bool ok;
};

static double number(struct config_reader *r, struct value object, const char *name, double otherwise)
{
	const struct value v = scan_member(object, span_of(name));
	double x = otherwise;

	if (v.kind != JSON_NONE && v.kind != JSON_NULL && !json_number(v, &x))
		r->ok = lm_fail(r->e, "config.json: %s is not a number", name);
	return x;
}

/* A size that must be there unless `otherwise` is not 0. */
static uint32_t size(struct config_reader *r, const char *name, uint32_t otherwise)
{
	const double x = number(r, r->top, name, otherwise);

	if (x >= 1 && x <= 1 << 28 && x == (uint32_t)x)
		return (uint32_t)x;
	if (r->ok)
		r->ok = lm_fail(r->e, "config.json: %s is not there or impossible", name);
	return 1;
}

static bool truth(struct config_reader *r, const char *name, bool otherwise)
{
	bool x = otherwise;

	json_bool(scan_member(r->top, span_of(name)), &x);
	return x;
}

static struct span text(struct config_reader *r, struct value object, const char *name)
{
	return json_text(scan_member(object, span_of(name)), r->arena);
}

/* rope_theta and rope_scaling of transformers 4; rope_parameters of 5, which holds both. */
static void read_rope(struct config_reader *r, struct lm_config *c)
{
	struct value v = scan_member(r->top, S("rope_parameters"));
	struct span type;

	c->theta = number(r, r->top, "rope_theta", 10000);
	if (v.kind == JSON_OBJECT)
		c->theta = number(r, v, "rope_theta", c->theta);
	else
		v = scan_member(r->top, S("rope_scaling"));
	if (v.kind != JSON_OBJECT)
		return;
	type = text(r, v, "rope_type");
	if (!type.p)
		type = text(r, v, "type");
	if (!type.p || span_eq(type, S("default")))
		return;
	c->factor = number(r, v, "factor", 0);
	if (span_eq(type, S("linear"))) {
		c->rope = LM_ROPE_LINEAR;
	} else if (span_eq(type, S("llama3"))) {
		c->rope = LM_ROPE_LLAMA3;
		c->low = number(r, v, "low_freq_factor", 1);
		c->high = number(r, v, "high_freq_factor", 4);
		c->original = number(r, v, "original_max_position_embeddings", 8192);
	} else if (r->ok) {
		r->ok = lm_fail(r->e, "config.json: rotary positions of type %.*s cannot be computed", ARG(type));
	}
}

static void read_llama(struct config_reader *r, struct lm_config *c)
{
	const double window = number(r, r->top, "sliding_window", 0);

	c->layers = size(r, "num_hidden_layers", 0);
	c->dim = size(r, "hidden_size", 0);
	c->hidden = size(r, "intermediate_size", 0);
	c->heads = size(r, "num_attention_heads", 0);
	c->kv_heads = size(r, "num_key_value_heads", c->heads);
	c->head_dim = size(r, "head_dim", c->dim / c->heads ? c->dim / c->heads : 1);
	c->vocab = size(r, "vocab_size", 0);
	c->context = size(r, "max_position_embeddings", 0);
	/* Up to its window, attention that slides is attention. */
	if (window >= 1 && window < c->context && truth(r, "use_sliding_window", c->arch != LM_QWEN2))
		c->context = (uint32_t)window;
	c->eps = number(r, r->top, "rms_norm_eps", 1e-6);
	c->tied = truth(r, "tie_word_embeddings", false);
	read_rope(r, c);
	if (r->ok && !span_eq(text(r, r->top, "hidden_act"), S("silu")))
		r->ok = lm_fail(r->e, "config.json: hidden_act is not silu");
}

static void read_gpt2(struct config_reader *r, struct lm_config *c)
{
	const struct span act = text(r, r->top, "activation_function");

	c->layers = size(r, "n_layer", 0);
	c->dim = size(r, "n_embd", 0);
	c->hidden = size(r, "n_inner", c->dim <= 1 << 26 ? 4 * c->dim : 0);
	c->heads = c->kv_heads = size(r, "n_head", 0);
	c->head_dim = c->dim / c->heads;
	c->vocab = size(r, "vocab_size", 0);
	c->context = size(r, "n_positions", 0);
	c->eps = number(r, r->top, "layer_norm_epsilon", 1e-5);
	c->theta = 10000;
	c->tied = truth(r, "tie_word_embeddings", true);
	if (r->ok && ((act.p && !span_eq(act, S("gelu_new"))) || truth(r, "scale_attn_by_inverse_layer_idx", false) ||
		!truth(r, "scale_attn_weights", true)))
		r->ok = lm_fail(r->e, "config.json: not the activation or the attention of GPT-2");
}

bool lm_read_config(struct span file, struct lm_config *c, struct arena *a, struct lm_error *e)
{
	struct config_reader r = { .arena = a, .e = e, .ok = true };
	struct scan_error why;
	struct span type;
	double pad;

	if (!scan(file, SCAN_UNIQUE, NULL, &r.top, &why))
		return lm_fail(e, "config.json: %s at byte %zu", why.why, why.at);
	type = text(&r, r.top, "model_type");
	if (span_eq(type, S("llama")) || span_eq(type, S("mistral")))
		c->arch = LM_LLAMA;
	else if (span_eq(type, S("qwen2")))
		c->arch = LM_QWEN2;
	else if (span_eq(type, S("gpt2")))
		c->arch = LM_GPT2;
	else
		return lm_fail(e, "config.json: model_type %.*s is not one of llama, mistral, qwen2, gpt2", ARG(type));
	if (c->arch == LM_GPT2)
		read_gpt2(&r, c);
	else
		read_llama(&r, c);
	c->general = truth(&r, "general_preference", false);
	pad = number(&r, r.top, "pad_token_id", -1);
	c->pad = pad >= 0 && pad < c->vocab && pad == floor(pad) ? (int32_t)pad : -1;
	return r.ok;
}

/* ---- tensors ---- */

static bool map_in(struct lm_model *m, const char *folder, struct span name, struct span *file, struct lm_error *e)
{
	char *path = xasprintf("%s/%.*s", folder, ARG(name));
	struct lm_error why;
	bool ok = lm_map(path, file, &why);

	free(path);
	if (ok)
		lm_add_map(m, *file);
	else
		lm_fail(e, "%.*s: %s", ARG(name), why.text);
	return ok;
}

/* A file of the folder, not of some other. */
static bool here(struct span name)
{
	return name.n > 0 && name.n < 256 && !memchr(name.p, '/', name.n) && !memchr(name.p, 0, name.n);
}

static int by_bytes(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static bool read_shards(struct lm_model *m, const char *folder, struct span index, struct lm_tensors *t, struct lm_error *e)
{
	struct value top, map;
	struct scan_error why;
	struct scan_iter it;
	struct member x;
	struct span *name, file;
	size_t n = 0;
	bool ok = true;

	if (!scan(index, SCAN_UNIQUE, NULL, &top, &why))
		return lm_fail(e, "model.safetensors.index.json: %s at byte %zu", why.why, why.at);
	map = scan_member(top, S("weight_map"));
	if (map.kind != JSON_OBJECT)
		return lm_fail(e, "model.safetensors.index.json: no weight_map");
	name = xcalloc(scan_count(map) + 1, sizeof *name);
	for (it = scan_open(map); scan_next(&it, &x); )
		name[n++] = json_text(x.val, &t->names);
	if (n)
		qsort(name, n, sizeof *name, by_bytes);
	for (size_t i = 0; ok && i < n; i++)
		if (!here(name[i]))
			ok = lm_fail(e, "model.safetensors.index.json: a shard is not a file of the folder");
		else if (i == 0 || !span_eq(name[i], name[i - 1]))
			ok = map_in(m, folder, name[i], &file, e) && safetensors_read(file, t, e);
	free(name);
	return ok;
}

static bool has(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

bool lm_read_folder(struct lm_model *m, const char *folder, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e)
{
	struct span file;

	if (!map_in(m, folder, S("config.json"), &file, e) || !lm_read_config(file, &m->config, &t->names, e))
		return false;
	if (has(folder, "model.safetensors")) {
		if (!map_in(m, folder, S("model.safetensors"), &file, e) || !safetensors_read(file, t, e))
			return false;
	} else if (!map_in(m, folder, S("model.safetensors.index.json"), &file, e) || !read_shards(m, folder, file, t, e)) {
		return false;
	}
	if (!lm_tensors_sort(t, e))
		return false;
	*names = m->config.arch != LM_GPT2 ? &llama : lm_tensors_find(t, "wte.weight") ? &gpt2_bare : &gpt2;
	return true;
}
