/* rivals - the responses that a record holds, read, ranked, paired and written: what pref-pair does with one record
 *
 * A record of candidates is one list of rivals, a tree of steps as many as have two steps or more to go on with.
 */
#ifndef PREF_RIVALS_H
#define PREF_RIVALS_H

#include "contest.h"
#include "factors.h"
#include "levels.h"
#include "steps.h"

struct rivals_rules {
	struct pairing pairing;		/* without compare, self and rng */
	uint64_t seed;			/* of what is random */
	/* Nothing ranks: answers of the first model are paired with those of the second. p NULL: no. Borrowed. */
	struct span versus[2];
	/* What ranks: the first of these that is there, else by and judge. */
	bool comparisons;
	struct factors factors;
	struct levels *levels;
	enum candidates_by by;
	const char *judge;

	struct steps_rules steps;	/* by, judge and normalise are filled in from these rules */
	bool normalise;
	bool lists;			/* write ranked lists, not pairs */
	bool triples;			/* lists of three */
	bool preference, visits;	/* write `preference`: by comparisons or scores, by visits */
	double temperature;
};

struct rival_list {			/* the responses to one prompt */
	struct candidates c;
	struct contest contest;		/* with comparisons */
	struct factored factored;	/* with factors */
	struct pairing_pair *pairs;
	size_t n_pairs;
};

struct rivals {				/* of one record */
	struct rival_list *v;
	size_t n;
	uint64_t n_pairs, n_longer;	/* all; those whose chosen is the longer one */
	const char *drop;		/* n_pairs 0: the reason to drop the record */
};

/* Read the record. NULL: it is a pair already, or bad (after rec_bad()). */
struct rivals *rivals_read(struct rec *r, const struct rivals_rules *rules);
/* Give the responses their values. False, after rec_bad(): comparisons are not what they should be. */
bool rivals_rank(struct rivals *v, const struct rivals_rules *rules);
/* May its pairs take many times the room of the record? Then they are better made when their turn to be written comes. */
bool rivals_many(const struct rivals *v, const struct rivals_rules *rules);
/* Choose the pairs and rec_put() them, or the lists, in place of the record. r: the record, which may have moved. With a
 * balance in the rules only from one thread, in input order. */
void rivals_put(struct rivals *v, const struct rivals_rules *rules, struct rec *r);
/* Add to decided[] how many of the pairs each factor decided. */
void rivals_count(const struct rivals *v, const struct rivals_rules *rules, uint64_t *decided);

#endif
