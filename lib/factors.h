/* factors - which of two responses is better by factors in order of importance (HERON, Bukharin et al. 2023)
 *
 *	compare(i, j): the first factor in which one exceeds the other by more than that factor's margin decides;
 *	if none does, neither is better
 *
 * A margin is given in the factor's unit, or in standard deviations of the factor over the data (of the sample, n - 1, as
 * in the released code), which must then have been read before. Each factor has its own (in the released code the
 * third and fourth had the second's). With margins the relation is not transitive: of three, each may be
 * better than the next.
 *
 * A factor that one of the two has no value for decides nothing.
 */
#ifndef PREF_FACTORS_H
#define PREF_FACTORS_H

#include "candidates.h"

struct factor {
	const char *name;		/* as given, without what follows it */
	enum candidates_by by;
	char *judge;
	bool lower;			/* lower is better */
	bool in_sd;			/* the margin is in standard deviations */
	double margin, least;		/* as given; in the factor's unit */
	uint64_t n;			/* Welford's mean and sum of squares of the values seen */
	double mean, squares;
};

struct factors {			/* {0} is empty */
	struct factor *v;
	size_t n, room;
	bool in_sd;			/* some margin is: factors_learn() all records first */
};

/* Append "[-]NAME[:MARGIN[sd]]", NAME as for candidates_by(), - : lower is better; what follows the last colon is a margin
 * if it begins like a number. False: *why, static text. */
bool factors_add(struct factors *f, const char *spec, const char **why);
void factors_free(struct factors *f);

/* Count the values of a record's responses, and when all have been: fix the margins. */
void factors_learn(struct factors *f, const struct candidates *c);
void factors_fix(struct factors *f);

struct factored {			/* the responses of one prompt */
	const struct factors *f;
	double *z;			/* [item * f->n + factor]; NaN: absent */
};

/* Take their values; who has none takes no part, who is equal to another neither. */
void factors_read(struct factored *t, const struct factors *f, struct candidates *c);
/* >0: i is better, <0: j, 0: neither. *which: the factor that decided; *gap: its absolute difference. */
int factors_decide(const struct factored *t, size_t i, size_t j, size_t *which, double *gap);
/* For struct pairing: self is a struct factored. */
int factors_compare(const void *self, size_t i, size_t j, double *gap);

#endif
