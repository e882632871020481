/* opt.h - one table per program: parse, --help, the OPTIONS of its man page, bash completion
 *
 * An option is a row: letter (0 = none), long name, type, destination, argument word, help. The
 * destination's initial value is its default. `-x VALUE`, `-xVALUE`, `--name VALUE`, `--name=VALUE`,
 * bundled flags (-qn), `--` and operands anywhere are understood. Long names are not abbreviated: a
 * script must not change its meaning when a program gains an option.
 */
#ifndef PREF_OPT_H
#define PREF_OPT_H

#include "base.h"

enum opt_type {
	OPT_T_END, OPT_T_FLAG, OPT_T_STR, OPT_T_INT, OPT_T_NUM, OPT_T_LIST, OPT_T_CHOICE, OPT_T_HEADING
};

/* Arguments of an option that may be given more than once, in order. Borrowed from argv. */
struct opt_list {
	const char **v;
	size_t n;
};

struct opt {
	char letter;
	const char *name;
	enum opt_type type;
	void *to;
	double lo, hi;			/* OPT_T_INT, OPT_T_NUM: inclusive range */
	const char *arg;		/* word shown in help, NULL for flags; choices as "a|b|c" */
	const char *help;		/* one or more sentences, wrapped by us */
};

/* The casts make a wrong destination type a compile error. */
#define OPT_FLAG(l, n, dest, h)		{ (l), (n), OPT_T_FLAG, (1 ? (dest) : (bool *)0), 0, 0, NULL, (h) }
#define OPT_STR(l, n, dest, a, h)	{ (l), (n), OPT_T_STR, (1 ? (dest) : (const char **)0), 0, 0, (a), (h) }
#define OPT_INT(l, n, dest, lo, hi, a, h) { (l), (n), OPT_T_INT, (1 ? (dest) : (long *)0), (lo), (hi), (a), (h) }
#define OPT_NUM(l, n, dest, lo, hi, a, h) { (l), (n), OPT_T_NUM, (1 ? (dest) : (double *)0), (lo), (hi), (a), (h) }
#define OPT_LIST(l, n, dest, a, h)	{ (l), (n), OPT_T_LIST, (1 ? (dest) : (struct opt_list *)0), 0, 0, (a), (h) }
/* dest is an int: the index of the argument among the words of "a|b|c". */
#define OPT_CHOICE(l, n, dest, words, h) { (l), (n), OPT_T_CHOICE, (1 ? (dest) : (int *)0), 0, 0, (words), (h) }
/* A line that groups the rows after it in --help. */
#define OPT_HEADING(text)		{ 0, NULL, OPT_T_HEADING, NULL, 0, 0, NULL, (text) }
#define OPT_END				{ 0, NULL, OPT_T_END, NULL, 0, 0, NULL, NULL }

struct program {
	const char *name;		/* "pref-dedup" */
	const char *about;		/* one line, no full stop: "drop records that repeat others" */
	const char *command;		/* word that comes first (pref-train linear), or NULL; filter_main() takes it off argv */
	const char *operands;		/* "[FILE...]" or NULL for none */
	const struct opt *tables[3];	/* the program's own, then shared ones; NULL-terminated */
};

/* Parse argv by p's tables, and set program_name. Operands are moved to argv[0..), their count is
 * returned. -h/--help, --version, --man and --completion are answered here and exit 0. A wrong
 * command line dies with EXIT_USAGE, naming the option and pointing at --help. */
int opt_parse(const struct program *p, int argc, char **argv);

/* True if the user gave the option whose destination is dest (a default does not count). */
bool opt_given(const void *dest);

#endif
