/* sandbox - programs that want out, under each backend, as root and as nobody (long: a program for each way out)
 *
 * What a backend cannot keep is tested as such: bwrap shows /proc/cpuinfo and its own process 1, Landlock the names and sizes of files.
 * PREF_RUNS is the number of runs after which nothing may be left (300 of direct, 60 of the others).
 *
 * The fork bomb runs only after a harmless program has been stopped by the limit on processes. Where no namespace
 * can be had, or no Python, one line says what was skipped.
 */
#include "../../lib/sandbox_job.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PY "import os,sys,ctypes,time,socket,signal,mmap;L=ctypes.CDLL(None,use_errno=True)\n"

static struct sandbox *box;
static enum sandbox_backend how;
static struct arena arena;

static struct sandbox_limits small(void)
{
	struct sandbox_limits l = sandbox_limits;

	l.cpu = 1;
	l.wall = 40;		/* machines may be busy */
	l.memory = 128 << 20;
	l.output = 64 << 10;
	l.disk = 16 << 20;
	return l;
}

static struct sandbox_end run_limited(const char *program, const char *option, const char *script, struct sandbox_limits l)
{
	const char *const argv[] = { program, option, script, NULL };
	const struct sandbox_step s = { .argv = argv, .limits = l };
	struct sandbox_end e;

	sandbox_run(box, NULL, 0, &s, 1, &e, &arena);
	return e;
}

static struct sandbox_end sh(const char *script)
{
	return run_limited("sh", "-c", script, small());
}

static struct sandbox_end python(const char *script)
{
	char *text = xasprintf(PY "%s", script);
	struct sandbox_end e = run_limited("python3", "-c", text, small());

	free(text);
	return e;
}

static void assert_text(struct span got, const char *want)
{
	if (!span_eq(got, span_of(want)))
		fail_msg("\"%.*s\", not \"%s\"", ARG(got), want);
}

/* ---- what a program may do ---- */

static void runs_programs(void **state)
{
	struct sandbox_end e = sh("echo out; echo err >&2; echo side >&3; exit 7");

	(void)state;
	assert_int_equal(e.verdict, SANDBOX_EXIT);
	assert_int_equal(e.exit, 7);
	assert_text(e.out, "out\n");
	assert_text(e.err, "err\n");
	assert_text(e.side, "side\n");
	e = sh("exit 0");
	assert_int_equal(e.verdict, SANDBOX_OK);
	assert_true(e.wall > 0 && e.rss > 0);
	e = run_limited("no-such-program", NULL, NULL, small());
	assert_int_equal(e.verdict, SANDBOX_ERROR);
	assert_text(e.why, "no-such-program: No such file or directory");
}

/* More than a pipe holds, to programs that read all, a little and nothing. */
static void feeds_input(void **state)
{
	enum { N = 1 << 20 };
	static char bytes[N];
	const char *const all[] = { "wc", "-c", NULL }, *const some[] = { "head", "-c", "3", NULL }, *const none[] = { "true", NULL };
	struct sandbox_step s[] = {
		{ .argv = all, .in = { bytes, N }, .limits = small() },
		{ .argv = some, .in = { bytes, N }, .limits = small() },
		{ .argv = none, .in = { bytes, N }, .limits = small() },
		{ .argv = all, .limits = small() },
	};
	struct sandbox_end e[4];

	(void)state;
	memset(bytes, 'x', N);
	sandbox_run(box, NULL, 0, s, 4, e, &arena);
	assert_text(e[0].out, "1048576\n");
	assert_text(e[1].out, "xxx");
	assert_int_equal(e[2].verdict, SANDBOX_OK);
	assert_text(e[3].out, "0\n");
}

