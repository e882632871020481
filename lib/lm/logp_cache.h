/* logp_cache.h - log-probs that were computed once, in a file that outlives the run
 *
 * The key is a hash of all that the number is a function of: the model's files, and the tokens before and in the response.
 * What is put is written at once (one append), so that nothing is lost when a run is killed, and several runs may share
 * a file. A piece that was torn off by a crash is skipped when the file is read.
 */
#ifndef PREF_LM_LOGP_CACHE_H
#define PREF_LM_LOGP_CACHE_H

#include "base.h"
#include "hash.h"

struct logp_cache;

/* Open or make a file, and read what it holds. NULL: *why (thread-local text): a system error, or no such cache. */
struct logp_cache *logp_cache_open(const char *path, const char **why);
void logp_cache_close(struct logp_cache *c);		/* accepts NULL */

/* Any thread. sum: of natural log-probs over `tokens` tokens. False: not there. */
bool logp_cache_find(struct logp_cache *c, struct key128 key, double *sum);
/* Any thread. False: it could not be written; the run may go on. */
bool logp_cache_put(struct logp_cache *c, struct key128 key, double sum);
/* Entries found in the file, and since. */
size_t logp_cache_size(const struct logp_cache *c);

#endif
