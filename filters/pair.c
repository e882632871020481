/* pair - pairs of chosen and rejected out of several responses to one prompt
 *
 * Reads candidates, {"prompt", "responses": [{"text" or "messages", ...}, ...]}, and writes pairs: of each
 * prompt the best response against the worst, every two (--all), or neighbours in the ranking (--adjacent).
 * What ranks them is, with --by:
 *
 *   score    the member `score` of a response, higher is better
 *   rank     the member `rank`, lower is better
 *   tests    the share of test cases passed: "tests": {"pass": 3, "of": 4}
 *   pass     whether all of them were: passing against failing (PLUM)
 *   NAME     scores.NAME, what the judge NAME gave
 *
 * Without --by it is the first of score, tests, rank that any response of the record has. A response that has
 * no such value takes no part. A pair has the values as score_chosen and score_rejected and their difference
 * as margin (not for rank), `scores` of both, all other members of a response as chosen_NAME and
 * rejected_NAME, and the record's own; an `id` that would not be one pair's becomes source_id. If the prompt
 * is messages, so are the responses. Records that are pairs already stay as they are.
 *
 * Two responses with the same value are a tie and make no pair. Of equal responses the first that has a value
 * stands for all; --normalise takes them for equal up to Unicode composition, case and white space. Nor do
 * two make one whose values differ by less than --min-gap.
 *
 * --max-per-prompt N chooses N of the pairs that there are, one after the other: responses not used yet
 * before those that were, then the greater difference, then the farther apart in the ranking. It is 1 unless --all
 * or --adjacent is given. A greater N without these takes each of the best (all that passed, say) against
 * each of the worst.
 *
 * --balance-length takes, before it looks at the difference, the pair that brings the sum of
 * ln(characters of chosen / characters of rejected) over all pairs so far nearest to 0, so that what is learnt
 * from them is not to write long. The more there is to choose from the better it can: give it --all and
 * --max-per-prompt 1, or responses of which many are equally good.
 *
 * Records that give no pair are dropped: single (fewer than two responses), same (fewer than two that differ),
 * unscored (fewer than two with a value), tie, gap (all differences below --min-gap).
 *
 * --lists writes no pairs but the ranked list: the responses that take part, best first.
 *
 * Memory does not grow with the input. Time grows with the square of the number of responses to one prompt.
 */
#include "candidates.h"
#include "pair.h"
#include "run.h"

#include <math.h>

static bool best_worst, all, adjacent, balance, normalise, lists;
static const char *by_word;
static double min_gap;
static long max_per_prompt;

static const struct opt options[] = {
	OPT_HEADING("Which pairs of a prompt"),
	OPT_FLAG(0, "best-worst", &best_worst, "the best response against the worst (the default)"),
	OPT_FLAG(0, "all", &all, "every two that differ"),
	OPT_FLAG(0, "adjacent", &adjacent, "neighbours in the ranking"),
	OPT_NUM(0, "min-gap", &min_gap, 0, 1e300, "X", "only pairs whose values differ by X or more"),
	OPT_INT(0, "max-per-prompt", &max_per_prompt, 1, 1000000, "N",
		"at most N pairs (default: 1; with --all or --adjacent all there are)"),
	OPT_FLAG(0, "balance-length", &balance, "choose pairs so that chosen is not longer than rejected on average"),
	OPT_FLAG('n', "normalise", &normalise, "equal up to Unicode composition, case and white space is equal"),
	OPT_FLAG(0, "lists", &lists, "write ranked lists, not pairs"),
	OPT_HEADING("What is better"),
	OPT_STR(0, "by", &by_word, "WHAT", "score, rank, tests, pass, or the name of a judge in `scores`"),
	OPT_END
};

static enum candidates_by by;
static struct pairing pairing;
static double log_ratios;		/* --balance-length: the sum so far */
static uint64_t n_made, n_longer, n_ranked, n_equal, n_valueless;

struct found {				/* rec.data: of one record */
	struct candidates *lists;
	size_t n;
	struct pairing_pair **pairs;	/* of each list */
	size_t *n_pairs;
	uint64_t n_made, n_longer;	/* pairs; those whose chosen is the longer one */
	const char *drop;
};

/* ---- one list of candidates ---- */

static const char *why_no_pair(const struct candidates *c, enum pairing_why why)
{
	switch (why) {
	case PAIRING_OK:
		return NULL;
	case PAIRING_FEW:
		return c->n < 2 ? "single" : candidates_distinct(c) < 2 ? "same" : "unscored";
	case PAIRING_TIE:
		return "tie";
	default:
		return "gap";
	}
}

