/* sandbox_slot - the process of a slot: takes jobs from a socket, forks a process for each, sends back what it wrote
 *
 * A job is a 64-bit length and that many bytes: numbers of files and steps, then each in turn, lengths before
 * bytes. The answer is a length and the ends as sandbox_steps.c wrote them.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_UID = 64000 };
#define GRACE 10.0			/* seconds that a job may take beyond the wall limits of its steps */

bool sandbox_read(int fd, void *p, size_t n)
{
	for (char *at = p; n;) {
		ssize_t got = read(fd, at, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got ? errno : EPIPE;
			return false;
		}
		at += got;
		n -= (size_t)got;
	}
	return true;
}

bool sandbox_write(int fd, const void *p, size_t n)
{
	for (const char *at = p; n;) {
		ssize_t put = write(fd, at, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		at += put;
		n -= (size_t)put;
	}
	return true;
}

/* An end that says why there was no beginning. */
static void put_failed(struct buf *answer, const char *what)
{
	struct sandbox_wire w = { 0 };
	struct buf why = { 0 };

	buf_addf(&why, "%s: %s", what, strerror(errno));
	w.why = why.n;
	buf_add(answer, (struct span){ (const char *)&w, sizeof w });
	buf_add(answer, buf_span(&why));
	buf_free(&why);
}

void sandbox_fail(const struct sandbox_job *j, const char *what)
{
	struct buf b = { 0 };

	put_failed(&b, what);
	sandbox_write(j->to, b.p, b.n);
	_exit(1);
}

void sandbox_put_files(const struct sandbox_job *j, const char *folder)
{
	for (size_t i = 0; i < j->n_files; i++) {
		char path[512];
		int fd;

		snprintf(path, sizeof path, "%s/%s", folder, j->files[i].name);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd < 0 || !sandbox_write(fd, j->files[i].bytes.p, j->files[i].bytes.n) || close(fd) < 0)
			sandbox_fail(j, path);
	}
}

/* ---- a job from its bytes; they come from our own program ---- */

static uint64_t get_number(struct span *s)
{
	uint64_t x;

	memcpy(&x, s->p, sizeof x);
	*s = span_cut(*s, sizeof x, s->n);
	return x;
}

static struct span get_bytes(struct span *s)
{
	uint64_t n = get_number(s);
	struct span bytes = span_cut(*s, 0, n);

	*s = span_cut(*s, n, s->n);
	return bytes;
}

static void get_step(struct span *s, struct sandbox_step *step, struct arena *a)
{
	uint64_t n = get_number(s);
	const char **argv = arena_alloc(a, (n + 1) * sizeof *argv);

	for (uint64_t i = 0; i < n; i++)
		argv[i] = get_bytes(s).p;	/* sent with its NUL */
	argv[n] = NULL;
	step->argv = argv;
	step->in = get_bytes(s);
	step->build = get_number(s);
	memcpy(&step->limits, get_bytes(s).p, sizeof step->limits);
}

static double get_job(struct span s, struct sandbox_job *j, struct arena *a)
{
	double wall = GRACE;

	j->n_files = get_number(&s);
	j->files = arena_alloc(a, j->n_files * sizeof *j->files);
	for (size_t i = 0; i < j->n_files; i++) {
		j->files[i].name = get_bytes(&s).p;
		j->files[i].bytes = get_bytes(&s);
	}
	j->n_steps = get_number(&s);
	j->steps = arena_alloc(a, j->n_steps * sizeof *j->steps);
	for (size_t i = 0; i < j->n_steps; i++) {
		get_step(&s, &j->steps[i], a);
		wall += j->steps[i].limits.wall;
	}
	return wall;
}

/* ---- serving ---- */

/* What the job writes until it ends, or is over its time and killed. */
static void collect(int fd, pid_t pid, int sig, double wall, struct buf *answer)
{
	const double until = clock_now() + wall;
	ssize_t n;

	do {
		struct pollfd p = { fd, POLLIN, 0 };
		double left = until - clock_now();

		n = 1;
		if (left <= 0 || poll(&p, 1, (int)(left * 1000) + 1) == 0)
			break;
		buf_room(answer, 65536);
		n = read(fd, answer->p + answer->n, 65536);
		if (n > 0)
			answer->n += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n != 0)
		kill(pid, sig);
}

static bool serve(int fd, struct sandbox_job *j)
{
	struct buf job = { 0 }, answer = { 0 };
	struct arena a = { 0 };
	uint64_t n;
	double wall;
	pid_t pid;
	int p[2];
	bool good;

	if (!sandbox_read(fd, &n, sizeof n))
		return false;
	buf_room(&job, n);
	if (!sandbox_read(fd, job.p, n))
		return false;
	job.n = j->size = n;
	wall = get_job(buf_span(&job), j, &a);
	if (pipe2(p, O_CLOEXEC) < 0)
		return false;
	j->to = p[1];
	errno = j->unfit;
	pid = j->unfit ? -1 : j->how == SANDBOX_DIRECT ? sandbox_direct(j) : sandbox_folder(j);
	if (pid < 0)
		put_failed(&answer, j->unfit ? j->unfit_why : "clone");
	close(p[1]);
	if (pid > 0) {
		collect(p[0], pid, j->how == SANDBOX_DIRECT ? SIGKILL : SIGTERM, wall, &answer);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(p[0]);
	n = answer.n;
	good = sandbox_write(fd, &n, sizeof n) && sandbox_write(fd, answer.p, answer.n);
	buf_free(&job);
	buf_free(&answer);
	arena_free(&a);
	return good;
}

/* Is user 0 the kernel's? Not in a user namespace that maps it to somebody else. */
static bool is_root(void)
{
	unsigned long inside = 0, outside = 0;
	FILE *f;

	if (geteuid() != 0)
		return false;
	f = fopen("/proc/self/uid_map", "re");
	if (!f)
		return true;
	if (fscanf(f, "%lu %lu", &inside, &outside) != 2)
		inside = outside = 0;
	fclose(f);
	return inside != 0 || outside == 0;
}

/* To nobody, for good. False: errno. */
static bool drop_root(unsigned slot)
{
	const uid_t id = FIRST_UID + slot;

	return setgroups(0, NULL) == 0 && setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0;
}

static void unfit(struct sandbox_job *j, const char *why)
{
	j->unfit = errno;
	j->unfit_why = why;
}

void sandbox_slot(int fd, unsigned slot, enum sandbox_backend how, const struct sandbox_groups *groups,
	const char *const *folders, size_t n_folders)
{
	struct sandbox_job j = { .folders = folders, .n_folders = n_folders, .how = how };
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	/* Nothing of ours stays open but the socket, and standard error for what cannot happen. */
	dup2(null, 0);
	dup2(null, 1);
	dup2(fd, 3);
	close_range(4, ~0U, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	if (groups && !sandbox_group_enter(groups, slot, &j.group))
		unfit(&j, "a group of its own");
	else if (how != SANDBOX_NONE && is_root() && !drop_root(slot))
		unfit(&j, "root cannot become another user");
	/* Changing the uid has cleared it; and took from us the files under /proc/self that set up namespaces. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	while (serve(3, &j))
		;
	_exit(0);
}
