/* sandbox - slots, the trial of a backend, and verdicts (long: three small parts that share the slots) */
#include "sandbox_job.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

const struct sandbox_limits sandbox_limits = { 3, 9, 512 << 20, 1 << 20, 64 << 20, 64 };

struct slot {
	pid_t pid;
	int fd;
	bool busy;
};

struct sandbox {
	enum sandbox_backend how;
	struct slot *v;
	size_t n;
	struct sandbox_groups *groups;	/* NULL: none can be had */
	pthread_mutex_t lock;
	pthread_cond_t freed;
	pthread_rwlock_t alone;		/* written by a job that wants to be */
};

static const char *const sandbox_names[] = { "auto", "direct", "bwrap", "landlock", "none" };

const char *sandbox_name(const struct sandbox *s)
{
	return sandbox_names[s->how];
}

bool sandbox_own_processes(const struct sandbox *s)
{
	return s->how == SANDBOX_DIRECT || s->how == SANDBOX_BWRAP;
}

bool sandbox_groups(const struct sandbox *s)
{
	return s->groups;
}

/* ---- a job as bytes ---- */

static void put_number(struct buf *b, uint64_t x)
{
	buf_add(b, (struct span){ (const char *)&x, sizeof x });
}

static void put_bytes(struct buf *b, struct span s)
{
	put_number(b, s.n);
	buf_add(b, s);
}

/* With its NUL. */
static void put_text(struct buf *b, const char *text)
{
	put_bytes(b, (struct span){ text, strlen(text) + 1 });
}

static void put_step(struct buf *b, const struct sandbox_step *s)
{
	uint64_t n = 0;

	while (s->argv[n])
		n++;
	put_number(b, n);
	for (uint64_t i = 0; i < n; i++)
		put_text(b, s->argv[i]);
	put_bytes(b, s->in);
	put_number(b, s->build);
	put_bytes(b, (struct span){ (const char *)&s->limits, sizeof s->limits });
}

static void put_job(struct buf *b, const struct sandbox_file *files, size_t n_files, const struct sandbox_step *steps,
	size_t n_steps)
{
	put_number(b, n_files);
	for (size_t i = 0; i < n_files; i++) {
		put_text(b, files[i].name);
		put_bytes(b, files[i].bytes);
	}
	put_number(b, n_steps);
	for (size_t i = 0; i < n_steps; i++)
		put_step(b, &steps[i]);
}

/* ---- verdicts ---- */

static bool says_no_memory(struct span err)
{
	static const char *const words[] = { "MemoryError", "std::bad_alloc", "heap out of memory", "Cannot allocate memory",
		"out of memory" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (span_find(err, span_of(words[i])) != (size_t)-1)
			return true;
	return false;
}

/* A shell says 128 + n of a child that ended by signal n. */
static bool ended_by(int status, int sig)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == sig) || (WIFEXITED(status) && WEXITSTATUS(status) == 128 + sig);
}

static enum sandbox_verdict judge(const struct sandbox_wire *w, struct span err)
{
	if (w->why)
		return SANDBOX_ERROR;
	if (ended_by(w->status, SIGSYS))
		return SANDBOX_VIOLATION;
	if (w->over & (OVER_CPU | OVER_WALL) || ended_by(w->status, SIGXCPU))
		return SANDBOX_TIMEOUT;
	if (w->over & OVER_MEMORY || (w->status != 0 && says_no_memory(err)))
		return SANDBOX_MEMORY;
	if (w->over & OVER_OUTPUT || ended_by(w->status, SIGXFSZ))
		return SANDBOX_OUTPUT;
	if (WIFSIGNALED(w->status))
		return SANDBOX_CRASH;
	return WEXITSTATUS(w->status) ? SANDBOX_EXIT : SANDBOX_OK;
}

static struct span cut_front(struct span *s, uint64_t n)
{
	struct span front = span_cut(*s, 0, n);

	*s = span_cut(*s, n, s->n);
	return front;
}

