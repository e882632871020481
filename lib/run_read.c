/* run_read - the reading half of the runner: chunks of inputs become batches of records that were looked at */
#include "run_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 1 << 20 };		/* bytes; stream.h bounds the records */

static struct source {			/* the reader's business alone */
	struct in *in;
	struct in **opened;		/* inputs opened at the start; NULL: to be opened when their turn comes */
	size_t at;			/* index of the current input */
	uint64_t done;			/* bytes of the inputs before it */
	uint64_t *sizes;		/* bytes consumed of each */
	struct spool *spool;		/* second pass over pipes: read from here */
} source;

/* ---- inputs ---- */

const char *run_input_name(size_t i)
{
	return strcmp(run.inputs[i], "-") == 0 ? "(stdin)" : run.inputs[i];
}

void run_check_inputs(void)
{
	for (size_t i = 0; i < run.n_inputs; i++) {
		struct stat st;

		if (strcmp(run.inputs[i], "-") == 0)
			continue;
		if (stat(run.inputs[i], &st) < 0 || faccessat(AT_FDCWD, run.inputs[i], R_OK, AT_EACCESS) < 0)
			die(EXIT_SYSTEM, "%s: %s", run.inputs[i], strerror(errno));
		if (S_ISDIR(st.st_mode))
			die(EXIT_SYSTEM, "%s: is a directory", run.inputs[i]);
	}
}

bool run_open_inputs(void)
{
	enum { OPEN_AT_ONCE = 128 };
	bool files = true, sized = true;

	source.opened = xcalloc(run.n_inputs, sizeof *source.opened);
	source.sizes = xcalloc(run.n_inputs, sizeof *source.sizes);
	run.total_bytes = 0;
	for (size_t i = 0; i < run.n_inputs && i < OPEN_AT_ONCE; i++) {
		const char *why;
		struct in *in = in_open(run.inputs[i], (size_t)run.max_record << 20, &why);

		if (!in)
			die(EXIT_SYSTEM, "%s: %s", run_input_name(i), why);
		if (in_same_file(in, STDOUT_FILENO) && !run.out_path && !run.filter->sink)
			die(EXIT_USAGE, "%s is both input and output; use -o", run_input_name(i));
		files = files && in_is_file(in);
		sized = sized && in_size(in) > 0;
		run.total_bytes += in_size(in);
		source.opened[i] = in;
	}
	for (size_t i = OPEN_AT_ONCE; i < run.n_inputs; i++) {
		struct stat st;

		files = files && stat(run.inputs[i], &st) == 0 && S_ISREG(st.st_mode);
	}
	if (!sized || run.n_inputs > OPEN_AT_ONCE)
		run.total_bytes = 0;
	return files;
}

void run_rewind(void)
{
	source.at = 0;
	source.done = 0;
	source.spool = run.spool;
	if (run.spool && spool_rewind(run.spool) < 0)
		die(EXIT_SYSTEM, "cannot read the temporary file:");
}

void run_close_inputs(void)
{
	for (size_t i = 0; i < run.n_inputs; i++)
		tell_input(run.inputs[i], source.sizes[i]);
	free(source.opened);
	free(source.sizes);
}

/* ---- reading ---- */

static void fail_batch(struct batch *b, const char *why, uint64_t at_line, size_t col)
{
	b->failure = why;
	b->failed_at = (struct where){ run_input_name(source.at), at_line };
	b->failed_col = col;
}

void run_fill(struct batch *b)
{
	b->last = b->go_on = false;
	b->failure = NULL;
	b->chunk.bytes.n = 0;
	b->chunk.n = 0;
	if (run.stopping) {
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
			if (source.at == run.n_inputs) {
				b->last = true;
				return;
			}
			source.in = source.opened[source.at];
			source.opened[source.at] = NULL;
			if (!source.in)
				source.in = in_open(run.inputs[source.at], (size_t)run.max_record << 20, &why);
			if (!source.in) {
				fail_batch(b, why, 0, 0);
				return;
			}
		}
		b->chunk.most = run.batch_records;
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
	if (!r->bad && run.filter->look && !run.filter->ahead && run.pass != PASS_SECOND)
		run.filter->look(r);
}

/* What takes time is begun for all records before the first is looked at. */
static void look_ahead(struct batch *b)
{
	bool more = true;

	for (int round = 0; more; round++) {
		more = false;
		for (size_t i = 0; i < b->n; i++)
			if (!b->recs[i].bad && run.filter->ahead(&b->recs[i], round))
				more = true;
	}
	for (size_t i = 0; i < b->n; i++)
		if (!b->recs[i].bad)
			run.filter->look(&b->recs[i]);
}

static void look_records(struct batch *b, struct scan_index *scratch)
{
	const char *p = b->chunk.bytes.p, *end = p ? p + b->chunk.bytes.n : p;
	uint64_t at_line = b->chunk.first_line;

	b->n = 0;
	arena_reset(&b->arena);
	if (run.stopping)
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

void run_look(struct batch *b, struct scan_index *scratch)
{
	look_records(b, scratch);
	if (run.filter->ahead && run.pass != PASS_SECOND)
		look_ahead(b);
	if (run.filter->look_all && run.pass != PASS_SECOND)
		run.filter->look_all(b->recs, b->n);
}

void run_free_batch(struct batch *b)
{
	chunk_free(&b->chunk);
	free(b->recs);
	arena_free(&b->arena);
}
