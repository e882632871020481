/* tokenizer_llama2c.h - the tokenizer of llama2.c: SentencePiece's pieces and scores
 *
 *	u32 longest piece; of each token f32 score, u32 length, bytes; little-endian, to the end of the file
 *
 * Tokens 0, 1, 2 are <unk>, <s>, </s> (written with line ends around 1 and 2), 3 to 258 the bytes <0x00> to <0xFF>; blanks
 * stand as blanks.
 */
#ifndef PREF_LM_TOKENIZER_LLAMA2C_H
#define PREF_LM_TOKENIZER_LLAMA2C_H

#include "lm/tokenizer.h"

/* Nothing of the file is needed after this. NULL: *e says why. */
struct tokenizer *tokenizer_of_llama2c(struct span file, struct lm_error *e);

#endif
