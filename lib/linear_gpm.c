/* linear_gpm - a general preference model: learning it */
#include "linear_gpm.h"

#include <stdlib.h>

#include "random.h"

enum { FIRST_DENSE = 1, FIRST_GRAM = FIRST_DENSE + LINEAR_DENSE, PARTS = 10000 };

/* Features are brought to the size of the constant: products of two are learned. */
#define GRAM_SCALE (1.0f / 7)
#define DENSE_SCALE (1.0f / 10)
#define FIRST_SQUARES 0.1f		/* as in linear_learner.c */
#define SMALL 0.03			/* deviation of the weights at the start: all zero is a saddle point */

/* ---- pairs ---- */

size_t gpm_pack_room(const struct features *f)
{
	return 2 * f->n;
}

void gpm_pack(const struct features *f, int bits, struct gpm_row *row, uint32_t *grams)
{
	*row = (struct gpm_row){ .preference = 1 };
	for (int side = 0; side < 2; side++) {
		memcpy(row->dense[side], f->dense[side], sizeof row->dense[side]);
		for (size_t i = 0; i < f->n; i++) {
			if (!f->v[i].count[side])
				continue;
			*grams++ = gram_pack(gram_index(f->v[i].key, bits), (float)gram_value(f, &f->v[i], side));
			row->n[side]++;
		}
	}
}

void gpm_add(struct gpm_data *d, const struct gpm_row *row, const uint32_t *grams)
{
	const size_t n = (size_t)row->n[0] + row->n[1];

	GROW(d->rows, d->n, d->room);
	d->rows[d->n] = *row;
	d->rows[d->n++].at = d->n_grams;
	if (d->n_grams + n > d->grams_room) {
		d->grams_room += d->grams_room / 2 + n + 4096;
		d->grams = xreallocarray(d->grams, d->grams_room, sizeof *d->grams);
	}
	if (n)
		memcpy(d->grams + d->n_grams, grams, n * sizeof *grams);
	d->n_grams += n;
}

void gpm_data_free(struct gpm_data *d)
{
	free(d->rows);
	free(d->grams);
	*d = (struct gpm_data){ .bits = d->bits };
}

/* ---- embeddings ---- */

static size_t n_weights(const struct gpm_model *m)
{
	return (FIRST_GRAM + ((size_t)1 << m->bits)) * (size_t)m->dims;
}

/* v += x * the weights of feature i. */
static inline void embed(const struct gpm_model *m, size_t i, float x, float *v)
{
	const float *w = m->w + i * (size_t)m->dims;

	for (int k = 0; k < m->dims; k++)
		v[k] += x * w[k];
}

static const uint32_t *grams_of(const struct gpm_data *d, const struct gpm_row *r, int side)
{
	return d->grams + r->at + (side ? r->n[0] : 0);
}

static void embed_row(const struct gpm_model *m, const struct gpm_data *d, const struct gpm_row *r, int side, float *v)
{
	const uint32_t *g = grams_of(d, r, side);

	memset(v, 0, (size_t)m->dims * sizeof *v);
	embed(m, 0, 1, v);
	for (size_t i = 0; i < LINEAR_DENSE; i++)
		if (r->dense[side][i] != 0)
			embed(m, FIRST_DENSE + i, r->dense[side][i] * DENSE_SCALE, v);
	for (uint32_t i = 0; i < r->n[side]; i++)
		embed(m, FIRST_GRAM + gram_i(g[i]), gram_x(g[i]) * GRAM_SCALE, v);
}

double gpm_skew(const float *a, const float *b, int dims)
{
	double s = 0;

	for (int k = 0; k < dims; k += 2)
		s += (double)a[k] * b[k + 1] - (double)a[k + 1] * b[k];
	return s;
}

double gpm_delta(const struct gpm_model *m, const struct gpm_data *d, const struct gpm_row *row)
{
	float v[2][GPM_DIMS_MAX];

	for (int side = 0; side < 2; side++)
		embed_row(m, d, row, side, v[side]);
	return gpm_skew(v[0], v[1], m->dims) / m->temperature;
}

