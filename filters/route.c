/* route - which labels are worth asking a human about
 *
 * The label that a pair has (chosen is better) is taken for a model's. What a human's label in its place is expected to
 * gain, in right labels, is P(the label is wrong) - --human-error, the share of labels that humans get wrong. The pairs
 * that gain most go to humans (Miranda et al. 2024, "Hybrid Preferences: Learning to Route Instances for Human vs. AI
 * Feedback"; the gain there is predicted by a model of the pair's tags, here it follows from what is known of the label):
 *
 *   route        "human" or "model"
 *   route_gain   that gain; absent where nothing is known, and such a pair stays with the model
 *
 * P(the label is wrong) is the first of these that the record has: `flip` (pref-flip); 1 - `preference` (pref-vote,
 * pref-score --preference); of `votes` (those against chosen, half the ties, and 1) / (all of them and 2), Laplace's
 * rule; sigmoid(-`margin`), for which margins must be log-odds (those of -J linear are). --by takes one of them alone:
 * use it where records have unlike members, since these are not calibrated to each other.
 *
 * How many go to humans: --budget labels, or a --share of the pairs, or as many as --cost pays for, with --human-cost for
 * each label of a human and --model-cost for each of a model; of equal gains those that a hash of their texts draws, since
 * files are often sorted by what makes pairs hard. Then the input is read twice and takes 16 bytes of memory a pair.
 * Without a budget a pair goes to humans by itself, if its gain exceeds --min-gain; nothing is kept. With both, no more
 * than the budget, and only those. Nothing else of the record is changed.
 */
#include "ballot.h"
#include "hash.h"
#include "logistic.h"
#include "pair.h"
#include "run.h"

#include <stdlib.h>

enum by { ANY, FLIP, PREFERENCE, VOTES, MARGIN };

static int by;
static long budget;
static double share, cost, human_cost = 1, model_cost, human_error, min_gain;
static bool limited;			/* there is a budget */

static const struct opt options[] = {
	OPT_CHOICE(0, "by", &by, "any|flip|preference|votes|margin", "what tells that a label is wrong (default: any)"),
	OPT_INT('n', "budget", &budget, 0, 1e15, "N", "labels of humans"),
	OPT_NUM(0, "share", &share, 0, 1, "S", "the same as a share of the pairs"),
	OPT_NUM(0, "cost", &cost, 0, 1e15, "X", "as many as X pays for"),
	OPT_NUM(0, "human-cost", &human_cost, 1e-9, 1e9, "X", "of a label by a human (default: 1)"),
	OPT_NUM(0, "model-cost", &model_cost, 0, 1e9, "X", "of a label by a model (default: 0)"),
	OPT_NUM(0, "human-error", &human_error, 0, 0.5, "E", "share of labels that humans get wrong (default: 0)"),
	OPT_NUM(0, "min-gain", &min_gain, -1, 1, "G", "only where the gain is more than G (default: 0)"),
	OPT_END
};

struct doubt {
	double gain;			/* NaN: not known */
	uint64_t draw;			/* the least of equal gains goes first */
};
static struct doubt *doubts;
static size_t n, room;
static bool *human;
static size_t asked, unknown;
static double gained;

/* P(the label is wrong); NaN: not known. */
static double by_votes(struct rec *r)
{
	double against = 1;
	struct ballot b;

	if (rec_get(r, "votes").kind == JSON_NONE || !ballot_read(r, &b) || b.n == 0)
		return NAN;
	for (size_t i = 0; i < b.n; i++)
		against += b.v[i].side == BALLOT_REJECTED ? 1 : b.v[i].side == BALLOT_TIE ? 0.5 : 0;
	return against / (double)(b.n + 2);
}

static double wrong(struct rec *r)
{
	double x;

	if ((by == ANY || by == FLIP) && rec_num(r, "flip", &x) && x >= 0 && x <= 1)
		return x;
	if ((by == ANY || by == PREFERENCE) && rec_num(r, "preference", &x) && x >= 0 && x <= 1)
		return 1 - x;
	x = by == ANY || by == VOTES ? by_votes(r) : NAN;
	if (!isnan(x))
		return x;
	return (by == ANY || by == MARGIN) && rec_num(r, "margin", &x) ? sigmoid(-x) : NAN;
}

