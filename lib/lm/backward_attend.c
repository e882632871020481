/* backward_attend - the way back through attention
 *
 * Keys and values of a prompt get gradients from all that goes on from it: one task does a whole tree of segments, for one
 * head of keys and those of queries that share it, so that nobody else writes there. Probabilities are computed again.
 */
#include "lm/trace.h"

#include <math.h>
#include <stdlib.h>

struct job {
	struct lm_engine *e;
	struct lm_trace *t;
	uint32_t layer;
	size_t *root;			/* of each segment */
	size_t *roots, n;
};

/* Rows [row, row + n) of a segment, one head of queries. */
static void tile_back(const struct job *j, size_t segment, size_t row, size_t n, size_t head, int thread)
{
	const struct lm_config *c = &j->e->m->config;
	const struct lm_batch *b = &j->t->b;
	const struct lm_acts *a = &j->t->acts[j->layer];
	const size_t hd = c->head_dim, kv = head / (c->heads / c->kv_heads) * hd;
	const size_t ldq = (size_t)(c->heads + 2 * c->kv_heads) * hd, ldo = (size_t)c->heads * hd;
	const size_t before = b->place[segment].before, keys = before + row + n, at = b->place[segment].row + row;
	const size_t room = lm_chain_room(b, segment), cells = (n * keys + 15) / 16 * 16;
	const float *q = a->qkv + at * ldq + head * hd, *dout = j->t->dattn + at * ldo + head * hd;
	float *dq = j->t->dqkv + at * ldq + head * hd;
	float *p = work_scratch(j->e->pool, thread, 2 * cells + 16 + room * sizeof(struct lm_stretch) / sizeof *p), *d = p + cells;
	struct lm_stretch *s = (struct lm_stretch *)(d + cells);
	const size_t first = lm_chain(j->e, b, j->layer, a, segment, row + n, s, room);

	for (size_t i = first, col = 0; i < room; col += s[i++].n) {
		gemm_nt(p + col, keys, q, ldq, s[i].k + kv, s[i].ld, n, s[i].n, hd, false);
		gemm_nt(d + col, keys, dout, ldo, s[i].v + kv, s[i].ld, n, s[i].n, hd, false);
	}
	for (size_t r = 0; r < n; r++) {
		const size_t seen = before + row + r + 1;
		const float scale = (float)(1 / sqrt((double)hd));

		j->e->k->softmax(p + r * keys, seen, scale);
		j->e->k->softmax_back(d + r * keys, p + r * keys, seen, scale);
		memset(p + r * keys + seen, 0, (keys - seen) * sizeof *p);
		memset(d + r * keys + seen, 0, (keys - seen) * sizeof *d);
	}
	for (size_t i = first, col = 0; i < room; col += s[i++].n) {
		float *dk = j->t->dqkv + (s[i].k - a->qkv) + kv, *dv = j->t->dqkv + (s[i].v - a->qkv) + kv;

		gemm_nn(dq, ldq, d + col, keys, s[i].k + kv, s[i].ld, n, hd, s[i].n, i > first);
		gemm_tn(dk, ldq, d + col, keys, q, ldq, s[i].n, hd, n, true);
		gemm_tn(dv, ldq, p + col, keys, dout, ldo, s[i].n, hd, n, true);
	}
}

static void tree_back(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const struct lm_config *c = &j->e->m->config;
	const struct lm_batch *b = &j->t->b;
	const size_t kv = task % c->kv_heads, root = j->roots[task / c->kv_heads], share = c->heads / c->kv_heads;
	const size_t ld = (size_t)(c->heads + 2 * c->kv_heads) * c->head_dim;

	for (size_t i = root; i < b->n; i++)
		for (size_t r = 0; j->root[i] == root && r < b->segment[i].n; r++) {
			float *k = j->t->dqkv + (b->place[i].row + r) * ld + (c->heads + kv) * c->head_dim;

			memset(k, 0, c->head_dim * sizeof *k);
			memset(k + c->kv_heads * c->head_dim, 0, c->head_dim * sizeof *k);
		}
	for (size_t i = root; i < b->n; i++)
		for (size_t r = 0, n; j->root[i] == root && r < b->segment[i].n; r += n) {
			n = b->segment[i].n - r < LM_TILE ? b->segment[i].n - r : LM_TILE;
			for (size_t h = 0; h < share; h++)
				tile_back(j, i, r, n, kv * share + h, thread);
		}
}

void lm_attend_back(struct lm_engine *e, struct lm_trace *t, uint32_t layer)
{
	struct job j = { e, t, layer, xcalloc(2 * t->b.n + 1, sizeof *j.root), NULL, 0 };

	j.roots = j.root + t->b.n;
	for (size_t i = 0; i < t->b.n; i++) {
		const long parent = t->b.segment[i].parent;

		j.root[i] = parent < 0 ? i : j.root[parent];
		if (parent < 0)
			j.roots[j.n++] = i;
	}
	work_run(e->pool, j.n * e->m->config.kv_heads, tree_back, &j);
	free(j.root);
}
