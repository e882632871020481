/* stream_array.h - where the elements of a top-level JSON array are; stream.c's own business
 *
 * Only the framing is judged: strings, brackets, commas. What is inside an element is for scan(). The
 * scanner keeps its place between calls, so an array may come in pieces cut anywhere.
 */
#ifndef PREF_STREAM_ARRAY_H
#define PREF_STREAM_ARRAY_H

#include "scan.h"
#include "stream.h"

struct array_scan {			/* {0} before the first byte */
	enum {
		ARRAY_BEFORE, ARRAY_FIRST, ARRAY_VALUE, ARRAY_AFTER, ARRAY_CLOSED,	/* between elements */
		ARRAY_SCALAR, ARRAY_INSIDE, ARRAY_STRING, ARRAY_ESCAPE			/* in one */
	} state;
	size_t from;			/* where the element being read begins in the bytes */
	uint64_t from_line;
	size_t from_col;
	uint64_t line;			/* of the next byte, 1-based once begun */
	int64_t line_at;		/* where that line begins, relative to the bytes: may be negative */
	size_t depth;
	uint64_t is_object[SCAN_DEPTH / 64];	/* bit d: the bracket at depth d is a brace */
	/* After a failure: */
	uint64_t error_line;
	size_t error_col;
};

/* Look at c->bytes from *done on; add whole elements to c->at; *done becomes the bytes' end, or where the
 * last element that c may hold ended. NULL, or what is wrong (static text; error_line, error_col). At most max bytes in an element. */
const char *array_scan(struct array_scan *a, struct chunk *c, size_t *done, size_t max);
/* The input is over: NULL if the array is closed. n: length of the bytes. */
const char *array_scan_end(struct array_scan *a, size_t n);
/* The first n bytes are taken away. */
void array_scan_shift(struct array_scan *a, size_t n);
/* Where the bytes that are still needed begin: n if none. */
size_t array_scan_keep(const struct array_scan *a, size_t n);

#endif
