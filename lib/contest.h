/* contest - what comparisons of the responses to one prompt say, two by two
 *
 *	"comparisons": [[0, 2, "A"], [2, 0, "B"], [0, 1, "tie"], ...]
 *
 * Two numbers of responses, from 0, in the order in which they were shown, and the verdict: A, the first is better,
 * B, the second, or tie. Any other string, or null, is no judgement.
 *
 * The strength of i over j is the share of the judgements on the two that i won, in both orders, a tie being half a win:
 * P(i is better). The win rate of i is the mean of its strengths over those it was compared with (Swamy et al. 2024);
 * it ranks also where there are cycles. Judgements on equal responses count for the first of them.
 */
#ifndef PREF_CONTEST_H
#define PREF_CONTEST_H

#include "candidates.h"

enum { CONTEST_MOST = 2048 };		/* responses to one prompt: the table is square */

struct contest {
	size_t n;
	struct contest_tally { uint32_t judged, halves; } *tally;	/* [i * n + j]: half wins of i over j */
};

/* Read them, and give the responses their win rates as values; a response that was in no comparison has none. False,
 * after rec_bad(): they are not of this form. A record without the member has no judgements. */
bool contest_read(struct contest *t, struct candidates *c);
/* P(i is better than j), 0.5 if no one compared them. */
double contest_strength(const struct contest *t, size_t i, size_t j);
/* For struct pairing: self is a struct contest, the gap P(i) - P(j). */
int contest_compare(const void *self, size_t i, size_t j, double *gap);

#endif
