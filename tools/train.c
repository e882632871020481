/* train - learn a reward model from pairs
 *
 * usage: pref-train linear -o MODEL [FILE...]. The first argument is the kind of model. There is
 * one kind today, linear: it learns in seconds on one processor, and pref-score and pref-eval ask
 * it as the judge -J linear:MODEL.
 *
 * The linear model is that of Bradley and Terry (1952): a response y to a prompt x has a reward
 * r(x, y) = w . f(x, y), and with Delta = r(chosen) - r(rejected) chosen is better with probability
 * sigmoid(Delta). f holds hashed words, pairs of words and four-character pieces of words of the
 * response (brought to one length, so that long responses do not count for more), thirty dense
 * features (lengths, lists, code, questions, refusals, overlap with the prompt, ...) and some of
 * these times what kind of prompt it is.
 *
 * Learning is AdaGrad over the pairs in an order drawn from --seed, with the penalty --l2/2 |w|^2
 * on the sum of the losses. A tenth of the prompts (--hold; all pairs with one first turn are on
 * one side) or the pairs of --valid are held out: learning stops when the loss on them has not
 * become better for three epochs, and the margins are divided by the temperature that makes
 * sigmoid(Delta) fit their labels best. With --hold the epochs found are then run once more over
 * all pairs, and that model is written; accuracy and loss that are reported are those of the model
 * that had not seen the held-out pairs. With fewer than 20 held-out pairs nothing is held out: all
 * --epochs are run, and nothing is calibrated.
 *
 * Losses, with h = Delta, or Delta - margin with --margin:
 *
 *   --loss bt     -log sigmoid(h)
 *   --loss cdpo   label smoothing by e (--flip-rate): the mean, weighted 1 - e and e, of
 *                 the loss and that of the exchanged pair
 *   --loss rdpo   the unbiased loss when a share e < 1/2 of the labels is the wrong way
 *                 round (Chowdhury et al. 2024, "Provably Robust DPO"); may be negative;
 *                 e is a property of the data, too large an e makes the model too sure
 *   --loss forward  the likelihood of labels of which a share e < 1/2 is the wrong way
 *                 round, -log(e + (1 - 2e) sigmoid(h)): bounded, so that wrong labels are
 *                 let go (Patrini et al. 2017). pref-flip estimates e
 *
 * --soft takes the member `preference` as P(chosen is better) where there is one. Pairs whose
 * verdict is tie are dropped, unless --soft finds a preference; so are pairs of equal responses.
 *
 * --folds K learns K times from all but one part of the prompts and prints how well the model does
 * on the part left out: an honest estimate, from all pairs. With -o it then learns the model from
 * all.
 *
 * Memory: 152 bytes a pair and 4 a gram (word, pair of words, piece of a word) that differs between
 * its responses: about 2.4 KB for a pair of 1.6 KB of JSON, and never more than 1 MB for one. Same
 * input, options and seed: the same bytes, for any -j.
 */
#include "aside.h"
#include "linear.h"
#include "metrics.h"
#include "pair.h"
#include "run.h"
#include "stream.h"

#include <stdlib.h>

static const char *valid_path, *group_by;
static bool use_margin, use_preference;
static double flip_rate, hold = 0.1;
static long seed = 1, bits = 18, folds, repeats = 1;
static int loss_kind;
static struct linear_options how = {
	.l2 = 100, .rate = 0.02, .epochs = 30, .patience = 3, .refit = true
};

