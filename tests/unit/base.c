/* base - spans with odd ends, buffers and arenas past their blocks, what messages show, how programs die */
#include "base.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NONE ((size_t)-1)
#define assert_span(s, text) \
	do { \
		struct span s_ = (s), t_ = S(text); \
		assert_int_equal(s_.n, t_.n); \
		assert_non_null(s_.p); \
		assert_memory_equal(s_.p, t_.p, t_.n); \
	} while (0)

static void finding(void **state)
{
	static const struct {
		const char *s, *what;
		size_t first, last;
	} cases[] = {
		{ "", "", 0, 0 }, { "", "a", NONE, NONE }, { "abc", "", 0, 3 }, { "abc", "abc", 0, 0 },
		{ "abc", "abcd", NONE, NONE }, { "aaaa", "aa", 0, 2 }, { "abab", "ab", 0, 2 },
		{ "abab", "ba", 1, 1 }, { "xaax", "ax", 2, 2 }, { "baab", "ab", 2, 2 }, { "aab", "b", 2, 2 },
		{ "b", "b", 0, 0 }, { "abcabd", "abc", 0, 0 }, { "zzz", "y", NONE, NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(span_find(span_of(cases[i].s), span_of(cases[i].what)), cases[i].first);
		assert_int_equal(span_rfind(span_of(cases[i].s), span_of(cases[i].what)), cases[i].last);
	}
	assert_int_equal(span_find((struct span){ 0 }, S("a")), NONE);
	assert_int_equal(span_rfind((struct span){ 0 }, S("a")), NONE);
	assert_int_equal(span_find(S("a\0b"), S("\0b")), 1);
}

static void cutting_and_comparing(void **state)
{
	struct span s = S("hello");

	(void)state;
	assert_span(span_cut(s, 1, 3), "el");
	assert_span(span_cut(s, 3, 99), "lo");
	assert_span(span_cut(s, 9, 2), "");
	assert_span(span_cut(s, 5, 5), "");
	assert_null(span_cut((struct span){ 0 }, 0, 4).p);
	assert_span(span_trim(S(" \t\r\n a b \n")), "a b");
	assert_span(span_trim(S(" \n\t ")), "");
	assert_span(span_trim(S("\f a")), "\f a");
	assert_true(span_trim((struct span){ 0 }).p == NULL);
	assert_true(span_eq(S(""), (struct span){ 0 }));
	assert_false(span_eq(S("a"), S("b")));
	assert_true(span_starts(s, S("he")) && span_starts(s, S("")) && !span_starts(s, S("hello!")));
	assert_true(span_ends(s, S("lo")) && span_ends(s, S("")) && !span_ends(s, S("hhello")));
	assert_true(span_cmp(S("a"), S("b")) < 0 && span_cmp(S("b"), S("a")) > 0);
	assert_true(span_cmp(S("a"), S("ab")) < 0 && span_cmp(S("ab"), S("a")) > 0);
	assert_true(span_cmp(S("a"), S("a")) == 0 && span_cmp((struct span){ 0 }, S("")) == 0);
	assert_true(span_cmp(S("\xff"), S("a")) > 0);		/* bytes, not signed characters */
	assert_null(span_of(NULL).p);
}

static void buffers_grow(void **state)
{
	struct buf b = { 0 };
	char *taken;

	(void)state;
	assert_non_null(buf_span(&b).p);
	buf_add(&b, (struct span){ 0 });
	buf_adds(&b, "");
	assert_int_equal(b.n, 0);
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "%d,", i);
	buf_addc(&b, '!');
	assert_int_equal(b.n, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 10000 * 6 + 1);
	assert_memory_equal(b.p, "0,1,2,3,", 8);
	assert_memory_equal(b.p + b.n - 7, "19999,!", 7);
	assert_int_equal(strlen(buf_cstr(&b)), b.n);
	taken = buf_take(&b);
	assert_true(b.p == NULL && b.n == 0 && b.room == 0);
	assert_int_equal(taken[strlen(taken) - 1], '!');
	free(taken);
	taken = buf_take(&b);
	assert_string_equal(taken, "");
	free(taken);
	buf_free(&b);
	buf_free(&b);
}

static void visible_text(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain 0-9 ~", "plain 0-9 ~" },
		{ "a\tb\n\x1b[31m\x7f", "a\\x09b\\x0A\\x1B[31m\\x7F" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xc2\x9b", "\\u{009B}" },			/* C1: the one-byte CSI */
		{ "\xe2\x80\xae", "\\u{202E}" },		/* right-to-left override */
		{ "\xe2\x80\x8b\xef\xbb\xbf", "\\u{200B}\\u{FEFF}" },
		{ "\xff\xc3", "\\xFF\\xC3" },
		{ "\xc0\x80", "\\xC0\\x80" },			/* overlong */
		{ "\xed\xa0\x80", "\\xED\\xA0\\x80" },		/* surrogate */
		{ "\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80" },	/* beyond U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = { 0 };

		buf_add_visible(&b, span_of(cases[i].in));
		assert_string_equal(buf_cstr(&b), cases[i].out);
		buf_free(&b);
	}
}

/* Small, middling and huge pieces; each is filled, so that two that overlap show. */
static void arena_pieces_do_not_overlap(void **state)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 0, 100, 5000, 20000, 70000, 3, 1 << 20, 40000 };
	unsigned char *piece[400];
	struct arena a = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT(piece); i++) {
			size_t n = sizes[i % COUNT(sizes)];

			piece[i] = arena_alloc(&a, n);
			assert_int_equal((uintptr_t)piece[i] % 16, 0);
			if (n)
				memset(piece[i], (int)(i % 251), n);
		}
		for (size_t i = 0; i < COUNT(piece); i++)
			for (size_t k = 0; k < sizes[i % COUNT(sizes)]; k += 97)
				assert_int_equal(piece[i][k], i % 251);
		arena_reset(&a);
	}
	arena_free(&a);
	arena_free(&a);
	arena_reset(&a);
}

