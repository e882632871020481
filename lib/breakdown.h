/* breakdown.h - the accuracy of judges within groups of pairs: those of a source, those of an annotator
 *
 * The groups are the same for all judges; each judge has tallies of its own by them.
 */
#ifndef PREF_BREAKDOWN_H
#define PREF_BREAKDOWN_H

#include "hash.h"
#include "metrics.h"

struct breakdown {			/* {0} is empty */
	struct breakdown_group {
		char *name;
		uint64_t pairs;
	} *v;				/* in the order they were met */
	size_t n, room;
	struct keymap at;
};

struct breakdown_tallies {		/* {0} is empty; v is to be freed */
	struct tally *v;
	size_t n;			/* groups beyond have no pairs */
};

/* One more pair of the group of this name, new or known: its index. */
size_t breakdown_pair(struct breakdown *b, struct span name);
void breakdown_add(struct breakdown_tallies *t, size_t group, double margin);
struct tally breakdown_tally(const struct breakdown_tallies *t, size_t group);
/* Indexes of the groups, that with most pairs first, equal ones in the order they were met. To be freed. */
size_t *breakdown_order(const struct breakdown *b);
void breakdown_free(struct breakdown *b);

#endif
