/* save - folders of trained models */
#include "lm/save.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lm/build.h"
#include "lm/safetensors.h"
#include "lm/tokenizer_json.h"
#include "scan.h"

/* ---- tensors ---- */

struct list {
	struct lm_tensors t;
	struct arena turned;		/* matrices that lie the other way round in the file */
	bool across;			/* those of layers do */
	const char *layer;
};

static void add(struct list *l, long layer, const char *name, const char *end, const float *f, uint32_t rows, uint32_t cols,
	bool vector)
{
	const size_t n = (size_t)rows * cols;
	const bool turn = l->across && layer >= 0 && !vector;
	struct lm_tensor t = { .type = QUANT_F32, .dims = vector ? 1 : 2, .dim = { turn ? cols : rows, turn ? rows : cols } };
	struct lm_error e;
	float *to = NULL;

	if (turn) {
		to = arena_alloc(&l->turned, n * sizeof *to);
		for (uint32_t r = 0; r < rows; r++)
			for (uint32_t c = 0; c < cols; c++)
				to[(size_t)c * rows + r] = f[(size_t)r * cols + c];
	}
	if (layer < 0)
		t.name = arena_printf(&l->t.names, "%s%s", name, end);
	else
		t.name = arena_printf(&l->t.names, "%s%ld.%s%s", l->layer, layer, name, end);
	if (!lm_tensors_add(&l->t, t, (const char *)(to ? to : f), n * sizeof *f, &e))
		bug("%s", e.text);
}

/* A matrix and its bias, in as many parts as there are names. */
static void add_linear(struct list *l, long layer, const struct lm_matrix *w, const struct lm_matrix *bias,
	const char *const *name, const uint32_t *rows, int parts)
{
	uint32_t at = 0;

	for (int i = 0; i < parts; at += rows[i++]) {
		add(l, layer, name[i], ".weight", w->f + (size_t)at * w->cols, rows[i], w->cols, w->cols == 1);
		if (bias->rows)
			add(l, layer, name[i], ".bias", bias->f + at, rows[i], 1, true);
	}
}

static void add_one(struct list *l, long layer, const struct lm_matrix *w, const struct lm_matrix *bias, const char *name)
{
	add_linear(l, layer, w, bias, &name, &w->rows, 1);
}

static void list_model(struct list *l, const struct lm_model *m)
{
	const struct lm_names *n = lm_folder_names(m);
	const struct lm_config *c = &m->config;
	const struct lm_matrix none = { 0 };
	const uint32_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;

	*l = (struct list){ .across = c->arch == LM_GPT2, .layer = n->layer };
	add_one(l, -1, &m->embed, &none, n->embed);
	if (m->positions.rows)
		add_one(l, -1, &m->positions, &none, n->positions);
	for (uint32_t i = 0; i < c->layers; i++) {
		const struct lm_layer *y = &m->layer[i];

		add_one(l, i, &y->attn_norm, &y->attn_norm_bias, n->attn_norm);
		if (n->k)
			add_linear(l, i, &y->qkv, &y->qkv_bias, (const char *const[]){ n->q, n->k, n->v }, (uint32_t[]){ q, kv, kv }, 3);
		else
			add_one(l, i, &y->qkv, &y->qkv_bias, n->q);
		add_one(l, i, &y->out, &y->out_bias, n->out);
		add_one(l, i, &y->mlp_norm, &y->mlp_norm_bias, n->mlp_norm);
		if (n->gate)
			add_linear(l, i, &y->up, &y->up_bias, (const char *const[]){ n->gate, n->up },
				(uint32_t[]){ c->hidden, c->hidden }, 2);
		else
			add_one(l, i, &y->up, &y->up_bias, n->up);
		add_one(l, i, &y->down, &y->down_bias, n->down);
	}
	add_one(l, -1, &m->norm, &m->norm_bias, n->norm);
	if (m->score.rows)
		add_one(l, -1, &m->score, &none, "score");
	else if (!c->tied)
		add_one(l, -1, &m->head, &none, n->head);
}

static void list_free(struct list *l)
{
	lm_tensors_free(&l->t);
	arena_free(&l->turned);
}

