/* sandbox.h - run one untrusted program, get one verdict (long head: what each backend keeps, and what it does not)
 *
 * A job is files and steps. It gets a system of its own: namespaces for users, processes, mounts, network, IPC and
 * host name; a root in memory that holds the read-only /usr, /box with the job's files, /tmp, and nothing else of
 * the host; no capability, no new privileges, a filter on system calls, limits on time, memory, processes, output and
 * disk. Steps follow each other in it. What a step leaves behind, processes and /tmp, is gone before the next one
 * begins; what it wrote to /box stays only if it is a build step, and once a step is none, /box cannot be written
 * any more. When the last step is over nothing is left.
 *
 * Programs begin in /tmp and name the files of the job ../box/NAME, so that they are found under every backend:
 *
 *	direct	all of the above; works for root and for others. The kernel never sees root: each job is uid 64000 + slot,
 *		or the uid of the caller if that is not root
 *	bwrap	the same by bubblewrap, where it alone may make user namespaces. All of /proc that is not of a process is
 *		seen, and so is its own process 1; no limit on the number of files in /tmp; exit statuses above 128 are taken for signals
 *	landlock	no namespaces: Landlock, a stricter filter on system calls, limits; a folder of the host that is removed.
 *		Names, sizes and times of the host's files are seen, not what is in them; the uid is 64000 + slot or the
 *		caller's, whose processes count for the limit on processes; no /proc, no sockets but pairs, no chmod, no
 *		change of times; disk is looked at every 50 ms, box and tmp together
 *	none	no protection: limits, and what is still there of the job at its end is killed
 *
 * Only a backend that has passed a trial run is used. Memory is RLIMIT_DATA of each process (which, unlike RLIMIT_AS,
 * leaves node running) and the proportional set size of all together, looked at every 50 ms. Where cgroups can be had
 * (root, or a user to whom they are delegated), under each backend memory, with what no process maps, and processes are
 * limited by the kernel too, at some more: sandbox_cgroup.c.
 *
 * One process a slot, started by sandbox_open() before there are threads, starts the jobs and collects what they
 * print: it has dropped its privileges, holds no file of ours and is small to fork.
 */
#ifndef PREF_SANDBOX_H
#define PREF_SANDBOX_H

#include "base.h"

enum sandbox_backend { SANDBOX_AUTO, SANDBOX_DIRECT, SANDBOX_BWRAP, SANDBOX_LANDLOCK, SANDBOX_NONE };	/* from the best on */

struct sandbox_limits {
	double cpu, wall;		/* seconds; cpu is that of all processes of the step */
	uint64_t memory;		/* bytes */
	uint64_t output;		/* bytes of standard output, standard error and descriptor 3 together */
	uint64_t disk;			/* bytes; /box and /tmp each */
	uint64_t processes;		/* at a time, threads included */
};
extern const struct sandbox_limits sandbox_limits;	/* 3 s of CPU, 9 s, 512 MiB, 1 MiB, 64 MiB, 64 */

struct sandbox_file {
	const char *name;		/* without folder */
	struct span bytes;
};

struct sandbox_step {
	const char *const *argv;	/* ends with NULL; the program is looked for in PATH */
	struct span in;			/* standard input */
	bool build;			/* may write to /box; if it fails, the steps after it are not run */
	struct sandbox_limits limits;
};

/* In order of precedence: the first that holds. */
enum sandbox_verdict {
	SANDBOX_ERROR,			/* could not be run: not the program's fault. why says what */
	SANDBOX_VIOLATION,		/* ended by the filter on system calls */
	SANDBOX_TIMEOUT,		/* too much CPU or wall time */
	SANDBOX_MEMORY,			/* too much of it, or an exit other than 0 after a message that there is none */
	SANDBOX_OUTPUT,			/* too much output */
	SANDBOX_CRASH,			/* another signal */
	SANDBOX_EXIT,			/* exit status other than 0 */
	SANDBOX_OK,			/* exit status 0: it ran, not that it is right */
	SANDBOX_NOT_RUN			/* a build step before it failed */
};

struct sandbox_end {
	enum sandbox_verdict verdict;
	int exit, signal;		/* -1: did not end so */
	bool alone;			/* a timeout by the wall clock with CPU time left: worth another try alone */
	double cpu, wall;		/* seconds */
	uint64_t rss;			/* bytes, of the largest process */
	struct span out, err;
	struct span side;		/* what was written to descriptor 3 */
	struct span why;		/* SANDBOX_ERROR: in words */
};

struct sandbox;

/* Start jobs processes; SANDBOX_AUTO: of the first backend that works, never none. folders: more of the host that is to be seen, read-only, n of them. NULL: *why (caller frees)
 * says why no backend works. Call it while there is one thread. */
struct sandbox *sandbox_open(enum sandbox_backend want, unsigned jobs, const char *const *folders, size_t n, char **why);
const char *sandbox_name(const struct sandbox *s);	/* "direct", "bwrap", "landlock", "none" */
/* Are the processes of a job all that its programs see in /proc? Then a program may clear up after another one. */
bool sandbox_own_processes(const struct sandbox *s);
bool sandbox_groups(const struct sandbox *s);		/* Does the kernel limit each job as a whole (cgroups)? */
/* Run a job on a free slot; any thread. ends[i] is that of steps[i], its spans in the arena. A SANDBOX_ERROR of the
 * set-up is tried again once, a timeout worth it once while no other job runs. */
void sandbox_run(struct sandbox *s, const struct sandbox_file *files, size_t n_files,
	const struct sandbox_step *steps, size_t n_steps, struct sandbox_end *ends, struct arena *a);
/* The same while no other job runs: for what may have been late only because of others. */
void sandbox_run_alone(struct sandbox *s, const struct sandbox_file *files, size_t n_files,
	const struct sandbox_step *steps, size_t n_steps, struct sandbox_end *ends, struct arena *a);
void sandbox_close(struct sandbox *s);			/* accepts NULL */

#endif
