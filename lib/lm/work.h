/* work.h - the engine's only threads: a pool that takes the tasks of one loop, then waits for the next
 *
 * What a task computes must depend on its number alone, never on who computes it or how many there are: then
 * results have the same bits for every number of threads. OpenBLAS is called from tasks and gets one thread.
 */
#ifndef PREF_LM_WORK_H
#define PREF_LM_WORK_H

#include "base.h"

struct work;

struct work *work_new(int threads);		/* threads >= 1, the caller's included */
void work_free(struct work *w);			/* accepts NULL */
int work_threads(const struct work *w);

/* fn(arg, task, thread) for each task in [0, tasks), thread in [0, work_threads(w)); returns when all are done. */
typedef void work_fn(void *arg, size_t task, int thread);
void work_run(struct work *w, size_t tasks, work_fn *fn, void *arg);

/* At least n floats for one thread, until its next call; aligned to 64 bytes, contents unknown. */
float *work_scratch(struct work *w, int thread, size_t n);

#endif
