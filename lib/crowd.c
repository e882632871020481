/* crowd - many annotators, one label: votes, majority, Dawid and Skene */
#include "crowd.h"

#include <math.h>
#include <stdlib.h>

enum { IN_SIDES, IN_PLACES };		/* of struct crowd_table */
static const double tiny = 1e-10;	/* no sum of votes is less */

void crowd_add(struct crowd *c, uint32_t pair, uint32_t by, enum crowd_side side, enum crowd_shown shown)
{
	GROW(c->v, c->n, c->room);
	c->v[c->n++] = (struct crowd_vote){ pair, by, (uint8_t)side, (uint8_t)shown };
	c->n_pairs = pair >= c->n_pairs ? pair + 1 : c->n_pairs;
	c->n_by = by >= c->n_by ? by + 1 : c->n_by;
	c->ties |= side == CROWD_TIE;
}

double crowd_preference(const struct crowd *c, uint32_t pair)
{
	return c->q[pair][CROWD_A] + c->q[pair][CROWD_TIE] / 2;
}

enum crowd_side crowd_verdict(const struct crowd *c, uint32_t pair)
{
	const double *q = c->q[pair], least = 1e-9;	/* what rounding can make of equal ones */

	for (int k = CROWD_A; k <= CROWD_B; k++)
		if (q[k] - q[1 - k] > least && q[k] - q[CROWD_TIE] > least)
			return (enum crowd_side)k;
	return CROWD_TIE;
}

size_t *crowd_by_pair(const struct crowd *c, size_t **from)
{
	size_t *order = xmalloc((c->n + 1) * sizeof *order), *at = xcalloc((size_t)c->n_pairs + 2, sizeof *at);

	for (size_t i = 0; i < c->n; i++)
		at[c->v[i].pair + 2]++;
	for (uint32_t i = 2; i < c->n_pairs + 2; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < c->n; i++)
		order[at[c->v[i].pair + 1]++] = i;
	*from = at;
	return order;
}

static void forget(struct crowd *c)
{
	free(c->q);
	free(c->tables);
	free(c->theta);
	free(c->eta);
	c->q = NULL;
	c->tables = NULL;
	c->theta = c->eta = NULL;
	c->loglik = 0;
	c->dispersion = 1;
	c->iterations = 0;
	c->converged = true;
}

void crowd_free(struct crowd *c)
{
	forget(c);
	free(c->v);
	*c = (struct crowd){ 0 };
}

void crowd_majority(struct crowd *c)
{
	forget(c);
	c->q = xcalloc(c->n_pairs + 1, sizeof *c->q);
	for (size_t i = 0; i < c->n; i++)
		c->q[c->v[i].pair][c->v[i].side]++;
	for (uint32_t i = 0; i < c->n_pairs; i++) {
		double *q = c->q[i], n = q[CROWD_A] + q[CROWD_B] + q[CROWD_TIE];

		for (int k = 0; k < CROWD_SIDES; k++)
			q[k] /= n;
	}
}

/* ---- Dawid and Skene ---- */

/* A side in terms of places, and back: where B was shown first, it is the first. */
static int place(int side, int shown)
{
	return shown == CROWD_B_FIRST && side != CROWD_TIE ? 1 - side : side;
}

static bool in_places(const struct crowd_vote *v)
{
	return v->shown != CROWD_UNKNOWN;
}

/* What a row of T is given before the first vote. */
static double pseudo_votes(const struct crowd_rules *r, int n_sides, int truth, int vote)
{
	return r->pseudo * (truth == vote ? 2. / 3 : 1. / 3 / (n_sides - 1));
}

/* Counts as they would be if every pair had been seen exchanged, too. */
static void mirror(double t[CROWD_SIDES][CROWD_SIDES])
{
	double right = t[CROWD_A][CROWD_A] + t[CROWD_B][CROWD_B], wrong = t[CROWD_A][CROWD_B] + t[CROWD_B][CROWD_A];
	double tie = t[CROWD_A][CROWD_TIE] + t[CROWD_B][CROWD_TIE];
	double side = t[CROWD_TIE][CROWD_A] + t[CROWD_TIE][CROWD_B];

	t[CROWD_TIE][CROWD_TIE] *= 2;
	for (int k = CROWD_A; k <= CROWD_B; k++) {
		t[k][k] = right;
		t[k][1 - k] = wrong;
		t[k][CROWD_TIE] = tie;
		t[CROWD_TIE][k] = side;
	}
}