static void read_end(struct span *answer, const struct sandbox_step *step, struct sandbox_end *e)
{
	struct sandbox_wire w;

	memcpy(&w, cut_front(answer, sizeof w).p, sizeof w);
	e->out = cut_front(answer, w.out);
	e->err = cut_front(answer, w.err);
	e->side = cut_front(answer, w.side);
	e->why = cut_front(answer, w.why);
	e->verdict = judge(&w, e->err);
	e->exit = WIFEXITED(w.status) && !w.over ? WEXITSTATUS(w.status) : -1;
	e->signal = WIFSIGNALED(w.status) && !w.over ? WTERMSIG(w.status) : -1;
	e->alone = w.over == OVER_WALL && w.cpu < step->limits.cpu * 0.9;
	e->cpu = w.cpu;
	e->wall = w.wall;
	e->rss = w.rss;
}

/* ---- slots ---- */

static struct slot *take_slot(struct sandbox *s)
{
	struct slot *free_one = NULL;

	pthread_mutex_lock(&s->lock);
	while (!free_one) {
		for (size_t i = 0; i < s->n && !free_one; i++)
			if (!s->v[i].busy)
				free_one = &s->v[i];
		if (!free_one)
			pthread_cond_wait(&s->freed, &s->lock);
	}
	free_one->busy = true;
	pthread_mutex_unlock(&s->lock);
	return free_one;
}

static void give_slot(struct sandbox *s, struct slot *slot)
{
	pthread_mutex_lock(&s->lock);
	slot->busy = false;
	pthread_cond_signal(&s->freed);
	pthread_mutex_unlock(&s->lock);
}

/* To a process that may be gone, which is no reason for SIGPIPE. */
static bool send_all(int fd, struct span s)
{
	while (s.n) {
		ssize_t put = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		s = span_cut(s, (size_t)put, s.n);
	}
	return true;
}

/* One that has failed may be in the middle of anything: it is not asked again, and every job on it fails. */
static void drop_slot(struct slot *slot)
{
	if (slot->fd < 0)
		return;
	close(slot->fd);
	slot->fd = -1;
	kill(slot->pid, SIGKILL);
}

/* The answer to a job, in the arena; p NULL: the process of the slot is gone. */
static struct span ask(struct sandbox *s, struct span job, struct arena *a)
{
	struct slot *slot = take_slot(s);
	uint64_t n = job.n;
	char *p = NULL;

	if (send_all(slot->fd, (struct span){ (const char *)&n, sizeof n }) && send_all(slot->fd, job) &&
			sandbox_read(slot->fd, &n, sizeof n)) {
		p = arena_alloc(a, n + 1);
		if (!sandbox_read(slot->fd, p, n))
			p = NULL;
	}
	if (!p)
		drop_slot(slot);
	give_slot(s, slot);
	return (struct span){ p, p ? n : 0 };
}

/* True: worth another try. */
static bool run_once(struct sandbox *s, struct span job, const struct sandbox_step *steps, size_t n_steps,
	struct sandbox_end *ends, struct arena *a)
{
	struct span answer = ask(s, job, a);
	bool again = false;
	size_t i = 0;

	for (; i < n_steps && answer.n >= sizeof(struct sandbox_wire); i++) {
		read_end(&answer, &steps[i], &ends[i]);
		again = again || ends[i].alone || ends[i].verdict == SANDBOX_ERROR;
		if (ends[i].verdict == SANDBOX_ERROR || (steps[i].build && ends[i].verdict != SANDBOX_OK)) {
			for (i++; i < n_steps; i++)
				ends[i] = (struct sandbox_end){ .verdict = SANDBOX_NOT_RUN };
			return again;
		}
	}
	/* Process 1 of the job was lost. */
	again = again || i < n_steps;
	for (; i < n_steps; i++)
		ends[i] = (struct sandbox_end){ .verdict = SANDBOX_ERROR, .why = S("the sandbox broke off") };
	return again;
}

void sandbox_run_alone(struct sandbox *s, const struct sandbox_file *files, size_t n_files,
	const struct sandbox_step *steps, size_t n_steps, struct sandbox_end *ends, struct arena *a)
{
	struct buf job = { 0 };

	put_job(&job, files, n_files, steps, n_steps);
	pthread_rwlock_wrlock(&s->alone);
	run_once(s, buf_span(&job), steps, n_steps, ends, a);
	pthread_rwlock_unlock(&s->alone);
	buf_free(&job);
}

void sandbox_run(struct sandbox *s, const struct sandbox_file *files, size_t n_files,
	const struct sandbox_step *steps, size_t n_steps, struct sandbox_end *ends, struct arena *a)
{
	struct buf job = { 0 };
	bool again;

	put_job(&job, files, n_files, steps, n_steps);
	pthread_rwlock_rdlock(&s->alone);
	again = run_once(s, buf_span(&job), steps, n_steps, ends, a);
	pthread_rwlock_unlock(&s->alone);
	buf_free(&job);
	if (again)
		sandbox_run_alone(s, files, n_files, steps, n_steps, ends, a);
}

