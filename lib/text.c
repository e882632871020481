/* text - what programs see in a text: code points, folded forms, words, turns (long: it alone wraps utf8proc)
 *
 * ASCII is handled eight bytes at a time, words of it many at a time (text_ascii.h); utf8proc sees only what is
 * left.
 */
#include "text_ascii.h"

#include <stdlib.h>

#include <utf8proc.h>

enum { UNKNOWN = 0xfffd };

/* ---- code points ---- */

uint32_t text_next(const char **p, const char *end)
{
	const unsigned char *s = (const unsigned char *)*p;
	size_t room = end - *p;
	uint32_t c = s[0];
	int more = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : -1;

	*p += 1;
	if (more <= 0)
		return more ? UNKNOWN : c;
	if (room <= (size_t)more)
		return UNKNOWN;
	c &= 0x3f >> more;
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return UNKNOWN;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((more == 2 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
	    (more == 3 && (c < 0x10000 || c > 0x10ffff)))
		return UNKNOWN;
	*p += more;
	return c;
}

size_t text_put(char out[4], uint32_t cp)
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = UNKNOWN;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* Length of the run of ASCII at p. */
static size_t ascii_run(const char *p, const char *end)
{
	const char *from = p;

	while (end - p >= 8) {
		uint64_t top = load8(p, end) & TOP_BITS;

		if (top)
			return p - from + (__builtin_ctzll(top) >> 3);
		p += 8;
	}
	while (p < end && !(*p & 0x80))
		p++;
	return p - from;
}

size_t text_points(struct span s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;

	while (p < end) {
		size_t run = ascii_run(p, end);

		n += run;
		for (p += run; p < end && (*p & 0x80); n++)
			text_next(&p, end);
	}
	return n;
}

bool text_valid(struct span s, size_t *at)
{
	const char *p = s.p, *end = s.p + s.n;

	while (p < end) {
		p += ascii_run(p, end);
		while (p < end && (*p & 0x80)) {
			const char *from = p;

			if (text_next(&p, end) == UNKNOWN && p - from != 3) {
				*at = from - s.p;
				return false;
			}
		}
	}
	return true;
}

/* ---- canonical composition ---- */

struct points {
	int32_t *v;
	size_t n, room;
};

static void points_add(struct points *to, uint32_t cp, int how)
{
	int bound = 0;
	utf8proc_ssize_t n;

	/* One code point becomes at most 4 by canonical decomposition, 3 by folding. */
	GROW(to->v, to->n + 16, to->room);
	n = utf8proc_decompose_char((int32_t)cp, to->v + to->n, (utf8proc_ssize_t)(to->room - to->n), how, &bound);
	if (n > 0)
		to->n += n;
}

static int mark_class(int32_t cp)
{
	return utf8proc_get_property(cp)->combining_class;
}

/* Put marks in canonical order: by class, equal ones as they were. Writing systems have runs of two or three;
 * a longer one is counted out, so that no text can make this slow. */
static void order_marks(int32_t *v, size_t n)
{
	size_t place[256] = { 0 }, sum = 0;
	int32_t *old;

	if (n <= 16) {
		for (size_t i = 1; i < n; i++) {
			int32_t cp = v[i];
			size_t to = i;

			for (; to > 0 && mark_class(v[to - 1]) > mark_class(cp); to--)
				v[to] = v[to - 1];
			v[to] = cp;
		}
		return;
	}
	old = xreallocarray(NULL, n, sizeof *old);
	memcpy(old, v, n * sizeof *old);
	for (size_t i = 0; i < n; i++)
		place[mark_class(old[i])]++;
	for (size_t i = 0; i < COUNT(place); i++) {
		size_t these = place[i];

		place[i] = sum;
		sum += these;
	}
	for (size_t i = 0; i < n; i++)
		v[place[mark_class(old[i])]++] = old[i];
	free(old);
}

static void points_compose(struct points *v)
{
	size_t from = 0;

	for (size_t i = 0; i <= v->n; i++) {
		if (i < v->n && mark_class(v->v[i]) != 0)
			continue;
		if (i - from > 1)
			order_marks(v->v + from, i - from);
		from = i + 1;
	}
	if (v->n > 0)
		v->n = utf8proc_normalize_utf32(v->v, (utf8proc_ssize_t)v->n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
}

/* ---- kinds of characters ---- */

static bool is_white(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000;
}

enum text_kind text_kind(uint32_t cp)
{
	if (is_white(cp))
		return TEXT_WHITE;
	switch (utf8proc_category((int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
		return TEXT_LETTER;
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return TEXT_NUMBER;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
		return TEXT_PUNCTUATION;
	default:
		return TEXT_OTHER;
	}
}

/* ---- normalised form ---- */

void text_compose(struct span s, struct buf *out)
{
	const char *p = s.p, *end = s.p + s.n;
	struct points v = { 0 };

	while (p < end)
		points_add(&v, text_next(&p, end), UTF8PROC_COMPOSE);
	points_compose(&v);
	buf_room(out, 4 * v.n);
	for (size_t i = 0; i < v.n; i++)
		out->n += text_put(out->p + out->n, (uint32_t)v.v[i]);
	free(v.v);
}

/* ASCII bytes folded; white space is ' '. */
static const unsigned char folded[128] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, ' ', ' ', ' ', ' ', ' ', 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
	' ', '!', '"', '#', '$', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
	'@', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '[', '\\', ']', '^', '_',
	'`', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '{', '|', '}', '~', 127
};

void text_normalise(struct span s, struct buf *out)
{
	const char *p = s.p, *end = s.p + s.n;
	const size_t start = out->n;
	struct points v = { 0 };

	while (p < end) {
		size_t run = ascii_run(p, end);
		const char *first = p;
		unsigned char last = out->n > start ? (unsigned char)out->p[out->n - 1] : ' ';
		unsigned char *o;

		buf_room(out, run + 1);
		o = (unsigned char *)out->p + out->n;
		for (const char *stop = p + run; p < stop; p++) {
			unsigned char c = folded[(unsigned char)*p];

			*o = c;
			o += !(c == ' ' && last == ' ');
			last = c;
		}
		out->n = (char *)o - out->p;
		if (p == end)
			break;

		/* An ASCII character may be the base of the mark that follows: take it back. */
		if (p > first && last != ' ') {
			p--;
			out->n--;
		}
		v.n = 0;
		do {
			points_add(&v, text_next(&p, end), UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE);
		} while (p < end && (*p & 0x80));
		points_compose(&v);
		for (size_t i = 0; i < v.n; i++) {
			bool white = is_white((uint32_t)v.v[i]);

			if (white && (out->n == start || out->p[out->n - 1] == ' '))
				continue;
			buf_room(out, 4);
			out->n += text_put(out->p + out->n, white ? ' ' : (uint32_t)v.v[i]);
		}
	}
	if (out->n > start && out->p[out->n - 1] == ' ')
		out->n--;
	free(v.v);
}

/* ---- words ---- */

static bool ascii_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

enum class { OTHER, LETTER, DIGIT, MARK, ALONE, HIDDEN };

/* Scripts written without blanks between words, Hangul left out. */
static bool is_alone(uint32_t c)
{
	static const struct { uint32_t from, to; } range[] = {
		{ 0x0e01, 0x0edf }, { 0x1000, 0x109f }, { 0x1780, 0x17d3 }, { 0x1950, 0x19df },
		{ 0x1a20, 0x1aad }, { 0x3005, 0x3007 }, { 0x3021, 0x3029 }, { 0x3031, 0x303c },
		{ 0x3041, 0x312f }, { 0x31a0, 0x31ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0xa4cf },
		{ 0xf900, 0xfaff }, { 0xff66, 0xff9f }, { 0x1aff0, 0x1b2ff }, { 0x20000, 0x3ffff },
	};

	if (c < range[0].from)
		return false;
	for (size_t i = 0; i < COUNT(range); i++)
		if (c <= range[i].to)
			return c >= range[i].from;
	return false;
}

static enum class class_of(uint32_t c)
{
	if (c == 0xad || c == 0x200c || c == 0x200d || c == 0x2060 || (c >= 0xfe00 && c <= 0xfe0f))
		return HIDDEN;
	switch (utf8proc_category((int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
		return is_alone(c) ? ALONE : LETTER;
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NO:
		return DIGIT;
	case UTF8PROC_CATEGORY_NL:
		return is_alone(c) ? ALONE : DIGIT;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return MARK;
	default:
		return OTHER;
	}
}

static uint32_t fold_one(uint32_t c)
{
	int32_t to[4];
	int bound = 0;

	if (c < 0x80)
		return ascii_letter((char)c) ? c | 0x20 : c;
	if (utf8proc_decompose_char((int32_t)c, to, COUNT(to), UTF8PROC_CASEFOLD, &bound) == 1)
		return (uint32_t)to[0];
	return (uint32_t)utf8proc_tolower((int32_t)c);
}

/* Blocks in which every letter is its own canonical composition and no mark lives: nearly all text. */
static bool is_composed(uint32_t c)
{
	return c < 0x300 || (c >= 0x391 && c < 0x483) || (c >= 0x48a && c < 0x590) ||
		(c >= 0x3041 && c < 0x3097) || (c >= 0x30a1 && c < 0x30fb) ||
		(c >= 0x3400 && c < 0xa000) || (c >= 0xac00 && c < 0xd7a4);
}

bool text_composed(struct span s)
{
	const char *p = s.p, *end = s.p + s.n;

	while (p < end) {
		p += ascii_run(p, end);
		while (p < end && (*p & 0x80))
			if (!is_composed(text_next(&p, end)))
				return false;
	}
	return true;
}

struct word_work {
	struct points folded, split;
	struct buf bytes;
};

/* The word that begins at p, by code points; *hash of its folded bytes. p itself if no word begins there. */
static const char *slow_word(const char *p, const char *end, struct word_work *k, uint64_t *hash)
{
	const char *stop = p;		/* end of the word so far */
	const struct points *v = &k->folded;
	enum class last = OTHER;
	bool composed = true;

	k->folded.n = 0;
	while (p < end) {
		uint32_t c = text_next(&p, end);
		enum class class = class_of(c);
		const char *after = p;

		if (c == '\'' || c == 0x2019) {
			class = last == LETTER && p < end ? class_of(text_next(&after, end)) : OTHER;
			if (class != LETTER)
				break;
			c = '\'';
			after = p;
		} else if (class == OTHER) {
			break;
		} else if (last == OTHER) {
			if (class == MARK || class == HIDDEN)
				break;
			last = class;
		} else if (class == ALONE || (last == ALONE && class != MARK && class != HIDDEN)) {
			break;
		} else if (class == LETTER || class == DIGIT) {
			last = class;
		}
		stop = after;
		if (class == HIDDEN)
			continue;
		c = fold_one(c);
		composed = composed && is_composed(c);
		GROW(k->folded.v, k->folded.n, k->folded.room);
		k->folded.v[k->folded.n++] = (int32_t)c;
	}
	if (last == OTHER)
		return stop;
	if (!composed) {
		k->split.n = 0;
		for (size_t i = 0; i < k->folded.n; i++)
			points_add(&k->split, (uint32_t)k->folded.v[i], UTF8PROC_DECOMPOSE);
		points_compose(&k->split);
		v = &k->split;
	}
	k->bytes.n = 0;
	buf_room(&k->bytes, 4 * v->n + 16);
	for (size_t i = 0; i < v->n; i++)
		k->bytes.n += text_put(k->bytes.p + k->bytes.n, (uint32_t)v->v[i]);
	memset(k->bytes.p + k->bytes.n, 0, 16);
	*hash = word_hash(k->bytes.p, k->bytes.n);
	return stop;
}

/* Typographic quotes, dashes and dots, U+2010 to U+2027, which English text is full of. */
static bool is_typographic(const char *p, const char *end)
{
	return end - p >= 3 && p[0] == '\xe2' && p[1] == '\x80' && (unsigned char)p[2] - 0x90u < 0x18;
}

/* The same for ASCII; NULL if the word is long or meets another letter. */
static const char *fast_word(const char *p, const char *end, uint64_t *hash)
{
	char low[128];
	size_t n = 0;

	memset(low, 0, 16);
	for (;;) {
		uint64_t x = load8(p, end), digits, letters = letters8(x, &digits);
		uint64_t stop = ~(letters | digits) & TOP_BITS;
		size_t run = stop ? __builtin_ctzll(stop) >> 3 : 8, quote = 1;

		store8(low + n, x | letters >> 2);
		n += run;
		p += run;
		if (n > sizeof low - 16)
			return NULL;
		if (!stop)
			continue;
		if (p < end && (*p & 0x80)) {
			if (!is_typographic(p, end))
				return NULL;
			if (p[2] != '\x99')
				break;
			quote = 3;
		} else if (p == end || *p != '\'') {
			break;
		}
		if ((size_t)(end - p) <= quote || !ascii_letter(p[-1]))
			break;
		if (p[quote] & 0x80)
			return NULL;
		if (!ascii_letter(p[quote]))
			break;
		low[n++] = '\'';
		p += quote;
	}
	*hash = word_hash(low, n);
	return p;
}

/* Bytes before many at a time are tried again: what is not ASCII comes in groups. */
enum { ONE_BY_ONE = 16 };

void text_words(struct span s, struct words *w)
{
	const char *p = s.p, *end = s.p + s.n, *clear = p;
	struct word_work work = { 0 };

	while (p < end) {
		uint64_t x = load8(p, end), hash = 0, digits, letters = letters8(x, &digits);
		uint64_t begin = letters | digits | (x & TOP_BITS);
		const char *stop;

		if (p >= clear && !(x & TOP_BITS)) {
			p = s.p + text_ascii_words(s, (size_t)(p - s.p), w);
			clear = p + ONE_BY_ONE;
			continue;
		}
		if (!begin) {
			p += 8;
			continue;
		}
		p += __builtin_ctzll(begin) >> 3;
		if (is_typographic(p, end)) {
			p += 3;
			continue;
		}
		stop = *p & 0x80 ? NULL : fast_word(p, end, &hash);
		if (!stop)
			stop = slow_word(p, end, &work, &hash);
		if (stop == p) {
			text_next(&p, end);
			continue;
		}
		GROW(w->v, w->n, w->room);
		w->v[w->n++] = (struct word){ hash, (uint32_t)(p - s.p), (uint32_t)(stop - p) };
		p = stop;
	}
	free(work.folded.v);
	free(work.split.v);
	buf_free(&work.bytes);
}

void words_free(struct words *w)
{
	free(w->v);
	*w = (struct words){ 0 };
}

/* ---- borders ---- */

/* The last code point of s, which loses it; 0 if s is empty. */
static uint32_t take_last(struct span *s)
{
	const char *end = s->p + s->n, *p = end;

	if (!s->n)
		return 0;
	do
		p--;
	while (p > s->p && (*p & 0xc0) == 0x80);
	s->n = (size_t)(p - s->p);
	return text_next(&p, end);
}

static bool is_symbol(uint32_t c)
{
	const utf8proc_category_t is = utf8proc_category((int32_t)c);

	return c == '%' || c == '#' || (is >= UTF8PROC_CATEGORY_SM && is <= UTF8PROC_CATEGORY_SO);
}

/* Does c make one of two words or two numbers? */
static bool binds(uint32_t c, enum class before, enum class after)
{
	switch (c) {
	case '\'':
	case 0x2019:
	case '-':
	case 0x2010:
	case 0x2011:
	case '_':
	case '/':
		return before != OTHER && after != OTHER;
	case '.':
	case ',':
	case ':':
		return before == DIGIT && after == DIGIT;
	}
	return false;
}

bool text_is_cut(struct span before, struct span after)
{
	const char *p = after.p, *const end = after.p + after.n;
	const uint32_t b = take_last(&before), a = take_last(&before);
	const uint32_t c = p < end ? text_next(&p, end) : 0, d = p < end ? text_next(&p, end) : 0;
	const enum class left = class_of(b), right = class_of(c), next = class_of(d);

	if (!b || !c)
		return false;
	if (right == MARK || b == 0x200d || !utf8proc_grapheme_break((int32_t)b, (int32_t)c))
		return true;
	if (left == OTHER)
		return binds(b, class_of(a), right) || ((b == '+' || b == '-' || b == 0x2212) && right == DIGIT);
	/* A full stop that ends a sentence has a blank behind it, or stands in before. */
	return right != OTHER || is_symbol(c) || binds(c, left, next) || (c == '.' && next != OTHER);
}

/* ---- turns ---- */

/* Length of a marker's name at p, 0 if there is none; *role whose. */
static size_t marker(const char *p, const char *end, enum turn_role *role)
{
	struct span rest = { p, end - p };

	if (span_starts(rest, S("Human:"))) {
		*role = TURN_HUMAN;
		return 6;
	}
	if (span_starts(rest, S("Assistant:"))) {
		*role = TURN_ASSISTANT;
		return 10;
	}
	return 0;
}

size_t text_turns(struct span s, struct turn *t, size_t max)
{
	const char *end = s.p + s.n, *p = s.p, *whole = s.p;
	enum turn_role role;
	size_t n = 0, name;

	while (p < end && (*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t'))
		p++;
	name = marker(p, end, &role);
	while (name) {
		const char *text = p + name, *next = text, *stop = end;
		enum turn_role next_role = role;

		for (name = 0; end - next >= 2 && (next = memchr(next, '\n', end - next - 1)); next++) {
			if (next[1] == '\n' && (name = marker(next + 2, end, &next_role))) {
				stop = next;
				break;
			}
		}
		if (n < max)
			t[n] = (struct turn){ role, { whole, stop - whole }, span_trim((struct span){ text, stop - text }) };
		n++;
		whole = stop;
		p = stop + 2;
		role = next_role;
	}
	return n;
}
