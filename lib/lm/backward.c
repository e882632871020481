/* backward - the way back through the layers */
#include "lm/trace.h"

#include <stdlib.h>

struct lm_trace *lm_trace_new(void)
{
	return xcalloc(1, sizeof(struct lm_trace));
}

static void forget(struct lm_trace *t)
{
	free(t->b.place);
	t->b = (struct lm_batch){ 0 };
	lm_targets_free(&t->targets);
	t->reference = NULL;
	t->pull = NULL;
}

void lm_trace_free(struct lm_trace *t)
{
	if (!t)
		return;
	forget(t);
	free(t->acts);
	pages_free(t->memory, lm_trace_bytes(t));
	free(t);
}

size_t lm_trace_bytes(const struct lm_trace *t)
{
	return t->floats * sizeof *t->memory;
}

/* ---- memory ---- */

struct piece {
	float **to;
	size_t floats;
};

/* Cut all pieces from the trace's memory, which grows as needed; each begins at a cache line. */
static void cut(struct lm_trace *t, const struct piece *v, size_t n)
{
	size_t need = 0;

	for (size_t i = 0; i < n; i++)
		need += (v[i].floats + 15) / 16 * 16;
	if (need > t->floats) {
		pages_free(t->memory, lm_trace_bytes(t));
		t->floats = need;
		t->memory = xpages(lm_trace_bytes(t));
	}
	for (size_t i = 0, at = 0; i < n; at += (v[i++].floats + 15) / 16 * 16)
		*v[i].to = t->memory + at;
}

/* The way back of the head needs three rows for each taken or scored one, of dnormed. */
static void make_memory(struct lm_trace *t, const struct lm_model *m)
{
	const struct lm_config *c = &m->config;
	const size_t rows = t->b.rows, taken = t->targets.rows, scored = lm_scored(&t->b), dim = c->dim, up = m->layer[0].up.rows;
	const size_t ends = taken + scored, most = rows > ends ? rows : ends;
	const size_t qkv = (size_t)(c->heads + 2 * c->kv_heads) * c->head_dim, attn = (size_t)c->heads * c->head_dim;
	struct lm_acts shared = { 0 };
	struct piece *v = xcalloc(14 + 5 * c->layers, sizeof *v);
	size_t n = 0;

	t->acts = xreallocarray(t->acts, c->layers, sizeof *t->acts);
	v[n++] = (struct piece){ &shared.normed, rows * dim };
	v[n++] = (struct piece){ &shared.act, rows * c->hidden };
	v[n++] = (struct piece){ &t->x, rows * dim };
	v[n++] = (struct piece){ &t->taken, taken * dim };
	v[n++] = (struct piece){ &t->p, taken * c->vocab };
	v[n++] = (struct piece){ &t->ends, scored * dim };
	v[n++] = (struct piece){ &t->scored, scored * dim };
	v[n++] = (struct piece){ &t->dx, rows * dim };
	v[n++] = (struct piece){ &t->dnormed, (rows > 3 * ends ? rows : 3 * ends) * dim };
	v[n++] = (struct piece){ &t->dqkv, rows * qkv };
	v[n++] = (struct piece){ &t->dattn, rows * attn };
	v[n++] = (struct piece){ &t->dup, rows * up };
	v[n++] = (struct piece){ &t->dact, rows * c->hidden };
	v[n++] = (struct piece){ &t->stat, 2 * most };
	for (uint32_t i = 0; i < c->layers; i++) {
		v[n++] = (struct piece){ &t->acts[i].before, rows * dim };
		v[n++] = (struct piece){ &t->acts[i].qkv, rows * qkv };
		v[n++] = (struct piece){ &t->acts[i].attn, rows * attn };
		v[n++] = (struct piece){ &t->acts[i].between, rows * dim };
		v[n++] = (struct piece){ &t->acts[i].up, rows * up };
	}
	cut(t, v, n);
	for (uint32_t i = 0; i < c->layers; i++) {
		t->acts[i].normed = shared.normed;
		t->acts[i].act = shared.act;
	}
	free(v);
}

