/* critique.h - what a data set says of responses 1 and 2, told of the better and the other one
 *
 * "Output (a) is exact, but the second response rambles. Therefore, Output (a) is better.", the better one being first, becomes
 * "The better response is exact, but the other response rambles.": a sentence that only repeats the verdict is left out.
 */
#ifndef PREF_CRITIQUE_H
#define PREF_CRITIQUE_H

#include "base.h"

/* Once, before the others; from one thread. */
void critique_start(void);
void critique_stop(void);

/* better: the place of the better response, 1 or 2. In the arena. */
struct span critique_retold(struct span text, int better, struct arena *a);

/* Is the last verdict in the text, as the data set has it, that the other response is better? */
bool critique_contradicts(struct span text, int better, struct arena *a);

#endif
