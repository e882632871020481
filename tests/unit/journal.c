/* journal - the unit test of lib/journal.c */
#include "../../lib/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/journal-XXXXXX";

static struct key128 key_of(uint64_t i)
{
	return hash128((struct span){ (const char *)&i, sizeof i }, 0);
}

static struct journal *open_it(void)
{
	const char *why = "";
	struct journal *j = journal_open(path, &why);

	if (!j)
		fail_msg("%s", why);
	return j;
}

static void assert_answer(struct journal *j, uint64_t i, const char *text)
{
	struct buf b = { 0 };

	assert_int_equal(journal_find(j, key_of(i), &b), 1);
	assert_string_equal(buf_cstr(&b), text);
	buf_free(&b);
}

static off_t size_of(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static int anew(void **state)
{
	(void)state;
	put("");
	return 0;
}

static void keeps_answers_and_not_errors(void **state)
{
	struct journal *j = open_it();
	struct buf b = { 0 };
	(void)state;

	assert_int_equal(journal_add(j, key_of(1), S("{\"a\":\"\\n\\u00e9\"}\n"), NULL, 0), 0);
	assert_int_equal(journal_add(j, key_of(2), S("oh no \xff"), "status 500", 500), 0);
	assert_int_equal(journal_add(j, key_of(1), S("another"), NULL, 0), 0);
	for (int turn = 0; turn < 2; turn++) {
		assert_answer(j, 1, "{\"a\":\"\\n\\u00e9\"}\n");
		assert_int_equal(journal_find(j, key_of(2), &b), 0);
		assert_false(journal_has(j, key_of(2)));
		assert_int_equal(journal_answers(j), 1);
		assert_int_equal(journal_close(j), 0);
		j = open_it();
	}
	/* An error may be followed by an answer. */
	assert_int_equal(journal_add(j, key_of(2), S("{}"), NULL, 0), 0);
	assert_answer(j, 2, "{}");
	assert_int_equal(b.n, 0);
	journal_close(j);
}

/* Cut at every byte of its last line, the journal is what it was before that line, and goes on. */
static void mends_a_torn_line(void **state)
{
	struct journal *j = open_it();
	off_t whole, first;
	(void)state;

	journal_add(j, key_of(1), S("one"), NULL, 0);
	journal_close(j);
	first = size_of();
	j = open_it();
	journal_add(j, key_of(2), S("two"), NULL, 0);
	journal_close(j);
	whole = size_of();
	for (off_t n = whole - 1; n >= first; n--) {
		assert_int_equal(truncate(path, n), 0);
		j = open_it();
		assert_int_equal(journal_torn(j), n - first);
		assert_int_equal(size_of(), first);
		assert_answer(j, 1, "one");
		assert_false(journal_has(j, key_of(2)));
		journal_add(j, key_of(2), S("two"), NULL, 0);
		journal_close(j);
		j = open_it();
		assert_int_equal(journal_torn(j), 0);
		assert_answer(j, 2, "two");
		journal_close(j);
	}
}

static void lines_longer_than_a_piece(void **state)
{
	struct journal *j = open_it();
	struct buf b = { 0 }, got = { 0 };
	(void)state;

	for (size_t i = 0; i < 300000; i++)
		buf_addc(&b, (char)('a' + i * i % 26));
	journal_add(j, key_of(1), buf_span(&b), NULL, 0);
	journal_add(j, key_of(2), S("short"), NULL, 0);
	journal_close(j);
	j = open_it();
	assert_int_equal(journal_find(j, key_of(1), &got), 1);
	assert_true(span_eq(buf_span(&b), buf_span(&got)));
	assert_answer(j, 2, "short");
	journal_close(j);
	buf_free(&b);
	buf_free(&got);
}

static void leaves_other_files_alone(void **state)
{
	static const struct { const char *text, *why; } cases[] = {
		{ "{\"chosen\":\"a\"}\n", "line 1: this is no journal: there is no key" },
		{ "# notes\n", "line 1: this is no journal" },
		{ "# notes", "this is no journal" },
		{ "{\"key\":\"0123456789abcdef0123456789abcdef\",\"answer\":1}\n", "line 1: an answer that is no string" },
		{ "{\"key\":\"0123456789abcdef0123456789abcdef\"}\n", "line 1: neither an answer nor an error" },
		{ "{\"key\":\"0123456789ABCDEF0123456789abcdef\",\"error\":\"\"}\n", "line 1: this is no journal: there is no key" },
	};
	const char *why;
	struct journal *j;
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		put(cases[i].text);
		assert_null(journal_open(path, &why));
		assert_string_equal(why, cases[i].why);
		assert_int_equal(size_of(), strlen(cases[i].text));
	}
	assert_null(journal_open("/tmp", &why));
	assert_null(journal_open("/nonexistent/x", &why));
	assert_string_equal(why, strerror(ENOENT));
	assert_null(journal_open("/dev/null", &why));
	put("");
	j = open_it();
	assert_null(journal_open(path, &why));
	assert_string_equal(why, "another process is using this journal");
	journal_close(j);
}

/* A writer is killed again and again: whatever it was told to be on file is there. */
static void survives_kill(void **state)
{
	uint64_t done = 0;
	(void)state;

	for (int turn = 0; turn < 30; turn++) {
		int p[2], status;
		pid_t child;
		uint64_t i, told = done;

		assert_int_equal(pipe(p), 0);
		child = fork();
		if (child == 0) {
			struct journal *j = open_it();

			close(p[0]);
			for (i = done; ; i++) {
				if (journal_add(j, key_of(i), S("yes"), NULL, 0) < 0 || write(p[1], &i, sizeof i) < 0)
					_exit(1);
			}
		}
		close(p[1]);
		for (int n = 0; n < 20 + turn && read(p[0], &i, sizeof i) == sizeof i; n++)
			told = i + 1;
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		while (read(p[0], &i, sizeof i) == sizeof i)
			told = i + 1;
		close(p[0]);
		assert_true(told > done);
		done = told;
	}
	struct journal *j = open_it();
	for (uint64_t i = 0; i < done; i++)
		assert_answer(j, i, "yes");
	journal_close(j);
}

static void keys_in_hex(void **state)
{
	struct key128 k, back;
	char hex[33];
	(void)state;

	for (uint64_t i = 0; i < 100; i++) {
		k = key_of(i);
		key128_hex(k, hex);
		assert_true(journal_key(span_of(hex), &back));
		assert_true(k.lo == back.lo && k.hi == back.hi);
	}
	assert_false(journal_key(S("0123"), &k));
	assert_false(journal_key(S("0123456789abcdef0123456789abcdeg"), &k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keeps_answers_and_not_errors, anew),
		cmocka_unit_test_setup(mends_a_torn_line, anew),
		cmocka_unit_test_setup(lines_longer_than_a_piece, anew),
		cmocka_unit_test_setup(leaves_other_files_alone, anew),
		cmocka_unit_test_setup(survives_kill, anew),
		cmocka_unit_test(keys_in_hex),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