/* In fixed point: the order of the grams depends on which response came first, the sum must not. */
double gpm_margin(const struct gpm_model *m, const struct features *f)
{
	float v[2][GPM_DIMS_MAX];

	for (int side = 0; side < 2; side++) {
		int64_t sum[GPM_DIMS_MAX] = { 0 };

		memset(v[side], 0, sizeof v[side]);
		embed(m, 0, 1, v[side]);
		for (size_t i = 0; i < LINEAR_DENSE; i++)
			embed(m, FIRST_DENSE + i, f->dense[side][i] * DENSE_SCALE, v[side]);
		for (size_t i = 0; i < f->n; i++) {
			const float *w = m->w + (FIRST_GRAM + gram_index(f->v[i].key, m->bits)) * (size_t)m->dims;
			const double x = f->v[i].count[side] ? gram_value(f, &f->v[i], side) * GRAM_SCALE : 0;

			for (int k = 0; x != 0 && k < m->dims; k++)
				sum[k] += fixed_point(x * w[k]);
		}
		for (int k = 0; k < m->dims; k++)
			v[side][k] += (float)from_fixed_point(sum[k]);
	}
	return gpm_skew(v[0], v[1], m->dims) / m->temperature;
}

/* ---- learning ---- */

struct learner {
	struct gpm_model *m;
	const struct gpm_data *d;
	const struct linear_options *o;
	float *squares;			/* of slopes, by weight */
	float *penalty;			/* by feature */
};

static void step(struct learner *l, size_t i, float x, const float *slope)
{
	const size_t dims = (size_t)l->m->dims;
	float *w = l->m->w + i * dims, *squares = l->squares + i * dims;

	for (size_t k = 0; k < dims; k++) {
		const float g = slope[k] * x + l->penalty[i] * w[k];

		squares[k] += g * g;
		w[k] -= (float)l->o->rate * g / sqrtf(squares[k]);
	}
}

static void learn_side(struct learner *l, const struct gpm_row *r, int side, const float *slope)
{
	const uint32_t *g = grams_of(l->d, r, side);

	step(l, 0, 1, slope);
	for (size_t i = 0; i < LINEAR_DENSE; i++)
		if (r->dense[side][i] != 0)
			step(l, FIRST_DENSE + i, r->dense[side][i] * DENSE_SCALE, slope);
	for (uint32_t i = 0; i < r->n[side]; i++)
		step(l, FIRST_GRAM + gram_i(g[i]), gram_x(g[i]) * GRAM_SCALE, slope);
}

/* Slopes of the loss by both embeddings; by: its slope by s. */
static void slopes(float v[2][GPM_DIMS_MAX], int dims, float by, float slope[2][GPM_DIMS_MAX])
{
	for (int k = 0; k < dims; k += 2) {
		slope[0][k] = by * v[1][k + 1];
		slope[0][k + 1] = -by * v[1][k];
		slope[1][k] = -by * v[0][k + 1];
		slope[1][k + 1] = by * v[0][k];
	}
}

/* One row: its loss, and a step. */
static double learn(struct learner *l, const struct gpm_row *r)
{
	const struct loss_terms t = loss_terms(l->o->loss, l->o->e, r->preference);
	const int dims = l->m->dims;
	float v[2][GPM_DIMS_MAX], slope[2][GPM_DIMS_MAX];
	double s;

	for (int side = 0; side < 2; side++)
		embed_row(l->m, l->d, r, side, v[side]);
	s = gpm_skew(v[0], v[1], dims);
	slopes(v, dims, (float)loss_slope(t, s), slope);
	for (int side = 0; side < 2; side++)
		learn_side(l, r, side, slope[side]);
	return loss_value(t, s);
}

/* How many of these rows have each feature, as a penalty for each time; and weights to begin with for those. */
static void begin(struct learner *l, const uint32_t *rows, size_t n)
{
	const size_t dims = (size_t)l->m->dims, size = FIRST_GRAM + ((size_t)1 << l->m->bits);
	struct rng g = rng_for(l->o->seed, "gpm", 0);

	for (size_t k = 0; k < n; k++) {
		const struct gpm_row *r = &l->d->rows[rows[k]];

		for (uint32_t i = 0; i < r->n[0] + r->n[1]; i++)
			l->penalty[FIRST_GRAM + gram_i(l->d->grams[r->at + i])]++;
	}
	for (size_t i = 0; i < FIRST_GRAM; i++)
		l->penalty[i] = (float)n + 1;
	for (size_t i = 0; i < size; i++) {
		for (size_t k = 0; l->penalty[i] > 0 && k < dims; k++) {
			l->m->w[i * dims + k] = (float)(i ? SMALL * rng_normal(&g) : 0);
			l->squares[i * dims + k] = FIRST_SQUARES;
		}
		if (l->penalty[i] > 0)
			l->penalty[i] = (float)(l->o->l2 * GRAM_SCALE * GRAM_SCALE / l->penalty[i]);
	}
	l->m->w[1] = 1;			/* v = (r(y), 1) */
	l->penalty[0] = 0;
}

