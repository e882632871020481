/* route - which labels are worth asking a human about
 *
 * The label that a pair has (chosen is better) is taken for a model's. What a human's label in its place is expected to
 * gain, in right labels, is P(the label is wrong) - --human-error, the share of labels that humans get wrong. The pairs
 * that gain most go to humans (Miranda et al. 2024, "Hybrid Preferences: Learning to Route Instances for Human vs. AI
 * Feedback"):
 *
 *   route        "human" or "model"
 *   route_gain   that gain; absent where nothing is known, and such a pair stays with the model
 *
 * P(the label is wrong) is learned, or else the first of these that the record has: `flip` (pref-flip); 1 - `preference`
 * (pref-vote, pref-score --preference); of `votes` (those against chosen, half the ties, and 1) / (all of them and 2),
 * Laplace's rule; sigmoid(-`margin`), for which margins must be log-odds (those of -J linear are). --by takes one of them
 * alone: use it where records have unlike members, since these are not calibrated to each other.
 *
 * Learned it is from pairs that carry a human's label, too, in `votes`: --human NAME says whose votes are a human's.
 * --learn FILE fits a logistic model of whether it is another label than the record's, and writes it; --model FILE uses it on
 * pairs that no human has seen. It goes by what is known of the label, as above and `margin_std` and `difficulty`; by the
 * words of the prompt and of both responses, how much longer chosen is, how far they are apart in length, how many words
 * they share, how many more of the prompt's chosen repeats, whether the prompt asks; and by each --feature FIELD, a
 * number or words (tags). FILE is text, a line for each of them with its weight. Penalty: --l2/2 times the square of
 * the weights, numbers brought to a standard deviation of 1. With --learn a pair that has a human's label gets a gain by one
 * of ten models that have not seen its prompt, so that the output tells what the model is worth (as do the closing
 * lines: AUC, how well the gain tells the labels that the human turned from those he did not).
 *
 * How many go to humans: --budget labels, or a --share of the pairs, or as many as --cost pays for, with --human-cost for
 * each label of a human, --read-cost more for each 1,000 words that he reads, and --model-cost for each of a model. Where
 * labels cost different sums, --cost takes those that gain most for the money. Of equal gains those go that a hash of
 * their texts draws, since files are often sorted by what makes pairs hard. Then the input is read twice and takes 24 bytes
 * of memory a pair (--learn: 400 more). Without a budget a pair goes to humans by itself, if its gain exceeds --min-gain;
 * nothing is kept. With both, no more than the budget, and only those. Nothing else of the record is changed.
 */
#include "gain.h"
#include "logistic.h"
#include "metrics.h"
#include "run.h"
#include "stream.h"
#include "text.h"

#include <stdlib.h>

enum by { ANY, FLIP, PREFERENCE, VOTES, MARGIN };

static int by;
static long budget;
static double share, cost, human_cost = 1, read_cost, model_cost, human_error, min_gain, l2 = 10;
static const char *learn_path, *model_path;
static struct opt_list humans, fields;
static bool limited;			/* there is a budget */

static const struct opt options[] = {
	OPT_CHOICE(0, "by", &by, "any|flip|preference|votes|margin", "what tells that a label is wrong (default: any)"),
	OPT_INT('n', "budget", &budget, 0, 1e15, "N", "labels of humans"),
	OPT_NUM(0, "share", &share, 0, 1, "S", "the same as a share of the pairs"),
	OPT_NUM(0, "cost", &cost, 0, 1e15, "X", "as many as X pays for"),
	OPT_NUM(0, "human-cost", &human_cost, 1e-9, 1e9, "X", "of a label by a human (default: 1)"),
	OPT_NUM(0, "read-cost", &read_cost, 0, 1e9, "X", "more for each 1,000 words of prompt and responses (default: 0)"),
	OPT_NUM(0, "model-cost", &model_cost, 0, 1e9, "X", "of a label by a model (default: 0)"),
	OPT_NUM(0, "human-error", &human_error, 0, 0.5, "E", "share of labels that humans get wrong (default: 0)"),
	OPT_NUM(0, "min-gain", &min_gain, -1, 1, "G", "only where the gain is more than G (default: 0)"),
	OPT_HEADING("A gain that is learned"),
	OPT_STR(0, "learn", &learn_path, "FILE", "learn when a human's label is another one, and write it here"),
	OPT_STR(0, "model", &model_path, "FILE", "the gain by what --learn wrote"),
	OPT_LIST(0, "human", &humans, "NAME", "the votes of NAME are a human's, and tell nothing else; may be given again"),
	OPT_LIST('f', "feature", &fields, "FIELD", "--learn from this member, too: a number, or words; may be given again"),
	OPT_NUM(0, "l2", &l2, 1e-6, 1e9, "X", "penalty of --learn (default: 10)"),
	OPT_END
};

