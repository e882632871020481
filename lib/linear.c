/* linear - a Bradley-Terry reward model on hashed features: pairs, scores, learning */
#include "linear.h"

#include <stdlib.h>

#include "hash.h"
#include "random.h"

struct loss_terms loss_terms(enum linear_loss loss, double e, double p)
{
	double pos = 1, neg = 0;

	if (loss == LINEAR_CDPO) {
		pos = 1 - e;
		neg = e;
	} else if (loss == LINEAR_RDPO) {
		if (e >= 0.5)
			bug("flip rate %g", e);
		pos = (1 - e) / (1 - 2 * e);
		neg = -e / (1 - 2 * e);
	}
	return (struct loss_terms){ p * pos + (1 - p) * neg, p * neg + (1 - p) * pos,
		loss == LINEAR_FORWARD ? e : 0 };
}

/* ---- pairs ---- */

uint32_t gram_pack(uint32_t i, float x)
{
	uint32_t bits, size;

	memcpy(&bits, &x, sizeof bits);
	size = ((bits & 0x7fffffff) + (1u << 15)) >> 16;
	size = size < LINEAR_LEAST ? 0 : size - LINEAR_LEAST;
	if (size > 0x7ff)
		size = 0x7ff;
	return i << 12 | bits >> 31 << 11 | size;
}

/* A gram of nearly the same value in both responses says nothing about which is better, and such
 * grams are half of all where texts have words in common. */
#define LEAST_DIFFERENCE 0.1

void linear_pack(const struct features *f, int bits, struct linear_row *row, uint32_t *grams)
{
	*row = (struct linear_row){ .classes = f->classes, .preference = 1 };
	for (int i = 0; i < LINEAR_DENSE; i++)
		row->dense[i] = f->dense[0][i] - f->dense[1][i];
	for (size_t i = 0; i < f->n; i++) {
		double x = gram_value(f, &f->v[i], 0) - gram_value(f, &f->v[i], 1);

		if (fabs(x) >= LEAST_DIFFERENCE)
			grams[row->n++] = gram_pack(gram_index(f->v[i].key, bits), (float)x);
	}
}

void linear_add(struct linear_data *d, const struct linear_row *row, const uint32_t *grams)
{
	GROW(d->rows, d->n, d->room);
	d->rows[d->n] = *row;
	d->rows[d->n++].at = d->n_grams;
	if (row->n == 0)
		return;
	if (d->n_grams + row->n > d->grams_room) {
		d->grams_room += d->grams_room / 2 + row->n + 4096;
		d->grams = xreallocarray(d->grams, d->grams_room, sizeof *d->grams);
	}
	memcpy(d->grams + d->n_grams, grams, row->n * sizeof *grams);
	d->n_grams += row->n;
}

struct used {
	uint32_t name, pairs;
};

static int by_use(const void *a, const void *b)
{
	const struct used *x = a, *y = b;

	if (x->pairs != y->pairs)
		return x->pairs < y->pairs ? 1 : -1;
	return x->name < y->name ? -1 : x->name > y->name;
}

void linear_index(struct linear_data *d)
{
	size_t size = (size_t)1 << d->bits, kept = 0, to = 0;
	struct used *used = xcalloc(size, sizeof *used);
	uint32_t *number = xmalloc(size * sizeof *number);

	for (size_t i = 0; i < d->n_grams; i++)
		used[gram_i(d->grams[i])].pairs++;
	for (size_t i = 0; i < size; i++) {
		number[i] = UINT32_MAX;
		used[i].name = (uint32_t)i;
		if (used[i].pairs > 1)
			used[kept++] = used[i];
	}
	qsort(used, kept, sizeof *used, by_use);
	d->names = xmalloc((kept + 1) * sizeof *d->names);
	d->n_names = kept;
	for (size_t i = 0; i < kept; i++) {
		d->names[i] = used[i].name;
		number[used[i].name] = (uint32_t)i;
	}
	for (size_t i = 0; i < d->n; i++) {
		struct linear_row *r = &d->rows[i];
		size_t from = r->at, end = from + r->n;

		r->at = to;
		for (; from < end; from++) {
			uint32_t n = number[gram_i(d->grams[from])];

			if (n != UINT32_MAX)
				d->grams[to++] = n << 12 | (d->grams[from] & 0xfff);
		}
		r->n = (uint32_t)(to - r->at);
	}
	d->n_grams = to;
	free(number);
	free(used);
}

