/* forward - one pass: the batch, the layers, the cache */
#include "lm/forward.h"

#include <math.h>
#include <stdlib.h>

#include "lm/pass.h"

struct lm_engine *lm_engine_new(const struct lm_model *m, int threads)
{
	struct lm_engine *e = xcalloc(1, sizeof *e);

	gemm_one_thread();
	e->m = m;
	e->k = kernels();
	e->pool = work_new(threads);
	return e;
}

void lm_engine_free(struct lm_engine *e)
{
	if (!e)
		return;
	work_free(e->pool);
	free(e->cosine);
	free(e->sine);
	free(e->memory);
	free(e);
}

/* ---- the cache ---- */

void lm_cache_init(struct lm_cache *c, const struct lm_model *m, size_t room)
{
	*c = (struct lm_cache){ .room = room };
	c->width = (size_t)m->config.kv_heads * m->config.head_dim;
	c->kv = xreallocarray(NULL, 2 * m->config.layers * room, c->width * sizeof *c->kv);
}

void lm_cache_free(struct lm_cache *c)
{
	free(c->kv);
	*c = (struct lm_cache){ 0 };
}

static size_t tokens_of(const struct lm_cache *c)
{
	size_t n = 0;

	for (; c; c = c->after)
		n += c->n;
	return n;
}

static void fill_caches(const struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const float *qkv)
{
	const struct lm_config *cf = &e->m->config;
	const size_t ld = (size_t)(cf->heads + 2 * cf->kv_heads) * cf->head_dim;

	for (size_t i = 0; i < b->n; i++) {
		const struct lm_cache *c = b->segment[i].cache;

		for (size_t r = 0; c && r < b->segment[i].n; r++) {
			const float *k = qkv + (b->place[i].row + r) * ld + (size_t)cf->heads * cf->head_dim;
			float *to = c->kv + (2 * layer * c->room + c->n + r) * c->width;

			memcpy(to, k, c->width * sizeof *to);
			memcpy(to + c->room * c->width, k + c->width, c->width * sizeof *to);
		}
	}
}

/* ---- the batch ---- */

size_t lm_row_last(const struct lm_batch *b, size_t i)
{
	while (b->segment[i].n == 0 && b->segment[i].parent >= 0)
		i = (size_t)b->segment[i].parent;
	return b->segment[i].n ? b->place[i].row + b->segment[i].n - 1 : (size_t)-1;
}

/* NULL if the segment, which has its place, can be computed. */
static const char *check(const struct lm_engine *e, const struct lm_batch *b, size_t i)
{
	const struct lm_segment *s = &b->segment[i];
	const size_t end = b->place[i].before + s->n;

	if (s->parent >= (long)i || (s->parent >= 0 && s->cache))
		bug("segment %zu: parent %ld", i, s->parent);
	if (s->logp && (s->from > s->n || (s->parent < 0 && s->from == 0)))
		bug("segment %zu of %zu tokens: log-probs from %zu", i, s->n, s->from);
	for (size_t k = 0; k < s->n; k++)
		if (s->tokens[k] < 0 || (uint32_t)s->tokens[k] >= e->m->config.vocab)
			return "a token that the model does not have";
	if (end > e->m->config.context)
		return "longer than the model's context";
	if (s->cache && s->cache->n + s->n > s->cache->room)
		return "longer than the cache";
	if ((s->logits || s->logp) && e->m->score.rows)
		return "a reward model gives no probabilities";
	if (s->score && !e->m->score.rows)
		return "a model without a head of scores gives none";
	if (((s->logits || s->score) && lm_row_last(b, i) == (size_t)-1) ||
		(s->logp && s->from == 0 && lm_row_last(b, (size_t)s->parent) == (size_t)-1))
		return "nothing comes before what is asked for";
	return NULL;
}

const char *lm_place(const struct lm_engine *e, struct lm_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct lm_segment *s = &b->segment[i];
		const char *why;

		b->place[i].row = b->rows;
		b->rows += s->n;
		if (s->parent >= 0 && s->parent < (long)i)
			b->place[i].before = b->place[s->parent].before + b->segment[s->parent].n;
		else
			b->place[i].before = tokens_of(s->cache);
		if ((why = check(e, b, i)))
			return why;
	}
	return NULL;
}

