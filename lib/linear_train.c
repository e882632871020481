/* linear_train - learning the weights: AdaGrad over shuffled pairs, early stopping, temperature
 *
 * AdaGrad (Duchi, Hazan and Singer 2011), with the penalty on a weight spread over the pairs that
 * have its feature, l2 / (number of those pairs) each time: over an epoch that sums to l2, and no
 * weight need be touched in a pair that does not have its feature.
 */
#include "linear.h"

#include <stdlib.h>

#include "random.h"

enum { CROSSED = LINEAR_DENSE, FIRST_GRAM = CROSSED + LINEAR_CROSSED * LINEAR_CLASSES };

/* What AdaGrad's sums of squared slopes begin with: it bounds the first steps. */
#define FIRST_SQUARES 0.1f

/* The last pairs of an epoch leave their mark on the weights. What is kept is a running mean of the
 * weights at the ends of epochs, in which the newest counts this much. */
#define MEAN_STEP 0.3f

/* Most of the time goes into fetching these: none may lie across two cache lines. */
struct weight {
	float w, penalty;
	float squares;			/* of the slopes until now */
	float unused;
};

struct learner {
	const struct linear_data *d;
	const struct linear_options *o;
	/* Dense, crossed (class by class), grams: */
	struct weight *v;
	float *mean, *best;		/* running mean over epochs; that of the best epoch */
	size_t n;
	float rate;
};

/* ---- one pair ---- */

static inline float cross_value(const struct linear_row *r, int i)
{
	return r->dense[linear_crossed[i]] * LINEAR_CROSS;
}

static double delta(const struct learner *l, const struct linear_row *r)
{
	const struct weight *v = l->v, *grams = v + FIRST_GRAM;
	const uint32_t *g = l->d->grams + r->at;
	float sum[4] = { 0, 0, 0, 0 };		/* four chains of additions run side by side */
	uint32_t i = 0;

	for (int k = 0; k < LINEAR_DENSE; k++)
		sum[k & 3] += v[k].w * r->dense[k];
	for (int k = 0; k < LINEAR_CLASSES; k++) {
		if (!(r->classes >> k & 1))
			continue;
		for (int c = 0; c < LINEAR_CROSSED; c++)
			sum[c & 3] += v[CROSSED + k * LINEAR_CROSSED + c].w * cross_value(r, c);
	}
	for (; i + 4 <= r->n; i += 4)
		for (int k = 0; k < 4; k++)
			sum[k] += grams[gram_i(g[i + k])].w * gram_x(g[i + k]);
	for (; i < r->n; i++)
		sum[0] += grams[gram_i(g[i])].w * gram_x(g[i]);
	return (double)(sum[0] + sum[1]) + (double)(sum[2] + sum[3]);
}

static inline void step(const struct learner *l, size_t i, float x, float slope)
{
	struct weight *v = &l->v[i];
	float g = slope * x + v->penalty * v->w;

	v->squares += g * g;
	v->w -= l->rate * g / sqrtf(v->squares);
}

/* Ask for the weights of a row that is soon to come. */
static void fetch(const struct learner *l, const struct linear_row *r)
{
	const uint32_t *g = l->d->grams + r->at;

	for (uint32_t i = 0; i < r->n; i++)
		__builtin_prefetch(&l->v[FIRST_GRAM + gram_i(g[i])], 1);
}

static void learn(const struct learner *l, const struct linear_row *r, float slope)
{
	const uint32_t *g = l->d->grams + r->at;

	for (int k = 0; k < LINEAR_DENSE; k++)
		if (r->dense[k] != 0)
			step(l, (size_t)k, r->dense[k], slope);
	for (int k = 0; k < LINEAR_CLASSES; k++) {
		if (!(r->classes >> k & 1))
			continue;
		for (int c = 0; c < LINEAR_CROSSED; c++)
			if (cross_value(r, c) != 0)
				step(l, (size_t)(CROSSED + k * LINEAR_CROSSED + c),
					cross_value(r, c), slope);
	}
	for (uint32_t i = 0; i < r->n; i++)
		step(l, FIRST_GRAM + gram_i(g[i]), gram_x(g[i]), slope);
}

static struct loss_terms terms_of(const struct learner *l, const struct linear_row *r)
{
	return loss_terms(l->o->loss, l->o->e, r->preference);
}

/* ---- all pairs ---- */

/* Weights 0 and penalties for these rows. */
static void begin(struct learner *l, const uint32_t *rows, size_t n)
{
	memset(l->v, 0, l->n * sizeof *l->v);
	memset(l->mean, 0, l->n * sizeof *l->mean);
	for (size_t i = 0; i < n; i++) {
		const struct linear_row *r = &l->d->rows[rows[i]];

		for (int k = 0; k < LINEAR_DENSE; k++)
			l->v[k].penalty += r->dense[k] != 0;
		for (int k = 0; k < LINEAR_CLASSES; k++)
			for (int c = 0; r->classes >> k & 1 && c < LINEAR_CROSSED; c++)
				l->v[CROSSED + k * LINEAR_CROSSED + c].penalty +=
					cross_value(r, c) != 0;
		for (uint32_t k = 0; k < r->n; k++)
			l->v[FIRST_GRAM + gram_i(l->d->grams[r->at + k])].penalty++;
	}
	for (size_t i = 0; i < l->n; i++) {
		l->v[i].squares = FIRST_SQUARES;
		if (l->v[i].penalty > 0)
			l->v[i].penalty = (float)(l->o->l2 / l->v[i].penalty);
	}
}

