/* sandbox_landlock - what a program may open, and whom it may signal, without namespaces
 *
 * Landlock (Linux 5.13; its scopes, version 6, since 6.12) takes rights away from a process and all it starts. It says
 * nothing on metadata: names and sizes of the host's files are seen, and what could change them (chmod, chown, times,
 * attributes) is left to the filter on system calls.
 *
 * Domains nest. The processes of ours that keep a job are in one that limits signals alone, so that their kill(-1)
 * reaches the job and nothing else of the same user; the program is in another one in it.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in <linux/landlock.h> of version 6, which may be newer than the header that is installed. */
struct ruleset {
	uint64_t files, net, scoped;
};
struct beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));
enum {
	EXECUTE = 1 << 0, WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3, MAKE_CHAR = 1 << 6, MAKE_SOCK = 1 << 9,
	MAKE_BLOCK = 1 << 11, ALL_FILES = (1 << 16) - 1, ALL_NET = 3, SCOPE_ABSTRACT = 1, SCOPE_SIGNAL = 2,
	ASK_VERSION = 1, RULE_BENEATH = 1,
	READ = EXECUTE | READ_FILE | READ_DIR, OF_FILE = EXECUTE | WRITE_FILE | READ_FILE,
	OURS = ALL_FILES & ~(MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK)
};

/* A ruleset; -1: errno. */
static int ruleset(const struct ruleset *r)
{
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION) < 6) {
		errno = ENOSYS;
		return -1;
	}
	return (int)syscall(SYS_landlock_create_ruleset, r, sizeof *r, 0);
}

/* Enter it. */
static int enter(int fd)
{
	int e = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	if (e == 0)
		e = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return e;
}

int sandbox_landlock_scope(void)
{
	const struct ruleset r = { .scoped = SCOPE_SIGNAL };
	int fd = ruleset(&r);

	return fd < 0 ? -1 : enter(fd);
}

/* A path that is not there allows nothing. */
static bool allow(int fd, const char *path, uint64_t rights)
{
	struct beneath b = { rights, open(path, O_PATH | O_CLOEXEC) };
	struct stat st;
	bool good;

	if (b.parent < 0)
		return true;
	if (fstat(b.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		b.allowed &= OF_FILE;
	good = syscall(SYS_landlock_add_rule, fd, RULE_BENEATH, &b, 0) == 0;
	close(b.parent);
	return good;
}

int sandbox_landlock(const struct sandbox_job *j, bool build)
{
	const struct ruleset all = { ALL_FILES, ALL_NET, SCOPE_ABSTRACT | SCOPE_SIGNAL };
	int fd = ruleset(&all);
	bool good = fd >= 0;

	for (const char *const *p = sandbox_system_paths; good && *p; p++)
		good = allow(fd, *p, READ);
	for (const char *const *p = sandbox_devices; good && *p; p++)
		good = allow(fd, *p, READ_FILE | WRITE_FILE);
	for (size_t i = 0; good && i < j->n_folders; i++)
		good = allow(fd, j->folders[i], READ);
	good = good && allow(fd, "../box", build ? OURS : READ) && allow(fd, ".", OURS);
	if (!good)
		return -1;
	return enter(fd);
}
