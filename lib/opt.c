/* opt - one table per program: parse the command line, answer --help and its kin */
#include "opt_page.h"

#include <errno.h>
#include <stdlib.h>

/* Known to every program; answer() acts on them. */
static const struct opt answers[] = {
	OPT_FLAG('h', "help", NULL, "print this help and exit"),
	OPT_FLAG(0, "version", NULL, "print the version and exit"),
	OPT_FLAG(0, "man", NULL, "print the man page without its examples and exit"),
	OPT_FLAG(0, "completion", NULL, "print a bash completion function and exit"),
	OPT_END
};

static const void **given;
static size_t n_given, given_room;

bool opt_given(const void *dest)
{
	for (size_t i = 0; i < n_given; i++)
		if (given[i] == dest)
			return true;
	return false;
}

/* ---- tables ---- */

const struct opt *opt_walk_next(struct opt_walk *w)
{
	while (!w->o || w->o->type == OPT_T_END) {
		const struct opt *table = NULL;

		if (w->table > COUNT(w->p->tables))
			return NULL;
		if (w->table < COUNT(w->p->tables))
			table = w->p->tables[w->table];
		w->table++;
		if (!table) {
			table = answers;
			w->table = COUNT(w->p->tables) + 1;
		}
		w->o = table;
	}
	return w->o++;
}

bool opt_next_word(const char **words, struct span *word)
{
	if (!**words)
		return false;
	*word = (struct span){ *words, strcspn(*words, "|") };
	*words += word->n;
	*words += **words == '|';
	return true;
}

void opt_put_words(struct buf *b, const char *words, const char *sep)
{
	struct span word;

	for (bool first = true; opt_next_word(&words, &word); first = false) {
		if (!first)
			buf_adds(b, sep);
		buf_add(b, word);
	}
}

/* ---- one command line ---- */

struct line {
	const struct program *p;
	int argc, at;			/* at: argument being read */
	char **argv;
};

static NORETURN PRINTF(2, 3) void wrong(const struct line *l, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	die(EXIT_USAGE, "%s (see %s --help)", text, l->p->name);
}

/* If arg asks for one of the answers: print it and exit. */
static void answer(const struct program *p, const char *arg)
{
	struct buf b = { 0 };

	if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0)
		opt_put_help(&b, p);
	else if (strcmp(arg, "--version") == 0)
		buf_addf(&b, "%s (preftools) %s\n", p->name, PREF_VERSION);
	else if (strcmp(arg, "--man") == 0)
		opt_put_man(&b, p);
	else if (strcmp(arg, "--completion") == 0)
		opt_put_completion(&b, p);
	else
		return;
	if (fwrite(b.p, 1, b.n, stdout) != b.n || fflush(stdout) != 0 || ferror(stdout))
		die(EXIT_SYSTEM, "standard output:");
	buf_free(&b);
	exit(EXIT_OK);
}

/* Levenshtein distance, row by row; anything large if a name is longer than the row. */
static size_t distance(struct span a, struct span b)
{
	size_t row[64];

	if (b.n >= COUNT(row))
		return COUNT(row);
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 0; i < a.n; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.n; j++) {
			size_t d = diagonal + (a.p[i] != b.p[j]);
			diagonal = row[j + 1];
			if (d > row[j] + 1)
				d = row[j] + 1;
			if (d > row[j + 1] + 1)
				d = row[j + 1] + 1;
			row[j + 1] = d;
		}
	}
	return row[b.n];
}

static NORETURN void unknown_name(const struct line *l, struct span name)
{
	struct opt_walk w = { .p = l->p };
	const struct opt *o, *best = NULL;
	size_t least = 3;

	while ((o = opt_walk_next(&w)) != NULL) {
		if (o->type == OPT_T_HEADING || !o->name)
			continue;
		size_t d = distance(span_of(o->name), name);
		/* A short name is near to everything: at least half of it must be right. */
		if (d < least && 2 * d <= name.n) {
			least = d;
			best = o;
		}
	}
	if (best)
		wrong(l, "unknown option --%.*s, did you mean --%s?", ARG(name), best->name);
	wrong(l, "unknown option --%.*s", ARG(name));
}

static NORETURN void out_of_range(const struct line *l, const struct opt *o, const char *shown,
	const char *arg)
{
	if (o->hi >= 1e15)	/* no end that a user would meet */
		wrong(l, "option %s: %s is out of range (at least %.10g)", shown, arg, o->lo);
	wrong(l, "option %s: %s is out of range (%.10g to %.10g)", shown, arg, o->lo, o->hi);
}

static void add_given(const struct opt *o, const char *arg)
{
	if (o->type == OPT_T_LIST) {
		struct opt_list *list = o->to;
		/* What is given replaces a default, whose array is not ours to grow. */
		if (!opt_given(list))
			*list = (struct opt_list){ 0 };
		list->v = xreallocarray(list->v, list->n + 1, sizeof *list->v);
		list->v[list->n++] = arg;
	}
	if (opt_given(o->to))
		return;
	GROW(given, n_given, given_room);
	given[n_given++] = o->to;
}

