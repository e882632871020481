/* timeit - run a command and say what it cost
 *
 * usage: timeit [-i FILE] [-o FILE] COMMAND [ARGUMENT...]
 *
 * Standard input is FILE (else inherited), standard output FILE (else /dev/null); what an earlier run left in
 * it is removed before the clock starts, since freeing that is not the command's work. Prints, on standard output,
 * one line: wall seconds, CPU seconds (user and system), peak resident KiB. CPU and memory are those of the
 * command and of the children it waited for; of the memory, the largest process. Exits as the
 * command did, or with 128 + N if signal N ended it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static void redirect(const char *path, int flags, int fd)
{
	int from = open(path, flags, 0666);
	if (from < 0 || dup2(from, fd) < 0) {
		perror(path);
		_exit(127);
	}
	close(from);
}

int main(int argc, char **argv)
{
	const char *in = NULL, *out = "/dev/null";
	struct rusage use;
	struct stat old;
	int status, c;

	while ((c = getopt(argc, argv, "+i:o:")) != -1) {
		if (c == 'i')
			in = optarg;
		else if (c == 'o')
			out = optarg;
		else
			return 2;
	}
	if (optind == argc) {
		fprintf(stderr, "usage: timeit [-i FILE] [-o FILE] COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (stat(out, &old) == 0 && S_ISREG(old.st_mode))
		unlink(out);

	double start = now();
	pid_t child = fork();
	if (child < 0) {
		perror("fork");
		return 3;
	}
	if (child == 0) {
		if (in)
			redirect(in, O_RDONLY, 0);
		redirect(out, O_WRONLY | O_CREAT | O_TRUNC, 1);
		execvp(argv[optind], argv + optind);
		perror(argv[optind]);
		_exit(127);
	}
	if (wait4(child, &status, 0, &use) < 0) {
		perror("wait4");
		return 3;
	}
	printf("%.4f %.4f %ld\n", now() - start, seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
