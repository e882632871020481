/* forward_head - log-softmax of the rows that are asked for, and of no others
 *
 * The vocabulary is taken in chunks: of each row and chunk only the greatest logit and the sum of exponentials beyond
 * it are kept, and the logits of the tokens asked for. The chunks' sums are joined in their order, in double.
 */
#include "lm/pass.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 256, CHUNK = 1024 };

struct target {
	size_t row, place;		/* in the batch; among the rows taken */
	int32_t token;
	double *to;
	float logit;
};

struct part {
	float greatest;
	double sum;
};

struct job {
	struct lm_engine *e;
	struct target *target;		/* by row */
	size_t targets;
	size_t *first;			/* [rows + 1] first target of each row taken */
	const float *x;			/* [rows][dim] rows taken, normed */
	size_t rows, chunks;
	struct part *part;		/* [rows][chunks] */
};

static int by_row(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return x->row < y->row ? -1 : x->row > y->row;
}

static void list_targets(struct job *j, const struct lm_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->segment[i].logp ? b->segment[i].n - b->segment[i].from : 0;
	j->target = xcalloc(n + 1, sizeof *j->target);
	for (size_t i = 0; i < b->n; i++) {
		const struct lm_segment *s = &b->segment[i];

		for (size_t k = s->from; s->logp && k < s->n; k++)
			j->target[j->targets++] = (struct target){
				.row = k > 0 ? b->place[i].row + k - 1 : lm_row_last(b, (size_t)s->parent),
				.token = s->tokens[k], .to = s->logp + (k - s->from)
			};
	}
	if (j->targets)
		qsort(j->target, j->targets, sizeof *j->target, by_row);
	j->first = xcalloc(j->targets + 1, sizeof *j->first);
	for (size_t i = 0; i < j->targets; i++) {
		if (i == 0 || j->target[i].row != j->target[i - 1].row)
			j->first[j->rows++] = i;
		j->target[i].place = j->rows - 1;
	}
	j->first[j->rows] = j->targets;
}

static void chunk(void *arg, size_t task, int thread)
{
	struct job *j = arg;
	const struct lm_matrix *w = &j->e->m->head;
	const size_t k = task % j->chunks, from = k * CHUNK, row = task / j->chunks * ROWS;
	const size_t n = w->rows - from < CHUNK ? w->rows - from : CHUNK, rows = j->rows - row < ROWS ? j->rows - row : ROWS;
	float *y = gemm_rows(j->e->pool, thread, j->x + row * w->cols, rows, w, from, n);

	for (size_t r = 0; r < rows; r++, y += n) {
		struct part *p = &j->part[(row + r) * j->chunks + k];

		j->e->k->sum_exp(y, n, &p->greatest, &p->sum);
		for (size_t i = j->first[row + r]; i < j->first[row + r + 1]; i++)
			if ((size_t)j->target[i].token - from < n)
				j->target[i].logit = y[(size_t)j->target[i].token - from];
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

void lm_head(struct lm_engine *e, const struct lm_batch *b, const float *x)
{
	const size_t dim = e->m->config.dim;
	struct job j = { .e = e, .chunks = (e->m->head.rows + CHUNK - 1) / CHUNK };
	float *taken;

	put_logits(e, b, x);
	list_targets(&j, b);
	taken = xreallocarray(NULL, j.rows + 1, dim * sizeof *taken);
	for (size_t r = 0; r < j.rows; r++)
		memcpy(taken + r * dim, x + j.target[j.first[r]].row * dim, dim * sizeof *taken);
	lm_norm(e, taken, taken, j.rows, &e->m->norm, &e->m->norm_bias);
	j.x = taken;
	j.part = xcalloc(j.rows * j.chunks + 1, sizeof *j.part);
	work_run(e->pool, (j.rows + ROWS - 1) / ROWS * j.chunks, chunk, &j);
	for (size_t i = 0; i < j.targets; i++)
		*j.target[i].to = j.target[i].logit - joined(j.part + j.target[i].place * j.chunks, j.chunks);
	free(j.part);
	free(taken);
	free(j.first);
	free(j.target);
}
