/* flip.h - which labels are the wrong way round: from margins to a flip rate and probabilities
 *
 * d_i = score of chosen - score of rejected of pair i, by judges that have not learned from it. The noise model
 * is that of Crowd-BT with one annotator (Chen et al. 2013; forward correction, Patrini et al. 2017):
 *
 *	P(label i is as it is) = e + (1 - 2e) sigmoid(a d_i)
 *	P(label i is wrong | d_i) = e sigmoid(-a d_i) / P(label i is as it is)
 *
 * e is the flip rate and a the judges' unit. A pair that is hard to tell has d near 0 and says nothing about e;
 * what tells is how often labels contradict judges that are sure. So where judges are hardly ever sure, many e
 * explain the labels alike: all of them are kept, weighted by their likelihood under a uniform prior on
 * (0, 1/2), and the interval says how wide they lie.
 *
 * Everything is a pure function of the margins.
 */
#ifndef PREF_FLIP_H
#define PREF_FLIP_H

#include "base.h"

/* Mean and population standard deviation over voters: said[i * voters + v] is the margin that voter v gives pair i, NaN
 * for none; of no voter at all the mean is NaN. scaled: of several voters, each first divided by the root mean
 * square of its margins. */
void flip_mean(const double *said, size_t n, size_t voters, bool scaled, double *mean, double *std);

enum { FLIP_RATES = 50 };		/* e = 0.005, 0.015, ... 0.495 */

static inline double flip_rate_at(int k)
{
	return (k + 0.5) / (2 * FLIP_RATES);
}

/* The greatest sum of log P(label i is as it is) over a > 0 at flip rate e, and that a. n > 0. */
double flip_likelihood(const double *d, size_t n, double e, double *a);

/* What is believed of e. */
struct flip_rate {
	double weight[FLIP_RATES];	/* posterior of flip_rate_at(k), sums to 1 */
	double mean, low, high;		/* of e; the 95 % interval between its quantiles */
};
/* From log-likelihoods at n >= 1 knots 0 <= e[0] < e[1] < ..., linear between them and constant beyond. */
void flip_believe(const double *e, const double *loglik, size_t n, struct flip_rate *r);
/* The rate below which a share q of the weight lies. */
double flip_quantile(const struct flip_rate *r, double q);
/* All weight on one known rate: the nearest flip_rate_at(k); mean = low = high = e. */
void flip_believe_one(double e, struct flip_rate *r);

/* p[i] = P(label i is wrong), over the rates believed in, each with its own most likely a. */
void flip_probabilities(const double *d, size_t n, const struct flip_rate *r, double *p);

/* Confident learning (Northcutt, Jiang and Chuang 2021) for pairs, each counted in both orientations, from q_i =
 * P(label i is right). With t = mean q_i labels with q_i >= t are surely right, those with q_i <= 1 - t surely
 * wrong (if t < 1/2: those above and below 1/2). The rate is the share of the second among both. It takes what
 * is hard to tell for noise: too high where judges are unsure, and meaningless at t near 1/2. */
struct flip_confident {
	double threshold, rate;		/* t; rate: NaN if no label is sure */
	size_t right, wrong;
};
struct flip_confident flip_confident(const double *q, size_t n);
/* Is the label of q surely wrong? */
bool flip_is_issue(const struct flip_confident *c, double q);

/* Mirror mixture: d ~ (1-e) N(u, s^2) + e N(-u, s^2) by expectation maximisation from u = mean |d|; p[i] is
 * the posterior that d_i comes from the second. With u < s there is one hump, which no mixture can part. */
struct flip_mixture {
	double rate, u, s;
	int steps;
};
struct flip_mixture flip_mixture(const double *d, size_t n, double *p);

/* The pairs to act on: those with p[i] >= least, but no more than floor(share * n + 1e-9), the most probable
 * first and in input order among equals. chosen[i] is set for each. Returns their number. */
size_t flip_select(const double *p, size_t n, double least, double share, bool *chosen);

#endif