/* ---- there ---- */

const char *lm_forward_keep(struct lm_engine *e, struct lm_trace *t, const struct lm_segment *segments, size_t n,
	struct lm_spread *const *spread)
{
	const char *why;

	forget(t);
	t->b = (struct lm_batch){ segments, xcalloc(n + 1, sizeof *t->b.place), n, 0 };
	for (size_t i = 0; i < n; i++)
		if (segments[i].cache || segments[i].logits)
			bug("segment %zu: no way back through caches and logits", i);
	why = lm_place(e, &t->b);
	if (why || t->b.rows == 0)
		return why;
	lm_targets_list(&t->targets, &t->b);
	make_memory(t, e->m);
	lm_embed(e, &t->b, t->x);
	for (uint32_t i = 0; i < e->m->config.layers; i++)
		lm_layer_forward(e, &t->b, i, &t->acts[i], t->x);
	if (e->m->score.rows)
		lm_score(e, &t->b, t->x, t->ends, t->scored);
	else
		lm_head_keep(e, t, spread);
	return NULL;
}

/* ---- gradients of weights ---- */

float *lm_slope(const struct lm_slopes *s, const struct lm_model *m, const struct lm_matrix *w)
{
	return s->all + (w->f - m->memory);
}

enum { COLUMNS = 64, ROWS = 64 };	/* of one task */

struct job {
	struct lm_engine *e;
	struct lm_trace *t;
	const float *dy, *x, *stat;
	const struct lm_matrix *w;
	float *y, *to;
	size_t rows, cols;
	bool biased;
};

static size_t end_of(size_t from, size_t some, size_t n)
{
	return n - from < some ? n : from + some;
}

/* to[c] += sum over rows of dy[c], or of dy[c] (x[c] - mean) scale */
static void column_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const size_t from = task * COLUMNS, n = end_of(from, COLUMNS, j->cols) - from;
	double sum[COLUMNS] = { 0 };

	(void)thread;
	for (size_t r = 0; r < j->rows; r++) {
		const float *dy = j->dy + r * j->cols + from, *x = j->x ? j->x + r * j->cols + from : NULL;
		const float mean = x ? j->stat[2 * r] : 0, scale = x ? j->stat[2 * r + 1] : 1;

		for (size_t c = 0; c < n; c++)
			sum[c] += (double)(x ? dy[c] * ((x[c] - mean) * scale) : dy[c]);
	}
	for (size_t c = 0; c < n; c++)
		j->to[from + c] += (float)sum[c];
}

static void add_columns(struct job *j)
{
	work_run(j->e->pool, (j->cols + COLUMNS - 1) / COLUMNS, column_task, j);
}

static void scale_rows(float *x, size_t n, double by)
{
	for (size_t i = 0; i < n; i++)
		x[i] *= (float)by;
}

/* y += s (x A^T) B^T: db += s dy^T (x A^T), da += s (dy B)^T x */
static void adapter_back(struct lm_engine *e, const struct lm_lora *l, const struct lm_adapter *k, const float *dy,
	const float *x, size_t m, float *thin)
{
	const struct lm_matrix none = { 0 };
	const size_t r = l->rank;
	const double s = l->alpha / (double)r;

	gemm(e->pool, thin, x, m, &k->a, &none, false);
	scale_rows(thin, m * r, s);
	gemm_slope(e->pool, k->db, dy + k->row, k->w->rows, thin, m, k->b.rows, r);
	gemm_back(e->pool, thin, dy + k->row, k->w->rows, m, &k->b, false);
	scale_rows(thin, m * r, s);
	gemm_slope(e->pool, k->da, thin, r, x, m, r, k->w->cols);
}