/* ---- rows in parallel ---- */

enum { TASK_ROWS = 64 };

struct job {
	struct lm_engine *e;
	const struct lm_batch *b;
	const struct lm_matrix *w, *bias;
	float *y;
	const float *x;
	size_t rows;
};

static void over_rows(struct job *j, work_fn *fn)
{
	work_run(j->e->pool, (j->rows + TASK_ROWS - 1) / TASK_ROWS, fn, j);
}

static size_t end_of(const struct job *j, size_t task)
{
	return j->rows - task * TASK_ROWS < TASK_ROWS ? j->rows : (task + 1) * TASK_ROWS;
}

static void norm_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const size_t dim = j->e->m->config.dim;

	(void)thread;
	for (size_t r = task * TASK_ROWS; r < end_of(j, task); r++)
		if (j->bias->rows)
			j->e->k->layer_norm(j->y + r * dim, j->x + r * dim, j->w->f, j->bias->f, dim, j->e->m->config.eps);
		else
			j->e->k->rms_norm(j->y + r * dim, j->x + r * dim, j->w->f, dim, j->e->m->config.eps);
}

void lm_norm(struct lm_engine *e, float *y, const float *x, size_t rows, const struct lm_matrix *w,
	const struct lm_matrix *bias)
{
	struct job j = { .e = e, .w = w, .bias = bias, .y = y, .x = x, .rows = rows };

	over_rows(&j, norm_task);
}

static void activate_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const size_t hidden = j->e->m->config.hidden, width = j->w->rows;

	(void)thread;
	for (size_t r = task * TASK_ROWS; r < end_of(j, task); r++)
		if (width == 2 * hidden)
			j->e->k->swiglu(j->y + r * hidden, j->x + r * width, j->x + r * width + hidden, hidden);
		else
			j->e->k->gelu(j->y + r * hidden, j->x + r * width, hidden);
}

/* Segment and position of a row: from the one before it (k, at its own row or earlier). */
static size_t segment_of(const struct lm_batch *b, size_t k, size_t row)
{
	while (row >= b->place[k].row + b->segment[k].n)
		k++;
	return k;
}

static void rotate_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const struct lm_config *c = &j->e->m->config;
	const size_t half = c->head_dim / 2, ld = (size_t)(c->heads + 2 * c->kv_heads) * c->head_dim;

	(void)thread;
	for (size_t r = task * TASK_ROWS, s = 0; r < end_of(j, task); r++) {
		size_t at;

		s = segment_of(j->b, s, r);
		at = (j->b->place[s].before + r - j->b->place[s].row) * half;
		for (size_t h = 0; h < c->heads + c->kv_heads; h++)
			j->e->k->rotate(j->y + r * ld + h * c->head_dim, j->e->cosine + at, j->e->sine + at, half);
	}
}

static void embed_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const struct lm_model *m = j->e->m;
	const size_t dim = m->config.dim;

	(void)thread;
	for (size_t r = task * TASK_ROWS, s = 0; r < end_of(j, task); r++) {
		float *y = j->y + r * dim;
		size_t at;

		s = segment_of(j->b, s, r);
		at = r - j->b->place[s].row;
		lm_matrix_rows(&m->embed, (size_t)j->b->segment[s].tokens[at], 1, y);
		for (size_t i = 0; m->positions.rows && i < dim; i++)
			y[i] += m->positions.f[(j->b->place[s].before + at) * dim + i];
	}
}

/* ---- layers ---- */

/* Angles are products of floats, as in transformers, so that long contexts agree. */
static void make_angles(struct lm_engine *e, const struct lm_batch *b)
{
	const size_t half = e->m->config.head_dim / 2, had = e->positions;
	size_t need = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->place[i].before + b->segment[i].n > need)
			need = b->place[i].before + b->segment[i].n;
	if (!e->m->inverse_freq || need <= had)
		return;
	e->positions = need + need / 2;
	e->cosine = xreallocarray(e->cosine, e->positions, half * sizeof *e->cosine);
	e->sine = xreallocarray(e->sine, e->positions, half * sizeof *e->sine);
	for (size_t p = had; p < e->positions; p++)
		for (size_t i = 0; i < half; i++) {
			const float angle = (float)p * e->m->inverse_freq[i];

			e->cosine[p * half + i] = (float)cos((double)angle);
			e->sine[p * half + i] = (float)sin((double)angle);
		}
}