static double held_loss(struct learner *l, const uint32_t *rows, size_t n, double *deltas, double *accuracy)
{
	double sum = 0, right = 0, counted = 0;

	for (size_t i = 0; i < n; i++) {
		const struct gpm_row *r = &l->d->rows[rows[i]];
		const double side = r->preference - 0.5;

		deltas[i] = gpm_delta(l->m, l->d, r);
		sum += loss_value(loss_terms(l->o->loss, l->o->e, r->preference), deltas[i]);
		counted += side != 0;
		right += side == 0 ? 0 : deltas[i] == 0 ? 0.5 : (deltas[i] > 0) == (side > 0);
	}
	*accuracy = counted > 0 ? right / counted : NAN;
	return n ? sum / (double)n : NAN;
}

static void run(struct learner *l, uint32_t *train, size_t n, const uint32_t *held, size_t n_held,
	void (*told)(const struct linear_epoch *e, void *arg))
{
	const size_t bytes = n_weights(l->m) * sizeof *l->m->w;
	const double e = l->o->loss >= LINEAR_RDPO ? l->o->e : 0;	/* as in linear_train.c */
	float *best_w = xmalloc(bytes);
	double *deltas = xreallocarray(NULL, n_held + 1, sizeof *deltas), best = INFINITY, began = clock_now(), accuracy;
	float *labels = xreallocarray(NULL, n_held + 1, sizeof *labels);

	memcpy(best_w, l->m->w, bytes);
	for (long k = 1; n && k <= l->o->epochs; k++) {
		struct linear_epoch t = { .epoch = k };
		struct rng g = rng_for(l->o->seed, "epoch", (uint64_t)k);

		rng_shuffle(&g, train, n);
		for (size_t i = 0; i < n; i++)
			t.train_loss += learn(l, &l->d->rows[train[i]]) / (double)n;
		t.held_loss = held_loss(l, held, n_held, deltas, &t.held_accuracy);
		t.seconds = clock_now() - began;
		if (told)
			told(&t, NULL);
		if (!(t.held_loss >= best)) {
			best = t.held_loss;
			l->m->epochs = (uint32_t)k;
			memcpy(best_w, l->m->w, bytes);
		} else if (k - (long)l->m->epochs >= l->o->patience) {
			break;
		}
	}
	memcpy(l->m->w, best_w, bytes);
	held_loss(l, held, n_held, deltas, &accuracy);
	for (size_t i = 0; i < n_held; i++)
		labels[i] = l->d->rows[held[i]].preference;
	if (n_held)
		l->m->temperature = linear_temperature(deltas, labels, n_held, e);
	l->m->held_accuracy = accuracy;
	l->m->held_loss = linear_flip_loss(deltas, labels, n_held, e, l->m->temperature);
	free(best_w);
	free(deltas);
	free(labels);
}

void gpm_fit(const struct gpm_data *d, const uint32_t *rows, size_t n, int dims, double hold, const struct linear_options *o,
	void (*told)(const struct linear_epoch *e, void *arg), struct gpm_model *m)
{
	uint32_t *train = xreallocarray(NULL, n + 1, sizeof *train), *held = xreallocarray(NULL, n + 1, sizeof *held);
	const unsigned below = (unsigned)(hold * PARTS + 0.5);
	struct learner l = { .m = m, .d = d, .o = o };
	size_t n_train = 0, n_held = 0;

	for (size_t i = 0; i < n; i++) {
		const struct linear_row of = { .group = d->rows[rows[i]].group };

		if (linear_side(&of, o->seed, "hold", PARTS) < below)
			held[n_held++] = rows[i];
		else
			train[n_train++] = rows[i];
	}
	if (n_held < LINEAR_HELD_LEAST || n_train == 0) {
		memcpy(train, rows, n * sizeof *train);
		n_train = n;
		n_held = 0;
	}
	*m = (struct gpm_model){ .bits = d->bits, .dims = dims, .temperature = 1, .seed = o->seed, .pairs = n_train,
		.held = n_held };
	m->w = xcalloc(n_weights(m), sizeof *m->w);
	l.squares = xcalloc(n_weights(m), sizeof *l.squares);
	l.penalty = xcalloc(n_weights(m) / (size_t)dims, sizeof *l.penalty);
	begin(&l, train, n_train);
	run(&l, train, n_train, held, n_held, told);
	free(l.squares);
	free(l.penalty);
	free(train);
	free(held);
}

void gpm_model_free(struct gpm_model *m)
{
	free(m->w);
	*m = (struct gpm_model){ 0 };
}
