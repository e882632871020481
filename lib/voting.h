/* voting.h - the votes of all records, gathered by pair: which records are of one pair, and who its responses are
 *
 * Two records are of the same pair when their prompt and responses are equal as texts and in what they carry beyond
 * text (pair.h), the responses in either order. Memory: 12 bytes a vote, 8 a record, about 70 a pair,
 * with items 170 more.
 */
#ifndef PREF_VOTING_H
#define PREF_VOTING_H

#include "ballot.h"
#include "crowd.h"
#include "hash.h"

enum { VOTING_NONE = UINT32_MAX };
enum { VOTING_PAIRS_MAX = UINT32_MAX - 1 };

struct voting {				/* {0} is empty */
	bool matches;			/* the caller's: ends and n_items are wanted */
	struct crowd crowd;
	struct span *names;		/* of annotators, by their number */
	uint32_t (*ends)[2];		/* of each pair: the items that its A and B are */
	uint32_t n_items;
	uint64_t *firsts;		/* of each pair: its first record */
	struct voting_link {		/* of each record */
		uint32_t pair;		/* VOTING_NONE: it has no votes */
		bool turned;		/* its chosen is B of the pair */
	} *links;
	size_t n_links;			/* records */
	uint64_t abstained, without;	/* votes that are none; records without votes */

	struct keymap pair_of, by_of, item_of;
	struct arena arena;
	size_t names_room, ends_room, firsts_room, links_room;
};

/* What a record says, to be added in input order; in its arena. */
struct voting_paper {
	struct ballot ballot;
	struct key128 pair;		/* the same for both orders of the responses */
	bool turned;
	struct key128 ends[2];		/* items: chosen, rejected */
};

/* Any thread. items: an item is the text of chosen_ITEMS, rejected_ITEMS; NULL: a response to a prompt. NULL: the record
 * is bad. */
struct voting_paper *voting_read(struct rec *r, const char *items);
/* False: more than VOTING_PAIRS_MAX pairs. */
bool voting_add(struct voting *p, const struct voting_paper *paper);
void voting_free(struct voting *p);

#endif