void lm_embed(struct lm_engine *e, const struct lm_batch *b, float *x)
{
	struct job j = { .e = e, .b = b, .y = x, .rows = b->rows };

	make_angles(e, b);
	over_rows(&j, embed_task);
}

void lm_activate(struct lm_engine *e, uint32_t layer, const struct lm_acts *a, size_t rows)
{
	struct job j = { .e = e, .y = a->act, .x = a->up, .w = &e->m->layer[layer].up, .rows = rows };

	over_rows(&j, activate_task);
}

static void keep(float *to, const float *x, const struct lm_engine *e, const struct lm_batch *b)
{
	if (to)
		memcpy(to, x, b->rows * e->m->config.dim * sizeof *to);
}

void lm_layer_forward(struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a, float *x)
{
	const struct lm_layer *l = &e->m->layer[layer];
	struct job j = { .e = e, .b = b, .rows = b->rows };

	keep(a->before, x, e, b);
	lm_norm(e, a->normed, x, b->rows, &l->attn_norm, &l->attn_norm_bias);
	gemm(e->pool, a->qkv, a->normed, b->rows, &l->qkv, &l->qkv_bias, false);
	if (e->m->inverse_freq) {
		j.y = a->qkv;
		over_rows(&j, rotate_task);
	}
	lm_attend(e, b, layer, a);
	fill_caches(e, b, layer, a->qkv);
	gemm(e->pool, x, a->attn, b->rows, &l->out, &l->out_bias, true);
	keep(a->between, x, e, b);
	lm_norm(e, a->normed, x, b->rows, &l->mlp_norm, &l->mlp_norm_bias);
	gemm(e->pool, a->up, a->normed, b->rows, &l->up, &l->up_bias, false);
	lm_activate(e, layer, a, b->rows);
	gemm(e->pool, x, a->act, b->rows, &l->down, &l->down_bias, true);
}

/* Cut the activations of one layer, then x, from the engine's memory, which grows as needed. */
static float *make_acts(struct lm_engine *e, size_t rows, struct lm_acts *a)
{
	const struct lm_config *c = &e->m->config;
	const size_t sizes[] = {
		c->dim, (size_t)(c->heads + 2 * c->kv_heads) * c->head_dim, (size_t)c->heads * c->head_dim,
		e->m->layer[0].up.rows, c->hidden, c->dim
	};
	float *x, **to[] = { &a->normed, &a->qkv, &a->attn, &a->up, &a->act, &x };
	size_t need = 0;

	/* Each begins at a cache line. */
	for (size_t i = 0; i < COUNT(sizes); i++)
		need += (rows * sizes[i] + 15) / 16 * 16;
	if (need > e->floats) {
		free(e->memory);
		e->floats = need;
		e->memory = xreallocarray(NULL, need, sizeof *e->memory);
	}
	for (size_t i = 0, at = 0; i < COUNT(sizes); at += (rows * sizes[i++] + 15) / 16 * 16)
		*to[i] = e->memory + at;
	return x;
}

const char *lm_forward(struct lm_engine *e, const struct lm_segment *segments, size_t n)
{
	struct lm_batch b = { segments, xcalloc(n + 1, sizeof *b.place), n, 0 };
	const char *why = lm_place(e, &b);
	struct lm_acts a = { 0 };

	if (!why && b.rows > 0) {
		float *x = make_acts(e, b.rows, &a);

		lm_embed(e, &b, x);
		for (uint32_t i = 0; i < e->m->config.layers; i++)
			lm_layer_forward(e, &b, i, &a, x);
		lm_head(e, &b, x);
		for (size_t i = 0; i < n; i++)
			if (segments[i].cache)
				segments[i].cache->n += segments[i].n;
	}
	free(b.place);
	return why;
}

int32_t lm_argmax(const float *logits, size_t vocab)
{
	size_t best = 0;

	for (size_t i = 1; i < vocab; i++)
		if (logits[i] > logits[best])
			best = i;
	return (int32_t)best;
}
