/* tokenizer - a vocabulary becomes tables; ids become text */
#include "lm/tokenizer.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lm/tokenizer_inside.h"
#include "text.h"

#define BLANK "\xe2\x96\x81"		/* U+2581, SentencePiece's blank */
enum { BLANK_POINT = 0x2581 };

struct maker {
	const struct tokenizer_spec *spec;
	struct tokenizer *t;
	struct keymap ids;		/* hash of a token's text -> id */
	size_t used;			/* slots of t->merge */
	uint32_t characters;		/* that are no tokens: ids from n on */
	struct lm_error *e;
};

/* ---- the table of merges ---- */

static size_t slot_of(const struct tokenizer *t, uint64_t key)
{
	size_t i = mix64(key) & t->mask;

	while (t->merge[i].key != NO_KEY && t->merge[i].key != key)
		i = (i + 1) & t->mask;
	return i;
}

static void table(struct tokenizer *t, size_t slots)
{
	t->mask = slots - 1;
	t->merge = xreallocarray(NULL, slots, sizeof *t->merge);
	for (size_t i = 0; i < slots; i++)
		t->merge[i].key = NO_KEY;
}

/* The last of equal ones counts, as in HF tokenizers. */
static void put(struct maker *k, uint32_t left, uint32_t right, uint32_t rank, uint32_t id)
{
	struct tokenizer *t = k->t;
	const struct merge m = { (uint64_t)left << 32 | right, rank, id };
	size_t i;

	if (2 * k->used > t->mask) {
		struct merge *old = t->merge;
		const size_t slots = t->mask + 1;

		table(t, 2 * slots);
		for (i = 0; i < slots; i++)
			if (old[i].key != NO_KEY)
				t->merge[slot_of(t, old[i].key)] = old[i];
		free(old);
	}
	i = slot_of(t, m.key);
	k->used += t->merge[i].key == NO_KEY;
	t->merge[i] = m;
}

/* ---- tokens ---- */

static uint64_t *id_at(struct maker *k, struct span text)
{
	return keymap_find(&k->ids, hash128(text, 0));
}

/* GPT-2's alphabet: printable Latin-1 characters are their own bytes, the others in order U+0100 ... U+0143. */
static int byte_of(uint32_t c)
{
	const uint32_t other = c - 0x100;

	if ((c >= 0x21 && c <= 0x7e) || (c >= 0xa1 && c <= 0xac) || (c >= 0xae && c <= 0xff))
		return (int)c;
	if (c < 0x100 || other > 67)
		return -1;
	return other < 33 ? (int)other : other < 67 ? (int)(0x7f + other - 33) : 0xad;
}

static struct span bytes_of_alphabet(struct span text, struct arena *a)
{
	const char *p = text.p, *end = p + text.n;
	char *bytes = arena_alloc(a, text.n + 1);
	size_t n = 0;

	while (p < end) {
		const int b = byte_of(text_next(&p, end));

		if (b < 0)
			return arena_copy(a, text);
		bytes[n++] = (char)b;
	}
	return (struct span){ bytes, n };
}

static struct span bytes_of_piece(struct span text, struct arena *a)
{
	char *bytes = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (span_starts(span_cut(text, i, text.n), S(BLANK))) {
			bytes[n++] = ' ';
			i += sizeof BLANK - 2;
		} else {
			bytes[n++] = text.p[i];
		}
	}
	return (struct span){ bytes, n };
}

/* <0x0A> */
static int byte_named(struct span text)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *high, *low;

	if (text.n != 6 || !span_starts(text, S("<0x")) || text.p[5] != '>')
		return -1;
	high = memchr(digits, text.p[3], 16);
	low = memchr(digits, text.p[4], 16);
	return high && low ? (int)((high - digits) << 4 | (low - digits)) : -1;
}

static bool is_mergeable(const struct tokenizer *t, size_t id)
{
	return t->type[id] == TOKEN_NORMAL || t->type[id] == TOKEN_UNUSED;
}

