/* target_view.h - inside lib/target*.c only: a pair as texts and messages that have been found good */
#ifndef PREF_TARGET_VIEW_H
#define PREF_TARGET_VIEW_H

#include "dialogue.h"

struct view {
	bool strings;			/* all three are strings: text[]; else messages: said[] */
	struct span text[3];		/* prompt, chosen, rejected */
	struct dialogue said[3];
	bool has_margin;
	double margin;
};
enum { PROMPT, CHOSEN, REJECTED };

enum {				/* what a target takes */
	TAKES_STRINGS = 1,	/* strings stay strings */
	TAKES_TURNS = 2,	/* responses of several messages */
	TAKES_MARGIN = 4,
	WANTS_TRIMMED = 8,	/* no blanks at the ends of a message */
	ONE_A_RESPONSE = 16	/* two rows a pair */
};

/* A pair from the values of its members; texts in arena a. The reason for a drop (target.h), or NULL. */
const char *view_read(struct view *v, const struct value member[3], int takes, struct arena *a);

/* A target: a row of the table. */
struct target {
	const char *name;
	const char *about;
	int takes;
	/* The row of v without its closing brace, appended. ONE_A_RESPONSE: that of this response. */
	void (*put)(struct buf *b, const struct view *v, int response);
};
extern const struct target targets[];	/* order of TARGET_WORDS; the last has no name */

#endif
