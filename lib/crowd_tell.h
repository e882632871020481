/* crowd_tell.h - what a crowd says of its annotators and of how far they agree
 *
 * After a method. An annotator's votes are part of the labels that he is compared with: with few annotators
 * everybody looks better than he is.
 */
#ifndef PREF_CROWD_TELL_H
#define PREF_CROWD_TELL_H

#include "concord.h"
#include "crowd.h"

struct crowd_annotator {
	uint64_t n, ties;		/* votes, those for a tie */
	/* Mean probability that his vote is the truth (by a method without ties, a tie is half of one); 95 % (Wilson). */
	double accuracy, low, high;
	/* (P(votes for the first place | first is better) + P(the same | second is better) - 1) / 2, a tie half a vote
	 * for each: -0.5 .. 0.5, 0 is none. NaN unless votes of known order cover both cases. */
	double bias;
	uint64_t both;			/* pairs that he voted on in both orders, one vote after the other */
	uint64_t same;			/* of them, those with the same vote */
	double kappa, kappa_orders;	/* with the labels; between the orders; NaN: not defined */
	bool contrary;			/* votes for the wrong side more than for the right one: surely (95 %) */
};

/* One for each annotator; to be freed. */
struct crowd_annotator *crowd_annotators(const struct crowd *c);

struct crowd_agreement {
	double alpha;			/* every vote of a pair with every other vote on it; NaN: not defined */
	double kappa;			/* mean over pairs of annotators (Light 1971); NaN: none, or over CROWD_KAPPA_MAX */
};
enum { CROWD_KAPPA_MAX = 256 };
struct crowd_agreement crowd_agreement(const struct crowd *c);

/* Closing line and report: what was voted and how far it agrees; what a method made of it. The object of the second is
 * left open for more members. */
void crowd_put_votes(const struct crowd *c, uint64_t abstained, uint64_t without, struct buf *text, struct buf *json);
void crowd_put_labels(const struct crowd *c, const char *method, double seconds, struct buf *text, struct buf *json);

/* One line of the annotators' file, with its end: {"by":...,"n":...}. What is not defined is left out. */
void crowd_put_annotator(const struct crowd_annotator *a, struct span by, struct buf *out);
/* A table for people, the most reliable first. */
void crowd_put_table(const struct crowd_annotator *v, const struct span *names, size_t n, struct buf *out);

#endif