static const struct opt options[] = {
	OPT_CHOICE(0, "loss", &loss_kind, "bt|cdpo|rdpo|forward",
		"plain, smoothed, unbiased under flipped labels, or their likelihood (default: bt)"),
	OPT_NUM('e', "flip-rate", &flip_rate, 0, 1, "E",
		"smoothing of cdpo, share of flipped labels of rdpo and forward (default: 0)"),
	OPT_FLAG(0, "margin", &use_margin,
		"the reward margin must reach the member `margin` where there is one"),
	OPT_FLAG(0, "soft", &use_preference,
		"the member `preference`, where there is one, is the label"),
	OPT_NUM(0, "l2", &how.l2, 0, 1e12, "X",
		"penalty; more for little or noisy data (default: 100)"),
	OPT_NUM(0, "rate", &how.rate, 1e-6, 10, "X", "AdaGrad's learning rate (default: 0.02)"),
	OPT_INT(0, "epochs", &how.epochs, 1, 100000, "N", "at most (default: 30)"),
	OPT_INT(0, "patience", &how.patience, 1, 100000, "N",
		"epochs without a better held-out loss (default: 3)"),
	OPT_INT(0, "bits", &bits, LINEAR_BITS_MIN, LINEAR_BITS_MAX, "N",
		"hash grams into 2^N weights (default: 18)"),
	OPT_NUM(0, "hold", &hold, 0, 0.9, "SHARE",
		"share of the prompts that is held out (default: 0.1)"),
	OPT_STR(0, "valid", &valid_path, "FILE", "hold out the pairs of this file instead"),
	OPT_STR(0, "by", &group_by, "FIELD",
		"pairs with the same value go to the same side of every split (default: the first "
		"turn of the prompt)"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N",
		"of the order of pairs, and of splits (default: 1)"),
	OPT_INT('k', "folds", &folds, 2, 1000, "K",
		"print the accuracy of K-fold cross-validation"),
	OPT_INT(0, "repeats", &repeats, 1, 1000, "N",
		"times the cross-validation, with other folds (default: 1)"),
	OPT_END
};

static struct linear_data data;
static size_t n_train;			/* rows before those of --valid */
static struct out *model_out;
static struct buf curve;

struct packed {
	struct linear_row row;
	uint32_t grams[];
};

static void look(struct rec *r)
{
	struct features f = { 0 };
	struct packed *k;
	struct pair p;
	double x;
	bool labelled;

	if (!pair_need(r, &p))
		return;
	labelled = use_preference && rec_num(r, "preference", &x);
	if (labelled && (x < 0 || x > 1)) {
		rec_bad(r, rec_col(r, rec_raw(r, "preference").p),
			"a preference of %g is no probability", x);
		return;
	}
	if (!labelled && span_eq(rec_text(r, "verdict"), S("tie"))) {
		rec_drop(r, "tie");
		return;
	}
	if (span_eq(p.chosen, p.rejected)) {
		rec_drop(r, "equal");
		return;
	}
	features_of(&f, p.prompt, (const struct span[]){ p.chosen, p.rejected }, 2);
	k = arena_alloc(r->arena, sizeof *k + linear_pack_room(&f) * sizeof *k->grams);
	linear_pack(&f, (int)bits, &k->row, k->grams);
	features_free(&f);
	if (labelled)
		k->row.preference = (float)x;
	if (use_margin && rec_num(r, "margin", &x))
		k->row.margin = (float)x;
	if (pair_group(r, &p, group_by, &k->row.group))
		r->data = k;
}

static void settle(struct rec *r)
{
	struct packed *k = r->data;

	linear_add(&data, &k->row, k->grams);
}

/* A pair of --valid. */
static void look_and_settle(struct rec *r)
{
	look(r);
	if (!r->bad && !r->dropped)
		settle(r);
}

/* ---- learning ---- */

static void told(const struct linear_epoch *e, void *arg)
{
	(void)arg;
	tell_steps(e->refit ? "final epoch" : "epoch", (uint64_t)e->epoch, (uint64_t)how.epochs);
	buf_addf(&curve, "%s{\"epoch\":%ld,\"final\":%s,\"train_loss\":", curve.n ? "," : "",
		e->epoch, e->refit ? "true" : "false");
	json_put_number(&curve, e->train_loss);
	if (!isnan(e->held_loss)) {
		buf_adds(&curve, ",\"held_loss\":");
		json_put_number(&curve, e->held_loss);
		buf_adds(&curve, ",\"held_accuracy\":");
		json_put_number(&curve, e->held_accuracy);
	}
	buf_addf(&curve, ",\"seconds\":%.3f}", e->seconds);
}

