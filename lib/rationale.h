/* rationale.h - a rationale: why the chosen response of a pair is better, in words that hold in either order
 *
 * For training on rationales (Just et al. 2024, "Data-Centric Human Preference with Rationales for Direct Preference Alignment"):
 * the text is learned as an answer to rationale_question(), which shows both responses and says which is better, so that
 * what is learned is p(rationale | prompt, chosen is better). So it must not say which was shown first.
 */
#ifndef PREF_RATIONALE_H
#define PREF_RATIONALE_H

#include "pair.h"

/* Why a text is no rationale. */
enum rationale_fault {
	RATIONALE_GOOD, RATIONALE_EMPTY, RATIONALE_SHORT, RATIONALE_LONG, RATIONALE_ORDER, RATIONALE_MARK, RATIONALE_COPIES,
	RATIONALE_NO_VERDICT, RATIONALE_DISAGREES, RATIONALE_CUT, RATIONALE_FAILED, RATIONALE_DUPLICATE, RATIONALE_FAULTS
};
/* One word each ("order"), for counts; and a sentence. NULL for RATIONALE_GOOD. */
extern const char *const rationale_words[RATIONALE_FAULTS], *const rationale_reasons[RATIONALE_FAULTS];

struct rationale_bounds {
	size_t least, most;		/* words (text.h) */
	size_t copied;			/* so many words in a row that a response has are a copy; 0: may be any */
};

/* Once, before the others; from one thread. */
void rationale_start(void);
void rationale_stop(void);

/* What a model said, taken apart: the rationale in *text (in said, or in a) and the verdict that stands at its end, or in
 * double brackets at its head (ruling.h),
 * 1 for A, 0 for B, 0.5; NaN: none. Thinking aloud before </think> is no part of it. cut: said breaks off. Also
 * {"rationale": TEXT, "verdict": "A"}, in a fence or not. */
void rationale_read(struct span said, bool cut, struct arena *a, struct span *text, double *verdict);

/* Is this a rationale for p? mark: of the request, which must not be in it; p NULL: none. */
enum rationale_fault rationale_check(struct span text, const struct pair *p, const struct rationale_bounds *b, struct span mark);

/* Which pair had which rationale: of a million places each keeps the last text that fell into it, so that memory is bounded (16
 * MiB, as far as it is filled) and the answer does not depend on anything but what was asked before. */
struct rationale_had;
struct rationale_had *rationale_had_new(void);
void rationale_had_free(struct rationale_had *h);		/* accepts NULL */
/* Had another pair this text (case, blanks and composition aside)? If not it is p's now. */
bool rationale_was_had(struct rationale_had *h, struct span text, const struct pair *p);

/* What the rationale answers, in a. Which response is shown first follows pair_turned(). */
struct span rationale_question(const struct pair *p, struct arena *a);

#endif
