/* text.h - what programs see in a text: code points, folded forms, words, turns
 *
 * Texts are UTF-8 that scan() has accepted. Nothing here fails; odd bytes count as U+FFFD.
 */
#ifndef PREF_TEXT_H
#define PREF_TEXT_H

#include "base.h"

/* The code point at *p (p < end) and step over it. */
uint32_t text_next(const char **p, const char *end);
size_t text_put(char out[4], uint32_t cp);		/* bytes written */
size_t text_points(struct span s);			/* number of code points */
bool text_valid(struct span s, size_t *at);		/* UTF-8 by Unicode 15 table 3-7; false: *at = first bad byte */

/* What a character is: its general category (L, N, P), or that it is White_Space. */
enum text_kind { TEXT_OTHER, TEXT_LETTER, TEXT_NUMBER, TEXT_PUNCTUATION, TEXT_WHITE };
enum text_kind text_kind(uint32_t cp);
void text_compose(struct span s, struct buf *out);	/* appends s in NFC */
bool text_composed(struct span s);			/* true: it surely is in NFC; quick */

/* NFC, case folded (Unicode default case folding, by utf8proc), every run of white space one blank, none
 * at the ends. Appended to out. Two texts are the same when normalised if these bytes are equal. */
void text_normalise(struct span s, struct buf *out);

/* A word begins with a letter or a digit (categories L, N) and is the longest run of letters, digits and
 * marks from there; ' and U+2019 between two letters stay inside. Each ideograph, kana, bopomofo, Thai,
 * Lao, Khmer, Myanmar, Tai or Yi letter - scripts written without blanks - is a word of its own, with its
 * marks. The underscore separates, and so does everything else.
 *
 * What is hashed is the word in simple case folding (one code point for one), in NFC: a composed and a
 * decomposed e-acute give the same hash, and so do ' and U+2019; e and e-acute do not. Soft hyphen, word
 * joiner, zero-width (non-)joiner and variation selectors inside a word belong to its bytes but not to its
 * hash. Different words of at most eight folded bytes never have the same hash. */
struct word {
	uint64_t hash;			/* of the folded bytes */
	uint32_t at, n;			/* byte range in the text */
};
struct words {
	struct word *v;
	size_t n, room;
};
void text_words(struct span s, struct words *w);	/* appends; set w->n = 0 to begin anew */
void words_free(struct words *w);

/* Would a border between before and after cut through a word, a number or a character as readers see it? So it
 * would in don't, 4.2, 10:30, node.js, km/h, self-made, C++, 4%, -5 and between two ideographs. */
bool text_is_cut(struct span before, struct span after);

/* A transcript in one string, as in Anthropic HH-RLHF: turns that begin with "\n\nHuman:" or
 * "\n\nAssistant:" (at the very start of the text there may be any blanks before it, or none). Text before
 * the first marker makes s no transcript. */
enum turn_role { TURN_HUMAN, TURN_ASSISTANT };
struct turn {
	enum turn_role role;
	struct span whole;		/* marker and text, as written; the turns tile the transcript */
	struct span text;		/* after the marker, blanks at both ends removed */
};
/* Cut s into turns: their number (may be more than max; only max are stored), 0 if s is no transcript. */
size_t text_turns(struct span s, struct turn *t, size_t max);

#endif
