/* split - part records into train, test and the like without leakage
 *
 * Each record belongs to a group, and the hash of its group decides its split. So a group is never on
 * two sides, the input is read once in constant memory, the result does not depend on order, and a record
 * keeps its split when data is added. The group (--by) is one of
 *
 *   first-turn   what the user said first (the default): conversations that go on differently from the
 *                same start stay together. In the 2,312 rows of Anthropic HH-RLHF harmless-base test, a
 *                random split of rows leaves 9 to 10 % of the test rows with their first turn in train
 *   prompt       the whole prompt
 *   cluster      the member `cluster`, as pref-dedup --near --mark writes it: near-duplicates stay
 *                together
 *   id           the member `id`, or a hash of prompt and responses: plain random rows
 *   field:PATH   any member, say field:source or field:meta.user
 *
 * Texts are compared in Unicode NFC, without regard to case and to the kind and number of blanks; ids and
 * clusters as they are. A record without its group (no prompt, no cluster) is a bad record: any side
 * could be wrong for it.
 *
 * Of a thousand groups about as many go to each split as --ratio says, but large groups make the number
 * of records vary. Raising the share of the first split moves records only into it.
 *
 * --by margin sorts by strength of preference instead, for training on easy pairs first (Gou and Nguyen
 * 2024, "Mixed Preference Optimization"; the class wrong is ours): with --threshold T, a pair is `easy` if its
 * member `margin` is above T, `hard` from 0 to T and `wrong` below 0. --share Q reads all input first and
 * takes for hard the share Q of the smallest margins among those from 0 up (floor(Q n) of them, the first
 * of equal ones); that takes 17 bytes a record. A record without a margin is `unscored`.
 *
 * Without -o or with -o FILE the name goes to the member `split`, in place of one that is there. With
 * -o DIR/ (the slash counts) there is one file a split, DIR/train.jsonl.gz and so on, and the records stay
 * as they are; DIR is made if need be.
 */
#include "hash.h"
#include "pair.h"
#include "run.h"
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_SPLITS = 64 };
enum { EASY, HARD, WRONG, UNSCORED };		/* --by margin */

static const char *by = "first-turn", *ratio = "train=0.9,test=0.1", *out_path = "-", *suffix = ".jsonl.gz";
static long seed;
static double threshold = NAN, share = NAN;

static const struct opt options[] = {
	OPT_STR('b', "by", &by, "GROUP",
		"what stays together: first-turn, prompt, cluster, id, field:PATH; or margin (default: first-turn)"),
	OPT_STR(0, "ratio", &ratio, "NAME=SHARE,...", "the splits, in any proportion (default: train=0.9,test=0.1)"),
	OPT_INT(0, "seed", &seed, 0, 9007199254740991.0, "N", "another division of the same groups (default: 0)"),
	OPT_NUM(0, "threshold", &threshold, 0, 1e300, "T", "--by margin: easy is above T"),
	OPT_NUM(0, "share", &share, 0, 1, "Q", "--by margin: this share of the right ones is hard"),
	OPT_STR('o', "output", &out_path, "FILE|DIR/",
		"one file with a member `split`, or a folder with one file a split"),
	OPT_STR(0, "suffix", &suffix, "SUFFIX", "of the files in DIR (default: .jsonl.gz)"),
	OPT_END
};

static struct split {
	char *name;
	double upto;			/* shares of this and those before it */
	int out;
	uint64_t n;
} splits[MAX_SPLITS];
static size_t n_splits;
static bool to_files;

/* What --by says. */
static enum { FIRST_TURN, PROMPT, CLUSTER, ID, FIELD, MARGIN } group;
static const char *field;

/* --share: what settle() remembers. */
static struct margin {
	double x;
	uint64_t n;			/* rec.n */
} *margins;
static size_t n_margins, margins_room;
static uint8_t *classes;
static size_t n_classes, classes_room;

/* ---- the splits ---- */