static void folded(size_t done, size_t total)
{
	tell_steps("fold", done, total);
}

static void learn(struct linear_model *m)
{
	uint32_t *rows = xmalloc((data.n + 1) * sizeof *rows);
	struct linear_task t = {
		.d = &data,
		.train = rows,
		.n_train = n_train,
		.held = rows + n_train,
		.n_held = data.n - n_train,
		.told = told,
	};

	for (size_t i = 0; i < data.n; i++)
		rows[i] = (uint32_t)i;
	how.refit = !valid_path;
	if (valid_path && t.n_held < LINEAR_HELD_LEAST)
		t.n_held = 0;
	if (valid_path)
		linear_train(&t, &how, m);
	else
		linear_fit(&t, hold, &how, m);
	free(rows);
}

static void fold_report(void)
{
	const struct linear_folds parts = {
		.folds = (unsigned)folds, .hold = hold, .jobs = run_jobs(), .told = folded
	};
	double *deltas = xmalloc((n_train + 1) * sizeof *deltas);
	double *accuracies = xmalloc((size_t)repeats * sizeof *accuracies), mean = 0, squares = 0;
	struct buf json = { 0 };

	for (long k = 0; k < repeats; k++) {
		struct tally t = { 0, 0, 0 };
		struct calibration c;
		double lo, hi;
		size_t n = 0;

		how.seed = (uint64_t)(seed + k);
		how.refit = true;
		linear_cross(&data, n_train, &parts, &how, deltas);
		for (size_t i = 0; i < n_train; i++) {
			double side = data.rows[i].preference - 0.5;

			if (side == 0)
				continue;
			deltas[n] = side > 0 ? deltas[i] : -deltas[i];
			tally_add(&t, deltas[n++]);
		}
		metric_calibration(deltas, n, &c);
		tally_interval(&t, &lo, &hi);
		accuracies[k] = tally_accuracy(&t);
		mean += accuracies[k] / (double)repeats;
		tell_clear();
		printf("%ld folds, seed %ld: accuracy %.4f [%.4f, %.4f], log-loss %.4f, "
		       "calibration error %.4f, %zu pairs\n",
			folds, seed + k, accuracies[k], lo, hi, c.loss, c.ece, n);
		buf_addf(&json, "%s{\"seed\":%ld,\"accuracy\":%.6f,\"log_loss\":%.6f,\"ece\":%.6f}",
			k ? "," : "[", seed + k, accuracies[k], c.loss, c.ece);
	}
	buf_addc(&json, ']');
	tell_json("folds", buf_span(&json));
	for (long k = 0; k < repeats; k++)
		squares += (accuracies[k] - mean) * (accuracies[k] - mean);
	if (repeats > 1)
		printf("mean accuracy %.4f, standard deviation %.4f over %ld repeats\n", mean,
			sqrt(squares / (double)repeats), repeats);
	if (fflush(stdout) != 0)
		die(EXIT_SYSTEM, "standard output:");
	buf_free(&json);
	free(accuracies);
	free(deltas);
}

static void write_model(const struct linear_model *m)
{
	struct buf bytes = { 0 };
	uint64_t n, hash;

	linear_put(m, &bytes);
	out_hash_on(model_out);
	if (out_write(model_out, buf_span(&bytes)) < 0 || out_flush(model_out) < 0)
		die(EXIT_SYSTEM, "%s: %s", run_out_path(), out_error(model_out));
	n = out_bytes(model_out);
	hash = out_hash(model_out);
	if (out_commit(model_out) < 0)
		die(EXIT_SYSTEM, "%s:", run_out_path());
	tell_output(run_out_path(), n, hash);
	buf_free(&bytes);
}

