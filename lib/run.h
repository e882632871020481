/* run.h - the runner: owns files, compression, threads, order, counts and errors of every filter
 *
 * A filter is a struct of hooks, never a loop:
 *
 *	start	once, after options: compile patterns, load sets, reject bad combinations (die EXIT_USAGE)
 *	ahead	before look, same thread: begin for this record what takes its time elsewhere (a question to a server), so
 *		that look need not wait long for each. Called for all records of a batch with round 0, then 1, ... until
 *		it is false for all; a record it finds wrong it leaves to look
 *	look	any thread, one record, no shared writes; the struct rec itself may move before settle
 *	look_all	any thread, the records of a batch after look() of each, bad and dropped ones among them: for
 *		what is cheaper together
 *	settle	input order, one thread, records that look() neither dropped nor found bad: may remember
 *	decide	only whole-input filters: all records have been settled; choose
 *	emit	only whole-input filters: a second pass over the good records, input order, one thread.
 *		Without emit, records are written after settle; with it, after emit, and what settle did to
 *		the record (edits, drops) is forgotten: settle only remembers. r->n links the passes.
 *	stop	once, after the last record and before outputs are committed: free, write side files
 *	done	once, after outputs are committed: for what must not be there without them
 *
 * Input is cut into batches of whole records; workers scan and look, one thread settles and writes
 * by serial number, so that the output is the same for every -j and memory is bounded.
 *
 * Counting: read = kept + dropped + bad. Exit: 0, 1 bad records, 2 usage, 3 system.
 */
#ifndef PREF_RUN_H
#define PREF_RUN_H

#include "opt.h"
#include "rec.h"
#include "tell.h"

struct filter {
	const char *name;		/* "pref-dedup" */
	const char *about;		/* one line for --help and the man page */
	const char *command;		/* as in struct program */
	const char *operands;		/* NULL means "[FILE...]" */
	const struct opt *options;	/* its own; the shared ones are added */
	void (*start)(void);
	bool (*ahead)(struct rec *r, int round);
	void (*look)(struct rec *r);
	void (*look_all)(struct rec *recs, size_t n);
	void (*settle)(struct rec *r);
	void (*decide)(void);
	void (*emit)(struct rec *r);
	void (*stop)(void);
	void (*done)(void);
	bool sink;			/* writes no records: -o belongs to the program, which must not list it twice */
	bool own_threads;		/* the program has -j threads of its own: the runner looks with one */
	bool own_output;		/* the program's table has its own -o (pref-split); records still flow */
};

/* Parse, run, report; returns the exit status of the process. */
int filter_main(const struct filter *f, int argc, char **argv);

/* A program that reads no records (pref-synth) or reads its operands itself: the shared -o, --report,
 * --progress and -q, then work(), then the closing line. work() commits what it wrote and returns the
 * exit status. */
struct tool {
	const char *name, *about;
	const char *operands;		/* NULL: none are accepted */
	const struct opt *options;
	int (*work)(int n, char **operands);
};
int tool_main(const struct tool *t, int argc, char **argv);

/* ---- for hooks ---- */

/* Open another output, before the first record; its number for rec.out and rec_put(). The path's suffix
 * chooses compression; the file appears whole at the end, or not at all. */
int run_output(const char *path);
/* In start(), or in a tool before it opens anything: a file that the program writes besides records (NULL:
 * none). Dies (EXIT_USAGE) if it is an input or another output. */
void run_side_file(const char *path);
/* In start(): a file that the program reads besides its inputs. Dies (EXIT_USAGE) if it is an output. */
void run_reads(const char *path);
/* In stop(): one more line (one JSON value, no line end), after those of all records. out: as rec.out. */
void run_put(struct span json, int out);
/* The -o argument of a sink or a tool (NULL if none). */
const char *run_out_path(void);
/* Jobs in use (-j), at least 1. */
int run_jobs(void);
/* In start(): look() takes long. Batches are of so many records, not of a MiB, so that all threads have work, and
 * what is done is written soon. */
enum { FEW = 8, MANY = 256 };
void run_records(size_t n);
/* In start(): f->ahead is this. Or, with only, nothing else is done with the records: it is called for each in input
 * order, one thread, with round 0, 1, ... until it is false, and they pass unchanged. Batches are of MANY records, unless
 * run_records() said otherwise: enough to keep a server busy, and the progress line moves. */
void run_ahead(struct filter *f, bool (*ahead)(struct rec *r, int round), bool only);
/* The inputs' names (never empty: "-" stands for standard input). */
const char *const *run_inputs(size_t *n);

#endif
