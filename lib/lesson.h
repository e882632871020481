/* lesson.h - records as what a language model learns from: groups of a prompt and its responses, as tokens
 *
 *	prompt, chosen, rejected	texts or messages, by the model's chat template (said.h, lm/lm.h); of one response
 *					alone: chosen, or completion
 *	responses			candidates {"text" or "messages", "score"}, best first
 *	NAME_ids, "ids" in responses	token ids, as they are
 *	margin, preference, flip	numbers, see lm/loss.h
 *	chosen_weights, rejected_weights	a number a token
 *	mask				what counts of each text, in bytes (mask.h): where there are no weights
 *	rationale_prompt, rationale	a text, or an array of texts: the mean of their log-probs is learned
 *
 * Dropped: no-prompt, prompt-too-long, empty (a response), form (several messages), template (cannot say it).
 *
 * A reward model (LOSS_SCORES) has its say at the end of the whole conversation: responses are not cut, but records
 * dropped (too-long), and tokens that fill up, at the end, do not count (lm_unfilled()).
 */
#ifndef PREF_LESSON_H
#define PREF_LESSON_H

#include "lm/course.h"
#include "lm/lm.h"
#include "rec.h"

struct lesson_options {
	struct lm *lm;			/* NULL: token ids only, and no_tokenizer says why */
	const struct lm_model *model;
	const char *no_tokenizer;
	size_t limit;			/* tokens of prompt and response: responses are cut at the end */
	int flags;			/* LOSS_*, of what is to be learned */
	bool one;			/* chosen responses alone */
	bool no_margin;			/* leave the member margin alone */
	bool rationale;
};

struct lesson;
struct lesson *lesson_new(const struct lesson_options *o);	/* o's pointers are borrowed */
void lesson_free(struct lesson *l);	/* accepts NULL */

/* Any thread: what r holds, to r->data; or rec_bad(), rec_drop(). */
void lesson_look(struct lesson *l, struct rec *r);
/* One thread, in order: keep it. */
void lesson_keep(struct lesson *l, const struct rec *r, bool held_out);
/* What was kept; owned by l. To be called once, after the last record. */
struct course_data lesson_groups(struct lesson *l, bool held_out);
uint64_t lesson_cut(const struct lesson *l);	/* responses that were cut */
/* Append hashes of all that was kept. */
void lesson_key(const struct lesson *l, struct buf *b);

#endif
