/* flip - find the labels that are the wrong way round (long: margins from three sources, judged in three ways)
 *
 * Voters that have not learned from a pair say which response they like better, and by how much; labels that
 * contradict voters who are sure are probably wrong. Each pair gets
 *
 *   flip         P(the label is the wrong way round), calibrated
 *   margin       mean over voters of score of chosen - score of rejected
 *   margin_std   standard deviation over voters
 *
 * Voters are
 *
 *   --voters cross   (the default) reward models of pref-train linear, each trained without a tenth of the prompts
 *                    (--folds) and asked about these; --seeds times with other folds and orders. Mean and
 *                    deviation over models are the preference strength of Wang et al. 2024, "Secrets of RLHF
 *                    in Large Language Models Part II". The models allow for wrong labels (--loss forward of
 *                    pref-train) at the rate that is estimated
 *   --voters peer    the same with two models a fold that choose the pairs for each other, easy ones first
 *                    (CRM, Zhang et al. 2025, "Two Minds Better Than One")
 *   --voters marked  nobody: `flip` is taken as the records have it, to act on what an earlier run has marked
 *   -J JUDGE         judges as in pref-score instead, and no training. They should not have been made from
 *                    these labels. Of several, each is brought to one unit, the root mean square of its margins
 *
 * How probabilities come of margins, and what the share of wrong labels is (--method):
 *
 *   likelihood  (default) P(label as it is) = e + (1 - 2e) sigmoid(a margin): every rate e in (0, 1/2) that
 *               explains the labels is taken into account, as likely as it is. With cross and peer models are
 *               trained at several rates and asked out of fold which explains the labels they have not seen.
 *               Pairs that are hard to tell do not count as wrong
 *   confident   confident learning (Northcutt et al. 2021): pairs whose label has a probability of 1 - t or
 *               less, t the mean over all labels. It does count them
 *   mixture     two normal distributions, one the mirror of the other; refused where there is one hump
 *
 * --rate E says what share of the labels is wrong instead of estimating it.
 *
 * What is done with those of P >= --threshold (of `confident`: with those it names), but with no more than a share
 * of --max-share of all, the most probable first (--action):
 *
 *   mark     nothing; the members above are written
 *   drop     dropped, reason "flip"
 *   swap     chosen and rejected are exchanged, with the scores, margin, ... that speak of them; `swapped` is set
 *   soften   `preference` is set to 1 - flip, mixed with the preference that was there; of all pairs, unless
 *            --threshold or --max-share are given. pref-train linear --soft and --loss losses that take soft
 *            labels read it
 *
 * Pairs whose verdict is tie, pairs of equal responses and pairs that no judge could score are kept as they are
 * and have no `flip`. The input is read twice. Memory: with voters cross and peer that of pref-train linear
 * (about 2.4 KB for a pair of 1.6 KB of JSON) and 50 bytes a pair. Time: 50 models of all pairs for the margins
 * and about 105 of at most 20,000 pairs for the rate (--rate saves these), 0.1 s each for 2,300 pairs. The same
 * bytes for any -j.
 */
#include "ask.h"
#include "linear_flip.h"
#include "pair.h"
#include "panel.h"
#include "run.h"
#include "turn.h"

#include <math.h>
#include <stdlib.h>

enum { CROSS, PEER, MARKED };
enum { LIKELIHOOD, CONFIDENT, MIXTURE };
enum { MARK, DROP, SWAP, SOFTEN };
enum { BITS = 18 };

static struct opt_list specs;
static const char *group_by;
static int voters, method, action;
static long folds = 10, seeds = 5, seed = 1;
static double rate, threshold = 0.5, max_share = 1;
static struct linear_options how = { .l2 = 100, .rate = 0.02, .epochs = 30, .patience = 3, .refit = true };

