/* tokenizer_json: tokenizer.json and tokenizer_config.json of strangers, with a line of 64 dashes between them */
#include "lm/tokenizer_json.h"
#include "use_tokenizer.h"

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
		struct buf again = { 0 };

		if (!tokenizer_put_json(t, &again, &e))
			bug("not written: %s", e.text);
		buf_free(&again);
	}
	use_tokenizer(t, &e);
	tokenizer_json_template(config, &a);
	arena_free(&a);
	return 0;
}