/* One epoch: the mean loss. */
static double pass(struct learner *l, uint32_t *rows, size_t n, long epoch)
{
	struct rng g = rng_for(l->o->seed, "epoch", (uint64_t)epoch);
	double sum = 0;

	rng_shuffle(&g, rows, n);
	for (size_t i = 0; i < n; i++) {
		const struct linear_row *r = &l->d->rows[rows[i]];
		struct loss_terms t = terms_of(l, r);
		double h;

		if (i + 1 < n)
			fetch(l, &l->d->rows[rows[i + 1]]);
		h = delta(l, r) - r->margin;

		sum += loss_value(t, h);
		learn(l, r, (float)loss_slope(t, h));
	}
	return sum / (double)n;
}

/* Share of rows whose better side is scored higher; equal scores count half, labels of 1/2 not at
 * all. */
static double accuracy(
	const struct linear_data *d, const uint32_t *rows, const double *deltas, size_t n)
{
	double right = 0, counted = 0;

	for (size_t i = 0; i < n; i++) {
		double side = d->rows[rows[i]].preference - 0.5;

		counted += side != 0;
		right += side == 0 ? 0 : deltas[i] == 0 ? 0.5 : (deltas[i] > 0) == (side > 0);
	}
	return counted > 0 ? right / counted : NAN;
}

/* Exchange the weights and their running means. */
static void swap_mean(struct learner *l)
{
	for (size_t i = 0; i < l->n; i++) {
		float w = l->v[i].w;

		l->v[i].w = l->mean[i];
		l->mean[i] = w;
	}
}

static void held_out(
	struct learner *l, const struct linear_task *t, double *deltas, struct linear_epoch *e)
{
	double sum = 0;

	swap_mean(l);
	for (size_t i = 0; i < t->n_held; i++) {
		const struct linear_row *r = &l->d->rows[t->held[i]];

		deltas[i] = delta(l, r);
		sum += loss_value(terms_of(l, r), deltas[i] - r->margin);
	}
	swap_mean(l);
	e->held_loss = t->n_held ? sum / (double)t->n_held : NAN;
	e->held_accuracy = accuracy(l->d, t->held, deltas, t->n_held);
}

/* Epochs over rows until `epochs` or until patience is lost: the best epoch. */
static long run(struct learner *l, const struct linear_task *t, uint32_t *rows, size_t n,
	long epochs, bool refit)
{
	double *deltas = xmalloc((t->n_held + 1) * sizeof *deltas), best = INFINITY,
	       began = clock_now();
	long at = 0;

	begin(l, rows, n);
	for (long k = 1; n && k <= epochs; k++) {
		struct linear_epoch e = {
			.epoch = k, .refit = refit, .held_loss = NAN, .held_accuracy = NAN
		};

		e.train_loss = pass(l, rows, n, k);
		for (size_t i = 0; i < l->n; i++)
			l->mean[i] += (k == 1 ? 1 : MEAN_STEP) * (l->v[i].w - l->mean[i]);
		if (!refit)
			held_out(l, t, deltas, &e);
		e.seconds = clock_now() - began;
		if (t->told)
			t->told(&e, t->arg);
		if (!(e.held_loss >= best)) {		/* better, or nothing held out */
			best = e.held_loss;
			at = k;
			memcpy(l->best, l->mean, l->n * sizeof *l->best);
		} else if (k - at >= l->o->patience) {
			break;
		}
	}
	free(deltas);
	return at;
}

static void take_weights(const struct learner *l, struct linear_model *m)
{
	memcpy(m->dense, l->best, sizeof m->dense);
	for (int k = 0; k < LINEAR_CLASSES; k++)
		for (int c = 0; c < LINEAR_CROSSED; c++)
			m->crossed[c][k] = l->best[CROSSED + k * LINEAR_CROSSED + c];
	for (size_t i = 0; i < l->d->n_names; i++)
		m->grams[l->d->names[i]] = l->best[FIRST_GRAM + i];
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
	m->held_accuracy = accuracy(l->d, t->held, deltas, t->n_held);
	m->held_loss = linear_flip_loss(deltas, labels, t->n_held, e, m->temperature);
	free(labels);
	free(deltas);
}

void linear_train(
	const struct linear_task *t, const struct linear_options *o, struct linear_model *m)
{
	struct learner l = {
		.d = t->d, .o = o, .n = FIRST_GRAM + t->d->n_names, .rate = (float)o->rate
	};
	uint32_t *rows = xmalloc((t->n_train + t->n_held + 1) * sizeof *rows);
	size_t n = t->n_train;

	l.v = xcalloc(l.n, sizeof *l.v);
	l.mean = xcalloc(l.n, sizeof *l.mean);
	l.best = xcalloc(l.n, sizeof *l.best);
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
	take_weights(&l, m);
	calibrate(&l, t, m);
	if (o->refit && t->n_held) {
		memcpy(rows, t->train, n * sizeof *rows);
		memcpy(rows + n, t->held, t->n_held * sizeof *rows);
		m->pairs = n + t->n_held;
		run(&l, t, rows, n + t->n_held, m->epochs, true);
		take_weights(&l, m);
	}
	linear_temper(m, m->temperature);
	free(rows);
	free(l.best);
	free(l.mean);
	free(l.v);
}
