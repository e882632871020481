/* gguf_tokens - a tokenizer as the keys tokenizer.ggml.*
 *
 * What was read is not kept: texts of tokens are made of their bytes again, merges of the table, and SentencePiece's scores
 * of the order of merges, which is all that a score is for.
 */
#include "lm/gguf_out.h"

#include <stdlib.h>

#include "lm/tokenizer_inside.h"

#define BLANK "\xe2\x96\x81"

/* A byte in GPT-2's alphabet. */
static void put_byte(struct buf *b, unsigned char c)
{
	uint32_t other;

	if (c >= 0x21 && c <= 0x7e) {
		buf_addc(b, (char)c);
		return;
	}
	other = c < 0x21 ? c : c < 0xa1 ? 33u + c - 0x7f : 67;
	other = (c >= 0xa1 && c != 0xad) ? c : 0x100 + other;
	buf_addc(b, (char)(0xc0 | other >> 6));
	buf_addc(b, (char)(0x80 | (other & 0x3f)));
}

static void put_text(struct buf *b, const struct tokenizer *t, size_t id)
{
	const struct span s = t->bytes[id];
	const bool plain = t->type[id] != TOKEN_NORMAL && t->type[id] != TOKEN_UNUSED;

	if (t->type[id] == TOKEN_BYTE && t->kind == TOKENIZER_SENTENCEPIECE) {
		buf_addf(b, "<0x%02X>", (unsigned char)s.p[0]);
		return;
	}
	for (size_t i = 0; i < s.n; i++)
		if (plain)
			buf_addc(b, s.p[i]);
		else if (t->kind == TOKENIZER_BYTES)
			put_byte(b, (unsigned char)s.p[i]);
		else if (s.p[i] == ' ')
			buf_adds(b, BLANK);
		else
			buf_addc(b, s.p[i]);
}

static void add_string(struct buf *raw, const struct buf *text)
{
	const uint64_t n = text->n;

	buf_add(raw, (struct span){ (const char *)&n, sizeof n });
	buf_add(raw, buf_span(text));
}

static void put_array(struct gguf_out *o, const char *key, enum gguf_type type, uint64_t n, struct buf *raw)
{
	gguf_put_value(o, span_of(key), &(struct gguf_value){ .type = type, .array = true, .n = n, .raw = buf_span(raw) });
	buf_free(raw);
}

static void put_tokens(struct gguf_out *o, const struct tokenizer *t, size_t n)
{
	struct buf texts = { 0 }, types = { 0 }, one = { 0 };

	for (size_t i = 0; i < n; i++) {
		const int32_t type = i < t->n ? t->type[i] : TOKEN_UNUSED;

		one.n = 0;
		if (i < t->n)
			put_text(&one, t, i);
		else
			buf_addf(&one, "[PAD%zu]", i);
		add_string(&texts, &one);
		buf_add(&types, (struct span){ (const char *)&type, sizeof type });
	}
	put_array(o, "tokenizer.ggml.tokens", GGUF_STRING, n, &texts);
	put_array(o, "tokenizer.ggml.token_type", GGUF_I32, n, &types);
	buf_free(&one);
}

static int by_rank(const void *a, const void *b)
{
	const struct merge *x = a, *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

static void put_merges(struct gguf_out *o, const struct tokenizer *t)
{
	struct merge *v = xcalloc(t->mask + 1, sizeof *v);
	struct buf raw = { 0 }, one = { 0 };
	size_t n = 0;

	for (size_t i = 0; i <= t->mask; i++)
		if (t->merge[i].key != NO_KEY)
			v[n++] = t->merge[i];
	if (n)
		qsort(v, n, sizeof *v, by_rank);
	for (size_t i = 0; i < n; i++) {
		one.n = 0;
		put_text(&one, t, v[i].key >> 32);
		buf_addc(&one, ' ');
		put_text(&one, t, v[i].key & 0xffffffff);
		add_string(&raw, &one);
	}
	put_array(o, "tokenizer.ggml.merges", GGUF_STRING, n, &raw);
	buf_free(&one);
	free(v);
}

/* What merges first has the highest score. */
static void put_scores(struct gguf_out *o, const struct tokenizer *t, size_t n)
{
	float *score = xcalloc(n + 1, sizeof *score);
	struct buf raw = { 0 };

	for (size_t i = 0; i <= t->mask; i++) {
		const struct merge *m = &t->merge[i];
		const float x = -1 - (float)m->rank;

		if (m->key != NO_KEY && m->key >> 32 != CHARACTER && (score[m->id] == 0 || x > score[m->id]))
			score[m->id] = x;
	}
	buf_add(&raw, (struct span){ (const char *)score, n * sizeof *score });
	put_array(o, "tokenizer.ggml.scores", GGUF_F32, n, &raw);
	free(score);
}

static void put_id(struct gguf_out *o, const char *key, int32_t id)
{
	if (id >= 0)
		gguf_put_whole(o, key, (uint32_t)id);
}

void gguf_put_tokenizer(struct gguf_out *o, const struct tokenizer *t, size_t n)
{
	gguf_put_text(o, "tokenizer.ggml.model", t->kind == TOKENIZER_BYTES ? S("gpt2") : S("llama"));
	gguf_put_text(o, "tokenizer.ggml.pre", t->kind == TOKENIZER_BYTES ? span_of(t->pre->name) : S("default"));
	put_tokens(o, t, n);
	if (t->kind == TOKENIZER_BYTES)
		put_merges(o, t);
	else
		put_scores(o, t, n);
	put_id(o, "tokenizer.ggml.bos_token_id", t->bos);
	put_id(o, "tokenizer.ggml.eos_token_id", t->eos);
	put_id(o, "tokenizer.ggml.unknown_token_id", t->unk);
	put_id(o, "tokenizer.ggml.padding_token_id", t->pad);
	gguf_put_bool(o, "tokenizer.ggml.add_bos_token", t->add_bos);
	gguf_put_bool(o, "tokenizer.ggml.add_eos_token", t->add_eos);
	if (t->kind == TOKENIZER_SENTENCEPIECE)
		gguf_put_bool(o, "tokenizer.ggml.add_space_prefix", t->blank_first);
}
