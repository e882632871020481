/* run - the runner: files, threads, order, counts and errors of every filter (long: one ring, seen from all sides)
 *
 *	reader --> [batch ring] --> workers: scan, look --> [same ring] --> main: settle, write
 *
 * A batch is about 1 MiB of whole records of one file, or a few if looking at them takes long (run_records()). Serial
 * number s lives in ring[s % size]; the reader fills it when it is free, any worker looks at it, the main thread
 * settles batches by serial. One mutex is enough, since a batch is a lot of work; a condition for each kind of thread,
 * so that a change wakes only who waits for it. With -j 1 there are no threads at all, unless the filter has an `ahead`
 * hook.
 */
#include "run.h"

#include "claim.h"
#include "spool.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { COMPOSED = 256 << 10, BATCH = 1 << 20 };		/* bytes; stream.h bounds the records */
enum { STACK = 1 << 20 };		/* of a thread: nothing recurses */
enum { MESSAGES = 20 };			/* printed of each kind; the rest is only counted */
enum { HOPELESS = 100 };		/* bad records before the first good one: this is not JSONL */

enum bad_policy { BAD_STOP, BAD_SKIP, BAD_PASS };

/* ---- options that exist once ---- */

static const char *out_path, *reject_path, *report_path;
static long jobs, max_record = 64;
static int bad_policy;

#define COMMON_OPTIONS \
	OPT_STR(0, "report", &report_path, "FILE", "write counts, options, inputs and output hashes as one JSON object"), \
	OPT_FLAG(0, "progress", &tell.progress, "show progress even when stderr is no terminal"), \
	OPT_FLAG('q', "quiet", &tell.quiet, "no closing line")

#define OUTPUT_OPTION \
	OPT_STR('o', "output", &out_path, "FILE", "write here, whole or not at all; .gz .zst .xz .bz2 .lz4 compress")

#define FILTER_OPTIONS \
	OPT_STR('r', "rejects", &reject_path, "FILE", "keep dropped and bad records here, with the reason"), \
	OPT_INT('j', "jobs", &jobs, 1, 256, "N", "threads (default: the number of processors)"), \
	OPT_CHOICE(0, "bad", &bad_policy, "stop|skip|pass", \
		"on a record that is not valid: stop, skip it, or pass it through (default: stop)"), \
	OPT_INT(0, "max-record", &max_record, 1, 1 << 20, "MIB", "longest record accepted, in MiB (default: 64)"), \
	COMMON_OPTIONS

static const struct opt shared_options[] = { OPT_HEADING("Shared options"), OUTPUT_OPTION, FILTER_OPTIONS, OPT_END };
static const struct opt own_output_options[] = { OPT_HEADING("Shared options"), FILTER_OPTIONS, OPT_END };
static const struct opt tool_options[] = { OPT_HEADING("Shared options"), OUTPUT_OPTION, COMMON_OPTIONS, OPT_END };

/* ---- state ---- */

struct batch {
	struct chunk chunk;
	struct rec *recs;
	size_t n, room;
	struct arena arena;
	uint64_t consumed;		/* bytes of all inputs read when this was filled */
	enum { FREE, FILLED, LOOKED } state;
	bool last;			/* nothing in it: the end of all inputs */
	/* The input failed where this batch, which holds nothing, stands: */
	const char *failure;
	bool go_on;			/* a line over the limit: what follows can be read */
	struct where failed_at;
	size_t failed_col;
};

static const struct filter *filter;
static const char *const *inputs;
static size_t n_inputs;

static struct source {			/* the reader's business alone */
	struct in *in;
	struct in **opened;		/* inputs opened at the start; NULL: to be opened when their turn comes */
	size_t at;			/* index of the current input */
	uint64_t done;			/* bytes of the inputs before it */
	uint64_t *sizes;		/* bytes consumed of each */
	struct spool *spool;		/* second pass over pipes: read from here */
} source;

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

