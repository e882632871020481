/* sandbox_seccomp - the filter on system calls: what namespaces do not cover, and what only attacks need
 *
 * Everything is allowed but
 *
 *	killed	foreign architectures and x32, mounts, namespaces, modules, kexec, reboot, ptrace and the memory of
 *		other processes: nobody calls these by accident
 *	EPERM	keys, io_uring, userfaultfd, perf events, bpf, personality, clocks, handles, new user namespaces by clone(),
 *		typing into terminals (TIOCSTI)
 *	ENOSYS	clone3 (its flags cannot be seen; libc falls back on clone), System V and POSIX message queues, shared
 *		memory and semaphores (they would outlive a step)
 *	EAFNOSUPPORT	sockets but AF_UNIX: vsock is in no namespace
 *
 * Where there are no namespaces, also
 *
 *	EPERM	what acts on files beyond the rights to open them (mode, owner, times, attributes, watches), and on processes
 *		other than the caller (limits, priorities, affinity)
 *	EAFNOSUPPORT	all sockets but pairs of streams: those of the host have names, and connect() asks no other right
 *
 * Built by hand: a list of comparisons on the number and, of some calls, on the low half of one argument.
 */
#include "sandbox_job.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "sandbox_seccomp.c: the name of this architecture is missing"
#endif
#define X32 0x40000000u

#define KILL SECCOMP_RET_KILL_PROCESS
#define DENY(e) (SECCOMP_RET_ERRNO | (e))

static const struct {
	int nr;
	uint32_t act;
} calls[] = {
	{ SYS_mount, KILL }, { SYS_umount2, KILL }, { SYS_pivot_root, KILL }, { SYS_chroot, KILL },
	{ SYS_move_mount, KILL }, { SYS_open_tree, KILL }, { SYS_fsopen, KILL }, { SYS_fsmount, KILL },
	{ SYS_mount_setattr, KILL }, { SYS_unshare, KILL }, { SYS_setns, KILL }, { SYS_ptrace, KILL },
	{ SYS_process_vm_readv, KILL }, { SYS_process_vm_writev, KILL }, { SYS_init_module, KILL },
	{ SYS_finit_module, KILL }, { SYS_delete_module, KILL }, { SYS_kexec_load, KILL }, { SYS_reboot, KILL },
	{ SYS_swapon, KILL }, { SYS_swapoff, KILL },
#ifdef SYS_kexec_file_load
	{ SYS_kexec_file_load, KILL },
#endif
	{ SYS_add_key, DENY(EPERM) }, { SYS_request_key, DENY(EPERM) }, { SYS_keyctl, DENY(EPERM) },
	{ SYS_io_uring_setup, DENY(EPERM) }, { SYS_io_uring_enter, DENY(EPERM) }, { SYS_io_uring_register, DENY(EPERM) },
	{ SYS_userfaultfd, DENY(EPERM) }, { SYS_perf_event_open, DENY(EPERM) }, { SYS_bpf, DENY(EPERM) },
	{ SYS_personality, DENY(EPERM) }, { SYS_acct, DENY(EPERM) }, { SYS_quotactl, DENY(EPERM) },
	{ SYS_settimeofday, DENY(EPERM) }, { SYS_clock_settime, DENY(EPERM) }, { SYS_adjtimex, DENY(EPERM) },
	{ SYS_name_to_handle_at, DENY(EPERM) }, { SYS_open_by_handle_at, DENY(EPERM) }, { SYS_kcmp, DENY(EPERM) },
	{ SYS_pidfd_getfd, DENY(EPERM) }, { SYS_syslog, DENY(EPERM) }, { SYS_fanotify_init, DENY(EPERM) },
	{ SYS_clone3, DENY(ENOSYS) }, { SYS_shmget, DENY(ENOSYS) }, { SYS_semget, DENY(ENOSYS) },
	{ SYS_msgget, DENY(ENOSYS) }, { SYS_mq_open, DENY(ENOSYS) },
};

