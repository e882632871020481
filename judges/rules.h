/* rules.h - a file of rules in memory: between its reader and its judge */
#ifndef PREF_RULES_H
#define PREF_RULES_H

#include "match.h"
#include "measure.h"

struct rule {
	double weight;
	char *name;
	enum { PRESENT, OCCURRENCES, AMOUNT, WITHIN } kind;
	struct match *pattern;			/* PRESENT, OCCURRENCES */
	const struct measure *measure;		/* AMOUNT, WITHIN */
	double lo, hi;				/* AMOUNT, OCCURRENCES: hi alone, the cap */
	struct match *prompt;			/* the condition; NULL: none */
	bool unless;
};

struct rules {
	struct rule *v;
	size_t n, room;
};

/* Append the rules of text, the contents of the file path. Dies (EXIT_USAGE) with file:line:col: reason. */
void rules_read(struct rules *f, const char *path, struct span text);
/* The rules of a file. Dies (EXIT_USAGE, EXIT_SYSTEM). */
struct rules *rules_load(const char *path);
void rules_free(struct rules *f);		/* accepts NULL */
/* What a rule gives n responses to one prompt (m, by their prompt and response): weight times points. False: it cannot be
 * applied, and *why (in a) names it. */
bool rule_points(const struct rule *r, struct arena *a, struct measured *m, size_t n, double *points, const char **why);

#endif