/* /tmp and processes are gone between steps, /box is what the build made of it. */
static void steps_are_apart(void **state)
{
	const struct sandbox_file files[] = { { "a", S("one") }, { "b", S("") } };
	const char *const build[] = { "sh", "-c", "cat ../box/a >../box/c; echo x >t", NULL };
	const char *const first[] = { "sh", "-c", "cat ../box/c; ls; echo x >u; sleep 60 & (: >../box/d) 2>/dev/null; "
		"(echo y >../box/a) 2>/dev/null || echo refused", NULL };
	const char *const second[] = { "sh", "-c", "ls ../box . ; cat ../box/a; ps=0; for p in /proc/[0-9]*; do ps=$((ps+1)); done; "
		"echo $ps", NULL };
	const struct sandbox_step s[] = { { .argv = build, .build = true, .limits = small() },
		{ .argv = first, .limits = small() }, { .argv = second, .limits = small() } };
	struct sandbox_end e[3];

	(void)state;
	sandbox_run(box, files, 2, s, 3, e, &arena);
	assert_int_equal(e[0].verdict, SANDBOX_OK);
	assert_text(e[1].out, "onerefused\n");
	assert_text(e[2].out, how == SANDBOX_LANDLOCK ? ".:\n\n../box:\na\nb\nc\none1\n" : ".:\n\n../box:\na\nb\nc\none2\n");
}

static void a_failed_build_ends_it(void **state)
{
	const char *const build[] = { "sh", "-c", "echo no >&2; exit 1", NULL }, *const run[] = { "true", NULL };
	const struct sandbox_step s[] = { { .argv = build, .build = true, .limits = small() }, { .argv = run, .limits = small() } };
	struct sandbox_end e[2];

	(void)state;
	sandbox_run(box, NULL, 0, s, 2, e, &arena);
	assert_int_equal(e[0].verdict, SANDBOX_EXIT);
	assert_text(e[0].err, "no\n");
	assert_int_equal(e[1].verdict, SANDBOX_NOT_RUN);
}

/* ---- limits ---- */

static void time_ends(void **state)
{
	struct sandbox_limits l = small();
	struct sandbox_end e = sh("while :; do :; done");

	(void)state;
	assert_int_equal(e.verdict, SANDBOX_TIMEOUT);
	assert_true(e.cpu >= 0.9 && e.cpu < 3);
	e = sh("trap '' TERM INT HUP XCPU ALRM; while :; do :; done");
	assert_int_equal(e.verdict, SANDBOX_TIMEOUT);
	/* Two processes each under the limit. */
	e = sh("i=0; while [ $i -lt 4 ]; do (while :; do :; done) & i=$((i+1)); done; wait");
	assert_int_equal(e.verdict, SANDBOX_TIMEOUT);
	l.wall = 0.2;
	e = run_limited("sh", "-c", "trap '' TERM; sleep 60", l);
	assert_int_equal(e.verdict, SANDBOX_TIMEOUT);
	assert_true(e.wall < 30 && e.alone);
}

static void output_ends(void **state)
{
	struct sandbox_end e = sh("yes");

	(void)state;
	assert_int_equal(e.verdict, SANDBOX_OUTPUT);
	assert_true(e.out.n == 64 << 10);
	e = sh("yes >&2");
	assert_int_equal(e.verdict, SANDBOX_OUTPUT);
	e = sh("yes >&3");
	assert_int_equal(e.verdict, SANDBOX_OUTPUT);
	e = sh("head -c 65536 /dev/zero");
	assert_int_equal(e.verdict, SANDBOX_OK);
}

static void disk_ends(void **state)
{
	struct sandbox_end e = sh("head -c 100000000 /dev/zero >a; s=$?; wc -c <a; exit $s");

	(void)state;
	assert_int_equal(e.verdict, SANDBOX_OUTPUT);	/* head was ended by SIGXFSZ */
	e = sh("i=0; while [ $i -lt 40 ]; do head -c 1000000 /dev/zero >$i || break; i=$((i+1)); done; echo $i");
	if (how == SANDBOX_LANDLOCK)
		assert_int_equal(e.verdict, SANDBOX_OUTPUT);
	else
		assert_text(e.out, "16\n");
	e = sh("i=0; while (: >$i) 2>/dev/null; do i=$((i+1)); done; [ $i -lt 4200 ] && echo few");
	assert_true(e.verdict == SANDBOX_TIMEOUT || span_eq(e.out, S("few\n")) ||
		(how == SANDBOX_LANDLOCK && e.verdict == SANDBOX_OUTPUT));
}