static void add_split(struct span name, double weight)
{
	if (name.n == 0 || name.p[0] == '.' || memchr(name.p, '/', name.n))
		die(EXIT_USAGE, "--ratio: \"%.*s\" is no name for a split", ARG(name));
	for (size_t i = 0; i < n_splits; i++)
		if (span_eq(span_of(splits[i].name), name))
			die(EXIT_USAGE, "--ratio: %s is there twice", splits[i].name);
	if (n_splits == MAX_SPLITS)
		die(EXIT_USAGE, "--ratio: more than %d splits", MAX_SPLITS);
	splits[n_splits] = (struct split){ span_dup(name), weight, -1, 0 };
	if (n_splits)
		splits[n_splits].upto += splits[n_splits - 1].upto;
	n_splits++;
}

static void read_ratio(void)
{
	for (const char *p = ratio; *p;) {
		const char *eq = p + strcspn(p, "=,");
		char *end;
		double weight;

		if (*eq != '=')
			die(EXIT_USAGE, "--ratio: NAME=SHARE expected at \"%s\"", p);
		weight = strtod(eq + 1, &end);
		if (end == eq + 1 || (*end && *end != ',') || !(weight >= 0 && weight <= 1e9))
			die(EXIT_USAGE, "--ratio: no share at \"%s\"", eq + 1);
		add_split((struct span){ p, (size_t)(eq - p) }, weight);
		p = *end ? end + 1 : end;
	}
	if (n_splits == 0 || splits[n_splits - 1].upto <= 0)
		die(EXIT_USAGE, "--ratio: no split has a share");
	for (size_t i = 0; i < n_splits; i++)
		splits[i].upto /= splits[n_splits - 1].upto;
	/* Rounding, or shares of 0 at the end, must not leave a gap below 1. */
	for (size_t i = n_splits; i-- > 0 && splits[i].upto >= splits[n_splits - 1].upto;)
		splits[i].upto = 2;
}

static void read_group(void)
{
	static const char *const names[] = { "first-turn", "prompt", "cluster", "id", NULL, "margin" };

	if (strncmp(by, "field:", 6) == 0 && by[6]) {
		group = FIELD;
		field = by + 6;
		return;
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i] && strcmp(by, names[i]) == 0) {
			group = (int)i;
			return;
		}
	}
	die(EXIT_USAGE, "--by %s: first-turn, prompt, cluster, id, field:PATH or margin expected", by);
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			die(EXIT_SYSTEM, "%s:", path);
		*slash = '/';
	}
}

static void open_outputs(void)
{
	to_files = span_ends(span_of(out_path), S("/"));
	if (!to_files) {
		const int out = run_output(out_path);

		for (size_t i = 0; i < n_splits; i++)
			splits[i].out = out;
		return;
	}
	for (size_t i = 0; i < n_splits; i++) {
		char *path = xasprintf("%s%s%s", out_path, splits[i].name, suffix);

		if (i == 0)
			make_folders(path);
		splits[i].out = run_output(path);
		free(path);
	}
}

/* ---- which split ---- */

/* The group's name; p NULL if the record has none. */
static struct span group_of(struct rec *r)
{
	struct pair p = { 0 };
	struct value v;

	switch (group) {
	case PROMPT:
		return pair_text(rec_get(r, "prompt"), true, r->arena);
	case FIRST_TURN:
		p.prompt = pair_text(rec_get(r, "prompt"), true, r->arena);
		if (!p.prompt.p)
			p.chosen = pair_text(rec_get(r, "chosen"), false, r->arena);
		return pair_first_turn(r, &p);
	case ID:
		if (rec_get(r, "id").kind == JSON_NONE) {
			p.prompt = pair_text(rec_get(r, "prompt"), true, r->arena);
			p.chosen = pair_text(rec_get(r, "chosen"), false, r->arena);
			p.rejected = pair_text(rec_get(r, "rejected"), false, r->arena);
		}
		return pair_id(r, &p);
	default:
		v = rec_get(r, group == CLUSTER ? "cluster" : field);
		return v.kind == JSON_STRING ? json_text(v, r->arena) : v.kind == JSON_NULL ? (struct span){ 0 } : v.raw;
	}
}

static size_t split_of_group(struct span name)
{
	double x = (double)(hash64(name, mix64((uint64_t)seed)) >> 11) * 0x1p-53;
	size_t i = 0;

	while (x >= splits[i].upto)
		i++;
	return i;
}

