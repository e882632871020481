/* panel.h - ask all open judges about one record, pair or candidates, and merge what they say into `scores` */
#ifndef PREF_PANEL_H
#define PREF_PANEL_H

#include "judge.h"

struct hearing {
	bool pair;			/* else candidates: {"prompt", "responses": [...]} */
	struct value responses;		/* of candidates: the array */
	size_t rows;			/* 2 for a pair (chosen, rejected); else the number of responses */
	double *score;			/* [seat * rows + row]; NaN: could not be had */
	struct value *scores;		/* merged: of the pair, or of each response; JSON_NONE: none */
	enum verdict verdict;		/* of the first judge that failed, else of the first that gave one */
	const char *why;		/* "label: reason", or NULL */
};

/* What kind of record this is: fills pair, responses and rows, clears the rest. */
void panel_classify(struct rec *r, struct hearing *h);
/* Do any of the judges want panel_ahead()? */
bool panel_has_ahead(const struct panel *p);
/* Let them begin with this record, as the hook `ahead` of run.h says. */
bool panel_ahead(const struct panel *p, struct rec *r, int round);
/* The same for programs that judge only pairs with a side: not those whose verdict is tie, nor equal responses. */
bool panel_ahead_sides(const struct panel *p, struct rec *r, int round);
/* Ask the judges: fills score, verdict and why. False: rec_bad(). A judge that fails is no bad record. */
bool panel_ask(const struct panel *p, struct rec *r, struct hearing *h);
/* Fill scores: what the record has, and h->score under the judges' labels. False: rec_bad(). */
bool panel_merge(const struct panel *p, struct rec *r, struct hearing *h);

/* A number more of each candidate, NaN: none. */
struct panel_extra {
	const char *name;
	double *number;			/* [rows] */
};
/* Write the merged scores of candidates, and the `score` of each, NaN: it has none; and n_extra <= 4 numbers more. */
void panel_put_candidates(struct rec *r, const struct hearing *h, const double *score, const struct panel_extra *extra,
	size_t n_extra);
/* Write `verdict` and `why`. If there is no verdict, what one of these judges complained of in an earlier run goes. */
void panel_put_verdict(const struct panel *p, struct rec *r, const struct hearing *h);

#endif