/* ---- opening ---- */

static int start_slot(struct sandbox *s, unsigned i, const char *const *folders, size_t n)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	s->v[i].fd = pair[0];
	s->v[i].pid = fork();
	if (s->v[i].pid == 0)
		sandbox_slot(pair[1], i, s->how, s->groups, folders, n);
	close(pair[1]);
	return s->v[i].pid < 0 ? -1 : 0;
}

/* Does it run a program, and is that kept from what it must not see? */
static bool trial(struct sandbox *s, char **why)
{
	static const char hidden[] = "[ ! -e /root ] && [ ! -e /etc/passwd ] && [ ! -e /old ] && ! (: >/usr/a) 2>/dev/null && "
		"! (: >/box/a) 2>/dev/null && (: >a) && [ $$ = 2 ] && [ $(id -u) = 65534 ] && echo good";
	static const char *const scripts[] = {
		[SANDBOX_DIRECT] = hidden, [SANDBOX_BWRAP] = hidden,
		[SANDBOX_LANDLOCK] = "! (: </etc/passwd) 2>/dev/null && ! (: </proc/self/environ) 2>/dev/null && "
			"! (: >/usr/a) 2>/dev/null && ! (: >../a) 2>/dev/null && ! (: >../box/a) 2>/dev/null && (: >a) && "
			"! kill -0 $PPID 2>/dev/null && [ $(id -u) != 0 ] && echo good",
		[SANDBOX_NONE] = "echo good",
	};
	const char *const argv[] = { "/bin/sh", "-c", scripts[s->how], NULL };
	const struct sandbox_step step = { .argv = argv, .limits = sandbox_limits };
	struct arena a = { 0 };
	struct sandbox_end e;
	bool good;

	sandbox_run(s, NULL, 0, &step, 1, &e, &a);
	good = e.verdict == SANDBOX_OK && span_eq(e.out, S("good\n"));
	if (!good)
		*why = xasprintf("%s: %.*s", sandbox_name(s), ARG(e.verdict == SANDBOX_ERROR ? e.why :
			S("what must not be seen is seen")));
	arena_free(&a);
	return good;
}

static struct sandbox *open_one(enum sandbox_backend how, unsigned jobs, const char *const *folders, size_t n, char **why)
{
	struct sandbox *s = xcalloc(1, sizeof *s);
	pthread_rwlockattr_t attr;

	s->how = how;
	s->n = jobs;
	s->v = xcalloc(jobs, sizeof *s->v);
	for (unsigned i = 0; i < jobs; i++)
		s->v[i].fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->freed, NULL);
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&s->alone, &attr);
	pthread_rwlockattr_destroy(&attr);
	s->groups = sandbox_groups_open(jobs);
	for (unsigned i = 0; i < jobs; i++) {
		if (start_slot(s, i, folders, n) < 0) {
			*why = xasprintf("cannot start a process: %s", strerror(errno));
			sandbox_close(s);
			return NULL;
		}
	}
	if (trial(s, why))
		return s;
	sandbox_close(s);
	return NULL;
}

struct sandbox *sandbox_open(enum sandbox_backend want, unsigned jobs, const char *const *folders, size_t n, char **why)
{
	struct sandbox *s = NULL;
	struct buf all = { 0 };

	if (want != SANDBOX_AUTO)
		return open_one(want, jobs, folders, n, why);
	for (enum sandbox_backend how = SANDBOX_DIRECT; !s && how < SANDBOX_NONE; how++) {
		s = open_one(how, jobs, folders, n, why);
		if (s)
			break;
		buf_addf(&all, "%s%s", all.n ? "; " : "", *why);
		free(*why);
	}
	*why = s ? NULL : span_dup(buf_span(&all));
	buf_free(&all);
	return s;
}

void sandbox_close(struct sandbox *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].fd >= 0)
			close(s->v[i].fd);
		while (s->v[i].pid > 0 && waitpid(s->v[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	sandbox_groups_close(s->groups);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->freed);
	pthread_rwlock_destroy(&s->alone);
	free(s->v);
	free(s);
}
