/* run - the runner: options, threads and passes of every filter (run_read.c, run_settle.c, run_write.c: what they do)
 *
 *	reader --> [batch ring] --> workers: scan, look --> [same ring] --> main: settle, write
 *
 * A batch is about 1 MiB of whole records of one file, or a few if looking at them takes long (run_records()). Serial
 * number s lives in ring[s % size]; the reader fills it when it is free, any worker looks at it, the main thread
 * settles batches by serial. One mutex is enough, since a batch is a lot of work; a condition for each kind of thread,
 * so that a change wakes only who waits for it. With -j 1 there are no threads at all, unless the filter has an `ahead`
 * hook.
 */
#include "run_inside.h"

#include "claim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 1 << 20 };		/* of a thread: nothing recurses */

/* ---- options that exist once ---- */

struct run run = { .max_record = 64 };

#define COMMON_OPTIONS \
	OPT_STR(0, "report", &run.report_path, "FILE", "write counts, options, inputs and output hashes as one JSON object"), \
	OPT_FLAG(0, "progress", &tell.progress, "show progress even when stderr is no terminal"), \
	OPT_FLAG('q', "quiet", &tell.quiet, "no closing line")

#define OUTPUT_OPTION \
	OPT_STR('o', "output", &run.out_path, "FILE", "write here, whole or not at all; .gz .zst .xz .bz2 .lz4 compress")

#define FILTER_OPTIONS \
	OPT_STR('r', "rejects", &run.reject_path, "FILE", "keep dropped and bad records here, with the reason"), \
	OPT_INT('j', "jobs", &run.jobs, 1, 256, "N", "threads (default: the number of processors)"), \
	OPT_CHOICE(0, "bad", &run.bad_policy, "stop|skip|pass", \
		"on a record that is not valid: stop, skip it, or pass it through (default: stop)"), \
	OPT_INT(0, "max-record", &run.max_record, 1, 1 << 20, "MIB", "longest record accepted, in MiB (default: 64)"), \
	COMMON_OPTIONS

static const struct opt shared_options[] = { OPT_HEADING("Shared options"), OUTPUT_OPTION, FILTER_OPTIONS, OPT_END };
static const struct opt own_output_options[] = { OPT_HEADING("Shared options"), FILTER_OPTIONS, OPT_END };
static const struct opt tool_options[] = { OPT_HEADING("Shared options"), OUTPUT_OPTION, COMMON_OPTIONS, OPT_END };

static struct ring {
	struct batch *v;
	size_t size;
	uint64_t filled, looked, settled;	/* next serial to fill, to look at, to settle */
	pthread_mutex_t lock;
	pthread_cond_t free, full, done;	/* for the reader, the workers, the main thread */
} ring = {
	.lock = PTHREAD_MUTEX_INITIALIZER, .free = PTHREAD_COND_INITIALIZER,
	.full = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER
};

/* ---- threads ---- */

static void *reader_main(void *arg)
{
	(void)arg;
	for (;;) {
		struct batch *b;
		bool over;

		pthread_mutex_lock(&ring.lock);
		b = &ring.v[ring.filled % ring.size];
		while (b->state != FREE)
			pthread_cond_wait(&ring.free, &ring.lock);
		pthread_mutex_unlock(&ring.lock);
		run_fill(b);
		over = b->last || (b->failure && !b->go_on);
		pthread_mutex_lock(&ring.lock);
		b->state = FILLED;
		ring.filled++;
		if (over) {
			pthread_cond_broadcast(&ring.full);
			pthread_cond_signal(&ring.done);
		} else {
			pthread_cond_signal(&ring.full);
		}
		pthread_mutex_unlock(&ring.lock);
		if (over)
			return NULL;
	}
}

