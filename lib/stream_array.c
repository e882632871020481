/* stream_array - find the elements of a top-level JSON array, piece by piece */
#include "stream_array.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TOO_LONG "element of the array over the record limit"

/* First quote, backslash or line end in [p, end), else end. */
static const char *string_stop(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), nl = _mm_set1_epi8('\n');

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, back)),
					   _mm_cmpeq_epi8(v, nl));
		int bits = _mm_movemask_epi8(hit);

		if (bits)
			return p + __builtin_ctz((unsigned)bits);
	}
#endif
	while (p < end && *p != '"' && *p != '\\' && *p != '\n')
		p++;
	return p;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *wrong(struct array_scan *a, size_t at, const char *why)
{
	a->error_line = a->line;
	a->error_col = (size_t)((int64_t)at - a->line_at) + 1;
	return why;
}

static const char *wrong_element(struct array_scan *a, const char *why)
{
	a->error_line = a->from_line;
	a->error_col = a->from_col;
	return why;
}

static void begin_element(struct array_scan *a, size_t at)
{
	a->from = at;
	a->from_line = a->line;
	a->from_col = (size_t)((int64_t)at - a->line_at) + 1;
	a->depth = 0;
}

static bool end_element(struct array_scan *a, struct chunk *c, size_t to, size_t max)
{
	if (to - a->from > max)
		return false;
	GROW(c->at, c->n, c->room);
	c->at[c->n++] = (struct chunk_at){ a->from, to, a->from_line, a->from_col };
	a->state = ARRAY_AFTER;
	return true;
}

/* Brackets deeper than SCAN_DEPTH are only counted: scan() refuses the element anyway. */
static void push(struct array_scan *a, bool object)
{
	if (a->depth < SCAN_DEPTH) {
		uint64_t *bits = &a->is_object[a->depth / 64], bit = (uint64_t)1 << a->depth % 64;

		*bits = object ? *bits | bit : *bits & ~bit;
	}
	a->depth++;
}

static bool pop(struct array_scan *a, bool object)
{
	a->depth--;
	return a->depth >= SCAN_DEPTH || (a->is_object[a->depth / 64] >> a->depth % 64 & 1) == object;
}

/* One byte that is no blank, between elements. NULL, or what is wrong. */
static const char *between(struct array_scan *a, size_t at, char c)
{
	switch (a->state) {
	case ARRAY_BEFORE:
		a->state = ARRAY_FIRST;	/* the caller saw '[' */
		return NULL;
	case ARRAY_AFTER:
		if (c != ',' && c != ']')
			return wrong(a, at, "',' or ']' expected after an element of the array");
		a->state = c == ',' ? ARRAY_VALUE : ARRAY_CLOSED;
		return NULL;
	case ARRAY_CLOSED:
		return wrong(a, at, "text after the end of the array");
	default:
		break;
	}
	if (c == ']' && a->state == ARRAY_FIRST) {
		a->state = ARRAY_CLOSED;
		return NULL;
	}
	if (c == ',' || c == ']' || c == '}')
		return wrong(a, at, "an element of the array expected");
	begin_element(a, at);
	if (c == '"') {
		a->state = ARRAY_STRING;
	} else if (c == '{' || c == '[') {
		push(a, c == '{');
		a->state = ARRAY_INSIDE;
	} else {
		a->state = ARRAY_SCALAR;
	}
	return NULL;
}

const char *array_scan(struct array_scan *a, struct chunk *c, size_t *done, size_t max)
{
	const char *const base = c->bytes.p, *const end = base + c->bytes.n;
	const size_t most = c->most ? c->most : CHUNK_RECORDS;
	const char *p = base + *done, *why;

	if (a->line == 0)
		a->line = 1;
	while (p < end && c->n < most) {
		const size_t at = (size_t)(p - base);

		switch (a->state) {
		case ARRAY_STRING:
			p = string_stop(p, end);
			if (p == end)
				break;
			if (*p == '\n')
				return wrong(a, (size_t)(p - base), "line end inside a string");
			a->state = *p++ == '\\' ? ARRAY_ESCAPE : ARRAY_INSIDE;
			if (a->state == ARRAY_INSIDE && a->depth == 0 &&
			    !end_element(a, c, (size_t)(p - base), max))
				return wrong_element(a, TOO_LONG);
			break;
		case ARRAY_ESCAPE:
			if (*p == '\n')
				return wrong(a, at, "line end inside a string");
			p++;
			a->state = ARRAY_STRING;
			break;
		case ARRAY_INSIDE:
			p++;
			switch (p[-1]) {
			case '"':
				a->state = ARRAY_STRING;
				break;
			case '{':
			case '[':
				push(a, p[-1] == '{');
				break;
			case '}':
			case ']':
				if (!pop(a, p[-1] == '}'))
					return wrong(a, at, "mismatched bracket in an element of the array");
				if (a->depth == 0 && !end_element(a, c, at + 1, max))
					return wrong_element(a, TOO_LONG);
				break;
			case '\n':
				a->line++;
				a->line_at = (int64_t)at + 1;
				break;
			}
			break;
		case ARRAY_SCALAR:
			if (!is_blank(*p) && *p != ',' && *p != ']')
				p++;
			else if (!end_element(a, c, at, max))	/* *p is looked at again */
				return wrong_element(a, TOO_LONG);
			break;
		default:
			p++;
			if (p[-1] == '\n') {
				a->line++;
				a->line_at = (int64_t)at + 1;
			} else if (!is_blank(p[-1]) && (why = between(a, at, p[-1]))) {
				return why;
			}
			break;
		}
	}
	*done = (size_t)(p - base);
	if (a->state > ARRAY_CLOSED && c->bytes.n - a->from > max)
		return wrong_element(a, TOO_LONG);
	return NULL;
}

const char *array_scan_end(struct array_scan *a, size_t n)
{
	if (a->state == ARRAY_CLOSED)
		return NULL;
	if (a->state > ARRAY_SCALAR)
		return wrong_element(a, "the input ends inside this element of the array");
	return wrong(a, n, "the input ends before the ']' of the array");
}

void array_scan_shift(struct array_scan *a, size_t n)
{
	a->from -= n;			/* of no meaning between elements */
	a->line_at -= (int64_t)n;
}

size_t array_scan_keep(const struct array_scan *a, size_t n)
{
	return a->state > ARRAY_CLOSED ? a->from : n;
}