static size_t split_of_margin(struct rec *r)
{
	double x;

	if (!rec_num(r, "margin", &x))
		return UNSCORED;
	return x < 0 ? WRONG : x > threshold ? EASY : HARD;
}

static void assign(struct rec *r, size_t i)
{
	r->out = splits[i].out;
	if (!to_files)
		rec_set_text(r, "split", span_of(splits[i].name));
}

static void look(struct rec *r)
{
	struct span name;
	size_t i;

	if (group == MARGIN) {
		i = split_of_margin(r);
	} else {
		name = group_of(r);
		if (!name.p) {
			rec_bad(r, 0, "no %s to group by", group == FIELD ? field :
				group == CLUSTER ? "member \"cluster\" (pref-dedup --mark writes it)" : "prompt");
			return;
		}
		if (group == ID || group == CLUSTER) {
			i = split_of_group(name);
		} else {
			struct buf b = { 0 };

			text_normalise(name, &b);
			i = split_of_group(buf_span(&b));
			buf_free(&b);
		}
	}
	r->key[0] = i;
	if (isnan(share))
		assign(r, i);
}

static void settle(struct rec *r)
{
	splits[r->key[0]].n++;
}

/* ---- --share ---- */

static void remember(struct rec *r)
{
	GROW(classes, n_classes, classes_room);
	classes[n_classes++] = (uint8_t)r->key[0];
	if (r->key[0] == EASY || r->key[0] == HARD) {
		GROW(margins, n_margins, margins_room);
		margins[n_margins] = (struct margin){ .n = r->n };
		rec_num(r, "margin", &margins[n_margins++].x);
	}
}

static int by_margin(const void *x, const void *y)
{
	const struct margin *a = x, *b = y;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static void decide(void)
{
	const size_t hard = (size_t)(share * (double)n_margins + 1e-9);

	if (n_margins)
		qsort(margins, n_margins, sizeof *margins, by_margin);
	for (size_t i = 0; i < n_margins; i++)
		classes[margins[i].n] = i < hard ? HARD : EASY;
	for (size_t i = 0; i < n_classes; i++)
		splits[classes[i]].n++;
}

static void emit(struct rec *r)
{
	assign(r, classes[r->n]);
}

/* ---- beginning and end ---- */

static struct filter split = {
	.name = "pref-split", .about = "part records into train, test and the like without leakage",
	.options = options, .look = look, .settle = settle, .own_output = true
};

static void start(void)
{
	read_group();
	if (group == MARGIN) {
		if (opt_given(&ratio) || opt_given(&seed))
			die(EXIT_USAGE, "--by margin goes without --ratio and --seed");
		if (isnan(threshold) == isnan(share))
			die(EXIT_USAGE, "--by margin needs --threshold or --share");
		add_split(S("easy"), 1);
		add_split(S("hard"), 1);
		add_split(S("wrong"), 1);
		add_split(S("unscored"), 1);
	} else {
		if (!isnan(threshold) || !isnan(share))
			die(EXIT_USAGE, "--threshold and --share are of --by margin");
		read_ratio();
	}
	/* A share is known only when all margins are: then there is a second pass. */
	if (!isnan(share)) {
		split.settle = remember;
		split.decide = decide;
		split.emit = emit;
	}
	open_outputs();
}

static void stop(void)
{
	struct buf text = { 0 }, json = { 0 };
	uint64_t all = 0;

	for (size_t i = 0; i < n_splits; i++)
		all += splits[i].n;
	buf_addc(&json, '{');
	for (size_t i = 0; i < n_splits; i++) {
		buf_addf(&text, "%s%s %ju", i ? ", " : "", splits[i].name, (uintmax_t)splits[i].n);
		if (all)
			buf_addf(&text, " (%.1f %%)", 100.0 * (double)splits[i].n / (double)all);
		buf_adds(&json, i ? "," : "");
		json_put_text(&json, span_of(splits[i].name));
		buf_addf(&json, ":%ju", (uintmax_t)splits[i].n);
		free(splits[i].name);
	}
	buf_addc(&json, '}');
	tell_note("splits", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	free(margins);
	free(classes);
}

int main(int argc, char **argv)
{
	split.start = start;
	split.stop = stop;
	return filter_main(&split, argc, argv);
}
