/* mask.h - which sentences of a pair's responses a loss should look at
 *
 * The member `mask` is {"chosen": [[from, to], ...], "rejected": ...}: byte ranges of the texts (UTF-8, decoded), in order, apart.
 * Of chosen those sentences are kept that are true, of rejected those that are false, so that neither a false sentence of a good
 * answer is rewarded nor a true one of a bad answer punished (Gu et al. 2025, "Mask-DPO: Generalizable Fine-grained Factuality
 * Alignment of LLMs"). A side that is absent is kept whole.
 */
#ifndef PREF_MASK_H
#define PREF_MASK_H

#include "scan.h"
#include "sentence.h"

/* Append the array of one side: the sentences k with wrong[k] == keep, neighbours joined. The number of them. */
size_t mask_put(struct buf *b, const struct sentences *s, const bool *wrong, bool keep);

/* Set wrong[k] of the sentences of text (s) that marks touch: an array of {"start", "end"} in characters (end is beyond the last), or an
 * object that has it as `errors`. Only marks whose "error type", "type" or "label" is among types[n_types]; 0: all. NULL, or
 * what is wrong with the marks (static text). */
const char *mask_of_marks(struct span text, const struct sentences *s, struct value marks, const char *const *types, size_t n_types,
	struct arena *a, bool *wrong);

/* kept[n]: is byte i of a text of n bytes kept? False: side is no array of ranges in order within n. */
bool mask_read(struct value side, size_t n, bool *kept);

#endif