void lm_matrix_back(struct lm_engine *e, const struct lm_slopes *to, const struct lm_matrix *w,
	const struct lm_matrix *bias, const float *dy, const float *x, size_t m)
{
	float *thin = NULL;

	if (to->all) {
		gemm_slope(e->pool, lm_slope(to, e->m, w), dy, w->rows, x, m, w->rows, w->cols);
		if (bias->rows)
			add_columns(&(struct job){ .e = e, .dy = dy, .to = lm_slope(to, e->m, bias), .rows = m, .cols = w->rows });
	}
	if (to->lora && to->lora->whole == w)
		gemm_slope(e->pool, to->lora->dscore, dy, w->rows, x, m, w->rows, w->cols);
	for (size_t i = 0; to->lora && i < to->lora->n; i++)
		if (to->lora->v[i].w == w) {
			if (!thin)
				thin = xreallocarray(NULL, m, to->lora->rank * sizeof *thin);
			adapter_back(e, to->lora, &to->lora->v[i], dy, x, m, thin);
		}
	free(thin);
}

static void norm_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const size_t dim = j->cols, end = end_of(task * ROWS, ROWS, j->rows);
	const double eps = j->e->m->config.eps;

	(void)thread;
	for (size_t r = task * ROWS; r < end; r++)
		(j->biased ? j->e->k->layer_norm_back : j->e->k->rms_norm_back)(j->y + r * dim, j->dy + r * dim, j->x + r * dim,
			j->w->f, dim, eps, j->t->stat + 2 * r);
}

void lm_norm_back(struct lm_engine *e, struct lm_trace *t, const struct lm_slopes *to, float *dx, const float *dy,
	const float *x, size_t rows, const struct lm_matrix *w, const struct lm_matrix *bias)
{
	struct job j = { .e = e, .t = t, .dy = dy, .x = x, .stat = t->stat, .w = w, .y = dx, .rows = rows,
		.cols = e->m->config.dim, .biased = bias->rows > 0 };

	work_run(e->pool, (rows + ROWS - 1) / ROWS, norm_task, &j);
	if (!to->all)
		return;
	j.to = lm_slope(to, e->m, w);
	add_columns(&j);
	j.x = NULL;
	j.to = bias->rows ? lm_slope(to, e->m, bias) : NULL;
	if (j.to)
		add_columns(&j);
}

/* ---- back ---- */

static void activate_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const size_t hidden = j->e->m->config.hidden, width = j->w->rows, end = end_of(task * ROWS, ROWS, j->rows);

	(void)thread;
	for (size_t r = task * ROWS; r < end; r++) {
		const float *dy = j->dy + r * hidden, *x = j->x + r * width;
		float *to = j->y + r * width;

		if (width == 2 * hidden)
			j->e->k->swiglu_back(to, to + hidden, dy, x, x + hidden, hidden);
		else
			j->e->k->gelu_back(to, dy, x, hidden);
	}
}

/* Turn the gradients of q and k back to what they were before positions turned them. */
static void rotate_task(void *arg, size_t i, int thread)
{
	const struct job *j = arg;
	const struct lm_config *c = &j->e->m->config;
	const struct lm_batch *b = &j->t->b;
	const size_t half = c->head_dim / 2, ld = (size_t)(c->heads + 2 * c->kv_heads) * c->head_dim;

	(void)thread;
	for (size_t r = 0; r < b->segment[i].n; r++) {
		const size_t at = (b->place[i].before + r) * half;

		for (size_t h = 0; h < c->heads + c->kv_heads; h++)
			j->e->k->rotate_back(j->t->dqkv + (b->place[i].row + r) * ld + h * c->head_dim, j->e->cosine + at,
				j->e->sine + at, half);
	}
}

