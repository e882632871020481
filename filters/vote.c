/* vote - many annotators, one label
 *
 * A pair that several people or judges have voted on gets one label: "preference", the probability that chosen
 * is better (a tie counts half), and "verdict", A (chosen), B (rejected) or tie, whichever is most probable; a
 * tie when two are equally so. What these members held before is replaced.
 *
 * Votes are read from the member "votes" of a record, an object that holds by annotator:
 *
 *   "A", "B", "tie"   chosen is better, rejected, neither; null, "invalid", "refused" and "error" are no vote
 *   ["A", "B"]        two such votes: when chosen was shown first, and when rejected was
 *
 * always in terms of the response, never of the place. A vote alone was given in the order that "chosen_position" (1:
 * chosen was shown first, 2: rejected) tells, if the record has it. pref-convert writes "votes" for the layouts that
 * hold them. A record without "votes" but with "annotator" is the vote of that annotator: for its "verdict", and for
 * chosen if it has none. Votes on the same prompt and responses, in either order and whatever the ids, are votes on the
 * same pair: each of its records gets the label, or with --join its first record gets the label and all "votes", and
 * the others are dropped ("joined"). Records without any vote pass unchanged.
 *
 * A label that contradicts the record changes nothing but "verdict" and "preference", unless --relabel is
 * given: then chosen and rejected change places with all that is said of them, "swapped" is set, and the closing
 * lines count it. Ties stay as they are.
 *
 *   majority        the share of the votes
 *   dawid-skene     (the default) each annotator has a table of errors, learnt with the labels: the reliable
 *                   count more, who is mostly wrong is believed in reverse, and where it is known what was shown
 *                   first, a habit of taking the first counts for nothing (Dawid and Skene 1979, by EM)
 *   one-coin        the same with one number for each annotator: for few votes
 *   bradley-terry   each response (--items) has a strength, and the votes are matches between them
 *   crowd-bt        the same with a reliability for each annotator (Chen et al. 2013)
 *
 * The last two tell something new only where the same item meets several others: --items model says that what is
 * compared are the values of chosen_model and rejected_model; without it an item is a response to a prompt. They
 * know no ties (half a vote for each side) and no order.
 *
 * Judges that err together are no independent witnesses: dawid-skene and one-coin would be surer than they have reason
 * to be. They measure how much more the evidence varies than it would among independent annotators, and weaken it by that
 * factor ("dispersion" in the closing lines; --independent does not). Which side is better does not change by it, and
 * with many alike judges the preference is still too sure.
 *
 * --annotators FILE writes a line for each annotator: "by", "n" votes, "accuracy" (the mean probability that the vote is
 * the truth) from "low" to "high" (95 %), "ties" (share), and where the order is known "bias" (0.5: always the place
 * shown first, -0.5: always the second), "consistent" (share of the same vote in both orders) and "kappa_orders"
 * (Cohen's kappa between them), "kappa" with the labels, and "contrary", whether votes are surely (95 %) more often for
 * the wrong side than for the right one. --table prints the same for people on standard error. All of it is measured
 * against labels that the annotator's own votes helped to make.
 *
 * The closing lines tell Krippendorff's alpha and the mean of Cohen's kappa over pairs of annotators (up to 256 of
 * them). Both count every pair twice, as it is and with A and B exchanged, so that it does not matter which response is
 * called chosen.
 *
 * With a single vote on each pair nothing can be learnt about who is right; --prior N is how many votes, two in three
 * of them right, each annotator is taken to have given before.
 *
 * The input is read twice. Memory: 12 bytes a vote, 8 a record, about 110 a pair and 1000 an annotator.
 */
#include "ballot.h"
#include "crowd.h"
#include "crowd_tell.h"
#include "hash.h"
#include "pair.h"
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

static struct crowd crowd;
static uint64_t abstained, unvoted, turned_round;
static double seconds;			/* that the method took */

/* Who stands behind the numbers. */
static struct keymap pair_of_key, by_of_name, item_of_key;
static struct span *names;
static size_t names_room, links_room, ends_room, firsts_room, n_links;
static struct arena name_arena;
static uint32_t (*ends)[2], n_items;

enum { NO_VOTES = UINT32_MAX };
static struct link {			/* of each record: its pair, and whether chosen is the pair's B */
	uint32_t pair;
	bool turned;
} *links;
static uint64_t *firsts;		/* of each pair: its first record */

/* ---- look ---- */

struct votes {
	struct ballot ballot;
	struct key128 pair;		/* the same for both orders of the responses */
	bool later;			/* chosen is the one of the greater hash */
	struct key128 ends[2];		/* items: chosen, rejected */
};

static struct key128 side_key(struct rec *r, const struct pair *p, const char *member, struct span text)
{
	const struct span parts[2] = { text, p->only_text ? S("") : pair_beyond(rec_get(r, member), r->arena) };

