/* http_request.h - the bodies of requests
 *
 * Judged text stands between two lines that it cannot forge: <prompt-BOUNDARY> and </prompt-BOUNDARY>, BOUNDARY being
 * 16 hex digits that no text of the request contains. They follow from those texts alone, so that the same question
 * makes the same bytes in every run.
 */
#ifndef PREF_HTTP_REQUEST_H
#define PREF_HTTP_REQUEST_H

#include "http_form.h"
#include "pair.h"

struct question {
	struct span text[FIELDS_OF_TEXT];	/* p NULL: there is none, which reads as empty */
	struct span sentence;			/* inside text[FIELD_RESPONSE]: it alone is asked about; p NULL: all is */
	const char *item;			/* the aspect or rule */
	const char *better;			/* "A" or "B", for {better}; else NULL */
	long vote;				/* from 0 */
	bool own;				/* for the judge's own answer */
};

/* Append the body. r: whose prompt may be messages; scratch in its arena. */
void request_put(const struct form *f, struct rec *r, const struct question *q, struct buf *body);
/* The text of a passage, its fields filled in, appended. boundary: of the question's texts. */
void request_passage(const struct form *f, const struct question *q, const struct passage *p, const char *boundary, struct buf *b);
/* 16 hex digits that are in none of the texts. */
void request_boundary(const struct span *texts, size_t n, char hex[17]);

#endif
