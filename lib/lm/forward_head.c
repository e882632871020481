/* forward_head - log-softmax of the rows that are asked for, and of no others
 *
 * The vocabulary is taken in chunks: of each row and chunk only the greatest logit and the sum of exponentials beyond
 * it are kept, and the logits of the tokens asked for. The chunks' sums are joined in their order, in double.
 */
#include "lm/pass.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 256, CHUNK = 1024 };

struct part {
	float greatest;
	double sum;
};

struct job {
	struct lm_engine *e;
	struct lm_targets t;
	const float *x;			/* [rows][dim] rows taken, normed */
	size_t chunks;
	struct part *part;		/* [rows][chunks] */
};

static int by_row(const void *a, const void *b)
{
	const struct lm_target *x = a, *y = b;

	return x->row != y->row ? (x->row > y->row) - (x->row < y->row) : (x->segment > y->segment) - (x->segment < y->segment);
}

void lm_targets_list(struct lm_targets *t, const struct lm_batch *b)
{
	size_t n = 0;

	*t = (struct lm_targets){ 0 };
	for (size_t i = 0; i < b->n; i++)
		n += b->segment[i].logp ? b->segment[i].n - b->segment[i].from : 0;
	t->v = xcalloc(n + 1, sizeof *t->v);
	for (size_t i = 0; i < b->n; i++) {
		const struct lm_segment *s = &b->segment[i];

		for (size_t k = s->from; s->logp && k < s->n; k++)
			t->v[t->n++] = (struct lm_target){
				.row = k > 0 ? b->place[i].row + k - 1 : lm_row_last(b, (size_t)s->parent),
				.segment = i, .at = k - s->from, .token = s->tokens[k]
			};
	}
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_row);
	t->first = xcalloc(t->n + 1, sizeof *t->first);
	for (size_t i = 0; i < t->n; i++) {
		if (i == 0 || t->v[i].row != t->v[i - 1].row)
			t->first[t->rows++] = i;
		t->v[i].place = t->rows - 1;
	}
	t->first[t->rows] = t->n;
}

void lm_targets_take(const struct lm_targets *t, float *to, const float *x, size_t dim)
{
	for (size_t r = 0; r < t->rows; r++)
		memcpy(to + r * dim, x + t->v[t->first[r]].row * dim, dim * sizeof *to);
}

void lm_targets_free(struct lm_targets *t)
{
	free(t->first);
	free(t->v);
	*t = (struct lm_targets){ 0 };
}

static void chunk(void *arg, size_t task, int thread)
{
	struct job *j = arg;
	const struct lm_matrix *w = &j->e->m->head;
	const size_t k = task % j->chunks, from = k * CHUNK, row = task / j->chunks * ROWS;
	const size_t n = w->rows - from < CHUNK ? w->rows - from : CHUNK, rows = j->t.rows - row < ROWS ? j->t.rows - row : ROWS;
	float *y = gemm_rows(j->e->pool, thread, j->x + row * w->cols, rows, w, from, n);

	for (size_t r = 0; r < rows; r++, y += n) {
		struct part *p = &j->part[(row + r) * j->chunks + k];

		j->e->k->sum_exp(y, n, &p->greatest, &p->sum);
		for (size_t i = j->t.first[row + r]; i < j->t.first[row + r + 1]; i++)
			if ((size_t)j->t.v[i].token - from < n)
				j->t.v[i].logit = y[(size_t)j->t.v[i].token - from];
	}
}

/* ln of the sum of exp of all logits. */
static double joined(const struct part *p, size_t n)
{
	double most = p[0].greatest, sum = 0;

	for (size_t i = 1; i < n; i++)
		most = p[i].greatest > most ? p[i].greatest : most;
	for (size_t i = 0; i < n; i++)
		sum += p[i].sum * exp(p[i].greatest - most);
	return most + log(sum);
}

/* Logits of all segments that want them: one product. */
static void put_logits(struct lm_engine *e, const struct lm_batch *b, const float *x)
{
	const size_t dim = e->m->config.dim, vocab = e->m->config.vocab;
	const struct lm_matrix none = { 0 };
	float *taken, *logits;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->segment[i].logits != NULL;
	if (n == 0)
		return;
	taken = xreallocarray(NULL, n, dim * sizeof *taken);
	logits = xreallocarray(NULL, n, vocab * sizeof *logits);
	n = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->segment[i].logits)
			memcpy(taken + n++ * dim, x + lm_row_last(b, i) * dim, dim * sizeof *taken);
	lm_norm(e, taken, taken, n, &e->m->norm, &e->m->norm_bias);
	gemm(e->pool, logits, taken, n, &e->m->head, &none, false);
	n = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->segment[i].logits)
			memcpy(b->segment[i].logits, logits + n++ * vocab, vocab * sizeof *logits);
	free(taken);
	free(logits);
}

size_t lm_scored(const struct lm_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->segment[i].score != NULL;
	return n;
}

void lm_score(struct lm_engine *e, const struct lm_batch *b, const float *x, float *ends, float *normed)
{
	const size_t dim = e->m->config.dim, scores = e->m->score.rows, n = lm_scored(b);
	const struct lm_matrix none = { 0 };
	float *y = xreallocarray(NULL, n + 1, scores * sizeof *y);
	size_t k = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->segment[i].score)
			memcpy(ends + k++ * dim, x + lm_row_last(b, i) * dim, dim * sizeof *ends);
	lm_norm(e, normed, ends, n, &e->m->norm, &e->m->norm_bias);
	gemm(e->pool, y, normed, n, &e->m->score, &none, false);
	k = 0;
	for (size_t i = 0; i < b->n; i++)
		for (size_t s = 0; b->segment[i].score && s < scores; s++)
			b->segment[i].score[s] = (double)y[k++];
	free(y);
}

static void put_scores(struct lm_engine *e, const struct lm_batch *b, const float *x)
{
	const size_t n = lm_scored(b);
	float *ends = xreallocarray(NULL, n + 1, e->m->config.dim * sizeof *ends);

	lm_score(e, b, x, ends, ends);
	free(ends);
}

void lm_head(struct lm_engine *e, const struct lm_batch *b, const float *x)
{
	const size_t dim = e->m->config.dim;
	struct job j = { .e = e, .chunks = (e->m->head.rows + CHUNK - 1) / CHUNK };
	float *taken;

	if (e->m->score.rows) {
		put_scores(e, b, x);
		return;
	}
	put_logits(e, b, x);
	lm_targets_list(&j.t, b);
	taken = xreallocarray(NULL, j.t.rows + 1, dim * sizeof *taken);
	lm_targets_take(&j.t, taken, x, dim);
	lm_norm(e, taken, taken, j.t.rows, &e->m->norm, &e->m->norm_bias);
	j.x = taken;
	j.part = xcalloc(j.t.rows * j.chunks + 1, sizeof *j.part);
	work_run(e->pool, (j.t.rows + ROWS - 1) / ROWS * j.chunks, chunk, &j);
	for (size_t i = 0; i < j.t.n; i++)
		b->segment[j.t.v[i].segment].logp[j.t.v[i].at] =
			j.t.v[i].logit - joined(j.part + j.t.v[i].place * j.chunks, j.chunks);
	free(j.part);
	free(taken);
	lm_targets_free(&j.t);
}
