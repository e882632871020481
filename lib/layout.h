/* layout.h - the public preference layouts, read into ours
 *
 * A layout is known by the members of a record; the first record of a file decides for that file (or the
 * user does, by name). Each layout states what decides between two responses and what a tie becomes.
 * Values are moved as they are written: numbers, escapes and unknown members keep their bytes.
 *
 * One conversion at a time; the state is the module's own. A hook of a filter calls the function of its
 * name: start -> layout_start(), look -> layout_look(), settle -> layout_settle(), emit -> layout_emit(),
 * stop -> layout_stop().
 */
#ifndef PREF_LAYOUT_H
#define PREF_LAYOUT_H

#include "rec.h"

/* Options as the words of an OPT_CHOICE; the enums are in the same order. */
#define LAYOUT_TIES_WORDS	"stated|keep|drop"
#define LAYOUT_DIVERGED_WORDS	"first|last|drop"
#define LAYOUT_PAIRS_WORDS	"best-worst|all|adjacent"

enum layout_ties { TIES_STATED, TIES_KEEP, TIES_DROP };
enum layout_diverged { DIVERGED_FIRST, DIVERGED_LAST, DIVERGED_DROP };
enum layout_pairs { PAIRS_BEST_WORST, PAIRS_ALL, PAIRS_ADJACENT };	/* as enum pairing_which */

struct layout_options {
	const char *from;		/* name of a layout, NULL: by the members */
	const char *label;		/* which preference, where a record states several; NULL: the default */
	int ties, diverged, pairs;	/* enums above */
	bool candidates;		/* lists stay lists: {"prompt","responses"} */
	/* Takes one line made of r, {prompt, chosen, rejected, ...}, borrowed until r is settled; json.p NULL:
	 * r itself, which is in our layout already. Called from settle or emit. */
	void (*put)(struct rec *r, struct span json);
};

/* A table for people, appended: name, members, what decides, ties. */
void layout_list(struct buf *b);

/* Once, after options. Dies with EXIT_USAGE on an unknown name. True: the rows of some regular input (or
 * of the layout named) must be joined by prompt, so the filter needs its second pass, emit. */
bool layout_start(const struct layout_options *o, const char *const *inputs, size_t n_inputs);
void layout_look(struct rec *r);
void layout_settle(struct rec *r);
void layout_emit(struct rec *r);
void layout_stop(void);			/* notes for the closing lines; frees */

/* ---- beside any conversion: what records ask, for programs that need nothing else of them ---- */

struct layout;
/* The layout that r is in; NULL: none, or several fit alike. */
const struct layout *layout_detect(struct rec *r);
/* The prompt of r when it is read through l: a string or messages; of a tree, its root. Kind JSON_NONE: none, or r
 * is not in l. */
struct value layout_prompt(struct rec *r, const struct layout *l);

#endif
