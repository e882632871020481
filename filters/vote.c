/* vote - many annotators, one label
 *
 * A pair that several people or judges have voted on gets one label: "preference", the probability that
 * chosen is better (a tie counts half), and "verdict", A (chosen), B (rejected) or tie, whichever is most
 * probable; a tie when two are equally so. What these members held before is replaced.
 *
 * Votes are read from the member "votes" of a record, an object that holds by annotator:
 *
 *   "A", "B", "tie"   chosen is better, rejected, neither; null, "invalid", "refused" and "error" are no vote
 *   ["A", "B"]        two such votes: when chosen was shown first, and when rejected was
 *
 * always in terms of the response, never of the place. A vote alone was given in the order that
 * "chosen_position" (1: chosen was shown first, 2: rejected) tells, if the record has it. pref-convert
 * writes "votes" for the layouts that hold them. A record without "votes" but with "annotator" is the vote
 * of that annotator: for its "verdict", and for chosen if it has none. Votes on the same prompt and
 * responses, in either order and whatever the ids, are votes on the same pair: each of its records gets the
 * label, or with --join its first record gets the label and all "votes", and the others are dropped
 * ("joined"). (Where an annotator voted twice in one order, the second stands as "NAME~2".) The vote of "annotator"
 * moves to "votes", as "verdict" is now that of all. Records without any vote pass unchanged.
 *
 * A label that contradicts the record changes nothing but "verdict" and "preference", unless --relabel is
 * given: then chosen and rejected change places with all that is said of them, "swapped" is set, and the
 * closing lines count it. Ties stay as they are.
 *
 *   majority        the share of the votes
 *   dawid-skene     (the default) each annotator has a table of errors, learnt with the labels: the reliable
 *                   count more, who is mostly wrong is believed in reverse, and where it is known what was shown
 *                   first, a habit of taking the first counts for nothing (Dawid and Skene 1979, by EM)
 *   one-coin        the same with one number for each annotator: for few votes
 *   bradley-terry   each response (--items) has a strength, and the votes are matches between them
 *   crowd-bt        the same with a reliability for each annotator (Chen et al. 2013)
 *
 * The last two tell something new only where the same item meets several others: --items model says that
 * what is compared are the values of chosen_model and rejected_model; without it an item is a response to a
 * prompt. They know no ties (half a vote for each side) and no order.
 *
 * Judges that err together are no independent witnesses: dawid-skene and one-coin would be surer than they
 * have reason to be. They measure how much more the evidence varies than it would among independent
 * annotators, and weaken it by that factor ("dispersion" in the closing lines; --independent does not).
 * Which side is better does not change by it, and with many alike judges the preference is still too sure.
 *
 * --annotators FILE writes a line for each annotator: "by", "n" votes, "accuracy" (the mean probability
 * that the vote is the truth) from "low" to "high" (95 %), "ties" (share), and where the order is known
 * "bias" (0.5: always the place shown first, -0.5: always the second), "consistent" (share of the same vote
 * in both orders) and "kappa_orders" (Cohen's kappa between them), "kappa" with the labels, and "contrary",
 * whether votes are surely (95 %) more often for the wrong side than for the right one. --table prints the
 * same for people on standard error. All of it is measured against labels that the annotator's own votes
 * helped to make.
 *
 * The closing lines tell Krippendorff's alpha and the mean of Cohen's kappa over pairs of annotators (up to
 * 256 of them). Both count every pair twice, as it is and with A and B exchanged, so that it does not
 * matter which response is called chosen.
 *
 * With a single vote on each pair nothing can be learnt about who is right; --prior N is how many votes,
 * two in three of them right, each annotator is taken to have given before.
 *
 * The input is read twice. Memory: 20 bytes a vote, 8 a record, about 100 a pair (bradley-terry, crowd-bt:
 * 270) and 1000 an annotator.
 */
#include "crowd_tell.h"
#include "voting.h"
#include "run.h"
#include "stream.h"
#include "turn.h"