static bool take_token(struct maker *k, size_t id)
{
	struct tokenizer *t = k->t;
	const struct span text = k->spec->text[id];
	bool is_new;
	uint64_t *at;

	if (t->type[id] < TOKEN_NORMAL || t->type[id] > TOKEN_BYTE)
		return lm_fail(k->e, "token %zu is of type %d, which is not known", id, t->type[id]);
	if (t->type[id] == TOKEN_BYTE && t->kind == TOKENIZER_SENTENCEPIECE) {
		const int b = byte_named(text);

		if (b < 0)
			return lm_fail(k->e, "byte token %zu is called %.*s", id, ARG(text));
		t->byte[b] = (int32_t)id;
		t->bytes[id] = arena_copy(&t->a, (struct span){ (const char[]){ (char)b }, 1 });
		return true;
	}
	if (is_mergeable(t, id))
		t->bytes[id] = (t->kind == TOKENIZER_BYTES ? bytes_of_alphabet : bytes_of_piece)(text, &t->a);
	else
		t->bytes[id] = arena_copy(&t->a, text);
	if (t->kind == TOKENIZER_SENTENCEPIECE && !is_mergeable(t, id))
		return true;
	at = keymap_at(&k->ids, hash128(text, 0), &is_new);
	if (is_new || (is_mergeable(t, id) && !is_mergeable(t, *at)))
		*at = id;
	return true;
}

static bool take_tokens(struct maker *k)
{
	const struct tokenizer_spec *spec = k->spec;
	struct tokenizer *t = k->t;

	t->type = arena_alloc(&t->a, t->n);
	t->strips = arena_alloc(&t->a, t->n);
	t->bytes = arena_alloc(&t->a, t->n * sizeof *t->bytes);
	for (size_t i = 0; i < t->n; i++) {
		t->type[i] = spec->type ? spec->type[i] : TOKEN_NORMAL;
		t->strips[i] = spec->strips ? spec->strips[i] : 0;
		if (!take_token(k, i))
			return false;
	}
	return true;
}

/* ---- special tokens ---- */

static int by_bytes(const void *a, const void *b, void *bytes)
{
	const struct span *of = bytes;

	return span_cmp(of[*(const int32_t *)a], of[*(const int32_t *)b]);
}

static void take_special(struct tokenizer *t)
{
	t->special = arena_alloc(&t->a, t->n * sizeof *t->special);
	for (size_t i = 0; i < t->n; i++) {
		const bool special = t->type[i] == TOKEN_CONTROL || t->type[i] == TOKEN_UNKNOWN ||
			t->type[i] == TOKEN_USER;

		if (!special || t->bytes[i].n == 0)
			continue;
		t->special[t->specials++] = (int32_t)i;
		t->begins[(unsigned char)t->bytes[i].p[0]] = true;
	}
	qsort_r(t->special, t->specials, sizeof *t->special, by_bytes, t->bytes);
}

/* ---- merges ---- */

static struct span joined(struct buf *b, struct span left, struct span right)
{
	b->n = 0;
	buf_add(b, left);
	buf_add(b, right);
	return buf_span(b);
}

static bool take_merges(struct maker *k)
{
	struct buf both = { 0 };
	bool good = true;

	for (size_t i = 0; good && i < k->spec->merges; i++) {
		const struct tokenizer_merge m = k->spec->merge[i];
		const uint64_t *left = id_at(k, m.left), *right = id_at(k, m.right);
		const uint64_t *into = id_at(k, joined(&both, m.left, m.right));

		if (left && right && into)
			put(k, (uint32_t)*left, (uint32_t)*right, (uint32_t)i, (uint32_t)*into);
		else
			good = lm_fail(k->e, "merge %zu: %.*s and %.*s, or both together, are no token", i + 1,
				ARG(m.left), ARG(m.right));
	}
	buf_free(&both);
	return good;
}

/* Symbol of a character: its token, or a number of its own from n on. */
static uint32_t character(struct maker *k, uint32_t c)
{
	const struct merge *m = merge_find(k->t, CHARACTER, c);

	if (m)
		return m->id;
	put(k, CHARACTER, c, 0, (uint32_t)k->t->n + k->characters);
	return (uint32_t)k->t->n + k->characters++;
}

