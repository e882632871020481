/* run - the runner (long: a small filter for each law): order, counts, policies, two passes, several outputs, arrays
 *
 * Each run is a child process with a filter of this file, in a scratch folder.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/pref-run-XXXXXX";

static struct span get(const char *name)
{
	static struct buf b[8];
	static int turn;
	struct buf *to = &b[turn++ % 8];
	FILE *f = fopen(name, "r");
	size_t n;

	to->n = 0;
	buf_room(to, 1);
	if (!f)
		return (struct span){ 0 };
	do {
		buf_room(to, 65536);
		n = fread(to->p + to->n, 1, 65536, f);
		to->n += n;
	} while (n > 0);
	fclose(f);
	buf_cstr(to);
	return buf_span(to);
}

static void put(const char *name, struct span text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

/* Run f with the blank-separated arguments, standard input from file "in" (through a pipe if piped), output
 * to "out" and "err"; the exit status. */
static int run(const struct filter *f, const char *arguments, bool piped)
{
	char *args = xstrdup(arguments), *save, *argv[16] = { "prog" };
	int argc = 1, status, fds[2] = { -1, -1 };
	pid_t pid, writer = 0;

	for (char *word = strtok_r(args, " ", &save); word && argc < 15; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	fflush(NULL);
	if (piped) {
		assert_int_equal(pipe(fds), 0);
		writer = fork();
		if (writer == 0) {
			struct span s = get("in");

			close(fds[0]);
			while (s.n) {
				/* In odd pieces, so that lines are cut anywhere. */
				ssize_t n = write(fds[1], s.p, s.n < 7001 ? s.n : 7001);

				if (n <= 0)
					_exit(1);
				s = span_cut(s, (size_t)n, s.n);
			}
			_exit(0);
		}
		close(fds[1]);
	}
	pid = fork();
	if (pid == 0) {
		if (piped ? dup2(fds[0], 0) < 0 : !freopen("in", "r", stdin))
			_exit(125);
		if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
			_exit(125);
		exit(filter_main(f, argc, argv));
	}
	if (piped) {
		close(fds[0]);
		waitpid(writer, NULL, 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	free(args);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define assert_run(status, ...) \
	do { \
		int got_ = run(__VA_ARGS__); \
		if (got_ != (status)) \
			fail_msg("exit %d, not %d:\n%.*s", got_, (status), ARG(get("err"))); \
	} while (0)

#define assert_file(name, text) \
	do { \
		struct span got_ = get(name), want_ = S(text); \
		if (!span_eq(got_, want_)) \
			fail_msg("%s is\n%.*snot\n%.*s", (name), ARG(got_), ARG(want_)); \
	} while (0)

/* The first line of standard error up to the seconds. */
#define assert_closing(text) \
	do { \
		struct span got_ = get("err"); \
		if (!span_starts(got_, S(text))) \
			fail_msg("said\n%.*snot\n%s", ARG(got_), (text)); \
	} while (0)

static const struct opt no_options[] = { OPT_END };

/* ---- nothing done ---- */

static void identity(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options };

	(void)state;
	put("in", S("{\"a\":1.10}\n { \"b\" : [ ] } \r\n{}\n{\"last\":\"\\/\"}"));
	for (int piped = 0; piped < 2; piped++) {
		assert_run(0, &f, piped ? "-j 3" : "-j 1", piped);
		assert_file("out", "{\"a\":1.10}\n { \"b\" : [ ] } \r\n{}\n{\"last\":\"\\/\"}\n");
		assert_closing("prog: 4 read, 4 kept, 0 dropped, 0 bad, ");
	}
	put("in", S(""));
	assert_run(0, &f, "", false);
	assert_file("out", "");
	assert_closing("prog: 0 read, 0 kept, 0 dropped, 0 bad, ");
	assert_run(0, &f, "-q", false);
	assert_file("err", "");
	assert_run(0, &f, "-o o.jsonl", false);
	assert_file("o.jsonl", "");
	assert_run(2, &f, "-j 0", false);
	assert_run(3, &f, "in ./in none", false);
}

/* ---- ahead ---- */

static atomic_int begun;

/* Record i wants i % 3 further rounds; in round k it has been called k times before. */
static bool begin_ahead(struct rec *r, int round)
{
	double i;

	rec_num(r, "i", &i);
	if (round <= (int)i % 3 && r->key[0]++ != (uint64_t)round)
		bug("round %d of record %g", round, i);
	begun++;
	return round < (int)i % 3;
}

static void look_begun(struct rec *r)
{
	double i;

	rec_num(r, "i", &i);
	if (r->key[0] != 1 + (uint64_t)i % 3)
		bug("record %g was begun %ju times", i, (uintmax_t)r->key[0]);
	/* One batch of 100 records in three rounds, two of them bad. */
	if (begun != 3 * 98)
		bug("looked after %d", begun);
	r->num[0] = i;
}

static void begins_ahead(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .ahead = begin_ahead,
		.look = look_begun };
	struct buf in = { 0 }, want = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		buf_addf(&in, i % 50 == 20 ? "{\"i\":%d\n" : "{\"i\":%d}\n", i);
		if (i % 50 != 20)
			buf_addf(&want, "{\"i\":%d}\n", i);
	}
	put("in", buf_span(&in));
	for (int jobs = 1; jobs <= 4; jobs += 3) {
		char args[32];

		snprintf(args, sizeof args, "-j %d --bad skip", jobs);
		assert_run(1, &f, args, false);
		assert_true(span_eq(get("out"), buf_span(&want)));
	}
	buf_free(&in);
	buf_free(&want);
}

/* ---- order ---- */

static uint64_t expected;

static void slow_look(struct rec *r)
{
	double i;

	rec_num(r, "i", &i);
	/* Batches take different times, the early ones longest. */
	if ((uint64_t)i % 1000 == 0)
		nanosleep(&(struct timespec){ 0, 20000000 - (long)i * 100 }, NULL);
	r->num[0] = i;
	r->key[1] = (uint64_t)i * 3;
	if ((uint64_t)i % 10 == 7)
		rec_drop(r, "seven");
}

static void ordered_settle(struct rec *r)
{
	if ((uint64_t)r->num[0] % 10 == 7)
		bug("a dropped record was settled");
	while (expected % 10 == 7)
		expected++;
	if (r->num[0] != (double)expected || r->key[1] != expected * 3)
		bug("record %g came in place of %llu", r->num[0], (unsigned long long)expected);
	if (r->at.line != expected + 1 || strcmp(r->at.file, "(stdin)") != 0)
		bug("line %llu", (unsigned long long)r->at.line);
	if (r->n != expected - expected / 10 - (expected % 10 > 7))
		bug("ordinal %llu of %llu", (unsigned long long)r->n, (unsigned long long)expected);
	expected++;
	if (expected % 10 == 3)
		rec_drop(r, "two");
}

static void order_and_counts(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .look = slow_look,
		.settle = ordered_settle };
	struct buf in = { 0 }, want = { 0 };

	(void)state;
	for (int i = 0; i < 30000; i++) {
		buf_addf(&in, "{\"i\":%d,\"pad\":\"%0*d\"}\n", i, i % 300, 0);
		if (i % 10 != 7 && i % 10 != 2)
			buf_addf(&want, "{\"i\":%d,\"pad\":\"%0*d\"}\n", i, i % 300, 0);
	}
	put("in", buf_span(&in));
	for (int jobs = 1; jobs <= 8; jobs = jobs * 2 + 1) {
		char args[32];

		snprintf(args, sizeof args, "-j %d", jobs);
		assert_run(0, &f, args, jobs > 1);
		assert_true(span_eq(get("out"), buf_span(&want)));
		assert_closing("prog: 30000 read, 24000 kept, 6000 dropped (seven 3000, two 3000), 0 bad, ");
	}
	buf_free(&in);
	buf_free(&want);
}