static struct output {
	struct out *out;
	char *path;			/* owned */
	/* What waits to be written; one of the two is empty: */
	struct span run;		/* consecutive untouched lines of the current batch */
	struct buf composed;		/* lines put together here */
} *outputs;				/* [0] is the program's, for rec.out == -1 */
static size_t n_outputs;
static struct out *rejects;
static struct buf line;			/* a line for the rejects */
static struct buf held;			/* first of two passes: rejected lines of bad records wait for their turn */
static size_t held_at;

/* A bad record ended the run. It came from a compressed input, whose end is to tell whether that is damaged. */
static atomic_bool stopping;

static enum { PASS_ONLY, PASS_FIRST, PASS_SECOND } pass;
static struct spool *spool;		/* first pass over pipes: chunks go here */
static size_t batch_records;		/* 0: as many as fit */
static uint64_t total_bytes, n_good, n_seen, n_warned, n_bad_shown;

/* What the first pass made of each record, for the second: 2 * fate + (it reached settle). A drop is
 * FATE_DROPPED + index of its reason. */
enum { FATE_GOOD, FATE_BAD, FATE_DROPPED };
static struct { uint8_t *v; size_t n, room; } fates;
static const char *fate_reasons[64];

/* ---- reading ---- */

static const char *input_name(size_t i)
{
	return strcmp(inputs[i], "-") == 0 ? "(stdin)" : inputs[i];
}

static void fail_batch(struct batch *b, const char *why, uint64_t at_line, size_t col)
{
	b->failure = why;
	b->failed_at = (struct where){ input_name(source.at), at_line };
	b->failed_col = col;
}

/* Fill b with the next chunk of whatever input is due. Sets b->last or b->failure at the end. */
static void fill(struct batch *b)
{
	b->last = b->go_on = false;
	b->failure = NULL;
	b->chunk.bytes.n = 0;
	b->chunk.n = 0;
	if (stopping) {
		b->last = true;
		if (source.in && in_verify(source.in) < 0) {
			b->last = false;
			fail_batch(b, in_error(source.in), 0, 0);
		}
		return;
	}
	if (source.spool) {
		int got = spool_next(source.spool, &b->chunk);

		if (got < 0)
			fail_batch(b, "cannot read the temporary file", 0, 0);
		b->last = got == 0;
		return;
	}
	for (;;) {
		const char *why;
		int got;

		if (!source.in) {
			if (source.at == n_inputs) {
				b->last = true;
				return;
			}
			source.in = source.opened[source.at];
			source.opened[source.at] = NULL;
			if (!source.in)
				source.in = in_open(inputs[source.at], (size_t)max_record << 20, &why);
			if (!source.in) {
				fail_batch(b, why, 0, 0);
				return;
			}
		}
		b->chunk.most = batch_records;
		got = in_next(source.in, &b->chunk, BATCH);
		source.sizes[source.at] = in_bytes(source.in);
		b->consumed = source.done + in_bytes(source.in);
		if (got > 0)
			return;
		if (got < 0) {
			size_t col = 0;
			uint64_t at_line;

			b->go_on = in_can_go_on(source.in);
			if (!b->go_on)
				in_verify(source.in);
			at_line = in_error_line(source.in, &col);
			fail_batch(b, in_error(source.in), at_line, col);
			b->chunk.bytes.n = b->chunk.n = 0;
			return;
		}
		source.done += in_bytes(source.in);
		in_close(source.in);
		source.in = NULL;
		source.at++;
	}
}

/* ---- looking ---- */

static void look_record(struct batch *b, struct span raw, uint64_t at_line, bool folded, struct scan_index *scratch)
{
	struct rec *r;

	GROW(b->recs, b->n, b->room);
	r = &b->recs[b->n++];
	r->at = (struct where){ b->chunk.file, at_line };
	rec_open(r, raw, &b->arena, scratch);
	r->folded = folded;
	if (!r->bad && filter->look && !filter->ahead && pass != PASS_SECOND)
		filter->look(r);
}

/* What takes time is begun for all records before the first is looked at. */
static void look_ahead(struct batch *b)
{
	bool more = true;

	for (int round = 0; more; round++) {
		more = false;
		for (size_t i = 0; i < b->n; i++)
			if (!b->recs[i].bad && filter->ahead(&b->recs[i], round))
				more = true;
	}
	for (size_t i = 0; i < b->n; i++)
		if (!b->recs[i].bad)
			filter->look(&b->recs[i]);
}