static void take_characters(struct maker *k)
{
	for (size_t i = 0; i < k->t->n; i++) {
		const struct span text = k->spec->text[i];
		const char *p = text.p, *end = p + text.n;
		uint32_t c;

		if (!is_mergeable(k->t, i) || text.n == 0)
			continue;
		c = text_next(&p, end);
		if (p == end && !merge_find(k->t, CHARACTER, c))
			put(k, CHARACTER, c, 0, (uint32_t)i);
	}
}

/* Every way to make token id of two symbols. */
static void take_halves(struct maker *k, size_t id, uint32_t rank)
{
	const struct span text = k->spec->text[id];
	const char *const end = text.p + text.n, *p = text.p;
	const uint32_t c = text.n ? text_next(&p, end) : 0;

	for (bool first = true; p < end; first = false) {
		const uint64_t *left = id_at(k, span_cut(text, 0, p - text.p));
		const uint64_t *right = id_at(k, span_cut(text, p - text.p, text.n));
		const uint32_t last = text_next(&p, end);

		if ((first || left) && (p == end || right))
			put(k, first ? character(k, c) : (uint32_t)*left, p == end ? character(k, last) : (uint32_t)*right,
				rank, (uint32_t)id);
	}
}

struct scored {
	float score;
	int32_t id;
};

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return x->score != y->score ? (x->score < y->score ? 1 : -1) : (x->id > y->id) - (x->id < y->id);
}

/* SentencePiece has no list of merges: two neighbours merge if that makes a token, the one of the highest score first. */
static bool take_scores(struct maker *k)
{
	struct scored *v = xcalloc(k->t->n, sizeof *v);
	uint32_t rank = 0;
	bool good = true;

	for (size_t i = 0; good && i < k->t->n; i++) {
		v[i] = (struct scored){ k->spec->score[i], (int32_t)i };
		if (isnan(v[i].score))
			good = lm_fail(k->e, "the score of token %zu is no number", i);
	}
	if (good)
		qsort(v, k->t->n, sizeof *v, by_score);
	for (size_t i = 0; good && i < k->t->n; i++) {
		rank += i > 0 && v[i].score != v[i - 1].score;
		if (is_mergeable(k->t, (size_t)v[i].id))
			take_halves(k, (size_t)v[i].id, rank);
	}
	free(v);
	return good;
}

/* ---- what each kind needs ---- */

static bool finish_bytes(struct maker *k)
{
	struct tokenizer *t = k->t;

	for (int i = 0; i < 256; i++)
		t->byte[i] = -1;
	for (size_t i = 0; i < t->n; i++)
		if (t->type[i] == TOKEN_NORMAL && t->bytes[i].n == 1 && t->byte[(unsigned char)t->bytes[i].p[0]] < 0)
			t->byte[(unsigned char)t->bytes[i].p[0]] = (int32_t)i;
	for (size_t i = 0; t->whole && i < t->n; i++)
		if (t->type[i] == TOKEN_NORMAL)
			*keymap_at(&t->words, hash128(t->bytes[i], 0), NULL) = i;
	t->pre = pretoken_find(k->spec->pre);
	if (!t->pre)
		return lm_fail(k->e, "pre-tokenizer \"%.*s\" is not known (known: %s)", ARG(k->spec->pre), pretoken_names());
	return take_merges(k);
}

/* Does a token go on behind a blank that does not belong to the blanks it begins with? */
static bool has_inner_blank(struct span bytes)
{
	size_t i = 0;

	while (i < bytes.n && bytes.p[i] == ' ')
		i++;
	return span_find(span_cut(bytes, i, bytes.n), S(" ")) != (size_t)-1;
}

static bool finish_pieces(struct maker *k)
{
	struct tokenizer *t = k->t;

	for (int i = 0; i < 256; i++)
		if (t->byte[i] < 0)
			return lm_fail(k->e, "no token for byte %d: only SentencePiece with byte fallback is known", i);
	take_characters(k);
	if (!merge_find(t, CHARACTER, BLANK_POINT))
		return lm_fail(k->e, "no token for a blank");
	if (!(k->spec->score || k->spec->merges))
		return lm_fail(k->e, "neither scores nor merges");
	t->by_words = true;
	for (size_t i = 0; i < t->n; i++)
		if (is_mergeable(t, i) && has_inner_blank(t->bytes[i]))
			t->by_words = false;
	return k->spec->merges ? take_merges(k) : take_scores(k);
}

