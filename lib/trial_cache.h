/* trial_cache.h - results that were found before, in a file that grows by a line a result
 *
 * A key is made of all that a result depends on but the compilers and interpreters themselves: the code, the tests,
 * the language's row, limits, sandbox. Lines are appended as results arrive, each by one write(): what was written
 * survives whatever happens then, and a line that was cut off is left out. Timeouts by the clock are not kept: they may
 * have been the machine's fault.
 */
#ifndef PREF_TRIAL_CACHE_H
#define PREF_TRIAL_CACHE_H

#include "trial.h"

struct trial_cache;

/* Read what is there, or begin anew. NULL: *why (static or thread-local). */
struct trial_cache *trial_cache_open(const char *path, const char **why);
/* Any thread. False: not known. r's spans are in the arena. */
bool trial_cache_find(struct trial_cache *c, const struct trial *t, const struct trial_rules *rules, const char *sandbox,
	struct span code, struct trial_result *r, struct arena *a);
/* Any thread. -1: errno. */
int trial_cache_put(struct trial_cache *c, const struct trial *t, const struct trial_rules *rules, const char *sandbox,
	struct span code, const struct trial_result *r);
size_t trial_cache_hits(const struct trial_cache *c);
void trial_cache_close(struct trial_cache *c);		/* accepts NULL */

#endif