static void memory_ends(void **state)
{
	(void)state;
	assert_int_equal(python("a=[]\nwhile True: a.append(bytearray(1<<20))").verdict, SANDBOX_MEMORY);
	/* Each under the limit, all together not: as private memory, shared memory and files. */
	assert_int_equal(python("for i in range(12):\n if not os.fork(): b=bytearray(40<<20); time.sleep(60); os._exit(0)\n"
		"time.sleep(60)").verdict, SANDBOX_MEMORY);
	assert_int_equal(python("m=mmap.mmap(-1,200<<20)\nfor i in range(0,200<<20,4096): m[i]=1\ntime.sleep(60)").verdict,
		SANDBOX_MEMORY);
}

/* Files that no process maps, which none of the other limits sees, in many children at once; the program itself ends
 * well. So does what watches it: the next run is as any. */
static void groups_end_it(void **state)
{
	struct sandbox_end e;

	(void)state;
	if (!sandbox_groups(box)) {
		puts("skipped: sandbox: no cgroups can be had here");
		return;
	}
	e = python("for i in range(12):\n if not os.fork():\n  for k in range(4): os.write(os.memfd_create(str(k)),bytes(14<<20))\n"
		"  time.sleep(1); os._exit(0)\ntry:\n while True: os.wait()\nexcept OSError: print('well')");
	assert_int_equal(e.verdict, SANDBOX_MEMORY);
	e = python("b=b'x'*(1<<20)\nfor i in range(60):\n if not os.fork():\n  for k in range(500): os.write(os.memfd_create(''),b)\n"
		"  os._exit(0)\ntime.sleep(60)");
	assert_int_equal(e.verdict, SANDBOX_MEMORY);
	assert_text(sh("echo good").out, "good\n");
}

static bool processes_are_limited(void)
{
	return span_eq(python("n=0\ntry:\n while n<200:\n  if not os.fork(): time.sleep(60); os._exit(0)\n  n+=1\n"
		"except OSError: print('limited' if n<64 else n)").out, S("limited\n"));
}

static void processes_end(void **state)
{
	struct sandbox_end e;

	(void)state;
	assert_true(processes_are_limited());
	e = python("while True:\n try: os.fork()\n except OSError: pass");
	assert_true(e.verdict == SANDBOX_TIMEOUT || e.verdict == SANDBOX_MEMORY);	/* all together have much of both */
}

static void daemons_end(void **state)
{
	struct sandbox_end e = sh("(setsid sh -c 'sleep 4321 &' &) ; echo gone");

	(void)state;
	assert_int_equal(e.verdict, SANDBOX_OK);
	assert_text(e.out, "gone\n");
	assert_true(e.wall < 30);
}

static void signals_tell(void **state)
{
	struct sandbox_end e = sh("kill -ABRT $$");

	(void)state;
	assert_int_equal(e.verdict, SANDBOX_CRASH);
	assert_int_equal(e.signal, SIGABRT);
	assert_int_equal(python("ctypes.string_at(0)").signal, SIGSEGV);
	e = python("f=ctypes.CFUNCTYPE(None)(lambda: f())\nsys.setrecursionlimit(10**9)\nf()");
	assert_int_equal(e.verdict, SANDBOX_CRASH);
	assert_int_equal(e.signal, SIGSEGV);
}

/* ---- what a program may not do ---- */

static void nothing_outside_is_killed(void **state)
{
	pid_t bystander;
	char *script;

	(void)state;
	/* Of the same user, if that is not root. */
	bystander = fork();
	if (bystander == 0) {
		pause();
		_exit(0);
	}
	script = xasprintf("for p in (%d,os.getppid()):\n try: os.kill(p,9)\n except OSError: pass\n"
		"try: os.kill(-1,9)\nexcept OSError: pass\nprint('here')", (int)bystander);
	assert_text(python(script).out, "here\n");
	free(script);
	assert_int_equal(waitpid(bystander, NULL, WNOHANG), 0);
	kill(bystander, SIGKILL);
	waitpid(bystander, NULL, 0);
	if (how == SANDBOX_LANDLOCK) {
		assert_text(python("try: os.kill(1,9)\nexcept OSError as e: print(e.errno)").out, "1\n");
		return;
	}
	/* Process 1 of the sandbox takes no signals. */
	assert_int_equal(python("os.kill(1,9); print('here')").verdict, SANDBOX_OK);
	assert_text(python("p=os.fork()\nif not p: time.sleep(60)\nos.kill(-1,9); os.kill(1,15); print(os.waitpid(p,0)[1])").out,
		"9\n");
	assert_text(python("try: os.kill(int(os.environ.get('X',99999)),9)\nexcept OSError as e: print(e.errno)").out, "3\n");
}