static void look_records(struct batch *b, struct scan_index *scratch)
{
	const char *p = b->chunk.bytes.p, *end = p ? p + b->chunk.bytes.n : p;
	uint64_t at_line = b->chunk.first_line;

	b->n = 0;
	arena_reset(&b->arena);
	if (stopping)
		return;
	if (b->chunk.array) {
		for (size_t i = 0; i < b->chunk.n; i++) {
			const struct chunk_at *at = &b->chunk.at[i];
			struct span raw = { p + at->from, at->to - at->from };

			look_record(b, raw, at->line, memchr(raw.p, '\n', raw.n) != NULL, scratch);
		}
		return;
	}
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		struct span raw = { p, (size_t)((nl ? nl : end) - p) };

		look_record(b, raw, at_line++, false, scratch);
		p = nl ? nl + 1 : end;
	}
}

static void look_batch(struct batch *b, struct scan_index *scratch)
{
	look_records(b, scratch);
	if (filter->ahead && pass != PASS_SECOND)
		look_ahead(b);
	if (filter->look_all && pass != PASS_SECOND)
		filter->look_all(b->recs, b->n);
}

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
		fill(b);
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
		look_batch(b, &scratch);
		pthread_mutex_lock(&ring.lock);
		b->state = LOOKED;
		if (b == &ring.v[ring.settled % ring.size])
			pthread_cond_signal(&ring.done);
		pthread_mutex_unlock(&ring.lock);
	}
	scan_index_free(&scratch);
	return NULL;
}

/* ---- writing: the main thread ---- */

static NORETURN void write_failed(const char *path, const char *why)
{
	die(EXIT_SYSTEM, "%s: %s", strcmp(path, "-") == 0 ? "standard output" : path, why);
}

static void write_waiting(struct output *o)
{
	if ((o->run.n && out_write(o->out, o->run) < 0) ||
	    (o->composed.n && out_write(o->out, buf_span(&o->composed)) < 0))
		write_failed(o->path, out_error(o->out));
	o->run = (struct span){ 0 };
	o->composed.n = 0;
}

/* Where the next line is to be put together, behind all that waits. Written in large pieces, it is copied
 * only once. */
static struct buf *compose(struct output *o)
{
	if (o->run.n || o->composed.n >= COMPOSED)
		write_waiting(o);
	tell.written++;
	return &o->composed;
}

static struct output *output_of(int out)
{
	if (out < -1 || (size_t)(out + 1) >= n_outputs)
		bug("no output %d", out);
	return &outputs[out + 1];
}

static void write_composed(struct output *o, const struct rec *r)
{
	struct buf *b = compose(o);

	rec_write(r, b);
	buf_addc(b, '\n');
}

/* A record as it was read: grown into a run of neighbours where the bytes allow. */
static void write_raw(struct output *o, const struct rec *r, const struct batch *b)
{
	const char *stop = b->chunk.bytes.p + b->chunk.bytes.n;
	const char *end = r->raw.p + r->raw.n;

	if (r->folded || end == stop || *end != '\n') {
		write_composed(o, r);
		return;
	}
	tell.written++;
	if (o->run.n && o->run.p + o->run.n == r->raw.p) {
		o->run.n += r->raw.n + 1;
	} else {
		write_waiting(o);
		o->run = (struct span){ r->raw.p, r->raw.n + 1 };
	}
}

/* A line in place of a record. Its pieces may still hold line ends of a record that spanned lines. */
static void write_put(const struct rec *r, const struct rec_line *l)
{
	const struct rec whole = { .raw = l->json, .folded = r->folded };

	write_composed(output_of(l->out), &whole);
}

static void write_kept(const struct rec *r, const struct batch *b)
{
	if (filter->sink)
		return;
	if (r->lines) {
		for (const struct rec_line *l = r->lines; l; l = l->next)
			write_put(r, l);
	} else if (r->edits) {
		write_composed(output_of(r->out), r);
	} else {
		write_raw(output_of(r->out), r, b);
	}
}

