/* base - spans, growing buffers, arenas, and the five words for trouble */
#include "base.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

const char *program_name = "preftools";

/* ---- spans ---- */

size_t span_find(struct span s, struct span what)
{
	const char *hit;

	if (what.n == 0)
		return 0;
	if (s.n < what.n)
		return (size_t)-1;
	hit = memmem(s.p, s.n, what.p, what.n);
	return hit ? (size_t)(hit - s.p) : (size_t)-1;
}

size_t span_rfind(struct span s, struct span what)
{
	if (s.n < what.n)
		return (size_t)-1;
	if (what.n == 0)
		return s.n;
	for (size_t i = s.n - what.n + 1; i-- > 0;) {
		const char *hit = memrchr(s.p, what.p[0], i + 1);

		if (!hit)
			break;
		i = (size_t)(hit - s.p);
		if (memcmp(hit, what.p, what.n) == 0)
			return i;
	}
	return (size_t)-1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct span span_trim(struct span s)
{
	while (s.n > 0 && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

int span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* ---- memory ---- */

static NORETURN void no_memory(void)
{
	die(EXIT_SYSTEM, "out of memory");
}

void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		no_memory();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

void *xrealloc(void *old, size_t n)
{
	void *p = realloc(old, n ? n : 1);

	if (!p)
		no_memory();
	return p;
}

void *xreallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		no_memory();
	return xrealloc(old, bytes);
}

void *pages_new(size_t n)
{
	void *p = mmap(NULL, n ? n : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, n, MADV_HUGEPAGE);
	return p;
}

void *xpages(size_t n)
{
	void *p = pages_new(n);

	if (!p)
		no_memory();
	return p;
}

void pages_free(void *p, size_t n)
{
	if (p)
		munmap(p, n ? n : 1);
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

char *span_dup(struct span s)
{
	char *p = xmalloc(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		no_memory();
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

/* ---- buffers ---- */

void buf_room(struct buf *b, size_t more)
{
	size_t need, room;

	if (b->p && b->room - b->n >= more)
		return;
	if (__builtin_add_overflow(b->n, more, &need) || need > SIZE_MAX / 2)
		no_memory();
	room = b->room + b->room / 2;
	if (room < need)
		room = need;
	if (room < 64)
		room = 64;
	b->p = xrealloc(b->p, room);
	b->room = room;
}

void buf_add(struct buf *b, struct span s)
{
	buf_room(b, s.n);
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_addc(struct buf *b, char c)
{
	buf_room(b, 1);
	b->p[b->n++] = c;
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, span_of(text));
}

static void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		bug("bad format %s", fmt);
	buf_room(b, (size_t)n + 1);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

/* Length of the UTF-8 sequence at p and its code point; 0 if it is not one. */
static size_t utf8_at(const unsigned char *p, const unsigned char *end, uint32_t *cp)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (n == 0 || (size_t)(end - p) < n)
		return 0;
	*cp = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3F);
	}
	return *cp < least[n] || (*cp >= 0xD800 && *cp < 0xE000) || *cp > 0x10FFFF ? 0 : n;
}

void buf_add_visible(struct buf *b, struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p ? p + s.n : p;

	while (p < end) {
		uint32_t cp;
		size_t n = utf8_at(p, end, &cp);

		if (n == 0 || cp < 0x20 || cp == 0x7F) {
			buf_addf(b, "\\x%02X", *p++);
			continue;
		}
		if ((cp >= 0x80 && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
		    (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF)
			buf_addf(b, "\\u{%04X}", cp);
		else
			buf_add(b, (struct span){ (const char *)p, n });
		p += n;
	}
}

const char *buf_cstr(struct buf *b)
{
	buf_room(b, 1);
	b->p[b->n] = '\0';
	return b->p;
}

char *buf_take(struct buf *b)
{
	char *p;

	buf_cstr(b);
	p = b->p;
	*b = (struct buf){ 0 };
	return p;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

/* ---- arenas ---- */

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(16) char bytes[];
};

enum { ARENA_BLOCK = 64 << 10 };

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *block;
	size_t size;
	void *p;

	/* Nothing has an address too: a span of it is empty, not absent. */
	if (__builtin_add_overflow(n ? n : 1, (size_t)15, &n))
		no_memory();
	n &= ~(size_t)15;
	if ((size_t)(a->end - a->p) < n) {
		size = n > ARENA_BLOCK ? n : ARENA_BLOCK;
		if (size > SIZE_MAX - sizeof *block)
			no_memory();
		block = xmalloc(sizeof *block + size);
		block->size = size;
		if (n > ARENA_BLOCK / 4 && a->head) {
			/* A large piece gets a block of its own behind the current one. */
			block->next = a->head->next;
			a->head->next = block;
			return block->bytes;
		}
		block->next = a->head;
		a->head = block;
		a->p = block->bytes;
		a->end = block->bytes + size;
	}
	p = a->p;
	a->p += n;
	return p;
}

struct span arena_copy(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n);

	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

struct span arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char small[256], *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		bug("bad format %s", fmt);
	p = arena_alloc(a, (size_t)n + 1);
	if ((size_t)n < sizeof small) {
		memcpy(p, small, (size_t)n + 1);
	} else {
		va_start(ap, fmt);
		vsnprintf(p, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	return (struct span){ p, (size_t)n };
}

static void arena_free_list(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void *arena_grown(struct arena *a, void *v, size_t n, size_t *room, size_t size)
{
	void *bigger;

	if (n < *room)
		return v;
	*room = 2 * *room + 4;
	bigger = arena_alloc(a, *room * size);
	if (n)
		memcpy(bigger, v, n * size);
	return bigger;
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->head;

	if (!keep)
		return;
	arena_free_list(keep->next);
	keep->next = NULL;
	if (keep->size > 4 * ARENA_BLOCK) {
		arena_free(a);
		return;
	}
	a->p = keep->bytes;
	a->end = keep->bytes + keep->size;
}

void arena_free(struct arena *a)
{
	arena_free_list(a->head);
	*a = (struct arena){ 0 };
}

/* ---- trouble ---- */

static void complain(const struct where *at, size_t col, const char *fmt, va_list ap)
{
	int saved = errno;
	struct buf text = { 0 }, line = { 0 };

	buf_addv(&text, fmt, ap);
	buf_adds(&line, program_name);
	buf_adds(&line, ": ");
	if (at) {
		buf_add_visible(&line, span_of(at->file));
		if (at->line)
			buf_addf(&line, ":%llu", (unsigned long long)at->line);
		if (at->line && col)
			buf_addf(&line, ":%zu", col);
		buf_adds(&line, ": ");
	}
	/* Several lines are several lines: help texts in messages keep their shape. */
	for (struct span rest = buf_span(&text); rest.n || rest.p == text.p;) {
		const char *nl = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
		size_t n = nl ? (size_t)(nl - rest.p) : rest.n;

		buf_add_visible(&line, span_cut(rest, 0, n));
		if (!nl)
			break;
		buf_addc(&line, '\n');
		rest = span_cut(rest, n + 1, rest.n);
	}
	if (text.n && text.p[text.n - 1] == ':')
		buf_addf(&line, " %s", strerror(saved));
	buf_addc(&line, '\n');
	fflush(stdout);
	fwrite(line.p, 1, line.n, stderr);
	buf_free(&text);
	buf_free(&line);
	errno = saved;
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	struct where at = { file, (uint64_t)line };

	va_start(ap, fmt);
	complain(&at, 0, fmt, ap);
	va_end(ap);
	abort();
}

/* Memory may be what failed: then the message must not need any. */
void die(int status, const char *fmt, ...)
{
	static _Thread_local bool dying;
	va_list ap;

	if (dying) {
		fprintf(stderr, "%s: %s\n", program_name, fmt);
		_Exit(status);
	}
	dying = true;
	va_start(ap, fmt);
	complain(NULL, 0, fmt, ap);
	va_end(ap);
	exit(status);
}

void die_at(int status, const struct where *at, size_t col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(at, col, fmt, ap);
	va_end(ap);
	exit(status);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(NULL, 0, fmt, ap);
	va_end(ap);
}

void warn_at(const struct where *at, size_t col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(at, col, fmt, ap);
	va_end(ap);
}

static struct {
	void (*fn)(void *);
	void *arg;
} ends[16];
static int n_ends;

static void run_ends(void)
{
	while (n_ends > 0) {
		n_ends--;
		ends[n_ends].fn(ends[n_ends].arg);
	}
}

void at_end(void (*fn)(void *), void *arg)
{
	static bool registered;

	if (!registered && atexit(run_ends) != 0)
		die(EXIT_SYSTEM, "atexit:");
	registered = true;
	if (n_ends == COUNT(ends))
		bug("too many at_end()");
	ends[n_ends].fn = fn;
	ends[n_ends].arg = arg;
	n_ends++;
}

void at_end_cancel(void (*fn)(void *), void *arg)
{
	for (int i = n_ends; i-- > 0;) {
		if (ends[i].fn == fn && ends[i].arg == arg) {
			n_ends--;
			memmove(ends + i, ends + i + 1, (size_t)(n_ends - i) * sizeof *ends);
			return;
		}
	}
}

double clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
