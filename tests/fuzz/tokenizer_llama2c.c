/* tokenizer_llama2c - any bytes as llama2.c's tokenizer.bin: what is accepted encodes and decodes */
#include "lm/tokenizer_llama2c.h"
#include "use_tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lm_error e = { .text = "" };

	use_tokenizer(tokenizer_of_llama2c((struct span){ (const char *)data, size }, &e), &e);
	return 0;
}
