/* train_lm.h - pref-train dpo and sft */
#ifndef PREF_TRAIN_LM_H
#define PREF_TRAIN_LM_H

/* word: argv[1], "dpo" or "sft". */
int train_lm_main(const char *word, int argc, char **argv);

#endif
