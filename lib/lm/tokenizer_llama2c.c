/* tokenizer_llama2c - the tokenizer of llama2.c */
#include "lm/tokenizer_llama2c.h"

#include <stdlib.h>

enum { UNK, BOS, EOS, BYTES, PIECES = BYTES + 256 };

static uint32_t get32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

/* Blanks as SentencePiece has them. */
static struct span with_marks(struct span s, struct arena *a)
{
	char *p = arena_alloc(a, 3 * s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ') {
			memcpy(p + n, "\xe2\x96\x81", 3);
			n += 3;
		} else {
			p[n++] = s.p[i];
		}
	}
	return (struct span){ p, n };
}

struct vocabulary {
	struct span *text;
	uint8_t *type;
	float *score;
	size_t n, room;
};

static bool read(struct span file, struct vocabulary *v, struct arena *a, struct lm_error *e)
{
	static const struct span special[] = { S("<unk>"), S("<s>"), S("</s>") };

	for (size_t at = 4; at < file.n; v->n++) {
		const uint32_t n = file.n - at < 8 ? 0 : get32(file.p + at + 4);
		uint32_t score;

		if (n == 0 || n > file.n - at - 8)
			return lm_fail(e, "no tokenizer of llama2.c: token %zu is cut off", v->n);
		if (v->n == v->room) {
			v->room = v->room ? 2 * v->room : 1024;
			v->text = xreallocarray(v->text, v->room, sizeof *v->text);
			v->type = xreallocarray(v->type, v->room, sizeof *v->type);
			v->score = xreallocarray(v->score, v->room, sizeof *v->score);
		}
		score = get32(file.p + at);
		memcpy(&v->score[v->n], &score, sizeof score);
		v->text[v->n] = with_marks((struct span){ file.p + at + 8, n }, a);
		v->type[v->n] = v->n == UNK ? TOKEN_UNKNOWN : v->n < BYTES ? TOKEN_CONTROL : v->n < PIECES ? TOKEN_BYTE : TOKEN_NORMAL;
		if (v->n < BYTES)
			v->text[v->n] = special[v->n];
		at += 8 + n;
	}
	return v->n > PIECES || lm_fail(e, "no tokenizer of llama2.c: %zu tokens", v->n);
}

struct tokenizer *tokenizer_of_llama2c(struct span file, struct lm_error *e)
{
	struct vocabulary v = { 0 };
	struct arena a = { 0 };
	struct tokenizer *t = NULL;

	if (read(file, &v, &a, e)) {
		const struct tokenizer_spec spec = {
			.kind = TOKENIZER_SENTENCEPIECE, .n = v.n, .text = v.text, .type = v.type, .score = v.score,
			.bos = BOS, .eos = EOS, .unk = UNK, .pad = -1, .add_bos = true, .blank_first = true
		};

		t = tokenizer_new(&spec, e);
	}
	free(v.text);
	free(v.type);
	free(v.score);
	arena_free(&a);
	return t;
}
