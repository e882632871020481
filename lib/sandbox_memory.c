/* sandbox_memory - what the processes of a job use, as /proc says */
#include "sandbox_job.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The beginning of /proc/PID/NAME as a string; empty if it is gone. */
static void slurp(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%.16s/%.32s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, text, size - 1);
		close(fd);
	}
	text[got > 0 ? got : 0] = '\0';
}

static uint64_t resident(const char *pid)
{
	unsigned long long pages;
	char text[128];

	slurp(pid, "statm", text, sizeof text);
	return sscanf(text, "%*u %llu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* Shared pages are divided by those who share them. */
static uint64_t proportional(const char *pid)
{
	char text[1024], *pss;

	slurp(pid, "smaps_rollup", text, sizeof text);
	pss = strstr(text, "\nPss:");
	return pss ? strtoull(pss + 5, NULL, 10) * 1024 : resident(pid);
}

/* With that of the children it has waited for. */
static double cpu_time(const char *pid)
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

static uint64_t sum(uint64_t (*of)(const char *pid), double *cpu)
{
	DIR *d = opendir("/proc");
	uint64_t total = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		if (!isdigit((unsigned char)e->d_name[0]) || strtol(e->d_name, NULL, 10) == getpid())
			continue;
		total += of(e->d_name);
		if (cpu)
			*cpu += cpu_time(e->d_name);
	}
	if (d)
		closedir(d);
	return total;
}

void sandbox_usage(uint64_t most, uint64_t *memory, double *cpu)
{
	*cpu = 0;
	*memory = sum(resident, cpu);
	if (*memory > most)
		*memory = sum(proportional, NULL);
}
