/* candidates - a record of several responses to one prompt, its pairs and its ranked list as records
 *
 *	{"prompt": P, "responses": [{"text" or "messages": T, "score", "scores": {judge: number}, "rank",
 *	 "tests": {"pass", "of"}, ...}, ...], ...}
 *
 * Of equal responses the first that has a value stands for all; the others take no part. Equal are texts
 * (and what messages carry that is not text), as they are or normalised.
 */
#ifndef PREF_CANDIDATES_H
#define PREF_CANDIDATES_H

#include "attrs.h"
#include "pairing.h"

enum candidates_by {
	BY_FIRST_FOUND,			/* the first of score, value, correct, tests, rank that any of the record has */
	BY_SCORE,
	BY_VALUE,			/* "value": of a step, say */
	BY_CORRECT,			/* 1 of true, 0 of false */
	BY_TESTS,			/* share of tests passed */
	BY_PASS,			/* 1 if all tests were passed, else 0 */
	BY_RANK,			/* lower is better */
	BY_JUDGE			/* scores.NAME */
};

struct candidate {
	struct value whole;		/* the object */
	struct value response;		/* member "text" or "messages" */
	struct span text;		/* decoded */
	struct span value;		/* what decided, as written; p NULL: nothing that is a score */
	struct member *members;		/* of the object, so that it is walked once */
	size_t n_members;
	struct attrs attrs;		/* what is to be written before its members, and instead of those of the same name */
};

struct candidates {
	struct rec *r;
	struct value prompt;		/* kind JSON_NONE: there is none */
	struct candidate *v;
	struct pairing_item *items;	/* value, length in code points, and whether it takes part */
	size_t *first;			/* of each, the first response that is equal to it */
	size_t n, n_equal, n_valueless;	/* all; left out as equal to another, or for want of a value */
	bool as_written;		/* values are the member `score` */
	bool made;			/* responses are not the whole of what their objects say */
	const char *hidden;		/* members of responses that are not for the lines, or NULL */
	bool several;			/* more than one line may be made of the record: its id names none of them */
	struct attrs shared;		/* members for every line, before the record's own; the caller's */
	const char *taken;		/* members of the record that are not for the lines, blank-separated */
};

/* What the word means: "score", "value", "correct", "tests", "pass", "rank", else a judge; NULL: BY_FIRST_FOUND. */
enum candidates_by candidates_by(const char *word);

/* Read member "responses". False, after rec_bad(): it is not a list of responses. */
bool candidates_read(struct candidates *c, struct rec *r, bool normalise);
/* The first half of that: one response object with its members. */
struct candidate candidate_of(struct value object, struct arena *a);
struct value candidate_member(const struct candidate *c, struct span name);	/* kind JSON_NONE if absent */
/* The second half, when c->v[] and c->prompt are there, which need not be in r. */
void candidates_fill(struct candidates *c, struct rec *r, bool normalise);
/* What a response is worth by `by`, and in *written how it is written, if it is. False: it has no such value. */
bool candidate_value(const struct candidate *c, enum candidates_by by, const char *judge, double *x,
	struct value *written);
/* The first of them that any has; BY_SCORE if none has one. */
enum candidates_by candidates_first_found(const struct candidates *c);
/* Give them their values, and leave out who is equal to another. judge: for BY_JUDGE. */
void candidates_value(struct candidates *c, enum candidates_by by, const char *judge);
/* The second half of it, after a caller of its own has set the items' values. */
void candidates_unite(struct candidates *c);
size_t candidates_distinct(const struct candidates *c);

/* {prompt, chosen, rejected, ...} of two of them. more: members that this pair alone has, or NULL. */
struct span candidates_pair(struct candidates *c, const struct pairing_pair *p, const struct attrs *more);
/* {prompt, responses} with those that take part, best first, each with its value as `score`. triple: of them three,
 * as pairing_triple(); p NULL: there are none. */
struct span candidates_list(struct candidates *c, bool triple);

#endif
