/* tokenizer_encode - text to ids: special tokens first, then pieces, then merges
 *
 * Short words are remembered with their tokens, in a table that each scratch has for itself: most words of a text were
 * met before.
 */
#include <stdlib.h>

#include "lm/tokenizer_inside.h"
#include "text.h"

enum { WORDS = 1 << 14, BLANK_POINT = 0x2581 };

/* ---- memory ---- */

struct tokenizer_scratch *tokenizer_scratch_new(void)
{
	return xcalloc(1, sizeof(struct tokenizer_scratch));
}

void tokenizer_scratch_free(struct tokenizer_scratch *k)
{
	if (!k)
		return;
	free(k->word);
	free(k->symbol);
	free(k->heap);
	free(k->from);
	buf_free(&k->nfc);
	buf_free(&k->segment);
	free(k);
}

static void lm_tokens_room(struct lm_tokens *out)
{
	if (out->n < out->room)
		return;
	out->room = out->room + out->room / 2 + 256;
	out->id = xreallocarray(out->id, out->room, sizeof *out->id);
	out->at = xreallocarray(out->at, out->room, sizeof *out->at);
	out->end = xreallocarray(out->end, out->room, sizeof *out->end);
}

void lm_tokens_free(struct lm_tokens *out)
{
	free(out->id);
	free(out->at);
	free(out->end);
	*out = (struct lm_tokens){ 0 };
}

void lm_tokens_add(struct lm_tokens *out, int32_t id, size_t at, size_t end)
{
	lm_tokens_room(out);
	out->id[out->n] = id;
	out->at[out->n] = (uint32_t)at;
	out->end[out->n++] = (uint32_t)end;
}

/* ---- one word ---- */

static struct word_seen *word_place(struct tokenizer_scratch *k, struct span word)
{
	return &k->word[hash64(word, 0) & (WORDS - 1)];
}

static void remember(struct word_seen *w, struct span word, const struct lm_tokens *out, size_t from)
{
	if (out->n - from > WORD_TOKENS)
		return;
	w->n = (uint8_t)word.n;
	w->tokens = (uint8_t)(out->n - from);
	memcpy(w->bytes, word.p, word.n);
	for (size_t i = from; i < out->n; i++) {
		w->id[i - from] = out->id[i];
		w->length[i - from] = (uint8_t)(out->end[i] - out->at[i]);
	}
}

static void recall(const struct word_seen *w, size_t at, struct lm_tokens *out)
{
	for (int i = 0; i < w->tokens; i++) {
		lm_tokens_add(out, w->id[i], at, at + w->length[i]);
		at += w->length[i];
	}
}

static void push(struct tokenizer_scratch *k, uint32_t id, size_t at, size_t end)
{
	GROW(k->symbol, k->n, k->room);
	k->symbol[k->n++] = (struct symbol){ .id = id, .at = (uint32_t)at, .end = (uint32_t)end };
}

/* True: no byte was dropped. */
static bool push_bytes(const struct tokenizer *t, struct tokenizer_scratch *k, struct span word, size_t at,
	struct lm_tokens *out)
{
	const uint64_t before = out->dropped;

	for (size_t i = 0; i < word.n; i++) {
		const int32_t id = t->byte[(unsigned char)word.p[i]];

		if (id >= 0)
			push(k, (uint32_t)id, at + i, at + i + 1);
		else
			out->dropped++;
	}
	return out->dropped == before;
}

static void push_characters(const struct tokenizer *t, struct tokenizer_scratch *k, struct span word, size_t at)
{
	const char *p = word.p, *end = p + word.n;

	while (p < end) {
		const char *from = p;
		const uint32_t c = text_next(&p, end);
		const bool odd = c == 0xfffd && p - from == 1;
		const struct merge *m = odd ? NULL : merge_find(t, CHARACTER, c == ' ' ? BLANK_POINT : c);

		push(k, m ? m->id : NO_TOKEN, at + (size_t)(from - word.p), at + (size_t)(p - word.p));
	}
}

static void emit(const struct tokenizer *t, const struct symbol *s, struct span word, size_t at, struct lm_tokens *out)
{
	if (s->id < t->n) {
		lm_tokens_add(out, (int32_t)s->id, s->at, s->end);
		return;
	}
	for (size_t i = s->at; i < s->end; i++)
		lm_tokens_add(out, t->byte[(unsigned char)word.p[i - at]], i, i + 1);
}

