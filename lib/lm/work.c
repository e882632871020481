/* work - the pool of threads */
#include "lm/work.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Loops of a forward pass follow each other within microseconds: look that often before going to sleep. */
enum { SPINS = 4000 };

struct work {
	pthread_mutex_t lock;
	pthread_cond_t begin, end;
	pthread_t *thread;
	struct scratch {
		float *p;
		size_t n;
	} *scratch;			/* one a thread */
	int threads;
	work_fn *fn;
	void *arg;
	size_t tasks;
	atomic_size_t next;		/* the task to take */
	atomic_uint round;		/* loops begun; changed under the lock */
	atomic_int busy;		/* threads that have not left the loop; to 0 under the lock */
	bool ends;
};

struct worker {
	struct work *work;
	int number;
};

static void pause_briefly(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#endif
}

static void take(struct work *w, int thread)
{
	for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->tasks; )
		w->fn(w->arg, i, thread);
}

static void *serve(void *arg)
{
	struct worker *me = arg;
	struct work *w = me->work;
	const int number = me->number;
	unsigned seen = 0;

	free(me);
	for (;;) {
		for (int i = 0; i < SPINS && atomic_load(&w->round) == seen; i++)
			pause_briefly();
		pthread_mutex_lock(&w->lock);
		while (atomic_load(&w->round) == seen)
			pthread_cond_wait(&w->begin, &w->lock);
		seen = atomic_load(&w->round);
		pthread_mutex_unlock(&w->lock);
		if (w->ends)
			return NULL;
		take(w, number);
		pthread_mutex_lock(&w->lock);
		if (atomic_fetch_sub(&w->busy, 1) == 1)
			pthread_cond_signal(&w->end);
		pthread_mutex_unlock(&w->lock);
	}
}

/* The others leave their wait. */
static void call(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	atomic_store(&w->busy, w->threads - 1);
	atomic_fetch_add(&w->round, 1);
	pthread_cond_broadcast(&w->begin);
	pthread_mutex_unlock(&w->lock);
}

struct work *work_new(int threads)
{
	struct work *w = xcalloc(1, sizeof *w);

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->begin, NULL);
	pthread_cond_init(&w->end, NULL);
	w->thread = xcalloc((size_t)threads, sizeof *w->thread);
	w->scratch = xcalloc((size_t)threads, sizeof *w->scratch);
	w->threads = 1;
	/* (A thread that cannot be had is done without.) */
	while (w->threads < threads) {
		struct worker *k = xmalloc(sizeof *k);

		*k = (struct worker){ w, w->threads };
		if (pthread_create(&w->thread[w->threads], NULL, serve, k)) {
			free(k);
			break;
		}
		w->threads++;
	}
	return w;
}

void work_free(struct work *w)
{
	if (!w)
		return;
	w->ends = true;
	call(w);
	for (int i = 1; i < w->threads; i++)
		pthread_join(w->thread[i], NULL);
	pthread_cond_destroy(&w->begin);
	pthread_cond_destroy(&w->end);
	pthread_mutex_destroy(&w->lock);
	for (int i = 0; i < w->threads; i++)
		free(w->scratch[i].p);
	free(w->scratch);
	free(w->thread);
	free(w);
}

int work_threads(const struct work *w)
{
	return w->threads;
}

float *work_scratch(struct work *w, int thread, size_t n)
{
	struct scratch *s = &w->scratch[thread];

	if (s->n < n) {
		free(s->p);
		s->n = (n + 15) / 16 * 16;
		s->p = aligned_alloc(64, s->n * sizeof *s->p);
		if (!s->p)
			die(EXIT_SYSTEM, "no memory for %zu floats", s->n);
	}
	return s->p;
}

void work_run(struct work *w, size_t tasks, work_fn *fn, void *arg)
{
	w->fn = fn;
	w->arg = arg;
	w->tasks = tasks;
	atomic_store(&w->next, 0);
	if (w->threads == 1 || tasks <= 1) {
		take(w, 0);
		return;
	}
	call(w);
	take(w, 0);
	for (int i = 0; i < SPINS && atomic_load(&w->busy) > 0; i++)
		pause_briefly();
	pthread_mutex_lock(&w->lock);
	while (atomic_load(&w->busy) > 0)
		pthread_cond_wait(&w->end, &w->lock);
	pthread_mutex_unlock(&w->lock);
}
