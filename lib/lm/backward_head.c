/* backward_head - log-probs with all probabilities kept, and the way back from them; and from scores
 *
 * z are logits, p = softmax(z): the log-prob of token y changes by [i = y] - p[i] with z[i], and the divergence of p from a
 * reference's q, sum q ln(q / p), by p[i] - q[i].
 */
#include "lm/trace.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

struct job {
	struct lm_engine *e;
	struct lm_trace *t;
	struct lm_spread *const *spread;
	const double *const *g;
};

static void row_forward(void *arg, size_t row, int thread)
{
	const struct job *j = arg;
	const struct lm_targets *t = &j->t->targets;
	const size_t vocab = j->e->m->config.vocab;
	float *z = j->t->p + row * vocab, most;
	double sum, all, mean, square;

	(void)thread;
	j->e->k->sum_exp(z, vocab, &most, &sum);
	all = (double)most + log(sum);
	for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
		t->v[i].logit = z[t->v[i].token];
	j->e->k->spread(z, vocab, (float)all, &mean, &square);
	for (size_t i = t->first[row]; i < t->first[row + 1]; i++) {
		const struct lm_target *x = &t->v[i];

		j->t->b.segment[x->segment].logp[x->at] = (double)x->logit - all;
		if (j->spread && j->spread[x->segment])
			j->spread[x->segment][x->at] = (struct lm_spread){ all - mean, log(square), x->logit >= most };
	}
}

void lm_head_keep(struct lm_engine *e, struct lm_trace *t, struct lm_spread *const *spread)
{
	struct job j = { e, t, spread, NULL };
	const struct lm_matrix none = { 0 };

	lm_targets_take(&t->targets, t->taken, t->x, e->m->config.dim);
	lm_norm(e, t->taken, t->taken, t->targets.rows, &e->m->norm, &e->m->norm_bias);
	gemm(e->pool, t->p, t->taken, t->targets.rows, &e->m->head, &none, false);
	work_run(e->pool, t->targets.rows, row_forward, &j);
}

struct divergence {
	const struct lm_trace *policy, *reference;
	size_t vocab;
	double *kl;			/* of each row taken */
};

/* (A probability that float does not hold counts as the least that it does.) */
static void row_divergence(void *arg, size_t row, int thread)
{
	const struct divergence *d = arg;
	const float *p = d->policy->p + row * d->vocab, *q = d->reference->p + row * d->vocab;
	double sum = 0;

	(void)thread;
	for (size_t i = 0; i < d->vocab; i++)
		if (q[i] > FLT_MIN)
			sum += (double)q[i] * log((double)q[i] / (double)(p[i] > FLT_MIN ? p[i] : FLT_MIN));
	d->kl[row] = sum;
}

void lm_divergence(struct lm_engine *e, const struct lm_trace *policy, const struct lm_trace *reference, double *const *kl)
{
	const struct lm_targets *t = &policy->targets;
	struct divergence d = { policy, reference, e->m->config.vocab, xcalloc(t->rows + 1, sizeof *d.kl) };

	if (t->rows != reference->targets.rows || t->n != reference->targets.n)
		bug("passes of %zu and of %zu tokens", t->n, reference->targets.n);
	work_run(e->pool, t->rows, row_divergence, &d);
	for (size_t i = 0; i < policy->b.n; i++)
		if (kl[i])
			*kl[i] = 0;
	for (size_t i = 0; i < t->n; i++)
		if (kl[t->v[i].segment])
			*kl[t->v[i].segment] += d.kl[t->v[i].place];
	free(d.kl);
}

void lm_pull(struct lm_trace *policy, const struct lm_trace *reference, const double *g)
{
	policy->reference = reference;
	policy->pull = g;
}

