/* train - learn a reward model from pairs (long: the page of a program with three kinds of model)
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
 * Not everybody wants the same, and what is wanted need not be a ranking:
 *
 *   --model gpm   a general preference model (Zhang et al. 2024): two responses are compared
 *                 by embeddings of --dims numbers, so that A may beat B, B C and C A. It
 *                 only compares: -J linear:MODEL cannot score candidates by it
 *   --mixture K   K Bradley-Terry models and a gate that weighs them by the words of the
 *                 prompt (MiCRo, arXiv 2505.24846), for groups who want opposite things
 *
 * They stop early on the held-out pairs, too, but are not trained again with these.
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
#include "linear_gpm.h"
#include "linear_mixture.h"
#include "metrics.h"
#include "pair.h"
#include "run.h"
#include "stream.h"
#include "train_lm.h"

#include <stdlib.h>

static const char *valid_path, *group_by;
static bool use_margin, use_preference;
static double flip_rate, hold = 0.1;
static long seed = 1, bits = 18, folds, repeats = 1;
static int loss_kind, model_kind;
static long dims = GPM_DIMS, mixture;
static struct linear_options how = {
	.l2 = 100, .rate = 0.02, .epochs = 30, .patience = 3, .refit = true
};

static const struct opt options[] = {
	OPT_CHOICE(0, "model", &model_kind, "bt|gpm", "a reward model, or one that only compares (default: bt)"),
	OPT_INT(0, "dims", &dims, 2, GPM_DIMS_MAX, "D", "gpm: dimensions, an even number (default: 4)"),
	OPT_INT(0, "mixture", &mixture, 2, MIXTURE_MAX, "K", "K reward models and a gate on the prompt"),
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
	OPT_NUM(0, "rate", &how.rate, 1e-6, 10, "X", "AdaGrad's learning rate (default: 0.02; gpm: 0.1)"),
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

enum { BT, GPM };
static struct mixture_data mixed;	/* of reward models; one alone has no use for the words of the gate */
static struct linear_data *const data = &mixed.pairs;
static struct gpm_data gpm;
static size_t n_train;			/* rows before those of --valid */
static struct out *model_out;
static struct buf curve;

struct packed {
	struct linear_row row;
	struct gpm_row both;
	uint16_t *words;
	uint32_t n_words;
	uint32_t grams[];
};

static void pack(const struct features *f, struct packed *k, struct arena *a)
{
	if (model_kind == GPM) {
		gpm_pack(f, (int)bits, &k->both, k->grams);
		return;
	}
	linear_pack(f, (int)bits, &k->row, k->grams);
	if (!mixture)
		return;
	k->words = arena_alloc(a, (mixture_words_room(f) + 1) * sizeof *k->words);
	k->n_words = mixture_words(f, k->words);
}

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
	k = arena_alloc(r->arena, sizeof *k + (gpm_pack_room(&f) + linear_pack_room(&f)) * sizeof *k->grams);
	*k = (struct packed){ 0 };
	pack(&f, k, r->arena);
	features_free(&f);
	if (labelled)
		k->row.preference = k->both.preference = (float)x;
	if (use_margin && rec_num(r, "margin", &x))
		k->row.margin = (float)x;
	if (pair_group(r, &p, group_by, &k->row.group))
		r->data = k;
}