/* Choose the pairs of list k. */
static void choose(struct found *f, size_t k)
{
	struct candidates *c = &f->lists[k];
	enum pairing_why why = pairing_of(&pairing, c->items, c->n, &f->pairs[k], &f->n_pairs[k], c->r->arena);

	if (why != PAIRING_OK && !f->drop)
		f->drop = why_no_pair(c, why);
}

/* Write them, or the list that they are of. */
static void put(struct found *f, size_t k)
{
	struct candidates *c = &f->lists[k];

	if (lists && f->n_pairs[k])
		rec_put(c->r, candidates_list(c), -1);
	for (size_t i = 0; i < f->n_pairs[k] && !lists; i++) {
		const struct pairing_pair *p = &f->pairs[k][i];

		f->n_longer += c->items[p->better].length > c->items[p->worse].length;
		rec_put(c->r, candidates_pair(c, p, NULL), -1);
	}
	f->n_made += f->n_pairs[k];
}

/* ---- records ---- */

static struct found *found_new(struct rec *r, size_t n)
{
	struct found *f = arena_alloc(r->arena, sizeof *f);

	*f = (struct found){ .n = n };
	f->lists = arena_alloc(r->arena, n * sizeof *f->lists);
	f->pairs = arena_alloc(r->arena, n * sizeof *f->pairs);
	f->n_pairs = arena_alloc(r->arena, n * sizeof *f->n_pairs);
	return f;
}

static void look(struct rec *r)
{
	struct found *f;
	struct pair p;

	r->data = NULL;
	if (rec_get(r, "responses").kind != JSON_ARRAY || rec_get(r, "chosen").kind != JSON_NONE) {
		pair_need(r, &p);
		return;
	}
	f = found_new(r, 1);
	if (!candidates_read(f->lists, r, normalise))
		return;
	for (size_t k = 0; k < f->n; k++) {
		f->lists[k].several = pairing.max != 1;
		candidates_value(&f->lists[k], by, by_word);
		if (!balance) {
			choose(f, k);
			put(f, k);
		}
	}
	r->data = f;
}

static void settle(struct rec *r)
{
	struct found *f = r->data;

	if (!f)
		return;
	for (size_t k = 0; k < f->n; k++) {
		f->lists[k].r = r;	/* records move between look and settle */
		n_equal += f->lists[k].n_equal;
		n_valueless += f->lists[k].n_valueless;
		if (balance) {
			choose(f, k);
			put(f, k);
		}
		n_ranked += f->n_pairs[k] > 0;
	}
	n_made += f->n_made;
	n_longer += f->n_longer;
	if (f->n_made == 0)
		rec_drop(r, f->drop);
}

/* ---- start and stop ---- */

static void start(void)
{
	if (best_worst + all + adjacent > 1)
		die(EXIT_USAGE, "--best-worst, --all and --adjacent exclude each other");
	if (lists && (best_worst || all || adjacent || balance || opt_given(&max_per_prompt)))
		die(EXIT_USAGE, "--lists writes no pairs to choose from");
	by = candidates_by(by_word);
	pairing.which = all ? PAIRING_ALL : adjacent ? PAIRING_ADJACENT : PAIRING_BEST_WORST;
	pairing.min_gap = min_gap;
	pairing.max = opt_given(&max_per_prompt) ? (size_t)max_per_prompt : pairing.which == PAIRING_BEST_WORST;
	pairing.balance = balance ? &log_ratios : NULL;
}

static void note_count(const char *name, uint64_t n, const char *what)
{
	char text[160], json[32];

	snprintf(text, sizeof text, "%ju %s", (uintmax_t)n, what);
	snprintf(json, sizeof json, "%ju", (uintmax_t)n);
	if (n)
		tell_note(name, text, span_of(json));
}

static void stop(void)
{
	if (lists)
		note_count("lists", n_ranked, "ranked");
	else
		note_count("pairs", n_made, "made");
	note_count("equal", n_equal, "responses left out: equal to another of their prompt");
	note_count("valueless", n_valueless, "responses left out: nothing to rank them by");
	if (balance)
		note_count("longer", n_longer, "pairs whose chosen is the longer one");
}

int main(int argc, char **argv)
{
	static const struct filter pair = {
		.name = "pref-pair",
		.about = "pairs of chosen and rejected out of several responses to one prompt",
		.options = options,
		.start = start,
		.look = look,
		.settle = settle,
		.stop = stop,
	};

	return filter_main(&pair, argc, argv);
}
