/* tokenizer_gguf.h - the tokenizer that a GGUF file describes in its keys tokenizer.ggml.* */
#ifndef PREF_LM_TOKENIZER_GGUF_H
#define PREF_LM_TOKENIZER_GGUF_H

#include "lm/gguf_meta.h"
#include "lm/tokenizer.h"

/* tokenizer.ggml.model "gpt2" is byte-level BPE, "llama" SentencePiece's; others are refused. Byte-level BPE must say its
 * pre-tokenizer (tokenizer.ggml.pre). GGUF does not keep what white space special tokens strip. Nothing of the file is
 * needed after this. NULL: *e says why. */
struct tokenizer *tokenizer_of_gguf(const struct gguf_meta *m, struct lm_error *e);

#endif
