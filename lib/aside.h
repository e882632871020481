/* aside.h - the records of another file than the inputs, in one thread
 *
 * For what a program needs to have read before or beside its inputs. The same formats as those; it
 * must be good: an unreadable file dies with EXIT_SYSTEM, a bad record with EXIT_BAD at its place.
 */
#ifndef PREF_ASIDE_H
#define PREF_ASIDE_H

#include "rec.h"

/* Call record for each record of the file, in order; it may rec_bad(). r->n is not set. */
void aside_read(const char *path, void (*record)(struct rec *r));
/* The same for a file that may be plain text. It is unless its first byte that is not blank is { or [; then
 * call text for each of its lines, without line end. */
void aside_read_any(const char *path, void (*record)(struct rec *r), void (*text)(struct span line,
	const struct where *at));

#endif
