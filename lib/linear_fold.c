/* linear_fold - learning with a part held out, and out-of-fold margins */
#include "linear.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { PARTS = 10000 };			/* the grain of a share */

/* t with a share of its training rows held out instead of t->held; none if they would be too few. The caller frees
 * *rows. */
static void hold_out(struct linear_task *t, double hold, uint64_t seed, uint32_t **rows)
{
	const size_t n = t->n_train;
	const unsigned below = (unsigned)(hold * PARTS + 0.5);
	uint32_t *v = *rows = xmalloc((n + 1) * sizeof *v);
	size_t from = 0, to = n;

	for (size_t i = 0; i < n; i++)
		if (linear_side(&t->d->rows[t->train[i]], seed, "hold", PARTS) >= below)
			v[from++] = t->train[i];
	t->n_held = n - from;
	if (t->n_held < LINEAR_HELD_LEAST || from == 0) {
		t->n_held = 0;
		return;
	}
	for (size_t i = n; i-- > 0;)
		if (linear_side(&t->d->rows[t->train[i]], seed, "hold", PARTS) < below)
			v[--to] = t->train[i];
	t->train = v;
	t->n_train = from;
	t->held = v + from;
}

void linear_fit(const struct linear_task *all, double hold, const struct linear_options *o,
	struct linear_model *m)
{
	struct linear_task t = *all;
	uint32_t *rows;

	hold_out(&t, hold, o->seed, &rows);
	linear_train(&t, o, m);
	free(rows);
}

/* What the threads of linear_cross() share: each takes the next fold and writes the margins of its rows. */
struct cross {
	const struct linear_data *d;
	const struct linear_folds *f;
	const struct linear_options *o;
	double *deltas;
	size_t n;
	unsigned next, done;
	unsigned *fold;			/* of each row */
	pthread_mutex_t lock;
};

static void cross_fold(struct cross *c, unsigned k)
{
	uint32_t *rows = xmalloc((c->n + 1) * sizeof *rows);
	struct linear_task t = { .d = c->d, .train = rows };
	struct linear_model m[2] = { { 0 } };
	uint32_t *parted = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->fold[i] != k)
			rows[t.n_train++] = (uint32_t)i;
	if (c->f->peers) {
		hold_out(&t, c->f->hold, c->o->seed, &parted);
		linear_peers(&t, c->o, c->f->rate, m);
	} else {
		linear_fit(&t, c->f->hold, c->o, m);
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct linear_row *row = &c->d->rows[i];

		if (c->fold[i] != k)
			continue;
		c->deltas[i] = linear_delta(&m[0], c->d, row);
		if (c->f->peers)
			c->deltas[i] = (c->deltas[i] + linear_delta(&m[1], c->d, row)) / 2;
	}
	linear_model_free(&m[0]);
	linear_model_free(&m[1]);
	free(parted);
	free(rows);
}

static void *cross_thread(void *self)
{
	struct cross *c = self;

	pthread_mutex_lock(&c->lock);
	while (c->next < c->f->folds) {
		const unsigned k = c->next++;

		pthread_mutex_unlock(&c->lock);
		cross_fold(c, k);
		pthread_mutex_lock(&c->lock);
		c->done++;
		if (c->f->told)
			c->f->told(c->done, c->f->folds);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

void linear_cross(const struct linear_data *d, size_t n, const struct linear_folds *f,
	const struct linear_options *o, double *deltas)
{
	struct cross c = {
		.d = d, .f = f, .o = o, .deltas = deltas, .n = n, .fold = xmalloc((n + 1) * sizeof *c.fold),
		.lock = PTHREAD_MUTEX_INITIALIZER
	};
	pthread_t *others = xmalloc((size_t)f->jobs * sizeof *others);

	for (size_t i = 0; i < n; i++)
		c.fold[i] = linear_side(&d->rows[i], o->seed, "fold", f->folds);
	for (int i = 1; i < f->jobs; i++) {
		int e = pthread_create(&others[i], NULL, cross_thread, &c);

		if (e != 0) {
			errno = e;
			die(EXIT_SYSTEM, "cannot start a thread:");
		}
	}
	cross_thread(&c);
	for (int i = 1; i < f->jobs; i++)
		pthread_join(others[i], NULL);
	free(others);
	free(c.fold);
}
