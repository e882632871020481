/* save.h - a trained model as a folder that transformers loads (adapters: lm/peft.h)
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

#include "lm/model.h"

/* folder must exist. */
bool lm_save_folder(struct lm_model *m, const char *folder, struct lm_error *e);

#endif
