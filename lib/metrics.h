/* metrics.h - how well margins agree with labels
 *
 * A margin is score(chosen) - score(rejected): positive is right, 0 is a tie: half right.
 */
#ifndef PREF_METRICS_H
#define PREF_METRICS_H

#include "base.h"

struct tally {
	uint64_t right, wrong, ties;
};

void tally_add(struct tally *t, double margin);
uint64_t tally_count(const struct tally *t);
double tally_accuracy(const struct tally *t);		/* NaN of nothing */
/* 95 % interval by Wilson's score (1927) of right among n, which need not be whole numbers. [0, 1] of
 * nothing. */
void wilson(double right, double n, double *lo, double *hi);
/* The same of the accuracy; a tie counts as half a success. */
void tally_interval(const struct tally *t, double *lo, double *hi);

/* Chance that a value of `pos` taken at random is greater than one of `neg`, equal ones counted
 * half (area under the ROC curve; Mann-Whitney). Sorts both. NaN if either is empty. */
double metric_auc(double *pos, size_t n, double *neg, size_t m);

enum { METRIC_BINS = 10 };
/* ece = sum over bins of (n / all) * |accuracy - confidence| (Guo et al. 2017). */
struct calibration {
	double loss;			/* mean of -log sigmoid(margin) */
	double ece;			/* expected calibration error: see the bins */
	struct calibration_bin {
		uint64_t n;
		double confidence, accuracy;	/* means; NaN in an empty bin */
	} bins[METRIC_BINS];		/* of confidence sigmoid(|margin|), equal widths over [0.5, 1] */
};
void metric_calibration(const double *margins, size_t n, struct calibration *c);

#endif
