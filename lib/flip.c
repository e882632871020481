/* flip - which labels are the wrong way round */
#include "flip.h"

#include <math.h>
#include <stdlib.h>

#include "logistic.h"

/* ---- voters ---- */

/* Root mean square of one voter's margins. */
static double unit_of(const double *said, size_t n, size_t voters)
{
	double square = 0;
	size_t has = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(said[i * voters]))
			square += (said[i * voters] * said[i * voters] - square) / (double)++has;
	return square > 0 ? sqrt(square) : 1;
}

void flip_mean(const double *said, size_t n, size_t voters, bool scaled, double *mean, double *std)
{
	double *unit = xreallocarray(NULL, voters + 1, sizeof *unit);

	for (size_t v = 0; v < voters; v++)
		unit[v] = scaled && voters > 1 ? unit_of(said + v, n, voters) : 1;
	for (size_t i = 0; i < n; i++) {
		size_t has = 0;

		mean[i] = std[i] = 0;
		for (size_t v = 0; v < voters; v++) {	/* Welford */
			const double d = said[i * voters + v] / unit[v], off = d - mean[i];

			if (isnan(d))
				continue;
			mean[i] += off / (double)++has;
			std[i] += off * (d - mean[i]);
		}
		mean[i] = has ? mean[i] : NAN;
		std[i] = has ? sqrt(std[i] / (double)has) : NAN;
	}
	free(unit);
}

/* ---- the unit of the margins ---- */

static double log_likelihood(const double *d, size_t n, double e, double a)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += e > 0 ? log(e + (1 - 2 * e) * sigmoid(a * d[i])) : -nls(a * d[i]);
	return sum;
}

double flip_likelihood(const double *d, size_t n, double e, double *a)
{
	static const double golden = 0.61803398874989485;
	double squares = 0, unit, best = -INFINITY, at = 0, lo, hi, x[2], f[2];

	for (size_t i = 0; i < n; i++)
		squares += d[i] * d[i] / (double)n;
	unit = squares > 0 ? sqrt(squares) : 1;
	/* Not always concave in log a: steps of a factor of two find the hill, golden sections its top. */
	for (double l = -6; l <= 5; l += log(2)) {
		double here = log_likelihood(d, n, e, exp(l) / unit);

		if (here > best) {
			best = here;
			at = l;
		}
	}
	lo = at - log(2);
	hi = at + log(2);
	for (int k = 0; k < 2; k++) {
		x[k] = k ? lo + golden * (hi - lo) : hi - golden * (hi - lo);
		f[k] = log_likelihood(d, n, e, exp(x[k]) / unit);
	}
	while (hi - lo > 1e-5) {
		const int worse = f[0] > f[1];

		if (worse) {
			hi = x[1];
			x[1] = x[0];
			f[1] = f[0];
			x[0] = hi - golden * (hi - lo);
			f[0] = log_likelihood(d, n, e, exp(x[0]) / unit);
		} else {
			lo = x[0];
			x[0] = x[1];
			f[0] = f[1];
			x[1] = lo + golden * (hi - lo);
			f[1] = log_likelihood(d, n, e, exp(x[1]) / unit);
		}
	}
	*a = exp((lo + hi) / 2) / unit;
	return log_likelihood(d, n, e, *a);
}

/* ---- the rate ---- */

/* Linear between knots, constant beyond. */
static double between(const double *e, const double *y, size_t n, double x)
{
	size_t i = 0;

	while (i < n && e[i] < x)
		i++;
	if (i == 0)
		return y[0];
	if (i == n)
		return y[n - 1];
	return y[i - 1] + (y[i] - y[i - 1]) * (x - e[i - 1]) / (e[i] - e[i - 1]);
}

/* Each weight is spread evenly over its cell. */
double flip_quantile(const struct flip_rate *r, double q)
{
	double sum = 0;
	int k = 0;

	if (r->low == r->high)		/* known */
		return r->mean;

	while (k < FLIP_RATES - 1 && sum + r->weight[k] < q)
		sum += r->weight[k++];
	return (k + (r->weight[k] > 0 ? fmin(1, (q - sum) / r->weight[k]) : 0)) / (2 * FLIP_RATES);
}