/* Store arg (NULL for flags) in o's destination. shown: the option as the user wrote it. */
static void store(const struct line *l, const struct opt *o, const char *shown, const char *arg)
{
	char *end;

	switch (o->type) {
	case OPT_T_FLAG:
		*(bool *)o->to = true;
		break;
	case OPT_T_STR:
		*(const char **)o->to = arg;
		break;
	case OPT_T_INT: {
		errno = 0;
		long x = strtol(arg, &end, 10);
		if (end == arg || *end)
			wrong(l, "option %s: '%s' is not a whole number", shown, arg);
		if (errno || (double)x < o->lo || (double)x > o->hi)
			out_of_range(l, o, shown, arg);
		*(long *)o->to = x;
		break;
	}
	case OPT_T_NUM: {
		double x = strtod(arg, &end);
		if (end == arg || *end || x != x)
			wrong(l, "option %s: '%s' is not a number", shown, arg);
		if (!(x >= o->lo && x <= o->hi))
			out_of_range(l, o, shown, arg);
		*(double *)o->to = x;
		break;
	}
	case OPT_T_CHOICE: {
		const char *words = o->arg;
		struct span word;
		for (int i = 0;; i++) {
			if (!opt_next_word(&words, &word)) {
				struct buf all = { 0 };
				opt_put_words(&all, o->arg, ", ");
				wrong(l, "option %s: '%s' is not one of %s", shown, arg, buf_cstr(&all));
			}
			if (span_eq(word, span_of(arg))) {
				*(int *)o->to = i;
				break;
			}
		}
		break;
	}
	case OPT_T_LIST:
		break;
	case OPT_T_END:
	case OPT_T_HEADING:
		bug("option table: row without a destination");
	}
	add_given(o, arg);
}

static const struct opt *find(const struct program *p, char letter, struct span name)
{
	struct opt_walk w = { .p = p };
	const struct opt *o;

	while ((o = opt_walk_next(&w)) != NULL) {
		if (o->type == OPT_T_HEADING)
			continue;
		if (letter ? o->letter == letter : o->name && span_eq(span_of(o->name), name))
			return o;
	}
	return NULL;
}

static const char *next_arg(struct line *l, const struct opt *o, const char *shown)
{
	if (l->at + 1 >= l->argc)
		wrong(l, "option %s needs an argument: %s", shown, o->arg);
	return l->argv[++l->at];
}

static void parse_long(struct line *l, char *arg)
{
	char *eq = strchr(arg, '=');
	struct span name = { arg + 2, eq ? (size_t)(eq - arg) - 2 : strlen(arg) - 2 };
	const struct opt *o = find(l->p, 0, name);
	char shown[80];

	if (!o)
		unknown_name(l, name);
	snprintf(shown, sizeof shown, "--%s", o->name);
	if (o->type == OPT_T_FLAG && eq)
		wrong(l, "option %s takes no argument", shown);
	if (o->type == OPT_T_FLAG)
		store(l, o, shown, NULL);
	else
		store(l, o, shown, eq ? eq + 1 : next_arg(l, o, shown));
}

static void parse_letters(struct line *l, const char *s)
{
	for (; *s; s++) {
		char shown[3] = { '-', *s, 0 };
		const struct opt *o = find(l->p, *s, S(""));

		if (!o)
			wrong(l, "unknown option %s", shown);
		if (o >= answers && o < answers + COUNT(answers))
			answer(l->p, shown);
		if (o->type != OPT_T_FLAG) {
			store(l, o, shown, s[1] ? s + 1 : next_arg(l, o, shown));
			return;
		}
		store(l, o, shown, NULL);
	}
}

int opt_parse(const struct program *p, int argc, char **argv)
{
	struct line l = { .p = p, .argc = argc, .argv = argv };
	int operands = 0;

	program_name = p->name;
	/* Before anything changes a default. So an option's own argument cannot be "--help"; no file or
	 * field is called that, and help is never out of reach. */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		answer(p, argv[i]);
	for (l.at = 1; l.at < argc; l.at++) {
		char *arg = argv[l.at];

		if (strcmp(arg, "--") == 0) {
			while (++l.at < argc)
				argv[operands++] = argv[l.at];
		} else if (arg[0] == '-' && arg[1] == '-') {
			parse_long(&l, arg);
		} else if (arg[0] == '-' && arg[1]) {
			parse_letters(&l, arg + 1);
		} else {
			argv[operands++] = arg;
		}
	}
	if (operands && !p->operands)
		wrong(&l, "'%s' is one argument too many", argv[0]);
	return operands;
}
