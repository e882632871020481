/* build - finds a model's tensors by name; what the sizes of a model may be */
#include "lm/build.h"

#include <math.h>
#include <stdlib.h>

/* ---- sizes ---- */

bool lm_config_check(const struct lm_config *c, struct lm_error *e)
{
	const struct {
		const char *what;
		uint64_t value, least, most;
	} sizes[] = {
		{ "layers", c->layers, 1, 1024 }, { "dim", c->dim, 2, 1 << 17 }, { "hidden", c->hidden, 2, 1 << 19 },
		{ "heads", c->heads, 1, 1 << 12 }, { "kv_heads", c->kv_heads, 1, c->heads },
		{ "head_dim", c->head_dim, 2, 1 << 12 }, { "vocab", c->vocab, 2, 1 << 22 },
		{ "context", c->context, 1, 1 << 24 },
	};

	for (size_t i = 0; i < COUNT(sizes); i++)
		if (sizes[i].value < sizes[i].least || sizes[i].value > sizes[i].most)
			return lm_fail(e, "impossible size: %s is %llu", sizes[i].what, (unsigned long long)sizes[i].value);
	if (c->heads % c->kv_heads || c->head_dim % 2)
		return lm_fail(e, "impossible size: %u heads of %u for %u", c->heads, c->head_dim, c->kv_heads);
	if (!(c->eps > 0 && c->eps < 1) || !(c->theta > 1 && c->theta < 1e12))
		return lm_fail(e, "impossible norm or rotary base");
	if (c->rope != LM_ROPE_PLAIN && !(c->factor >= 1 && c->factor < 1e6))
		return lm_fail(e, "impossible factor of the rotary positions");
	if (c->rope == LM_ROPE_LLAMA3 && !(c->low > 0 && c->high > c->low && c->original >= 1))
		return lm_fail(e, "impossible scaling of the rotary positions");
	return true;
}

/* ---- rotary frequencies ---- */

/* Llama 3's: long waves are slowed by the factor, short ones stay, those between are mixed. (As published with
 * Llama 3.1, and in transformers' modeling_rope_utils.) */
static double slowed(const struct lm_config *c, double freq)
{
	const double wave = 2 * 3.14159265358979323846 / freq;
	double mix;

	if (wave > c->original / c->low)
		return freq / c->factor;
	if (wave < c->original / c->high)
		return freq;
	mix = (c->original / wave - c->low) / (c->high - c->low);
	return (1 - mix) * freq / c->factor + mix * freq;
}

static bool set_frequencies(struct lm_model *m, const struct lm_tensors *t, const struct lm_names *n,
	struct lm_error *e)
{
	const struct lm_config *c = &m->config;
	const uint32_t half = c->head_dim / 2;
	struct lm_tensor *divisors = n->freqs ? lm_tensors_find(t, n->freqs) : NULL;

	if (c->arch == LM_GPT2)
		return true;
	m->inverse_freq = xcalloc(half, sizeof *m->inverse_freq);
	for (uint32_t i = 0; i < half; i++) {
		double freq = 1.0f / (float)pow(c->theta, 2.0 * i / c->head_dim);

		if (c->rope == LM_ROPE_LINEAR)
			freq /= c->factor;
		else if (c->rope == LM_ROPE_LLAMA3)
			freq = slowed(c, freq);
		m->inverse_freq[i] = (float)freq;
	}
	if (!divisors)
		return true;
	divisors->used = true;
	if (divisors->dims != 1 || divisors->dim[0] != half || divisors->type != QUANT_F32)
		return lm_fail(e, "tensor %s is not of the shape that the model's sizes ask for", n->freqs);
	for (uint32_t i = 0; i < half; i++) {
		float d;

		quant_expand(QUANT_F32, divisors->data.p + i * sizeof d, 1, &d);
		m->inverse_freq[i] /= d;
	}
	return true;
}

/* ---- finding tensors ---- */

struct builder {
	struct lm_model *m;
	const struct lm_tensors *t;
	const struct lm_names *names;
	struct lm_error *e;
	long layer;			/* -1: not in one */
	bool ok;
};

enum need { NEEDED, MAYBE };

static struct lm_tensor *find(struct builder *b, const char *name, const char *end)
{
	char text[128];

	if (b->layer < 0)
		snprintf(text, sizeof text, "%s%s", name, end);
	else
		snprintf(text, sizeof text, "%s%ld.%s%s", b->names->layer, b->layer, name, end);
	return lm_tensors_find(b->t, text);
}

/* Adds the tensor to x, below what is there. heads: as in struct lm_part. */
static bool take(struct builder *b, struct lm_matrix *x, const char *name, const char *end, uint32_t rows,
	uint32_t cols, enum need need, uint32_t heads)
{
	struct lm_tensor *t = find(b, name, end);
	const bool transposed = b->names->transposed && b->layer >= 0 && cols > 1;
	const uint64_t first = transposed ? cols : rows, second = transposed ? rows : cols;

	if (!b->ok || (!t && need == MAYBE))
		return false;
	if (!t) {
		b->ok = lm_fail(b->e, "tensor %s%s%s is not there", b->layer < 0 ? "" : "of a layer: ", name, end);
		return false;
	}
	t->used = true;
	/* (A vector of any type lies in one row; ours are columns, of types that have no blocks.) */
	if (cols == 1 ? t->dims != 1 || t->dim[0] != rows || quant_type(t->type)->values != 1
		: t->dims != 2 || t->dim[0] != first || t->dim[1] != second ||
			(transposed && quant_type(t->type)->values != 1)) {
		b->ok = lm_fail(b->e, "tensor %.*s is not of the shape that the model's sizes ask for", ARG(t->name));
		return false;
	}
	x->part[x->parts++] = (struct lm_part){ t->data.p, t->type, rows, heads, transposed };
	x->rows += rows;
	x->cols = cols;
	return true;
}

