/* bias.h - what judges prefer beside the better response: a place, the longer response, their own
 *
 * A voice is a judge or an annotator. Each share stands beside the share in which the labels of the same pairs do so:
 * the longer response may well be the better one.
 */
#ifndef PREF_BIAS_H
#define PREF_BIAS_H

#include "concord.h"
#include "hash.h"
#include "metrics.h"

/* Sides are of the pair: A is chosen, B is rejected (as in ballot.h). */
struct bias_voice {
	char *name;
	struct kappa orders;		/* votes on one pair: [shown with chosen first][shown with rejected first] */
	struct tally longer, label_longer;	/* pairs of unlike length: right if the longer response is preferred */
	struct tally own, label_own;	/* pairs with one response of its own: right if that is preferred */
};

struct bias {				/* {0} is empty */
	struct bias_voice *v;		/* in the order they were met */
	size_t n, room;
	struct keymap at;
};

/* The pair at hand: lengths of chosen and rejected, and the models that wrote them (empty: not known). */
struct bias_pair {
	double chars[2];
	struct span models[2];
};

/* It prefers chosen (margin > 0), rejected (< 0) or neither (0: half of each). */
void bias_say(struct bias *b, struct span name, const struct bias_pair *p, double margin);
/* It voted on the pair when chosen was shown first and when rejected was: 0 for chosen, 1, 2 for a tie. */
void bias_orders(struct bias *b, struct span name, int chosen_first, int rejected_first);

/* A voice is a model if it bears its name, case (ASCII) aside, alone or before one of "/:@ (": "GPT-4/CoT" is gpt-4. */
bool bias_is_own(struct span voice, struct span model);

/* Share of votes for the place shown first, over pairs asked in both orders; a tie is half a vote. 0.5 is no bias.
 * NaN: no such pairs. */
double bias_first(const struct bias_voice *v);
double bias_same(const struct bias_voice *v);		/* share of such pairs with the same vote in both orders */
uint64_t bias_both(const struct bias_voice *v);		/* number of such pairs */

void bias_table(const struct bias *b, struct buf *out);
void bias_json(const struct bias *b, struct buf *out);	/* the member "bias" of an open object, by name */
void bias_free(struct bias *b);

#endif