static void settle(struct rec *r)
{
	struct packed *k = r->data;

	k->both.group = k->row.group;
	if (model_kind == GPM)
		gpm_add(&gpm, &k->both, k->grams);
	else
		mixture_add(&mixed, &k->row, k->grams, k->words, k->n_words);
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
	uint32_t *rows = xmalloc((data->n + 1) * sizeof *rows);
	struct linear_task t = {
		.d = data,
		.train = rows,
		.n_train = n_train,
		.held = rows + n_train,
		.n_held = data->n - n_train,
		.told = told,
	};

	for (size_t i = 0; i < data->n; i++)
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

/* Learn a model that is not one reward model from these rows. */
static void learn_other(const uint32_t *rows, size_t n, void (*say)(const struct linear_epoch *e, void *arg),
	struct gpm_model *general, struct mixture_model *several)
{
	if (model_kind == GPM)
		gpm_fit(&gpm, rows, n, (int)dims, hold, &how, say, general);
	else
		mixture_fit(&mixed, rows, n, (int)mixture, hold, &how, say, several);
}

/* linear_cross() for those, a fold at a time. */
static void cross_other(double *deltas)
{
	uint32_t *rows = xmalloc((n_train + 1) * sizeof *rows);
	unsigned *fold = xmalloc((n_train + 1) * sizeof *fold);

	for (size_t i = 0; i < n_train; i++) {
		const struct linear_row of = { .group = model_kind == GPM ? gpm.rows[i].group : data->rows[i].group };

		fold[i] = linear_side(&of, how.seed, "fold", (unsigned)folds);
	}
	for (unsigned k = 0; k < (unsigned)folds; k++) {
		struct gpm_model general = { 0 };
		struct mixture_model several = { 0 };
		size_t n = 0;

		for (size_t i = 0; i < n_train; i++)
			if (fold[i] != k)
				rows[n++] = (uint32_t)i;
		learn_other(rows, n, NULL, &general, &several);
		for (size_t i = 0; i < n_train; i++)
			if (fold[i] == k)
				deltas[i] = model_kind == GPM ? gpm_delta(&general, &gpm, &gpm.rows[i]) :
					mixture_delta(&several, &mixed, i);
		gpm_model_free(&general);
		mixture_model_free(&several);
		folded(k + 1, (size_t)folds);
	}
	free(rows);
	free(fold);
}

static bool one_reward(void)
{
	return model_kind == BT && !mixture;
}

static float label_of(size_t i)
{
	return model_kind == GPM ? gpm.rows[i].preference : data->rows[i].preference;
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
		if (one_reward())
			linear_cross(data, n_train, &parts, &how, deltas);
		else
			cross_other(deltas);
		for (size_t i = 0; i < n_train; i++) {
			double side = label_of(i) - 0.5;

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

static void write_model(struct span bytes)
{
	uint64_t n, hash;

	out_hash_on(model_out);
	if (out_write(model_out, bytes) < 0 || out_flush(model_out) < 0)
		die(EXIT_SYSTEM, "%s: %s", run_out_path(), out_error(model_out));
	n = out_bytes(model_out);
	hash = out_hash(model_out);
	if (out_commit(model_out) < 0)
		die(EXIT_SYSTEM, "%s:", run_out_path());
	tell_output(run_out_path(), n, hash);
}

/* What is told of any model, as struct linear_model has it; what is special about it, for people and in JSON. */
static void note_model(const struct linear_model *m, const char *words, const char *members)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%ju pairs, %s%u epochs", (uintmax_t)m->pairs, words, m->epochs);
	buf_addf(&json, "{\"pairs\":%ju,%s\"epochs\":%u", (uintmax_t)m->pairs, members, m->epochs);
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

static void reward_model(struct buf *bytes)
{
	struct buf words = { 0 }, members = { 0 };
	struct linear_model m;

	learn(&m);
	linear_put(&m, bytes);
	buf_addf(&words, "%zu grams, ", data->n_names);
	buf_addf(&members, "\"grams\":%zu,", data->n_names);
	note_model(&m, buf_cstr(&words), buf_cstr(&members));
	buf_free(&words);
	buf_free(&members);
	linear_model_free(&m);
}

static void other_model(struct buf *bytes)
{
	uint32_t *rows = xmalloc((n_train + 1) * sizeof *rows);
	struct buf words = { 0 }, members = { 0 };
	struct gpm_model general = { 0 };
	struct mixture_model several = { 0 };
	struct linear_model seen;		/* what they have in common */

	for (size_t i = 0; i < n_train; i++)
		rows[i] = (uint32_t)i;
	learn_other(rows, n_train, told, &general, &several);
	if (model_kind == GPM) {
		gpm_put(&general, bytes);
		seen = (struct linear_model){ .pairs = general.pairs, .epochs = general.epochs, .held = general.held,
			.held_accuracy = general.held_accuracy, .held_loss = general.held_loss,
			.temperature = general.temperature };
		buf_addf(&words, "%d dimensions, ", general.dims);
		buf_addf(&members, "\"dims\":%d,", general.dims);
	} else {
		mixture_put(&several, bytes);
		seen = (struct linear_model){ .pairs = several.heads[0].pairs, .epochs = several.epochs,
			.held = several.held, .held_accuracy = several.held_accuracy, .held_loss = several.held_loss,
			.temperature = several.temperature };
		buf_addf(&words, "%d models used", several.k);
		for (int h = 0; h < several.k; h++) {
			buf_addf(&words, " %.2f", several.usage[h]);
			buf_addf(&members, "%s%.6f", h ? "," : "\"usage\":[", several.usage[h]);
		}
		buf_adds(&words, ", ");
		buf_adds(&members, "],");
	}
	note_model(&seen, buf_cstr(&words), buf_cstr(&members));
	gpm_model_free(&general);
	mixture_model_free(&several);
	buf_free(&words);
	buf_free(&members);
	free(rows);
}

/* ---- the run ---- */

static void start(void)
{
	static const char *const losses[] = { "bt", "cdpo", "rdpo", "forward" };
	const char *why;

	how.loss = (enum linear_loss)loss_kind;
	how.e = flip_rate;
	data->bits = (int)bits;
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
	if (dims % 2)
		die(EXIT_USAGE, "--dims %ld is odd: dimensions are paired", dims);
	if (opt_given(&dims) && model_kind != GPM)
		die(EXIT_USAGE, "--dims is for --model gpm");
	if (model_kind == GPM && mixture)
		die(EXIT_USAGE, "--mixture is of reward models: not with --model gpm");
	if (!one_reward() && (use_margin || valid_path))
		die(EXIT_USAGE, "--margin and --valid are for one reward model");
	if (mixture && loss_kind != LINEAR_BT)
		die(EXIT_USAGE, "--loss %s is not for a mixture", losses[loss_kind]);
	gpm.bits = (int)bits;
	if (model_kind == GPM && !opt_given(&how.rate))
		how.rate = GPM_RATE;
	if (run_out_path()) {
		model_out = out_open(run_out_path(), &why);
		if (!model_out)
			die(EXIT_SYSTEM, "%s: %s", run_out_path(), why);
	}
}

static void stop(void)
{
	struct buf bytes = { 0 };

	n_train = model_kind == GPM ? gpm.n : data->n;
	if (valid_path)
		aside_read(valid_path, look_and_settle);
	linear_index(data);
	tell_json("kind", model_kind == GPM ? S("\"gpm\"") : mixture ? S("\"mixture\"") : S("\"linear\""));
	if (folds)
		fold_report();
	how.seed = (uint64_t)seed;
	if (model_out) {
		if (n_train == 0)
			warn("no pairs to learn from: the model scores every response 0");
		if (one_reward())
			reward_model(&bytes);
		else
			other_model(&bytes);
		write_model(buf_span(&bytes));
	}
	buf_free(&bytes);
	mixture_data_free(&mixed);
	gpm_data_free(&gpm);
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

	const char *word = argc > 1 ? argv[1] : "";

	if (train_lm_word(word))
		return train_lm_main(word, argc, argv);
	if (strcmp(word, train.command) != 0 && !asks_for_help(argc, argv)) {
		program_name = train.name;
		die(EXIT_USAGE, "%s%sthe kind of training comes first: linear, dpo, sft or reward", word, *word ? ": " : "");
	}
	return filter_main(&train, argc, argv);
}
