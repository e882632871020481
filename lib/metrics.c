/* metrics - how well margins agree with labels */
#include "metrics.h"

#include <stdlib.h>

#include "logistic.h"

void tally_add(struct tally *t, double margin)
{
	t->right += margin > 0;
	t->wrong += margin < 0;
	t->ties += margin == 0;
}

uint64_t tally_count(const struct tally *t)
{
	return t->right + t->wrong + t->ties;
}

double tally_accuracy(const struct tally *t)
{
	return ((double)t->right + 0.5 * (double)t->ties) / (double)tally_count(t);
}

void wilson(double right, double n, double *lo, double *hi)
{
	const double z = 1.959963984540054;	/* 0.975 quantile of the normal distribution */
	double p, mid, half;

	*lo = 0;
	*hi = 1;
	if (n <= 0)
		return;
	p = right / n;
	mid = p + z * z / (2 * n);
	half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
	*lo = fmax(0, (mid - half) / (1 + z * z / n));
	*hi = fmin(1, (mid + half) / (1 + z * z / n));
}

void tally_interval(const struct tally *t, double *lo, double *hi)
{
	wilson((double)t->right + 0.5 * (double)t->ties, (double)tally_count(t), lo, hi);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double metric_auc(double *pos, size_t n, double *neg, size_t m)
{
	double wins = 0;
	size_t below = 0, upto = 0;

	if (n == 0 || m == 0)
		return NAN;
	qsort(pos, n, sizeof *pos, by_size);
	qsort(neg, m, sizeof *neg, by_size);
	for (size_t i = 0; i < n; i++) {
		while (below < m && neg[below] < pos[i])
			below++;
		if (upto < below)
			upto = below;
		while (upto < m && neg[upto] == pos[i])
			upto++;
		wins += (double)below + 0.5 * (double)(upto - below);
	}
	return wins / (double)n / (double)m;
}

void metric_calibration(const double *margins, size_t n, struct calibration *c)
{
	*c = (struct calibration){ .loss = 0 };
	for (size_t i = 0; i < n; i++) {
		double confidence = sigmoid(fabs(margins[i]));
		size_t bin = (size_t)((confidence - 0.5) * 2 * METRIC_BINS);
		struct calibration_bin *b = &c->bins[bin < METRIC_BINS ? bin : METRIC_BINS - 1];

		b->n++;
		b->confidence += confidence;
		b->accuracy += margins[i] > 0 ? 1 : margins[i] == 0 ? 0.5 : 0;
		c->loss += nls(margins[i]) / (double)n;
	}
	if (n == 0)
		c->loss = c->ece = NAN;
	for (size_t k = 0; k < METRIC_BINS; k++) {
		struct calibration_bin *b = &c->bins[k];

		if (b->n)
			c->ece += fabs(b->accuracy - b->confidence) / (double)n;
		b->confidence /= (double)b->n;
		b->accuracy /= (double)b->n;
	}
}