/* What is in `line`. */
static void write_reject_line(void)
{
	if (!rejects)
		return;
	buf_addc(&line, '\n');
	if (pass == PASS_FIRST)
		buf_add(&held, buf_span(&line));
	else if (out_write(rejects, buf_span(&line)) < 0)
		write_failed(reject_path, out_error(rejects));
}

static void write_reject(struct rec *r)
{
	if (!rejects)
		return;
	line.n = 0;
	rec_write_reject(r, &line);
	write_reject_line();
}

/* The next line that waits. */
static void write_held(void)
{
	struct span rest = span_cut(buf_span(&held), held_at, held.n);
	const char *nl = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;

	if (!rejects)
		return;
	if (!nl)
		bug("no rejected line waits");
	rest.n = (size_t)(nl - rest.p) + 1;
	held_at += rest.n;
	if (out_write(rejects, rest) < 0)
		write_failed(reject_path, out_error(rejects));
}

/* ---- settling ---- */

/* Where a column of r's raw bytes is in the file: an element of an array may begin in mid-line and span
 * several lines. */
static struct where place(const struct rec *r, const struct batch *b, size_t *col)
{
	struct where at = r->at;
	size_t line_start = 0;

	if (!b->chunk.array || *col == 0)
		return at;
	for (size_t i = 0; i + 1 < *col && i < r->raw.n; i++) {
		if (r->raw.p[i] == '\n') {
			at.line++;
			line_start = i + 1;
		}
	}
	*col = line_start ? *col - line_start : *col + b->chunk.at[r - b->recs].col - 1;
	return at;
}

static void show_messages(struct rec *r, const struct batch *b)
{
	for (struct rec_note *n = r->notes; n; n = n->next) {
		uint64_t *shown = n->kind == NOTE_BAD ? &n_bad_shown : &n_warned;
		struct where at;

		if (n->kind == NOTE_DETAIL)
			continue;
		at = place(r, b, &n->col);
		if (n->kind == NOTE_BAD)
			r->at = at;
		if (++*shown > MESSAGES)
			continue;
		tell_clear();
		warn_at(&at, n->col, "%.*s", ARG(n->text));
		if (*shown == MESSAGES)
			warn("further %s are only counted", n->kind == NOTE_BAD ? "bad records" : "warnings");
	}
}

/* Where --bad pass passes to. */
static struct output *bad_output(void)
{
	return &outputs[filter->own_output];
}

static NORETURN void leave_bad(void)
{
	if (report_path)
		tell_report(report_path, EXIT_BAD);
	exit(EXIT_BAD);
}

/* End the run for a bad record of b, which was told. What came before it is good: let it out, unless a whole file was
 * promised. */
static void stop_bad(const struct batch *b)
{
	for (size_t i = 0; i < n_outputs; i++) {
		if (outputs[i].out) {
			write_waiting(&outputs[i]);
			out_flush(outputs[i].out);
		}
	}
	if (!b->chunk.compressed)
		leave_bad();
	stopping = true;
}

static void settle_bad(struct rec *r, const struct batch *b)
{
	tell.bad++;
	show_messages(r, b);
	if (bad_policy == BAD_STOP) {
		stop_bad(b);
		return;
	}
	if (tell.bad == tell.read && tell.bad >= HOPELESS) {
		warn("%d bad records and no good one: is this JSON Lines?", HOPELESS);
		stop_bad(b);
		return;
	}
	write_reject(r);
	if (bad_policy == BAD_PASS && !filter->sink && pass != PASS_FIRST)
		write_raw(bad_output(), r, b);
}

static void remember_fate(const struct rec *r, bool settled)
{
	size_t what = r->bad ? FATE_BAD : FATE_GOOD;

	if (!r->bad && r->dropped) {
		size_t i = 0;

		while (i < COUNT(fate_reasons) && fate_reasons[i] && fate_reasons[i] != r->dropped)
			i++;
		if (i == COUNT(fate_reasons))
			bug("too many drop reasons");
		fate_reasons[i] = r->dropped;
		what = FATE_DROPPED + i;
	}
	GROW(fates.v, fates.n, fates.room);
	fates.v[fates.n++] = (uint8_t)(2 * what + settled);
}

