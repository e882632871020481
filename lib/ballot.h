/* ballot.h - the votes that a record carries on which of its responses is better
 *
 *	"votes": {"ann": "A", "bob": "tie", "judge": ["A", "B"], "other": [null, "B"]}
 *
 * A: chosen is better, B: rejected, "tie": neither; in terms of the response, never of the place. An array holds
 * two votes, the first given when chosen was shown before rejected, the second when rejected was shown first. A
 * vote alone was given in the order that the member "chosen_position" tells (1: chosen was shown first, 2:
 * rejected), else in an order that is not known. null, "invalid", "refused" and "error" are no vote.
 *
 * A record without "votes" and with "annotator" is that annotator's vote: for "verdict" A, B or tie, and for
 * chosen if there is no verdict.
 */
#ifndef PREF_BALLOT_H
#define PREF_BALLOT_H

#include "rec.h"

enum ballot_side { BALLOT_CHOSEN, BALLOT_REJECTED, BALLOT_TIE };
enum ballot_shown { BALLOT_UNKNOWN, BALLOT_CHOSEN_FIRST, BALLOT_REJECTED_FIRST };

struct ballot_vote {
	struct span by;
	uint8_t side, shown;		/* enums above */
};

struct ballot {
	struct ballot_vote *v;		/* in the record's arena */
	size_t n;
	size_t abstained;		/* votes that are none */
};

/* False: rec_bad() has been called. A record with neither member has no votes. */
bool ballot_read(struct rec *r, struct ballot *b);

/* Append the object. Two votes of one annotator that cannot stand in one member get members of their own, "by~2" ... */
void ballot_put(struct buf *out, const struct ballot_vote *v, size_t n);

/* Who took which side: one vote of each annotator, in the order they stand in. Two votes for one side are one; votes
 * of one annotator that differ (a tie among them) are none, nor is a tie alone. A record without "votes" is the vote
 * for chosen of the annotator that its member "annotator" names, whatever its verdict. field: not NULL: "votes" are
 * not looked at and this is the member. False: rec_bad() has been called. */
bool ballot_sides(struct rec *r, const char *field, struct ballot *b);

/* The same vote when chosen and rejected are exchanged. */
struct ballot_vote ballot_turned(struct ballot_vote v);

#endif