static void put(struct rec *r, double gain, bool to_human)
{
	rec_set_text(r, "route", to_human ? S("human") : S("model"));
	if (isnan(gain))
		rec_remove(r, "route_gain");
	else
		rec_set_num(r, "route_gain", round(gain * 1e9) / 1e9);
}

static void look(struct rec *r)
{
	struct doubt *d = arena_alloc(r->arena, sizeof *d);
	struct pair p;

	if (!pair_need(r, &p))
		return;
	d->gain = wrong(r) - human_error;
	d->draw = hash128_parts((const struct span[]){ p.prompt, p.chosen, p.rejected }, 3, 0).lo;
	r->data = d;
	if (!limited)
		put(r, d->gain, d->gain > min_gain);
}

static void settle(struct rec *r)
{
	const struct doubt *d = r->data;
	const double gain = d->gain;

	unknown += isnan(gain);
	if (limited) {
		GROW(doubts, n, room);
		doubts[n++] = *d;
		return;
	}
	n++;
	asked += gain > min_gain;
	gained += gain > min_gain ? gain : 0;
}

static int by_gain(const void *x, const void *y)
{
	const size_t i = *(const size_t *)x, k = *(const size_t *)y;
	const struct doubt *a = &doubts[i], *b = &doubts[k];

	if (a->gain != b->gain)
		return (a->gain < b->gain) - (a->gain > b->gain);
	return a->draw != b->draw ? (a->draw > b->draw) - (a->draw < b->draw) : (i > k) - (i < k);
}

/* A label of a human is paid in place of a model's. */
static double affordable(void)
{
	if (opt_given(&budget))
		return (double)budget;
	if (opt_given(&share))
		return floor(share * (double)n + 1e-9);
	return floor((cost - (double)n * model_cost) / (human_cost - model_cost) + 1e-9);
}

static void decide(void)
{
	const double most = affordable();
	size_t *order = xreallocarray(NULL, n + 1, sizeof *order), m = 0;

	human = xcalloc(n + 1, sizeof *human);
	for (size_t i = 0; i < n; i++)
		if (doubts[i].gain > min_gain)
			order[m++] = i;
	qsort(order, m, sizeof *order, by_gain);
	for (size_t i = 0; i < m && (double)i < most; i++) {
		human[order[i]] = true;
		gained += doubts[order[i]].gain;
		asked++;
	}
	free(order);
}

static size_t emitted;

static void emit(struct rec *r)
{
	if (emitted >= n)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	put(r, doubts[emitted].gain, human[emitted]);
	emitted++;
}

static struct filter route;

static void start(void)
{
	const int given = opt_given(&budget) + opt_given(&share) + opt_given(&cost);

	if (given > 1)
		die(EXIT_USAGE, "--budget, --share and --cost are three ways to say one thing");
	if (human_cost <= model_cost)
		die(EXIT_USAGE, "--human-cost is to be above --model-cost: else nothing needs routing");
	limited = given;
	if (!limited)
		return;
	route.decide = decide;
	route.emit = emit;
}

static void stop(void)
{
	const double price = (double)asked * human_cost + (double)(n - asked) * model_cost;
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%zu of %zu pairs to humans, expected gain %.4g right labels, cost %.6g", asked, n, gained, price);
	if (unknown)
		buf_addf(&text, "; of %zu nothing is known", unknown);
	buf_addf(&json, "{\"pairs\":%zu,\"human\":%zu,\"gain\":%.6g,\"cost\":%.6g,\"unknown\":%zu}", n, asked, gained, price,
		unknown);
	tell_note("route", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	free(doubts);
	free(human);
}

static struct filter route = {
	.name = "pref-route",
	.about = "which labels are worth asking a human about",
	.options = options,
	.start = start,
	.look = look,
	.settle = settle,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return filter_main(&route, argc, argv);
}