	return hash128_parts(parts, 2, 0);
}

static struct key128 item_key(struct rec *r, const char *side, struct key128 prompt, struct key128 response)
{
	const struct key128 both[2] = { prompt, response };
	struct span name;

	if (!items)
		return hash128((struct span){ (const char *)both, sizeof both }, 0);
	name = arena_printf(r->arena, "%s_%s", side, items);
	if (!rec_text(r, name.p).p)
		rec_bad(r, 0, "no member \"%s\" that is a string", name.p);
	else
		return hash128(rec_text(r, name.p), 0);
	return prompt;
}

static void look(struct rec *r)
{
	struct votes *v = arena_alloc(r->arena, sizeof *v);
	struct key128 k[3];
	struct pair p;

	r->data = v;
	if (!pair_need(r, &p) || !ballot_read(r, &v->ballot) || v->ballot.n == 0)
		return;
	k[0] = side_key(r, &p, "prompt", p.prompt.p ? p.prompt : S(""));
	k[1] = side_key(r, &p, "chosen", p.chosen);
	k[2] = side_key(r, &p, "rejected", p.rejected);
	v->ends[0] = item_key(r, "chosen", k[0], k[1]);
	v->ends[1] = item_key(r, "rejected", k[0], k[2]);
	v->later = memcmp(&k[1], &k[2], sizeof k[1]) > 0;
	if (v->later) {
		struct key128 chosen = k[1];

		k[1] = k[2];
		k[2] = chosen;
	}
	v->pair = hash128((struct span){ (const char *)k, sizeof k }, 0);
}

/* ---- settle ---- */

/* The number of a key: the next one if it is new. */
static uint32_t number(struct keymap *m, struct key128 k, uint32_t next, bool *is_new)
{
	uint64_t *at = keymap_at(m, k, is_new);

	if (*is_new)
		*at = next;
	return (uint32_t)*at;
}

static uint32_t annotator(struct span name)
{
	bool is_new;
	uint32_t by = number(&by_of_name, hash128(name, 0), crowd.n_by, &is_new);

	if (is_new) {
		GROW(names, by, names_room);
		names[by] = arena_copy(&name_arena, name);
	}
	return by;
}

static uint32_t item(struct key128 k)
{
	bool is_new;
	uint32_t at = number(&item_of_key, k, n_items, &is_new);

	n_items += is_new;
	return at;
}

static struct ballot_vote as_ballot(const struct crowd_vote *v)
{
	return (struct ballot_vote){ names[v->by], v->side, v->shown };
}

/* Sides of the pair are those of its least hash first, so that records of both orders speak of the same. */
static void settle(struct rec *r)
{
	const struct votes *v = r->data;
	bool is_new;
	uint32_t pair = NO_VOTES;

	abstained += v->ballot.abstained;
	unvoted += v->ballot.n == 0;
	if (v->ballot.n) {
		if (crowd.n_pairs >= NO_VOTES - 1)
			die(EXIT_SYSTEM, "more than %u pairs", NO_VOTES - 1);
		pair = number(&pair_of_key, v->pair, crowd.n_pairs, &is_new);
		if (is_new) {
			GROW(ends, pair, ends_room);
			GROW(firsts, pair, firsts_room);
			firsts[pair] = r->n;
			ends[pair][v->later] = item(v->ends[0]);
			ends[pair][!v->later] = item(v->ends[1]);
		}
	}
	for (size_t i = 0; i < v->ballot.n; i++) {
		struct ballot_vote one = v->later ? ballot_turned(v->ballot.v[i]) : v->ballot.v[i];

		crowd_add(&crowd, pair, annotator(one.by), (enum crowd_side)one.side, (enum crowd_shown)one.shown);
	}
	GROW(links, n_links, links_room);
	links[n_links++] = (struct link){ pair, v->later };
}

/* ---- decide ---- */

static size_t *votes_of, *votes_from;	/* --join: indices of votes by pair; pair i has those of votes_from[i] .. */

static void decide(void)
{
	struct crowd_rules rules = { .one_coin = method == ONE_COIN, .independent = independent, .pseudo = prior,
		.ends = (const uint32_t (*)[2])ends, .n_items = n_items, .dummy = dummy, .trust = method == BRADLEY_TERRY };

	seconds = clock_now();
	if (method == MAJORITY)
		crowd_majority(&crowd);
	else if (method == BRADLEY_TERRY || method == CROWD_BT)
		crowd_bradley_terry(&crowd, &rules);
	else
		crowd_dawid_skene(&crowd, &rules);
	seconds = clock_now() - seconds;
	if (join)
		votes_of = crowd_by_pair(&crowd, &votes_from);
}

/* ---- emit ---- */

