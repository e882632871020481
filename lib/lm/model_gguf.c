/* model_gguf - GGUF's llama (Mistral and others too), qwen2 and gpt2 */
#include <stdlib.h>

#include "lm/build.h"
#include "lm/gguf.h"

#define COMMON \
	.embed = "token_embd", .norm = "output_norm", .head = "output", .layer = "blk.", .attn_norm = "attn_norm", \
	.out = "attn_output", .mlp_norm = "ffn_norm", .up = "ffn_up", .down = "ffn_down"

static const struct arch {
	const char *name, *eps;
	enum lm_arch arch;
	struct lm_names names;
} archs[] = {
	{ "llama", "attention.layer_norm_rms_epsilon", LM_LLAMA, { COMMON, .q = "attn_q", .k = "attn_k", .v = "attn_v",
		.gate = "ffn_gate", .freqs = "rope_freqs.weight", .side_by_side = true } },
	{ "qwen2", "attention.layer_norm_rms_epsilon", LM_QWEN2, { COMMON, .q = "attn_q", .k = "attn_k", .v = "attn_v",
		.gate = "ffn_gate" } },
	{ "gpt2", "attention.layer_norm_epsilon", LM_GPT2, { COMMON, .q = "attn_qkv", .positions = "position_embd" } },
};

const struct lm_names *lm_gguf_names(const struct lm_model *m, const char **arch)
{
	size_t i = 0;

	while (archs[i].arch != m->config.arch)
		i++;
	*arch = archs[i].name;
	return &archs[i].names;
}

/* Keys below the architecture's name. */
struct keys {
	const struct gguf_meta *meta;
	const char *arch;
	struct lm_error *e;
	bool ok;
};

static const char *key(const struct keys *k, const char *name, char to[96])
{
	snprintf(to, 96, "%s.%s", k->arch, name);
	return to;
}

/* A size; one that is not there is `otherwise`, and an error if that is 0. */
static uint32_t size(struct keys *k, const char *name, uint32_t otherwise)
{
	char text[96];
	int64_t x = otherwise;
	const bool there = gguf_meta_whole(k->meta, key(k, name, text), &x);

	if (x >= 1 && x <= 1 << 28 && (there || !gguf_meta_find(k->meta, text)))
		return (uint32_t)x;
	if (k->ok)
		k->ok = lm_fail(k->e, "%s is not there or impossible", text);
	return 1;
}

static double number(struct keys *k, const char *name, double otherwise)
{
	char text[96];
	double x = otherwise;

	gguf_meta_number(k->meta, key(k, name, text), &x);
	return x;
}

/* Scaling of Llama 3's kind needs no key: its file carries the divisors as a tensor. */
static void read_rope(struct keys *k, struct lm_config *c)
{
	char text[96];
	struct span type = S("none");

	c->theta = number(k, "rope.freq_base", 10000);
	if (k->ok && size(k, "rope.dimension_count", c->head_dim) != c->head_dim)
		k->ok = lm_fail(k->e, "rotary positions of a part of a head cannot be computed");
	gguf_meta_text(k->meta, key(k, "rope.scaling.type", text), &type);
	if (span_eq(type, S("linear"))) {
		c->rope = LM_ROPE_LINEAR;
		c->factor = number(k, "rope.scaling.factor", 1);
	} else if (k->ok && !span_eq(type, S("none"))) {
		k->ok = lm_fail(k->e, "rotary positions of type %.*s cannot be computed", ARG(type));
	}
}

static void read_config(struct keys *k, const struct arch *arch, const struct lm_tensors *t, struct lm_config *c)
{
	const struct lm_tensor *embed = lm_tensors_find(t, "token_embd.weight");
	uint32_t window;

	c->arch = arch->arch;
	c->layers = size(k, "block_count", 0);
	c->dim = size(k, "embedding_length", 0);
	c->hidden = size(k, "feed_forward_length", 0);
	c->heads = size(k, "attention.head_count", 0);
	c->kv_heads = size(k, "attention.head_count_kv", c->heads);
	c->head_dim = size(k, "attention.key_length", c->dim / c->heads ? c->dim / c->heads : 1);
	if (k->ok && size(k, "attention.value_length", c->head_dim) != c->head_dim)
		k->ok = lm_fail(k->e, "keys and values of different lengths cannot be computed");
	c->context = size(k, "context_length", 0);
	/* Up to its window, attention that slides is attention. */
	window = size(k, "attention.sliding_window", c->context);
	c->context = window < c->context ? window : c->context;
	c->vocab = embed && embed->dim[0] <= 1 << 28 ? (uint32_t)embed->dim[0] : 0;
	c->eps = number(k, arch->eps, 1e-5);
	c->tied = !lm_tensors_find(t, "output.weight");
	c->theta = 10000;
	if (arch->arch != LM_GPT2)
		read_rope(k, c);
}

static bool read(const struct gguf_meta *meta, struct span file, struct lm_model *m, struct lm_tensors *t,
	const struct lm_names **names, struct lm_error *e)
{
	struct span name = S("");
	struct keys k = { .meta = meta, .e = e, .ok = true };

	if (!gguf_tensors(file, meta, t, e) || !lm_tensors_sort(t, e))
		return false;
	gguf_meta_text(meta, "general.architecture", &name);
	for (size_t i = 0; i < COUNT(archs); i++)
		if (span_eq(name, span_of(archs[i].name))) {
			k.arch = archs[i].name;
			*names = &archs[i].names;
			read_config(&k, &archs[i], t, &m->config);
			return k.ok;
		}
	return lm_fail(e, "architecture %.*s is not one of llama, qwen2, gpt2", ARG(name));
}

bool lm_read_gguf(struct lm_model *m, struct span file, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e)
{
	struct gguf_meta meta = { 0 };
	bool ok = gguf_meta_read(file, &meta, e) && read(&meta, file, m, t, names, e);

	gguf_meta_free(&meta);
	return ok;
}
