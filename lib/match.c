/* match - compiled PCRE2 patterns, safe on threads, under limits
 *
 * A pattern and its limits are shared by all threads and never written after match_new_flags(). What a
 * match needs to itself, the result and the stack of the compiled code, belongs to the thread and goes
 * with it.
 */
#include "match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

enum {
	MATCH_STEPS = 1000000,
	MATCH_DEPTH = 100000,
	MATCH_HEAP = 64 << 10,			/* KiB */
	STACK_MIN = 32 << 10, STACK_MAX = 1 << 20
};

struct match {
	pcre2_code *code;
	pcre2_match_context *limits;
	bool jit;
};

/* ---- what belongs to a thread ---- */

struct mine {
	pcre2_match_data *data;
	pcre2_jit_stack *stack;		/* NULL where there is no JIT */
};

static pthread_key_t mine_key;
static pthread_once_t mine_once = PTHREAD_ONCE_INIT;

static void mine_free(void *p)
{
	struct mine *m = p;
	pcre2_match_data_free(m->data);
	pcre2_jit_stack_free(m->stack);
	free(m);
}

static void mine_init(void)
{
	if (pthread_key_create(&mine_key, mine_free) != 0)
		die(EXIT_SYSTEM, "no thread key for patterns");
}

static struct mine *mine(void)
{
	pthread_once(&mine_once, mine_init);
	struct mine *m = pthread_getspecific(mine_key);
	if (m)
		return m;
	m = xmalloc(sizeof *m);
	m->data = pcre2_match_data_create(1, NULL);
	m->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
	if (!m->data || pthread_setspecific(mine_key, m) != 0)
		die(EXIT_SYSTEM, "out of memory");
	return m;
}

static pcre2_jit_stack *my_stack(void *unused)
{
	(void)unused;
	return mine()->stack;
}

/* ---- patterns ---- */

struct match *match_new_flags(const char *pattern, const char *flags, size_t *at, char **why)
{
	uint32_t how = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
	size_t offset = 0;
	int code;

	for (const char *f = flags; *f; f++) {
		switch (*f) {
		case 'i': how |= PCRE2_CASELESS; break;
		case 'm': how |= PCRE2_MULTILINE; break;
		case 's': how |= PCRE2_DOTALL; break;
		case 'x': how |= PCRE2_EXTENDED; break;
		default:
			if (at)
				*at = 0;
			*why = xasprintf("no such pattern flag: %c (there are i, m, s, x)", *f);
			return NULL;
		}
	}

	struct match *m = xmalloc(sizeof *m);
	m->limits = NULL;
	m->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, how, &code, &offset, NULL);
	if (!m->code) {
		unsigned char text[256];
		pcre2_get_error_message(code, text, sizeof text);
		if (at)
			*at = offset;
		*why = xasprintf("%s (at offset %zu of the pattern)", (char *)text, offset);
		free(m);
		return NULL;
	}
	/* Without JIT (a machine that forbids it, a pattern it cannot do) the interpreter matches. */
	m->jit = pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE) == 0;
	m->limits = pcre2_match_context_create(NULL);
	if (!m->limits)
		die(EXIT_SYSTEM, "out of memory");
	pcre2_set_match_limit(m->limits, MATCH_STEPS);
	pcre2_set_depth_limit(m->limits, MATCH_DEPTH);
	pcre2_set_heap_limit(m->limits, MATCH_HEAP);
	pcre2_jit_stack_assign(m->limits, my_stack, NULL);
	return m;
}

struct match *match_read(struct span *text, size_t *at, char **why)
{
	size_t n = 1, m;
	struct buf pattern = { 0 }, flags = { 0 };
	struct match *found;

