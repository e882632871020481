/* linear_peer - two reward models that choose the pairs for each other, easy ones first
 *
 * Collaborative reward modelling (CRM; "Two Minds Better Than One", Zhang et al. 2025): what one model takes for
 * mislabelled is not shown to the other, and pairs come easy to hard. Two linear models from one start and one
 * order would agree by construction, so that each begins with its own half of the prompts and goes through
 * the pairs in an order of its own. A block in which the paper drops a share is here all pairs.
 */
#include "linear_learner.h"

#include <stdlib.h>

#include "random.h"

enum { STEPS = 10 };			/* of difficulty; within one the order is drawn */

struct easy {
	double margin;			/* of the side that the label prefers */
	uint32_t row;
};

static int by_ease(const void *a, const void *b)
{
	const struct easy *x = a, *y = b;

	if (x->margin != y->margin)
		return x->margin > y->margin ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

struct peers {
	const struct linear_task *t;
	struct learner l[2];
	uint64_t seed;
	uint32_t *rows;			/* of the pass at hand */
	struct easy *easy;
	double *deltas;
};

/* What learner i begins with: its half of the prompts. */
static size_t own_half(struct peers *p, int i)
{
	struct rng g = rng_for(p->seed, "peer half", (uint64_t)i);
	size_t n = 0;

	for (size_t k = 0; k < p->t->n_train; k++)
		if (linear_side(&p->t->d->rows[p->t->train[k]], p->seed, "peer", 2) == (unsigned)i)
			p->rows[n++] = p->t->train[k];
	rng_shuffle(&g, p->rows, n);
	return n;
}

/* What learner i chooses for the other: all but the share `rate` that it doubts most, easy to hard. */
static size_t choose(struct peers *p, int i, double rate, long epoch)
{
	struct rng g = rng_for(p->seed, i ? "peer order 1" : "peer order 0", (uint64_t)epoch);
	const size_t n = p->t->n_train, keep = n - (size_t)(rate * (double)n + 1e-9);

	learner_deltas(&p->l[i], p->t->train, n, p->deltas);
	for (size_t k = 0; k < n; k++) {
		const uint32_t row = p->t->train[k];

		p->easy[k] = (struct easy){ p->t->d->rows[row].preference >= 0.5f ? p->deltas[k] : -p->deltas[k], row };
	}
	qsort(p->easy, n, sizeof *p->easy, by_ease);
	for (size_t k = 0; k < keep; k++)
		p->rows[k] = p->easy[k].row;
	for (size_t s = 0; s < STEPS; s++)
		rng_shuffle(&g, p->rows + keep * s / STEPS, keep * (s + 1) / STEPS - keep * s / STEPS);
	return keep;
}

static double held_loss(struct peers *p)
{
	double sum = 0;

	for (int i = 0; i < 2; i++) {
		learner_deltas(&p->l[i], p->t->held, p->t->n_held, p->deltas);
		sum += learner_loss(&p->l[i], p->t->held, p->t->n_held, p->deltas) / 2;
	}
	return sum;
}

static void learn_both(struct peers *p, const struct linear_options *o, double rate)
{
	uint32_t *chosen = xmalloc((p->t->n_train + 1) * sizeof *chosen);
	double best = INFINITY;
	long at = 0;

	for (long k = 1; k <= o->epochs; k++) {
		double loss;

		if (k == 1) {
			for (int i = 0; i < 2; i++)
				learner_pass(&p->l[i], p->rows, own_half(p, i));
		} else {
			/* Both choose before either learns. */
			const size_t n = choose(p, 0, rate, k);

			memcpy(chosen, p->rows, n * sizeof *chosen);
			learner_pass(&p->l[0], p->rows, choose(p, 1, rate, k));
			learner_pass(&p->l[1], chosen, n);
		}
		for (int i = 0; i < 2; i++)
			learner_mean(&p->l[i], k);
		loss = held_loss(p);
		if (!(loss >= best)) {		/* better, or nothing held out */
			best = loss;
			at = k;
			for (int i = 0; i < 2; i++)
				learner_keep(&p->l[i]);
		} else if (k - at >= o->patience) {
			break;
		}
	}
	free(chosen);
}

void linear_peers(const struct linear_task *t, const struct linear_options *o, double rate,
	struct linear_model m[2])
{
	const size_t room = (t->n_train > t->n_held ? t->n_train : t->n_held) + 1;
	struct peers p = {
		.t = t, .seed = o->seed, .rows = xmalloc(room * sizeof *p.rows),
		.easy = xmalloc(room * sizeof *p.easy), .deltas = xmalloc(room * sizeof *p.deltas)
	};

	for (int i = 0; i < 2; i++) {
		learner_open(&p.l[i], t->d, o);
		learner_begin(&p.l[i], t->train, t->n_train);
	}
	if (t->n_train)
		learn_both(&p, o, rate);
	for (int i = 0; i < 2; i++) {
		m[i] = (struct linear_model){
			.bits = t->d->bits, .seed = o->seed, .pairs = t->n_train, .temperature = 1,
			.grams = xcalloc((size_t)1 << t->d->bits, sizeof *m->grams)
		};
		learner_take(&p.l[i], &m[i]);
		learner_close(&p.l[i]);
	}
	free(p.rows);
	free(p.easy);
	free(p.deltas);
}