static void note_model(const struct linear_model *m)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%ju pairs, %zu grams, %u epochs", (uintmax_t)m->pairs, data.n_names,
		m->epochs);
	buf_addf(&json, "{\"pairs\":%ju,\"grams\":%zu,\"epochs\":%u", (uintmax_t)m->pairs,
		data.n_names, m->epochs);
	if (m->held) {
		buf_addf(&text, "; on %ju held out: accuracy %.3f, log-loss %.4f; temperature %.3f",
			(uintmax_t)m->held, m->held_accuracy, m->held_loss, m->temperature);
		buf_addf(&json,
			",\"held\":%ju,\"held_accuracy\":%.6f,\"held_loss\":%.6f,"
			"\"temperature\":%.6f",
			(uintmax_t)m->held, m->held_accuracy, m->held_loss, m->temperature);
	} else {
		buf_adds(&text, "; too few held out to stop early or to calibrate");
	}
	buf_addc(&json, '}');
	tell_note("model", buf_cstr(&text), buf_span(&json));
	json.n = 0;
	buf_addf(&json, "[%s]", buf_cstr(&curve));
	tell_json("curve", buf_span(&json));
	buf_free(&json);
	buf_free(&text);
}

/* ---- the run ---- */

static void start(void)
{
	static const char *const losses[] = { "bt", "cdpo", "rdpo", "forward" };
	const char *why;

	how.loss = (enum linear_loss)loss_kind;
	how.e = flip_rate;
	data.bits = (int)bits;
	if (!run_out_path() && !folds)
		die(EXIT_USAGE, "where to? give -o MODEL, or --folds to cross-validate");
	if (loss_kind == LINEAR_BT && opt_given(&flip_rate))
		die(EXIT_USAGE, "--flip-rate is for --loss cdpo, rdpo and forward");
	if (loss_kind != LINEAR_BT && !opt_given(&flip_rate))
		die(EXIT_USAGE, "--loss %s wants --flip-rate", losses[loss_kind]);
	if (loss_kind >= LINEAR_RDPO && flip_rate >= 0.5)
		die(EXIT_USAGE,
			"--flip-rate %g: labels that are wrong half of the time say nothing",
			flip_rate);
	if (valid_path && (folds || opt_given(&hold)))
		die(EXIT_USAGE, "--valid goes with neither --folds nor --hold");
	if (repeats > 1 && !folds)
		die(EXIT_USAGE, "--repeats is for --folds");
	if (run_out_path()) {
		model_out = out_open(run_out_path(), &why);
		if (!model_out)
			die(EXIT_SYSTEM, "%s: %s", run_out_path(), why);
	}
}

static void stop(void)
{
	n_train = data.n;
	if (valid_path)
		aside_read(valid_path, look_and_settle);
	linear_index(&data);
	tell_json("kind", S("\"linear\""));
	if (folds)
		fold_report();
	how.seed = (uint64_t)seed;
	if (model_out) {
		struct linear_model m;

		if (n_train == 0)
			warn("no pairs to learn from: the model scores every response 0");
		learn(&m);
		write_model(&m);
		note_model(&m);
		linear_model_free(&m);
	}
	linear_data_free(&data);
	buf_free(&curve);
}

static bool asks_for_help(int argc, char **argv)
{
	static const char *const words[] = { "-h", "--help", "--version", "--man", "--completion" };

	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < COUNT(words); k++)
			if (strcmp(argv[i], words[k]) == 0)
				return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct filter train = {
		.name = "pref-train",
		.about = "learn a reward model from pairs",
		.command = "linear",
		.options = options,
		.start = start,
		.look = look,
		.settle = settle,
		.stop = stop,
		.sink = true,
	};

	if (argc > 1 && strcmp(argv[1], "linear") == 0) {
		argv[1] = argv[0];
		argv++;
		argc--;
	} else if (!asks_for_help(argc, argv)) {
		program_name = train.name;
		die(EXIT_USAGE, "%s%sthe kind of model comes first; there is: linear",
			argc > 1 ? argv[1] : "", argc > 1 ? ": " : "");
	}
	return filter_main(&train, argc, argv);
}