/* word lies at `at` in the text. blank: one that is not in the text goes before it. */
static void encode_word(const struct tokenizer *t, struct span word, size_t at, bool blank, struct tokenizer_scratch *k,
	struct lm_tokens *out)
{
	struct word_seen *seen = word.n <= WORD_MOST && !blank ? word_place(k, word) : NULL;
	const size_t from = out->n;
	const uint64_t *id;
	bool whole = true;

	if (seen && seen->n == word.n && memcmp(seen->bytes, word.p, word.n) == 0) {
		recall(seen, at, out);
		return;
	}
	k->n = 0;
	id = t->whole ? keymap_find(&t->words, hash128(word, 0)) : NULL;
	if (id) {
		lm_tokens_add(out, (int32_t)*id, at, at + word.n);
	} else {
		if (blank)
			push(k, merge_find(t, CHARACTER, BLANK_POINT)->id, at, at);
		if (t->kind == TOKENIZER_BYTES)
			whole = push_bytes(t, k, word, at, out);
		else
			push_characters(t, k, word, at);
		merge_symbols(t, k);
		for (size_t i = 0; i < k->n; i++)
			emit(t, &k->symbol[i], word, at, out);
	}
	if (seen && whole)
		remember(seen, word, out, from);
}

/* ---- text between special tokens ---- */

static size_t blank_at(const char *p, const char *end)
{
	return *p == ' ' ? 1 : end - p >= 3 && memcmp(p, "\xe2\x96\x81", 3) == 0 ? 3 : 0;
}

/* End of the blanks at p and what follows up to the next one. */
static const char *next_word(const char *p, const char *end)
{
	size_t n;

	while (p < end && (n = blank_at(p, end)))
		p += n;
	while (p < end && !blank_at(p, end))
		p++;
	return p;
}

/* s lies at `at` in the text. */
static void encode_pieces(const struct tokenizer *t, struct span s, size_t at, struct tokenizer_scratch *k,
	struct lm_tokens *out)
{
	const char *p = s.p, *end = p + s.n, *next;

	for (; p < end; p = next) {
		next = t->kind == TOKENIZER_BYTES ? t->pre->next(p, end) : t->by_words ? next_word(p, end) : end;
		encode_word(t, (struct span){ p, (size_t)(next - p) }, at + (size_t)(p - s.p),
			t->blank_first && p == s.p, k, out);
	}
}

static void compose_add(struct tokenizer_scratch *k, struct span bytes, size_t at, size_t end, bool same)
{
	for (size_t i = 0; i < bytes.n; i++) {
		GROW(k->from, k->nfc.n + i, k->from_room);
		k->from[k->nfc.n + i] = (struct extent){ (uint32_t)(same ? at + i : at), (uint32_t)(same ? at + i + 1 : end) };
	}
	buf_add(&k->nfc, bytes);
}

/* s in NFC into k->nfc. An ASCII character never composes with what is before it: each of them and what follows it
 * up to the next is composed by itself, and where that changes anything, all of it is where each of the bytes is
 * from. */
static void compose(struct tokenizer_scratch *k, struct span s, size_t at)
{
	const char *p = s.p, *end = p + s.n, *from;

	k->nfc.n = 0;
	for (; p < end; ) {
		struct span part;

		for (from = p++; p < end && (*p & 0x80); )
			p++;
		part = (struct span){ from, (size_t)(p - from) };
		k->segment.n = 0;
		if (!text_composed(part) && text_valid(part, &(size_t){ 0 }))
			text_compose(part, &k->segment);
		else
			buf_add(&k->segment, part);
		compose_add(k, buf_span(&k->segment), at + (size_t)(from - s.p), at + (size_t)(p - s.p),
			span_eq(part, buf_span(&k->segment)));
	}
}

static void encode_text(const struct tokenizer *t, struct span s, size_t at, struct tokenizer_scratch *k,
	struct lm_tokens *out)
{
	const size_t from = out->n;