void linear_data_free(struct linear_data *d)
{
	free(d->rows);
	free(d->grams);
	free(d->names);
	*d = (struct linear_data){ .bits = d->bits };
}

unsigned linear_side(
	const struct linear_row *row, uint64_t seed, const char *purpose, unsigned parts)
{
	struct rng g = rng_for(seed, purpose, row->group);

	return (unsigned)rng_below(&g, parts);
}

/* ---- scores ---- */

static double dense_score(const struct linear_model *m, const float *dense, uint32_t classes)
{
	double sum = 0;

	for (int i = 0; i < LINEAR_DENSE; i++)
		sum += (double)m->dense[i] * dense[i];
	for (int k = 0; k < LINEAR_CLASSES; k++)
		for (int i = 0; classes >> k & 1 && i < LINEAR_CROSSED; i++)
			sum += (double)m->crossed[i][k] * (dense[linear_crossed[i]] * LINEAR_CROSS);
	return sum;
}

/* The grams are summed in fixed point: their order depends on which response came first, the sum must not. */
void linear_score(const struct linear_model *m, const struct features *f, double score[2])
{
	int64_t sum[2] = { 0, 0 };

	for (size_t i = 0; i < f->n; i++) {
		double w = m->grams[gram_index(f->v[i].key, m->bits)];

		for (int side = 0; w != 0 && side < 2; side++)
			sum[side] += fixed_point(w * gram_value(f, &f->v[i], side));
	}
	for (int side = 0; side < 2; side++)
		score[side] = dense_score(m, f->dense[side], f->classes) + from_fixed_point(sum[side]);
}

double linear_delta(
	const struct linear_model *m, const struct linear_data *d, const struct linear_row *row)
{
	double sum = dense_score(m, row->dense, row->classes);
	const uint32_t *g = d->grams + row->at;

	for (uint32_t i = 0; i < row->n; i++)
		sum += (double)m->grams[d->names[gram_i(g[i])]] * gram_x(g[i]);
	return sum;
}

void linear_temper(struct linear_model *m, double t)
{
	for (int i = 0; i < LINEAR_DENSE; i++)
		m->dense[i] = (float)(m->dense[i] / t);
	for (int i = 0; i < LINEAR_CROSSED; i++)
		for (int k = 0; k < LINEAR_CLASSES; k++)
			m->crossed[i][k] = (float)(m->crossed[i][k] / t);
	for (size_t i = 0; i < (size_t)1 << m->bits; i++)
		m->grams[i] = (float)(m->grams[i] / t);
}

void linear_model_free(struct linear_model *m)
{
	free(m->grams);
	*m = (struct linear_model){ 0 };
}

/* ---- calibration ---- */

double linear_flip_loss(const double *delta, const float *preference, size_t n, double e, double t)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double p = preference[i], x = delta[i] / t;

		/* With e = 0 exact for any x. */
		if (e == 0)
			sum += p * nls(x) + (1 - p) * nls(-x);
		else
			sum -= p * log(e + (1 - 2 * e) * sigmoid(x)) +
			       (1 - p) * log(e + (1 - 2 * e) * sigmoid(-x));
	}
	return n ? sum / (double)n : NAN;
}

/* Slope of the summed loss by the log of a = 1 / t. */
static double flip_slope(const double *delta, const float *preference, size_t n, double e, double a)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double p = preference[i], x = a * delta[i], s = sigmoid(x), c = sigmoid(-x);

		sum += x * (1 - 2 * e) * s * c *
		       ((1 - p) / (e + (1 - 2 * e) * c) - p / (e + (1 - 2 * e) * s));
	}
	return sum;
}

/* Models learned with a penalty are nearly calibrated: a prior on log t, normal with this standard
 * deviation, keeps a few hundred held-out pairs from making that worse. */
#define TEMPERATURE_STD 0.2

double linear_temperature(const double *delta, const float *preference, size_t n, double e)
{
	double lo = -log(20), hi = log(20);	/* of 1 / t */

	for (int k = 0; k < 50; k++) {
		double mid = (lo + hi) / 2, prior = mid / (TEMPERATURE_STD * TEMPERATURE_STD);

		if (flip_slope(delta, preference, n, e, exp(mid)) + prior < 0)
			lo = mid;
		else
			hi = mid;
	}
	return exp(-(lo + hi) / 2);
}