/* ---- config.json ---- */

/* As classes of transformers begin. */
static const char *family_of(const struct lm_model *m, bool mistral)
{
	return m->config.arch == LM_GPT2 ? "GPT2" : m->config.arch == LM_QWEN2 ? "Qwen2" : mistral ? "Mistral" : "Llama";
}

/* What config.json says of the head, members without a comma before or behind. */
static void put_head(struct buf *b, const struct lm_model *m, const char *family)
{
	const uint32_t labels = m->score.rows;

	if (!labels) {
		buf_addf(b, "\"architectures\":[\"%s%s\"]", family, m->config.arch == LM_GPT2 ? "LMHeadModel" : "ForCausalLM");
		return;
	}
	/* ("regression": pipelines give the score as it is.) */
	buf_addf(b, "\"architectures\":[\"%sForSequenceClassification\"],\"num_labels\":%u,\"problem_type\":\"regression\"", family,
		labels);
	for (uint32_t i = 0; i < labels; i++)
		buf_addf(b, "%s\"%u\":\"LABEL_%u\"", i ? "," : ",\"id2label\":{", i, i);
	for (uint32_t i = 0; i < labels; i++)
		buf_addf(b, "%s\"LABEL_%u\":%u", i ? "," : "},\"label2id\":{", i, i);
	buf_adds(b, m->config.general ? "},\"general_preference\":true" : "}");
	if (m->config.pad >= 0)
		buf_addf(b, ",\"pad_token_id\":%d", m->config.pad);
}

static void make_gpt2(struct buf *b, const struct lm_config *c)
{
	buf_addf(b, "\"model_type\":\"gpt2\",\"n_embd\":%u,\"n_layer\":%u,\"n_head\":%u,"
		"\"n_inner\":%u,\"vocab_size\":%u,\"n_positions\":%u,\"activation_function\":\"gelu_new\",\"layer_norm_epsilon\":",
		c->dim, c->layers, c->heads, c->hidden, c->vocab, c->context);
	json_put_number(b, c->eps);
}

