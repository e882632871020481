/* base.h - spans, growing buffers, arenas, and the five words for trouble
 *
 * Includes nothing but libc; everything else may include it. Three types carry bytes:
 *
 *	span	borrowed bytes, never freed; p == NULL means absent, n == 0 with p set means empty
 *	buf	owned bytes that grow; {0} is valid and empty
 *	arena	many small allocations given back at once; {0} is valid and empty
 *
 * Memory is never NULL: the x-functions die with EXIT_SYSTEM when there is none.
 */
#ifndef PREF_BASE_H
#define PREF_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PREF_VERSION "0.1.0"

/* Exit statuses, the same for every program. */
enum {
	EXIT_OK = 0,
	EXIT_BAD = 1,		/* bad records were met */
	EXIT_USAGE = 2,		/* command line */
	EXIT_SYSTEM = 3		/* open, read, write, memory, damaged compression, network */
};

#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
#define COUNT(a) (sizeof (a) / sizeof *(a))

/* ---- spans ---- */

struct span {
	const char *p;
	size_t n;
};

/* A string literal as a span. */
#define S(lit) ((struct span){ "" lit, sizeof (lit) - 1 })
/* For printf("%.*s", ARG(span)). */
#define ARG(s) (int)(s).n, (s).p

static inline struct span span_of(const char *text)
{
	return (struct span){ text, text ? strlen(text) : 0 };
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_starts(struct span s, struct span head)
{
	return s.n >= head.n && (head.n == 0 || memcmp(s.p, head.p, head.n) == 0);
}

static inline bool span_ends(struct span s, struct span tail)
{
	return s.n >= tail.n && (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

/* s[from, to), clipped to s. */
static inline struct span span_cut(struct span s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct span){ s.p ? s.p + from : NULL, to - from };
}

/* Offset of the first (last) occurrence of what in s, or (size_t)-1. */
size_t span_find(struct span s, struct span what);
size_t span_rfind(struct span s, struct span what);

/* s without ASCII blanks (space, tab, CR, LF) at both ends. */
struct span span_trim(struct span s);

/* Order of bytes, shorter first among equal heads: <0, 0, >0. */
int span_cmp(struct span a, struct span b);

/* ---- buffers ---- */

struct buf {
	char *p;
	size_t n, room;
};

void buf_room(struct buf *b, size_t more);	/* make p[n, n + more) writable */
void buf_add(struct buf *b, struct span s);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *text);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* s with every byte or code point that could act on a terminal (C0, DEL, C1, bidi controls,
 * zero-width) or that is not UTF-8 written as \xNN or \u{NNNN}. For messages to people. */
void buf_add_visible(struct buf *b, struct span s);
const char *buf_cstr(struct buf *b);		/* NUL-terminated, the NUL not counted; until the next buf_ call */
char *buf_take(struct buf *b);			/* gives the NUL-terminated bytes away, leaves {0} */
void buf_free(struct buf *b);			/* {0} again */

static inline struct span buf_span(const struct buf *b)
{
	return (struct span){ b->p ? b->p : "", b->n };
}

/* ---- arenas ---- */

struct arena {
	struct arena_block *head;
	char *p, *end;
};

void *arena_alloc(struct arena *a, size_t n);	/* 16-byte aligned, not cleared */
struct span arena_copy(struct arena *a, struct span s);
struct span arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);	/* NUL-terminated too */
/* v, n elements of this size, or if *room is n a copy with more room: {NULL, 0, 0} is valid and empty. */
void *arena_grown(struct arena *a, void *v, size_t n, size_t *room, size_t size);
void arena_reset(struct arena *a);		/* forget everything, keep one block */
void arena_free(struct arena *a);

/* ---- memory ---- */

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);		/* checks the product */
void *xrealloc(void *p, size_t n);
void *xreallocarray(void *p, size_t n, size_t size);
/* n bytes of zeros in pages of their own, huge ones where the kernel has them: for megabytes, which then cost few page
 * faults. pages_new: NULL, and errno. pages_free: n as it was; accepts NULL. */
void *pages_new(size_t n);
void *xpages(size_t n);
void pages_free(void *p, size_t n);
char *xstrdup(const char *s);
char *span_dup(struct span s);			/* with a NUL behind it */
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF(1, 0);

/* Grow *v (element size from the pointer) so that index n is writable; *room is its capacity. */
#define GROW(v, n, room) \
	do { \
		if ((n) >= (room)) { \
			(room) = (room) + (room) / 2 + 16; \
			(v) = xreallocarray((v), (room), sizeof *(v)); \
		} \
	} while (0)

/* ---- trouble: the five words ----
 * Messages go to stderr as "program: text"; control characters in them are made visible. A text that
 * ends in ':' gets strerror(errno) appended. Library code below run.c returns errors instead. */

struct where {
	const char *file;
	uint64_t line;		/* 1-based; 0 = the file as a whole */
};

extern const char *program_name;		/* "pref-dedup"; set by filter_main() or tool_main() */

#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *fmt, ...) PRINTF(3, 4) NORETURN;	/* our mistake: abort */
void die(int status, const char *fmt, ...) PRINTF(2, 3) NORETURN;
void warn(const char *fmt, ...) PRINTF(1, 2);
/* "program: file:line:col: text"; col is a 1-based byte column, 0 = none. */
void warn_at(const struct where *at, size_t col, const char *fmt, ...) PRINTF(3, 4);
void die_at(int status, const struct where *at, size_t col, const char *fmt, ...) PRINTF(4, 5) NORETURN;

/* Run fn(arg) when the process ends by exit() or die() (newest first, at most 16): to remove
 * temporary files. at_end_cancel() takes it back. */
void at_end(void (*fn)(void *), void *arg);
void at_end_cancel(void (*fn)(void *), void *arg);

/* Seconds on a clock that never goes back. */
double clock_now(void);

#endif