static const int strict_calls[] = {
#ifdef __x86_64__
	SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_inotify_init,
#endif
	SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
	SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_inotify_init1, SYS_inotify_add_watch, SYS_setpriority,
	SYS_ioprio_set, SYS_migrate_pages, SYS_move_pages, SYS_connect, SYS_bind, SYS_flock,
	452 /* fchmodat2 */, 463 /* setxattrat */, 466 /* removexattrat */, 469 /* file_setattr */
};

/* Calls that are refused if an argument has any of these bits, equals this, or is another. */
static const struct {
	int nr, arg;
	enum { ANY_BIT, EQUAL, OTHER } when;
	uint32_t value, act;
} depends[] = {
	{ SYS_clone, 0, ANY_BIT, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		CLONE_NEWCGROUP, DENY(EPERM) },
	{ SYS_socket, 0, OTHER, AF_UNIX, DENY(EAFNOSUPPORT) },
	{ SYS_socketpair, 0, OTHER, AF_UNIX, DENY(EAFNOSUPPORT) },
	{ SYS_ioctl, 1, EQUAL, TIOCSTI, DENY(EPERM) },
	/* from here on: strict */
	{ SYS_socket, 0, EQUAL, AF_UNIX, DENY(EAFNOSUPPORT) },
	{ SYS_socketpair, 1, ANY_BIT, SOCK_DGRAM, DENY(EAFNOSUPPORT) },	/* could be connected anew */
	{ SYS_prlimit64, 0, OTHER, 0, DENY(EPERM) }, { SYS_sched_setaffinity, 0, OTHER, 0, DENY(EPERM) },
	{ SYS_sched_setscheduler, 0, OTHER, 0, DENY(EPERM) }, { SYS_sched_setparam, 0, OTHER, 0, DENY(EPERM) },
	{ SYS_sched_setattr, 0, OTHER, 0, DENY(EPERM) },
};
enum { N_LENIENT = 4 };

#define FIELD(f) (uint32_t)offsetof(struct seccomp_data, f)
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define RETURN(act) BPF_STMT(BPF_RET | BPF_K, (act))
/* Go on here if it is k, else skip so many. */
#define UNLESS_EQ(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (skip))

enum { MOST = 2 * COUNT(calls) + 2 * COUNT(strict_calls) + 5 * COUNT(depends) + 16 };

/* Returns the number of instructions. */
static size_t make(struct sock_filter code[MOST], bool strict)
{
	size_t n = 0;

#define ADD(...) (code[n++] = (struct sock_filter)__VA_ARGS__)
	ADD(LOAD(FIELD(arch)));
	ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0));
	ADD(RETURN(KILL));
	ADD(LOAD(FIELD(nr)));
#ifdef __x86_64__
	ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1));
	ADD(RETURN(KILL));
#endif
	for (size_t i = 0; i < COUNT(calls); i++) {
		ADD(UNLESS_EQ((uint32_t)calls[i].nr, 1));
		ADD(RETURN(calls[i].act));
	}
	for (size_t i = 0; strict && i < COUNT(strict_calls); i++) {
		ADD(UNLESS_EQ((uint32_t)strict_calls[i], 1));
		ADD(RETURN(DENY(EPERM)));
	}
	for (size_t i = 0; i < (strict ? COUNT(depends) : N_LENIENT); i++) {
		const bool other = depends[i].when == OTHER;

		ADD(LOAD(FIELD(nr)));
		ADD(UNLESS_EQ((uint32_t)depends[i].nr, 3));
		ADD(LOAD(FIELD(args[0]) + 8 * (uint32_t)depends[i].arg));
		if (depends[i].when == ANY_BIT)
			ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, depends[i].value, 0, 1));
		else
			ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, depends[i].value, other, !other));
		ADD(RETURN(depends[i].act));
	}
	ADD(RETURN(SECCOMP_RET_ALLOW));
#undef ADD
	return n;
}

int sandbox_seccomp(bool strict)
{
	struct sock_filter code[MOST];
	struct sock_fprog program = { (unsigned short)make(code, strict), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int sandbox_seccomp_file(void)
{
	struct sock_filter code[MOST];
	size_t n = make(code, false) * sizeof *code;
	int fd = memfd_create("seccomp", 0);

	if (fd >= 0 && sandbox_write(fd, code, n) && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	return -1;
}
