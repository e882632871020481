/* report - a table of what the stages of a data build did
 *
 * Reads the files that the programs wrote with --report, in the order of the pipeline, and prints a table
 * for people: what each stage read, kept, dropped (and why) and could not read, and how long it took; the
 * sizes of the splits; how the training ended.
 *
 * With --truth, the file that pref-synth wrote beside the data, and --rejects, the files in which the
 * stages kept what they dropped, a second table says how much of what was planted has been found. A repeat
 * counts as found if it was dropped, by whatever stage; a near repeat is expected to be found if its true
 * similarity is at least --threshold. Precision is the share of dropped records that were planted, recall
 * the share of planted ones that were dropped. The partner in whose favour a repeat was dropped is compared
 * with the true one too, and so is the benchmark item for which a record was dropped with the one that leaked
 * into it; leaks are asked for in new records, and are no wrong reason in others. Labels is the share of new
 * records whose chosen response is the better one: by noise and planted flips it is below 1, and it is about the
 * best accuracy that a judge can have. Records are recognised by their ids; lines that are no JSON by their
 * number, which is that of the truth only if the first stage met them.
 *
 * With --flips, a file that pref-plant and then pref-flip --action mark have gone over, a third table says how well
 * `flip` tells the labels that were turned round (`swapped`) from the others: the area under the ROC curve, the
 * share of turned ones among the k most suspicious, k being their true number, and the share foretold (the mean
 * of `flip`, to be compared with the true one; what was wrong before counts, too).
 *
 * Memory: 68 bytes a line of the truth file, 32 bytes a record of --flips.
 */
#include <stdlib.h>

#include "hash.h"
#include "metrics.h"
#include "plant.h"
#include "run.h"
#include "scan.h"
#include "stream.h"

static struct opt_list reject_paths;
static const char *truth_path, *flips_path;
static double threshold = 0.8;

static const struct opt options[] = {
	OPT_STR(0, "truth", &truth_path, "FILE", "what pref-synth planted"),
	OPT_LIST('r', "rejects", &reject_paths, "FILE", "what a stage dropped; may be given again"),
	OPT_STR(0, "flips", &flips_path, "FILE", "records with `flip`, some of them turned round on purpose"),
	OPT_NUM('t', "threshold", &threshold, 0, 1, "J", "near repeats at least this similar should be gone (default: 0.8)"),
	OPT_END
};

static struct buf page;

/* ---- reading ---- */

/* Call row() for each record of a JSONL file. */
static void each_line(const char *path, void (*row)(struct value top, const struct where *at))
{
	const char *why;
	struct in *in = in_open(path, (size_t)1 << 30, &why);
	struct chunk c = { 0 };
	int more;

	if (!in)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	while ((more = in_next(in, &c, 1 << 20)) > 0) {
		struct where at = { path, c.first_line };
		for (const char *p = c.bytes.p, *end = p + c.bytes.n; p < end; at.line++) {
			const char *stop = memchr(p, '\n', (size_t)(end - p));
			struct span line = { p, (size_t)((stop ? stop : end) - p) };
			struct scan_error e;
			struct value top;
			if (!scan(line, 0, NULL, &top, &e))
				die_at(EXIT_BAD, &at, e.at + 1, "%s", e.why);
			row(top, &at);
			p = stop ? stop + 1 : end;
		}
	}
	if (more < 0)
		die(in_error_line(in, NULL) ? EXIT_BAD : EXIT_SYSTEM, "%s: %s", path, in_error(in));
	chunk_free(&c);
	in_close(in);
}

static double number(struct value object, const char *name)
{
	double x;
	return json_number(scan_member(object, span_of(name)), &x) ? x : 0;
}

/* A number that is a count below 2^32; 0 if it is none. */
static uint32_t count(struct value object, const char *name)
{
	double x = number(object, name);
	return x > 0 && x < 4294967296.0 ? (uint32_t)x : 0;
}

/* A string member; absent: p NULL. */
static struct span text(struct value object, const char *name, struct arena *a)
{
	return json_text(scan_member(object, span_of(name)), a);
}

/* ---- stages ---- */

static struct arena names;

