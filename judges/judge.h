/* judge.h - what turns a pair into scores
 *
 * A judge is one file in judges/ that defines a `const struct judge judge_NAME`; panel_open() knows them by the
 * name before the colon of -J NAME[:ARG]. Scores are raw, higher is better. A score that could not be had is
 * absent, with a verdict that says why: never 0, -1 or NaN.
 */
#ifndef PREF_JUDGE_H
#define PREF_JUDGE_H

#include "pair.h"

enum verdict { VERDICT_NONE, VERDICT_A, VERDICT_B, VERDICT_TIE, VERDICT_INVALID, VERDICT_REFUSED, VERDICT_ERROR };

struct judgement {
	double score[2];		/* chosen, rejected; valid if has_scores */
	bool has_scores;
	enum verdict verdict;		/* VERDICT_NONE: follows from the scores */
	const char *why;		/* for INVALID, REFUSED, ERROR: static text, or in the record's arena */
};

struct excerpt {			/* a sentence where it stands */
	struct span prompt, response, sentence;		/* sentence.p points into response */
};

struct judge {
	const char *name;		/* "linear" */
	const char *arg;		/* argument word for help, NULL = takes none: "FILE" */
	const char *about;		/* one line */
	bool slow;			/* a record takes longer than a millisecond */
	/* Once, before records. arg is NULL if not given. Dies (EXIT_USAGE, EXIT_SYSTEM) if it cannot work. */
	void *(*open)(const char *arg);
	/* judge() or, if p->rejected.p is NULL, score() of p->chosen will be asked about this record: begin what takes
	 * its time elsewhere. Rounds as in run.h; p may lack what a pair has. NULL: nothing takes time. */
	bool (*ahead)(const void *self, struct rec *r, const struct pair *p, int round);
	/* Any thread. self is shared and not written. Scratch: r->arena. */
	void (*judge)(const void *self, struct rec *r, const struct pair *p, struct judgement *j);
	/* Score of one response, for candidates: j->score[0] and has_scores, else verdict and why. NULL if the judge
	 * only compares. */
	void (*score)(const void *self, struct rec *r, struct span prompt, struct span response, struct judgement *j);
	/* The same of all candidates at once, instead, for a judge that shares work between them: score[k] of the k-th
	 * element of `responses`, NaN: could not be had; *why says why (static, or in the arena). */
	void (*scores)(const void *self, struct rec *r, struct value responses, double *score, const char **why);
	/* score() of a sentence, for a judge that looks at what stands around it; NULL: it does not, and score() of the
	 * sentence alone is asked. With j NULL it is ahead() of that; its value counts only then. */
	bool (*sentence)(const void *self, struct rec *r, const struct excerpt *x, int round, struct judgement *j);
	void (*close)(void *self);
};

/* An open judge. */
struct panel_seat {
	const struct judge *judge;
	void *self;
	/* Name in `scores`: NAME, or NAME:ARG's base name without suffix if NAME is taken. Owned. */
	char *label;
};
struct panel {
	struct panel_seat *v;
	size_t n;
};
/* Open every -J of the list, in order. Dies on an unknown name, listing what there is, and when two would
 * have the same label, and when requests are to be planned (ask.h) but no judge makes any. The spec "help" prints
 * the judges to standard output and ends the process. */
void panel_open(struct panel *p, const char *const *specs, size_t n);
void panel_close(struct panel *p);
/* Is any of them slow? Then records should come a few at a time. */
bool panel_slow(const struct panel *p);
/* A line a judge, appended. */
void panel_list(struct buf *b);

#endif
