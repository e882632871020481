/* optim - the optimiser */
#include "lm/optim.h"

#include <math.h>
#include <stdlib.h>

#include "lm/kernel.h"

enum { CHUNK = 16384 };			/* numbers of one task */

static void add(struct adam *a, float *w, float *g, size_t n, bool decays, size_t *room)
{
	GROW(a->part, a->parts, *room);
	a->part[a->parts++] = (struct adam_part){ w, g, n, decays };
	a->numbers += n;
}

struct adam *adam_new(struct lm_model *m, const struct lm_slopes *slopes)
{
	struct adam *a = xcalloc(1, sizeof *a);
	struct lm_matrix **v = xcalloc(lm_matrices(m, NULL), sizeof *v);
	const size_t n = lm_matrices(m, v);
	size_t room = 0;

	*a = (struct adam){ .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 };
	for (size_t i = 0; slopes->all && i < n; i++)
		add(a, v[i]->f, lm_slope(slopes, m, v[i]), (size_t)v[i]->rows * v[i]->cols, v[i]->cols > 1, &room);
	if (slopes->lora)
		add(a, slopes->lora->weights, slopes->lora->slopes, slopes->lora->floats, true, &room);
	free(v);
	a->m = xpages(a->numbers * sizeof *a->m);
	a->v = xpages(a->numbers * sizeof *a->v);
	return a;
}

void adam_free(struct adam *a)
{
	if (!a)
		return;
	free(a->part);
	pages_free(a->m, a->numbers * sizeof *a->m);
	pages_free(a->v, a->numbers * sizeof *a->v);
	free(a);
}

/* ---- pieces of parts in parallel ---- */

struct piece {
	const struct adam_part *part;
	size_t from, n, at;		/* at: of its moments */
};

struct job {
	const struct adam *a;
	struct piece *v;
	size_t n;
	double *sum;			/* of each piece */
	struct adam_step step;
	float keep;
};

static void cut(struct job *j)
{
	size_t room = 0, at = 0;

	for (size_t i = 0; i < j->a->parts; at += j->a->part[i++].n)
		for (size_t from = 0; from < j->a->part[i].n; from += CHUNK) {
			const size_t left = j->a->part[i].n - from;

			GROW(j->v, j->n, room);
			j->v[j->n++] = (struct piece){ &j->a->part[i], from, left < CHUNK ? left : CHUNK, at + from };
		}
}

static void square_task(void *arg, size_t i, int thread)
{
	const struct job *j = arg;

	(void)thread;
	j->sum[i] = kernels()->square(j->v[i].part->g + j->v[i].from, j->v[i].n);
}

double adam_norm(const struct adam *a, struct work *pool)
{
	struct job j = { .a = a };
	double sum = 0;

	cut(&j);
	j.sum = xcalloc(j.n + 1, sizeof *j.sum);
	work_run(pool, j.n, square_task, &j);
	for (size_t i = 0; i < j.n; i++)
		sum += j.sum[i];
	free(j.sum);
	free(j.v);
	return sqrt(sum);
}

static void step_task(void *arg, size_t i, int thread)
{
	const struct job *j = arg;
	const struct piece *p = &j->v[i];
	struct adam_step s = j->step;

	(void)thread;
	s.keep = p->part->decays ? j->keep : 1;
	kernels()->adam(p->part->w + p->from, p->part->g + p->from, j->a->m + p->at, j->a->v + p->at, p->n, &s);
}

void adam_step(struct adam *a, struct work *pool, double rate, double scale)
{
	struct job j = { .a = a, .keep = (float)(1 - rate * a->decay) };

	a->steps++;
	j.step = (struct adam_step){ .scale = (float)scale, .beta1 = (float)a->beta1, .beta2 = (float)a->beta2,
		.rate = (float)(rate / (1 - pow(a->beta1, (double)a->steps))),
		.root = (float)(1 / sqrt(1 - pow(a->beta2, (double)a->steps))), .eps = (float)a->eps };
	cut(&j);
	work_run(pool, j.n, step_task, &j);
	free(j.v);
}

double clip_scale(double norm, double most)
{
	return most > 0 && norm + 1e-6 > most ? most / (norm + 1e-6) : 1;
}

double schedule_rate(enum schedule s, uint64_t taken, uint64_t warm, uint64_t all)
{
	const double gone = (double)taken - (double)warm, left = all > warm ? (double)(all - warm) : 1;

	if (taken < warm)
		return (double)taken / (double)warm;
	if (s == SCHEDULE_CONSTANT)
		return 1;
	if (s == SCHEDULE_LINEAR)
		return fmax(0, 1 - gone / left);
	return fmax(0, (1 + cos(3.14159265358979323846 * fmin(1, gone / left))) / 2);
}