#include <math.h>
#include <stdlib.h>

enum method { MAJORITY, DAWID_SKENE, ONE_COIN, BRADLEY_TERRY, CROWD_BT };
#define METHODS "majority|dawid-skene|one-coin|bradley-terry|crowd-bt"

static int method = DAWID_SKENE;
static bool relabel, join, independent, table;
static double prior = 2, dummy = 0.1;
static const char *items, *annotators_path;

static const struct opt options[] = {
	OPT_CHOICE('m', "method", &method, METHODS, "how votes become a label (default: dawid-skene)"),
	OPT_FLAG(0, "relabel", &relabel, "exchange chosen and rejected where the label is B"),
	OPT_FLAG(0, "join", &join, "one record a pair, with all its votes"),
	OPT_STR('a', "annotators", &annotators_path, "FILE", "write what is known of each annotator"),
	OPT_FLAG(0, "table", &table, "print that as a table on standard error"),
	OPT_HEADING("Methods"),
	OPT_NUM(0, "prior", &prior, 0, 1000, "N", "votes that each annotator is taken to have given before (default: 2)"),
	OPT_FLAG(0, "independent", &independent, "take the votes on a pair for independent given its label"),
	OPT_STR(0, "items", &items, "NAME", "bradley-terry, crowd-bt: compare the values of chosen_NAME and rejected_NAME"),
	OPT_NUM(0, "dummy", &dummy, 0.0001, 100, "N",
		"bradley-terry, crowd-bt: wins and losses of each item against one of strength 0 (default: 0.1)"),
	OPT_END
};

static struct voting voting;
static uint64_t turned_round;
static double seconds;			/* that the method took */
static size_t *votes_of, *votes_from;	/* --join: crowd_by_pair() */

static void look(struct rec *r)
{
	r->data = voting_read(r, items);
}

static void settle(struct rec *r)
{
	if (!voting_add(&voting, r->data))
		die(EXIT_SYSTEM, "more than %u pairs", VOTING_PAIRS_MAX);
}

static void decide(void)
{
	struct crowd_rules rules = { .one_coin = method == ONE_COIN, .independent = independent, .pseudo = prior,
		.ends = (const uint32_t (*)[2])voting.ends, .n_items = voting.n_items, .dummy = dummy,
		.trust = method == BRADLEY_TERRY };

	seconds = clock_now();
	if (method == MAJORITY)
		crowd_majority(&voting.crowd);
	else if (method == BRADLEY_TERRY || method == CROWD_BT)
		crowd_bradley_terry(&voting.crowd, &rules);
	else
		crowd_dawid_skene(&voting.crowd, &rules);
	seconds = clock_now() - seconds;
	if (join)
		votes_of = crowd_by_pair(&voting.crowd, &votes_from);
}

/* ---- emit ---- */

/* All votes on the pair; turned: chosen is its B. */
static void write_votes(struct rec *r, uint32_t pair, bool turned)
{
	size_t n = votes_from[pair + 1] - votes_from[pair];
	struct ballot_vote *v = arena_alloc(r->arena, n * sizeof *v);
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct crowd_vote *one = &voting.crowd.v[votes_of[votes_from[pair] + i]];

		v[i] = (struct ballot_vote){ voting.names[one->by], one->side, one->shown };
		if (turned)
			v[i] = ballot_turned(v[i]);
	}
	ballot_put(&b, v, n);
	rec_set(r, "votes", arena_copy(r->arena, buf_span(&b)));
	rec_remove(r, "annotator");
	buf_free(&b);
}

/* The verdict is to be that of all: what the annotator of this record said moves to "votes". */
static void keep_vote(struct rec *r)
{
	struct buf b = { 0 };
	struct ballot own;

	if (rec_get(r, "votes").kind == JSON_OBJECT || !ballot_read(r, &own) || own.n == 0)
		return;
	ballot_put(&b, own.v, own.n);
	rec_set(r, "votes", arena_copy(r->arena, buf_span(&b)));
	rec_remove(r, "annotator");
	buf_free(&b);
}

