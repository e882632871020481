/* sandbox_bwrap - the command line that runs a step under bubblewrap
 *
 * For machines where it alone may make user namespaces. It sets up what sandbox_direct.c does, but is process 1 itself,
 * shows all of /proc that is not of a process, does not limit the number of files in /tmp and says 128 + n of a program
 * that signal n has ended.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct words {
	const char **v;
	size_t n, room;
};

static void add(struct words *w, const char *word)
{
	GROW(w->v, w->n, w->room);
	w->v[w->n++] = word;
}

#define ADD(...) \
	for (const char *const *word_ = (const char *const[]){ __VA_ARGS__, NULL }; *word_; word_++) \
		add(w, *word_)

/* The same as under direct: links stay links. */
static void show(struct words *w, const char *path)
{
	char target[512];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n < 0) {
		ADD("--ro-bind-try", path, path);
		return;
	}
	target[n] = '\0';
	ADD("--symlink", xasprintf("%s", target), path);
}

/* Is it where execvp() would find it? bwrap and prlimit would not tell us so that we could be sure. */
static bool there(const char *program)
{
	static const char *const path[] = { "/usr/local/bin", "/usr/bin", "/bin" };
	char at[512];

	if (strchr(program, '/'))
		return access(program, X_OK) == 0;
	for (size_t i = 0; i < COUNT(path); i++) {
		snprintf(at, sizeof at, "%s/%s", path[i], program);
		if (access(at, X_OK) == 0)
			return true;
	}
	return false;
}

const char *const *sandbox_bwrap(const struct sandbox_job *j, const struct sandbox_step *s, int status, int filter)
{
	struct words words = { 0 }, *w = &words;

	if (!there(s->argv[0])) {
		errno = ENOENT;
		return NULL;
	}
	ADD("bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try");
	ADD("--uid", "65534", "--gid", "65534", "--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL");
	for (const char *const *p = sandbox_system_paths; *p; p++)
		show(w, *p);
	for (size_t i = 0; i < j->n_folders; i++)
		ADD("--ro-bind", j->folders[i], j->folders[i]);
	for (const char *const *p = sandbox_devices; *p; p++)
		ADD("--dev-bind", *p, *p);
	ADD("--symlink", "/proc/self/fd", "/dev/fd", "--symlink", "/proc/self/fd/0", "/dev/stdin", "--symlink",
		"/proc/self/fd/1", "/dev/stdout", "--symlink", "/proc/self/fd/2", "/dev/stderr", "--symlink", "/tmp", "/dev/shm");
	ADD("--proc", "/proc", s->build ? "--bind" : "--ro-bind", xasprintf("%s/box", j->folder), "/box");
	ADD("--size", xasprintf("%llu", (unsigned long long)s->limits.disk), "--tmpfs", "/tmp", "--remount-ro", "/");
	ADD("--chdir", "/tmp", "--json-status-fd", xasprintf("%d", status), "--seccomp", xasprintf("%d", filter));
	/* Processes are counted in the user namespace that they are in. */
	ADD("--", "prlimit", xasprintf("--nproc=%llu", (unsigned long long)s->limits.processes), "--");
	for (size_t i = 0; s->argv[i]; i++)
		add(w, s->argv[i]);
	add(w, NULL);
	return w->v;
}
