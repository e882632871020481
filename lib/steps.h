/* steps - a tree of reasoning steps as lists of candidates: siblings after what came before them, or whole branches
 *
 *	{"prompt": P, "nodes": [{"id": 1, "text": T, "value": 0.8, "visits": 9}, {"id": 2, "parent": 1, ...}, ...], ...}
 *
 * A node is a step: an id (a string or an integer), the parent's id (absent, null or -1: it follows the prompt),
 * what it says ("text", or "messages" if the prompt is messages), and what is known of it: value (the share of
 * rollouts from there that came out right, Q of a tree search), visits, correct (true or false), or what else candidates
 * may have. "observation" is what the world answers, a tool's result say: it comes before the node's children. Nodes may
 * stand in any order.
 *
 * Siblings become one list whose prompt is the record's prompt and the steps up to their parent, each with the
 * separator after it: a string goes on, messages end with the assistant's message so far. With `branches` the
 * tree is one list of the branches from the prompt to each leaf, joined by the separator; a response is valued
 * as its leaf is and has "steps": [[from, to], ...], in code points.
 */
#ifndef PREF_STEPS_H
#define PREF_STEPS_H

#include "candidates.h"

struct steps_rules {
	bool branches;
	bool best_path;			/* siblings: only at the nodes that one comes to by the best child each time */
	bool merge;			/* siblings: a step that has one child goes on with it, and so forth */
	bool normalise;			/* as for candidates_read() */
	const char *separator;
	enum candidates_by by;		/* what is best, for best_path */
	const char *judge;
};

/* Is r such a tree? */
bool steps_are(struct rec *r);
/* Its lists, in the order of the nodes that they follow, read but without values. Shared with the pairs of a list:
 * "parent", the parent's id, and "depth", how many steps it is from the prompt. False, after rec_bad(): it is no tree. */
bool steps_read(struct rec *r, const struct steps_rules *s, struct candidates **lists, size_t *n);

#endif
