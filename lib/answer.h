/* answer.h - the final answer of a solution, and whether two are the same
 *
 * The final answer is, the last of each: what follows "####" on its line (GSM8K), what is in \boxed{...} (MATH), what
 * follows "answer is" or "A:" (with or without Markdown's stars), else the last number of the text.
 */
#ifndef PREF_ANSWER_H
#define PREF_ANSWER_H

#include "base.h"

/* Borrowed from the text; p NULL: there is none. */
struct span answer_final(struct span text);
/* Are both the same number (1,000 and $1000.00 and 1000; 1/2 and \frac{1}{2} and 0.5), or else the same text up to
 * case, blanks, $ and a full stop? */
bool answer_same(struct span a, struct span b);

#endif
