/* sandbox_steps - run the steps of a job, one after the other; as process 1 of the sandbox if there is one
 *
 * The program is a child of ours, never process 1 itself: signals would have no effect on it, and its end would not
 * be seen as it was. Whatever it starts comes to us when its parent ends, so that waiting until no child is left
 * accounts for all CPU time, and after kill() of everybody but ourselves nobody is left.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IN = SANDBOX_IN, OUT = SANDBOX_OUT, ERR = SANDBOX_ERR, SIDE = SANDBOX_SIDE, N_PIPES = SANDBOX_PIPES };
enum { TICK = 50 };			/* milliseconds between looks at memory */

struct run {
	const struct sandbox_job *job;
	const struct sandbox_step *step;
	pid_t pid;
	int fd[N_PIPES];		/* our ends; -1: closed */
	struct buf got[N_PIPES];
	size_t fed;			/* of step->in */
	double began;
	bool over;			/* the program has ended */
	uint64_t kills;			/* in the group, before it began */
	double seen;			/* seconds of CPU at the last look: those of what bwrap's end kills are not told */
	struct sandbox_wire end;
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void account(struct run *r, const struct rusage *u)
{
	r->end.cpu += seconds(u->ru_utime) + seconds(u->ru_stime);
	if ((uint64_t)u->ru_maxrss * 1024 > r->end.rss)
		r->end.rss = (uint64_t)u->ru_maxrss * 1024;
}

/* Take the dead. True: there may be more to come; false: no child is left. */
static bool reap(struct run *r, int how)
{
	struct rusage u;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, how, &u)) > 0) {
		account(r, &u);
		if (pid == r->pid) {
			r->end.status = status;
			r->over = true;
		}
	}
	return pid == 0 || errno == EINTR;
}

/* Children of ours; theirs become ours. */
static void kill_children(void)
{
	char path[64], text[4096], *p = text, *next;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof text - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	for (long pid; (pid = strtol(p, &next, 10)) > 0; p = next)
		kill((pid_t)pid, SIGKILL);
}

/* Process 1, or a process in a Landlock domain, reaches all of the job at once, and nobody else. */
void sandbox_kill(const struct sandbox_job *j)
{
	if (j->how == SANDBOX_DIRECT || j->how == SANDBOX_LANDLOCK)
		kill(-1, SIGKILL);
	else
		kill_children();
}

/* Nobody but us is left afterwards. */
static void kill_all(struct run *r)
{
	do {
		sandbox_kill(r->job);
		if (!reap(r, WNOHANG))
			return;
		poll(NULL, 0, 1);
	} while (true);
}

static void shut(struct run *r, int i)
{
	if (r->fd[i] >= 0)
		close(r->fd[i]);
	r->fd[i] = -1;
}

static void feed(struct run *r)
{
	struct span rest = span_cut(r->step->in, r->fed, r->step->in.n);
	ssize_t n = rest.n ? write(r->fd[IN], rest.p, rest.n) : 0;

	if (n > 0)
		r->fed += (size_t)n;
	if (n < 0 && errno != EPIPE && errno != EAGAIN && errno != EINTR)
		sandbox_fail(r->job, "write");
	if (r->fed == r->step->in.n || (n < 0 && errno == EPIPE))
		shut(r, IN);
}

/* What there is to read, up to the limit: what is beyond is never read. */
static void take(struct run *r, int i)
{
	while (r->fd[i] >= 0) {
		const uint64_t had = r->got[OUT].n + r->got[ERR].n + r->got[SIDE].n;
		size_t room = r->step->limits.output - had;
		ssize_t n;

		buf_room(&r->got[i], 65536);
		n = read(r->fd[i], r->got[i].p + r->got[i].n, room < 65536 ? room + 1 : 65536);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			sandbox_fail(r->job, "read");
		if (n <= 0) {
			if (n == 0)
				shut(r, i);
			return;
		}
		if ((uint64_t)n > room) {
			r->got[i].n += room;
			r->end.over |= OVER_OUTPUT;
			return;
		}
		r->got[i].n += (size_t)n;
	}
}

/* Not always the program, but always for what all of it had. */
static bool killed_for_memory(const struct run *r)
{
	return sandbox_group_kills(&r->job->group) > r->kills;
}

static void look(struct run *r)
{
	const struct sandbox_limits *l = &r->step->limits;
	uint64_t memory;
	double cpu;

	sandbox_usage(r->job, l->memory, &memory, &cpu);
	r->seen = cpu + r->end.cpu;
	if (r->seen >= l->cpu)
		r->end.over |= OVER_CPU;
	if (memory > l->memory || killed_for_memory(r))
		r->end.over |= OVER_MEMORY;
	if (r->job->folder && sandbox_folder_full(r->job, l->disk))
		r->end.over |= OVER_OUTPUT;
}

static void watch(struct run *r, int pidfd)
{
	const double wall = r->step->limits.wall;
	double looked = clock_now();

	while (!r->over && !r->end.over) {
		struct pollfd p[N_PIPES + 1];

		for (int i = 0; i < N_PIPES; i++)
			p[i] = (struct pollfd){ r->fd[i], i == IN ? POLLOUT : POLLIN, 0 };
		p[N_PIPES] = (struct pollfd){ pidfd, POLLIN, 0 };
		poll(p, N_PIPES + 1, TICK);
		if (p[IN].revents)
			feed(r);
		for (int i = OUT; i < N_PIPES; i++)
			if (p[i].revents)
				take(r, i);
		if (clock_now() - r->began >= wall)
			r->end.over |= OVER_WALL;
		if (clock_now() - looked >= TICK / 1000.0) {
			look(r);
			looked = clock_now();
		}
		reap(r, WNOHANG);
	}
}

