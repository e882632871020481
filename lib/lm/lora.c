/* lora - adapters: which there are, and the sum of base and adapter */
#include "lm/lora.h"

#include <math.h>
#include <stdlib.h>

#include "lm/gemm.h"
#include "random.h"

static const struct {
	const char *name;
	int target;
} names[] = {
	{ "q", LORA_Q }, { "k", LORA_K }, { "v", LORA_V }, { "o", LORA_O }, { "gate", LORA_GATE }, { "up", LORA_UP },
	{ "down", LORA_DOWN }, { "all", 2 * LORA_DOWN - 1 }, { "qkv", LORA_Q | LORA_K | LORA_V },
};

int lora_targets(const char *text)
{
	int sum = 0;

	for (const char *p = text; ; p++) {
		const size_t n = strcspn(p, ",");
		int found = 0;

		for (size_t i = 0; i < COUNT(names); i++)
			if (strlen(names[i].name) == n && memcmp(names[i].name, p, n) == 0)
				found = names[i].target;
		if (!found)
			return 0;
		sum |= found;
		p += n;
		if (!*p)
			return sum;
	}
}

const char *lora_name(int target)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].target == target)
			return names[i].name;
	return NULL;
}

static void add(struct lm_lora *l, struct lm_matrix *w, uint32_t layer, int target, uint32_t row, uint32_t rows, size_t *room)
{
	if (!(target & l->targets))
		return;
	GROW(l->v, l->n, *room);
	l->v[l->n++] = (struct lm_adapter){ .w = w, .layer = layer, .target = target, .row = row,
		.a = { .rows = l->rank, .cols = w->cols }, .b = { .rows = rows, .cols = l->rank } };
	l->floats += (size_t)l->rank * (w->cols + rows);
}

static void list(struct lm_lora *l, struct lm_model *m)
{
	const struct lm_config *c = &m->config;
	const uint32_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
	size_t room = 0;

	for (uint32_t i = 0; i < c->layers; i++) {
		struct lm_layer *y = &m->layer[i];
		const bool gated = y->up.rows > c->hidden;

		if (y->qkv.parts == 1) {
			add(l, &y->qkv, i, LORA_Q | LORA_K | LORA_V, 0, y->qkv.rows, &room);
		} else {
			add(l, &y->qkv, i, LORA_Q, 0, q, &room);
			add(l, &y->qkv, i, LORA_K, q, kv, &room);
			add(l, &y->qkv, i, LORA_V, q + kv, kv, &room);
		}
		add(l, &y->out, i, LORA_O, 0, c->dim, &room);
		if (gated)
			add(l, &y->up, i, LORA_GATE, 0, c->hidden, &room);
		add(l, &y->up, i, LORA_UP, gated ? c->hidden : 0, c->hidden, &room);
		add(l, &y->down, i, LORA_DOWN, 0, c->dim, &room);
	}
}

/* What adapters are added to is what the numbers are now: the files alone do not say. */
static void keep_base(const struct lm_lora *l, struct lm_model *m)
{
	size_t all = 0, at = 0;

	for (size_t i = 0; i < l->n; i++)
		if (i == 0 || l->v[i].w != l->v[i - 1].w)
			all += (size_t)l->v[i].w->rows * l->v[i].w->cols;
	m->merged = xreallocarray(NULL, all + 1, sizeof *m->merged);
	for (size_t i = 0; i < l->n; i++) {
		struct lm_matrix *w = l->v[i].w;
		uint32_t row = 0;

		if (i > 0 && w == l->v[i - 1].w)
			continue;
		memcpy(m->merged + at, w->f, (size_t)w->rows * w->cols * sizeof *w->f);
		for (int k = 0; k < w->parts; row += w->part[k++].rows)
			w->part[k] = (struct lm_part){ .data = (char *)(m->merged + at + (size_t)row * w->cols), .type = QUANT_F32,
				.rows = w->part[k].rows };
		at += (size_t)w->rows * w->cols;
	}
}

struct lm_lora *lora_new(struct lm_model *m, uint32_t rank, double alpha, int targets, uint64_t seed)
{
	struct lm_lora *l = xcalloc(1, sizeof *l);
	size_t at = 0;

	if (rank < 1 || rank > LORA_MOST)
		bug("adapters of rank %u", rank);
	l->rank = rank;
	l->alpha = alpha;
	l->targets = targets;
	list(l, m);
	if (m->adapter && !m->merged)
		keep_base(l, m);
	if (m->score.rows) {
		l->whole = &m->score;
		l->score = (struct lm_matrix){ .rows = m->score.rows, .cols = m->score.cols };
		l->floats += (size_t)m->score.rows * m->score.cols;
	}
	l->weights = xcalloc(l->floats + 1, sizeof *l->weights);
	l->slopes = xcalloc(l->floats + 1, sizeof *l->slopes);
	for (size_t i = 0; i < l->n; i++) {
		struct lm_adapter *x = &l->v[i];
		const size_t a = (size_t)x->a.rows * x->a.cols, b = (size_t)x->b.rows * x->b.cols;
		struct rng g = rng_for(seed, lora_name(x->target), x->layer);
		const double most = 1 / sqrt((double)x->a.cols);

		x->a.f = l->weights + at;
		x->da = l->slopes + at;
		x->b.f = l->weights + at + a;
		x->db = l->slopes + at + a;
		at += a + b;
		for (size_t k = 0; k < a; k++)
			x->a.f[k] = (float)((2 * rng_real(&g) - 1) * most);
	}
	if (l->whole) {
		l->score.f = l->weights + at;
		l->dscore = l->slopes + at;
		memcpy(l->score.f, m->score.f, (l->floats - at) * sizeof *l->score.f);
	}
	return l;
}

void lora_free(struct lm_lora *l)
{
	if (!l)
		return;
	free(l->weights);
	free(l->slopes);
	free(l->v);
	free(l);
}

/* ---- merging ---- */

enum { ROWS = 64 };			/* of one task */

struct job {
	const struct lm_lora *l;
	size_t *first;			/* task of each adapter */
};

static void merge_task(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	size_t i = 0, from, n, r = j->l->rank;
	struct lm_matrix base;
	float scaled[ROWS * LORA_MOST], *to;

	(void)thread;
	while (j->first[i + 1] <= task)
		i++;
	const struct lm_adapter *x = &j->l->v[i];

	from = (task - j->first[i]) * ROWS;
	n = x->b.rows - from < ROWS ? x->b.rows - from : ROWS;
	base = *x->w;
	base.f = NULL;
	to = x->w->f + (x->row + from) * x->w->cols;
	lm_matrix_rows(&base, x->row + from, n, to);
	for (size_t k = 0; k < n * r; k++)
		scaled[k] = (float)(j->l->alpha / (double)r) * x->b.f[from * r + k];
	gemm_nn(to, x->w->cols, scaled, r, x->a.f, x->w->cols, n, x->w->cols, r, true);
}

void lora_merge(const struct lm_lora *l, struct work *pool)
{
	struct job j = { l, xcalloc(l->n + 1, sizeof *j.first) };

	for (size_t i = 0; i < l->n; i++)
		j.first[i + 1] = j.first[i] + (l->v[i].b.rows + ROWS - 1) / ROWS;
	work_run(pool, j.first[l->n], merge_task, &j);
	if (l->whole)
		memcpy(l->whole->f, l->score.f, (size_t)l->score.rows * l->score.cols * sizeof *l->score.f);
	free(j.first);
}