static void one_coin(double t[CROWD_SIDES][CROWD_SIDES], int n_sides)
{
	double right = 0, all = 0;

	for (int k = 0; k < n_sides; k++) {
		right += t[k][k];
		for (int l = 0; l < n_sides; l++)
			all += t[k][l];
	}
	for (int k = 0; k < n_sides; k++)
		for (int l = 0; l < n_sides; l++)
			t[k][l] = k == l ? right : (all - right) / (n_sides - 1);
}

static void normalise(double t[CROWD_SIDES][CROWD_SIDES], int n_sides)
{
	for (int k = 0; k < n_sides; k++) {
		double sum = 0;

		for (int l = 0; l < n_sides; l++)
			sum += t[k][l] = fmax(t[k][l], tiny);
		for (int l = 0; l < n_sides; l++)
			t[k][l] /= sum;
	}
}

static void maximise(struct crowd *c, const struct crowd_rules *r, int n_sides)
{
	double ties = 0;

	memset(c->tables, 0, c->n_by * sizeof *c->tables);
	for (size_t i = 0; i < c->n; i++) {
		const struct crowd_vote *v = &c->v[i];
		double (*t)[CROWD_SIDES] = c->tables[v->by].t[in_places(v)];
		int said = place(v->side, v->shown);

		for (int k = 0; k < n_sides; k++)
			t[place(k, v->shown)][said] += c->q[v->pair][k];
	}
	for (uint32_t w = 0; w < c->n_by; w++) {
		for (int kind = IN_SIDES; kind <= IN_PLACES; kind++) {
			double (*t)[CROWD_SIDES] = c->tables[w].t[kind];

			for (int k = 0; k < n_sides; k++)
				for (int l = 0; l < n_sides; l++)
					t[k][l] += pseudo_votes(r, n_sides, k, l);
			if (kind == IN_SIDES)
				mirror(t);
			if (r->one_coin)
				one_coin(t, n_sides);
			normalise(t, n_sides);
		}
	}
	for (uint32_t i = 0; i < c->n_pairs; i++)
		ties += c->q[i][CROWD_TIE];
	c->prior[CROWD_TIE] = n_sides < CROWD_SIDES ? 0 :
		fmax((ties + r->pseudo / 3) / (c->n_pairs + r->pseudo), tiny);
	c->prior[CROWD_A] = c->prior[CROWD_B] = (1 - c->prior[CROWD_TIE]) / 2;
}

static struct crowd_table *logs_of(const struct crowd *c, int n_sides)
{
	struct crowd_table *logs = xcalloc(c->n_by + 1, sizeof *logs);

	for (uint32_t w = 0; w < c->n_by; w++)
		for (int kind = IN_SIDES; kind <= IN_PLACES; kind++)
			for (int k = 0; k < n_sides; k++)
				for (int l = 0; l < n_sides; l++)
					logs[w].t[kind][k][l] = log(c->tables[w].t[kind][k][l]);
	return logs;
}

/* Log-density of the priors of T, up to a constant. */
static double log_prior(const struct crowd *c, const struct crowd_rules *r, const struct crowd_table *logs, int n_sides)
{
	double sum = 0;

	if (r->pseudo == 0)
		return 0;
	for (uint32_t w = 0; w < c->n_by; w++)
		for (int kind = IN_SIDES; kind <= IN_PLACES; kind++)
			for (int k = 0; k < n_sides; k++)
				for (int l = 0; l < n_sides; l++)
					sum += pseudo_votes(r, n_sides, k, l) * logs[w].t[kind][k][l];
	for (int k = 0; k < n_sides; k++)
		sum += r->pseudo / 3 * log(c->prior[k]);
	return sum;
}

