/* save.h - a trained model as a folder that transformers loads, or as a GGUF file for llama.cpp (adapters: lm/peft.h)
 *
 * Numbers are written as they are, in float, or of a GGUF file perhaps in F16. What else a folder holds that the model was
 * read from (tokenizer, chat template, generation settings) is copied; a config.json is copied but for its dtype, or made for
 * models that had none.
 *
 * A reward model becomes one of transformers' *ForSequenceClassification: score.weight, one label, the pad token before which
 * a text ends. A general preference model's embedding has a label for each number, and config.json "general_preference".
 *
 * Files are whole or absent; config.json, without which nobody takes the folder for a model, comes last.
 */
#ifndef PREF_LM_SAVE_H
#define PREF_LM_SAVE_H

#include "lm/lm.h"

/* folder must exist. */
bool lm_save_folder(struct lm_model *m, const char *folder, struct lm_error *e);
/* tokenizer.json and tokenizer_config.json, for models that did not come as a folder that has them. */
bool lm_save_tokenizer(const struct lm *m, const char *folder, struct lm_error *e);

/* One file. What the GGUF file that the model was read from says is kept, as is its vocabulary if lm has no other; of other
 * models it is made of their sizes and lm's tokenizer and template. lm NULL: without a vocabulary. type: QUANT_F32 or
 * QUANT_F16. */
bool lm_save_gguf(const struct lm_model *m, const struct lm *lm, enum quant type, const char *path, struct lm_error *e);

#endif