struct doubt {
	double gain;			/* NaN: not known */
	double cost;			/* of a human's label instead of a model's */
	uint64_t draw;			/* the least of equal gains goes first */
};
static struct doubt *doubts;
static size_t n, room;
static bool *human;
static size_t asked, unknown;
static double gained, price;		/* price: of the humans' labels, more than a model's */

struct work {				/* of a record, from look() to settle() */
	struct doubt doubt;
	double wrong;			/* as far as the record tells */
	struct gain_facts facts;
	uint64_t group;
};
static struct gain_model model;		/* --model; else only what it reads */
static struct gain_pupil pupil;
static double *known;			/* --learn: .wrong of each pair */
static size_t known_room;

/* P(the label is wrong), as far as the record tells; NaN: not known. */
static double wrong(struct rec *r)
{
	double x, votes, human_says;

	if ((by == ANY || by == FLIP) && rec_num(r, "flip", &x) && x >= 0 && x <= 1)
		return x;
	if ((by == ANY || by == PREFERENCE) && rec_num(r, "preference", &x) && x >= 0 && x <= 1)
		return 1 - x;
	if ((by == ANY || by == VOTES) && rec_get(r, "votes").kind != JSON_NONE && gain_votes(r, &model.reads, &votes, &human_says) &&
	    !isnan(votes))
		return votes;
	return (by == ANY || by == MARGIN) && rec_num(r, "margin", &x) ? sigmoid(-x) : NAN;
}

/* Of P(a human says otherwise): he may be wrong, too. */
static double gain_of_otherwise(double p)
{
	return (p - human_error) / (1 - 2 * human_error) - human_error;
}

static void put(struct rec *r, double gain, bool to_human)
{
	rec_set_text(r, "route", to_human ? S("human") : S("model"));
	if (isnan(gain))
		rec_remove(r, "route_gain");
	else
		rec_set_num(r, "route_gain", round(gain * 1e9) / 1e9);
}

static double cost_of(const struct pair *p)
{
	const struct span text[] = { p->prompt, p->chosen, p->rejected };
	struct words w = { 0 };
	double more;

	for (size_t i = 0; i < COUNT(text) && read_cost > 0; i++)
		if (text[i].p)
			text_words(text[i], &w);
	more = read_cost * (double)w.n / 1000;
	words_free(&w);
	return human_cost + more - model_cost;
}

static void look(struct rec *r)
{
	struct work *w = arena_alloc(r->arena, sizeof *w);
	struct doubt *d = &w->doubt;
	struct pair p;

	if (!pair_need(r, &p))
		return;
	w->wrong = wrong(r);
	if (r->bad)
		return;
	d->gain = w->wrong - human_error;
	if (learn_path || model_path) {
		if (!gain_facts_of(r, &p, &model.reads, &w->facts) || !pair_group(r, &p, NULL, &w->group))
			return;
		d->gain = model_path ? gain_of_otherwise(gain_predict(&model, &w->facts)) : NAN;
	}
	d->cost = cost_of(&p);
	d->draw = hash128_parts((const struct span[]){ p.prompt, p.chosen, p.rejected }, 3, 0).lo;
	r->data = w;
	if (!limited && !learn_path)
		put(r, d->gain, d->gain > min_gain);
}

