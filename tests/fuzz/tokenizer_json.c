/* tokenizer_json: tokenizer.json and tokenizer_config.json of strangers, with a line of 64 dashes between them */
#include "lm/tokenizer_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct span border = S("\n----------------------------------------------------------------\n");
	const struct span all = { (const char *)data, n };
	const size_t at = span_find(all, border);
	const struct span json = span_cut(all, 0, at == (size_t)-1 ? n : at);
	const struct span config = at == (size_t)-1 ? S("") : span_cut(all, at + border.n, n);
	struct arena a = { 0 };
	struct lm_error e = { .text = "" };
	struct tokenizer *t = tokenizer_of_json(json, config, &e);

	if (t) {
		struct tokenizer_scratch *k = tokenizer_scratch_new();
		struct lm_tokens out = { 0 };
		struct buf back = { 0 }, json_again = { 0 };

		tokenizer_encode(t, S("Hello <s>world</s>  12 \xc3\xa4\xff\n"), TOKENIZER_SPECIAL | TOKENIZER_ENDS, k, &out);
		tokenizer_decode(t, out.id, out.n, 0, &back);
		for (size_t i = 0; i < out.n; i++)
			if (out.id[i] < 0 || (size_t)out.id[i] >= tokenizer_size(t))
				bug("token %d", out.id[i]);
		if (!tokenizer_put_json(t, &json_again, &e))
			bug("not written: %s", e.text);
		lm_tokens_free(&out);
		buf_free(&back);
		buf_free(&json_again);
		tokenizer_scratch_free(k);
		tokenizer_free(t);
	} else if (!*e.text) {
		bug("no reason");
	}
	tokenizer_json_template(config, &a);
	arena_free(&a);
	return 0;
}
