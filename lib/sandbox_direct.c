/* sandbox_direct - a system for one job: namespaces, a root in memory, a process 1 of ours
 *
 * Order matters: identities are mapped first (only then may anything be mounted), the new root is put together while
 * the old one is still there, and lost before any program runs.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534, INODES = 4096 };

static void must(const struct sandbox_job *j, bool good, const char *what)
{
	if (!good)
		sandbox_fail(j, what);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && sandbox_write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return good;
}

static void map_ids(const struct sandbox_job *j, uid_t uid, gid_t gid)
{
	char line[64];

	must(j, write_text("/proc/self/setgroups", "deny"), "/proc/self/setgroups");
	snprintf(line, sizeof line, "%d %u 1", NOBODY, (unsigned)uid);
	must(j, write_text("/proc/self/uid_map", line), "/proc/self/uid_map");
	snprintf(line, sizeof line, "%d %u 1", NOBODY, (unsigned)gid);
	must(j, write_text("/proc/self/gid_map", line), "/proc/self/gid_map");
}

/* Every folder on the way to path, which begins with '/'. */
static void make_folders(const char *path)
{
	char part[512];

	snprintf(part, sizeof part, "%s", path);
	for (char *p = part + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(part, 0755);
		*p = '/';
	}
	mkdir(part, 0755);
}

/* Show a folder (or file) of the host, which is under /old, read-only at the same place. False: it is not there. */
static bool show(const struct sandbox_job *j, const char *path)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	char from[512];
	struct stat st;

	snprintf(from, sizeof from, "/old%s", path);
	if (lstat(from, &st) < 0)
		return false;
	if (S_ISLNK(st.st_mode)) {
		char target[512];
		ssize_t n = readlink(from, target, sizeof target - 1);

		target[n > 0 ? n : 0] = '\0';
		must(j, n > 0 && symlink(target, path) == 0, path);
		return true;
	}
	if (S_ISDIR(st.st_mode))
		make_folders(path);
	else
		close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	must(j, mount(from, path, NULL, MS_BIND | MS_REC, NULL) == 0, path);
	must(j, mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &read_only, sizeof read_only) == 0, path);
	return true;
}

static void show_device(const struct sandbox_job *j, const char *path)
{
	char from[64];

	snprintf(from, sizeof from, "/old%s", path);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
	must(j, mount(from, path, NULL, MS_BIND, NULL) == 0, path);
}

static bool mount_memory(const char *path, uint64_t bytes)
{
	char options[96];

	snprintf(options, sizeof options, "size=%llu,nr_inodes=%d,mode=755", (unsigned long long)bytes, INODES);
	return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
}

/* No /etc but the loader's index and the names of compilers. */
const char *const sandbox_system_paths[] = { "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
	"/etc/alternatives", "/etc/ld.so.cache", NULL };
const char *const sandbox_devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL };

static void make_root(const struct sandbox_job *j)
{
	must(j, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
	must(j, mount_memory("/tmp", 1 << 20) && chdir("/tmp") == 0 && mkdir("old", 0755) == 0, "tmpfs");
	must(j, syscall(SYS_pivot_root, ".", "old") == 0 && chdir("/") == 0, "pivot_root");
	mkdir("/etc", 0755);
	mkdir("/dev", 0755);
	mkdir("/box", 0755);
	mkdir("/tmp", 0755);
	mkdir("/proc", 0755);
	for (const char *const *p = sandbox_system_paths; *p; p++)
		show(j, *p);
	for (size_t i = 0; i < j->n_folders; i++)
		must(j, show(j, j->folders[i]), j->folders[i]);
	for (const char *const *p = sandbox_devices; *p; p++)
		show_device(j, *p);
	must(j, symlink("/proc/self/fd", "/dev/fd") == 0 && symlink("/proc/self/fd/0", "/dev/stdin") == 0 &&
		symlink("/proc/self/fd/1", "/dev/stdout") == 0 && symlink("/proc/self/fd/2", "/dev/stderr") == 0 &&
		symlink("/tmp", "/dev/shm") == 0, "links in /dev");
	/* Of /proc the processes alone, not what it says of the machine. In some containers it cannot be had. */
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid") < 0)
		must(j, mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) == 0, "proc");
	must(j, umount2("/old", MNT_DETACH) == 0 && rmdir("/old") == 0, "the old root");
	must(j, mount_memory("/box", j->n_steps ? j->steps[0].limits.disk : 1 << 20), "/box");
	sandbox_put_files(j, "/box");
	must(j, mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0,
		"a root that is read-only");
}

void sandbox_fresh_tmp(const struct sandbox_job *j, uint64_t bytes)
{
	must(j, chdir("/") == 0, "/");
	umount2("/tmp", MNT_DETACH);	/* (the first time there is none) */
	must(j, mount_memory("/tmp", bytes) && chdir("/tmp") == 0, "/tmp");
}

void sandbox_close_box(const struct sandbox_job *j)
{
	must(j, mount(NULL, "/box", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0, "/box");
}

pid_t sandbox_direct(struct sandbox_job *j)
{
	struct clone_args how = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	pid_t pid = (pid_t)syscall(SYS_clone3, &how, sizeof how);

	if (pid != 0)
		return pid;
	close(3);		/* the socket of the slot */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	map_ids(j, uid, gid);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	must(j, sethostname("sandbox", 7) == 0, "host name");
	make_root(j);
	sandbox_steps(j);
	_exit(0);
}