/* Without namespaces: no file of the host is read or changed, though it is ours; that it is there is seen. */
static void nothing_outside_is_open(void **state)
{
	char *canary, *script;
	struct stat st;
	int fd;

	(void)state;
	if (how != SANDBOX_LANDLOCK)
		return;
	canary = xasprintf("/tmp/pref-canary-%d", (int)getpid());
	fd = open(canary, O_WRONLY | O_CREAT, 0666);
	assert_int_equal(write(fd, "12345", 5), 5);
	close(fd);
	script = xasprintf("c='%s'\n"
		"def t(what,f,*a):\n"
		" try: f(*a); print(what)\n except OSError as e: assert e.errno in (1,13,18,97),(what,e)\n"
		"for p in ['/etc/passwd','/proc/1/environ','/proc/self/environ','/proc/self/mem','/proc/cpuinfo',c]: t(p,open,p)\n"
		"for p in ['/','/tmp','/etc','/root','/home','/proc','/var','/dev','..']: t(p,os.listdir,p)\n"
		"for p in ['/usr/a','../box/a','../a','/tmp/pref-a','/dev/a',c]: t(p,open,p,'w')\n"
		"t('truncate',os.truncate,c,0); t('unlink',os.unlink,c); t('link',os.link,c,'a'); t('rename',os.rename,c,'a')\n"
		"t('chmod',os.chmod,c,0o777); t('utime',os.utime,c,(1,1)); t('chown',os.chown,c,-1,os.getgid())\n"
		"t('xattr',os.setxattr,c,'user.a',b'1'); t('mkfifo',os.mkfifo,'/tmp/pref-a'); t('mknod',os.mknod,'n',0o20666,259)\n"
		"t('exec',os.execv,c,[c])\n"
		"t('unix',socket.socket,socket.AF_UNIX); t('pair',socket.socketpair,socket.AF_UNIX,socket.SOCK_DGRAM)\n"
		"import resource\n"
		"try: resource.prlimit(os.getppid(),resource.RLIMIT_NOFILE,(4,4)); print('prlimit')\n"
		"except PermissionError: pass\n"
		"print(os.stat(c).st_size)\n", canary);
	assert_text(python(script).out, "5\n");
	free(script);
	assert_int_equal(stat(canary, &st), 0);
	assert_int_equal(st.st_size, 5);
	unlink(canary);
	free(canary);
}

static void nothing_outside_is_seen(void **state)
{
	char *canary = xasprintf("/tmp/pref-canary-%d", (int)getpid()), *script;
	int fd = open(canary, O_WRONLY | O_CREAT, 0644);
	const bool direct = how == SANDBOX_DIRECT;

	(void)state;
	close(fd);
	if (how == SANDBOX_LANDLOCK) {
		unlink(canary);
		free(canary);
		return;
	}
	script = xasprintf("for p in ['/etc/passwd','/etc/shadow','/root','/home','/var','/sys','/srv','/old','%s',"
		"%s'/dev/sda','/dev/kmsg','/dev/tty','/dev/mem']:\n"
		" if os.path.lexists(p): print(p)\n"
		"for p in ['/proc/1/environ','/proc/1/mem','/proc/1/maps','/proc/1/fd','/proc/1/root']*%d:\n"
		" try: print(p,os.listdir(p) if os.path.isdir(p) else open(p,'rb').read(1))\n except OSError: pass\n"
		"for p in ['/usr/a','/box/a','/a','/dev/a','/etc/a','/usr/bin/a']:\n"
		" try: open(p,'w'); print(p)\n except OSError: pass\n"
		"print(sorted(os.environ))\n", canary, direct ? "'/proc/cpuinfo','/proc/sys','/proc/keys'," : "", direct);
	assert_text(python(script).out, direct ?
		"['HOME', 'LANG', 'PATH', 'PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED', 'TMPDIR', 'TZ']\n" :
		"['HOME', 'LANG', 'PATH', 'PWD', 'PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED', 'TMPDIR', 'TZ']\n");
	free(script);
	unlink(canary);
	free(canary);
}

