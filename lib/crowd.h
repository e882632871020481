/* crowd.h - many annotators, one label: majority, Dawid and Skene, Bradley and Terry with annotators
 *
 * A pair has two sides, A and B, and votes on it for A, B or a tie. q[pair][k] is what a method makes of them:
 * the probability that the truth is k. Every method is symmetric: exchanging A and B of a pair, in its votes
 * and in what was shown first, exchanges its q and changes nothing else. One thread; no randomness.
 *
 * Dawid and Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm. An
 * annotator w has a table T_w[k][l] = P(w says l | the truth is k). Starting with q = the shares of votes,
 *
 *	M  T_w[k][l] = sum of q[i][k] over votes l of w, plus prior, at least 1e-10, each row normalised
 *	   prior_k = mean of q[i][k]
 *	E  q[i][k] proportional to prior_k * product of T_w[k][vote] over the votes on i      (by log-sum-exp)
 *
 * until the log-likelihood (with the priors, if any) changes by less than 1e-5, or 100 times. What is special
 * about pairs: where it is known which response was shown first, T is a table of places (first, second, tie)
 * and holds the annotator's position bias; the same votes on the exchanged pair have the same table. Where it
 * is not known, T[A][A] = T[B][B], T[A][B] = T[B][A] and so on. Where no vote is a tie, the truth is none.
 * One-coin: T[k][k] is one number and the rest is shared evenly. Of the solutions that are each other's
 * negative (everybody right, everybody wrong) the start picks the one where the majority is mostly right.
 *
 * Dawid and Skene take votes for independent given the truth; judges that err together make q far too sure. The
 * log-odds of the truth, l = log P(votes | A) - log P(votes | B), has under the model a variance given the
 * truth, and in the data another. dispersion = observed / expected, at least 1, is how many votes count as one;
 * the last E step divides the log of the product by it (as the dispersion of quasi-likelihood: McCullagh and
 * Nelder 1989, 4.5). Which of A and B is better does not change by it, only how sure that is. It is taken at
 * labels that the dependent votes made, and so is rather too small.
 *
 * Crowd-BT (Chen, Bennett, Collins-Thompson, Horvitz 2013, Pairwise ranking aggregation in a crowdsourced
 * setting): items with strengths theta, annotators with reliability eta,
 *
 *	P(w says i is better than j) = eta_w s(D) + (1 - eta_w) s(-D),   D = theta_i - theta_j, s the logistic function
 *
 * fitted to the greatest sum of log P + dummy * (log s(theta_i) + log s(-theta_i)) + prior terms of eta: each item wins
 * and loses `dummy` times against one of strength 0, so that strengths are finite. By EM: the chance that a vote is
 * a true one, eta_w s(D) / P, gives eta_w, and the wins for the MM step of Hunter (2004), MM algorithms for
 * generalized Bradley-Terry models, g = exp(theta): g_i = W_i / sum of n_ij / (g_i + g_j), both extrapolated, until
 * nothing moves by 1e-8. Bradley-Terry is the same with all eta 1. A tie is half a vote for each side. q[i] is s(D), s(-D), 0.
 */
#ifndef PREF_CROWD_H
#define PREF_CROWD_H

#include "base.h"

enum crowd_side { CROWD_A, CROWD_B, CROWD_TIE, CROWD_SIDES };
enum crowd_shown { CROWD_UNKNOWN, CROWD_A_FIRST, CROWD_B_FIRST };

struct crowd_vote {
	uint32_t pair, by;
	uint8_t side, shown;
};

/* T of one annotator: [0] in sides, of votes whose order is not known, [1] in places; [truth][vote]. */
struct crowd_table {
	double t[2][CROWD_SIDES][CROWD_SIDES];
};

struct crowd {				/* {0} is empty; pairs and annotators are numbered from 0 without gaps */
	struct crowd_vote *v;
	size_t n, room;
	uint32_t n_pairs, n_by;
	bool ties;			/* some vote is a tie */

	/* After a method. */
	double (*q)[CROWD_SIDES];	/* [n_pairs] */
	struct crowd_table *tables;	/* [n_by]; Dawid and Skene */
	double prior[CROWD_SIDES];	/* likewise */
	double *theta, *eta;		/* [n_items], [n_by]; Bradley and Terry */
	double loglik, dispersion;	/* loglik: with the priors */
	int iterations;			/* 0: the method has none */
	bool converged;
};

struct crowd_rules {
	bool one_coin;
	bool independent;		/* dispersion is 1 */
	double pseudo;			/* votes that each row of T (eta) is given before the first, 2/3 of them right */
	int max_iterations;		/* 0: 100 (Dawid and Skene), 1000 */

	const uint32_t (*ends)[2];	/* Bradley and Terry: the items that A and B of each pair are */
	uint32_t n_items;
	double dummy;			/* > 0 */
	bool trust;			/* all eta are 1 */
};

void crowd_add(struct crowd *c, uint32_t pair, uint32_t by, enum crowd_side side, enum crowd_shown shown);
void crowd_majority(struct crowd *c);	/* q = shares of votes */
void crowd_dawid_skene(struct crowd *c, const struct crowd_rules *r);
void crowd_bradley_terry(struct crowd *c, const struct crowd_rules *r);
/* The function that crowd_bradley_terry() makes greatest, and its derivatives by theta and eta (either may be NULL). */
double crowd_bt_objective(const struct crowd *c, const struct crowd_rules *r, const double *theta, const double *eta,
	double *by_theta, double *by_eta);

/* P(A is better), a tie counted half; and the most probable truth: a tie unless A or B has more than all others. */
double crowd_preference(const struct crowd *c, uint32_t pair);
enum crowd_side crowd_verdict(const struct crowd *c, uint32_t pair);
/* Indices of votes by pair, in the order of v: those on pair i are [from[i], from[i + 1]). Both to be freed. */
size_t *crowd_by_pair(const struct crowd *c, size_t **from);
void crowd_free(struct crowd *c);

#endif
