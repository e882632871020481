/* linear_fold - learning with a part held out, and out-of-fold margins */
#include "linear.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { PARTS = 10000 };			/* the grain of a share */

void linear_fit(const struct linear_task *all, double hold, const struct linear_options *o,
	struct linear_model *m)
{
	struct linear_task t = *all;
	uint32_t *train = xmalloc((all->n_train + 1) * sizeof *train);
	uint32_t *held = xmalloc((all->n_train + 1) * sizeof *held);
	unsigned below = (unsigned)(hold * PARTS + 0.5);

	t.n_train = t.n_held = 0;
	for (size_t i = 0; i < all->n_train; i++) {
		uint32_t row = all->train[i];

		if (linear_side(&all->d->rows[row], o->seed, "hold", PARTS) < below)
			held[t.n_held++] = row;
		else
			train[t.n_train++] = row;
	}
	t.train = train;
	t.held = held;
	if (t.n_held < LINEAR_HELD_LEAST || t.n_train == 0) {
		t = *all;
		t.n_held = 0;
	}
	linear_train(&t, o, m);
	free(train);
	free(held);
}

/* What the threads of linear_cross() share: each takes the next fold and writes the margins of its rows. */
struct cross {
	const struct linear_data *d;
	const struct linear_options *o;
	double hold, *deltas;
	size_t n;
	unsigned folds, next, done;
	unsigned *fold;			/* of each row */
	void (*told)(size_t done, size_t total);
	pthread_mutex_t lock;
};

static void cross_fold(struct cross *c, unsigned k)
{
	uint32_t *rows = xmalloc((c->n + 1) * sizeof *rows);
	struct linear_task t = { .d = c->d, .train = rows };
	struct linear_model m;

	for (size_t i = 0; i < c->n; i++)
		if (c->fold[i] != k)
			rows[t.n_train++] = (uint32_t)i;
	linear_fit(&t, c->hold, c->o, &m);
	for (size_t i = 0; i < c->n; i++)
		if (c->fold[i] == k)
			c->deltas[i] = linear_delta(&m, c->d, &c->d->rows[i]);
	linear_model_free(&m);
	free(rows);
}

static void *cross_thread(void *self)
{
	struct cross *c = self;

	pthread_mutex_lock(&c->lock);
	while (c->next < c->folds) {
		const unsigned k = c->next++;

		pthread_mutex_unlock(&c->lock);
		cross_fold(c, k);
		pthread_mutex_lock(&c->lock);
		c->done++;
		if (c->told)
			c->told(c->done, c->folds);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

void linear_cross(const struct linear_data *d, size_t n, unsigned folds, double hold,
	const struct linear_options *o, int jobs, double *deltas, void (*told)(size_t done, size_t total))
{
	struct cross c = {
		.d = d, .o = o, .hold = hold, .deltas = deltas, .n = n, .folds = folds,
		.fold = xmalloc((n + 1) * sizeof *c.fold), .told = told, .lock = PTHREAD_MUTEX_INITIALIZER
	};
	pthread_t *others = xmalloc((size_t)jobs * sizeof *others);

	for (size_t i = 0; i < n; i++)
		c.fold[i] = linear_side(&d->rows[i], o->seed, "fold", folds);
	for (int i = 1; i < jobs; i++) {
		int e = pthread_create(&others[i], NULL, cross_thread, &c);

		if (e != 0) {
			errno = e;
			die(EXIT_SYSTEM, "cannot start a thread:");
		}
	}
	cross_thread(&c);
	for (int i = 1; i < jobs; i++)
		pthread_join(others[i], NULL);
	free(others);
	free(c.fold);
}
