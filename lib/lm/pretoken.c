/* pretoken - scanners for the pre-tokenizers of byte-level BPE */
#include "lm/pretoken.h"

#include "text.h"

/* Kinds of the ASCII characters: looked up, since nearly all text is these. */
#define O TEXT_OTHER
#define L TEXT_LETTER
#define N TEXT_NUMBER
#define P TEXT_PUNCTUATION
#define W TEXT_WHITE
static const uint8_t ascii[128] = {
	O, O, O, O, O, O, O, O, O, W, W, W, W, W, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	W, P, P, P, O, P, P, P, P, P, P, O, P, P, P, P, N, N, N, N, N, N, N, N, N, N, P, P, O, O, O, P,
	P, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, P, P, P, O, P,
	O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, P, O, P, O, O,
};
#undef O
#undef L
#undef N
#undef P
#undef W

/* Kind of the character at *p, and step over it. */
static enum text_kind step(const char **p, const char *end)
{
	unsigned char c = (unsigned char)**p;

	if (c < 128) {
		++*p;
		return ascii[c];
	}
	return text_kind(text_next(p, end));
}

static enum text_kind kind_at(const char *p, const char *end)
{
	return step(&p, end);
}

/* Neither \s nor \p{L} nor \p{N}. */
static bool is_other(enum text_kind k)
{
	return k == TEXT_OTHER || k == TEXT_PUNCTUATION;
}

static const char *run_of(enum text_kind kind, const char *p, const char *end)
{
	const char *q = p;

	while (p < end && step(&q, end) == kind)
		p = q;
	return p;
}

static const char *run_of_others(const char *p, const char *end)
{
	const char *q = p;

	while (p < end && is_other(step(&q, end)))
		p = q;
	return p;
}