void flip_believe(const double *e, const double *loglik, size_t n, struct flip_rate *r)
{
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, loglik[i]);
	for (int k = 0; k < FLIP_RATES; k++)
		sum += r->weight[k] = exp(between(e, loglik, n, flip_rate_at(k)) - most);
	r->mean = 0;
	for (int k = 0; k < FLIP_RATES; k++) {
		r->weight[k] /= sum;
		r->mean += r->weight[k] * flip_rate_at(k);
	}
	r->low = r->high = NAN;
	r->low = flip_quantile(r, 0.025);
	r->high = flip_quantile(r, 0.975);
}

void flip_believe_one(double e, struct flip_rate *r)
{
	int k = (int)(e * 2 * FLIP_RATES);

	*r = (struct flip_rate){ .mean = e, .low = e, .high = e };
	r->weight[k < FLIP_RATES ? k : FLIP_RATES - 1] = 1;
}

void flip_probabilities(const double *d, size_t n, const struct flip_rate *r, double *p)
{
	memset(p, 0, n * sizeof *p);
	for (int k = 0; k < FLIP_RATES; k++) {
		/* One known rate is taken as it is, not as the middle of its cell. */
		const double e = r->low == r->high ? r->mean : flip_rate_at(k);
		double a;

		if (r->weight[k] < 1e-6)
			continue;
		flip_likelihood(d, n, e, &a);
		for (size_t i = 0; i < n; i++)
			p[i] += r->weight[k] * e * sigmoid(-a * d[i]) / (e + (1 - 2 * e) * sigmoid(a * d[i]));
	}
}

/* ---- confident learning ---- */

bool flip_is_issue(const struct flip_confident *c, double q)
{
	return c->threshold < 0.5 ? q < 0.5 : q <= 1 - c->threshold && q < c->threshold;
}

struct flip_confident flip_confident(const double *q, size_t n)
{
	struct flip_confident c = { 0 };

	for (size_t i = 0; i < n; i++)
		c.threshold += q[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		c.right += q[i] >= fmax(c.threshold, 0.5);
		c.wrong += flip_is_issue(&c, q[i]);
	}
	c.rate = c.right + c.wrong ? (double)c.wrong / (double)(c.right + c.wrong) : NAN;
	return c;
}

/* ---- mirror mixture ---- */

struct flip_mixture flip_mixture(const double *d, size_t n, double *p)
{
	struct flip_mixture m = { 0 };
	double square = 0, floor, variance, before;
	size_t below = 0;

	for (size_t i = 0; i < n; i++) {
		m.u += fabs(d[i]) / (double)n;
		square += d[i] * d[i] / (double)n;
		below += d[i] < 0;
	}
	floor = 1e-6 * square;
	variance = fmax(square - m.u * m.u, floor);
	m.rate = fmin(fmax((double)below / (double)n, 0.01), 0.49);
	do {
		double sum = 0, u = 0;

		before = m.rate;
		for (size_t i = 0; i < n; i++) {
			p[i] = variance > 0 ? sigmoid(log(m.rate) - log1p(-m.rate) - 2 * m.u * d[i] / variance) : m.rate;
			sum += p[i];
			u += (1 - 2 * p[i]) * d[i];
		}
		m.rate = sum / (double)n;
		m.u = u / (double)n;
		variance = fmax(square - m.u * m.u, floor);
	} while (++m.steps < 200 && m.rate > 0 && m.rate < 1 && fabs(m.rate - before) >= 1e-6);
	m.s = sqrt(variance);
	return m;
}

/* ---- which to act on ---- */

struct suspect {
	double p;
	size_t i;
};

static int by_suspicion(const void *a, const void *b)
{
	const struct suspect *x = a, *y = b;

	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

size_t flip_select(const double *p, size_t n, double least, double share, bool *chosen)
{
	const size_t most = (size_t)(share * (double)n + 1e-9);
	struct suspect *v = xreallocarray(NULL, n + 1, sizeof *v);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		v[i] = (struct suspect){ p[i], i };
		chosen[i] = false;
	}
	qsort(v, n, sizeof *v, by_suspicion);
	while (k < n && k < most && v[k].p >= least)
		chosen[v[k++].i] = true;
	free(v);
	return k;
}
