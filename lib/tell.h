/* tell.h - what a program says about its work: closing line, --report, progress
 *
 * Closing line on stderr:
 *   pref-dedup: 200000 read, 57859 kept, 142141 dropped (repeat 142141), 0 bad, 0.1 s
 * followed by one line a note. `--report FILE` holds the same as one JSON object with version, argv,
 * inputs and the XXH3-64 of each output. Called from one thread.
 */
#ifndef PREF_TELL_H
#define PREF_TELL_H

#include "base.h"

struct tell {
	uint64_t read, kept, dropped, bad, written;	/* records; written = lines out */
	uint64_t bytes_in;
	bool quiet, progress;				/* -q, --progress */
	bool source;					/* no records in: the closing line says "N written" */
};
extern struct tell tell;

void tell_start(int argc, char **argv);
void tell_drop(const char *reason);			/* one more record dropped for this reason; counts tell.dropped */

/* A fact for the closing lines and the report: name is a lower-case key, text what people read,
 * json (may be absent: then the text as a string) what the report holds. Copied; same name replaces. */
void tell_note(const char *name, const char *text, struct span json);
/* For the report alone. */
void tell_json(const char *name, struct span json);
void tell_input(const char *path, uint64_t bytes);
void tell_output(const char *path, uint64_t bytes, uint64_t xxh3);

/* Redraw the progress line: at most 5 times a second, only on a terminal or with --progress.
 * total_bytes 0 = unknown. */
void tell_progress(uint64_t total_bytes);
/* The same for loops of their own: done of total units. */
void tell_steps(const char *what, uint64_t done, uint64_t total);
/* More for the progress line, from now on: append ", 812 asked" or nothing. NULL: no more. */
void tell_more(void (*put)(struct buf *b));
void tell_clear(void);					/* wipe the progress line before other output */

void tell_close(void);					/* the closing line and notes, unless quiet */
/* Write the report (atomically); -1 and errno on failure. */
int tell_report(const char *path, int status);

#endif