static bool is_token(const struct maker *k, const char *what, int32_t id)
{
	return (id >= -1 && id < (int64_t)k->t->n) || lm_fail(k->e, "%s is token %d of %zu", what, id, k->t->n);
}

static bool make(struct maker *k)
{
	const struct tokenizer_spec *spec = k->spec;

	if (spec->n == 0 || spec->n > INT32_MAX / 2)
		return lm_fail(k->e, "%zu tokens", spec->n);
	if (!is_token(k, "bos", spec->bos) || !is_token(k, "eos", spec->eos) || !is_token(k, "unk", spec->unk) ||
	    !is_token(k, "pad", spec->pad) || !take_tokens(k))
		return false;
	if ((spec->add_bos && spec->bos < 0) || (spec->add_eos && spec->eos < 0))
		return lm_fail(k->e, "adds %s, and has none", spec->add_bos && spec->bos < 0 ? "bos" : "eos");
	take_special(k->t);
	return spec->kind == TOKENIZER_BYTES ? finish_bytes(k) : finish_pieces(k);
}

struct tokenizer *tokenizer_new(const struct tokenizer_spec *spec, struct lm_error *e)
{
	static _Atomic uint64_t serial;
	struct tokenizer *t = xcalloc(1, sizeof *t);
	struct maker k = { .spec = spec, .t = t, .e = e };
	bool good;

	*t = (struct tokenizer){
		.kind = spec->kind, .bos = spec->bos, .eos = spec->eos, .unk = spec->unk, .pad = spec->pad,
		.add_bos = spec->add_bos, .add_eos = spec->add_eos, .whole = spec->whole,
		.blank_first = spec->blank_first, .n = spec->n, .serial = ++serial,
	};
	memset(t->byte, -1, sizeof t->byte);
	table(t, 1024);
	good = make(&k);
	keymap_free(&k.ids);
	if (good)
		return t;
	tokenizer_free(t);
	return NULL;
}

void tokenizer_free(struct tokenizer *t)
{
	if (!t)
		return;
	free(t->merge);
	keymap_free(&t->words);
	arena_free(&t->a);
	free(t);
}

/* ---- what is known of tokens ---- */

size_t tokenizer_size(const struct tokenizer *t)
{
	return t->n;
}

int32_t tokenizer_bos(const struct tokenizer *t)
{
	return t->bos;
}

int32_t tokenizer_eos(const struct tokenizer *t)
{
	return t->eos;
}

int32_t tokenizer_unk(const struct tokenizer *t)
{
	return t->unk;
}

int32_t tokenizer_pad(const struct tokenizer *t)
{
	return t->pad;
}

bool tokenizer_is_special(const struct tokenizer *t, int32_t id)
{
	return id >= 0 && (size_t)id < t->n && (t->type[id] == TOKEN_CONTROL || t->type[id] == TOKEN_UNKNOWN);
}

struct span tokenizer_bytes(const struct tokenizer *t, int32_t id)
{
	return id >= 0 && (size_t)id < t->n ? t->bytes[id] : (struct span){ 0 };
}

void tokenizer_decode(const struct tokenizer *t, const int32_t *id, size_t n, int flags, struct buf *out)
{
	bool blank_first = t->blank_first;

	for (size_t i = 0; i < n; i++) {
		struct span bytes = tokenizer_bytes(t, id[i]);
		const bool special = bytes.p && (tokenizer_is_special(t, id[i]) || t->type[id[i]] == TOKEN_USER);

		if (blank_first && !special && bytes.n && bytes.p[0] == ' ')
			bytes = span_cut(bytes, 1, bytes.n);
		blank_first = t->blank_first && special;
		if (!tokenizer_is_special(t, id[i]) || flags & TOKENIZER_SPECIAL)
			buf_add(out, bytes);
	}
}
