/* crowd_bt - many annotators, one label: Bradley and Terry, with and without the reliability of annotators */
#include "crowd.h"

#include <math.h>
#include <stdlib.h>

#include "logistic.h"

/* How much of a vote says that A is better. */
static double share(const struct crowd_vote *v)
{
	return v->side == CROWD_A ? 1 : v->side == CROWD_B ? 0 : 0.5;
}

/* For each way that a vote is read (A better, B better): weight, and what the sum of the objective needs. */
static void add_reading(double weight, double d, double eta, double *sum, double *by_d, double *by_eta)
{
	double p = sigmoid(d), truth = eta * p + (1 - eta) * (1 - p);

	if (weight == 0)
		return;
	*sum += weight * log(truth);
	*by_d += weight * (2 * eta - 1) * p * (1 - p) / truth;
	*by_eta += weight * (2 * p - 1) / truth;
}

double crowd_bt_objective(const struct crowd *c, const struct crowd_rules *r, const double *theta, const double *eta,
	double *by_theta, double *by_eta)
{
	double *slope = xcalloc(r->n_items + 1, sizeof *slope), *trust = xcalloc(c->n_by + 1, sizeof *trust), sum = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct crowd_vote *v = &c->v[i];
		const uint32_t a = r->ends[v->pair][0], b = r->ends[v->pair][1];
		double d = theta[a] - theta[b], up = 0, down = 0;

		if (a == b)
			continue;
		add_reading(share(v), d, eta[v->by], &sum, &up, &trust[v->by]);
		add_reading(1 - share(v), -d, eta[v->by], &sum, &down, &trust[v->by]);
		slope[a] += up - down;
		slope[b] -= up - down;
	}
	for (uint32_t j = 0; j < r->n_items; j++) {
		sum -= r->dummy * (nls(theta[j]) + nls(-theta[j]));
		slope[j] += r->dummy * (sigmoid(-theta[j]) - sigmoid(theta[j]));
	}
	for (uint32_t w = 0; w < c->n_by && r->pseudo > 0 && !r->trust; w++) {
		sum += r->pseudo * (2 * log(eta[w]) + log(1 - eta[w])) / 3;
		trust[w] += r->pseudo * (2 / eta[w] - 1 / (1 - eta[w])) / 3;
	}
	if (by_theta)
		memcpy(by_theta, slope, r->n_items * sizeof *slope);
	if (by_eta)
		memcpy(by_eta, trust, c->n_by * sizeof *trust);
	free(slope);
	free(trust);
	return sum;
}

/* Working memory of the fit. A state is theta of all items, then the log-odds of eta of all annotators. */
struct fit {
	const struct crowd *c;
	const struct crowd_rules *r;
	size_t n;			/* of a state */
	double *g, *eta, *wins, *over, *right, *all;
};

/* One vote's part in W, sum n / (g + g) and the reliability of its annotator. */
static void count_vote(struct fit *f, const struct crowd_vote *v, uint32_t a, uint32_t b)
{
	double p = f->g[a] / (f->g[a] + f->g[b]), x = share(v), eta = f->eta[v->by];
	double for_a = x * eta * p / (eta * p + (1 - eta) * (1 - p));		/* A stated, and truly better */
	double for_b = (1 - x) * eta * (1 - p) / (eta * (1 - p) + (1 - eta) * p);
	double each = 1 / (f->g[a] + f->g[b]);

	f->wins[a] += for_a + (1 - x) - for_b;
	f->wins[b] += for_b + x - for_a;
	f->over[a] += each;
	f->over[b] += each;
	f->right[v->by] += for_a + for_b;
	f->all[v->by]++;
}

static void unpack(struct fit *f, const double *state)
{
	for (uint32_t j = 0; j < f->r->n_items; j++)
		f->g[j] = exp(state[j]);
	for (uint32_t w = 0; w < f->c->n_by; w++)
		f->eta[w] = f->r->trust ? 1 : sigmoid(state[f->r->n_items + w]);
}

