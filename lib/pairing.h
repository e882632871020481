/* pairing - which of the responses to one prompt make pairs
 *
 * Responses are ranked by their value, equal ones in input order. What is proposed depends on `which`:
 *
 *	best-worst	the first of the best and the last of the worst; where more than one pair is asked for, or
 *			lengths are to be balanced, each of the best with each of the worst; nothing if all have one
 *			value
 *	best-next	the first of the best and the first that is worse (the two best steps of a search: MCTS-DPO, Xie et
 *			al. 2024)
 *	best-random	the first of the best and any that is worse, all with the same chance (CDR, Xu et al. 2024)
 *	all		every two
 *	adjacent	every two neighbours in the ranking
 *
 * Two equal responses make no pair, nor do two whose gap is below min_gap. Of those that are left max are
 * chosen, one after the other: responses not used yet first, then the greater gap, then the farther apart in
 * the ranking. With balance, what decides before the gap is which pair brings the running sum of
 * ln(length of the better / length of the worse) nearest to 0.
 *
 * n is the number of responses of one prompt, P of pairs proposed: O(n^2 + n log n + max * P).
 */
#ifndef PREF_PAIRING_H
#define PREF_PAIRING_H

#include "random.h"

enum pairing_which { PAIRING_BEST_WORST, PAIRING_ALL, PAIRING_ADJACENT, PAIRING_BEST_NEXT, PAIRING_BEST_RANDOM };

struct pairing_item {
	double value;			/* higher is better; finite */
	double length;			/* in any unit, >= 0; for balance only */
	bool valued;			/* false: it takes no part */
};

struct pairing {
	enum pairing_which which;
	double min_gap;			/* 0: any */
	size_t max;			/* 0: all there are */
	bool ties;			/* propose equal ones, too, as ties: for best-worst the ends alone */
	double *balance;		/* NULL, or the running sum, which is read and written */
	struct rng rng;			/* best-random: what it is drawn from */
	/* NULL: the greater value is better and the difference is the gap. Else what decides between i and j: >0 i is
	 * better, <0 j, 0 neither, with *gap >= 0; values only rank. Need not be transitive. */
	int (*compare)(const void *self, size_t i, size_t j, double *gap);
	const void *self;
};

struct pairing_pair {
	size_t better, worse;		/* of a tie: the first and the second in input order */
	double gap;
	bool tie;
};

/* Why there is no pair. */
enum pairing_why { PAIRING_OK, PAIRING_FEW, PAIRING_TIE, PAIRING_GAP };

/* The pairs of n responses, in the order of the ranking; they live in the arena. */
enum pairing_why pairing_of(const struct pairing *p, const struct pairing_item *items, size_t n,
	struct pairing_pair **pairs, size_t *n_pairs, struct arena *a);

/* The valued ones by falling value, equal ones in input order; their number to *n_ranked. */
size_t *pairing_rank(const struct pairing_item *items, size_t n, size_t *n_ranked, struct arena *a);

/* Of a ranking leave the best, the next that is worse and the worst (Triple Preference Optimization, Saeidi et al. 2024).
 * False: there are no three values. */
bool pairing_triple(const struct pairing_item *items, size_t *order, size_t *n);

/* Wins less losses of each item by a comparison: values that rank for it. */
void pairing_values(const struct pairing *p, struct pairing_item *items, size_t n);

#endif
