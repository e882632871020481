/* sandbox_program - the last thing our process does before it is the program: limits, rights, descriptors
 *
 * Between fork() and exec() of a process that has no other threads.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SAID = SANDBOX_PIPES };		/* the descriptor for what went wrong */

static const char *environment[] = {
	"HOME=/tmp", "TMPDIR=/tmp", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", "PYTHONHASHSEED=0",
	"PYTHONDONTWRITEBYTECODE=1", NULL
};

static void limit(int what, uint64_t soft, uint64_t hard)
{
	const struct rlimit l = { soft, hard };

	setrlimit(what, &l);
}

static void set_limits(const struct sandbox_job *j, const struct sandbox_limits *l)
{
	const uint64_t seconds = (uint64_t)l->cpu + 1;

	limit(RLIMIT_CPU, seconds, seconds + 1);
	limit(RLIMIT_DATA, l->memory, l->memory);
	limit(RLIMIT_FSIZE, l->disk, l->disk);
	limit(RLIMIT_NOFILE, 64, 64);
	if (j->how != SANDBOX_BWRAP)
		limit(RLIMIT_NPROC, l->processes + j->others, l->processes + j->others);
	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_MEMLOCK, 0, 0);
	limit(RLIMIT_MSGQUEUE, 0, 0);
	limit(RLIMIT_STACK, 64 << 20, 64 << 20);
}

/* If the kernel must kill something, then the program, not ours who watch it. (Ours may have made itself such that
 * its files in /proc are root's. For the program that ends with exec.) */
static void first_to_go(void)
{
	int fd;

	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		sandbox_write(fd, "1000", 4);
		close(fd);
	}
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

/* Programs that have no /tmp of their own: it is where they are. (Nothing from the heap: limits are set already.) */
static void own_folders(void)
{
	static char here[PATH_MAX], home[PATH_MAX + 8], tmp[PATH_MAX + 8];

	if (!getcwd(here, sizeof here))
		strcpy(here, ".");
	snprintf(home, sizeof home, "HOME=%s", here);
	snprintf(tmp, sizeof tmp, "TMPDIR=%s", here);
	environment[0] = home;
	environment[1] = tmp;
}

/* What is peculiar to a backend, and the limits; then the program. Returns if that fails: errno. */
static void go(const struct sandbox_job *j, const struct sandbox_step *s)
{
	const char *const *argv = s->argv;
	int filter;

	environ = (char **)(uintptr_t)environment;
	if (j->how == SANDBOX_BWRAP) {		/* (Its words are from the heap, which the limits would bind.) */
		filter = sandbox_seccomp_file();
		argv = filter < 0 ? NULL : sandbox_bwrap(j, s, SAID, filter);
		if (!argv)
			return;
		fcntl(SAID, F_SETFD, 0);
	}
	set_limits(j, &s->limits);
	switch (j->how) {
	case SANDBOX_BWRAP:
		break;
	case SANDBOX_LANDLOCK:
		own_folders();
		if (sandbox_landlock(j, s->build) < 0 || drop_capabilities() < 0 || sandbox_seccomp(true) < 0)
			return;
		break;
	case SANDBOX_NONE:
		own_folders();
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			return;
		break;
	default:
		if (drop_capabilities() < 0 || sandbox_seccomp(false) < 0)
			return;
	}
	execvp(argv[0], (char *const *)(uintptr_t)argv);
}

void sandbox_become(const struct sandbox_job *j, const struct sandbox_step *s, const int theirs[SANDBOX_PIPES], int said)
{
	int e, kept[SANDBOX_PIPES + 1];

	/* Out of the way of 0 to 4, in whatever order they came. */
	for (int i = 0; i < SANDBOX_PIPES; i++)
		kept[i] = fcntl(theirs[i], F_DUPFD_CLOEXEC, 16);
	kept[SANDBOX_PIPES] = fcntl(said, F_DUPFD_CLOEXEC, 16);
	for (int i = 0; i < SANDBOX_PIPES; i++)
		dup2(kept[i], i);
	dup3(kept[SANDBOX_PIPES], SAID, O_CLOEXEC);
	close_range(SAID + 1, ~0U, 0);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	setsid();
	first_to_go();
	personality(ADDR_NO_RANDOMIZE);		/* addresses in messages are the same every time */
	go(j, s);
	e = errno;
	sandbox_write(SAID, &e, sizeof e);
	_exit(127);
}
