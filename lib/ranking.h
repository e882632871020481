/* ranking.h - does a language model rank chosen above rejected, could it after training, and what would that take
 *
 * Chen et al. 2024, "Preference Learning Algorithms Do Not Learn Preference Rankings". Of a pair, with lp the summed
 * log-probability (nats) of a response given its prompt:
 *
 *	right		lp(chosen) >= lp(rejected), of one model and not of a ratio of two
 *	difficulty	c = lp_reference(rejected) - lp_reference(chosen)
 *	idealised	log(share / (1 - share)) / beta > c: the policy that DPO and RLHF aim at, pi proportional to
 *			pi_reference * (odds of the raters)^(1/beta), ranks the pair right (share: of the raters who
 *			prefer chosen)
 *	loss needed	-log sigmoid(beta * c): a policy ranks the pair right exactly if its DPO loss on it is not
 *			above this (Theorem 4.1)
 *	reward		r(y) = beta * (lp_policy(y) - lp_reference(y)), the implicit reward of DPO (Rafailov et al. 2023, eq. 5)
 */
#ifndef PREF_RANKING_H
#define PREF_RANKING_H

#include "metrics.h"
#include "rec.h"

/* Where a record does not tell the share; shares are held within LIMIT of 0 and 1, so that all raters agreeing is
 * no infinite wish. Both as in the paper and its code. */
#define RANKING_SHARE 0.75
#define RANKING_SHARE_LIMIT 1e-3
/* A difference below this is a tie. It counts as its sign says; how many there were is told. */
#define RANKING_TIE 0.01

struct ranking_pair {
	bool has_reference, has_policy, has_tokens, has_share;
	double reference[2], policy[2];		/* lp of chosen, of rejected */
	double tokens[2];			/* of the responses */
	double share;
};

enum ranking_row { RANKING_REFERENCE, RANKING_POLICY, RANKING_IDEAL, RANKING_REFERENCE_TOKEN, RANKING_POLICY_TOKEN,
	RANKING_ROWS };

struct ranking {			/* {0} but for beta and the names is empty */
	double beta;
	const char *reference, *policy;	/* their labels in "scores"; policy NULL: none */

	uint64_t shares;		/* pairs that told the share */
	struct ranking_count {
		uint64_t pairs, right, ties, missing;	/* missing: pairs that could not be measured */
	} rows[RANKING_ROWS];
	uint64_t moved[2][2];		/* pairs with both models: [reference is right][policy is right] */
	struct ranking_reward {		/* of pairs with both models */
		struct tally right;	/* r(chosen) > r(rejected); equal ones are half right */
		double margin;		/* sum of r(chosen) - r(rejected) */
		double *v[2];		/* r of chosen, of rejected */
		size_t n, room[2];
		double auc;		/* after ranking_close() */
	} reward;
	double loss;			/* sum of the losses needed */
	double *difficulty;
	size_t n, room;
};

double ranking_difficulty(const double reference[2]);
bool ranking_ideal(double difficulty, double share, double beta);
double ranking_loss_needed(double difficulty, double beta);

/* What a record says: scores.REFERENCE and scores.POLICY = [chosen, rejected], "preference" (the share), and numbers
 * chosen_tokens, rejected_tokens. What is absent or of another form is not there. False: rec_bad() has been called, for
 * log-probabilities above 0 and a share that is no number from 0 to 1. */
bool ranking_read(const struct ranking *k, struct rec *r, struct ranking_pair *p);

void ranking_add(struct ranking *k, const struct ranking_pair *p);
/* After the last pair, once. */
void ranking_close(struct ranking *k);
/* The least difficulty that at least q of the pairs do not exceed, 0 < q <= 1. After ranking_close(); NaN of none. */
double ranking_quantile(const struct ranking *k, double q);
void ranking_table(const struct ranking *k, struct buf *out);
void ranking_json(const struct ranking *k, struct buf *out);	/* one object */
void ranking_free(struct ranking *k);

#endif
