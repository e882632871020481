/* pair.h - a record seen as a preference pair or as candidates: prompt and responses as texts
 *
 * A member may be a string or an array of messages ({"role","content"}; content a string, or an array of
 * {"type":"text","text"} parts). The text of messages is their contents in order, joined by "\n\n"; the
 * prompt's text keeps who speaks ("role: content"), a response's does not. What else messages carry, such as
 * tool calls and images, is in no text: programs that ask whether two members are the same ask
 * pair_beyond(), too.
 */
#ifndef PREF_PAIR_H
#define PREF_PAIR_H

#include "rec.h"

struct pair {
	struct span prompt, chosen, rejected;	/* decoded texts; p NULL when absent or of another type */
	bool only_text;			/* pair_beyond() of each is nothing; false: not known, ask it */
};

/* Fill p from r; borrowed until r is settled. False: chosen or rejected is missing or is neither a string
 * nor messages; *what names the member. The prompt may be absent (p NULL). */
bool pair_of(struct rec *r, struct pair *p, const char **what);
/* The same, and rec_bad() with the reason when there is no pair. */
bool pair_need(struct rec *r, struct pair *p);

/* Text of one member value: see above. with_roles as for the prompt. p NULL if it is neither form. */
struct span pair_text(struct value v, bool with_roles, struct arena *a);

/* What the messages of a member value (or one message) carry that is not text, as written: content parts
 * other than plain {"type":"text","text"}, and message members other than role and content, each with its
 * message's number. What is null, "", [] or {} carries nothing. n 0: nothing, as for a string. In the arena. */
struct span pair_beyond(struct value v, struct arena *a);

/* The first thing the user said: the first user message, the first Human turn of a transcript, else the
 * whole prompt. */
struct span pair_first_turn(struct rec *r, const struct pair *p);
/* What that turn carries that is not text: as pair_beyond(). */
struct span pair_first_turn_beyond(struct rec *r);

/* A hash of what keeps a pair on one side of every split: the member `by`, or if that is NULL the first turn, or
 * without a prompt the responses. False, after rec_bad(): there is no such member. */
bool pair_group(struct rec *r, const struct pair *p, const char *by, uint64_t *group);

/* Which response is shown first where only one order is: true, rejected. By the hash of the texts, so that it does not
 * depend on which one is called chosen. */
bool pair_turned(const struct pair *p);

/* The record's id: the text of member "id" (a string or an integer as written), else the XXH3-128 of
 * prompt, chosen and rejected (and of what they carry that is not text, if they do) in hex. */
struct span pair_id(struct rec *r, const struct pair *p);

#endif
