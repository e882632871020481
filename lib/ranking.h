/* ranking.h - does a model rank chosen above rejected by likelihood, and could it
 *
 * Chen et al. 2024, "Preference Learning Algorithms Do Not Learn Preference Rankings". lp(y) is the sum of the
 * log-probs of a response's tokens by one model, in nats; nothing is subtracted and nothing divided by length, so
 * that short responses have an easy time of it.
 *
 *	ranking accuracy	share of pairs with lp(chosen) > lp(rejected); closer than 0.01 is a tie, half right
 *	difficulty		c = lp_ref(rejected) - lp_ref(chosen) of the reference model: what training has to overcome
 *	idealised accuracy	the same share for the policy that DPO would reach if it fitted perfectly: with a the
 *				share of raters who prefer chosen, that ranks a pair right if log(a / (1 - a)) / beta > c
 *	loss needed		a DPO-tuned policy ranks a pair right if and only if its loss is at most
 *				-log sigmoid(beta c) (theorem 4.1)
 */
#ifndef PREF_RANKING_H
#define PREF_RANKING_H

#include "metrics.h"

/* a = 1 would make everything possible: 1 - 1e-3 counts instead, as in the paper's code, and 1e-3 for 0. */
double ranking_agreement(double a);
/* Of the log-probs [chosen, rejected] of the reference. */
double ranking_difficulty(const double reference[2]);
bool ranking_ideal(double c, double a, double beta);
double ranking_loss_needed(double c, double beta);

struct ranking {			/* {0} is empty; set beta */
	double beta;
	struct tally reference, policy;
	uint64_t ideal;
	uint64_t moved[2][2];		/* [right by the reference][right by the policy]; pairs that tie are left out */
	uint64_t missing;		/* pairs without the log-probs asked for: the caller's */
	double needed;			/* sum of ranking_loss_needed() */
	double *difficulty;		/* of each pair */
	size_t n, room;
};

/* One pair; a as in ranking_agreement(). policy NULL: there is none. */
void ranking_add(struct ranking *k, const double reference[2], const double *policy, double a);
/* Sort the difficulties: after the last pair, before the two that follow. */
void ranking_close(struct ranking *k);
/* Lines for people, and one JSON object. */
void ranking_table(const struct ranking *k, struct buf *b);
void ranking_json(const struct ranking *k, struct buf *b);
void ranking_free(struct ranking *k);

#endif