	while (n < text->n && text->p[n] != '/')
		n += text->p[n] == '\\' && n + 1 < text->n ? 2 : 1;
	if (n >= text->n) {
		*at = 0;
		*why = xstrdup("no / ends this pattern");
		return NULL;
	}
	for (m = n + 1; m < text->n && !memchr(" \t\r", text->p[m], 3);)
		m++;
	buf_add(&pattern, span_cut(*text, 1, n));
	buf_add(&flags, span_cut(*text, n + 1, m));
	found = match_new_flags(buf_cstr(&pattern), buf_cstr(&flags), at, why);
	if (found)
		*text = span_cut(*text, m, text->n);
	else
		++*at;
	buf_free(&pattern);
	buf_free(&flags);
	return found;
}

struct match *match_new(const char *pattern, bool ignore_case, char **why)
{
	return match_new_flags(pattern, ignore_case ? "i" : "", NULL, why);
}

void match_free(struct match *m)
{
	if (!m)
		return;
	pcre2_code_free(m->code);
	pcre2_match_context_free(m->limits);
	free(m);
}

/* ---- matching ---- */

static const char *match_error(int code)
{
	switch (code) {
	case PCRE2_ERROR_MATCHLIMIT:	return "pattern needs more steps than the limit";
	case PCRE2_ERROR_DEPTHLIMIT:	return "pattern nests deeper than the limit";
	case PCRE2_ERROR_HEAPLIMIT:	return "pattern needs more memory than the limit";
	case PCRE2_ERROR_NOMEMORY:	return "no memory for the pattern";
	case PCRE2_ERROR_RECURSELOOP:	return "pattern recurses without end";
	case PCRE2_ERROR_BADOFFSET:
	case PCRE2_ERROR_BADUTFOFFSET:	return "match begins inside a character";
	}
	if (code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21)
		return "text is not UTF-8";
	return "pattern failed";
}

static int run(const struct match *m, struct span s, size_t from, uint32_t how,
	pcre2_match_data *data, struct span *found)
{
	int code = pcre2_match(m->code, (PCRE2_SPTR)s.p, s.n, from, how, data, m->limits);

	if (code >= 0) {
		/* \K can put the start behind the end: then the match is empty. */
		const size_t *v = pcre2_get_ovector_pointer(data);
		size_t start = v[0] < v[1] ? v[0] : v[1];
		*found = (struct span){ s.p + start, v[1] - start };
	}
	return code;
}

/* The interpreter keeps its heap, up to the limit, in the match data: that is given back at once. */
static int interpret(const struct match *m, struct span s, size_t from, uint32_t how,
	struct span *found)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	if (!data)
		return PCRE2_ERROR_NOMEMORY;
	int code = run(m, s, from, how | PCRE2_NO_JIT, data, found);
	pcre2_match_data_free(data);
	return code;
}

static int find(const struct match *m, struct span s, size_t from, uint32_t how,
	struct span *found, const char **why)
{
	int code = PCRE2_ERROR_JIT_STACKLIMIT;

	if (m->jit)
		code = run(m, s, from, how, mine()->data, found);
	if (code == PCRE2_ERROR_JIT_STACKLIMIT)
		code = interpret(m, s, from, how, found);
	if (code >= 0)
		return 1;
	if (code == PCRE2_ERROR_NOMATCH)
		return 0;
	*why = match_error(code);
	return -1;
}

int match_find(const struct match *m, struct span s, size_t from, struct span *found, const char **why)
{
	if (!s.p)
		s = S("");		/* absent text is empty text, but PCRE2 wants an address */
	return find(m, s, from, 0, found, why);
}

long match_count(const struct match *m, struct span s, const char **why)
{
	struct span found;
	uint32_t how = 0;
	size_t from = 0;
	long n = 0;

	if (!s.p)
		s = S("");
	while (from <= s.n) {
		int code = find(m, s, from, how, &found, why);
		if (code <= 0)
			return code < 0 ? -1 : n;
		n++;
		how = PCRE2_NO_UTF_CHECK;

		/* After an empty match one character is stepped over, or it is found for ever. */
		size_t end = (size_t)(found.p - s.p) + found.n;
		if (found.n == 0)
			do
				end++;
			while (end < s.n && (s.p[end] & 0xc0) == 0x80);
		from = end;
	}
	return n;
}