static void take_linear(struct builder *b, struct lm_matrix *w, struct lm_matrix *bias, const char *name, uint32_t rows,
	uint32_t cols, uint32_t heads, enum need need_bias)
{
	take(b, w, name, ".weight", rows, cols, NEEDED, heads);
	/* One that was there for the first part must be there for all. */
	take(b, bias, name, ".bias", rows, 1, w->parts > 1 && bias->parts ? NEEDED : need_bias, heads);
	if (b->ok && bias->parts && bias->parts != w->parts)
		b->ok = lm_fail(b->e, "tensor %s.bias of a layer is there without those beside it", name);
}

static void take_norm(struct builder *b, struct lm_matrix *w, struct lm_matrix *bias, const char *name)
{
	const uint32_t dim = b->m->config.dim;

	take(b, w, name, ".weight", dim, 1, NEEDED, 0);
	if (b->m->config.arch == LM_GPT2)
		take(b, bias, name, ".bias", dim, 1, NEEDED, 0);
}

static void take_layer(struct builder *b, struct lm_layer *l)
{
	const struct lm_config *c = &b->m->config;
	const struct lm_names *n = b->names;
	const uint32_t all = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
	const enum need bias = c->arch == LM_GPT2 ? NEEDED : MAYBE, qkv_bias = c->arch == LM_QWEN2 ? NEEDED : bias;

	take_norm(b, &l->attn_norm, &l->attn_norm_bias, n->attn_norm);
	if (n->k) {
		take_linear(b, &l->qkv, &l->qkv_bias, n->q, all, c->dim, n->side_by_side ? c->heads : 0, qkv_bias);
		take_linear(b, &l->qkv, &l->qkv_bias, n->k, kv, c->dim, n->side_by_side ? c->kv_heads : 0, qkv_bias);
		take_linear(b, &l->qkv, &l->qkv_bias, n->v, kv, c->dim, 0, qkv_bias);
	} else {
		take_linear(b, &l->qkv, &l->qkv_bias, n->q, all + 2 * kv, c->dim, 0, qkv_bias);
	}
	take_linear(b, &l->out, &l->out_bias, n->out, c->dim, all, 0, bias);
	take_norm(b, &l->mlp_norm, &l->mlp_norm_bias, n->mlp_norm);
	if (n->gate)
		take_linear(b, &l->up, &l->up_bias, n->gate, c->hidden, c->dim, 0, bias);
	take_linear(b, &l->up, &l->up_bias, n->up, c->hidden, c->dim, 0, bias);
	take_linear(b, &l->down, &l->down_bias, n->down, c->dim, c->hidden, 0, bias);
}

/* The head: of the vocabulary, or of scores. */
static void take_head(struct builder *b, uint32_t scores)
{
	struct lm_model *m = b->m;
	const struct lm_tensor *t = lm_tensors_find(b->t, "score.weight");
	struct lm_tensor *head = find(b, b->names->head, ".weight");
	const uint64_t rows = t ? t->dim[0] : scores;

	if (rows >= 1 << 16 || (t && scores && rows != scores)) {
		b->ok = b->ok && lm_fail(b->e, "it has a head of %llu scores", (unsigned long long)rows);
		return;
	}
	if (t)
		take(b, &m->score, "score", ".weight", (uint32_t)rows, m->config.dim, NEEDED, 0);
	else if (rows)
		m->score = (struct lm_matrix){ .rows = (uint32_t)rows, .cols = m->config.dim };
	if (m->config.tied)
		m->head = m->embed;
	else if (rows == 0)
		take(b, &m->head, b->names->head, ".weight", m->config.vocab, m->config.dim, NEEDED, 0);
	if (head)
		head->used = true;
}

static bool carries_nothing(const struct lm_names *n, struct span name)
{
	for (size_t i = 0; i < COUNT(n->ignore); i++)
		if (n->ignore[i] && span_ends(name, span_of(n->ignore[i])))
			return true;
	return false;
}

bool lm_build(struct lm_model *m, const struct lm_tensors *t, const struct lm_names *n, uint32_t scores, struct lm_error *e)
{
	const struct lm_config *c = &m->config;
	struct builder b = { m, t, n, e, -1, true };

	b.ok = lm_config_check(c, e) && set_frequencies(m, t, n, e);
	take(&b, &m->embed, n->embed, ".weight", c->vocab, c->dim, NEEDED, 0);
	if (n->positions)
		take(&b, &m->positions, n->positions, ".weight", c->context, c->dim, NEEDED, 0);
	take_norm(&b, &m->norm, &m->norm_bias, n->norm);
	take_head(&b, scores);
	/* Each layer needs tensors of its own: more layers than tensors are refused before memory is asked for. */
	if (b.ok && c->layers > t->n)
		b.ok = lm_fail(e, "%u layers, but %zu tensors", c->layers, t->n);
	if (b.ok)
		m->layer = xcalloc(c->layers, sizeof *m->layer);
	for (b.layer = 0; b.ok && b.layer < (long)c->layers; b.layer++)
		take_layer(&b, &m->layer[b.layer]);
	for (size_t i = 0; b.ok && i < t->n; i++)
		if (!t->v[i].used && !carries_nothing(n, t->v[i].name))
			b.ok = lm_fail(e, "tensor %.*s is no part of this architecture", ARG(t->v[i].name));
	return b.ok;
}