/* ---- bad records ---- */

static void picky_look(struct rec *r)
{
	struct span raw = rec_raw(r, "bad");

	if (raw.p)
		rec_bad(r, rec_col(r, raw.p), "this one says %.*s", ARG(raw));
	if (rec_raw(r, "odd").p)
		rec_warn(r, "odd");
}

static void picky_settle(struct rec *r)
{
	if (rec_raw(r, "late").p)
		rec_bad(r, 0, "late");
	if (rec_raw(r, "drop").p) {
		rec_note(r, "with", S("[1]"));
		rec_drop(r, "asked");
	}
}

static void policies(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .look = picky_look,
		.settle = picky_settle };
	static const struct span in = S("{\"a\":1}\n{\"drop\":1}\n{\"a\":\n{\"bad\":3}\n{\"odd\":1}\n{\"late\":1}\n");

	(void)state;
	put("in", in);
	for (int jobs = 1; jobs < 4; jobs++) {
		char args[80];

		unlink("o");
		unlink("rejects");
		snprintf(args, sizeof args, "-j %d -o o -r rejects", jobs);
		assert_run(1, &f, args, false);
		assert_file("err", "prog: (stdin):3:6: unexpected end\n");
		assert_true(access("o", F_OK) < 0 && access("rejects", F_OK) < 0);

		/* Without -o, what came before it is out. */
		snprintf(args, sizeof args, "-j %d", jobs);
		assert_run(1, &f, args, false);
		assert_file("out", "{\"a\":1}\n");

		snprintf(args, sizeof args, "-j %d -o o -r rejects --bad skip", jobs);
		assert_run(1, &f, args, false);
		assert_file("o", "{\"a\":1}\n{\"odd\":1}\n");
		assert_closing("prog: (stdin):3:6: unexpected end\nprog: (stdin):4:8: this one says 3\nprog: (stdin):5: odd\n"
			"prog: (stdin):6: late\nprog: 6 read, 2 kept, 1 dropped (asked 1), 3 bad, ");
		assert_file("rejects", "{\"drop\":1,\"dropped\":{\"reason\":\"asked\",\"with\":[1]}}\n"
			"{\"dropped\":{\"reason\":\"bad\",\"file\":\"(stdin)\",\"line\":3,\"column\":6,\"why\":\"unexpected end\"},\"line\":\"{\\\"a\\\":\"}\n"
			"{\"dropped\":{\"reason\":\"bad\",\"file\":\"(stdin)\",\"line\":4,\"column\":8,\"why\":\"this one says 3\"},\"line\":\"{\\\"bad\\\":3}\"}\n"
			"{\"dropped\":{\"reason\":\"bad\",\"file\":\"(stdin)\",\"line\":6,\"why\":\"late\"},\"line\":\"{\\\"late\\\":1}\"}\n");

		snprintf(args, sizeof args, "-j %d -o o --bad pass -q", jobs);
		assert_run(1, &f, args, false);
		assert_file("o", "{\"a\":1}\n{\"a\":\n{\"bad\":3}\n{\"odd\":1}\n{\"late\":1}\n");
	}
}