static void ask(const struct doubt *d)
{
	asked++;
	gained += d->gain;
	price += d->cost;
}

static void settle(struct rec *r)
{
	const struct work *w = r->data;

	if (limited || learn_path) {
		GROW(doubts, n, room);
		doubts[n] = w->doubt;
	} else {
		unknown += isnan(w->doubt.gain);
		if (w->doubt.gain > min_gain)
			ask(&w->doubt);
	}
	if (learn_path) {
		GROW(known, n, known_room);
		known[n] = w->wrong;
		gain_add(&pupil, &w->facts, w->group);
	}
	n++;
}

static double worth(const struct doubt *d)
{
	return opt_given(&cost) ? d->gain / d->cost : d->gain;
}

static int by_worth(const void *x, const void *y)
{
	const size_t i = *(const size_t *)x, k = *(const size_t *)y;
	const struct doubt *a = &doubts[i], *b = &doubts[k];

	if (worth(a) != worth(b))
		return (worth(a) < worth(b)) - (worth(a) > worth(b));
	return a->draw != b->draw ? (a->draw > b->draw) - (a->draw < b->draw) : (i > k) - (i < k);
}

/* Of the labels that humans turned and those that they did not, by a value of each; ties count half for either. */
static double auc(const double *v)
{
	double *turned = xcalloc(n + 1, sizeof *turned), *left = xcalloc(n + 1, sizeof *left), x;
	size_t a = 0, b = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i]) || isnan(pupil.seats[i].human))
			continue;
		if (pupil.seats[i].human > 0.5)
			turned[a++] = v[i];
		else if (pupil.seats[i].human < 0.5)
			left[b++] = v[i];
	}
	x = metric_auc(turned, a, left, b);
	free(turned);
	free(left);
	return x;
}