/* turned: chosen is the pair's B. */
static void write_votes(struct rec *r, uint32_t pair, bool turned)
{
	size_t n = votes_from[pair + 1] - votes_from[pair];
	struct ballot_vote *v = arena_alloc(r->arena, n * sizeof *v);
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		v[i] = as_ballot(&crowd.v[votes_of[votes_from[pair] + i]]);
		if (turned)
			v[i] = ballot_turned(v[i]);
	}
	ballot_put(&b, v, n);
	rec_set(r, "votes", arena_copy(r->arena, buf_span(&b)));
	rec_remove(r, "annotator");
	buf_free(&b);
}

static void emit(struct rec *r)
{
	static const char *const words[] = { "A", "B", "tie" };
	const struct link *l = &links[r->n];
	enum crowd_side side;
	bool turned;
	double p;

	if (r->n >= n_links)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	if (l->pair == NO_VOTES)
		return;
	if (join && firsts[l->pair] != r->n) {
		rec_drop(r, "joined");
		return;
	}
	side = crowd_verdict(&crowd, l->pair);
	p = crowd_preference(&crowd, l->pair);
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
}

/* ",name value" and ","name":value", unless it is not defined. */
static void note_number(struct buf *text, struct buf *json, const char *words, const char *name, double x)
{
	if (isnan(x))
		return;
	buf_addf(text, ", %s %.4f", words, x);
	buf_addf(json, ",\"%s\":", name);
	json_put_number(json, round(x * 1e6) / 1e6 + 0.0);
}

static void note_votes(void)
{
	const struct crowd_agreement found = crowd_agreement(&crowd);
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%zu on %u pairs by %u annotators", crowd.n, crowd.n_pairs, crowd.n_by);
	buf_addf(&json, "{\"votes\":%zu,\"pairs\":%u,\"annotators\":%u,\"abstained\":%ju,\"without\":%ju", crowd.n,
		crowd.n_pairs, crowd.n_by, (uintmax_t)abstained, (uintmax_t)unvoted);
	if (abstained)
		buf_addf(&text, ", %ju without a verdict", (uintmax_t)abstained);
	if (unvoted)
		buf_addf(&text, ", %ju records without votes", (uintmax_t)unvoted);
	note_number(&text, &json, "alpha", "alpha", found.alpha);
	note_number(&text, &json, "mean kappa", "kappa", found.kappa);
	buf_addc(&json, '}');
	tell_note("votes", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void note_method(void)
{
	static const char *const words[] = { "majority", "dawid-skene", "one-coin", "bradley-terry", "crowd-bt" };
	uint64_t count[CROWD_SIDES] = { 0 };
	struct buf text = { 0 }, json = { 0 };

	for (uint32_t i = 0; i < crowd.n_pairs; i++)
		count[crowd_verdict(&crowd, i)]++;
	buf_adds(&text, words[method]);
	buf_addf(&json, "{\"method\":\"%s\",\"ties\":%ju,\"relabelled\":%ju", words[method], (uintmax_t)count[CROWD_TIE],
		(uintmax_t)turned_round);
	if (crowd.iterations) {
		buf_addf(&text, ", %d iterations%s", crowd.iterations, crowd.converged ? "" : " (not converged)");
		buf_addf(&json, ",\"iterations\":%d,\"converged\":%s,\"seconds\":%.4f", crowd.iterations,
			crowd.converged ? "true" : "false", seconds);
		note_number(&text, &json, "log-likelihood", "log_likelihood", crowd.loglik);
	}
	if (crowd.tables && crowd.iterations)
		note_number(&text, &json, "dispersion", "dispersion", crowd.dispersion);
	buf_addf(&text, "; ties %ju", (uintmax_t)count[CROWD_TIE]);
	if (relabel)
		buf_addf(&text, ", relabelled %ju", (uintmax_t)turned_round);
	buf_addc(&json, '}');
	tell_note("labels", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void stop(void)
{
	note_votes();
	note_method();
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
	struct crowd_annotator *v = crowd_annotators(&crowd);
	struct buf b = { 0 };

	for (uint32_t i = 0; i < crowd.n_by; i++)
		crowd_put_annotator(&v[i], names[i], &b);
	if (annotators_path)
		write_file(annotators_path, buf_span(&b));
	b.n = 0;
	crowd_put_table(v, names, crowd.n_by, &b);
	if (table)
		fwrite(b.p, 1, b.n, stderr);
	buf_free(&b);
	free(v);
	crowd_free(&crowd);
	keymap_free(&pair_of_key);
	keymap_free(&by_of_name);
	keymap_free(&item_of_key);
	arena_free(&name_arena);
	free(names);
	free(links);
	free(ends);
	free(firsts);
	free(votes_of);
	free(votes_from);
}

int main(int argc, char **argv)
{
	static const struct filter vote = {
		.name = "pref-vote", .about = "make one label of the votes of many annotators", .options = options,
		.start = start, .look = look, .settle = settle, .decide = decide, .emit = emit, .stop = stop, .done = done
	};

	return filter_main(&vote, argc, argv);
}
