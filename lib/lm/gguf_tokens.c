/* gguf_tokens - a tokenizer as the keys tokenizer.ggml.*
 *
 * SentencePiece's scores are made of the order of merges, which is all that a score is for.
 */
#include "lm/gguf_out.h"

#include <stdlib.h>

#include "lm/tokenizer_inside.h"

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
			tokenizer_put_name(t, i, &one);
		else
			buf_addf(&one, "[PAD%zu]", i);
		add_string(&texts, &one);
		buf_add(&types, (struct span){ (const char *)&type, sizeof type });
	}
	put_array(o, "tokenizer.ggml.tokens", GGUF_STRING, n, &texts);
	put_array(o, "tokenizer.ggml.token_type", GGUF_I32, n, &types);
	buf_free(&one);
}

static void put_merges(struct gguf_out *o, const struct tokenizer *t)
{
	size_t n;
	struct merge *v = tokenizer_merges(t, &n);
	struct buf raw = { 0 }, pair = { 0 }, name = { 0 };

	for (size_t i = 0; i < n; i++) {
		pair.n = 0;
		for (int right = 0; right < 2; right++) {
			tokenizer_put_name(t, right ? v[i].key & 0xffffffff : v[i].key >> 32, &name);
			buf_adds(&pair, right ? " " : "");
			buf_add(&pair, buf_span(&name));
		}
		add_string(&raw, &pair);
	}
	put_array(o, "tokenizer.ggml.merges", GGUF_STRING, n, &raw);
	buf_free(&pair);
	buf_free(&name);
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
