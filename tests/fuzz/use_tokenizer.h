/* use_tokenizer.h - what a fuzz target does with a tokenizer that a reader accepted, or was refused */
#ifndef PREF_USE_TOKENIZER_H
#define PREF_USE_TOKENIZER_H

#include "fuzz.h"
#include "lm/tokenizer.h"

/* Encodes and decodes, then frees it; accepts NULL, for which a reason must have been given. */
static inline void use_tokenizer(struct tokenizer *t, const struct lm_error *e)
{
	static const struct span texts[] = { S("Hello <s>world</s>  12 \xc3\xa4\xff\n"), S("\xe2\x96\x81 a\xf0\x9f\x98\x80'll  "), S("") };
	struct tokenizer_scratch *k;

	if (!t) {
		LAW(*e->text);
		return;
	}
	k = tokenizer_scratch_new();
	for (size_t i = 0; i < COUNT(texts); i++)
		for (int flags = 0; flags <= (TOKENIZER_SPECIAL | TOKENIZER_ENDS); flags++) {
			struct lm_tokens out = { 0 };
			struct buf back = { 0 };

			tokenizer_encode(t, texts[i], flags, k, &out);
			for (size_t n = 0; n < out.n; n++) {
				LAW(out.id[n] >= 0 && (size_t)out.id[n] < tokenizer_size(t));
				LAW(out.at[n] <= out.end[n] && out.end[n] <= texts[i].n);
				LAW(n == 0 || out.at[n] >= out.at[n - 1]);
			}
			tokenizer_decode(t, out.id, out.n, flags & TOKENIZER_SPECIAL, &back);
			lm_tokens_free(&out);
			buf_free(&back);
		}
	tokenizer_scratch_free(k);
	tokenizer_free(t);
}

#endif