/* One step of EM, from a state to the next. */
static void step(struct fit *f, const double *from, double *to)
{
	const struct crowd *c = f->c;
	const struct crowd_rules *r = f->r;

	unpack(f, from);
	for (uint32_t j = 0; j < r->n_items; j++) {
		f->wins[j] = r->dummy;
		f->over[j] = 2 * r->dummy / (f->g[j] + 1);
	}
	memset(f->right, 0, c->n_by * sizeof *f->right);
	memset(f->all, 0, c->n_by * sizeof *f->all);
	for (size_t i = 0; i < c->n; i++) {
		const struct crowd_vote *v = &c->v[i];

		if (r->ends[v->pair][0] != r->ends[v->pair][1])
			count_vote(f, v, r->ends[v->pair][0], r->ends[v->pair][1]);
	}
	for (uint32_t j = 0; j < r->n_items; j++)
		to[j] = log(f->wins[j] / f->over[j]);
	for (uint32_t w = 0; w < c->n_by; w++) {
		double right = f->right[w] + 2 * r->pseudo / 3, wrong = f->all[w] - f->right[w] + r->pseudo / 3;

		to[r->n_items + w] = r->trust || f->all[w] + r->pseudo == 0 ? from[r->n_items + w] :
			fmax(-30, fmin(30, log(right / wrong)));
	}
}

static double objective(struct fit *f, const double *state)
{
	unpack(f, state);
	return crowd_bt_objective(f->c, f->r, state, f->eta, NULL, NULL);
}

/* Two steps of EM, then as far again as they promise (SQUAREM, Varadhan and Roland 2008, scheme S3), unless that
 * is worse. x: the state, and room for four more. The greatest change by one step. */
static double leap(struct fit *f, double *x)
{
	double *one = x + f->n, *two = one + f->n, *far = two + f->n, *next = far + f->n, rr = 0, vv = 0, most = 0, alpha;

	step(f, x, one);
	step(f, one, two);
	for (size_t i = 0; i < f->n; i++) {
		double r = one[i] - x[i], v = two[i] - one[i] - r;

		rr += r * r;
		vv += v * v;
		most = fmax(most, fabs(r));
	}
	alpha = vv > 0 ? -fmax(1, sqrt(rr / vv)) : -1;
	for (size_t i = 0; i < f->n; i++) {
		double r = one[i] - x[i], v = two[i] - one[i] - r;

		far[i] = x[i] - 2 * alpha * r + alpha * alpha * v;
	}
	step(f, far, next);
	memcpy(x, objective(f, next) >= objective(f, two) ? next : two, f->n * sizeof *x);
	return most;
}

void crowd_bradley_terry(struct crowd *c, const struct crowd_rules *r)
{
	const int most = r->max_iterations ? r->max_iterations : 1000;
	struct fit f = { .c = c, .r = r, .n = (size_t)r->n_items + c->n_by };
	double *memory = xcalloc(5 * f.n + 3 * (size_t)r->n_items + 3 * (size_t)c->n_by + 1, sizeof *memory), *x = memory;

	crowd_majority(c);
	f.g = x + 5 * f.n;
	f.wins = f.g + r->n_items;
	f.over = f.wins + r->n_items;
	f.eta = f.over + r->n_items;
	f.right = f.eta + c->n_by;
	f.all = f.right + c->n_by;
	for (uint32_t w = 0; w < c->n_by; w++)
		x[r->n_items + w] = log(0.8 / 0.2);
	c->converged = c->n == 0;
	while (!c->converged && c->iterations < most) {
		c->converged = leap(&f, x) < 1e-8;
		c->iterations++;
	}
	unpack(&f, x);
	c->theta = xcalloc((size_t)r->n_items + 1, sizeof *c->theta);
	c->eta = xcalloc((size_t)c->n_by + 1, sizeof *c->eta);
	memcpy(c->theta, x, r->n_items * sizeof *x);
	memcpy(c->eta, f.eta, c->n_by * sizeof *f.eta);
	for (uint32_t i = 0; i < c->n_pairs; i++) {
		double d = c->theta[r->ends[i][0]] - c->theta[r->ends[i][1]];

		c->q[i][CROWD_A] = sigmoid(d);
		c->q[i][CROWD_B] = sigmoid(-d);
		c->q[i][CROWD_TIE] = 0;
	}
	c->loglik = crowd_bt_objective(c, r, c->theta, c->eta, NULL, NULL);
	free(memory);
}