/* p becomes what the loss changes by with z. */
static void row_back(void *arg, size_t row, int thread)
{
	const struct job *j = arg;
	const struct lm_targets *t = &j->t->targets;
	const size_t vocab = j->e->m->config.vocab;
	const float *q = j->t->reference ? j->t->reference->p + row * vocab : NULL;
	float *p = j->t->p + row * vocab, turn, pull;
	double sum = 0, pulled = 0;

	(void)thread;
	for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
		sum += j->g[t->v[i].segment] ? j->g[t->v[i].segment][t->v[i].at] : 0;
	for (size_t i = t->first[row]; q && i < t->first[row + 1]; i++)
		pulled += j->t->pull[t->v[i].segment];
	turn = (float)(pulled - sum);
	pull = (float)pulled;
	for (size_t i = 0; i < vocab; i++)
		p[i] *= turn;
	for (size_t i = 0; q && i < vocab; i++)
		p[i] -= pull * q[i];
	for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
		p[t->v[i].token] += (float)(j->g[t->v[i].segment] ? j->g[t->v[i].segment][t->v[i].at] : 0);
}

/* Of scores: dx is 0 but in the rows that they are of. */
static void score_back(struct lm_engine *e, struct lm_trace *t, const double *const *g, const struct lm_slopes *to)
{
	const struct lm_matrix *score = &e->m->score, none = { 0 };
	const size_t dim = e->m->config.dim, n = lm_scored(&t->b);
	float *dy = xreallocarray(NULL, n, score->rows * sizeof *dy), *dx = t->dnormed, *dnormed = t->dnormed + n * dim;
	size_t k = 0;

	for (size_t i = 0; i < t->b.n; i++)
		for (size_t s = 0; t->b.segment[i].score && s < score->rows; s++)
			dy[k++] = g[i] ? (float)g[i][s] : 0;
	lm_matrix_back(e, to, score, &none, dy, t->scored, n);
	gemm_back(e->pool, dnormed, dy, score->rows, n, score, false);
	memset(dx, 0, n * dim * sizeof *dx);
	lm_norm_back(e, t, to, dx, dnormed, t->ends, n, &e->m->norm, &e->m->norm_bias);
	memset(t->dx, 0, t->b.rows * dim * sizeof *t->dx);
	for (size_t i = 0; i < t->b.n; i++)
		if (t->b.segment[i].score) {
			float *row = t->dx + lm_row_last(&t->b, i) * dim;

			for (size_t c = 0; c < dim; c++)
				row[c] += dx[c];
			dx += dim;
		}
	free(dy);
}

static void logp_back(struct lm_engine *e, struct lm_trace *t, const double *const *g, const struct lm_slopes *to)
{
	struct job j = { e, t, NULL, g };
	const size_t dim = e->m->config.dim, rows = t->targets.rows;
	const struct lm_matrix none = { 0 };
	/* Rows taken, as they went into the last norm, and what comes out of it: in memory that is not yet in use. */
	float *x = t->dnormed, *dx = t->dnormed + rows * dim, *dtaken = t->dnormed + 2 * rows * dim;

	work_run(e->pool, rows, row_back, &j);
	lm_matrix_back(e, to, &e->m->head, &none, t->p, t->taken, rows);
	gemm_back(e->pool, dtaken, t->p, e->m->config.vocab, rows, &e->m->head, false);
	lm_targets_take(&t->targets, x, t->x, dim);
	memset(dx, 0, rows * dim * sizeof *dx);
	lm_norm_back(e, t, to, dx, dtaken, x, rows, &e->m->norm, &e->m->norm_bias);
	memset(t->dx, 0, t->b.rows * dim * sizeof *t->dx);
	for (size_t r = 0; r < rows; r++)
		memcpy(t->dx + t->targets.v[t->targets.first[r]].row * dim, dx + r * dim, dim * sizeof *dx);
}

void lm_head_back(struct lm_engine *e, struct lm_trace *t, const double *const *g, const struct lm_slopes *to)
{
	(e->m->score.rows ? score_back : logp_back)(e, t, g, to);
}
