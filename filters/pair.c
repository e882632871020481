/* pair - make pairs of chosen and rejected out of several responses to one prompt
 *
 * Reads candidates, {"prompt", "responses": [{"text" or "messages", ...}, ...]}, and writes pairs: of each
 * prompt the best response against the worst, against the next that is worse (--best-next), against any that is worse
 * (--best-random, as CDR does; the choice depends on --seed, the prompt and the responses alone), every two (--all), or
 * neighbours in the ranking (--adjacent). What ranks them is, with --by:
 *
 *   score    the member `score` of a response, higher is better
 *   value    the member `value`, likewise
 *   correct  the member `correct`, true is better than false
 *   tests    the share of test cases passed: "tests": {"pass": 3, "of": 4}
 *   pass     whether all of them were: passing against failing (PLUM)
 *   rank     the member `rank`, lower is better
 *   NAME     scores.NAME, what the judge NAME gave
 *
 * Without --by it is the first of score, value, correct, tests, rank that any response of the record has. A
 * response that has no such value takes no part. A pair has the values as score_chosen and score_rejected and
 * their difference as margin (not for rank), `scores` of the judges that scored both, all other members of a
 * response as chosen_NAME and rejected_NAME, and the record's own; an `id` that would not be one pair's becomes
 * source_id. If the prompt is messages, so are the responses. Records that are pairs already stay as they are. Public lists and trees are
 * read by pref-convert --candidates.
 *
 * Two responses with the same value are a tie and make no pair. Of equal responses the first that has a value
 * stands for all; --normalise takes them for equal up to Unicode composition, case and white space. Nor do
 * two make a pair whose values differ by less than --min-gap.
 *
 * --max-per-prompt N chooses N of the pairs that there are, one after the other: responses not used yet
 * before those that were, then the greater difference, then the farther apart in the ranking. It is 1 unless
 * --all or --adjacent is given. A greater N without these takes each of the best (all that passed, say)
 * against each of the worst.
 *
 * --balance-length takes, before it looks at the difference, the pair that brings the sum of
 * ln(1 + characters of chosen) - ln(1 + characters of rejected) over all pairs so far nearest to 0, so that what is
 * learnt from them is not to write long. The more there is to choose from the better it can: give it --all and
 * --max-per-prompt 1, or responses of which many are equally good.
 *
 * What ranks responses can also be:
 *
 *   --comparisons   judgements of every two, of a model on its own answers say (OSP): the record's member
 *                   "comparisons": [[0, 2, "A"], [2, 0, "B"], ...], two numbers of responses from 0 in the
 *                   order in which they were shown, then A (the first is better), B or tie. Two are paired as
 *                   most of their judgements say; for best and worst they are ranked by their win rate.
 *                   Judgements may contradict each other and go round in circles.
 *   --levels FILE   levels by rules (TRPA): a line "NAME: CONDITION..." each, the best level first. A response
 *                   is on the first level of which all conditions hold: /PATTERN/FLAGS, as in the rules of
 *                   pref-score; pass, all its tests were passed; or a member of the response that must be
 *                   true. With ! before it, it must not hold. A line "NAME = CONDITION..." names conditions
 *                   for use in later lines. A response whose level depends on what it does not have takes no
 *                   part. The pair has chosen_level and rejected_level.
 *   --factor ...    factors in order of importance (HERON), named as for --by: the first in which two
 *                   responses differ by more than its margin decides, and is written as `factor` with the
 *                   `difference`; if none does it is a tie. The margin of --factor rm:0.5sd is half a
 *                   standard deviation over all responses of the data, for which the input is read twice. With
 *                   margins --all may give A over B, B over C and C over A (pref-dedup --contradiction drop takes
 *                   out the last); best and worst are those who win and lose most.
 *
 * --versus A,B pairs answers of the model A (as `chosen`) with those of B, by their member `model`, the first with the first
 * and so on, whichever is better: pref-eval -J says of these pairs how often a judge prefers A, its win rate. Equal answers
 * make no pair.
 *
 * --preference writes the strength of a pair as a soft label: of comparisons the share of them that chosen
 * won, in both orders, a tie being half a win; of scores sigmoid(margin / temperature).
 *
 * Trees of steps, {"prompt", "nodes": [{"id", "parent", "text", "value", ...}, ...]}, are read as well; parent is
 * the id of the step before, absent, null or -1 after the prompt. The children of one node are paired with each
 * other; their prompt is the record's with the steps that came before, each with --separator after it (messages
 * end with the assistant's message so far). What the world answers to a step, a tool say, is its
 * "observation", which its children come after. So --all --min-gap 0.25 are the pairs of Tree-PLV, the default those of
 * UltraInteract (with "correct"), and --best-path --best-next --merge --visits those of MCTS-DPO
 * (--best-worst for its --choose_worst): --visits writes
 * `preference`, of N visits of the better and M of the worse step 1 / (1 + M / max(1, N)), at least 0.5. --branches
 * pairs whole branches, from the prompt to a leaf, valued as their leaves are, with "steps": where each step is, in
 * characters.
 *
 * --lists writes no pairs but ranked lists: the responses that take part, best first, with what ranked them
 * as `score` (of levels 0, -1, ...; of factors wins less losses). With --branches they are the preference
 * lists of tree preference optimisation (TPO). --triples writes only the best, the next that is worse and the worst of a list, if
 * they have three values: the gold, chosen and rejected of triple preference optimisation, for pref-train --loss tpo.
 *
 * Records that give no pair are dropped: single (fewer than two responses), same (fewer than two that differ),
 * unscored (fewer than two with a value), tie, gap (all differences below --min-gap).
 *
 * Memory does not grow with the input. It holds the pairs of one record, but of records with up to 16 responses
 * those of some megabytes of input: 170 MiB with --all of 8 responses. Time grows with the square of the number
 * of responses to one prompt.
 */
