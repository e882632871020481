/* rec.h - one record: a line of JSON we look through, never rebuild
 *
 * Three laws:
 *   1. A record nobody edits is written byte for byte as it was read.
 *   2. rec_set() changes the bytes of that member and of no other; a new member goes before the
 *      closing brace.
 *   3. What a rec_ function returns is borrowed and lives until the record is settled. Copy what
 *      you keep.
 *
 * (An element of a top-level JSON array that spans several lines is written on one: each line end
 * and the blanks after it are left out. They are never inside a string.)
 *
 * A field is named by a path: a top-level member of exactly that name first, else steps "a.b",
 * "a[0]", "a[0].b" from the top-level member `a`.
 */
#ifndef PREF_REC_H
#define PREF_REC_H

#include "scan.h"

struct rec {
	struct where at;		/* line is known in settle() and emit(); in look() use rec_bad(), rec_warn() */
	uint64_t n;			/* ordinal among the records that reach settle(), from 0; settle() and emit() only */
	struct span raw;		/* the bytes as read, no line end */
	struct scan_index ix;		/* members; the values of edited ones are the new values */
	struct arena *arena;		/* for what must live until the record is settled */

	/* Left by look() for settle(); look() of the same record is the only writer. */
	uint64_t key[2];
	double num[4];
	void *data;

	int out;			/* which output: -1 (default) is the program's, else from run_output() */

	/* Below: the runner's and rec.c's business. */
	const char *dropped;		/* reason, static text; NULL = kept */
	struct rec_note *notes;		/* details of the drop, and messages waiting for settle */
	struct rec_edit *edits;		/* set, removed and added members, by position */
	struct rec_line *lines, *last;	/* whole lines put in place of this record */
	bool bad, folded;		/* folded: raw spans several lines */
};

/* ---- reading ---- */

struct value rec_get(struct rec *r, const char *path);		/* kind JSON_NONE when absent */
struct span rec_raw(struct rec *r, const char *path);		/* as written: 1.10 stays 1.10; absent: p NULL */
struct span rec_text(struct rec *r, const char *path);		/* decoded string; absent or not a string: p NULL */
bool rec_num(struct rec *r, const char *path, double *x);	/* false: absent, not a number, or not finite */

/* ---- editing: top-level members ---- */

void rec_set(struct rec *r, const char *name, struct span json);	/* json: a valid value, borrowed until settled */
void rec_set_text(struct rec *r, const char *name, struct span text);
void rec_set_num(struct rec *r, const char *name, double x);
void rec_set_bool(struct rec *r, const char *name, bool x);
void rec_remove(struct rec *r, const char *name);			/* with its comma; nothing if absent */

/* ---- judging ---- */

/* The record will not be written. reason: one static word ("repeat"), counted in the closing line.
 * With --rejects the record is kept there with a member "dropped": {"reason": reason, ...notes}. The
 * first drop counts; later ones are ignored. */
void rec_drop(struct rec *r, const char *reason);
/* A detail for the "dropped" object of a record: name and a JSON value. Both are copied. */
void rec_note(struct rec *r, const char *name, struct span json);

/* The record breaks the rules of the data: "file:line:col: reason", policy by --bad. col: 1-based byte
 * column in the record's line, 0 = none. Copied. The record takes no further part. */
void rec_bad(struct rec *r, size_t col, const char *fmt, ...) PRINTF(3, 4);
/* Odd but usable: a message with the record's place, nothing else. */
void rec_warn(struct rec *r, const char *fmt, ...) PRINTF(2, 3);
/* Byte column of something inside r->raw, for rec_bad(). 0 if p points elsewhere. */
size_t rec_col(const struct rec *r, const char *p);

/* Write this line (one JSON value, copied, no line end) instead of the record; may be called again
 * for more lines. The record then counts as kept. out: as rec.out. */
void rec_put(struct rec *r, struct span json, int out);
void rec_put_kept(struct rec *r, struct span json, int out);	/* the same, not copied: json lives in r->arena */

/* ---- for run.c and tests ---- */

/* Lay r over raw; everything r needs comes from the arena. scratch: reused by record after record of one
 * thread. False: r->bad is set and its message waits in r->notes. */
bool rec_open(struct rec *r, struct span raw, struct arena *a, struct scan_index *scratch);
/* Append the record as it is to be written, edits applied, without line end. */
void rec_write(const struct rec *r, struct buf *out);
/* The same for --rejects: with a member "dropped" {"reason", ...notes}, and for a bad record an object
 * {"dropped":{"reason":"bad","at":"file:line:col","why":...},"line":...} ("base64" if not UTF-8). */
void rec_write_reject(struct rec *r, struct buf *out);
/* The "dropped" object alone, for a line that could not be held. */
void rec_write_lost(const struct where *at, const char *why, struct buf *out);

struct rec_note {
	struct rec_note *next;
	enum { NOTE_DETAIL, NOTE_BAD, NOTE_WARN } kind;
	size_t col;
	struct span name, text;		/* NOTE_DETAIL: member name and JSON; else the message in text */
};
struct rec_line {
	struct rec_line *next;
	struct span json;
	int out;
};

#endif