static void make_llama(struct buf *b, const struct lm_config *c)
{
	buf_addf(b, "\"model_type\":\"%s\",\"hidden_size\":%u,\"intermediate_size\":%u,"
		"\"num_hidden_layers\":%u,\"num_attention_heads\":%u,\"num_key_value_heads\":%u,\"head_dim\":%u,\"vocab_size\":%u,"
		"\"max_position_embeddings\":%u,\"hidden_act\":\"silu\",\"rms_norm_eps\":",
		c->arch == LM_QWEN2 ? "qwen2" : "llama", c->dim,
		c->hidden, c->layers, c->heads, c->kv_heads, c->head_dim, c->vocab, c->context);
	json_put_number(b, c->eps);
	buf_adds(b, ",\"rope_theta\":");
	json_put_number(b, c->theta);
	if (c->rope == LM_ROPE_LINEAR) {
		buf_adds(b, ",\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":");
		json_put_number(b, c->factor);
		buf_addc(b, '}');
	}
}

/* Frequencies that the file gave one by one are in no config.json. */
static bool plain(const struct lm_model *m)
{
	const struct lm_config *c = &m->config;

	for (uint32_t i = 0; m->inverse_freq && i < c->head_dim / 2; i++) {
		const double freq = pow(c->theta, -2.0 * i / c->head_dim) / (c->rope == LM_ROPE_LINEAR ? c->factor : 1);

		if (fabs((double)m->inverse_freq[i] - freq) > 1e-4 * freq)
			return false;
	}
	return true;
}

static bool make_config(struct buf *b, const struct lm_model *m, struct lm_error *e)
{
	if (!plain(m))
		return lm_fail(e, "the rotary frequencies of this file cannot be said in a config.json");
	buf_addc(b, '{');
	put_head(b, m, family_of(m, false));
	buf_addc(b, ',');
	if (m->config.arch == LM_GPT2)
		make_gpt2(b, &m->config);
	else
		make_llama(b, &m->config);
	buf_addf(b, ",\"tie_word_embeddings\":%s,\"torch_dtype\":\"float32\"}\n", m->config.tied ? "true" : "false");
	return true;
}

static bool one_of(const struct member *x, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (member_is(x, span_of(names[i])))
			return true;
	return false;
}

/* What the file says but for the type of the numbers, and of a reward model the head. */
static bool copy_config(struct buf *b, const struct lm_model *m, struct span file, struct lm_error *e)
{
	static const char *const types[] = { "torch_dtype", "dtype", "quantization_config" };
	static const char *const heads[] = { "architectures", "num_labels", "problem_type", "id2label", "label2id", "pad_token_id",
		"general_preference" };
	struct scan_error why;
	struct value top;
	struct scan_iter it;
	struct member x;

	if (!scan(file, SCAN_UNIQUE, NULL, &top, &why))
		return lm_fail(e, "config.json: %s", why.why);
	buf_addc(b, '{');
	for (it = scan_open(top); scan_next(&it, &x); ) {
		if (one_of(&x, types, COUNT(types)) || (m->score.rows && one_of(&x, heads, COUNT(heads))))
			continue;
		buf_addf(b, "\"%.*s\":", ARG(x.key));
		buf_add(b, x.val.raw);
		buf_addc(b, ',');
	}
	if (m->score.rows) {
		put_head(b, m, family_of(m, span_eq(scan_member(top, S("model_type")).raw, S("\"mistral\""))));
		buf_addc(b, ',');
	}
	buf_adds(b, "\"torch_dtype\":\"float32\"}\n");
	return true;
}

/* ---- folders ---- */

static bool write_in(const char *folder, const char *name, struct span bytes, struct lm_error *e)
{
	char *path = xasprintf("%s/%s", folder, name);
	const bool ok = safetensors_write_file(path, bytes, e);

	free(path);
	return ok;
}

/* Copies a file of the source folder; one that is not there is no error. */
static bool copy_file(const char *source, const char *folder, const char *name, struct lm_error *e)
{
	char *path = xasprintf("%s/%s", source, name);
	struct span file;
	bool ok = access(path, F_OK) != 0;

	if (!ok && lm_map(path, &file, e)) {
		ok = write_in(folder, name, file, e);
		lm_unmap(file);
	}
	free(path);
	return ok;
}

/* (What an adapter's folder holds, a tokenizer perhaps, goes before.) */
static bool copy_others(const struct lm_model *m, const char *folder, struct lm_error *e)
{
	static const char *const names[] = {
		"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
		"tokenizer.model", "chat_template.jinja", "generation_config.json",
	};
	bool ok = true;

	for (size_t i = 0; ok && i < COUNT(names); i++)
		ok = copy_file(m->source, folder, names[i], e) && (!m->adapter || copy_file(m->adapter, folder, names[i], e));
	return ok;
}

bool lm_save_folder(struct lm_model *m, const char *folder, struct lm_error *e)
{
	char *path = xasprintf("%s/config.json", m->source);
	struct stat st;
	struct buf config = { 0 };
	struct span file;
	struct list l;
	bool ok;

	if (stat(m->source, &st) == 0 && S_ISDIR(st.st_mode)) {
		ok = lm_map(path, &file, e) && copy_config(&config, m, file, e) && copy_others(m, folder, e);
		if (ok)
			lm_unmap(file);
	} else {
		ok = make_config(&config, m, e);
	}
	if (ok) {
		list_model(&l, m);
		ok = safetensors_write(folder, &l.t, UINT64_MAX, e) && write_in(folder, "config.json", buf_span(&config), e);
		list_free(&l);
	}
	buf_free(&config);
	free(path);
	return ok;
}

bool lm_save_tokenizer(const struct lm *m, const char *folder, struct lm_error *e)
{
	struct buf tokens = { 0 }, config = { 0 };
	bool ok = tokenizer_put_json(m->tokenizer, &tokens, e);

	tokenizer_put_config(m->tokenizer, m->jinja ? span_of(m->jinja) : (struct span){ 0 }, m->model->config.context, &config);
	ok = ok && write_in(folder, "tokenizer.json", buf_span(&tokens), e) &&
		write_in(folder, "tokenizer_config.json", buf_span(&config), e);
	buf_free(&tokens);
	buf_free(&config);
	return ok;
}
