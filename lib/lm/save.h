/* save.h - a trained model as a folder that transformers loads, an adapter as one that PEFT loads
 *
 * Numbers are written as they are, in float. What else a folder holds that the model was read from (tokenizer, chat
 * template, generation settings) is copied; a config.json is copied but for its dtype, or made for models that had none.
 * A reward model becomes one of transformers' *ForSequenceClassification: score.weight, one label, the pad token before which
 * a text ends.
 *
 * Files are whole or absent; config.json, without which nobody takes the folder for a model, comes last.
 */
#ifndef PREF_LM_SAVE_H
#define PREF_LM_SAVE_H

#include "lm/lora.h"

/* source: what lm_open() was given. folder must exist. */
bool lm_save_folder(struct lm_model *m, const char *source, const char *folder, struct lm_error *e);
/* adapter_model.safetensors and adapter_config.json; base: the name that goes into it. */
bool lm_save_adapter(const struct lm_lora *l, const struct lm_model *m, const char *base, const char *folder,
	struct lm_error *e);

#endif
