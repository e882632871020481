/* attrs - members that are to be written, and the names they may have in a pair
 *
 * Names are decoded text, values JSON as it is to be written. Everything is borrowed or in the arena given.
 */
#ifndef PREF_ATTRS_H
#define PREF_ATTRS_H

#include "rec.h"

struct attr {
	struct span name, json;
	bool mild;			/* gives way to a member of the record that has this name */
};

struct attrs {				/* {0} is empty */
	struct attr *v;
	size_t n, room;
};

void attrs_add(struct attrs *to, struct span name, struct span json, struct arena *a);
/* What is known of one side of a pair, under the names it has there: score becomes score_SIDE, any other
 * NAME becomes SIDE_NAME. side: "chosen" or "rejected". */
void attrs_add_side(struct attrs *to, const struct attrs *from, const char *side, struct arena *a);
/* One object; of two members of one name the first, and none for those without JSON (p NULL). */
struct span attrs_object(const struct attrs *members, struct arena *a);

/* NAME, or source_NAME if NAME is one of ours that tells of the sides of a pair (margin, verdict, ...): for a member
 * of r that was there before the sides were. */
struct span attrs_foreign(struct rec *r, struct span name);

/* Is word one of the blank-separated words? */
bool word_among(struct span word, const char *words);

/* A number as JSON, in the arena; never -0. */
struct span json_number_in(struct arena *a, double x);

#endif