#include "rivals.h"
#include "run.h"
#include "stream.h"

#include <stdlib.h>

static struct rivals_rules rules = { .steps = { .separator = "\n" }, .temperature = 1 };
static bool best_worst, best_next, best_random, all, adjacent, balance;
static long seed = 1;
static const char *by_word, *levels_path;
static struct opt_list factor_specs;
static long max_per_prompt;
static const char *versus;

static const struct opt options[] = {
	OPT_HEADING("Which pairs of a prompt"),
	OPT_FLAG(0, "best-worst", &best_worst, "the best response against the worst (the default)"),
	OPT_FLAG(0, "best-next", &best_next, "the best response against the best of those that are worse"),
	OPT_FLAG(0, "best-random", &best_random, "the best response against any that is worse, by chance"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N", "of --best-random (default: 1)"),
	OPT_FLAG(0, "all", &all, "every two that differ"),
	OPT_FLAG(0, "adjacent", &adjacent, "neighbours in the ranking"),
	OPT_NUM(0, "min-gap", &rules.pairing.min_gap, 0, 1e300, "X", "only pairs whose values differ by X or more"),
	OPT_INT(0, "max-per-prompt", &max_per_prompt, 1, 1000000, "N",
		"at most N pairs (default: 1; with --all or --adjacent all there are)"),
	OPT_FLAG(0, "balance-length", &balance, "choose pairs so that chosen is not longer than rejected on average"),
	OPT_FLAG('n', "normalise", &rules.normalise, "equal up to Unicode composition, case and white space is equal"),
	OPT_FLAG(0, "lists", &rules.lists, "write ranked lists, not pairs"),
	OPT_FLAG(0, "triples", &rules.triples, "write lists of the best, the next that is worse and the worst"),
	OPT_STR(0, "versus", &versus, "A,B", "answers of the model A against those of B, for win rates"),
	OPT_HEADING("What is better"),
	OPT_STR(0, "by", &by_word, "WHAT", "score, value, correct, tests, pass, rank, or the name of a judge in `scores`"),
	OPT_FLAG(0, "comparisons", &rules.comparisons, "what the record's member `comparisons` says of every two"),
	OPT_STR(0, "levels", &levels_path, "FILE", "the level that rules in FILE put a response on"),
	OPT_LIST(0, "factor", &factor_specs, "[-]NAME[:MARGIN[sd]]",
		"the first factor in which two differ by more than its margin; give it again for the next"),
	OPT_FLAG(0, "preference", &rules.preference, "write the soft label `preference`, from 0.5 to 1"),
	OPT_NUM(0, "temperature", &rules.temperature, 1e-6, 1e6, "T", "of --preference from scores (default: 1)"),
	OPT_HEADING("Trees of steps"),
	OPT_FLAG(0, "branches", &rules.steps.branches, "pair whole branches, from the prompt to a leaf, not siblings"),
	OPT_FLAG(0, "best-path", &rules.steps.best_path, "siblings along the path of the best step each time, not everywhere"),
	OPT_FLAG(0, "merge", &rules.steps.merge, "a step without siblings is part of the one before it"),
	OPT_STR(0, "separator", &rules.steps.separator, "TEXT", "what stands between steps (default: a line end)"),
	OPT_FLAG(0, "visits", &rules.visits, "write `preference`, how sure a pair is by the visits of its steps"),
	OPT_END
};

static struct arena one_record;		/* of put_now() */
static double log_ratios;		/* --balance-length: the sum so far */
static uint64_t n_pairs, n_longer, n_lists, n_equal, n_valueless, *n_decided;

/* ---- records ---- */

static void look(struct rec *r)
{
	struct rivals *v = rivals_read(r, &rules);

	if (v && !rivals_rank(v, &rules))
		v = NULL;
	/* What waits is in memory for several batches of records. */
	r->key[0] = v && (balance || rivals_many(v, &rules));
	if (v && !r->key[0])
		rivals_put(v, &rules, r);
	r->data = v;
}

static void count(const struct rivals *v)
{
	n_pairs += v->n_pairs;
	n_longer += v->n_longer;
	for (size_t k = 0; k < v->n; k++) {
		n_lists += v->v[k].n_pairs > 0;
		n_equal += v->v[k].c.n_equal;
		n_valueless += v->v[k].c.n_valueless;
	}
	rivals_count(v, &rules, n_decided);
}

/* What is made here is written before the next record settles: the memory of one serves all. */
static void put_now(struct rec *r, struct rivals *v)
{
	struct arena *own = r->arena;

	arena_reset(&one_record);
	r->arena = &one_record;
	rivals_put(v, &rules, r);
	r->arena = own;
}

static void settle(struct rec *r)
{
	struct rivals *v = r->data;

	if (!v)
		return;
	if (r->key[0])
		put_now(r, v);
	count(v);
	if (v->n_pairs == 0)
		rec_drop(r, v->drop);
}

/* ---- margins in standard deviations: read all, then pair ---- */

static void look_first(struct rec *r)
{
	r->data = rivals_read(r, &rules);
}

static void settle_first(struct rec *r)
{
	struct rivals *v = r->data;

	for (size_t k = 0; v && k < v->n; k++)
		factors_learn(&rules.factors, &v->v[k].c);
}

static void decide(void)
{
	factors_fix(&rules.factors);
}

static void emit(struct rec *r)
{
	look(r);
	settle(r);
}

/* ---- start and stop ---- */

static struct filter pair;

static void start_levels(void)
{
	struct buf text = { 0 };
	size_t line, col;
	const char *why;
	char *wrong;

	run_reads(levels_path);
	if (file_read(levels_path, &text, 16 << 20, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", levels_path, why);
	rules.levels = levels_read(buf_span(&text), &line, &col, &wrong);
	if (!rules.levels)
		die_at(EXIT_USAGE, &(struct where){ levels_path, line }, col, "%s", wrong);
	buf_free(&text);
}

static void start_factors(void)
{
	const char *why;

	for (size_t i = 0; i < factor_specs.n; i++)
		if (!factors_add(&rules.factors, factor_specs.v[i], &why))
			die(EXIT_USAGE, "--factor %s: %s", factor_specs.v[i], why);
	n_decided = xcalloc(rules.factors.n + 1, sizeof *n_decided);
	if (!rules.factors.in_sd)
		return;
	pair.look = look_first;
	pair.settle = settle_first;
	pair.decide = decide;
	pair.emit = emit;
}

static void start_versus(void)
{
	const struct span names = span_of(versus);
	const size_t comma = span_find(names, S(","));

	if (comma == (size_t)-1 || comma == 0 || comma + 1 == names.n)
		die(EXIT_USAGE, "--versus wants the names of two models: --versus A,B");
	if (best_worst || best_next || best_random || all || adjacent || balance || rules.preference || rules.visits ||
	    rules.lists || opt_given(&max_per_prompt) || opt_given(&rules.pairing.min_gap) || by_word || rules.comparisons ||
	    levels_path || factor_specs.n)
		die(EXIT_USAGE, "--versus leaves nothing to choose or to rank");
	rules.versus[0] = span_cut(names, 0, comma);
	rules.versus[1] = span_cut(names, comma + 1, names.n);
}

static void start(void)
{
	if (best_worst + best_next + best_random + all + adjacent > 1)
		die(EXIT_USAGE, "--best-worst, --best-next, --best-random, --all and --adjacent exclude each other");
	if ((best_next || best_random) && (balance || opt_given(&max_per_prompt)))
		die(EXIT_USAGE, "--best-next and --best-random make one pair, and choose it themselves");
	if (opt_given(&seed) && !best_random)
		die(EXIT_USAGE, "--seed is for --best-random");
	rules.lists = rules.lists || rules.triples;
	if (versus)
		start_versus();
	if (rules.lists && (best_worst || best_next || best_random || all || adjacent || balance || rules.preference || rules.visits ||
	    opt_given(&max_per_prompt)))
		die(EXIT_USAGE, "--%s writes no pairs to choose from", rules.triples ? "triples" : "lists");
	if ((by_word != NULL) + rules.comparisons + (levels_path != NULL) + (factor_specs.n > 0) > 1)
		die(EXIT_USAGE, "--by, --comparisons, --levels and --factor exclude each other");
	rules.by = candidates_by(by_word);
	rules.judge = by_word;
	if (rules.preference && (levels_path || factor_specs.n || rules.by == BY_RANK))
		die(EXIT_USAGE, "--preference is for scores and comparisons");
	if (opt_given(&rules.temperature) && (!rules.preference || rules.comparisons))
		die(EXIT_USAGE, "--temperature is for --preference from scores");
	if (rules.preference && rules.visits)
		die(EXIT_USAGE, "--preference and --visits write the same member");
	if (rules.steps.branches && (rules.steps.best_path || rules.steps.merge))
		die(EXIT_USAGE, "--best-path and --merge are for siblings, not for --branches");
	if (rules.steps.best_path && (levels_path || factor_specs.n))
		die(EXIT_USAGE, "--best-path goes by scores");
	if (factor_specs.n && opt_given(&rules.pairing.min_gap))
		die(EXIT_USAGE, "--min-gap: each --factor has a margin of its own");
	rules.pairing.which = all ? PAIRING_ALL : adjacent ? PAIRING_ADJACENT : best_next ? PAIRING_BEST_NEXT :
		best_random ? PAIRING_BEST_RANDOM : PAIRING_BEST_WORST;
	rules.pairing.max = opt_given(&max_per_prompt) ? (size_t)max_per_prompt : !all && !adjacent;
	rules.seed = (uint64_t)seed;
	rules.pairing.balance = balance ? &log_ratios : NULL;
	if (balance && rules.pairing.max == 0)
		die(EXIT_USAGE, "--balance-length chooses of the pairs: say how many with --max-per-prompt");
	if (levels_path)
		start_levels();
	if (factor_specs.n)
		start_factors();
}

static void note_count(const char *name, uint64_t n, const char *what)
{
	char text[160], json[32];

	snprintf(text, sizeof text, "%ju %s", (uintmax_t)n, what);
	snprintf(json, sizeof json, "%ju", (uintmax_t)n);
	if (n)
		tell_note(name, text, span_of(json));
}

/* How many pairs each factor decided: one that never does is of no use. */
static void note_factors(void)
{
	struct buf text = { 0 }, json = { 0 };

	for (size_t i = 0; i < rules.factors.n; i++) {
		buf_addf(&text, "%s%s decided %ju", i ? ", " : "", rules.factors.v[i].name, (uintmax_t)n_decided[i]);
		buf_addc(&json, i ? ',' : '{');
		json_put_text(&json, span_of(rules.factors.v[i].name));
		buf_addf(&json, ":%ju", (uintmax_t)n_decided[i]);
	}
	buf_addc(&json, '}');
	if (rules.factors.n)
		tell_note("factors", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void stop(void)
{
	if (rules.lists)
		note_count("lists", n_lists, "ranked");
	else
		note_count("pairs", n_pairs, "made");
	note_count("equal", n_equal, "left out, the same as another response to the prompt");
	note_count("valueless", n_valueless, "left out, nothing to rank them by");
	if (balance)
		note_count("longer", n_longer, "pairs whose chosen is the longer one");
	note_factors();
	levels_free(rules.levels);
	factors_free(&rules.factors);
	free(n_decided);
	arena_free(&one_record);
}

static struct filter pair = {
	.name = "pref-pair", .about = "make pairs of chosen and rejected out of several responses to one prompt",
	.options = options, .start = start, .look = look, .settle = settle, .stop = stop
};

int main(int argc, char **argv)
{
	return filter_main(&pair, argc, argv);
}