	if (!t->pre || !t->pre->nfc || text_composed(s)) {
		encode_pieces(t, s, at, k, out);
		return;
	}
	compose(k, s, at);
	encode_pieces(t, buf_span(&k->nfc), 0, k, out);
	for (size_t i = from; i < out->n; i++) {
		out->at[i] = k->from[out->at[i]].at;
		out->end[i] = k->from[out->end[i] - 1].end;
	}
}

/* ---- special tokens ---- */

/* First of special[lo, hi) whose byte at depth is at least c. All have that many bytes and one more. */
static size_t narrow(const struct tokenizer *t, size_t lo, size_t hi, size_t depth, int c)
{
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const struct span bytes = t->bytes[t->special[mid]];

		if (bytes.n <= depth || (unsigned char)bytes.p[depth] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The longest special or user token that stands at p, or -1. */
static int32_t special_at(const struct tokenizer *t, const char *p, const char *end)
{
	size_t lo = 0, hi = t->specials;
	int32_t found = -1;

	for (size_t depth = 0; lo < hi && p + depth < end; ) {
		const int c = (unsigned char)p[depth];

		lo = narrow(t, lo, hi, depth, c);
		hi = narrow(t, lo, hi, depth, c + 1);
		depth++;
		if (lo < hi && t->bytes[t->special[lo]].n == depth)
			found = t->special[lo];
	}
	return found;
}

int32_t tokenizer_special(const struct tokenizer *t, struct span text)
{
	const int32_t id = special_at(t, text.p, text.p + text.n);

	return id >= 0 && t->bytes[id].n == text.n ? id : -1;
}

static size_t white_before(struct span s, size_t from, size_t to)
{
	while (to > from) {
		size_t last = to - 1;
		const char *p;

		while (last > from && (s.p[last] & 0xc0) == 0x80)
			last--;
		p = s.p + last;
		if (text_kind(text_next(&p, s.p + to)) != TEXT_WHITE || p != s.p + to)
			break;
		to = last;
	}
	return to;
}

static size_t white_after(struct span s, size_t from)
{
	const char *p = s.p + from, *end = s.p + s.n, *q = p;

	while (p < end && text_kind(text_next(&q, end)) == TEXT_WHITE)
		p = q;
	return (size_t)(p - s.p);
}

void tokenizer_encode_in(const struct tokenizer *t, struct span text, const struct tokenizer_range *special, size_t n,
	int flags, struct tokenizer_scratch *k, struct lm_tokens *out)
{
	size_t done = 0, at = 0, range = 0;

	if (text.n >= UINT32_MAX)
		bug("a text of %zu bytes", text.n);
	if (k->serial != t->serial) {
		free(k->word);
		k->word = xcalloc(WORDS, sizeof *k->word);
		k->serial = t->serial;
	}
	if (flags & TOKENIZER_ENDS && t->add_bos)
		lm_tokens_add(out, t->bos, 0, 0);
	while (at < text.n) {
		int32_t id;
		size_t end, from;

		if (!t->begins[(unsigned char)text.p[at]] || (id = special_at(t, text.p + at, text.p + text.n)) < 0) {
			at++;
			continue;
		}
		end = at + t->bytes[id].n;
		while (range < n && special[range].to <= at)
			range++;
		if (t->type[id] != TOKEN_USER && !(range < n && special[range].from <= at && end <= special[range].to)) {
			at = end;
			continue;
		}
		from = t->strips[id] & TOKEN_STRIPS_LEFT ? white_before(text, done, at) : at;
		if (t->strips[id] & TOKEN_STRIPS_RIGHT)
			end = white_after(text, end);
		encode_text(t, span_cut(text, done, from), done, k, out);
		lm_tokens_add(out, id, from, end);
		at = done = end;
	}
	encode_text(t, span_cut(text, done, text.n), done, k, out);
	if (flags & TOKENIZER_ENDS && t->add_eos)
		lm_tokens_add(out, t->eos, text.n, text.n);
}

void tokenizer_encode(const struct tokenizer *t, struct span text, int flags, struct tokenizer_scratch *k,
	struct lm_tokens *out)
{
	const struct tokenizer_range all = { 0, text.n };

	tokenizer_encode_in(t, text, &all, flags & TOKENIZER_SPECIAL ? 1 : 0, flags, k, out);
}
