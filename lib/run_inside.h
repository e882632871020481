/* run_inside.h - inside lib/run*.c only: one run of a filter, seen by what reads, what settles and what writes */
#ifndef PREF_RUN_INSIDE_H
#define PREF_RUN_INSIDE_H

#include <stdatomic.h>

#include "run.h"
#include "spool.h"
#include "stream.h"

enum bad_policy { BAD_STOP, BAD_SKIP, BAD_PASS };

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

struct run {
	const struct filter *filter;
	const char *const *inputs;
	size_t n_inputs;
	const char *out_path, *reject_path, *report_path;	/* options; NULL: not given */
	long jobs, max_record;		/* threads; MiB */
	int bad_policy;

	enum { PASS_ONLY, PASS_FIRST, PASS_SECOND } pass;
	struct spool *spool;		/* two passes over pipes: chunks go here in the first, and come from here in the second */
	size_t batch_records;		/* 0: as many as fit */
	uint64_t total_bytes;		/* of all inputs; 0: not known */
	/* A bad record ended the run. It came from a compressed input, whose end is to tell whether that is damaged. */
	atomic_bool stopping;
};
extern struct run run;

/* ---- run_read.c: batches are filled and looked at ---- */

/* What a message calls input i. */
const char *run_input_name(size_t i);
/* Every input is there, may be read and is no directory. Nothing is opened: a FIFO is opened once only. */
void run_check_inputs(void);
/* Open what may be open at once; the rest when its turn comes. False: some input is no regular file. */
bool run_open_inputs(void);
/* Begin once more, from run.spool if there is one. */
void run_rewind(void);
/* Bytes of each input to the report. */
void run_close_inputs(void);
/* Fill b with the next chunk of whatever input is due. Sets b->last or b->failure at the end. */
void run_fill(struct batch *b);
void run_look(struct batch *b, struct scan_index *scratch);
void run_free_batch(struct batch *b);

/* ---- run_settle.c: what becomes of each record, in input order; the main thread ---- */

void run_settle(struct batch *b);
/* After the first of two passes; after the second, is it the same input? */
void run_settle_again(void);
void run_settle_end(void);
/* End a run that a bad record stopped. */
NORETURN void run_leave_bad(void);

/* ---- run_write.c: outputs; the main thread ---- */

/* The program's own, output -1, and the rejects; path NULL: there is none. */
void run_open_outputs(const char *path, const char *reject_path);
size_t run_outputs(void);		/* so many, the program's own with them */
void run_keep(const struct rec *r, const struct batch *b);
/* As it was read, to where --bad pass passes to. */
void run_keep_bad(const struct rec *r, const struct batch *b);
void run_reject(struct rec *r);
/* A line in its place: what could not be held, and why. */
void run_reject_lost(const struct where *at, const char *why);
/* Second pass: the next rejected line that waits. */
void run_reject_held(void);
/* Write what waits in memory; flush: also what waits to be compressed or buffered. */
void run_write_waiting(bool flush);
/* All that can be saved of outputs before the process gives up. */
void run_save_outputs(void);
void run_commit_outputs(void);
void run_free_outputs(void);

#endif