/* ", "-joined counts of an object, wrapped under column `at`. */
static void put_counts(struct value counts, size_t at)
{
	struct scan_iter it = scan_open(counts);
	struct member m;
	size_t column = at;
	bool first = true;

	while (scan_next(&it, &m)) {
		if (!first)
			buf_adds(&page, ", ");
		if (column + m.key.n + m.val.raw.n + 3 > 110 && !first) {
			buf_addf(&page, "\n%*s", (int)at, "");
			column = at;
		}
		column += m.key.n + m.val.raw.n + 3;
		buf_add_visible(&page, m.key);
		buf_addf(&page, " %.*s", ARG(m.val.raw));
		first = false;
	}
}

static void put_stage(const char *path, bool *headed)
{
	struct buf b = { 0 };
	const char *why;
	struct scan_error e;
	struct value top;

	if (file_read(path, &b, 1 << 26, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	struct where at = { path, 1 };
	if (!scan(buf_span(&b), 0, NULL, &top, &e))
		die_at(EXIT_BAD, &at, e.at + 1, "%s", e.why);
	struct span name = text(top, "program", &names);
	if (!name.p)
		die(EXIT_BAD, "%s: this is no report", path);
	if (!*headed)
		buf_addf(&page, "%-10s%10s%10s%10s%8s%9s\n", "stage", "read", "kept", "dropped", "bad", "seconds");
	*headed = true;
	if (span_starts(name, S("pref-")))
		name = span_cut(name, 5, name.n);
	buf_addf(&page, "%-10.*s%10.0f%10.0f%10.0f%8.0f%9.2f", ARG(name), number(top, "read"), number(top, "kept"),
		 number(top, "dropped"), number(top, "bad"), number(top, "seconds"));
	/* Why records were dropped; else where they went; else what was made of them. */
	struct value more = scan_member(top, S("reasons")), model = scan_member(top, S("model"));
	if (!scan_count(more))
		more = scan_member(top, S("splits"));
	if (scan_count(more)) {
		buf_adds(&page, "  ");
		put_counts(more, 59);
	} else if (model.kind == JSON_OBJECT) {
		buf_addf(&page, "  %.0f epochs", number(model, "epochs"));
		if (number(model, "held") > 0)
			buf_addf(&page, ", held-out accuracy %.3f", number(model, "held_accuracy"));
	}
	buf_addc(&page, '\n');
	buf_free(&b);
}

/* ---- truth ---- */

struct fact {				/* about one line of the synthetic file */
	double jaccard;
	uint32_t of;			/* line number of the partner */
	uint32_t copies;		/* exact repeats of this line */
	uint32_t gone;			/* records with this line's id that were dropped */
	uint32_t item;			/* hash of the name of the benchmark item in it, 0 = none */
	uint8_t kind;
	bool unread;			/* met as a bad line */
};
static struct fact *facts;		/* facts[line] */
static size_t n_facts, facts_room;
static struct keymap lines;		/* id -> line */
static uint64_t right_partner, wrong_partner, right_item, wrong_item, strangers;
static uint64_t n_new, right_label;

/* Never 0, which is none; two of a benchmark of 1,000 items are taken for one with probability 10^-4. */
static uint32_t item_hash(struct span name)
{
	return name.p ? (uint32_t)hash64(name, 0) | 1 : 0;
}

static void read_truth(struct value top, const struct where *at)
{
	struct fact f = { .of = count(top, "of"), .jaccard = number(top, "jaccard") };
	struct span kind = text(top, "kind", &names), id = text(top, "id", &names);
	uint64_t line = count(top, "line");

	f.item = item_hash(text(top, "item", &names));
	while (f.kind < PLANT_KINDS && !span_eq(kind, span_of(plant_names[f.kind])))
		f.kind++;
	if (f.kind == PLANT_KINDS || line != at->line || f.of >= line)
		die_at(EXIT_BAD, at, 0, "this is no truth file of pref-synth");
	for (int i = n_facts ? 1 : 2; i; i--) {		/* facts[0] is not used */
		GROW(facts, n_facts, facts_room);
		facts[n_facts++] = f;
	}
	struct value quality = scan_member(top, S("quality"));
	double chosen, rejected;
	if (f.kind == PLANT_NEW && json_number(scan_element(quality, 0), &chosen) &&
	    json_number(scan_element(quality, 1), &rejected)) {
		n_new++;
		right_label += chosen > rejected;
	}
	if (f.kind == PLANT_EXACT)
		facts[f.of].copies++;
	else if (id.p)
		*keymap_at(&lines, hash128(id, 0), NULL) = line;
	arena_reset(&names);
}

static uint64_t line_of(struct span id)
{
	const uint64_t *line = id.p ? keymap_find(&lines, hash128(id, 0)) : NULL;
	return line ? *line : 0;
}

static void read_reject(struct value top, const struct where *at)
{
	struct value why = scan_member(top, S("dropped")), inside;
	struct span reason = text(why, "reason", &names), id = text(top, "id", &names), raw = text(top, "line", &names);
	struct scan_error e;
	uint64_t line, partner = line_of(text(why, "partner", &names));
	const uint32_t item = item_hash(text(why, "item", &names));
	bool bad = span_eq(reason, S("bad"));

	if (!reason.p)
		die_at(EXIT_BAD, at, 0, "this is no file of rejected records");
	if (bad && raw.p && scan(raw, SCAN_UNIQUE, NULL, &inside, &e))
		id = text(inside, "id", &names);
	line = id.p ? line_of(id) : count(why, "line");
	if (!line || line >= n_facts)
		strangers++;
	else if (bad && !id.p)
		facts[line].unread = true;
	else
		facts[line].gone++;
	if (partner && line && facts[line].of)
		*(partner == facts[line].of ? &right_partner : &wrong_partner) += 1;
	if (item && line && line < n_facts)
		*(item == facts[line].item ? &right_item : &wrong_item) += 1;
	arena_reset(&names);
}

enum group { GROUP_BROKEN, GROUP_UNFIT, GROUP_EXACT, GROUP_SAME, GROUP_FOLDED, GROUP_NEAR, GROUP_SWAPPED, GROUP_CONTRARY,
	GROUP_LEAK, GROUPS };

static enum group group_of(const struct fact *f)
{
	static const unsigned char of[PLANT_KINDS] = {
		[PLANT_NEW] = GROUPS, [PLANT_EXACT] = GROUPS, [PLANT_SAME] = GROUP_SAME, [PLANT_FOLDED] = GROUP_FOLDED,
		[PLANT_NEAR] = GROUP_NEAR, [PLANT_SWAPPED] = GROUP_SWAPPED, [PLANT_CONTRARY] = GROUP_CONTRARY,
		[PLANT_UNFIT] = GROUP_UNFIT, [PLANT_BROKEN] = GROUP_BROKEN,
	};
	if (f->kind == PLANT_NEW && f->item)
		return GROUP_LEAK;
	if ((f->kind == PLANT_NEAR || f->kind == PLANT_CONTRARY) && f->jaccard < threshold)
		return GROUPS;
	return (enum group)of[f->kind];
}

static void put_share(const char *name, uint64_t part, uint64_t whole, const char *words)
{
	if (whole)
		buf_addf(&page, "%-12s%8.4f   %llu of %llu%s\n", name, (double)part / (double)whole, (unsigned long long)part,
			 (unsigned long long)whole, words);
}

static void put_truth(void)
{
	char near_label[64], contrary_label[64];
	const char *const labels[GROUPS] = {
		"broken lines", "unfit pairs", "the same line", "the same texts", "the same when normalised", near_label,
		"swapped", contrary_label, "benchmark items"
	};
	uint64_t there[GROUPS] = { 0 }, found[GROUPS] = { 0 }, all = 0, hits = 0, others = strangers;

	snprintf(near_label, sizeof near_label, "near, J >= %g", threshold);
	snprintf(contrary_label, sizeof contrary_label, "near and swapped, J >= %g", threshold);
	for (size_t i = 1; i < n_facts; i++) {
		const struct fact *f = &facts[i];
		enum group g = group_of(f);
		uint64_t copies = f->gone < f->copies ? f->gone : f->copies, left = f->gone - copies;
		there[GROUP_EXACT] += f->copies;
		found[GROUP_EXACT] += copies;
		if (g == GROUPS) {
			others += f->item ? 0 : left + f->unread;
			continue;
		}
		there[g]++;
		found[g] += left || f->unread;
		others += left > 1 ? left - 1 : 0;
	}
	buf_addf(&page, "%s%-32s%8s%8s%8s\n", page.n ? "\n" : "", "planted", "there", "found", "missed");
	for (int g = 0; g < GROUPS; g++) {
		all += there[g];
		hits += found[g];
		if (there[g])
			buf_addf(&page, "%-32s%8llu%8llu%8llu\n", labels[g], (unsigned long long)there[g],
				 (unsigned long long)found[g], (unsigned long long)(there[g] - found[g]));
	}
	put_share("recall", hits, all, " planted were dropped");
	put_share("precision", hits, hits + others, " dropped were planted");
	put_share("partner", right_partner, right_partner + wrong_partner, " repeats gave way to the right one");
	put_share("items", right_item, right_item + wrong_item, " records were dropped for the right benchmark item");
	put_share("labels", right_label, n_new, " chosen are the better ones: the most a judge can agree with");
}

/* ---- flips ---- */

static struct doubt {
	double flip;
	size_t n;
	bool turned;
} *doubts;
static size_t n_doubts, doubts_room;

static void read_doubt(struct value top, const struct where *at)
{
	struct doubt d = { .n = n_doubts, .turned = scan_member(top, S("swapped")).kind == JSON_TRUE };

	(void)at;
	if (!json_number(scan_member(top, S("flip")), &d.flip))
		return;
	GROW(doubts, n_doubts, doubts_room);
	doubts[n_doubts++] = d;
}

static int by_doubt(const void *a, const void *b)
{
	const struct doubt *x = a, *y = b;

	if (x->flip != y->flip)
		return x->flip > y->flip ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

static void put_flips(void)
{
	double *turned = xreallocarray(NULL, n_doubts + 1, sizeof *turned), *others =
		xreallocarray(NULL, n_doubts + 1, sizeof *others), sum = 0;
	size_t n_turned = 0, n_others = 0, hits = 0;

	for (size_t i = 0; i < n_doubts; i++) {
		sum += doubts[i].flip;
		if (doubts[i].turned)
			turned[n_turned++] = doubts[i].flip;
		else
			others[n_others++] = doubts[i].flip;
	}
	if (n_doubts)
		qsort(doubts, n_doubts, sizeof *doubts, by_doubt);
	for (size_t i = 0; i < n_turned; i++)
		hits += doubts[i].turned;
	if (page.n)
		buf_addc(&page, '\n');
	put_share("turned", n_turned, n_doubts, " labels were turned round");
	if (n_doubts)
		buf_addf(&page, "%-12s%8.4f   the mean of `flip`\n", "foretold", sum / (double)n_doubts);
	put_share("precision", hits, n_turned, " most suspicious were turned round");
	if (n_turned && n_others)
		buf_addf(&page, "%-12s%8.4f   of `flip`, turned round against others\n", "auc",
			 metric_auc(turned, n_turned, others, n_others));
	free(turned);
	free(others);
	free(doubts);
}

static int work(int n, char **operands)
{
	const char *path = run_out_path() ? run_out_path() : "-", *why;
	bool headed = false;

	if (n == 0 && !truth_path && !flips_path)
		die(EXIT_USAGE, "say which reports");
	if (reject_paths.n && !truth_path)
		die(EXIT_USAGE, "--rejects needs --truth");
	for (int i = 0; i < n; i++)
		put_stage(operands[i], &headed);
	if (truth_path) {
		each_line(truth_path, read_truth);
		for (size_t i = 0; i < reject_paths.n; i++)
			each_line(reject_paths.v[i], read_reject);
		put_truth();
	}
	if (flips_path) {
		each_line(flips_path, read_doubt);
		put_flips();
	}
	struct out *out = out_open(path, &why);
	if (!out)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	if (out_write(out, buf_span(&page)) < 0 || out_flush(out) < 0)
		die(EXIT_SYSTEM, "%s: %s", path, out_error(out));
	if (out_commit(out) < 0)
		die(EXIT_SYSTEM, "%s: cannot finish writing:", path);
	buf_free(&page);
	arena_free(&names);
	keymap_free(&lines);
	free(facts);
	tell.quiet = true;		/* the table is all there is to say */
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	static const struct tool report = {
		.name = "pref-report", .about = "a table of what the stages of a data build did", .operands = "REPORT...",
		.options = options, .work = work,
	};
	return tool_main(&report, argc, argv);
}
