/* sentence.h - a text cut into sentences that tile it
 *
 * A sentence ends with . ! ? or the ellipsis, and the quotes and brackets that close behind them, before a blank; with the full
 * stops of Chinese and Japanese, before anything; and with every line end. Blanks behind a sentence belong to it. No end is the
 * full stop of an abbreviation that is known (Mr., e.g., No. 5), of a single capital (J. Smith), of a number that begins a line
 * (1. Take), and one before a small letter. A text all of blanks is one sentence.
 */
#ifndef PREF_SENTENCE_H
#define PREF_SENTENCE_H

#include "base.h"

/* The first sentence of text, n > 0 if text has bytes: take it off and ask again for the next. `fresh`: text begins a line. */
struct span sentence_first(struct span text, bool fresh);

struct sentences {
	struct span *v;			/* of the text, in order; their concatenation is the text */
	size_t n;
};
/* All of them, in the arena. */
struct sentences sentences_of(struct span text, struct arena *a);

#endif
