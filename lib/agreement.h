/* agreement.h - judges against labels: what pref-eval counts and how it tells it
 *
 * A board is fed pair by pair: board_pair(), then board_say() for each judge. Memory: 16 bytes a
 * pair and judge.
 */
#ifndef PREF_AGREEMENT_H
#define PREF_AGREEMENT_H

#include "hash.h"
#include "metrics.h"
#include "ranking.h"

/* Chosen under half as long as rejected, shorter, same within a tenth, longer, over twice as long. */
enum { BOARD_LENGTHS = 5 };

struct figures {
	double accuracy, low, high;	/* 95 % interval */
	double auc;
	struct calibration c;		/* of a baseline: NaN, its scores are no log-odds */
};

/* Pairs are told apart by a member of theirs, and by who labelled them. */
enum board_by { BOARD_SOURCE, BOARD_ANNOTATOR, BOARD_BYS };

/* What is known of one judge. */
struct juror {
	char *label;
	bool baseline;
	struct tally all, lengths[BOARD_LENGTHS];
	struct tallies {
		struct tally *v;
		size_t n;		/* groups beyond have no pairs */
	} by[BOARD_BYS];
	double *chosen, *rejected;
	size_t n, room, rejected_room;
	uint64_t failed;
	struct figures f;		/* after board_close() */
};

struct board {				/* {0} is empty */
	struct juror *v;
	size_t n, room;
	struct grouping {
		struct group {
			char *name;
			uint64_t pairs;
		} *v;
		size_t n, room;
		struct keymap of;
		size_t at;		/* of the pair at hand */
	} by[BOARD_BYS];
	uint64_t pairs, of_length[BOARD_LENGTHS];
	uint64_t ties, equal;		/* pairs not counted: the caller's */
	struct keymap juror_of;
	size_t length;			/* of the pair at hand */
};

/* Index of the judge of this label, new or known. Baselines are told last. */
size_t board_judge(struct board *b, struct span label, bool baseline);
/* Begin a pair: lengths of chosen and rejected, and where it belongs (empty: nowhere). */
void board_pair(struct board *b, const double chars[2], const struct span by[BOARD_BYS]);
/* Its scores; or NaN and a side, 1 for chosen, -1, 0 for a tie, NaN if the judge failed. */
void board_say(struct board *b, size_t judge, double chosen, double rejected, double side);
/* After the last pair, once: figures and order. */
void board_close(struct board *b);
/* by: what the groups of BOARD_SOURCE are called. */
void board_table(const struct board *b, const char *by, struct buf *out);
/* rankings: a member of the object, or NULL. */
void board_json(const struct board *b, const struct ranking *rankings, struct buf *out);
void board_free(struct board *b);

#endif
