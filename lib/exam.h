/* exam.h - all responses to a prompt under its tests: each code once, tests that a reference fails left out, agreement */
#ifndef PREF_EXAM_H
#define PREF_EXAM_H

#include "trial_cache.h"

struct exam {
	struct trial_result *results;	/* of each response */
	size_t n;
	size_t tests;			/* may be 0: the reference passed none */
};

/* Responses of n texts under t; reference: a solution whose failed tests do not count, p NULL for none. cache may be NULL.
 * In the arena. False: the sandbox or the cache failed, *why says how. */
bool exam_take(struct exam *e, const struct trial *t, const struct trial_rules *rules, struct sandbox *s,
	struct trial_cache *cache, const struct span *texts, size_t n, struct span reference, struct arena *a,
	struct span *why);
/* Dual execution agreement (CodeT, Chen et al. 2022) of response i: with how many responses, itself included, it shares
 * the set of tests that it passes, times their number. */
double exam_agreement(const struct exam *e, size_t i);
/* The member `tests` of response i as JSON. sandbox: its name, NULL: none was used. times: with seconds. */
void exam_put(struct buf *b, const struct exam *e, size_t i, const char *sandbox, bool times);

#endif
