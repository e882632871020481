/* tokenizer_gguf - any bytes as a GGUF file's tokenizer: what is accepted encodes and decodes */
#include "lm/tokenizer_gguf.h"
#include "use_tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gguf_meta m;
	struct lm_error e = { .text = "" };

	if (!gguf_meta_read((struct span){ (const char *)data, size }, &m, &e))
		return 0;
	use_tokenizer(tokenizer_of_gguf(&m, &e), &e);
	gguf_meta_free(&m);
	return 0;
}
