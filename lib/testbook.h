/* testbook.h - tests that are not in the records they are for, but in a file of their own
 *
 * A record of that file is for those with the same task_id, or else the same id, or else the same prompt (strings, or
 * numbers as written); of several that fit the last.
 */
#ifndef PREF_TESTBOOK_H
#define PREF_TESTBOOK_H

#include "rec.h"

struct testbook;

/* Read all of it; as aside.h. One at a time. */
struct testbook *testbook_read(const char *path);
/* The object that holds the tests of r (trial_of()): of the file, or without one (b NULL) r itself. JSON_NONE: there is
 * none. Any thread. */
struct value testbook_find(const struct testbook *b, struct rec *r);
void testbook_free(struct testbook *b);			/* accepts NULL */

#endif
