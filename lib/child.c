/* child - a program kept running beside ours: a line to it, a line from it */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct child {
	pid_t pid;
	int in, out;			/* we write, we read */
	struct buf got;			/* read, not yet given */
};

static int spawn(struct child *c, const char *command, int in, int out)
{
	char sh[] = "sh", flag[] = "-c", *text = xstrdup(command), *argv[] = { sh, flag, text, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int e;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	e = posix_spawn(&c->pid, "/bin/sh", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	free(text);
	errno = e;
	return e ? -1 : 0;
}

struct child *child_start(const char *command)
{
	struct child *c = xcalloc(1, sizeof *c);
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, e = 0;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || spawn(c, command, in[0], out[1]) < 0)
		e = errno;
	c->in = in[1];
	c->out = out[0];
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	if (!e && fcntl(c->in, F_SETFL, O_NONBLOCK) == 0)
		return c;
	child_stop(c, 0);
	errno = e;
	return NULL;
}

/* Wait until fd is ready or the time is over. */
static bool ready(int fd, short events, double until)
{
	struct pollfd p = { .fd = fd, .events = events };
	double left = until - clock_now();
	int n;

	do
		n = poll(&p, 1, left > 0 ? (int)ceil(1e3 * left) : 0);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* write() that fails with EPIPE and leaves no SIGPIPE, which is to end us only for our own output. */
static ssize_t write_quietly(int fd, const char *p, size_t n)
{
	const struct timespec now = { 0 };
	sigset_t pipe_signal, old;
	ssize_t got;
	int e;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
	got = write(fd, p, n);
	e = errno;
	if (got < 0 && e == EPIPE)
		sigtimedwait(&pipe_signal, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = e;
	return got;
}

static const char *say(struct child *c, struct span s, double until)
{
	while (s.n) {
		ssize_t n = write_quietly(c->in, s.p, s.n);

		if (n > 0)
			s = span_cut(s, (size_t)n, s.n);
		else if (n < 0 && errno == EAGAIN && !ready(c->in, POLLOUT, until))
			return "it does not read";
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return "it ended";
	}
	return NULL;
}

static const char *hear(struct child *c, double until, size_t max, struct buf *reply)
{
	const char *end;

	while (!(end = c->got.n ? memchr(c->got.p, '\n', c->got.n) : NULL)) {
		ssize_t n;

		if (c->got.n > max)
			return "its line is too long";
		if (!ready(c->out, POLLIN, until))
			return "it did not answer in time";
		buf_room(&c->got, 1 << 16);
		n = read(c->out, c->got.p + c->got.n, 1 << 16);
		if (n == 0 || (n < 0 && errno != EINTR))
			return "it ended";
		c->got.n += n > 0 ? (size_t)n : 0;
	}
	buf_add(reply, (struct span){ c->got.p, (size_t)(end - c->got.p) });
	c->got.n -= (size_t)(end - c->got.p) + 1;
	memmove(c->got.p, end + 1, c->got.n);
	return NULL;
}

const char *child_ask(struct child *c, struct span line, double seconds, size_t max, struct buf *reply)
{
	const double until = clock_now() + seconds;
	const char *why = say(c, line, until);

	if (!why)
		why = say(c, S("\n"), until);
	return why ? why : hear(c, until, max, reply);
}

void child_stop(struct child *c, double seconds)
{
	const double until = clock_now() + seconds;
	pid_t got = 0;

	if (!c)
		return;
	if (c->in >= 0)
		close(c->in);
	while (c->pid > 0 && (got = waitpid(c->pid, NULL, WNOHANG)) == 0 && clock_now() < until)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	if (c->pid > 0)
		kill(-c->pid, SIGKILL);		/* also what it may have left behind */
	if (c->pid > 0 && got == 0)
		waitpid(c->pid, NULL, 0);
	if (c->out >= 0)
		close(c->out);
	buf_free(&c->got);
	free(c);
}