/* Of ours only the four pipes, though a descriptor is open that nobody closes; and the pipes lead nowhere else. */
static void no_descriptor_leaks(void **state)
{
	(void)state;
	assert_text(python("import fcntl\ndef there(f):\n try: fcntl.fcntl(f,1); return True\n except OSError: return False\n"
		"print([f for f in range(1024) if there(f)])").out, "[0, 1, 2, 3]\n");
	if (how == SANDBOX_LANDLOCK)
		return;
	assert_text(sh("for f in /proc/self/fd/*; do readlink $f; done | grep -v '^pipe:\\|^/proc/' | wc -l").out, "0\n");
}

static void no_network(void **state)
{
	(void)state;
	assert_text(python("for f in (2,10,40,16,17,38):\n try: socket.socket(f,socket.SOCK_DGRAM if f!=38 else 5); print(f)\n"
		" except OSError as e: assert e.errno==97,(f,e)\nsocket.socketpair()\nprint('none')").out, "none\n");
}

static void calls_that_end_it(void **state)
{
	static const char *const calls[] = {
		"L.ptrace(0,0,0,0)", "L.unshare(0x10000000)", "L.mount(b'x',b'/tmp',b'tmpfs',0,None)", "L.umount2(b'/tmp',2)",
		"L.chroot(b'/tmp')", "L.setns(0,0)", "L.syscall(310,1,0,0,0,0,0)", "L.pivot_root(b'/',b'/')",
#ifdef __x86_64__
		"L.syscall(0x40000000|39)",
		/* getpid by int 0x80 */
		"m=mmap.mmap(-1,4096,prot=7);m.write(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3');"
		"ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()",
#endif
	};

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct sandbox_end e = python(calls[i]);

		if (e.verdict != SANDBOX_VIOLATION)
			fail_msg("%s: verdict %d", calls[i], (int)e.verdict);
		assert_int_equal(e.signal, SIGSYS);
	}
}

static void calls_that_fail(void **state)
{
	(void)state;
	/* io_uring_setup, keyctl, bpf, perf_event_open, userfaultfd; clone3, shmget, mq_open; clone(NEWUSER); TIOCSTI */
#ifdef __x86_64__
	assert_text(python("def t(*a):\n L.syscall(*a); return ctypes.get_errno()\n"
		"print([t(n,0,0,0,0,0) for n in (425,250,321,298,323)],[t(n,0,0,0,0,0) for n in (435,29,240)],"
		"t(56,0x10000011,0,0,0,0),t(16,0,0x5412,0))").out,
		"[1, 1, 1, 1, 1] [38, 38, 38] 1 1\n");
#endif
	if (how == SANDBOX_LANDLOCK) {
		assert_text(python("print(os.getuid() in (64000,64001,65534),L.setuid(0),L.prctl(39,0,0,0,0))").out, "True -1 1\n");
		return;
	}
	assert_text(python("print(os.getuid(),open('/proc/self/status').read().split('CapEff:')[1].split()[0],"
		"L.setuid(0),L.prctl(39,0,0,0,0))").out, "65534 0000000000000000 -1 1\n");
}

/* ---- nothing is left ---- */

static size_t count_lines(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;

	assert_non_null(f);
	for (int c; (c = getc(f)) != EOF;)
		n += c == '\n';
	fclose(f);
	return n;
}