/* Length of 's 't 're 've 'm 'll 'd at p, or 0. Any case: Oniguruma folds U+017F to s as well. */
static size_t contraction(const char *p, const char *end, bool any_case)
{
	const size_t n = end - p;
	char a, b;

	if (n < 2 || *p != '\'')
		return 0;
	if (any_case && n >= 3 && memcmp(p + 1, "\xc5\xbf", 2) == 0)
		return 3;
	a = any_case ? (char)(p[1] | 0x20) : p[1];
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return 2;
	if (n < 3)
		return 0;
	b = any_case ? (char)(p[2] | 0x20) : p[2];
	return (a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/* \s+(?!\S)|\s+ at white space: all of it at the end, else all but the last, which goes with what follows. */
static const char *blanks(const char *p, const char *end, bool numbers_end)
{
	const char *from = p, *last = p, *q = p;

	while (p < end) {
		const enum text_kind kind = step(&q, end);

		if (kind != TEXT_WHITE)
			return last == from || (numbers_end && kind == TEXT_NUMBER) ? p : last;
		last = p;
		p = q;
	}
	return p;
}

/* ---- gpt-2, smollm ---- */

/* With numbers_end a number ends the text before it and is cut off by itself. */
static const char *next_gpt2(const char *p, const char *end, bool numbers_end)
{
	const size_t n = contraction(p, end, false);
	const char *first = p, *q;
	enum text_kind kind;

	if (n)
		return p + n;
	if (*p == ' ' && p + 1 < end)
		first++;
	q = first;
	kind = step(&q, end);
	if (kind == TEXT_NUMBER && numbers_end)
		return first > p ? first : q;
	if (kind == TEXT_WHITE)
		return blanks(p, end, numbers_end);
	return is_other(kind) ? run_of_others(q, end) : run_of(kind, q, end);
}

static const char *gpt2(const char *p, const char *end)
{
	return next_gpt2(p, end, false);
}

static const char *smollm(const char *p, const char *end)
{
	return next_gpt2(p, end, true);
}

/* ---- llama-bpe, qwen2 ---- */

static bool is_break(char c)
{
	return c == '\r' || c == '\n';
}

static const char *run_of_breaks(const char *p, const char *end)
{
	while (p < end && is_break(*p))
		p++;
	return p;
}

/* \s*[\r\n]+ at white space: to the last line break of the run; or p. */
static const char *to_break(const char *p, const char *end)
{
	const char *found = p, *q = p;

	while (q < end) {
		const bool line_break = is_break(*q);

		if (step(&q, end) != TEXT_WHITE)
			break;
		if (line_break)
			found = q;
	}
	return found;
}

static const char *next_llama3(const char *p, const char *end, int digits)
{
	const size_t n = contraction(p, end, true);
	const char *q = p, *found;
	const enum text_kind kind = n ? TEXT_OTHER : step(&q, end);

	if (n)
		return p + n;
	if (kind == TEXT_LETTER)
		return run_of(TEXT_LETTER, q, end);
	if (kind == TEXT_NUMBER) {
		for (const char *more = q; --digits > 0 && more < end && step(&more, end) == TEXT_NUMBER;)
			q = more;
		return q;
	}
	if (!is_break(*p) && q < end && kind_at(q, end) == TEXT_LETTER)
		return run_of(TEXT_LETTER, q, end);
	if (is_other(kind) || (*p == ' ' && q < end && is_other(kind_at(q, end))))
		return run_of_breaks(run_of_others(q, end), end);
	found = to_break(p, end);
	return found > p ? found : blanks(p, end, false);
}

static const char *llama3(const char *p, const char *end)
{
	return next_llama3(p, end, 3);
}

static const char *qwen2(const char *p, const char *end)
{
	return next_llama3(p, end, 1);
}

/* ---- deepseek-coder ---- */

static bool is_cjk(uint32_t c)
{
	return (c >= 0x800 && c <= 0x9fa5) || (c >= 0xac00 && c <= 0xd7ff);
}

/* TEXT_LETTER or TEXT_PUNCTUATION if \s?\p{L}+ or \s?\p{P}+ matches at p, else TEXT_OTHER. */
static enum text_kind match_at(const char *p, const char *end)
{
	const char *q = p;
	enum text_kind kind = step(&q, end);

	if (kind == TEXT_WHITE && q < end && !is_break(*p))
		kind = step(&q, end);
	return kind == TEXT_LETTER || kind == TEXT_PUNCTUATION ? kind : TEXT_OTHER;
}

/* Each cut goes through the pieces of those before it. Since none looks back, all can be made in one pass from
 * wherever a piece begins. */
static const char *deepseek(const char *p, const char *end)
{
	const enum text_kind match = match_at(p, end);
	const char *q = p;
	const uint32_t first = text_next(&q, end);

	if (is_break(*p) || text_kind(first) == TEXT_NUMBER)
		return q;
	for (p = q; p < end && !is_break(*p); p = q) {
		const uint32_t c = text_next(&q, end);
		const enum text_kind kind = text_kind(c);

		if (is_cjk(c) != is_cjk(first) || kind == TEXT_NUMBER)
			break;
		if (match == TEXT_OTHER ? match_at(p, end) != TEXT_OTHER : kind != match)
			break;
	}
	return p;
}

/* ---- names ---- */

static const struct pretoken known[] = {
	{ "gpt-2", false, gpt2 },
	{ "smollm", false, smollm },
	{ "starcoder", false, smollm },
	{ "refact", false, smollm },
	{ "llama-bpe", false, llama3 },
	{ "llama3", false, llama3 },
	{ "llama-v3", false, llama3 },
	{ "qwen2", true, qwen2 },
	{ "deepseek-coder", false, deepseek },
};

const struct pretoken *pretoken_find(struct span name)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (span_eq(span_of(known[i].name), name))
			return &known[i];
	return NULL;
}

const char *pretoken_names(void)
{
	return "gpt-2, smollm, starcoder, refact, llama-bpe, qwen2, deepseek-coder";
}
