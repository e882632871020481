/* sandbox_cgroup - the kernel's own limits on all that a slot runs, where it gives us groups (cgroups) for that
 *
 * Looking every 50 ms is too late for what grows fast, and memory that no process maps (files of memfd_create(), pipes)
 * is not seen at all. A slot that is in a group of its own cannot get beyond its limits: forks fail, and of too much
 * memory the kernel kills, and counts it.
 *
 * Version 1 and 2 of cgroups, each controller wherever it is. Who may not make groups has none, and so has who may, but is
 * not limited by them: a child of ours tries. A slot enters its group once and stays: to move a process may take
 * milliseconds. So the group holds ours, too, and what the kernel caches of files; its limit is for what must not be, not
 * for the last byte, its highest use says nothing of a program, and programs are made those that the kernel kills first.
 *
 * A process of ours, the keeper, removes the groups when the one that made them has ended, however that was. Were both
 * killed, the next run does: names say whose a group is.
 */
#include "sandbox_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMORY, PIDS, CONTROLLERS };
enum { PATIENCE = 5000 };		/* milliseconds that the processes of a group may take to be gone */
#define OURS (32u << 20)		/* bytes that our processes and the kernel may need in a group */
#define PREFIX "pref-sandbox-"

static const char *const controllers[CONTROLLERS] = { "memory", "pids" };

struct sandbox_groups {
	char base[CONTROLLERS][PATH_MAX];	/* groups are made in here */
	bool v2[CONTROLLERS];
	long owner;
	unsigned long long born;
	unsigned serial, n;
	pid_t keeper;
	int alive;				/* closed when we end */
};

/* ---- names ---- */

/* When a process began; 0: there is none. */
static unsigned long long birth(long pid)
{
	unsigned long long born = 0;
	char path[64], text[1024], *after;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	sandbox_slurp(path, text, sizeof text);
	after = strrchr(text, ')');
	if (after)
		sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &born);
	return born;
}

static void name_of(const struct sandbox_groups *g, int controller, unsigned i, char path[PATH_MAX + 128])
{
	snprintf(path, PATH_MAX + 128, "%s/" PREFIX "%ld-%llu-%u-%u", g->base[controller], g->owner, g->born, g->serial, i);
}

