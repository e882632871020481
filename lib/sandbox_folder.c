/* sandbox_folder - a folder of the host for one job, for backends that have no root of their own
 *
 * Two processes of ours: one that owns the folder, and the one below it that runs the steps. Whatever ends the second
 * one, or the slot, the first kills what is left and removes the folder.
 */
#include "sandbox_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INODES = 4096, DEPTH = 64 };

/* ---- emptying ---- */

/* What is in folder `name` of `top` is removed; folders in it are moved up to top, and *moved counts them. */
static void flatten(int top, const char *name, unsigned long *moved)
{
	int fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char to[32];

	for (struct dirent *e; d && (e = readdir(d));) {
		if (span_eq(span_of(e->d_name), S(".")) || span_eq(span_of(e->d_name), S("..")) || unlinkat(fd, e->d_name, 0) == 0)
			continue;
		do
			snprintf(to, sizeof to, "%lu", ++*moved);
		while (fchmodat(fd, e->d_name, 0700, 0) == 0 && renameat(fd, e->d_name, top, to) < 0 && (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
	}
	if (d)
		closedir(d);
}

/* Folders may be nested deeper than paths, descriptors and stacks go: they are taken out one by one. */
static void empty(const char *path)
{
	int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = top < 0 ? NULL : fdopendir(top);
	unsigned long moved = 0;
	bool again = d != NULL;

	while (again) {
		again = false;
		rewinddir(d);
		for (struct dirent *e; (e = readdir(d));) {
			const char *name = e->d_name;

			if (span_eq(span_of(name), S(".")) || span_eq(span_of(name), S("..")) || unlinkat(top, name, 0) == 0)
				continue;
			if (fchmodat(top, name, 0700, 0) == 0)
				flatten(top, name, &moved);
			again = unlinkat(top, name, AT_REMOVEDIR) == 0 || again;
		}
	}
	if (d)
		closedir(d);
}

static void remove_folder(const struct sandbox_job *j)
{
	char path[512];

	for (const char *const *p = (const char *const[]){ "box", "tmp", NULL }; *p; p++) {
		snprintf(path, sizeof path, "%s/%s", j->folder, *p);
		empty(path);
		rmdir(path);
	}
	rmdir(j->folder);
}

void sandbox_empty_tmp(void)
{
	empty(".");
}

/* ---- its modes ---- */

void sandbox_open_box(void)
{
	DIR *d = opendir("../box");

	for (struct dirent *e; d && (e = readdir(d));) {
		int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		struct stat st;

		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, 0755) < 0)
			warn("../box/%s:", e->d_name);
		if (fd >= 0)
			close(fd);
	}
	if (d)
		closedir(d);
}

/* ---- its size ---- */

static struct { uint64_t bytes, most, entries; } walked;

static int count_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)path;
	if (what != FTW_NS)
		walked.bytes += (uint64_t)st->st_blocks * 512;
	walked.entries++;
	return walked.bytes > walked.most || walked.entries > INODES || at->level > DEPTH;
}

bool sandbox_folder_full(const struct sandbox_job *j, uint64_t bytes)
{
	walked.bytes = walked.entries = 0;
	walked.most = bytes;
	return nftw(j->folder, count_one, 16, FTW_PHYS) == 1;
}

/* ---- a job ---- */

/* The process that runs the steps. */
static NORETURN void inside(struct sandbox_job *j, const sigset_t *mask)
{
	char path[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (j->how == SANDBOX_LANDLOCK && sandbox_landlock_scope() < 0)
		sandbox_fail(j, "Landlock");
	snprintf(path, sizeof path, "%s/box", j->folder);
	mkdir(path, 0755);
	sandbox_put_files(j, path);
	snprintf(path, sizeof path, "%s/tmp", j->folder);
	if (mkdir(path, 0700) < 0 || chdir(path) < 0)
		sandbox_fail(j, path);
	sandbox_steps(j);
	_exit(0);
}

static void own(struct sandbox_job *j, pid_t slot)
{
	const char *tmp = getenv("TMPDIR");
	sigset_t events, mask;
	pid_t pid;
	int sig;

	sigemptyset(&events);
	sigaddset(&events, SIGTERM);
	sigaddset(&events, SIGCHLD);
	sigprocmask(SIG_BLOCK, &events, &mask);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (getppid() != slot)
		_exit(1);
	if (j->how == SANDBOX_LANDLOCK && sandbox_landlock_scope() < 0)
		sandbox_fail(j, "Landlock");
	j->folder = xasprintf("%s/pref-box-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(j->folder))
		sandbox_fail(j, j->folder);
	pid = fork();
	if (pid == 0)
		inside(j, &mask);
	do
		sig = pid < 0 ? SIGTERM : sigwaitinfo(&events, NULL);
	while (sig != SIGTERM && waitpid(pid, NULL, WNOHANG) == 0);
	while (sandbox_kill(j), waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	remove_folder(j);
	free(j->folder);
}

pid_t sandbox_folder(struct sandbox_job *j)
{
	const pid_t slot = getpid();
	pid_t pid;

	j->others = sandbox_others(j);
	pid = fork();
	if (pid != 0)
		return pid;
	close(3);
	own(j, slot);
	_exit(0);
}