static void emit(struct rec *r)
{
	static const char *const words[] = { "A", "B", "tie" };
	const struct voting_link *l;
	enum crowd_side side;
	bool turned;
	double p;

	if (r->n >= voting.n_links)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	l = &voting.links[r->n];
	if (l->pair == VOTING_NONE)
		return;
	if (join && voting.firsts[l->pair] != r->n) {
		rec_drop(r, "joined");
		return;
	}
	if (!join)
		keep_vote(r);
	side = crowd_verdict(&voting.crowd, l->pair);
	p = crowd_preference(&voting.crowd, l->pair);
	turned = l->turned;
	if (relabel && side == (turned ? CROWD_A : CROWD_B)) {
		turn(r);
		turned_round++;
		turned = !turned;
	}
	if (turned && side != CROWD_TIE)
		side = (enum crowd_side)(1 - side);
	if (join)
		write_votes(r, l->pair, turned);
	/* The last digits depend on the mathematics library. */
	rec_set_num(r, "preference", round((turned ? 1 - p : p) * 1e9) / 1e9);
	rec_set_text(r, "verdict", span_of(words[side]));
}

/* ---- start and stop ---- */

static void start(void)
{
	const bool matches = method == BRADLEY_TERRY || method == CROWD_BT;

	if (!matches && (items || opt_given(&dummy)))
		die(EXIT_USAGE, "--items and --dummy are for --method bradley-terry and crowd-bt");
	if (opt_given(&prior) && (method == MAJORITY || method == BRADLEY_TERRY))
		die(EXIT_USAGE, "--prior is for methods that learn about annotators");
	if (independent && method != DAWID_SKENE && method != ONE_COIN)
		die(EXIT_USAGE, "--independent is for --method dawid-skene and one-coin");
	run_side_file(annotators_path);
	voting.matches = matches;
}

static void stop(void)
{
	static const char *const words[] = { "majority", "dawid-skene", "one-coin", "bradley-terry", "crowd-bt" };
	struct buf text = { 0 }, json = { 0 };

	crowd_put_votes(&voting.crowd, voting.abstained, voting.without, &text, &json);
	tell_note("votes", buf_cstr(&text), buf_span(&json));
	text.n = json.n = 0;
	crowd_put_labels(&voting.crowd, words[method], seconds, &text, &json);
	if (relabel)
		buf_addf(&text, ", relabelled %ju", (uintmax_t)turned_round);
	buf_addf(&json, ",\"relabelled\":%ju}", (uintmax_t)turned_round);
	tell_note("labels", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void write_file(const char *path, struct span text)
{
	const char *why;
	struct out *o = out_open(path, &why);

	if (!o)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	if (out_write(o, text) < 0)
		die(EXIT_SYSTEM, "%s: %s", path, out_error(o));
	if (out_commit(o) < 0)
		die(EXIT_SYSTEM, "%s:", path);
}

static void done(void)
{
	struct crowd_annotator *v = crowd_annotators(&voting.crowd);
	const uint32_t n = voting.crowd.n_by;
	struct buf b = { 0 };

	for (uint32_t i = 0; i < n; i++)
		crowd_put_annotator(&v[i], voting.names[i], &b);
	if (annotators_path)
		write_file(annotators_path, buf_span(&b));
	b.n = 0;
	crowd_put_table(v, voting.names, n, &b);
	if (table)
		fwrite(b.p, 1, b.n, stderr);
	buf_free(&b);
	free(v);
	free(votes_of);
	free(votes_from);
	voting_free(&voting);
}

int main(int argc, char **argv)
{
	static const struct filter vote = {
		.name = "pref-vote", .about = "make one label of the votes of many annotators", .options = options,
		.start = start, .look = look, .settle = settle, .decide = decide, .emit = emit, .stop = stop, .done = done
	};

	return filter_main(&vote, argc, argv);
}