static void many_bad(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options };
	struct buf in = { 0 };
	struct span err;
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_adds(&in, "no\n");
	put("in", buf_span(&in));
	assert_run(1, &f, "--bad skip", false);
	assert_true(span_find(get("err"), S("is this JSON Lines?")) != (size_t)-1);
	in.n = 0;
	buf_adds(&in, "{}\n");
	for (int i = 0; i < 1000; i++)
		buf_adds(&in, "no\n");
	put("in", buf_span(&in));
	assert_run(1, &f, "--bad skip", false);
	assert_file("out", "{}\n");
	err = get("err");
	for (size_t i = 0; i < err.n; i++)
		lines += err.p[i] == '\n';
	assert_int_equal(lines, 20 + 1 + 1);
	assert_true(span_find(err, S("prog: 1001 read, 1 kept, 0 dropped, 1000 bad, ")) != (size_t)-1);
	buf_free(&in);
}

/* ---- two passes ---- */

static uint64_t largest, largest_at, decided, emitted;

static void remember(struct rec *r)
{
	double x;

	if (decided)
		bug("settle after decide");
	if (!rec_num(r, "x", &x))
		rec_bad(r, 0, "no x");
	else if (x < 0)
		rec_drop(r, "negative");
	else if ((uint64_t)x > largest) {
		largest = (uint64_t)x;
		largest_at = r->n;
	}
	rec_set(r, "forgotten", S("1"));
}

