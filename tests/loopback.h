/* loopback.h - start and stop tests/loopback from a unit test */
#include <assert.h>
#include <libgen.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t loopback_pid;
static int loopback_in, loopback_port;

/* The server stands beside the unit tests' folder. log: NULL or a file. */
static void loopback_start(char *log)
{
	char self[PATH_MAX] = { 0 }, path[PATH_MAX + 20], name[] = "loopback", line[20] = { 0 };
	char *argv[] = { name, log, NULL };
	int in[2], out[2];
	extern char **environ;
	posix_spawn_file_actions_t fa;
	FILE *f;

	assert(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
	snprintf(path, sizeof path, "%s/../loopback", dirname(self));
	assert(pipe(in) == 0 && pipe(out) == 0);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	posix_spawn_file_actions_addclose(&fa, in[1]);
	assert(posix_spawn(&loopback_pid, path, &fa, NULL, argv, environ) == 0);
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	close(out[1]);
	loopback_in = in[1];
	f = fdopen(out[0], "r");
	assert(f && fgets(line, sizeof line, f));
	loopback_port = atoi(line);
	fclose(f);
}

static void loopback_stop(void)
{
	close(loopback_in);
	waitpid(loopback_pid, NULL, 0);
}
