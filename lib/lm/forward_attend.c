/* forward_attend - attention, segment by segment: no mask, no padding
 *
 * A row sees the cache or the chain of segments before its own, and its own segment up to itself. Scores of 64 rows
 * of one head lie side by side in one piece of scratch: one product for each stretch of keys.
 */
#include "lm/pass.h"

#include <math.h>
#include <stdlib.h>

struct tile {
	size_t segment, row, n;		/* rows [row, row + n) of the segment */
};

struct job {
	struct lm_engine *e;
	const struct lm_batch *b;
	const struct lm_acts *a;
	uint32_t layer;
	struct tile *tile;
	size_t tiles;
};

static struct lm_stretch own(const struct lm_engine *e, const struct lm_batch *b, const struct lm_acts *a, size_t segment,
	size_t n)
{
	const struct lm_config *c = &e->m->config;
	const size_t ld = (size_t)(c->heads + 2 * c->kv_heads) * c->head_dim;
	const float *k = a->qkv + b->place[segment].row * ld + c->heads * c->head_dim;

	return (struct lm_stretch){ k, k + c->kv_heads * c->head_dim, n, ld };
}

size_t lm_chain(const struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a, size_t i,
	size_t n, struct lm_stretch *s, size_t room)
{
	const struct lm_cache *cache;

	s[--room] = own(e, b, a, i, n);
	while (b->segment[i].parent >= 0) {
		i = (size_t)b->segment[i].parent;
		if (b->segment[i].n)
			s[--room] = own(e, b, a, i, b->segment[i].n);
	}
	for (cache = b->segment[i].cache; cache; cache = cache->after) {
		const float *k = cache->kv + 2 * layer * cache->room * cache->width;

		if (cache->n == 0)
			continue;
		s[--room] = (struct lm_stretch){ k, k + cache->room * cache->width, cache->n, cache->width };
	}
	return room;
}

size_t lm_chain_room(const struct lm_batch *b, size_t i)
{
	size_t n = 1;

	for (; b->segment[i].parent >= 0; n++)
		i = (size_t)b->segment[i].parent;
	for (const struct lm_cache *c = b->segment[i].cache; c; c = c->after)
		n++;
	return n;
}

static void attend_tile(void *arg, size_t task, int thread)
{
	const struct job *j = arg;
	const struct lm_config *c = &j->e->m->config;
	const struct tile t = j->tile[task % j->tiles];
	const size_t head = task / j->tiles, hd = c->head_dim, kv = head / (c->heads / c->kv_heads) * hd;
	const size_t ldq = (size_t)(c->heads + 2 * c->kv_heads) * hd, ldo = (size_t)c->heads * hd;
	const size_t before = j->b->place[t.segment].before, keys = before + t.row + t.n, at = j->b->place[t.segment].row + t.row;
	const size_t room = lm_chain_room(j->b, t.segment);
	const float *q = j->a->qkv + at * ldq + head * hd;
	float *out = j->a->attn + at * ldo + head * hd;
	/* Scores, and behind them the list of stretches. */
	float *scores = work_scratch(j->e->pool, thread, t.n * keys + 16 + room * sizeof(struct lm_stretch) / sizeof *scores);
	struct lm_stretch *s = (struct lm_stretch *)(scores + (t.n * keys + 15) / 16 * 16);
	const size_t first = lm_chain(j->e, j->b, j->layer, j->a, t.segment, t.row + t.n, s, room);

	for (size_t i = first, col = 0; i < room; col += s[i++].n)
		gemm_nt(scores + col, keys, q, ldq, s[i].k + kv, s[i].ld, t.n, s[i].n, hd, false);
	for (size_t r = 0; r < t.n; r++) {
		const size_t seen = before + t.row + r + 1;

		j->e->k->softmax(scores + r * keys, seen, (float)(1 / sqrt((double)hd)));
		memset(scores + r * keys + seen, 0, (keys - seen) * sizeof *scores);
	}
	for (size_t i = first, col = 0; i < room; col += s[i++].n)
		gemm_nn(out, ldo, scores + col, keys, s[i].v + kv, s[i].ld, t.n, hd, s[i].n, i > first);
}

void lm_attend(struct lm_engine *e, const struct lm_batch *b, uint32_t layer, const struct lm_acts *a)
{
	struct job j = { e, b, a, layer, NULL, 0 };

	j.tile = xcalloc(b->rows / LM_TILE + b->n, sizeof *j.tile);
	/* The last rows of a segment see most: the longest tasks first. */
	for (size_t i = b->n; i-- > 0; )
		for (size_t left = b->segment[i].n; left > 0; ) {
			const size_t n = (left - 1) % LM_TILE + 1;

			left -= n;
			j.tile[j.tiles++] = (struct tile){ i, left, n };
		}
	work_run(e->pool, j.tiles * e->m->config.heads, attend_tile, &j);
	free(j.tile);
}