static void learn(void)
{
	const char *why = gain_learn(&pupil, l2);
	struct buf text = { 0 }, json = { 0 };
	double plain;

	if (why)
		die(EXIT_BAD, "nothing can be learned: %s", why);
	for (size_t i = 0; i < n; i++)
		doubts[i].gain = gain_of_otherwise(pupil.p[i]);
	plain = auc(known);
	buf_addf(&text, "of %ju pairs, of which humans label %.3g otherwise; on prompts not seen log-loss %.4g (the share alone: %.4g), "
		"AUC %.3g", (uintmax_t)pupil.learned, pupil.otherwise, pupil.loss, pupil.base, auc(pupil.p));
	buf_addf(&json, "{\"pairs\":%ju,\"otherwise\":%.6g,\"features\":%zu,\"loss\":%.6g,\"base\":%.6g,\"auc\":", (uintmax_t)pupil.learned,
		pupil.otherwise, pupil.m.n, pupil.loss, pupil.base);
	json_put_number(&json, auc(pupil.p));
	if (!isnan(plain)) {
		buf_addf(&text, " (by what the records tell: %.3g)", plain);
		buf_addf(&json, ",\"auc_untaught\":%.6g", plain);
	}
	buf_addc(&json, '}');
	tell_note("learned", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

/* As many as the budget allows, those that are worth most first. */
static void choose(void)
{
	const double most = opt_given(&budget) ? (double)budget : opt_given(&share) ? floor(share * (double)n + 1e-9) : INFINITY;
	const double money = opt_given(&cost) ? cost - (double)n * model_cost : INFINITY;
	size_t *order = xreallocarray(NULL, n + 1, sizeof *order), m = 0;

	for (size_t i = 0; i < n; i++)
		if (doubts[i].gain > min_gain)
			order[m++] = i;
	qsort(order, m, sizeof *order, by_worth);
	for (size_t i = 0; i < m && (double)asked < most; i++) {
		if (price + doubts[order[i]].cost > money * (1 + 1e-9))
			continue;
		human[order[i]] = true;
		ask(&doubts[order[i]]);
	}
	free(order);
}

static void decide(void)
{
	human = xcalloc(n + 1, sizeof *human);
	if (learn_path)
		learn();
	for (size_t i = 0; i < n; i++)
		unknown += isnan(doubts[i].gain);
	choose();
}

static size_t emitted;

static void emit(struct rec *r)
{
	if (emitted >= n)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	put(r, doubts[emitted].gain, human[emitted]);
	emitted++;
}

/* ---- the model's file ---- */

static void read_model(void)
{
	struct buf b = { 0 };
	const char *why;

	run_reads(model_path);
	if (file_read(model_path, &b, 16 << 20, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", model_path, why);
	why = gain_get(&model, buf_span(&b));
	if (why)
		die(EXIT_USAGE, "%s: %s", model_path, why);
	buf_free(&b);
}

static void write_model(void)
{
	struct buf b = { 0 };
	const char *why;
	struct out *o = out_open(learn_path, &why);

	if (!o)
		die(EXIT_SYSTEM, "%s: %s", learn_path, why);
	pupil.m.reads = model.reads;
	model.reads = (struct gain_reads){ 0 };
	gain_put(&pupil.m, &b);
	if (out_write(o, buf_span(&b)) < 0)
		die(EXIT_SYSTEM, "%s: %s", learn_path, out_error(o));
	if (out_commit(o) < 0)
		die(EXIT_SYSTEM, "%s:", learn_path);
	buf_free(&b);
}

static struct filter route;

static void start(void)
{
	const int given = opt_given(&budget) + opt_given(&share) + opt_given(&cost);

	if (given > 1)
		die(EXIT_USAGE, "--budget, --share and --cost are three ways to say one thing");
	if (human_cost <= model_cost)
		die(EXIT_USAGE, "--human-cost is to be above --model-cost: else nothing needs routing");
	if (learn_path && model_path)
		die(EXIT_USAGE, "--learn makes a model, --model uses one");
	if (opt_given(&by) && model_path)
		die(EXIT_USAGE, "--model goes by what it has learned, not --by");
	if (learn_path && !humans.n)
		die(EXIT_USAGE, "--learn from whom? --human NAME");
	if (!learn_path && (fields.n || opt_given(&l2)))
		die(EXIT_USAGE, "--feature and --l2 are for --learn");
	if ((learn_path || model_path) && human_error >= 0.5)
		die(EXIT_USAGE, "humans who get half the labels wrong teach nothing");
	run_side_file(learn_path);
	if (model_path)
		read_model();
	for (size_t i = 0; i < humans.n; i++)
		gain_reads_add(&model.reads.humans, &model.reads.n_humans, span_of(humans.v[i]));
	for (size_t i = 0; i < fields.n; i++)
		gain_reads_add(&model.reads.fields, &model.reads.n_fields, span_of(fields.v[i]));
	limited = given;
	if (!limited && !learn_path)
		return;
	route.decide = decide;
	route.emit = emit;
}

static void stop(void)
{
	const double total = price + (double)n * model_cost;
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%zu of %zu pairs to humans, expected gain %.4g right labels, cost %.6g", asked, n, gained, total);
	if (unknown)
		buf_addf(&text, "; of %zu nothing is known", unknown);
	buf_addf(&json, "{\"pairs\":%zu,\"human\":%zu,\"gain\":%.6g,\"cost\":%.6g,\"unknown\":%zu}", n, asked, gained, total,
		unknown);
	tell_note("route", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void done(void)
{
	if (learn_path)
		write_model();
	free(doubts);
	free(human);
	free(known);
	gain_pupil_free(&pupil);
	gain_model_free(&model);
}

static struct filter route = {
	.name = "pref-route",
	.about = "which labels are worth asking a human about",
	.options = options,
	.start = start,
	.look = look,
	.settle = settle,
	.stop = stop,
	.done = done,
};

int main(int argc, char **argv)
{
	return filter_main(&route, argc, argv);
}