static void *worker_main(void *arg)
{
	struct scan_index scratch = { 0 };

	(void)arg;
	for (;;) {
		struct batch *b;
		bool over;

		pthread_mutex_lock(&ring.lock);
		for (;;) {
			b = &ring.v[ring.looked % ring.size];
			if (ring.looked < ring.filled && b->state == FILLED)
				break;
			pthread_cond_wait(&ring.full, &ring.lock);
		}
		over = b->last || (b->failure && !b->go_on);
		if (!over)
			ring.looked++;	/* the last batch stays, so that every worker sees it */
		pthread_mutex_unlock(&ring.lock);
		if (over)
			break;
		run_look(b, &scratch);
		pthread_mutex_lock(&ring.lock);
		b->state = LOOKED;
		if (b == &ring.v[ring.settled % ring.size])
			pthread_cond_signal(&ring.done);
		pthread_mutex_unlock(&ring.lock);
	}
	scan_index_free(&scratch);
	return NULL;
}

/* ---- one pass over all inputs ---- */

static void pass_alone(void)
{
	struct batch b = { 0 };
	struct scan_index scratch = { 0 };

	for (;;) {
		run_fill(&b);
		if (b.last)
			break;
		run_look(&b, &scratch);
		run_settle(&b);
	}
	scan_index_free(&scratch);
	run_free_batch(&b);
}

/* A batch whose records are waited for takes long: the progress line is kept alive. Locked. */
static void wait_for_batch(void)
{
	struct timespec t;

	if (!run.filter->ahead) {
		pthread_cond_wait(&ring.done, &ring.lock);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 200000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	if (pthread_cond_timedwait(&ring.done, &ring.lock, &t) == ETIMEDOUT)
		tell_progress(run.total_bytes);
}

static void pass_threads(void)
{
	pthread_t *threads = xcalloc((size_t)run.jobs + 1, sizeof *threads);
	pthread_attr_t attr;
	struct batch *b;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);

	ring.size = (size_t)run.jobs + 3;
	ring.v = xcalloc(ring.size, sizeof *ring.v);
	ring.filled = ring.looked = ring.settled = 0;
	for (long i = 0; i <= run.jobs; i++) {
		int e = pthread_create(&threads[i], &attr, i ? worker_main : reader_main, NULL);

		if (e != 0) {
			errno = e;
			die(EXIT_SYSTEM, "cannot start a thread:");
		}
	}
	for (;;) {
		bool over;

		pthread_mutex_lock(&ring.lock);
		b = &ring.v[ring.settled % ring.size];
		while (!(b->state == LOOKED || (b->state == FILLED && (b->last || (b->failure && !b->go_on)))))
			wait_for_batch();
		over = b->last;
		pthread_mutex_unlock(&ring.lock);
		if (over)
			break;
		run_settle(b);
		pthread_mutex_lock(&ring.lock);
		b->state = FREE;
		ring.settled++;
		pthread_cond_signal(&ring.free);
		pthread_mutex_unlock(&ring.lock);
	}
	for (long i = 0; i <= run.jobs; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < ring.size; i++)
		run_free_batch(&ring.v[i]);
	free(ring.v);
	ring.v = NULL;
	pthread_attr_destroy(&attr);
	free(threads);
}

static void run_pass(void)
{
	if ((run.jobs > 1 && !run.filter->own_threads) || run.filter->ahead)
		pass_threads();
	else
		pass_alone();
	if (run.stopping)
		run_leave_bad();
}

/* ---- setting up ---- */

void run_side_file(const char *path)
{
	claim_output(path, false);
}

void run_reads(const char *path)
{
	claim_reading(path);
}

const char *run_out_path(void)
{
	return run.out_path;
}

void run_records(size_t n)
{
	run.batch_records = n;
}

static bool (*only_ahead)(struct rec *r, int round);

static void go_ahead(struct rec *r)
{
	for (int round = 0; only_ahead(r, round); round++)
		;
}