/* q from T; the log-likelihood. The log of the product is divided by c->dispersion. */
static double expect(struct crowd *c, const struct crowd_rules *r, int n_sides)
{
	struct crowd_table *logs = logs_of(c, n_sides);
	double sum = log_prior(c, r, logs, n_sides), first[CROWD_SIDES];

	for (int k = 0; k < n_sides; k++)
		first[k] = log(c->prior[k]);
	memset(c->q, 0, c->n_pairs * sizeof *c->q);
	for (size_t i = 0; i < c->n; i++) {
		const struct crowd_vote *v = &c->v[i];
		const double (*t)[CROWD_SIDES] = logs[v->by].t[in_places(v)];
		int said = place(v->side, v->shown);

		for (int k = 0; k < n_sides; k++)
			c->q[v->pair][k] += t[place(k, v->shown)][said];
	}
	for (uint32_t i = 0; i < c->n_pairs; i++) {
		double *q = c->q[i], most = -INFINITY, all = 0;

		for (int k = 0; k < n_sides; k++) {
			q[k] = first[k] + q[k] / c->dispersion;
			most = fmax(most, q[k]);
		}
		for (int k = 0; k < n_sides; k++)
			all += q[k] = exp(q[k] - most);
		for (int k = 0; k < n_sides; k++)
			q[k] /= all;
		sum += most + log(all);
	}
	free(logs);
	return sum;
}

/* ---- dispersion ---- */

/* Log-odds of A in the votes on a pair, and their mean and variance given A and given B by the tables. */
struct evidence {
	double seen, mean[2], variance[2];
};

static void add_evidence(struct evidence *e, const double t[CROWD_SIDES][CROWD_SIDES], const struct crowd_vote *v,
	int n_sides)
{
	const double *given[2] = { t[place(CROWD_A, v->shown)], t[place(CROWD_B, v->shown)] };
	double odds[CROWD_SIDES];

	for (int l = 0; l < n_sides; l++)
		odds[l] = log(given[0][l] / given[1][l]);
	e->seen += odds[place(v->side, v->shown)];
	for (int k = 0; k < 2; k++) {
		double mean = 0, square = 0;

		for (int l = 0; l < n_sides; l++) {
			mean += given[k][l] * odds[l];
			square += given[k][l] * odds[l] * odds[l];
		}
		e->mean[k] += mean;
		e->variance[k] += square - mean * mean;
	}
}

static double dispersion_of(const struct crowd *c, int n_sides)
{
	struct evidence *e = xcalloc(c->n_pairs + 1, sizeof *e);
	double seen = 0, expected = 0;

	for (size_t i = 0; i < c->n; i++)
		add_evidence(&e[c->v[i].pair], c->tables[c->v[i].by].t[in_places(&c->v[i])], &c->v[i], n_sides);
	for (uint32_t i = 0; i < c->n_pairs; i++) {
		for (int k = 0; k < 2; k++) {
			double off = e[i].seen - e[i].mean[k];

			seen += c->q[i][k] * off * off;
			expected += c->q[i][k] * e[i].variance[k];
		}
	}
	free(e);
	return expected > 0 && seen > expected ? seen / expected : 1;
}

void crowd_dawid_skene(struct crowd *c, const struct crowd_rules *r)
{
	const int n_sides = c->ties ? CROWD_SIDES : CROWD_TIE, most = r->max_iterations ? r->max_iterations : 100;
	double before = -INFINITY;

	crowd_majority(c);
	c->tables = xcalloc(c->n_by + 1, sizeof *c->tables);
	c->converged = c->n == 0;
	while (!c->converged && c->iterations < most) {
		maximise(c, r, n_sides);
		c->loglik = expect(c, r, n_sides);
		c->iterations++;
		c->converged = fabs(c->loglik - before) < 1e-5;
		before = c->loglik;
	}
	if (r->independent || c->n == 0)
		return;
	c->dispersion = dispersion_of(c, n_sides);
	if (c->dispersion > 1)
		expect(c, r, n_sides);
}
