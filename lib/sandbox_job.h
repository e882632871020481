/* sandbox_job.h - between the parts of the sandbox: a job in the process of a slot, and what goes over the pipes */
#ifndef PREF_SANDBOX_JOB_H
#define PREF_SANDBOX_JOB_H

#include "sandbox.h"

#include <sys/types.h>

/* Files of the group of a slot. */
struct sandbox_group {
	bool had;			/* false: there is none, and no file */
	int memory, kills, pids, now;
};

struct sandbox_job {
	enum sandbox_backend how;
	struct sandbox_file *files;
	struct sandbox_step *steps;
	size_t n_files, n_steps;
	const char *const *folders;
	size_t n_folders;
	char *folder;			/* box and tmp are in it; NULL: direct, which has a root of its own */
	struct sandbox_group group;
	uint64_t size;			/* of the job as it was sent */
	uint64_t others;		/* processes that count as the job's for the limit, but are not */
	int unfit;			/* errno of what makes all jobs impossible; 0: nothing */
	const char *unfit_why;
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

struct sandbox_groups;

/* Serve jobs that come over fd until it is closed. groups: NULL if there are none. Does not return. */
void sandbox_slot(int fd, unsigned slot, enum sandbox_backend how, const struct sandbox_groups *groups,
	const char *const *folders, size_t n_folders) NORETURN;
/* All n bytes, over interruptions; false: errno, or EPIPE for an end before them. */
bool sandbox_read(int fd, void *p, size_t n);
bool sandbox_write(int fd, const void *p, size_t n);

/* ---- sandbox_direct.c, sandbox_folder.c: a process for a job ---- */

/* Fork; the child makes its surroundings, runs sandbox_steps() and ends. -1: errno. That of sandbox_folder() leaves
 * nothing behind if it is ended by SIGTERM; that of sandbox_direct() has to be killed. */
pid_t sandbox_direct(struct sandbox_job *j);
pid_t sandbox_folder(struct sandbox_job *j);
/* Paths of the host that programs and their loader need, read-only; devices. End with NULL. */
extern const char *const sandbox_system_paths[], *const sandbox_devices[];
void sandbox_put_files(const struct sandbox_job *j, const char *folder);
/* Give up the set-up: say what and errno over j->to, end the process. */
void sandbox_fail(const struct sandbox_job *j, const char *what) NORETURN;

/* ---- sandbox_steps.c ---- */

/* Run the steps, write their ends. */
void sandbox_steps(const struct sandbox_job *j);
/* Kill all processes of the job but ourselves; those that are born meanwhile may be left. */
void sandbox_kill(const struct sandbox_job *j);
/* In sandbox_direct.c: a new /tmp of this many bytes; /box cannot be written any more. */
void sandbox_fresh_tmp(const struct sandbox_job *j, uint64_t bytes);
void sandbox_close_box(const struct sandbox_job *j);
/* In sandbox_folder.c: nothing is left in tmp, where we are; all files in box may be executed, since a linker that may
 * not change modes has not said so; are there more bytes, or files than a job may have? */
void sandbox_empty_tmp(void);
void sandbox_open_box(void);
bool sandbox_folder_full(const struct sandbox_job *j, uint64_t bytes);

/* ---- sandbox_program.c ---- */

enum { SANDBOX_IN, SANDBOX_OUT, SANDBOX_ERR, SANDBOX_SIDE, SANDBOX_PIPES };
/* Become the program, with these as its descriptors 0 to 3. If that fails errno is written to said. */
void sandbox_become(const struct sandbox_job *j, const struct sandbox_step *s, const int theirs[SANDBOX_PIPES], int said)
	NORETURN;

/* ---- sandbox_bwrap.c ---- */

/* The command line of a step, which ends with NULL and stays. status, filter: descriptors for its --json-status-fd and
 * --seccomp. NULL: errno, there is no such program. */
const char *const *sandbox_bwrap(const struct sandbox_job *j, const struct sandbox_step *s, int status, int filter);

/* ---- sandbox_landlock.c ---- */

/* From now on this process and all it starts reach with signals only each other. -1: errno. */
int sandbox_landlock_scope(void);
/* The program's rights: the folder it is in, ../box (to write: build), system paths and the job's folders; no signals to
 * others, no TCP. -1: errno. */
int sandbox_landlock(const struct sandbox_job *j, bool build);

/* ---- sandbox_seccomp.c ---- */

/* The filter on system calls, for this process and all it starts. strict: there are no namespaces. -1: errno. Takes no
 * memory. */
int sandbox_seccomp(bool strict);
/* The filter that is not strict as a file. -1: errno. */
int sandbox_seccomp_file(void);

/* ---- sandbox_memory.c ---- */

/* All processes of the job but ourselves: their memory (proportional set size if their sum may be over most), and their
 * CPU time in seconds. */
void sandbox_usage(const struct sandbox_job *j, uint64_t most, uint64_t *memory, double *cpu);
/* Threads of our user that RLIMIT_NPROC counts beside those of a job. */
uint64_t sandbox_others(const struct sandbox_job *j);
/* A small file as a string, empty if it cannot be read. */
void sandbox_slurp(const char *path, char *text, size_t size);

/* ---- sandbox_cgroup.c, sandbox_cgroup_where.c: groups of processes, where they can be had ---- */

/* n of them, each with limits that are seen to hold. NULL: none can be had. */
struct sandbox_groups *sandbox_groups_open(unsigned n);
void sandbox_groups_close(struct sandbox_groups *g);	/* when who was in them has ended; accepts NULL */
/* This process and all it starts are in group i from now on. Before it drops its privileges. False: errno. */
bool sandbox_group_enter(const struct sandbox_groups *g, unsigned i, struct sandbox_group *group);
/* These limits, for what is started now. extra: bytes that our own processes may need. */
void sandbox_group_limit(const struct sandbox_group *group, const struct sandbox_limits *l, uint64_t extra);
/* How many processes were killed so far because there was no more memory. */
uint64_t sandbox_group_kills(const struct sandbox_group *group);
/* The folder in which groups with this controller may be made; of which version. False: there is none. */
bool sandbox_group_base(const char *controller, char base[], bool *v2);

#endif
