/* journal.h - answers that were paid for, on disk before anybody uses them
 *
 * A file of lines that only grows, one JSON object an entry:
 *
 *	{"key":"32 hex digits","at":1732665600,"answer":"the reply's body"}
 *	{"key":"32 hex digits","at":1732665600,"error":"why","status":500,"body":"what came instead"}
 *
 * An entry is one write() to a descriptor with O_APPEND, so that what a killed process leaves is whole entries
 * and at most one torn line, which the next journal_open() cuts off: nobody had used it. journal_sync()
 * puts what was added so far on the disk itself. Errors are kept for people to read and are no answers. Of
 * two answers with one key the first counts.
 *
 * In memory: 24 to 48 bytes an answer. One process at a time; journal_find() and journal_add() from any thread.
 */
#ifndef PREF_JOURNAL_H
#define PREF_JOURNAL_H

#include "hash.h"

struct journal;

/* Open or make it. NULL: *why (thread-local) tells: another process has it, the file is something else, ... */
struct journal *journal_open(const char *path, const char **why);

/* Append an answer (error NULL) or an error, with its status (0: none). 0, or -1 and errno: nothing was added. */
int journal_add(struct journal *j, struct key128 key, struct span body, const char *error, long status);
/* 1: the answer is appended to body; 0: there is none; -1: errno. */
int journal_find(struct journal *j, struct key128 key, struct buf *body);
bool journal_has(struct journal *j, struct key128 key);
/* The form of a key in the file; false: text is no key. */
bool journal_key(struct span text, struct key128 *key);

uint64_t journal_answers(struct journal *j);
uint64_t journal_torn(const struct journal *j);		/* bytes that journal_open() cut off */
const char *journal_path(const struct journal *j);
int journal_sync(struct journal *j);			/* does nothing if nothing is new; -1 and errno */
int journal_close(struct journal *j);			/* syncs; accepts NULL; -1 and errno */

#endif
