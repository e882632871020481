/* sandbox_steps - run the steps of a job, one after the other; as process 1 of the sandbox if there is one
 *
 * The program is a child of ours, never process 1 itself: signals would have no effect on it, and its end would not
 * be seen as it was. Whatever it starts comes to us when its parent ends, so that waiting until no child is left
 * accounts for all CPU time, and after kill() of everybody but ourselves nobody is left.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IN, OUT, ERR, SIDE, N_PIPES };
enum { TICK = 50 };			/* milliseconds between looks at memory */

static const char *const environment[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "TMPDIR=/tmp", "LANG=C.UTF-8", "TZ=UTC", "PYTHONHASHSEED=0",
	"PYTHONDONTWRITEBYTECODE=1", NULL
};

struct run {
	const struct sandbox_job *job;
	const struct sandbox_step *step;
	pid_t pid;
	int fd[N_PIPES];		/* our ends; -1: closed */
	struct buf got[N_PIPES];
	size_t fed;			/* of step->in */
	double began;
	bool over;			/* the program has ended */
	struct sandbox_wire end;
};

/* ---- the program's side ---- */

static void limit(int what, uint64_t soft, uint64_t hard)
{
	const struct rlimit l = { soft, hard };

	setrlimit(what, &l);
}

static void set_limits(const struct sandbox_limits *l)
{
	const uint64_t seconds = (uint64_t)l->cpu + 1;

	limit(RLIMIT_CPU, seconds, seconds + 1);
	limit(RLIMIT_DATA, l->memory, l->memory);
	limit(RLIMIT_FSIZE, l->disk, l->disk);
	limit(RLIMIT_NOFILE, 64, 64);
	limit(RLIMIT_NPROC, l->processes, l->processes);
	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_MEMLOCK, 0, 0);
	limit(RLIMIT_MSGQUEUE, 0, 0);
	limit(RLIMIT_STACK, 64 << 20, 64 << 20);
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	for (int cap = 0; cap < 64; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (int)syscall(SYS_capset, &head, none);
}

static NORETURN void become(const struct sandbox_job *j, const struct sandbox_step *s, const int theirs[N_PIPES], int said)
{
	int e, kept[N_PIPES + 1];

	/* Out of the way of 0 to 4, in whatever order they came. */
	for (int i = 0; i < N_PIPES; i++)
		kept[i] = fcntl(theirs[i], F_DUPFD_CLOEXEC, 16);
	kept[N_PIPES] = fcntl(said, F_DUPFD_CLOEXEC, 16);
	for (int i = 0; i < N_PIPES; i++)
		dup2(kept[i], i);
	dup3(kept[N_PIPES], 4, O_CLOEXEC);
	close_range(5, ~0U, 0);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	setsid();
	set_limits(&s->limits);
	personality(ADDR_NO_RANDOMIZE);		/* addresses in messages are the same every time */
	if ((j->confined && (drop_capabilities() < 0 || sandbox_seccomp() < 0)) ||
			(!j->confined && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0))
		goto failed;
	environ = (char **)(uintptr_t)environment;
	execvp(s->argv[0], (char *const *)(uintptr_t)s->argv);
failed:
	e = errno;
	sandbox_write(4, &e, sizeof e);
	_exit(127);
}

/* ---- our side ---- */

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

/* Children of ours, where we are not process 1. */
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

/* Nobody but us is left afterwards. */
static void kill_all(struct run *r)
{
	do {
		if (r->job->confined)
			kill(-1, SIGKILL);
		else
			kill_children();
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

static void look(struct run *r)
{
	const struct sandbox_limits *l = &r->step->limits;
	uint64_t memory;
	double cpu;

	sandbox_usage(l->memory, &memory, &cpu);
	if (cpu + r->end.cpu >= l->cpu)
		r->end.over |= OVER_CPU;
	if (memory > l->memory)
		r->end.over |= OVER_MEMORY;
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
		if (r->job->confined && clock_now() - looked >= TICK / 1000.0) {
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

/* True: it ended with exit status 0. */
static bool run_step(const struct sandbox_job *j, const struct sandbox_step *s)
{
	struct run r = { .job = j, .step = s };
	int theirs[N_PIPES], said[2], e = 0, pidfd;
	struct buf why = { 0 };
	bool good;

	open_pipes(&r, theirs, said);
	r.began = clock_now();
	r.pid = fork();
	if (r.pid < 0)
		sandbox_fail(j, "fork");
	if (r.pid == 0)
		become(j, s, theirs, said[1]);
	for (int i = 0; i < N_PIPES; i++)
		close(theirs[i]);
	close(said[1]);
	if (sandbox_read(said[0], &e, sizeof e))
		buf_addf(&why, "%s: %s", s->argv[0], strerror(e));
	else if (errno != EPIPE)
		sandbox_fail(j, "read");
	close(said[0]);
	pidfd = (int)syscall(SYS_pidfd_open, r.pid, 0);
	watch(&r, pidfd);
	close(pidfd);
	r.end.wall = clock_now() - r.began;
	kill_all(&r);
	if (!r.end.over)
		for (int i = OUT; i < N_PIPES; i++)
			take(&r, i);
	if (r.end.cpu >= s->limits.cpu)
		r.end.over |= OVER_CPU;
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
	if (!j->confined)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (size_t i = 0; i < j->n_steps; i++) {
		const struct sandbox_step *s = &j->steps[i];

		if (!s->build && !closed)
			sandbox_close_box(j);
		closed = closed || !s->build;
		sandbox_fresh_tmp(j, s->limits.disk);
		if (!run_step(j, s) && s->build)
			return;
	}
}
