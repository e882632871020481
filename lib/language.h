/* language.h - how programs of a language are compiled and run in the sandbox
 *
 * A row says how the file of a program is called, what compiles it and what runs it: words parted by blanks, no shell.
 * Programs are run in /tmp and find the files of the job as ../box/NAME. A program whose tests are part of it shows
 * that it came to their end by `done`, a statement that prints @NONCE@ on a line of its own, which is a number that
 * nobody knows beforehand; exit status 0 alone shows nothing.
 */
#ifndef PREF_LANGUAGE_H
#define PREF_LANGUAGE_H

#include "base.h"

struct language {
	const char *name;
	const char *tags;		/* other names, parted by blanks: those of Markdown's fences */
	const char *file;		/* "main.c" */
	const char *compile;		/* NULL: nothing to compile */
	const char *run;
	const char *done;		/* NULL: tests cannot be part of a program */
	bool brace;			/* done belongs before the last brace of the tests: the end of main() */
	const char *bench;		/* file of a testbench that is compiled beside the program; NULL: none */
	bool python;			/* tests may call functions */
};

/* By name or tag, in any case; NULL: there is none. */
const struct language *language_find(struct span name);
/* Is this a name of l? */
bool language_is(const struct language *l, struct span name);
/* More rows: records with members as above (name, file and run are needed). A row of a known name replaces it. Dies as
 * aside_read() does. */
void language_read(const char *path);
/* A line a language. */
void language_list(struct buf *b);

#endif
