/* concord.h - how far people who voted agree: Krippendorff's alpha and Cohen's kappa for pairs
 *
 * Votes are A, B or tie (0, 1, 2). Which response of a pair is called A is an accident of how it is written: a
 * file in which "chosen" is what the most wanted has more A than B, and chance would then seem to agree more
 * than it does. So every pair is counted twice, as it is and with A and B exchanged: both figures are those of
 * the data followed by its mirror image, and turning pairs round does not change them.
 */
#ifndef PREF_CONCORD_H
#define PREF_CONCORD_H

#include "base.h"

enum { CONCORD_VALUES = 3 };

/* alpha = 1 - D_o / D_e for nominal values with any number of votes a pair (Krippendorff, Computing
 * Krippendorff's alpha-reliability, 2011): a pair of m votes adds n_c (n_c - 1) / (m - 1) to the observed
 * agreement of value c, pairs of one vote add nothing; D_e = 1 - sum of n_c (n_c - 1) / (n (n - 1)). */
struct alpha {				/* {0} is empty */
	double agree, n, ties;		/* observed agreement; votes that could be compared, ties among them */
};
void alpha_add(struct alpha *a, const double count[CONCORD_VALUES]);	/* the votes on one pair */
double alpha_value(const struct alpha *a);	/* NaN: nothing to compare, or all votes are ties */

/* kappa = (p_o - p_e) / (1 - p_e) of two raters (Cohen 1960). */
struct kappa {				/* {0} is empty */
	double n[CONCORD_VALUES][CONCORD_VALUES];
};
void kappa_add(struct kappa *k, int one, int other);
double kappa_value(const struct kappa *k);	/* NaN: no pairs, or all votes are ties */

#endif
