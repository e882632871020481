/* agreement.h - judges against labels: what pref-eval counts and how it tells it
 *
 * A board is fed pair by pair: board_pair(), board_side() for each annotator whose side on it is known, then
 * board_say() for each judge. Memory: 16 bytes a pair and judge.
 */
#ifndef PREF_AGREEMENT_H
#define PREF_AGREEMENT_H

#include "breakdown.h"

/* Chosen under half as long as rejected, shorter, same within a tenth, longer, over twice as long. */
enum { BOARD_LENGTHS = 5 };
/* What pairs are grouped by. Of an annotator's group are those on which he took a side. */
enum { BOARD_SOURCE, BOARD_ANNOTATOR, BOARD_WAYS };

struct figures {
	double accuracy, low, high;	/* 95 % interval */
	double auc;
	struct calibration c;		/* of a baseline: NaN, its scores are no log-odds */
};

/* What is known of one judge. */
struct juror {
	char *label;
	bool baseline;
	struct tally all, lengths[BOARD_LENGTHS];
	struct breakdown_tallies by[BOARD_WAYS];
	double *chosen, *rejected;
	size_t n, room, rejected_room;
	uint64_t failed;
	struct figures f;		/* after board_close() */
};

struct board {				/* {0} is empty */
	struct juror *v;
	size_t n, room;
	struct breakdown by[BOARD_WAYS];
	uint64_t pairs, of_length[BOARD_LENGTHS];
	uint64_t ties, equal;		/* pairs not counted: the caller's */
	struct keymap juror_of;

	size_t length, source;		/* of the pair at hand */
	struct board_side {
		size_t annotator;
		int side;
	} *sides;
	size_t n_sides, sides_room;
};

/* Index of the judge of this label, new or known. Baselines are told last. */
size_t board_judge(struct board *b, struct span label, bool baseline);
/* Begin a pair: lengths of chosen and rejected, source (empty: none). */
void board_pair(struct board *b, const double chars[2], struct span source);
/* An annotator, named once a pair, says of it: 1, chosen is better, or -1, rejected is. A judge is right by him when
 * it says so, too, whatever the label is. */
void board_side(struct board *b, struct span annotator, int side);
/* Its scores; or NaN and a side, 1 for chosen, -1, 0 for a tie, NaN if the judge failed. */
void board_say(struct board *b, size_t judge, double chosen, double rejected, double side);
/* After the last pair, once: figures and order. */
void board_close(struct board *b);
/* by: what sources are called. */
void board_table(const struct board *b, const char *by, struct buf *out);
/* Members "pairs" to "judges" of an object that the caller opens and closes. */
void board_json(const struct board *b, struct buf *out);
void board_free(struct board *b);

#endif
