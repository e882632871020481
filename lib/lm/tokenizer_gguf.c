/* tokenizer_gguf - the keys tokenizer.ggml.* of a GGUF file as a vocabulary */
#include "lm/tokenizer_gguf.h"

#include <stdlib.h>

struct vocabulary {
	struct tokenizer_spec spec;
	struct span *text;
	uint8_t *type;
	float *score;
	struct tokenizer_merge *merge;
};

/* An array of n elements of a key; false: absent, or of another length. */
static bool of_length(const struct gguf_value *v, uint64_t n)
{
	return v && v->array && v->n == n;
}

static bool read_tokens(const struct gguf_meta *m, struct vocabulary *v, struct lm_error *e)
{
	const struct gguf_value *tokens = gguf_meta_find(m, "tokenizer.ggml.tokens");
	size_t at = 0, n = 0;

	if (!tokens || !tokens->array || tokens->type != GGUF_STRING)
		return lm_fail(e, "no tokenizer.ggml.tokens");
	v->text = xcalloc(tokens->n, sizeof *v->text);
	while (gguf_next_text(tokens, &at, &v->text[n]))
		n++;
	v->spec.n = n;
	v->spec.text = v->text;
	return true;
}

static bool read_types(const struct gguf_meta *m, struct vocabulary *v, struct lm_error *e)
{
	const struct gguf_value *types = gguf_meta_find(m, "tokenizer.ggml.token_type");

	if (!types)
		return true;
	v->spec.type = v->type = xcalloc(v->spec.n + 1, 1);
	for (size_t i = 0; i < v->spec.n; i++) {
		int64_t type;

		if (!of_length(types, v->spec.n) || !gguf_element_whole(types, i, &type) || type < 0 || type > 255)
			return lm_fail(e, "tokenizer.ggml.token_type is not a type for each token");
		v->type[i] = (uint8_t)type;
	}
	return true;
}

static bool read_scores(const struct gguf_meta *m, struct vocabulary *v, struct lm_error *e)
{
	const struct gguf_value *scores = gguf_meta_find(m, "tokenizer.ggml.scores");

	v->spec.score = v->score = xcalloc(v->spec.n + 1, sizeof *v->score);
	for (size_t i = 0; i < v->spec.n; i++) {
		double x;

		if (!of_length(scores, v->spec.n) || !gguf_element_number(scores, i, &x))
			return lm_fail(e, "tokenizer.ggml.scores is not a number for each token");
		v->score[i] = (float)x;
	}
	return true;
}

/* "A B": the blank is not the first character, since a token may begin with one. */
static bool read_merges(const struct gguf_meta *m, struct vocabulary *v, struct lm_error *e)
{
	const struct gguf_value *merges = gguf_meta_find(m, "tokenizer.ggml.merges");
	struct span pair;
	size_t at = 0;

	if (!merges || !merges->array || merges->type != GGUF_STRING)
		return lm_fail(e, "no tokenizer.ggml.merges");
	v->spec.merge = v->merge = xcalloc(merges->n + 1, sizeof *v->merge);
	while (gguf_next_text(merges, &at, &pair)) {
		const size_t blank = span_find(span_cut(pair, 1, pair.n), S(" ")) + 1;

		if (blank == 0)
			return lm_fail(e, "merge %zu is no pair: %.*s", v->spec.merges + 1, ARG(pair));
		v->merge[v->spec.merges++] = (struct tokenizer_merge){ span_cut(pair, 0, blank), span_cut(pair, blank + 1, pair.n) };
	}
	return true;
}

static int32_t id_of(const struct gguf_meta *m, const char *key)
{
	int64_t id = -1;

	/* (What no id can be is refused by tokenizer_new().) */
	return gguf_meta_whole(m, key, &id) ? (id > INT32_MAX || id < 0 ? INT32_MAX : (int32_t)id) : -1;
}

static bool read(const struct gguf_meta *m, struct vocabulary *v, struct lm_error *e)
{
	struct tokenizer_spec *spec = &v->spec;
	struct span model = S("");

	gguf_meta_text(m, "tokenizer.ggml.model", &model);
	gguf_meta_text(m, "tokenizer.ggml.pre", &spec->pre);
	spec->bos = id_of(m, "tokenizer.ggml.bos_token_id");
	spec->eos = id_of(m, "tokenizer.ggml.eos_token_id");
	spec->unk = id_of(m, "tokenizer.ggml.unknown_token_id");
	spec->pad = id_of(m, "tokenizer.ggml.padding_token_id");
	if (!read_tokens(m, v, e) || !read_types(m, v, e))
		return false;
	if (span_eq(model, S("gpt2"))) {
		spec->kind = TOKENIZER_BYTES;
		/* Llama 3's tokenizer.json says ignore_merges, its GGUF does not. */
		spec->whole = span_eq(spec->pre, S("llama-bpe")) || span_eq(spec->pre, S("llama3")) ||
			span_eq(spec->pre, S("llama-v3"));
		spec->add_bos = spec->whole && spec->bos >= 0;
		gguf_meta_bool(m, "tokenizer.ggml.add_bos_token", &spec->add_bos);
		gguf_meta_bool(m, "tokenizer.ggml.add_eos_token", &spec->add_eos);
		return read_merges(m, v, e);
	}
	if (!span_eq(model, S("llama")))
		return lm_fail(e, "tokenizer.ggml.model \"%.*s\": only gpt2 and llama are known", ARG(model));
	spec->kind = TOKENIZER_SENTENCEPIECE;
	spec->add_bos = spec->blank_first = true;
	gguf_meta_bool(m, "tokenizer.ggml.add_bos_token", &spec->add_bos);
	gguf_meta_bool(m, "tokenizer.ggml.add_eos_token", &spec->add_eos);
	gguf_meta_bool(m, "tokenizer.ggml.add_space_prefix", &spec->blank_first);
	return read_scores(m, v, e);
}

struct tokenizer *tokenizer_of_gguf(const struct gguf_meta *m, struct lm_error *e)
{
	struct vocabulary v = { 0 };
	struct tokenizer *t = read(m, &v, e) ? tokenizer_new(&v.spec, e) : NULL;

	free(v.text);
	free(v.type);
	free(v.score);
	free(v.merge);
	return t;
}
