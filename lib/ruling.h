/* ruling.h - the verdict in what a language model said
 *
 * What a model thinks before </think> is not looked at. In the rest the last verdict counts that stands in one of
 * these forms; letters of either case:
 *
 *	[[A]]  [[B>>A]]  [[7.5]]  [[Yes]]	double brackets
 *	"verdict": "A"				a member of a JSON object, in a fence or not, in single quotes, in an
 *						object that breaks off after the value
 *	Verdict: A   **Rating:** 7/10		a line of its own
 *	[RESULT] 4
 *	A					and nothing else
 *
 * The names are verdict, winner, preference, preferred, choice, better, answer, result, judgement, judgment, rating and
 * score, on a line also after "final", "overall" or "my". A word that only happens to be in the text decides
 * nothing. Of a text that was cut off only a JSON member counts: brackets may have been thinking aloud.
 */
#ifndef PREF_RULING_H
#define PREF_RULING_H

#include "base.h"

enum ruling_form {
	RULING_PAIR,	/* A, B, tie, C in brackets (a tie), A>B, B>>A, A=B, Response A: 1, 0 or 0.5, that A is better */
	RULING_RATING,	/* a number, also as 7/10 or "7": the number */
	RULING_YES_NO	/* yes, no, true, false: 1 or 0 */
};

/* False: there is no verdict of this form. */
bool ruling_read(struct span text, bool cut, enum ruling_form form, double *value);

/* The same for a single token or word ("A", " B", "yes"), blanks around it removed. */
bool ruling_word(struct span word, enum ruling_form form, double *value);

#endif