static void decide(void)
{
	decided++;
}

static void emit(struct rec *r)
{
	if (decided != 1 || r->n < emitted)
		bug("emit out of order");
	emitted = r->n + 1;
	if (r->n == largest_at)
		rec_set(r, "largest", S("true"));
	else if (r->n % 3 == 1)
		rec_drop(r, "third");
}

static void skip_look(struct rec *r)
{
	if (rec_raw(r, "skip").p)
		rec_drop(r, "skipped");
}

static void two_passes(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .look = skip_look, .settle = remember,
		.decide = decide, .emit = emit };

	(void)state;
	put("in", S("{\"x\":5}\n{\"x\":1}\n{\"skip\":1}\n{\"x\":9}\n{\"x\":-1}\n{\"y\":0}\n{\"x\":2}\n{\"x\":3}\n"));
	for (int jobs = 1; jobs < 4; jobs++)
		for (int piped = 0; piped < 2; piped++) {
			char args[80];

			/* Ordinals: 5 is 0, 1 is 1, 9 is 2, -1 is 3, {"y"} is 4, 2 is 5, 3 is 6. */
			snprintf(args, sizeof args, "-j %d --bad skip -r rejects", jobs);
			assert_run(1, &f, args, piped);
			assert_file("out", "{\"x\":5}\n{\"x\":9,\"largest\":true}\n{\"x\":2}\n{\"x\":3}\n");
			assert_closing("prog: (stdin):6: no x\nprog: 8 read, 4 kept, 3 dropped (negative 1, skipped 1, third 1), 1 bad, ");
		}
}

/* The second pass must not trust that the file is still what it was. */
static void grow_input(void)
{
	int fd = open("in2", O_WRONLY | O_APPEND);

	if (fd < 0 || write(fd, "{\"x\":1}\n", 8) != 8)
		bug("in2");
	close(fd);
}

static void changed_input(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .settle = remember,
		.decide = grow_input, .emit = skip_look };

	(void)state;
	put("in2", S("{\"x\":1}\n{\"x\":2}\n"));
	assert_run(3, &f, "in2 -o o", false);
	assert_true(span_find(get("err"), S("changed")) != (size_t)-1);
}

/* ---- outputs ---- */

static int side, packed;

static void open_outputs(void)
{
	side = run_output("side.jsonl");
	packed = run_output("packed.jsonl.gz");
}

static void route(struct rec *r)
{
	double x;

	if (!rec_num(r, "to", &x))
		return;
	if (x == 1) {
		r->out = side;
	} else if (x == 2) {
		rec_put(r, S("[2]"), side);
		rec_put(r, S("{\"two\":2}"), -1);
	} else {
		r->out = packed;
		rec_set(r, "edited", S("1"));
	}
}

static void last_line(void)
{
	run_put(S("{\"last\":1}"), side);
}