static size_t entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Processes of the machine whose command line holds this text. */
static size_t processes_with(const char *text)
{
	DIR *d = opendir("/proc");
	size_t n = 0;

	for (struct dirent *e; (e = readdir(d));) {
		char path[300], line[4096];
		ssize_t got = 0;
		int fd;

		snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
		fd = open(path, O_RDONLY);
		if (fd >= 0) {
			got = read(fd, line, sizeof line);
			close(fd);
		}
		n += got > 0 && span_find((struct span){ line, (size_t)got }, span_of(text)) != (size_t)-1;
	}
	closedir(d);
	return n;
}

/* Folders of our jobs: those of others are elsewhere. */
static size_t boxes_of_jobs(void)
{
	return entries(getenv("TMPDIR"));
}

/* Groups in the place where ours are made whose names begin so. */
static size_t groups_named(const char *prefix)
{
	static const char *const controllers[] = { "memory", "pids" };
	char base[PATH_MAX];
	size_t n = 0;
	bool v2;

	for (size_t i = 0; i < COUNT(controllers); i++) {
		DIR *d = sandbox_group_base(controllers[i], base, &v2) ? opendir(base) : NULL;

		for (struct dirent *e; d && (e = readdir(d));)
			n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
		if (d)
			closedir(d);
	}
	return n;
}

static size_t groups_of(pid_t pid)
{
	char prefix[64];

	snprintf(prefix, sizeof prefix, "pref-sandbox-%d-", (int)pid);
	return groups_named(prefix);
}

static void nothing_is_left(void **state)
{
	static const char *const scripts[] = {
		"echo 7361", "sleep 7361 & exit 3", "setsid sleep 7361 & kill -9 $$", "echo x >a; ln -s / b; mkdir -p c/d",
		"yes 7361", "p=$(printf 'd/%.0s' $(seq 1000)); mkdir -p $p; cd $p && mkdir -p $p; : >$p/a", "mkdir -m 0 a; umask 777; mkdir b; : >c",
		"(while :; do sleep 7361; done) & (while :; do sleep 7361; done) &",
	};
	const size_t mounts = count_lines("/proc/self/mountinfo"), fds = entries("/proc/self/fd"), boxes = boxes_of_jobs();
	const size_t groups = groups_of(getpid());
	const size_t runs = getenv("PREF_RUNS") ? strtoul(getenv("PREF_RUNS"), NULL, 10) : how == SANDBOX_DIRECT ? 300 : 60;

	(void)state;
	for (size_t i = 0; i < runs; i++) {
		sh(scripts[i % COUNT(scripts)]);
		arena_reset(&arena);
	}
	assert_int_equal(processes_with("7361"), 0);
	assert_int_equal(boxes_of_jobs(), boxes);
	assert_int_equal(groups_of(getpid()), groups);
	assert_int_equal(count_lines("/proc/self/mountinfo"), mounts);
	assert_int_equal(entries("/proc/self/fd"), fds);
}

/* What one that was killed, and its keeper, left is removed by the next one; not what is another's. */
static void groups_are_removed(void **state)
{
	static const char dead[] = "pref-sandbox-1-1-", other[] = "pref-sandboxes";
	const size_t had = groups_of(getpid());
	char base[PATH_MAX], path[PATH_MAX + 64], *why;
	struct sandbox *s;
	bool v2;

	(void)state;
	if (!sandbox_groups(box)) {
		assert_int_equal(had, 0);
		return;
	}
	assert_true(had > 0 && sandbox_group_base("pids", base, &v2));
	snprintf(path, sizeof path, "%s/%s0-0", base, dead);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "%s/%s", base, other);
	assert_int_equal(mkdir(path, 0755), 0);
	s = sandbox_open(how, 3, NULL, 0, &why);
	assert_non_null(s);
	assert_int_equal(groups_named(dead), 0);
	assert_true(groups_named(other) > 0);
	assert_true(groups_of(getpid()) > had);
	rmdir(path);
	sandbox_close(s);
	assert_int_equal(groups_of(getpid()), had);
}

