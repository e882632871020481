/* child - the unit test of lib/child.c */
#include "../../lib/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAX = 1 << 20 };

static struct buf reply;

static const char *ask(struct child *c, struct span line, double seconds)
{
	reply.n = 0;
	return child_ask(c, line, seconds, MAX, &reply);
}

static void answers_in_turn(void **state)
{
	struct child *c = child_start("while read -r line; do echo \"<$line>\"; done");
	char text[40];
	(void)state;

	assert_non_null(c);
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "number %d", i);
		assert_null(ask(c, span_of(text), 10));
		snprintf(text, sizeof text, "<number %d>", i);
		assert_string_equal(buf_cstr(&reply), text);
	}
	child_stop(c, 1);
	child_stop(NULL, 1);
}

/* More than a pipe holds, both ways. */
static void long_lines(void **state)
{
	struct child *c = child_start("while read -r line; do printf '%s\\n' \"$line\"; done");
	struct buf b = { 0 };
	(void)state;

	for (size_t i = 0; i < 700000; i++)
		buf_addc(&b, (char)('a' + i * i % 26));
	assert_null(ask(c, buf_span(&b), 20));
	assert_true(span_eq(buf_span(&b), buf_span(&reply)));
	child_stop(c, 1);
	c = child_start("yes | tr -d '\\n'");
	assert_string_equal(ask(c, S("x"), 20), "its line is too long");
	child_stop(c, 0);
	buf_free(&b);
}

static void what_goes_wrong(void **state)
{
	struct child *c = child_start("exit 3");
	struct buf b = { 0 };
	double t;
	(void)state;

	assert_non_null(c);
	usleep(100000);
	assert_string_equal(ask(c, S("x"), 5), "it ended");	/* and we are not killed by SIGPIPE */
	assert_string_equal(ask(c, S("x"), 5), "it ended");
	child_stop(c, 1);

	c = child_start("sleep 100");
	t = clock_now();
	assert_string_equal(ask(c, S("x"), 0.2), "it did not answer in time");
	buf_room(&b, 1 << 20);
	memset(b.p, 'x', 1 << 20);
	b.n = 1 << 20;
	assert_string_equal(ask(c, buf_span(&b), 0.2), "it does not read");
	child_stop(c, 0.1);
	assert_true(clock_now() - t < 5);
	buf_free(&b);
}

/* What a child leaves behind goes with it. */
static void the_group_is_killed(void **state)
{
	struct child *c = child_start("sleep 1000 & echo $!; wait");
	pid_t left;
	(void)state;

	assert_null(ask(c, S(""), 5));
	left = (pid_t)atol(buf_cstr(&reply));
	assert_true(left > 1);
	assert_int_equal(kill(left, 0), 0);
	child_stop(c, 0);
	for (int i = 0; i < 500 && kill(left, 0) == 0; i++) {
		/* (Nobody may be there to reap it: a zombie is dead, too.) */
		char path[40], state_of = 0;
		FILE *f;

		snprintf(path, sizeof path, "/proc/%d/stat", (int)left);
		f = fopen(path, "r");
		if (!f || fscanf(f, "%*d (sleep) %c", &state_of) != 1 || state_of == 'Z')
			left = -1;
		if (f)
			fclose(f);
		if (left < 0)
			break;
		usleep(10000);
	}
	assert_true(left < 0 || kill(left, 0) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_in_turn), cmocka_unit_test(long_lines), cmocka_unit_test(what_goes_wrong),
		cmocka_unit_test(the_group_is_killed),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_free(&reply);
	return failed;
}