/* Groups whose owners are dead. One that is not empty cannot be removed. */
static void remove_stale(const char *base)
{
	DIR *d = opendir(base);

	for (struct dirent *e; d && (e = readdir(d));) {
		unsigned long long born;
		long owner;

		if (sscanf(e->d_name, PREFIX "%ld-%llu-", &owner, &born) == 2 && birth(owner) != born)
			unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
}

static void remove_all(const struct sandbox_groups *g)
{
	char path[PATH_MAX + 128];

	for (unsigned i = 0, waited = 0; i < g->n; i++)
		for (int c = 0; c < CONTROLLERS; c++) {
			name_of(g, c, i, path);
			for (; rmdir(path) < 0 && errno == EBUSY && waited < PATIENCE; waited++)
				usleep(1000);
		}
}

/* ---- one group ---- */

static int open_in(const struct sandbox_groups *g, int controller, unsigned i, const char *file, int flags)
{
	char path[PATH_MAX + 192];

	name_of(g, controller, i, path);
	snprintf(path + strlen(path), 64, "/%s", file);
	return open(path, flags | O_CLOEXEC);
}

static bool put_number(int fd, uint64_t x)
{
	char text[32];
	const int n = snprintf(text, sizeof text, "%llu", (unsigned long long)x);

	return pwrite(fd, text, (size_t)n, 0) == n;
}

static bool put_in(const struct sandbox_groups *g, int controller, unsigned i, const char *file)
{
	int fd = open_in(g, controller, i, file, O_WRONLY);
	bool good = fd >= 0 && put_number(fd, 0);

	if (fd >= 0)
		close(fd);
	return good;
}

static void group_close(struct sandbox_group *group)
{
	const int fds[] = { group->memory, group->kills, group->pids, group->now };

	for (size_t i = 0; i < COUNT(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	group->had = false;
}

/* The files of group i. What may be written is found out when a file is opened: later we may be nobody. */
static bool group_open(const struct sandbox_groups *g, unsigned i, struct sandbox_group *group)
{
	const bool v2 = g->v2[MEMORY];

	group->memory = open_in(g, MEMORY, i, v2 ? "memory.max" : "memory.limit_in_bytes", O_WRONLY);
	group->kills = open_in(g, MEMORY, i, v2 ? "memory.events" : "memory.oom_control", O_RDONLY);
	group->pids = open_in(g, PIDS, i, "pids.max", O_WRONLY);
	group->now = open_in(g, PIDS, i, "pids.current", O_RDONLY);
	group->had = group->memory >= 0 && group->kills >= 0 && group->pids >= 0 && group->now >= 0;
	if (!group->had)
		group_close(group);
	return group->had;
}

/* This process and all that it starts are in it. */
static bool enter(const struct sandbox_groups *g, unsigned i)
{
	return put_in(g, MEMORY, i, "cgroup.procs") && put_in(g, PIDS, i, "cgroup.procs");
}

bool sandbox_group_enter(const struct sandbox_groups *g, unsigned i, struct sandbox_group *group)
{
	return group_open(g, i, group) && enter(g, i);
}

static uint64_t number_after(int fd, const char *word)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	const char *at;

	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, word);
	return at ? strtoull(at + strlen(word), NULL, 10) : 0;
}

uint64_t sandbox_group_kills(const struct sandbox_group *group)
{
	return group->had ? number_after(group->kills, "oom_kill ") : 0;
}

void sandbox_group_limit(const struct sandbox_group *group, const struct sandbox_limits *l, uint64_t extra)
{
	if (!group->had)
		return;
	/* Files in memory, of this job and of one before that the kernel is not rid of yet. */
	put_number(group->memory, l->memory + 4 * l->disk + extra + OURS);
	/* bwrap has two processes of its own. */
	put_number(group->pids, l->processes + number_after(group->now, "") + 2);
}

/* ---- all of them ---- */

/* In a group that is too small for it: it must not get another process, and be killed for its memory. */
static bool limits_hold(const struct sandbox_groups *g)
{
	enum { SMALL = 4 << 20, LARGE = 64 << 20 };
	struct sandbox_group group;
	bool good = group_open(g, 0, &group) && put_number(group.memory, SMALL) && put_number(group.pids, 1);
	int status = 0;
	pid_t pid = good ? fork() : -1;

	if (pid == 0) {
		char *p = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || !enter(g, 0) || fork() >= 0)
			_exit(1);
		for (size_t i = 0; i < LARGE; i += 4096)
			((volatile char *)p)[i] = 1;
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	good = pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && sandbox_group_kills(&group) > 0;
	if (group.had) {
		sandbox_group_limit(&group, &sandbox_limits, 0);
		group_close(&group);
	}
	return good;
}

/* Without privileges of ours that it needs, files of ours, or a terminal that could end it. */
static bool start_keeper(struct sandbox_groups *g)
{
	int p[2];
	char c;

	if (pipe2(p, O_CLOEXEC) < 0)
		return false;
	g->keeper = fork();
	if (g->keeper == 0) {
		setsid();
		dup2(p[0], 0);
		close_range(1, ~0U, 0);
		while (read(0, &c, 1) < 0 && errno == EINTR)
			;
		remove_all(g);
		_exit(0);
	}
	close(p[0]);
	g->alive = p[1];
	if (g->keeper > 0)
		return true;
	close(p[1]);
	return false;
}

static bool make_groups(const struct sandbox_groups *g)
{
	const bool same = strcmp(g->base[MEMORY], g->base[PIDS]) == 0;
	char path[PATH_MAX + 128];

	for (unsigned i = 0; i < g->n; i++) {
		for (int c = 0; c < CONTROLLERS - same; c++) {
			name_of(g, c, i, path);
			if (mkdir(path, 0755) < 0)
				return false;
		}
		/* Memory that is swapped out is memory. (There may be no swap at all.) */
		put_in(g, MEMORY, i, g->v2[MEMORY] ? "memory.swap.max" : "memory.swappiness");
	}
	return true;
}

struct sandbox_groups *sandbox_groups_open(unsigned n)
{
	static enum { UNKNOWN, HOLD, DO_NOT } limits = UNKNOWN;
	static unsigned serial;
	struct sandbox_groups *g;

	if (limits == DO_NOT)
		return NULL;
	g = xcalloc(1, sizeof *g);
	g->n = n;
	g->owner = getpid();
	g->born = birth(g->owner);
	g->serial = serial++;
	for (int c = 0; c < CONTROLLERS; c++) {
		if (!sandbox_group_base(controllers[c], g->base[c], &g->v2[c]) || access(g->base[c], W_OK) < 0)
			goto none;
		remove_stale(g->base[c]);
	}
	if (!start_keeper(g))
		goto none;
	if (make_groups(g) && (limits == HOLD || limits_hold(g))) {
		limits = HOLD;
		return g;
	}
	sandbox_groups_close(g);
	g = NULL;
none:
	free(g);
	limits = DO_NOT;
	return NULL;
}

void sandbox_groups_close(struct sandbox_groups *g)
{
	if (!g)
		return;
	close(g->alive);
	while (waitpid(g->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	free(g);
}
