/* linear_mixture - several reward models and a gate: learning them */
#include "linear_mixture.h"

#include <stdlib.h>

#include "hash.h"
#include "linear_learner.h"
#include "random.h"

enum { PARTS = 10000 };

#define FIRST_SQUARES 0.1f		/* as in linear_learner.c */
#define SYMMETRY 0.5			/* deviation of the gate's first weights: models that are alike stay alike */
#define BALANCE 0.1
#define USAGE_STEP 0.01
#define GATE_RATE 5			/* the gate's learning rate, in those of the models */

/* ---- pairs ---- */

size_t mixture_words_room(const struct features *f)
{
	return f->prompt_n;
}

static int ascending(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* In an order of their own: sums must not depend on that of a hash table. */
uint32_t mixture_words(const struct features *f, uint16_t *words)
{
	uint32_t n = 0;

	for (size_t i = 0; i < f->prompt_slots; i++)
		if (f->prompt[i].taken)
			words[n++] = (uint16_t)(mix64(f->prompt[i].hash) >> (64 - MIXTURE_GATE_BITS));
	qsort(words, n, sizeof *words, ascending);
	return n;
}

void mixture_add(struct mixture_data *d, const struct linear_row *row, const uint32_t *grams, const uint16_t *words,
	uint32_t n_words)
{
	GROW(d->rows, d->pairs.n, d->room);
	d->rows[d->pairs.n] = (struct gate_row){ d->n_words, n_words };
	linear_add(&d->pairs, row, grams);
	for (uint32_t i = 0; i < n_words; i++) {
		GROW(d->words, d->n_words, d->words_room);
		d->words[d->n_words++] = words[i];
	}
}

void mixture_data_free(struct mixture_data *d)
{
	const int bits = d->pairs.bits;

	linear_data_free(&d->pairs);
	free(d->rows);
	free(d->words);
	*d = (struct mixture_data){ .pairs.bits = bits };
}

/* ---- the mixture ---- */

/* Add x times the weights of gate feature i. */
static void gate_add(const float *gate, int k, size_t i, double x, double *sum)
{
	for (int h = 0; h < k; h++)
		sum[h] += x * gate[i * (size_t)k + (size_t)h];
}

static double word_value(uint32_t n)
{
	return n ? 1 / sqrt(n) : 0;
}

static void gate_of(const float *gate, int k, uint32_t classes, const uint16_t *words, uint32_t n, double *a)
{
	double most = -INFINITY, sum = 0;

	memset(a, 0, (size_t)k * sizeof *a);
	gate_add(gate, k, 0, 1, a);
	for (uint32_t c = 0; c < LINEAR_CLASSES; c++)
		if (classes >> c & 1)
			gate_add(gate, k, 1 + c, 1, a);
	for (uint32_t i = 0; i < n; i++)
		gate_add(gate, k, 1 + LINEAR_CLASSES + words[i], word_value(n), a);
	for (int h = 0; h < k; h++)
		most = fmax(most, a[h]);
	for (int h = 0; h < k; h++)
		sum += a[h] = exp(a[h] - most);
	for (int h = 0; h < k; h++)
		a[h] /= sum;
}

void mixture_gate(const struct mixture_model *m, uint32_t classes, const uint16_t *words, uint32_t n, double *a)
{
	gate_of(m->gate, m->k, classes, words, n, a);
}

/* log of the sum of a_k sigmoid(sign * delta_k); term[k]: the logarithms. */
static double log_sum(const double *a, const double *delta, int k, double sign, double *term)
{
	double most = -INFINITY, sum = 0;

	for (int h = 0; h < k; h++) {
		term[h] = log(fmax(a[h], 1e-300)) - nls(sign * delta[h]);
		most = fmax(most, term[h]);
	}
	for (int h = 0; h < k; h++)
		sum += exp(term[h] - most);
	return most + log(sum);
}

double mixture_logit(const double *a, const double *delta, int k, double *q)
{
	double term[MIXTURE_MAX], other[MIXTURE_MAX], right = log_sum(a, delta, k, 1, term);

	for (int h = 0; q && h < k; h++)
		q[h] = exp(term[h] - right);
	return right - log_sum(a, delta, k, -1, other);
}

double mixture_margin(const struct mixture_model *m, const struct features *f, double reward[2])
{
	uint16_t *words = xreallocarray(NULL, mixture_words_room(f) + 1, sizeof *words);
	double a[MIXTURE_MAX], delta[MIXTURE_MAX];

	mixture_gate(m, f->classes, words, mixture_words(f, words), a);
	reward[0] = reward[1] = 0;
	for (int h = 0; h < m->k; h++) {
		double score[2];

		linear_score(&m->heads[h], f, score);
		delta[h] = score[0] - score[1];
		for (int side = 0; side < 2; side++)
			reward[side] += a[h] * score[side];
	}
	free(words);
	return mixture_logit(a, delta, m->k, NULL) / m->temperature;
}

double mixture_delta(const struct mixture_model *m, const struct mixture_data *d, size_t row)
{
	const struct linear_row *r = &d->pairs.rows[row];
	double a[MIXTURE_MAX], delta[MIXTURE_MAX];

	mixture_gate(m, r->classes, d->words + d->rows[row].at, d->rows[row].n, a);
	for (int h = 0; h < m->k; h++)
		delta[h] = linear_delta(&m->heads[h], &d->pairs, r);
	return mixture_logit(a, delta, m->k, NULL) / m->temperature;
}

/* ---- learning ---- */

struct mixed {
	const struct mixture_data *d;
	const struct linear_options *o;
	int k;
	struct learner heads[MIXTURE_MAX];
	float *gate, *squares, *kept;
	double usage[MIXTURE_MAX];
};

static void gate_step(struct mixed *l, size_t i, double x, const double *slope)
{
	for (int h = 0; h < l->k; h++) {
		const size_t at = i * (size_t)l->k + (size_t)h;
		const float g = (float)(slope[h] * x);

		l->squares[at] += g * g;
		l->gate[at] -= GATE_RATE * (float)l->o->rate * g / sqrtf(l->squares[at]);
	}
}

/* Slopes of the balance of the gate. */
static void balance(const struct mixed *l, const double *a, double *gate)
{
	double mean = 0;

	for (int h = 0; h < l->k; h++)
		mean += a[h] * log(l->k * l->usage[h]);
	for (int h = 0; h < l->k; h++)
		gate[h] = BALANCE * a[h] * (log(l->k * l->usage[h]) - mean);
}

/* Add the loss of the label that this side (1 or -1) is better, as much as it is true, and its slopes by the margins
 * and by the logits of a. */
static double add_label(const struct mixed *l, const double *a, const double *delta, double sign, double weight,
	double *slope, double *gate)
{
	double turned[MIXTURE_MAX] = { 0 }, q[MIXTURE_MAX], logit;

	for (int h = 0; h < l->k; h++)
		turned[h] = sign * delta[h];
	logit = mixture_logit(a, turned, l->k, q);
	for (int h = 0; h < l->k; h++) {
		slope[h] -= weight * sign * q[h] * sigmoid(-turned[h]);
		gate[h] += weight * (a[h] - q[h]);
	}
	return weight * nls(logit);
}

/* One row: its loss, and a step. */
static double learn(struct mixed *l, uint32_t row)
{
	const struct linear_row *r = &l->d->pairs.rows[row];
	const uint16_t *words = l->d->words + l->d->rows[row].at;
	const uint32_t n = l->d->rows[row].n;
	double a[MIXTURE_MAX], delta[MIXTURE_MAX], slope[MIXTURE_MAX] = { 0 }, gate[MIXTURE_MAX], loss = 0;

	gate_of(l->gate, l->k, r->classes, words, n, a);
	for (int h = 0; h < l->k; h++)
		delta[h] = learner_delta(&l->heads[h], r);
	balance(l, a, gate);
	if (r->preference > 0)
		loss += add_label(l, a, delta, 1, r->preference, slope, gate);
	if (r->preference < 1)
		loss += add_label(l, a, delta, -1, 1 - r->preference, slope, gate);
	for (int h = 0; h < l->k; h++) {
		learner_step(&l->heads[h], r, (float)slope[h]);
		l->usage[h] += USAGE_STEP * (a[h] - l->usage[h]);
	}
	gate_step(l, 0, 1, gate);
	for (uint32_t c = 0; c < LINEAR_CLASSES; c++)
		if (r->classes >> c & 1)
			gate_step(l, 1 + c, 1, gate);
	for (uint32_t i = 0; i < n; i++)
		gate_step(l, 1 + LINEAR_CLASSES + words[i], word_value(n), gate);
	return loss;
}

static double held_loss(struct mixed *l, const uint32_t *held, size_t n, double *logits, double *accuracy)
{
	double *deltas = xreallocarray(NULL, n * (size_t)l->k + 1, sizeof *deltas), sum = 0, right = 0, counted = 0;

	for (int h = 0; h < l->k; h++)
		learner_deltas(&l->heads[h], held, n, deltas + (size_t)h * n);
	for (size_t i = 0; i < n; i++) {
		const struct linear_row *r = &l->d->pairs.rows[held[i]];
		double a[MIXTURE_MAX], delta[MIXTURE_MAX], p = r->preference;

		gate_of(l->gate, l->k, r->classes, l->d->words + l->d->rows[held[i]].at, l->d->rows[held[i]].n, a);
		for (int h = 0; h < l->k; h++)
			delta[h] = deltas[(size_t)h * n + i];
		logits[i] = mixture_logit(a, delta, l->k, NULL);
		sum += p * nls(logits[i]) + (1 - p) * nls(-logits[i]);
		counted += p != 0.5;
		right += p == 0.5 ? 0 : logits[i] == 0 ? 0.5 : (logits[i] > 0) == (p > 0.5);
	}
	free(deltas);
	*accuracy = counted > 0 ? right / counted : NAN;
	return n ? sum / (double)n : NAN;
}

static void keep(struct mixed *l)
{
	for (int h = 0; h < l->k; h++)
		learner_keep(&l->heads[h]);
	memcpy(l->kept, l->gate, (size_t)MIXTURE_GATE * (size_t)l->k * sizeof *l->kept);
}

static void run(struct mixed *l, uint32_t *train, size_t n, const uint32_t *held, size_t n_held,
	void (*told)(const struct linear_epoch *e, void *arg), struct mixture_model *m)
{
	double *logits = xreallocarray(NULL, n_held + 1, sizeof *logits), *best_logits = xcalloc(n_held + 1, sizeof *logits),
	       best = INFINITY, began = clock_now();
	float *labels = xreallocarray(NULL, n_held + 1, sizeof *labels);

	for (long k = 1; n && k <= l->o->epochs; k++) {
		struct linear_epoch e = { .epoch = k };
		struct rng g = rng_for(l->o->seed, "epoch", (uint64_t)k);

		rng_shuffle(&g, train, n);
		for (size_t i = 0; i < n; i++)
			e.train_loss += learn(l, train[i]) / (double)n;
		for (int h = 0; h < l->k; h++)
			learner_mean(&l->heads[h], k);
		e.held_loss = held_loss(l, held, n_held, logits, &e.held_accuracy);
		e.seconds = clock_now() - began;
		if (told)
			told(&e, NULL);
		if (!(e.held_loss >= best)) {
			best = e.held_loss;
			m->epochs = (uint32_t)k;
			m->held_accuracy = e.held_accuracy;
			memcpy(best_logits, logits, n_held * sizeof *logits);
			keep(l);
		} else if (k - (long)m->epochs >= l->o->patience) {
			break;
		}
	}
	for (size_t i = 0; i < n_held; i++)
		labels[i] = l->d->pairs.rows[held[i]].preference;
	if (n_held)
		m->temperature = linear_temperature(best_logits, labels, n_held, 0);
	m->held_loss = linear_flip_loss(best_logits, labels, n_held, 0, m->temperature);
	free(logits);
	free(best_logits);
	free(labels);
}

/* Of the model that was kept: l->usage is a moving mean, for the balance. */
static void measure_usage(const struct mixed *l, const uint32_t *train, size_t n, double *usage)
{
	for (size_t i = 0; i < n; i++) {
		const struct gate_row *r = &l->d->rows[train[i]];
		double a[MIXTURE_MAX];

		gate_of(l->kept, l->k, l->d->pairs.rows[train[i]].classes, l->d->words + r->at, r->n, a);
		for (int h = 0; h < l->k; h++)
			usage[h] += a[h] / (double)n;
	}
}

void mixture_fit(const struct mixture_data *d, const uint32_t *rows, size_t n, int k, double hold,
	const struct linear_options *o, void (*told)(const struct linear_epoch *e, void *arg), struct mixture_model *m)
{
	uint32_t *train = xreallocarray(NULL, n + 1, sizeof *train), *held = xreallocarray(NULL, n + 1, sizeof *held);
	const size_t size = (size_t)MIXTURE_GATE * (size_t)k;
	const unsigned below = (unsigned)(hold * PARTS + 0.5);
	struct mixed l = { .d = d, .o = o, .k = k };
	struct rng g = rng_for(o->seed, "gate", 0);
	size_t n_train = 0, n_held = 0;

	for (size_t i = 0; i < n; i++) {
		if (linear_side(&d->pairs.rows[rows[i]], o->seed, "hold", PARTS) < below)
			held[n_held++] = rows[i];
		else
			train[n_train++] = rows[i];
	}
	if (n_held < LINEAR_HELD_LEAST || n_train == 0) {
		memcpy(train, rows, n * sizeof *train);
		n_train = n;
		n_held = 0;
	}
	*m = (struct mixture_model){ .k = k, .temperature = 1, .held = n_held, .held_accuracy = NAN };
	l.gate = xcalloc(size, sizeof *l.gate);
	l.kept = xcalloc(size, sizeof *l.kept);
	l.squares = xcalloc(size, sizeof *l.squares);
	for (size_t i = 0; i < size; i++) {
		l.gate[i] = (float)(SYMMETRY * rng_normal(&g));
		l.squares[i] = FIRST_SQUARES;
	}
	for (int h = 0; h < k; h++) {
		l.usage[h] = 1. / k;
		learner_open(&l.heads[h], &d->pairs, o);
		learner_begin(&l.heads[h], train, n_train);
	}
	run(&l, train, n_train, held, n_held, told, m);
	measure_usage(&l, train, n_train, m->usage);
	for (int h = 0; h < k; h++) {
		m->heads[h] = (struct linear_model){ .bits = d->pairs.bits, .seed = o->seed, .pairs = n_train,
			.l2 = o->l2, .temperature = 1, .grams = xcalloc((size_t)1 << d->pairs.bits, sizeof(float)) };
		learner_take(&l.heads[h], &m->heads[h]);
		learner_close(&l.heads[h]);
	}
	m->gate = l.kept;
	free(l.gate);
	free(l.squares);
	free(train);
	free(held);
}

void mixture_model_free(struct mixture_model *m)
{
	for (int h = 0; h < m->k; h++)
		linear_model_free(&m->heads[h]);
	free(m->gate);
	*m = (struct mixture_model){ 0 };
}