static void write_settled(struct rec *r, const struct batch *b)
{
	if (r->dropped) {
		tell_drop(r->dropped);
		write_reject(r);
	} else {
		tell.kept++;
		write_kept(r, b);
	}
}

/* One pass, or the first of two. */
static void settle_record(struct rec *r, const struct batch *b)
{
	const bool settled = !r->bad && !r->dropped;

	tell.read++;
	if (settled) {
		r->n = n_good++;
		if (filter->settle)
			filter->settle(r);
	}
	if (pass == PASS_FIRST)
		remember_fate(r, settled);
	if (r->bad) {
		settle_bad(r, b);
		return;
	}
	show_messages(r, b);
	if (pass != PASS_FIRST)
		write_settled(r, b);
}

static void emit_record(struct rec *r, const struct batch *b)
{
	size_t fate;
	bool settled;

	if (n_seen == fates.n)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	fate = fates.v[n_seen] / 2;
	settled = fates.v[n_seen++] % 2;
	if (settled)
		r->n = n_good++;
	if (fate == FATE_BAD) {
		write_held();
		if (bad_policy == BAD_PASS)
			write_raw(bad_output(), r, b);
		return;
	}
	if (r->bad)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	if (fate == FATE_GOOD)
		filter->emit(r);
	else
		rec_drop(r, fate_reasons[fate - FATE_DROPPED]);
	if (r->bad)
		bug("rec_bad() in emit()");
	show_messages(r, b);
	write_settled(r, b);
}

/* The input cannot be read on, or only behind a line over the limit. Such a line was not held, so it can be
 * skipped but not passed through. */
static void settle_failure(const struct batch *b)
{
	tell_clear();
	if (stopping && b->failed_at.line) {
		if (!b->go_on)
			leave_bad();
		return;
	}
	if (b->go_on && bad_policy != BAD_SKIP) {
		warn_at(&b->failed_at, b->failed_col, "%s", b->failure);
		stop_bad(b);
		return;
	}
	if (b->go_on) {
		if (pass == PASS_SECOND) {
			write_held();
			return;
		}
		tell.read++;
		tell.bad++;
		warn_at(&b->failed_at, b->failed_col, "%s", b->failure);
		line.n = 0;
		rec_write_lost(&b->failed_at, b->failure, &line);
		write_reject_line();
		return;
	}
	for (size_t i = 0; i < n_outputs; i++)
		if (outputs[i].out)
			out_flush(outputs[i].out);
	die_at(b->failed_at.line ? EXIT_BAD : EXIT_SYSTEM, &b->failed_at, b->failed_col, "%s", b->failure);
}

static void settle_batch(struct batch *b)
{
	if (b->failure)
		settle_failure(b);
	if (stopping)
		return;
	if (pass == PASS_FIRST && spool && spool_put(spool, &b->chunk) < 0)
		die(EXIT_SYSTEM, "cannot write a temporary file (is there room in $TMPDIR?):");
	for (size_t i = 0; i < b->n && !stopping; i++) {
		if (pass == PASS_SECOND)
			emit_record(&b->recs[i], b);
		else
			settle_record(&b->recs[i], b);
	}
	for (size_t i = 0; i < n_outputs; i++) {
		write_waiting(&outputs[i]);
		if (batch_records && outputs[i].out && out_flush(outputs[i].out) < 0)
			write_failed(outputs[i].path, out_error(outputs[i].out));
	}
	if (pass != PASS_SECOND)
		tell.bytes_in = b->consumed;
	tell_progress(total_bytes);
}

/* ---- one pass over all inputs ---- */

static void pass_alone(void)
{
	struct batch b = { 0 };
	struct scan_index scratch = { 0 };

	for (;;) {
		fill(&b);
		if (b.last)
			break;
		look_batch(&b, &scratch);
		settle_batch(&b);
	}
	scan_index_free(&scratch);
	chunk_free(&b.chunk);
	free(b.recs);
	arena_free(&b.arena);
}