static void arena_texts(void **state)
{
	struct arena a = { 0 };
	char longer[1000];

	(void)state;
	assert_span(arena_copy(&a, S("")), "");		/* empty is not absent, also in a new arena */
	assert_span(arena_copy(&a, S("abc")), "abc");
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x").p, "7-x");
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_string_equal(arena_printf(&a, "%s", longer).p, longer);
	assert_int_equal(arena_printf(&a, "%s", longer).n, 999);
	arena_free(&a);
}

/* Run fn in a child with stderr caught; its exit status, 128 + signal. */
static int in_child(void (*fn)(void), char *text, size_t size)
{
	int fds[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 2);
		close(fds[0]);
		program_name = "prog";
		fn();
		exit(0);
	}
	close(fds[1]);
	while (n + 1 < size && (got = read(fds[0], text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void say(void *text)
{
	fputs(text, stderr);
}

static void dies_with_errno(void)
{
	errno = ENOENT;
	die(EXIT_SYSTEM, "fi\x1ble:");
}

static void dies_at(void)
{
	die_at(EXIT_BAD, &(struct where){ "a\nb", 12 }, 3, "odd %s", "thing");
}

static void warns(void)
{
	warn("two\nlines");
	warn_at(&(struct where){ "f", 0 }, 9, "whole file");
	warn_at(&(struct where){ "f", 4 }, 0, "no column");
}

static void ends(void)
{
	at_end(say, "first;");
	at_end(say, "gone;");
	at_end(say, "last;");
	at_end_cancel(say, "gone;");
	die(EXIT_USAGE, "bye");
}

static void too_much(void)
{
	xmalloc(SIZE_MAX / 2);
}

static void product_overflows(void)
{
	xreallocarray(NULL, SIZE_MAX / 4, 8);
}

static void has_a_bug(void)
{
	bug("impossible %d", 1);
}

static void ways_to_die(void **state)
{
	static char text[4096];

	(void)state;
	assert_int_equal(in_child(dies_with_errno, text, sizeof text), 3);
	assert_string_equal(text, "prog: fi\\x1Ble: No such file or directory\n");
	assert_int_equal(in_child(dies_at, text, sizeof text), 1);
	assert_string_equal(text, "prog: a\\x0Ab:12:3: odd thing\n");
	assert_int_equal(in_child(warns, text, sizeof text), 0);
	assert_string_equal(text, "prog: two\nlines\nprog: f: whole file\nprog: f:4: no column\n");
	assert_int_equal(in_child(ends, text, sizeof text), 2);
	assert_string_equal(text, "prog: bye\nlast;first;");
	assert_int_equal(in_child(product_overflows, text, sizeof text), 3);
	assert_string_equal(text, "prog: out of memory\n");
	assert_int_equal(in_child(has_a_bug, text, sizeof text), 128 + SIGABRT);
	assert_non_null(strstr(text, "impossible 1"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	/* (A sanitizer's allocator ends the process itself.) */
	assert_int_equal(in_child(too_much, text, sizeof text), 3);
	assert_string_equal(text, "prog: out of memory\n");
#else
	(void)too_much;
#endif
}

static void growing(void **state)
{
	int *v = NULL;
	size_t room = 0;

	(void)state;
	for (size_t n = 0; n < 10000; n++) {
		GROW(v, n, room);
		v[n] = (int)n;
	}
	for (int n = 0; n < 10000; n++)
		assert_int_equal(v[n], n);
	assert_true(room >= 10000 && room < 20000);
	free(v);
}

static void whole_pages(void **state)
{
	static const size_t sizes[] = { 0, 1, 4097, 3 << 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *p = xpages(sizes[i]);

		for (size_t k = 0; k < sizes[i]; k += 1000)
			assert_int_equal(p[k], 0);
		memset(p, 1, sizes[i]);
		pages_free(p, sizes[i]);
	}
	assert_null(pages_new(SIZE_MAX / 2));
	assert_int_equal(errno, ENOMEM);
	pages_free(NULL, 5);
}

int main(void)
{
	const struct CMUnitTest base[] = {
		cmocka_unit_test(finding),
		cmocka_unit_test(cutting_and_comparing),
		cmocka_unit_test(buffers_grow),
		cmocka_unit_test(visible_text),
		cmocka_unit_test(arena_pieces_do_not_overlap),
		cmocka_unit_test(arena_texts),
		cmocka_unit_test(growing),
		cmocka_unit_test(whole_pages),
		cmocka_unit_test(ways_to_die),
	};

	return cmocka_run_group_tests(base, NULL, NULL);
}
