/* linear_train - learning the weights: epochs over shuffled pairs, early stopping, temperature */
#include "linear_learner.h"

#include <stdlib.h>

#include "random.h"

/* Epochs over rows until `epochs` or until patience is lost: the best epoch. */
static long run(struct learner *l, const struct linear_task *t, uint32_t *rows, size_t n,
	long epochs, bool refit)
{
	double *deltas = xmalloc((t->n_held + 1) * sizeof *deltas), best = INFINITY,
	       began = clock_now();
	long at = 0;

	learner_begin(l, rows, n);
	for (long k = 1; n && k <= epochs; k++) {
		struct linear_epoch e = {
			.epoch = k, .refit = refit, .held_loss = NAN, .held_accuracy = NAN
		};
		struct rng g = rng_for(l->o->seed, "epoch", (uint64_t)k);

		rng_shuffle(&g, rows, n);
		e.train_loss = learner_pass(l, rows, n);
		learner_mean(l, k);
		if (!refit) {
			learner_deltas(l, t->held, t->n_held, deltas);
			e.held_loss = learner_loss(l, t->held, t->n_held, deltas);
			e.held_accuracy = learner_accuracy(l, t->held, t->n_held, deltas);
		}
		e.seconds = clock_now() - began;
		if (t->told)
			t->told(&e, t->arg);
		if (!(e.held_loss >= best)) {		/* better, or nothing held out */
			best = e.held_loss;
			at = k;
			learner_keep(l);
		} else if (k - at >= l->o->patience) {
			break;
		}
	}
	free(deltas);
	return at;
}

/* Temperature by the held-out rows, and what the model is worth on them. Margins to be reached and
 * label smoothing are means of learning: here it is the labels that are fitted, under rDPO and
 * forward as flipped at their rate. */
static void calibrate(const struct learner *l, const struct linear_task *t, struct linear_model *m)
{
	double *deltas = xmalloc((t->n_held + 1) * sizeof *deltas),
	       e = l->o->loss >= LINEAR_RDPO ? l->o->e : 0;
	float *labels = xmalloc((t->n_held + 1) * sizeof *labels);

	for (size_t i = 0; i < t->n_held; i++) {
		const struct linear_row *r = &l->d->rows[t->held[i]];

		deltas[i] = linear_delta(m, l->d, r);
		labels[i] = r->preference;
	}
	m->held = t->n_held;
	m->temperature = t->n_held ? linear_temperature(deltas, labels, t->n_held, e) : 1;
	m->held_accuracy = learner_accuracy(l, t->held, t->n_held, deltas);
	m->held_loss = linear_flip_loss(deltas, labels, t->n_held, e, m->temperature);
	free(labels);
	free(deltas);
}

void linear_train(
	const struct linear_task *t, const struct linear_options *o, struct linear_model *m)
{
	uint32_t *rows = xmalloc((t->n_train + t->n_held + 1) * sizeof *rows);
	size_t n = t->n_train;
	struct learner l;

	learner_open(&l, t->d, o);
	*m = (struct linear_model){
		.bits = t->d->bits,
		.seed = o->seed,
		.pairs = n,
		.loss = o->loss,
		.e = o->e,
		.l2 = o->l2,
		.grams = xcalloc((size_t)1 << t->d->bits, sizeof *m->grams),
	};
	if (n)
		memcpy(rows, t->train, n * sizeof *rows);
	m->epochs = (uint32_t)run(&l, t, rows, n, o->epochs, false);
	learner_take(&l, m);
	calibrate(&l, t, m);
	if (o->refit && t->n_held) {
		memcpy(rows, t->train, n * sizeof *rows);
		memcpy(rows + n, t->held, t->n_held * sizeof *rows);
		m->pairs = n + t->n_held;
		run(&l, t, rows, n + t->n_held, m->epochs, true);
		learner_take(&l, m);
	}
	linear_temper(m, m->temperature);
	free(rows);
	learner_close(&l);
}
