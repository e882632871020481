/* train_lm.h - pref-train dpo, sft and reward */
#ifndef PREF_TRAIN_LM_H
#define PREF_TRAIN_LM_H

#include <stdbool.h>

/* Is this argv[1] one of them? */
bool train_lm_word(const char *word);
/* word: argv[1]. */
int train_lm_main(const char *word, int argc, char **argv);

#endif
