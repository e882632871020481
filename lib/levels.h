/* levels - a file of rules that puts every response on one of several levels, best first (TRPA, Su et al. 2025)
 *
 *	# the levels of TRPA: format and answer right, answer wrong, no answer to be read, format wrong
 *	format = /\A\s*<think>.*<\/think>\s*<answer>.*<\/answer>\s*\z/s !/<think>.*<think>/s
 *	read   = /<answer>\s*\S.*<\/answer>/s
 *	right:       format pass
 *	wrong:       format read !pass
 *	unreadable:  format
 *	broken:
 *
 * A line "NAME: CONDITION..." is a level; a response is on the first of which all conditions hold. A line
 * "NAME = CONDITION..." gives several a name. A CONDITION is /PATTERN/FLAGS (as in match.h), which the response must
 * hold; the name of an earlier line of the second kind; pass, all its tests were passed; or the name of a
 * member of the response that must be true. With ! before it, it must not hold.
 *
 * A member or a test that is not there, or a pattern that hits its limit, neither holds nor does not: a response whose
 * level depends on it has none.
 */
#ifndef PREF_LEVELS_H
#define PREF_LEVELS_H

#include "candidates.h"

struct levels;

/* NULL: *line and *col (from 1) of what is wrong, *why is a message (caller frees). */
struct levels *levels_read(struct span text, size_t *line, size_t *col, char **why);
void levels_free(struct levels *l);		/* accepts NULL */

size_t levels_count(const struct levels *l);
const char *levels_name(const struct levels *l, size_t level);

enum { LEVELS_NONE = -1, LEVELS_UNKNOWN = -2 };
/* From 0, the best; LEVELS_NONE: it fits none; LEVELS_UNKNOWN: it cannot be told. */
int levels_of(const struct levels *l, const struct candidate *c, struct arena *a);

#endif