static const struct opt options[] = {
	OPT_CHOICE('a', "action", &action, "mark|drop|swap|soften", "what becomes of pairs that look wrong (default: mark)"),
	OPT_NUM('t', "threshold", &threshold, 0, 1, "P", "least probability of being wrong to act on (default: 0.5)"),
	OPT_NUM(0, "max-share", &max_share, 0, 1, "SHARE", "act on no more than this share of the pairs (default: 1)"),
	OPT_CHOICE('m', "method", &method, "likelihood|confident|mixture", "from margins to probabilities (default: likelihood)"),
	OPT_NUM(0, "rate", &rate, 0, 0.499, "E", "share of wrong labels, instead of estimating it"),
	OPT_HEADING("Voters"),
	OPT_LIST('J', "judge", &specs, "NAME[:ARG]", "this judge votes; may be given again; -J help lists them"),
	OPT_CHOICE(0, "voters", &voters, "cross|peer|marked",
		"models trained on the other folds, pairs of them, or what the records say (default: cross)"),
	OPT_INT('k', "folds", &folds, 2, 1000, "K", "parts of the prompts (default: 10)"),
	OPT_INT(0, "seeds", &seeds, 1, 1000, "N", "times, with other folds and orders (default: 5)"),
	OPT_NUM(0, "l2", &how.l2, 0, 1e12, "X", "penalty, as in pref-train linear (default: 100)"),
	OPT_STR(0, "by", &group_by, "FIELD", "pairs with the same value are in the same fold (default: the first turn)"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N", "of folds and orders (default: 1)"),
	OPT_HEADING("Judges over HTTP and by command"),
	ASK_OPTIONS,
	OPT_END
};

/* ---- what look() leaves ---- */

struct packed {
	double *margins;		/* of the judges; of marked pairs P(the label is wrong) */
	struct linear_row row;
	uint32_t grams[];
};

static struct panel panel;
static struct linear_data data = { .bits = BITS };
enum { UNJUDGED = UINT32_MAX };
static uint32_t *place;			/* of each record among the pairs that are judged, or UNJUDGED */
static size_t n_place, place_room;
static double *said;			/* the judges' margins, pair by pair; NaN: none. Or what is marked */
static size_t width;			/* numbers said of a pair */
static size_t n_said, said_room;

/* Of all judged pairs. */
static size_t n;
static double *mean, *std, *p;
static bool *chosen;
static size_t acted;

static double margin_of(const struct panel_seat *s, struct rec *r, const struct pair *pair)
{
	struct judgement j = { 0 };

	s->judge->judge(s->self, r, pair, &j);
	if (j.has_scores && isfinite(j.score[0] - j.score[1]))
		return j.score[0] - j.score[1];
	return j.verdict == VERDICT_A ? 1 : j.verdict == VERDICT_B ? -1 : j.verdict == VERDICT_TIE ? 0 : NAN;
}

static bool ask_judges(struct rec *r, const struct pair *pair, double *margins)
{
	bool any = false;

	for (size_t i = 0; i < panel.n; i++) {
		margins[i] = margin_of(&panel.v[i], r, pair);
		any = any || !isnan(margins[i]);
	}
	return any;
}

static bool marked(struct rec *r, double *x)
{
	if (!rec_num(r, "flip", x))
		return false;
	if (*x < 0 || *x > 1)
		rec_bad(r, rec_col(r, rec_raw(r, "flip").p), "a flip of %g is no probability", *x);
	return true;
}

static void look(struct rec *r)
{
	struct features f = { 0 };
	struct packed *k;
	struct pair pair;

	if (!pair_need(r, &pair))
		return;
	if (span_eq(rec_text(r, "verdict"), S("tie")) || span_eq(pair.chosen, pair.rejected))
		return;
	if (width) {
		k = arena_alloc(r->arena, sizeof *k);
		k->margins = arena_alloc(r->arena, width * sizeof *k->margins);
		if (voters == MARKED ? marked(r, k->margins) : ask_judges(r, &pair, k->margins))
			r->data = k;
		return;
	}
	features_of(&f, pair.prompt, (const struct span[]){ pair.chosen, pair.rejected }, 2);
	k = arena_alloc(r->arena, sizeof *k + linear_pack_room(&f) * sizeof *k->grams);
	linear_pack(&f, BITS, &k->row, k->grams);
	features_free(&f);
	if (pair_group(r, &pair, group_by, &k->row.group))
		r->data = k;
}

static void settle(struct rec *r)
{
	const struct packed *k = r->data;

	GROW(place, n_place, place_room);
	place[n_place++] = k ? (uint32_t)n : UNJUDGED;
	if (!k)
		return;
	if (n == UNJUDGED - 1)
		die(EXIT_SYSTEM, "more than %zu pairs", n);
	n++;
	if (!width)
		linear_add(&data, &k->row, k->grams);
	for (size_t i = 0; i < width; i++) {
		GROW(said, n_said, said_room);
		said[n_said++] = k->margins[i];
	}
}

/* ---- margins and the rate ---- */

static void told(size_t models, size_t total)
{
	tell_steps("model", models, total);
}

static const struct linear_flip *models(void)
{
	static struct linear_flip f;

	how.seed = (uint64_t)seed;
	f = (struct linear_flip){ .folds = (unsigned)folds, .seeds = seeds, .jobs = run_jobs(), .peers = voters == PEER,
		.o = how, .told = told };
	return &f;
}

static void ask(const struct flip_rate *r)
{
	if (panel.n)
		flip_mean(said, n, panel.n, true, mean, std);
	else
		linear_flip_margins(&data, models(), r, mean, std);
}

/* What judges' margins, which are what they are, tell of the rate. */
static void weigh_rates(struct flip_rate *r)
{
	double e[FLIP_RATES], loglik[FLIP_RATES], a;

	for (int k = 0; k < FLIP_RATES; k++) {
		e[k] = flip_rate_at(k);
		loglik[k] = flip_likelihood(mean, n, e[k], &a);
	}
	flip_believe(e, loglik, FLIP_RATES, r);
}

static void tell_rate(struct buf *text, struct buf *json)
{
	tell_note("flip rate", buf_cstr(text), buf_span(json));
	buf_free(text);
	buf_free(json);
}

static void by_likelihood(void)
{
	struct buf text = { 0 }, json = { 0 };
	struct flip_rate r;

	if (opt_given(&rate))
		flip_believe_one(rate, &r);
	else if (!panel.n)
		linear_flip_rate(&data, models(), &r);
	ask(&r);
	if (panel.n && !opt_given(&rate))
		weigh_rates(&r);
	flip_probabilities(mean, n, &r, p);
	acted = flip_select(p, n, threshold, max_share, chosen);
	if (opt_given(&rate)) {
		buf_addf(&text, "%.4g, as given", rate);
		buf_addf(&json, "{\"method\":\"given\",\"rate\":%.6g}", rate);
	} else {
		buf_addf(&text, "%.3f [%.3f, %.3f] by likelihood", r.mean, r.low, r.high);
		buf_addf(&json, "{\"method\":\"likelihood\",\"rate\":%.6f,\"low\":%.6f,\"high\":%.6f}", r.mean, r.low, r.high);
	}
	tell_rate(&text, &json);
}

static void ask_plainly(void)
{
	struct flip_rate r;

	flip_believe_one(voters == PEER ? rate : 0, &r);
	ask(&r);
}

/* Confident learning names pairs; their probability is that at the rate it finds. */
static void by_confidence(void)
{
	double *q = xreallocarray(NULL, n + 1, sizeof *q), a;
	struct buf text = { 0 }, json = { 0 };
	struct flip_confident c;
	struct flip_rate r;

	ask_plainly();
	flip_likelihood(mean, n, 0, &a);
	for (size_t i = 0; i < n; i++)
		q[i] = 1 / (1 + exp(-a * mean[i]));
	c = flip_confident(q, n);
	if (c.threshold < 0.55)
		warn("labels have a mean probability of %.3f: confident learning takes what is hard to tell for wrong", c.threshold);
	flip_believe_one(fmin(isnan(c.rate) ? 0 : c.rate, 0.499), &r);
	flip_probabilities(mean, n, &r, p);
	for (size_t i = 0; i < n; i++)
		q[i] = flip_is_issue(&c, q[i]) ? p[i] : -1;
	acted = flip_select(q, n, opt_given(&threshold) ? threshold : 0, max_share, chosen);
	buf_addf(&text, "%.3f by confident learning; threshold %.3f", c.rate, c.threshold);
	buf_addf(&json, "{\"method\":\"confident\",\"rate\":");
	json_put_number(&json, c.rate);
	buf_addf(&json, ",\"threshold\":%.6f,\"right\":%zu,\"wrong\":%zu}", c.threshold, c.right, c.wrong);
	tell_rate(&text, &json);
	free(q);
}

static void by_mixture(void)
{
	struct buf text = { 0 }, json = { 0 };
	struct flip_mixture m;

	ask_plainly();
	m = flip_mixture(mean, n, p);
	if (!(m.u >= m.s))
		die(EXIT_BAD, "the margins are one hump (mean %.3g, deviation %.3g): no mixture can part them", m.u, m.s);
	acted = flip_select(p, n, threshold, max_share, chosen);
	buf_addf(&text, "%.3f by a mixture of margins around %.3g and %.3g, deviation %.3g", m.rate, m.u, -m.u, m.s);
	buf_addf(&json, "{\"method\":\"mixture\",\"rate\":%.6f,\"u\":%.6g,\"s\":%.6g}", m.rate, m.u, m.s);
	tell_rate(&text, &json);
}

static void decide(void)
{
	mean = xcalloc(n + 1, sizeof *mean);
	std = xcalloc(n + 1, sizeof *std);
	p = xcalloc(n + 1, sizeof *p);
	chosen = xcalloc(n + 1, sizeof *chosen);
	if (n == 0)
		return;
	if (!width)
		linear_index(&data);
	if (voters == MARKED) {
		memcpy(p, said, n * sizeof *p);
		acted = flip_select(p, n, threshold, max_share, chosen);
	} else if (method == LIKELIHOOD) {
		by_likelihood();
	} else if (method == CONFIDENT) {
		by_confidence();
	} else {
		by_mixture();
	}
	linear_data_free(&data);
}

/* ---- emit ---- */

/* The last digits depend on the mathematics library. */
static double rounded(double x)
{
	return round(x * 1e9) / 1e9;
}

static void soften(struct rec *r, double flip)
{
	double was;

	if (!rec_num(r, "preference", &was) || was < 0 || was > 1)
		was = 1;
	rec_set_num(r, "preference", rounded(was * (1 - flip) + (1 - was) * flip));
}

static void emit(struct rec *r)
{
	uint32_t i;

	if (r->n >= n_place)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	i = place[r->n];
	if (i == UNJUDGED)
		return;
	if (voters != MARKED) {
		rec_set_num(r, "flip", rounded(p[i]));
		rec_set_num(r, "margin", rounded(mean[i]));
		rec_set_num(r, "margin_std", rounded(std[i]));
	}
	if (!chosen[i])
		return;
	if (action == DROP)
		rec_drop(r, "flip");
	else if (action == SWAP)
		turn(r);
	else if (action == SOFTEN)
		soften(r, p[i]);
}

/* ---- start and stop ---- */

static struct filter flip;

static bool ahead(struct rec *r, int round)
{
	return panel_ahead_sides(&panel, r, round);
}

static void start(void)
{
	if (specs.n && (opt_given(&voters) || opt_given(&folds) || opt_given(&seeds) || opt_given(&how.l2) ||
	    opt_given(&group_by) || opt_given(&seed)))
		die(EXIT_USAGE, "with -J nothing is trained: no --voters, --folds, --seeds, --l2, --by, --seed");
	if (opt_given(&rate) && method != LIKELIHOOD && voters != PEER)
		die(EXIT_USAGE, "--rate is for --method likelihood, which would estimate it, and --voters peer");
	if (voters == PEER && method != LIKELIHOOD && !opt_given(&rate))
		die(EXIT_USAGE, "--voters peer with --method %s wants --rate, the share that each leaves out",
			method == CONFIDENT ? "confident" : "mixture");
	if (voters == MARKED && (opt_given(&method) || opt_given(&rate) || opt_given(&folds) || opt_given(&seeds) ||
	    opt_given(&how.l2) || opt_given(&group_by) || opt_given(&seed)))
		die(EXIT_USAGE, "--voters marked estimates nothing: no --method, --rate, --folds, --seeds, --l2, --by, --seed");
	if (action == SOFTEN && !opt_given(&threshold))
		threshold = 0;
	panel_open(&panel, specs.v, specs.n);
	if (panel_slow(&panel))
		run_records(FEW);
	if (panel_has_ahead(&panel))
		run_ahead(&flip, ahead, ask_plans());
	width = voters == MARKED ? 1 : panel.n;
}

static void stop(void)
{
	static const char *const done[] = { "to look at", "dropped", "swapped", "softened" };
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%zu of %zu pairs %s", acted, n, done[action]);
	if (n_place > n)
		buf_addf(&text, "; %zu could not be judged", n_place - n);
	buf_addf(&json, "{\"judged\":%zu,\"not_judged\":%zu,\"acted\":%zu}", n, n_place - n, acted);
	if (!ask_plans())
		tell_note("flips", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	panel_close(&panel);
	free(place);
	free(said);
	free(mean);
	free(std);
	free(p);
	free(chosen);
}

static struct filter flip = {
	.name = "pref-flip",
	.about = "find the labels that are the wrong way round",
	.options = options,
	.start = start,
	.look = look,
	.settle = settle,
	.decide = decide,
	.emit = emit,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return filter_main(&flip, argc, argv);
}
