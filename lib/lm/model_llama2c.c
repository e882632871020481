/* model_llama2c - the checkpoints of karpathy/llama2.c (version 0)
 *
 *	7 x i32		dim, hidden, layers, heads, kv_heads, vocab (negative: the head is not tied), context
 *	f32 ...		embedding, attention norms of all layers, then wq, wk, wv, wo, MLP norms, gate, down, up,
 *			each of all layers; last norm; 2 x context x head_dim / 2 no longer used; head if not tied
 */
#include <stdlib.h>

#include "lm/build.h"

enum { HEAD = 7 * 4, MOST = 1 << 22 };

static const struct lm_names names = {
	.embed = "token_embd", .norm = "output_norm", .head = "output", .layer = "blk.",
	.attn_norm = "attn_norm", .q = "attn_q", .k = "attn_k", .v = "attn_v", .out = "attn_output",
	.mlp_norm = "ffn_norm", .gate = "ffn_gate", .up = "ffn_up", .down = "ffn_down", .side_by_side = true,
};

struct reader {
	struct lm_tensors *t;
	struct span rest;		/* of the file */
	struct lm_error *e;
};

/* The next tensor; cols 1: a vector. */
static bool next(struct reader *r, struct span name, uint64_t rows, uint64_t cols)
{
	const struct lm_tensor x = { .name = name, .type = QUANT_F32, .dims = cols > 1 ? 2 : 1, .dim = { rows, cols } };

	if (!lm_tensors_add(r->t, x, r->rest.p, r->rest.n, r->e))
		return false;
	r->rest = span_cut(r->rest, r->t->v[r->t->n - 1].data.n, r->rest.n);
	return true;
}

static bool of_layers(struct reader *r, uint32_t layers, const char *name, uint64_t rows, uint64_t cols)
{
	for (uint32_t i = 0; i < layers; i++)
		if (!next(r, arena_printf(&r->t->names, "blk.%u.%s.weight", i, name), rows, cols))
			return false;
	return true;
}

bool lm_read_llama2c(struct lm_model *m, struct span file, struct lm_tensors *t, const struct lm_names **n,
	struct lm_error *e)
{
	struct reader r = { t, span_cut(file, HEAD, file.n), e };
	struct lm_config *c = &m->config;
	int32_t h[7] = { 0 };
	uint64_t kv, unused;

	memcpy(h, file.p, file.n < HEAD ? 0 : HEAD);
	for (int i = 0; i < 7; i++)
		if (h[i] == INT32_MIN || (i == 5 ? abs(h[i]) : h[i]) < 1 || abs(h[i]) > MOST)
			return lm_fail(e, "is no model: neither GGUF nor llama2.c");
	*c = (struct lm_config){
		.arch = LM_LLAMA, .dim = (uint32_t)h[0], .hidden = (uint32_t)h[1], .layers = (uint32_t)h[2],
		.heads = (uint32_t)h[3], .kv_heads = (uint32_t)h[4], .vocab = (uint32_t)abs(h[5]),
		.context = (uint32_t)h[6], .head_dim = (uint32_t)(h[0] / h[3]), .eps = 1e-5, .theta = 10000, .tied = h[5] > 0, .pad = -1,
	};
	if (!lm_config_check(c, e))
		return false;
	kv = (uint64_t)c->kv_heads * c->head_dim;
	unused = (uint64_t)c->context * (c->head_dim / 2) * 4;
	*n = &names;
	return next(&r, S("token_embd.weight"), c->vocab, c->dim) && of_layers(&r, c->layers, "attn_norm", c->dim, 1) &&
		of_layers(&r, c->layers, "attn_q", c->dim, c->dim) && of_layers(&r, c->layers, "attn_k", kv, c->dim) &&
		of_layers(&r, c->layers, "attn_v", kv, c->dim) && of_layers(&r, c->layers, "attn_output", c->dim, c->dim) &&
		of_layers(&r, c->layers, "ffn_norm", c->dim, 1) && of_layers(&r, c->layers, "ffn_gate", c->hidden, c->dim) &&
		of_layers(&r, c->layers, "ffn_down", c->dim, c->hidden) &&
		of_layers(&r, c->layers, "ffn_up", c->hidden, c->dim) && next(&r, S("output_norm.weight"), c->dim, 1) &&
		(c->tied || (r.rest = span_cut(r.rest, 2 * unused, r.rest.n),
			next(&r, S("output.weight"), c->vocab, c->dim))) &&
		lm_tensors_sort(t, e);
}
