/* tokenizer_json.h - the tokenizer that a folder of Hugging Face's describes in tokenizer.json: read, and written
 *
 * Byte-level BPE whose pre-tokenizer is one of lm/pretoken.h's (known by its parts, and expressions by their text), and BPE
 * with byte fallback whose blanks become U+2581 with one put first (Llama 2, Mistral). What is not known is refused.
 */
#ifndef PREF_LM_TOKENIZER_JSON_H
#define PREF_LM_TOKENIZER_JSON_H

#include "lm/tokenizer.h"

/* The expression of Split as such files have it; %s: how many digits belong together, "{1,3}" or "" (qwen2). */
#define TOKENIZER_LLAMA3 "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" \
	"\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/* json: tokenizer.json; config: tokenizer_config.json, or empty: which tokens begin and end a text. Nothing of either is
 * needed after this. NULL: *e says why. */
struct tokenizer *tokenizer_of_json(struct span json, struct span config, struct lm_error *e);
/* The chat template in tokenizer_config.json, decoded, in the arena; p NULL: none. */
struct span tokenizer_json_template(struct span config, struct arena *a);

/* Append a tokenizer.json that gives the same ids, for tokenizers from anywhere (a GGUF file, llama2.c). Where scores decided
 * which pair merges first and several pairs make one token, transformers takes these in the order of their ids, as its own
 * converter does. False: a pre-tokenizer that Hugging Face's files do not have (deepseek-coder). */
bool tokenizer_put_json(const struct tokenizer *t, struct buf *out, struct lm_error *e);
/* Append a tokenizer_config.json; jinja: the chat template, p NULL: none; context: the model's, in tokens. */
void tokenizer_put_config(const struct tokenizer *t, struct span jinja, uint32_t context, struct buf *out);

#endif