static void put_end(const struct run *r, struct span why)
{
	struct sandbox_wire w = r->end;

	w.out = r->got[OUT].n;
	w.err = r->got[ERR].n;
	w.side = r->got[SIDE].n;
	w.why = why.n;
	if (!sandbox_write(r->job->to, &w, sizeof w) || !sandbox_write(r->job->to, r->got[OUT].p, w.out) ||
			!sandbox_write(r->job->to, r->got[ERR].p, w.err) ||
			!sandbox_write(r->job->to, r->got[SIDE].p, w.side) || !sandbox_write(r->job->to, why.p, w.why))
		_exit(1);
}

static void open_pipes(struct run *r, int theirs[N_PIPES], int said[2])
{
	for (int i = 0; i < N_PIPES; i++) {
		int p[2];

		if (pipe2(p, O_CLOEXEC) < 0)
			sandbox_fail(r->job, "pipe");
		r->fd[i] = p[i == IN];
		theirs[i] = p[i != IN];
		fcntl(r->fd[i], F_SETFL, O_NONBLOCK);
	}
	if (pipe2(said, O_CLOEXEC) < 0)
		sandbox_fail(r->job, "pipe");
}

/* Why the program did not begin, if so. bwrap says in JSON how it has ended, which is what tells its own failures from
 * those of the program; and 128 + n of a signal. */
static void what_was_said(struct run *r, int fd, struct buf *why)
{
	char text[4096];
	ssize_t n = read(fd, text, sizeof text);
	int e;

	if (n < 0)
		sandbox_fail(r->job, "read");
	if (n == sizeof e) {
		memcpy(&e, text, sizeof e);
		buf_addf(why, "%s: %s", r->step->argv[0], strerror(e));
	} else if (r->job->how == SANDBOX_BWRAP && !r->end.over) {
		if (span_find((struct span){ text, (size_t)n }, S("exit-code")) == (size_t)-1)
			buf_addf(why, "%.*s", ARG(span_trim(buf_span(&r->got[ERR]))));
		if (WIFEXITED(r->end.status) && WEXITSTATUS(r->end.status) > 128)
			r->end.status = WEXITSTATUS(r->end.status) - 128;
	}
}

/* Bytes that our processes may hold: the job and what was written, each in growing buffers here and in the slot. */
static uint64_t ours(const struct sandbox_job *j)
{
	uint64_t n = 2 * j->size;

	for (size_t i = 0; i < j->n_steps; i++)
		n += 4 * j->steps[i].limits.output;
	return n;
}

/* True: it ended with exit status 0. */
static bool run_step(const struct sandbox_job *j, const struct sandbox_step *s)
{
	struct run r = { .job = j, .step = s };
	int theirs[N_PIPES], said[2], pidfd;
	struct buf why = { 0 };
	bool good;

	open_pipes(&r, theirs, said);
	sandbox_group_limit(&j->group, &s->limits, ours(j));
	r.kills = sandbox_group_kills(&j->group);
	r.began = clock_now();
	r.pid = fork();
	if (r.pid < 0)
		sandbox_fail(j, "fork");
	if (r.pid == 0)
		sandbox_become(j, s, theirs, said[1]);
	for (int i = 0; i < N_PIPES; i++)
		close(theirs[i]);
	close(said[1]);
	pidfd = (int)syscall(SYS_pidfd_open, r.pid, 0);
	watch(&r, pidfd);
	close(pidfd);
	r.end.wall = clock_now() - r.began;
	kill_all(&r);
	if (!r.end.over)
		for (int i = OUT; i < N_PIPES; i++)
			take(&r, i);
	if (r.end.cpu < r.seen)
		r.end.cpu = r.seen;
	if (r.end.cpu >= s->limits.cpu)
		r.end.over |= OVER_CPU;
	if (killed_for_memory(&r))
		r.end.over |= OVER_MEMORY;
	what_was_said(&r, said[0], &why);
	close(said[0]);
	put_end(&r, buf_span(&why));
	good = !r.end.over && !why.n && r.end.status == 0;
	for (int i = 0; i < N_PIPES; i++) {
		shut(&r, i);
		buf_free(&r.got[i]);
	}
	buf_free(&why);
	return good;
}

void sandbox_steps(const struct sandbox_job *j)
{
	bool closed = false;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < j->n_steps; i++) {
		const struct sandbox_step *s = &j->steps[i];

		if (!s->build && !closed && j->how == SANDBOX_DIRECT)
			sandbox_close_box(j);
		closed = closed || !s->build;
		if (j->how == SANDBOX_DIRECT)
			sandbox_fresh_tmp(j, s->limits.disk);
		else
			sandbox_empty_tmp();
		if (!run_step(j, s) && s->build)
			return;
		if (s->build && j->how == SANDBOX_LANDLOCK)
			sandbox_open_box();
	}
}
