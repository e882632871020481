/* save_gguf - a trained model as a GGUF file */
#include "lm/save.h"

#include <math.h>

#include "lm/build.h"
#include "lm/gguf_out.h"

/* ---- keys ---- */

static void put_size(struct gguf_out *o, const char *arch, const char *name, uint32_t x)
{
	char key[96];

	snprintf(key, sizeof key, "%s.%s", arch, name);
	gguf_put_whole(o, key, x);
}

static void put_real(struct gguf_out *o, const char *arch, const char *name, double x)
{
	char key[96];

	snprintf(key, sizeof key, "%s.%s", arch, name);
	gguf_put_number(o, key, x);
}

static void put_config(struct gguf_out *o, const struct lm_config *c, const char *arch)
{
	char key[96];

	gguf_put_text(o, "general.architecture", span_of(arch));
	put_size(o, arch, "block_count", c->layers);
	put_size(o, arch, "context_length", c->context);
	put_size(o, arch, "embedding_length", c->dim);
	put_size(o, arch, "feed_forward_length", c->hidden);
	put_size(o, arch, "attention.head_count", c->heads);
	put_size(o, arch, "attention.head_count_kv", c->kv_heads);
	put_size(o, arch, "vocab_size", c->vocab);
	put_real(o, arch, c->arch == LM_GPT2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", c->eps);
	if (c->arch == LM_GPT2)
		return;
	put_size(o, arch, "attention.key_length", c->head_dim);
	put_size(o, arch, "attention.value_length", c->head_dim);
	put_size(o, arch, "rope.dimension_count", c->head_dim);
	put_real(o, arch, "rope.freq_base", c->theta);
	if (c->rope == LM_ROPE_LINEAR) {
		snprintf(key, sizeof key, "%s.rope.scaling.type", arch);
		gguf_put_text(o, key, S("linear"));
		put_real(o, arch, "rope.scaling.factor", c->factor);
	}
}

/* What the source says of the model, and with vocabulary also of tokens. */
static bool copy_keys(struct gguf_out *o, const struct lm_model *m, bool vocabulary, struct lm_error *e)
{
	struct gguf_meta meta = { 0 };
	const bool ok = gguf_meta_read(m->map[0], &meta, e);

	for (size_t i = 0; i < meta.n; i++) {
		const struct span key = meta.v[i].key;

		if (!span_eq(key, S("general.file_type")) && !span_eq(key, S("general.quantization_version")) &&
			!span_eq(key, S("general.alignment")) && (vocabulary || !span_starts(key, S("tokenizer."))))
			gguf_put_value(o, key, &meta.v[i].value);
	}
	gguf_meta_free(&meta);
	return ok;
}

/* ---- tensors ---- */

struct lister {
	struct gguf_out *o;
	const struct lm_names *names;
	long layer;			/* -1: not in one */
};

static void put(const struct lister *l, const char *name, const char *end, const float *f, uint32_t rows, uint32_t cols,
	uint32_t heads)
{
	const struct span s = l->layer < 0 ? arena_printf(&l->o->names, "%s%s", name, end) :
		arena_printf(&l->o->names, "%s%ld.%s%s", l->names->layer, l->layer, name, end);

	gguf_put_tensor(l->o, s, f, rows, cols, heads);
}

/* Rows [from, from + rows) and their biases. */
static void put_rows(const struct lister *l, const char *name, const struct lm_matrix *w, const struct lm_matrix *bias,
	uint32_t from, uint32_t rows, uint32_t heads)
{
	put(l, name, ".weight", w->f + (size_t)from * w->cols, rows, w->cols, heads);
	if (bias->rows)
		put(l, name, ".bias", bias->f + from, rows, 1, heads);
}

static void put_all(const struct lister *l, const char *name, const struct lm_matrix *w, const struct lm_matrix *bias)
{
	put_rows(l, name, w, bias, 0, w->rows, 0);
}

static void put_layer(const struct lister *l, const struct lm_config *c, const struct lm_layer *y)
{
	const struct lm_names *n = l->names;
	const uint32_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;

	put_all(l, n->attn_norm, &y->attn_norm, &y->attn_norm_bias);
	if (n->k) {
		put_rows(l, n->q, &y->qkv, &y->qkv_bias, 0, q, n->side_by_side ? c->heads : 0);
		put_rows(l, n->k, &y->qkv, &y->qkv_bias, q, kv, n->side_by_side ? c->kv_heads : 0);
		put_rows(l, n->v, &y->qkv, &y->qkv_bias, q + kv, kv, 0);
	} else {
		put_all(l, n->q, &y->qkv, &y->qkv_bias);
	}
	put_all(l, n->out, &y->out, &y->out_bias);
	put_all(l, n->mlp_norm, &y->mlp_norm, &y->mlp_norm_bias);
	if (n->gate)
		put_rows(l, n->gate, &y->up, &y->up_bias, 0, c->hidden, 0);
	put_rows(l, n->up, &y->up, &y->up_bias, n->gate ? c->hidden : 0, c->hidden, 0);
	put_all(l, n->down, &y->down, &y->down_bias);
}

/* Frequencies that theta and a linear factor do not say are divisors: rope_freqs.weight. Returns them; NULL: none. */
static float *divisors(const struct lm_model *m, struct arena *a)
{
	const struct lm_config *c = &m->config;
	const uint32_t half = c->head_dim / 2;
	float *d = arena_alloc(a, half * sizeof *d);
	bool any = false;

	for (uint32_t i = 0; m->inverse_freq && i < half; i++) {
		const double freq = pow(c->theta, -2.0 * i / c->head_dim) / (c->rope == LM_ROPE_LINEAR ? c->factor : 1);

		d[i] = (float)(freq / (double)m->inverse_freq[i]);
		any = any || fabs((double)d[i] - 1) > 1e-6;
	}
	return any ? d : NULL;
}

bool lm_save_gguf(const struct lm_model *m, const struct lm *lm, enum quant type, const char *path, struct lm_error *e)
{
	struct gguf_out o = { .n = 0 };
	struct lister l = { .o = &o, .layer = -1 };
	const struct lm_matrix none = { 0 };
	const bool gguf = span_starts(m->map[0], S("GGUF")), same = gguf && (!lm || lm->own_tokenizer);
	const char *arch;
	float *d = divisors(m, &o.names);
	bool ok = true;

	l.names = lm_gguf_names(m, &arch);
	if (gguf)
		ok = copy_keys(&o, m, same, e);
	else
		put_config(&o, &m->config, arch);
	gguf_put_whole(&o, "general.file_type", type == QUANT_F16);
	if (!same && lm)
		gguf_put_tokenizer(&o, lm->tokenizer, m->config.vocab);
	else if (!same)
		gguf_put_text(&o, "tokenizer.ggml.model", S("none"));
	if (!same && lm && lm->jinja)
		gguf_put_text(&o, "tokenizer.chat_template", span_of(lm->jinja));
	put_all(&l, l.names->embed, &m->embed, &none);
	if (m->positions.rows)
		put_all(&l, l.names->positions, &m->positions, &none);
	if (d)
		put(&l, l.names->freqs, "", d, m->config.head_dim / 2, 1, 0);
	put_all(&l, l.names->norm, &m->norm, &m->norm_bias);
	if (!m->config.tied)
		put_all(&l, l.names->head, &m->head, &none);
	for (l.layer = 0; l.layer < (long)m->config.layers; l.layer++)
		put_layer(&l, &m->config, &m->layer[l.layer]);
	ok = ok && gguf_out_write(&o, type, path, e);
	gguf_out_free(&o);
	return ok;
}
