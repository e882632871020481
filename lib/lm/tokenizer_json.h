/* tokenizer_json.h - the tokenizer that a folder of Hugging Face's describes in tokenizer.json
 *
 * Byte-level BPE whose pre-tokenizer is one of lm/pretoken.h's (known by its parts, and expressions by their text), and BPE
 * with byte fallback whose blanks become U+2581 with one put first (Llama 2, Mistral). What is not known is refused.
 */
#ifndef PREF_LM_TOKENIZER_JSON_H
#define PREF_LM_TOKENIZER_JSON_H

#include "lm/tokenizer.h"

/* json: tokenizer.json; config: tokenizer_config.json, or empty: which tokens begin and end a text. Nothing of either is
 * needed after this. NULL: *e says why. */
struct tokenizer *tokenizer_of_json(struct span json, struct span config, struct lm_error *e);
/* The chat template in tokenizer_config.json, decoded, in the arena; p NULL: none. */
struct span tokenizer_json_template(struct span config, struct arena *a);

#endif
