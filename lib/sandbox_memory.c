/* sandbox_memory - what the processes of a job use, as /proc says */
#include "sandbox_job.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 4096 };			/* processes looked at */

void sandbox_slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd >= 0) {
		got = read(fd, text, size - 1);
		close(fd);
	}
	text[got > 0 ? got : 0] = '\0';
}

/* The beginning of /proc/PID/NAME. */
static void slurp(long pid, const char *name, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/%.40s", pid, name);
	sandbox_slurp(path, text, size);
}

static uint64_t resident(long pid)
{
	unsigned long long pages;
	char text[128];

	slurp(pid, "statm", text, sizeof text);
	return sscanf(text, "%*u %llu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* Shared pages are divided by those who share them. */
static uint64_t proportional(long pid)
{
	char text[1024], *pss;

	slurp(pid, "smaps_rollup", text, sizeof text);
	pss = strstr(text, "\nPss:");
	return pss ? strtoull(pss + 5, NULL, 10) * 1024 : resident(pid);
}

/* With that of the children it has waited for. */
static double cpu_time(long pid)
{
	unsigned long long t[4];
	char text[512], *after;

	slurp(pid, "stat", text, sizeof text);
	after = strrchr(text, ')');	/* the name of the program may hold anything */
	if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu",
			&t[0], &t[1], &t[2], &t[3]) != 4)
		return 0;
	return (double)(t[0] + t[1] + t[2] + t[3]) / (double)sysconf(_SC_CLK_TCK);
}

struct pids {
	long v[MOST];
	size_t n;
};

/* All that /proc shows: in a namespace of its own. */
static void all(struct pids *p)
{
	DIR *d = opendir("/proc");

	for (struct dirent *e; d && (e = readdir(d)) && p->n < MOST;)
		if (isdigit((unsigned char)e->d_name[0]) && strtol(e->d_name, NULL, 10) != getpid())
			p->v[p->n++] = strtol(e->d_name, NULL, 10);
	if (d)
		closedir(d);
}

/* What a process and its threads have started. */
static void add_children(struct pids *p, long pid)
{
	char path[64], text[4096], *at, *next;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof path, "task/%.16s/children", e->d_name);
		slurp(pid, path, text, sizeof text);
		at = text;
		for (long child; p->n < MOST && (child = strtol(at, &next, 10)) > 0; at = next)
			p->v[p->n++] = child;
	}
	if (d)
		closedir(d);
}

/* All that descend from us. */
static void below(struct pids *p)
{
	add_children(p, getpid());
	for (size_t i = 0; i < p->n; i++)
		add_children(p, p->v[i]);
}

void sandbox_usage(const struct sandbox_job *j, uint64_t most, uint64_t *memory, double *cpu)
{
	static struct pids p;

	p.n = 0;
	if (j->how == SANDBOX_DIRECT)
		all(&p);
	else
		below(&p);
	*memory = 0;
	*cpu = 0;
	for (size_t i = 0; i < p.n; i++) {
		*memory += resident(p.v[i]);
		*cpu += cpu_time(p.v[i]);
	}
	if (*memory <= most)
		return;
	*memory = 0;
	for (size_t i = 0; i < p.n; i++)
		*memory += proportional(p.v[i]);
}

uint64_t sandbox_others(const struct sandbox_job *j)
{
	uint64_t n = 0;
	struct stat st;
	char path[64];
	DIR *d;

	/* bwrap counts in its namespace; of root nothing is counted. */
	if (j->how == SANDBOX_BWRAP || geteuid() == 0)
		return 0;
	d = opendir("/proc");
	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(path, sizeof path, "/proc/%.16s/task", e->d_name);
		if (isdigit((unsigned char)e->d_name[0]) && stat(path, &st) == 0 && st.st_uid == geteuid())
			n += st.st_nlink - 2;
	}
	if (d)
		closedir(d);
	return n;
}
