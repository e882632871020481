/* sandbox_job.h - between the parts of the sandbox: a job in the process of a slot, and what goes over the pipes */
#ifndef PREF_SANDBOX_JOB_H
#define PREF_SANDBOX_JOB_H

#include "sandbox.h"

#include <sys/types.h>

struct sandbox_job {
	struct sandbox_file *files;
	struct sandbox_step *steps;
	size_t n_files, n_steps;
	const char *const *folders;
	size_t n_folders;
	bool confined;			/* direct: we are process 1 */
	int unfit;			/* errno of what makes all jobs impossible; 0: nothing */
	int to;				/* where ends are written */
};

/* What is said of a step; out + err + side + why bytes follow. A set-up that failed is an end with why. */
struct sandbox_wire {
	int32_t status;			/* as of wait() */
	uint32_t over;			/* which limits */
	double cpu, wall;
	uint64_t rss;
	uint64_t out, err, side, why;
};
enum { OVER_CPU = 1, OVER_WALL = 2, OVER_MEMORY = 4, OVER_OUTPUT = 8 };

/* ---- sandbox_slot.c: the process of a slot ---- */

/* Serve jobs that come over fd until it is closed. Does not return. */
void sandbox_slot(int fd, unsigned slot, enum sandbox_backend how, const char *const *folders, size_t n_folders) NORETURN;
/* All n bytes, over interruptions; false: errno, or EPIPE for an end before them. */
bool sandbox_read(int fd, void *p, size_t n);
bool sandbox_write(int fd, const void *p, size_t n);

/* ---- sandbox_direct.c, sandbox_none.c: a process for a job ---- */

/* Fork; the child makes its surroundings, runs sandbox_steps() and ends. -1: errno. */
pid_t sandbox_direct(struct sandbox_job *j);
pid_t sandbox_none(struct sandbox_job *j);
void sandbox_put_files(const struct sandbox_job *j, const char *folder);
/* Give up the set-up: say what and errno over j->to, end the process. */
void sandbox_fail(const struct sandbox_job *j, const char *what) NORETURN;

/* ---- sandbox_steps.c ---- */

/* Run the steps, write their ends. */
void sandbox_steps(const struct sandbox_job *j);
/* In sandbox_direct.c: a new /tmp of this many bytes; /box cannot be written any more. */
void sandbox_fresh_tmp(const struct sandbox_job *j, uint64_t bytes);
void sandbox_close_box(const struct sandbox_job *j);

/* ---- sandbox_seccomp.c ---- */

/* The filter on system calls, for this process and all it starts. -1: errno. Takes no memory. */
int sandbox_seccomp(void);

/* ---- sandbox_memory.c ---- */

/* All processes that /proc shows but ourselves: their memory (proportional set size if their sum may be over most),
 * and their CPU time in seconds. */
void sandbox_usage(uint64_t most, uint64_t *memory, double *cpu);

#endif