static void *many(void *unused)
{
	struct arena a = { 0 };

	(void)unused;
	for (int i = 0; i < 20; i++) {
		const char *const argv[] = { "sh", "-c", "read x; echo $x", NULL };
		char text[32];
		struct sandbox_step s = { .argv = argv, .limits = sandbox_limits };
		struct sandbox_end e;

		snprintf(text, sizeof text, "%d of %p\n", i, (void *)&a);
		s.in = span_of(text);
		sandbox_run(box, NULL, 0, &s, 1, &e, &a);
		if (e.verdict != SANDBOX_OK || !span_eq(e.out, s.in))
			return "another's";
		arena_reset(&a);
	}
	arena_free(&a);
	return NULL;
}

static void threads_share_slots(void **state)
{
	pthread_t t[4];
	void *what;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, many, NULL), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &what);
		assert_null(what);
	}
}

/* The program that uses the sandbox is killed in the middle of a run. */
static void it_dies_with_us(void **state)
{
	const size_t boxes = boxes_of_jobs();
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		char *why;

		box = sandbox_open(how, 1, NULL, 0, &why);
		sh("setsid sleep 8642 & sleep 8642");
		_exit(0);
	}
	for (int i = 0; i < 200 && processes_with("8642") == 0; i++)
		usleep(10000);
	assert_true(processes_with("8642") > 0);
	assert_true(!sandbox_groups(box) || groups_of(pid) > 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 200 && processes_with("8642") > 0; i++)
		usleep(10000);
	assert_int_equal(processes_with("8642"), 0);
	for (int i = 0; i < 200 && (boxes_of_jobs() > boxes || groups_of(pid) > 0); i++)
		usleep(10000);
	assert_int_equal(boxes_of_jobs(), boxes);
	assert_int_equal(groups_of(pid), 0);
}

/* Without user namespaces direct and bwrap run nothing and say why; Landlock does. */
static void does_without_namespaces(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		char *why = NULL;
		int fd;

		if (unshare(CLONE_NEWUSER) < 0 || (fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY)) < 0 ||
				write(fd, "0", 1) != 1)
			_exit(77);
		if (sandbox_open(SANDBOX_DIRECT, 1, NULL, 0, &why) || !strstr(why, "clone"))
			_exit(1);
		if (sandbox_open(SANDBOX_BWRAP, 1, NULL, 0, &why) || !strstr(why, "bwrap"))
			_exit(2);
		box = sandbox_open(SANDBOX_AUTO, 1, NULL, 0, &why);
		_exit(box ? strcmp(sandbox_name(box), "landlock") != 0 : !strstr(why, "landlock"));
	}
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 77)
		puts("skipped: sandbox: cannot take namespaces away here");
	else
		assert_int_equal(status, 0);
}

/* A folder of the host is seen where it is, and only read. */
static void shows_folders(void **state)
{
	char folder[] = "/var/tmp/pref-show-XXXXXX", *why = NULL, *script;
	const char *const shown[] = { folder };
	struct sandbox *kept = box;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	chmod(folder, 0777);
	script = xasprintf("%s/a", folder);
	f = fopen(script, "w");
	assert_non_null(f);
	fputs("text\n", f);
	fclose(f);
	chmod(script, 0644);
	box = sandbox_open(how, 1, shown, 1, &why);
	assert_non_null(box);
	free(script);
	script = xasprintf("cat %s/a; (: >%s/b) 2>/dev/null || echo refused; ls /var/tmp 2>/dev/null | wc -l", folder, folder);
	assert_text(sh(script).out, how == SANDBOX_LANDLOCK ? "text\nrefused\n0\n" : "text\nrefused\n1\n");
	free(script);
	sandbox_close(box);
	box = kept;
	script = xasprintf("rm -r %s", folder);
	assert_int_equal(system(script), 0);
	free(script);
}

