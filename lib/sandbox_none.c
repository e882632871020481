/* sandbox_none - a folder for one job, and no protection: for code that is trusted */
#include "sandbox_job.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st, (void)what, (void)at;
	return remove(path);
}

static void remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the process of the job: run it, and let the folder be gone whatever comes. */
static void run(struct sandbox_job *j)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/pref-box-XXXXXX", tmp && *tmp ? tmp : "/tmp"), path[512];
	pid_t pid;

	if (!mkdtemp(folder))
		sandbox_fail(j, folder);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		snprintf(path, sizeof path, "%s/box", folder);
		mkdir(path, 0700);
		sandbox_put_files(j, path);
		snprintf(path, sizeof path, "%s/tmp", folder);
		if (mkdir(path, 0700) < 0 || chdir(path) < 0)
			sandbox_fail(j, path);
		sandbox_steps(j);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	remove_all(folder);
	free(folder);
}

pid_t sandbox_none(struct sandbox_job *j)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(3);
	run(j);
	_exit(0);
}