static void several_outputs(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .start = open_outputs, .look = NULL,
		.settle = route, .stop = last_line };

	(void)state;
	put("in", S("{\"a\":1}\n{\"to\":1}\n{\"to\":2}\n{\"to\":3}\n{\"to\":1,\"b\":0}\n{\"c\":1}\n"));
	assert_run(0, &f, "-j 2 -o o", false);
	assert_file("o", "{\"a\":1}\n{\"two\":2}\n{\"c\":1}\n");
	assert_file("side.jsonl", "{\"to\":1}\n[2]\n{\"to\":1,\"b\":0}\n{\"last\":1}\n");
	assert_true(span_starts(get("packed.jsonl.gz"), S("\x1f\x8b")));
	assert_closing("prog: 6 read, 6 kept, 0 dropped, 0 bad, ");

	/* All or none. */
	unlink("side.jsonl");
	put("in", S("{\"to\":1}\nbroken\n"));
	assert_run(1, &f, "-o o2", false);
	assert_true(access("o2", F_OK) < 0 && access("side.jsonl", F_OK) < 0);
}

static void total(struct rec *r)
{
	double x;

	if (rec_num(r, "x", &x))
		largest += (uint64_t)x;
}

static void say_total(void)
{
	printf("%llu\n", (unsigned long long)largest);
}

static void sinks(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .settle = total, .stop = say_total,
		.sink = true };

	(void)state;
	put("in", S("{\"x\":5}\n{\"x\":1}\n"));
	assert_run(0, &f, "in - in -j 2", false);
	assert_file("out", "18\n");
}

/* ---- arrays ---- */

static void arrays(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options, .look = picky_look };

	(void)state;
	put("in", S("[\n  {\"a\": [1,\n   2]}, {\"b\":\"x\"},\n\n {\"c\":3}]\n"));
	assert_run(0, &f, "-j 2", false);
	assert_file("out", "{\"a\": [1,2]}\n{\"b\":\"x\"}\n{\"c\":3}\n");
	put("in", S("[{\"a\":1},\n{\"c\":0}, {\n\"bad\":  2}]"));
	assert_run(1, &f, "", false);
	assert_file("out", "{\"a\":1}\n{\"c\":0}\n");
	assert_file("err", "prog: (stdin):3:9: this one says 2\n");
	put("in", S("[{\"a\":1}, 7]"));
	assert_run(1, &f, "", false);
	assert_file("err", "prog: (stdin):1:11: not a JSON object\n");
	put("in", S("[{\"a\":1}\n {\"b\":2}]"));
	assert_run(1, &f, "-o o3", false);
	assert_true(access("o3", F_OK) < 0);
	put("in", S("[{\"a\":1},"));
	assert_run(1, &f, "-o o3", false);
	assert_true(access("o3", F_OK) < 0);
}

/* ---- long records ---- */

static void long_records(void **state)
{
	static const struct filter f = { .name = "prog", .about = "x", .options = no_options };
	struct buf in = { 0 };

	(void)state;
	buf_adds(&in, "{\"a\":1}\n{\"long\":\"");
	buf_room(&in, 3 << 20);
	memset(in.p + in.n, 'x', 3 << 20);
	in.n += 3 << 20;
	buf_adds(&in, "\"}\n{\"b\":2}\n");
	put("in", buf_span(&in));
	for (int jobs = 1; jobs < 3; jobs++) {
		assert_run(0, &f, jobs == 1 ? "-j 1" : "-j 2", jobs == 2);
		assert_true(span_eq(get("out"), buf_span(&in)));
		assert_run(1, &f, jobs == 1 ? "-j 1 --max-record 2" : "-j 2 --max-record 2", jobs == 2);
		assert_file("out", "{\"a\":1}\n");
		assert_true(span_starts(get("err"), S("prog: (stdin):2")));
	}
	buf_free(&in);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int leave(void **state)
{
	(void)state;
	return chdir("/") < 0 ? -1 : nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity),
		cmocka_unit_test(begins_ahead),
		cmocka_unit_test(order_and_counts),
		cmocka_unit_test(policies),
		cmocka_unit_test(many_bad),
		cmocka_unit_test(two_passes),
		cmocka_unit_test(changed_input),
		cmocka_unit_test(several_outputs),
		cmocka_unit_test(sinks),
		cmocka_unit_test(arrays),
		cmocka_unit_test(long_records),
	};

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return EXIT_SYSTEM;
	return cmocka_run_group_tests_name("run", tests, NULL, leave);
}
