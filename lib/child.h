/* child.h - a program kept running beside ours: a line to it, a line from it
 *
 * Its standard error is ours. It ends when its standard input does, at the latest when we end. One thread at a time.
 */
#ifndef PREF_CHILD_H
#define PREF_CHILD_H

#include "base.h"

struct child;

/* Run a command line by the shell, in a process group of its own. NULL: errno. */
struct child *child_start(const char *command);
/* Send a line (no line end in it; one is added) and take the next line that comes back, without its end, into
 * *reply. NULL, or static text: it ended, it did not answer within these seconds, its line is longer than max. After
 * that it is of no more use. */
const char *child_ask(struct child *c, struct span line, double seconds, size_t max, struct buf *reply);
/* Close its input, give it some time to end, then kill its group. Accepts NULL. */
void child_stop(struct child *c, double seconds);

#endif