/* A batch whose records are waited for takes long: the progress line is kept alive. Locked. */
static void wait_for_batch(void)
{
	struct timespec t;

	if (!filter->ahead) {
		pthread_cond_wait(&ring.done, &ring.lock);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 200000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	if (pthread_cond_timedwait(&ring.done, &ring.lock, &t) == ETIMEDOUT)
		tell_progress(total_bytes);
}

static void pass_threads(void)
{
	pthread_t *threads = xcalloc((size_t)jobs + 1, sizeof *threads);
	pthread_attr_t attr;
	struct batch *b;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);

	ring.size = (size_t)jobs + 3;
	ring.v = xcalloc(ring.size, sizeof *ring.v);
	ring.filled = ring.looked = ring.settled = 0;
	for (long i = 0; i <= jobs; i++) {
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
		settle_batch(b);
		pthread_mutex_lock(&ring.lock);
		b->state = FREE;
		ring.settled++;
		pthread_cond_signal(&ring.free);
		pthread_mutex_unlock(&ring.lock);
	}
	for (long i = 0; i <= jobs; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < ring.size; i++) {
		chunk_free(&ring.v[i].chunk);
		free(ring.v[i].recs);
		arena_free(&ring.v[i].arena);
	}
	free(ring.v);
	ring.v = NULL;
	pthread_attr_destroy(&attr);
	free(threads);
}

static void run_pass(void)
{
	if ((jobs > 1 && !filter->own_threads) || filter->ahead)
		pass_threads();
	else
		pass_alone();
	if (stopping)
		leave_bad();
}

/* ---- setting up ---- */

/* Every input is there, may be read and is no directory. Nothing is opened: a FIFO is opened once only. */
static void check_inputs(void)
{
	for (size_t i = 0; i < n_inputs; i++) {
		struct stat st;

		if (strcmp(inputs[i], "-") == 0)
			continue;
		if (stat(inputs[i], &st) < 0 || faccessat(AT_FDCWD, inputs[i], R_OK, AT_EACCESS) < 0)
			die(EXIT_SYSTEM, "%s: %s", inputs[i], strerror(errno));
		if (S_ISDIR(st.st_mode))
			die(EXIT_SYSTEM, "%s: is a directory", inputs[i]);
	}
}

/* Open what may be open at once; the rest when its turn comes. False: some input is no regular file. */
static bool open_inputs(void)
{
	enum { OPEN_AT_ONCE = 128 };
	bool files = true, sized = true;

	total_bytes = 0;
	for (size_t i = 0; i < n_inputs && i < OPEN_AT_ONCE; i++) {
		const char *why;
		struct in *in = in_open(inputs[i], (size_t)max_record << 20, &why);

		if (!in)
			die(EXIT_SYSTEM, "%s: %s", input_name(i), why);
		if (in_same_file(in, STDOUT_FILENO) && !out_path && !filter->sink)
			die(EXIT_USAGE, "%s is both input and output; use -o", input_name(i));
		files = files && in_is_file(in);
		sized = sized && in_size(in) > 0;
		total_bytes += in_size(in);
		source.opened[i] = in;
	}
	for (size_t i = OPEN_AT_ONCE; i < n_inputs; i++) {
		struct stat st;

		files = files && stat(inputs[i], &st) == 0 && S_ISREG(st.st_mode);
	}
	if (!sized || n_inputs > OPEN_AT_ONCE)
		total_bytes = 0;
	return files;
}

static void open_output(struct output *o, const char *path)
{
	const char *why;

	o->path = xstrdup(path);
	o->out = out_open(path, &why);
	if (!o->out)
		write_failed(path, why);
	if (report_path)
		out_hash_on(o->out);
}

int run_output(const char *path)
{
	claim_output(path, strcmp(path, "-") != 0);
	outputs = xreallocarray(outputs, n_outputs + 1, sizeof *outputs);
	outputs[n_outputs] = (struct output){ 0 };
	open_output(&outputs[n_outputs], path);
	return (int)n_outputs++ - 1;
}

void run_put(struct span json, int out)
{
	struct buf *b = compose(output_of(out));

	buf_add(b, json);
	buf_addc(b, '\n');
}

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
	return out_path;
}