void run_ahead(struct filter *f, bool (*ahead)(struct rec *r, int round), bool only)
{
	f->ahead = only ? NULL : ahead;
	if (!only && run.batch_records == 0)
		run.batch_records = MANY;
	if (!only)
		return;
	only_ahead = ahead;
	f->look = NULL;
	f->look_all = NULL;
	f->settle = go_ahead;
	f->decide = NULL;
	f->emit = NULL;
}

int run_jobs(void)
{
	return (int)run.jobs;
}

const char *const *run_inputs(size_t *n)
{
	*n = run.n_inputs;
	return run.inputs;
}

static void default_jobs(void)
{
	const char *env = getenv("PREF_JOBS");
	cpu_set_t set;

	if (opt_given(&run.jobs))
		return;
	run.jobs = env ? strtol(env, NULL, 10) : 0;
	if (run.jobs < 1 || run.jobs > 256)
		run.jobs = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static void report(int status)
{
	tell_close();
	if (run.report_path && tell_report(run.report_path, status) < 0)
		die(EXIT_SYSTEM, "%s:", run.report_path);
}

/* A standard descriptor that was closed must not become the first file we open: reading or writing it is
 * to fail as it would have. */
static void hold_standard(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_Exit(EXIT_SYSTEM);
}

int filter_main(const struct filter *f, int argc, char **argv)
{
	static char stdin_name[] = "-", *only_stdin[] = { stdin_name };
	const struct program program = {
		f->name, f->about, f->command, f->operands ? f->operands : "[FILE...]",
		{ f->options, f->own_output ? own_output_options : shared_options, NULL }
	};
	bool files;
	int n;

	run.filter = f;
	hold_standard();
	tell_start(argc, argv);
	if (f->command && argc > 1 && strcmp(argv[1], f->command) == 0) {
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	n = opt_parse(&program, argc, argv);
	run.inputs = (const char *const *)(n > 0 ? argv : only_stdin);
	run.n_inputs = n > 0 ? (size_t)n : 1;
	default_jobs();
	run_check_inputs();
	claim_inputs(run.inputs, run.n_inputs);
	if (!f->own_output)
		claim_output(run.out_path || f->sink ? run.out_path : "-", true);
	claim_output(run.reject_path, false);
	claim_output(run.report_path, false);

	if (f->start)
		f->start();
	if (f->own_output && run_outputs() != 2 && run.bad_policy == BAD_PASS)
		die(EXIT_USAGE, "--bad pass does not say to which output");
	run_open_outputs(f->sink || f->own_output ? NULL : run.out_path ? run.out_path : "-", run.reject_path);
	files = run_open_inputs();

	run.pass = f->emit ? PASS_FIRST : PASS_ONLY;
	if (f->emit && !files) {
		run.spool = spool_open();
		if (!run.spool)
			die(EXIT_SYSTEM, "cannot make a temporary file in $TMPDIR:");
	}
	run_pass();
	if (f->decide)
		f->decide();
	if (f->emit) {
		run.pass = PASS_SECOND;
		run_settle_again();
		run_rewind();
		run_pass();
		run_settle_end();
		spool_close(run.spool);
	}
	tell_clear();
	if (f->stop)
		f->stop();
	run_commit_outputs();
	if (f->done)
		f->done();
	run_close_inputs();
	report(tell.bad ? EXIT_BAD : EXIT_OK);
	run_free_outputs();
	claim_free();
	return tell.bad ? EXIT_BAD : EXIT_OK;
}

int tool_main(const struct tool *t, int argc, char **argv)
{
	const struct program program = { t->name, t->about, NULL, t->operands, { t->options, tool_options, NULL } };
	int n, status;

	hold_standard();
	tell_start(argc, argv);
	tell.source = true;
	n = opt_parse(&program, argc, argv);
	claim_output(run.out_path ? run.out_path : "-", false);
	claim_output(run.report_path, false);
	status = t->work(n, argv);
	claim_free();
	tell_clear();
	report(status);
	return status;
}