static void mlp_back(struct lm_engine *e, struct lm_trace *t, uint32_t layer, const struct lm_slopes *to)
{
	const struct lm_layer *l = &e->m->layer[layer];
	const struct lm_acts *a = &t->acts[layer];
	const size_t rows = t->b.rows;
	struct job j = { .e = e, .dy = t->dact, .x = a->up, .w = &l->up, .y = t->dup, .rows = rows };

	lm_activate(e, layer, a, rows);
	lm_matrix_back(e, to, &l->down, &l->down_bias, t->dx, a->act, rows);
	gemm_back(e->pool, t->dact, t->dx, l->down.rows, rows, &l->down, false);
	work_run(e->pool, (rows + ROWS - 1) / ROWS, activate_task, &j);
	lm_norm(e, a->normed, a->between, rows, &l->mlp_norm, &l->mlp_norm_bias);
	lm_matrix_back(e, to, &l->up, &l->up_bias, t->dup, a->normed, rows);
	gemm_back(e->pool, t->dnormed, t->dup, l->up.rows, rows, &l->up, false);
	lm_norm_back(e, t, to, t->dx, t->dnormed, a->between, rows, &l->mlp_norm, &l->mlp_norm_bias);
}

static void attention_back(struct lm_engine *e, struct lm_trace *t, uint32_t layer, const struct lm_slopes *to)
{
	const struct lm_layer *l = &e->m->layer[layer];
	const struct lm_acts *a = &t->acts[layer];
	const size_t rows = t->b.rows;
	struct job j = { .e = e, .t = t };

	lm_matrix_back(e, to, &l->out, &l->out_bias, t->dx, a->attn, rows);
	gemm_back(e->pool, t->dattn, t->dx, l->out.rows, rows, &l->out, false);
	lm_attend_back(e, t, layer);
	if (e->m->inverse_freq)
		work_run(e->pool, t->b.n, rotate_task, &j);
	lm_norm(e, a->normed, a->before, rows, &l->attn_norm, &l->attn_norm_bias);
	lm_matrix_back(e, to, &l->qkv, &l->qkv_bias, t->dqkv, a->normed, rows);
	if (layer == 0 && !to->all)		/* nothing below learns */
		return;
	gemm_back(e->pool, t->dnormed, t->dqkv, l->qkv.rows, rows, &l->qkv, false);
	lm_norm_back(e, t, to, t->dx, t->dnormed, a->before, rows, &l->attn_norm, &l->attn_norm_bias);
}

/* Several rows may be of one token: each task has columns of its own. */
static void embed_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const struct lm_batch *b = &j->t->b;
	const size_t dim = j->cols, from = task * COLUMNS, end = end_of(from, COLUMNS, dim);

	(void)thread;
	for (size_t i = 0; i < b->n; i++)
		for (size_t r = 0; r < b->segment[i].n; r++) {
			const float *dx = j->t->dx + (b->place[i].row + r) * dim;
			float *token = j->to + (size_t)b->segment[i].tokens[r] * dim;
			float *position = j->y ? j->y + (b->place[i].before + r) * dim : NULL;

			for (size_t c = from; c < end; c++) {
				token[c] += dx[c];
				if (position)
					position[c] += dx[c];
			}
		}
}

void lm_backward(struct lm_engine *e, struct lm_trace *t, const double *const *g, const struct lm_slopes *to)
{
	const struct lm_model *m = e->m;
	struct job j = { .e = e, .t = t, .cols = m->config.dim };

	if (t->b.rows == 0 || t->targets.rows + lm_scored(&t->b) == 0)
		return;
	lm_head_back(e, t, g, to);
	for (uint32_t i = m->config.layers; i-- > 0; ) {
		mlp_back(e, t, i, to);
		attention_back(e, t, i, to);
	}
	if (!to->all)
		return;
	j.to = lm_slope(to, m, &m->embed);
	j.y = m->positions.rows ? lm_slope(to, m, &m->positions) : NULL;
	work_run(e->pool, (m->config.dim + COLUMNS - 1) / COLUMNS, embed_task, &j);
}
