/* criteria.h - customised prompts for density ratios: what both models are told before they judge a response
 *
 * A text in which {prompt} stands for what the user said; without it the text goes before that.
 */
#ifndef PREF_CRITERIA_H
#define PREF_CRITERIA_H

#include "base.h"

/* By name, NULL: not known. */
const char *criteria_named(const char *name);
const char *criteria_names(void);
/* Append the text with what the user said put in. */
void criteria_apply(struct span text, struct span said, struct buf *to);

#endif
