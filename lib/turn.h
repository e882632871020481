/* turn.h - exchange chosen and rejected of a record, and all that is said of them
 *
 *	chosen, rejected		change places, with every score_chosen, score_rejected (a member alone
 *					gets the other name) and chosen_model, rejected_model: any NAME
 *	margin, difficulty		change sign
 *	preference, flip		become 1 - x
 *	verdict				A becomes B, B becomes A
 *	chosen_position			1 becomes 2, 2 becomes 1
 *	scores				each [chosen, rejected] is turned round
 *	votes				each vote as in lib/ballot.h
 *	rationale			explains another choice now: renamed source_rationale; rationale_prompt is removed
 *	mask				of what counts on each side: removed
 *	swapped				set; removed if it was true, for then the record is as its source had it
 *
 * Turning twice gives the values of the first record, but for rationale, mask and the last digits of 1 - x. A member
 * whose value is of another kind than the names above have is left as it is.
 */
#ifndef PREF_TURN_H
#define PREF_TURN_H

#include "rec.h"

void turn(struct rec *r);

#endif
