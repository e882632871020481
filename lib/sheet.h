/* sheet.h - what tables for people and JSON objects for machines are put together from */
#ifndef PREF_SHEET_H
#define PREF_SHEET_H

#include "base.h"

/* ---- tables ---- */

/* A number in a column, to the right; NaN is a dash. */
void sheet_cell(struct buf *b, int width, int digits, double x);
/* A name in a column of so many characters, to the right if width < 0; what does not fit is cut. */
void sheet_name(struct buf *b, int width, const char *name);

/* ---- JSON ---- */

/* A key and its colon, after a comma unless it is the first of its object. */
void sheet_key(struct buf *b, const char *name);
void sheet_number(struct buf *b, const char *name, double x);	/* not finite: null */
void sheet_count(struct buf *b, const char *name, uint64_t n);

#endif
