/* match.h - compiled PCRE2 patterns, safe on threads, under limits
 *
 * A match that hits a limit is an error, never "no match". Patterns are compiled with UTF and UCP; \C is
 * refused. Limits: 1,000,000 match steps, depth 100,000, heap 64 MiB. A JIT stack overflow is tried
 * again without JIT.
 */
#ifndef PREF_MATCH_H
#define PREF_MATCH_H

#include "base.h"

struct match;

/* NULL: *why is a message (caller frees) with the offset in the pattern. */
struct match *match_new(const char *pattern, bool ignore_case, char **why);
/* The same with flags as letters: i ignore case, m ^ and $ at every line, s . takes line ends too, x blanks
 * and # comments in the pattern are left out. *at (may be NULL): offset of the error in the pattern. */
struct match *match_new_flags(const char *pattern, const char *flags, size_t *at, char **why);
/* "/PATTERN/FLAGS", up to a blank, off the head of *text; a slash inside is written \/. NULL: *at is the offset in
 * *text of what is wrong, *why as above. */
struct match *match_read(struct span *text, size_t *at, char **why);
void match_free(struct match *m);

/* First match at or after `from` (the first byte of a code point): 1 and *found, 0 none, -1 limit or other
 * error with *why static text. */
int match_find(const struct match *m, struct span s, size_t from, struct span *found, const char **why);
/* Matches that do not overlap, an empty one where it is found included: their number, or -1 and *why. The
 * text is checked to be UTF-8 once here, but at every match_find(). */
long match_count(const struct match *m, struct span s, const char **why);

#endif