void run_records(size_t n)
{
	batch_records = n;
}

int run_jobs(void)
{
	return (int)jobs;
}

const char *const *run_inputs(size_t *n)
{
	*n = n_inputs;
	return inputs;
}

static void default_jobs(void)
{
	const char *env = getenv("PREF_JOBS");
	cpu_set_t set;

	if (opt_given(&jobs))
		return;
	jobs = env ? strtol(env, NULL, 10) : 0;
	if (jobs < 1 || jobs > 256)
		jobs = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static void commit(struct out *o, const char *path)
{
	uint64_t bytes = out_bytes(o), hash = out_hash(o);
	int e = out_commit(o);

	if (e < 0)
		write_failed(path, strerror(errno));
	tell_output(path, bytes, hash);
}

static void finish_outputs(void)
{
	for (size_t i = 0; i < n_outputs; i++) {
		struct out *o = outputs[i].out;

		if (o)
			write_waiting(&outputs[i]);
		outputs[i].out = NULL;
		if (o)
			commit(o, outputs[i].path);
		buf_free(&outputs[i].composed);
	}
	if (rejects)
		commit(rejects, reject_path);
	rejects = NULL;
}

static void report(int status)
{
	tell_close();
	if (report_path && tell_report(report_path, status) < 0)
		die(EXIT_SYSTEM, "%s:", report_path);
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

	filter = f;
	hold_standard();
	tell_start(argc, argv);
	if (f->command && argc > 1 && strcmp(argv[1], f->command) == 0) {
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	n = opt_parse(&program, argc, argv);
	inputs = (const char *const *)(n > 0 ? argv : only_stdin);
	n_inputs = n > 0 ? (size_t)n : 1;
	default_jobs();
	check_inputs();
	claim_inputs(inputs, n_inputs);
	if (!f->own_output)
		claim_output(out_path || f->sink ? out_path : "-", true);
	claim_output(reject_path, false);
	claim_output(report_path, false);

	n_outputs = 1;
	outputs = xcalloc(1, sizeof *outputs);
	if (f->start)
		f->start();
	if (f->own_output && n_outputs != 2 && bad_policy == BAD_PASS)
		die(EXIT_USAGE, "--bad pass does not say to which output");
	if (!f->sink && !f->own_output)
		open_output(&outputs[0], out_path ? out_path : "-");
	if (reject_path) {
		const char *why;

		rejects = out_open(reject_path, &why);
		if (!rejects)
			write_failed(reject_path, why);
	}
	source.opened = xcalloc(n_inputs, sizeof *source.opened);
	source.sizes = xcalloc(n_inputs, sizeof *source.sizes);
	files = open_inputs();

	pass = f->emit ? PASS_FIRST : PASS_ONLY;
	if (f->emit && !files) {
		spool = spool_open();
		if (!spool)
			die(EXIT_SYSTEM, "cannot make a temporary file in $TMPDIR:");
	}
	run_pass();
	if (f->decide)
		f->decide();
	if (f->emit) {
		pass = PASS_SECOND;
		n_good = 0;
		source.at = 0;
		source.done = 0;
		source.spool = spool;
		if (spool && spool_rewind(spool) < 0)
			die(EXIT_SYSTEM, "cannot read the temporary file:");
		run_pass();
		if (n_seen != fates.n)
			die(EXIT_SYSTEM, "the input changed between the two passes over it");
		spool_close(spool);
		free(fates.v);
	}
	tell_clear();
	if (f->stop)
		f->stop();
	finish_outputs();
	if (f->done)
		f->done();
	for (size_t i = 0; i < n_inputs; i++)
		tell_input(inputs[i], source.sizes[i]);
	report(tell.bad ? EXIT_BAD : EXIT_OK);
	buf_free(&line);
	for (size_t i = 0; i < n_outputs; i++)
		free(outputs[i].path);
	claim_free();
	free(outputs);
	free(source.opened);
	free(source.sizes);
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
	claim_output(out_path ? out_path : "-", false);
	claim_output(report_path, false);
	status = t->work(n, argv);
	claim_free();
	tell_clear();
	report(status);
	return status;
}