static void without_protection(void **state)
{
	const char *const build[] = { "sh", "-c", "cat ../box/a >../box/b", NULL };
	const char *const run[] = { "sh", "-c", "cat ../box/b; sleep 5173 & setsid sleep 5173 & pwd >&3", NULL };
	const struct sandbox_file f = { "a", S("text\n") };
	const struct sandbox_step s[] = { { .argv = build, .build = true, .limits = small() }, { .argv = run, .limits = small() } };
	struct sandbox_end e[2];
	char *why, *folder;
	struct sandbox *none = sandbox_open(SANDBOX_NONE, 1, NULL, 0, &why);

	(void)state;
	assert_non_null(none);
	assert_string_equal(sandbox_name(none), "none");
	sandbox_run(none, &f, 1, s, 2, e, &arena);
	assert_text(e[1].out, "text\n");
	assert_int_equal(processes_with("5173"), 0);
	folder = span_dup(span_trim(e[1].side));
	assert_int_equal(access(folder, F_OK), -1);
	free(folder);
	/* Of root only a group limits them. */
	if (sandbox_groups(none)) {
		struct sandbox *kept = box;

		box = none;
		assert_text(sh("i=0; while [ $i -lt 100 ]; do sleep 5173 & i=$((i+1)); done; echo all").out, "");
		box = kept;
	}
	sandbox_close(none);
}

static int suite(const char *user, enum sandbox_backend backend)
{
	static const char *const names[] = { "auto", "direct", "bwrap", "landlock", "none" };

	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_programs), cmocka_unit_test(feeds_input), cmocka_unit_test(steps_are_apart),
		cmocka_unit_test(a_failed_build_ends_it), cmocka_unit_test(time_ends), cmocka_unit_test(output_ends),
		cmocka_unit_test(disk_ends), cmocka_unit_test(daemons_end), cmocka_unit_test(nothing_is_left),
		cmocka_unit_test(threads_share_slots), cmocka_unit_test(groups_are_removed), cmocka_unit_test(it_dies_with_us),
		cmocka_unit_test(does_without_namespaces), cmocka_unit_test(shows_folders), cmocka_unit_test(without_protection),
	};
	static const struct CMUnitTest python_tests[] = {
		cmocka_unit_test(memory_ends), cmocka_unit_test(groups_end_it), cmocka_unit_test(processes_end), cmocka_unit_test(signals_tell),
		cmocka_unit_test(nothing_outside_is_killed), cmocka_unit_test(nothing_outside_is_seen),
		cmocka_unit_test(nothing_outside_is_open),
		cmocka_unit_test(no_descriptor_leaks), cmocka_unit_test(no_network), cmocka_unit_test(calls_that_end_it),
		cmocka_unit_test(calls_that_fail),
	};
	char *why, *who = xasprintf("%s as %s", names[backend], user);
	bool have_python;
	int failed;

	how = backend;
	box = sandbox_open(how, 2, NULL, 0, &why);
	if (!box) {
		printf("skipped: sandbox %s: %s\n", who, why);
		free(why);
		free(who);
		return 0;
	}
	assert_string_equal(sandbox_name(box), names[backend]);
	have_python = span_eq(run_limited("python3", "-c", "print(1)", small()).out, S("1\n"));
	failed = cmocka_run_group_tests_name(who, tests, NULL, NULL);
	if (have_python)
		failed += cmocka_run_group_tests_name(who, python_tests, NULL, NULL);
	else
		puts("skipped: sandbox: no python3 in /usr to write hostile programs in");
	sandbox_close(box);
	if (groups_of(getpid()) > 0) {
		puts("not ok: groups are left");
		failed++;
	}
	arena_free(&arena);
	free(who);
	return failed;
}

static int suites(const char *user)
{
	return suite(user, SANDBOX_DIRECT) + suite(user, SANDBOX_BWRAP) + suite(user, SANDBOX_LANDLOCK);
}

int main(void)
{
	char boxes[] = "/tmp/pref-boxes-XXXXXX";
	int failed, status = 0;
	pid_t pid = 0;

	if (!mkdtemp(boxes) || chmod(boxes, 01777) < 0 || setenv("TMPDIR", boxes, 1) < 0)
		return 1;
	dup2(1, 9);			/* the canary: open, and not close-on-exec */
	fflush(NULL);
	if (geteuid() == 0)
		pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			return 1;
		failed = suites("nobody");
		rmdir(boxes);		/* (of root's only the parent can) */
		exit(failed != 0);
	}
	waitpid(pid, &status, 0);
	failed = suites("root");
	if (rmdir(boxes) < 0)
		failed++;
	return failed || status;
}
