/* train_lm - pref-train dpo, sft, reward: a language model learns (long: its page, options and closing lines)
 *
 * usage: pref-train dpo|sft|reward -m MODEL -o FOLDER [--lora RANK] [--valid FILE] [FILE...]
 *
 * MODEL is a GGUF file, a folder with config.json and model.safetensors, a llama2.c file, of the
 * Llama, Qwen2 or GPT-2 family, or an adapter of one (its folder, or BASE+FOLDER). With --lora
 * low-rank adapters of the matrices named by --targets are learned, and FOLDER becomes an adapter as
 * PEFT loads it, or with --merge the whole model; without, all numbers, and FOLDER becomes a model as
 * transformers loads it, and as the judge lm: does, with its tokenizer and chat template (but the one
 * of --chat). --format gguf writes FOLDER/model.gguf instead, which llama.cpp and all programs here
 * read, with tokenizer and template in it. dpo learns from pairs, or from ranked lists (--loss pl, pro,
 * lambda, tpo); sft raises the likelihood of chosen responses.
 *
 * reward learns a reward model: a head without bias instead of that of the vocabulary scores the last
 * token of the conversation, as the template writes it, that does not fill up (pad_token_id of
 * config.json, else the tokenizer's pad or end token), and the score of the chosen response is to be
 * above that of the rejected one: -log sigmoid(chosen - rejected - margin) + C (chosen + rejected)^2,
 * with the member margin (--margin) and --center C, as TRL's RewardTrainer. The head begins as
 * score.weight of MODEL, or drawn as transformers does, normal with deviation 0.02; --lora learns it
 * whole beside the adapters. FOLDER becomes one for AutoModelForSequenceClassification, or PEFT, and
 * -J lm:FOLDER scores by it. Records longer than --max-length are dropped: too-long. With --loss gpm it
 * is a general preference model (Zhang et al. 2024): the head says --dims numbers of each response, and
 * two are compared by these, so that A may beat B, B C and C A; it only compares pairs.
 *
 * A record is a pair: prompt, chosen, rejected, texts or messages, as other programs write them. It
 * is put into the model's own chat template (or --chat); the responses are what is learned from,
 * with the token that ends them. sft takes chosen, or completion. Lists are candidates:
 * "responses": [{"text": ..., "score": 1.5}, ...], best first. Token ids are taken as they are:
 * prompt_ids, chosen_ids, rejected_ids, completion_ids as TRL's trainers hold them, and "ids" in
 * responses. What the template cannot say is dropped: template; responses of several messages: form.
 *
 * --loss is a sum of losses with weights, as "dpo:1,sft:0.1". Each stands for the loss of its
 * paper and, where it says so, of a public code:
 *
 *   dpo cdpo soft robust forward hinge ipo ipo-sum exo nca bco sppo apo-zero apo-down discopop
 *   dpo-norm margin-dpo r-dpo ld-dpo mask-dpo wpo wpo-trl dpop dpop-out cal-dpo irepo rationale
 *   kto aot aot-unpaired	beside a reference: the model as it was
 *   tdpo1 tdpo2		the same, which stays in memory: twice the model, and twice the passes
 *   simpo alphapo cpo slic orpo sft	without one
 *   pl pro lambda tpo	of lists (tpo: gold, chosen, rejected)
 *
 * The members margin, preference, flip and, for mask-dpo, chosen_weights and rejected_weights (a
 * number a token) are read by the losses that know them; by rationale, the text `rationale`
 * (of an array of texts, the mean of their log-probs) and what it answers, `rationale_prompt` (or both
 * with _ids). --beta, --smooth, --gamma and --alpha set
 * what the losses have by these names.
 *
 * A step is taken after --batch records. They go through the model in passes of about --tokens
 * tokens: a prompt once for all that goes on from it, nothing padded, probabilities only where a
 * response's tokens are predicted. Responses are cut so that prompt and response have at most
 * --max-length tokens (counted in the closing lines); records whose prompt alone has as many are
 * dropped: prompt-too-long. The reference's log-probs are computed once and kept in FOLDER.
 *
 * FOLDER holds metrics.jsonl, a line for each step by the names that TRL logs (loss,
 * rewards/chosen, rewards/margins, rewards/accuracies, logps/chosen, entropy, grad_norm, ...), and
 * a checkpoint: killed at any moment, the run goes on with --resume from the last one and ends with
 * the same bits as if it had not been. With --valid the model of the best evaluation is kept, and
 * --patience stops a run that gets no better.
 *
 * Memory: the model in float; without --lora three times that for gradients and moments; and the
 * activations of one pass. Same input, options and seed: the same bytes, for every -j.
 */
#include "train_lm.h"

#include "aside.h"
#include "lesson.h"
#include "lm/gemm.h"
#include "lm/peft.h"
#include "lm/save.h"
#include "lm/tokenizer_json.h"
#include "random.h"
#include "run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

enum format { FOLDER, GGUF, GGUF_HALF };

static const char *model_path, *tokenizer_path, *chat, *loss_text, *valid_path, *targets = "all";
static long rank, dims = 4, batch = 8, tokens = 1024, max_length = 1024, seed = 1, eval_every, save_every, patience;
static double epochs = 1, center, rate, decay, clip = 1, warm = 0.1, lora_alpha;
static int schedule, format;	/* enum format */
static bool resume, in_order, sft, rewards, merge, use_margin;
static struct loss_options knobs = { NAN, NAN, NAN, NAN };

static const struct opt options[] = {
	OPT_STR('m', "model", &model_path, "MODEL", "the model to begin with, and the reference"),
	OPT_STR(0, "tokenizer", &tokenizer_path, "FILE", "instead of the model's own"),
	OPT_STR(0, "chat", &chat, "NAME", "a chat template instead of the model's own; none: texts are continued as they are"),
	OPT_STR(0, "loss", &loss_text, "NAME[:WEIGHT],...", "what is to become small (default: dpo; of pref-train sft: sft, reward: bt)"),
	OPT_NUM(0, "beta", &knobs.beta, 1e-6, 1e6, "X", "of the losses (default: each its own, dpo 0.1)"),
	OPT_NUM(0, "smooth", &knobs.smooth, 0, 0.5, "X", "label smoothing, or the share of wrong labels (default: each its own)"),
	OPT_NUM(0, "gamma", &knobs.gamma, 0, 1e6, "X", "target margin, or the rationale's weight (default: each its own)"),
	OPT_NUM(0, "alpha", &knobs.alpha, 0, 1e6, "X", "weight of a second term (default: each its own)"),
	OPT_NUM(0, "center", &center, 0, 1e6, "C", "of pref-train reward: C (chosen + rejected)^2 keeps scores around 0 (default: 0)"),
	OPT_INT(0, "dims", &dims, 2, 256, "N", "of --loss gpm: numbers of an embedding (default: 4)"),
	OPT_FLAG(0, "margin", &use_margin, "of pref-train reward: the score's margin must reach the member `margin` where there is one"),
	OPT_HEADING("What is learned"),
	OPT_INT(0, "lora", &rank, 1, LORA_MOST, "RANK", "adapters of this rank (default: all numbers of the model)"),
	OPT_NUM(0, "lora-alpha", &lora_alpha, 1e-3, 1e6, "X", "adapters count alpha / rank times (default: twice the rank)"),
	OPT_STR(0, "targets", &targets, "q,k,v,o,gate,up,down", "matrices that get adapters (default: all)"),
	OPT_FLAG(0, "merge", &merge, "with --lora, write the whole model, adapters merged into it"),
	OPT_CHOICE(0, "format", &format, "hf|gguf|gguf-f16",
		"of the model: files of Hugging Face's, or model.gguf in F32 or F16, adapters merged into it (default: hf)"),
	OPT_HEADING("How"),
	OPT_NUM(0, "epochs", &epochs, 1e-6, 1e6, "N", "times that the data is gone through (default: 1)"),
	OPT_INT(0, "batch", &batch, 1, 1e6, "N", "records of a step (default: 8)"),
	OPT_NUM(0, "rate", &rate, 0, 10, "X", "greatest learning rate (default: 5e-6; with --lora 1e-4)"),
	OPT_CHOICE(0, "schedule", &schedule, "linear|cosine|constant", "how the rate falls (default: linear)"),
	OPT_NUM(0, "warm-up", &warm, 0, 1, "SHARE", "of the steps in which the rate rises (default: 0.1)"),
	OPT_NUM(0, "decay", &decay, 0, 1, "X", "weight decay of AdamW (default: 0)"),
	OPT_NUM(0, "clip", &clip, 0, 1e9, "X", "greatest norm of a gradient, 0: any (default: 1)"),
	OPT_INT(0, "tokens", &tokens, 1, 1e7, "N", "of one pass (default: 1024)"),
	OPT_INT(0, "max-length", &max_length, 2, 1e7, "N", "tokens of prompt and response (default: 1024)"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N", "of the order of records and of adapters (default: 1)"),
	OPT_FLAG(0, "in-order", &in_order, "take the records as they come"),
	OPT_HEADING("Held-out data, checkpoints"),
	OPT_STR(0, "valid", &valid_path, "FILE", "evaluate on these records; the best model is kept"),
	OPT_INT(0, "eval-every", &eval_every, 1, 1e9, "STEPS", "(default: a tenth of the run)"),
	OPT_INT(0, "save-every", &save_every, 1, 1e9, "STEPS", "write a checkpoint (default: a tenth of the run)"),
	OPT_INT(0, "patience", &patience, 1, 1e9, "N", "stop after so many evaluations without a better one (default: never)"),
	OPT_FLAG(0, "resume", &resume, "go on from the checkpoint in FOLDER, if there is one"),
	OPT_END
};

static struct lm_model *model, *reference_model;	/* the latter of losses that log-probs are not enough for */
static struct lm *lm;			/* with its tokenizer; NULL: there is none, and no_tokenizer says why */
static struct lm_error no_tokenizer;
static bool writes_tokenizer;		/* to the output: a folder's own is copied */
static struct loss_set loss;
static struct lesson *lesson;
static size_t limit;
static bool holds;			/* there is held-out data */

static void look(struct rec *r)
{
	lesson_look(lesson, r);
}

static void settle(struct rec *r)
{
	lesson_keep(lesson, r, false);
}

/* A record of --valid. */
static void look_and_hold(struct rec *r)
{
	lesson_look(lesson, r);
	if (!r->bad && !r->dropped)
		lesson_keep(lesson, r, true);
}

/* ---- the run ---- */

static void name_run(struct course_options *o)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < model->maps; i++) {
		const struct key128 k = hash128(model->map[i], 0);

		buf_add(&b, (struct span){ (const char *)&k, sizeof k });
	}
	lesson_key(lesson, &b);
	buf_addf(&b, "%ld %ld %ld %d %d %s", batch, tokens, seed, in_order, (loss.flags & LOSS_OTHER) != 0, gemm_core());
	o->base = hash128(buf_span(&b), 0);
	buf_addf(&b, "%s %a %a %a %a %ld %a %s %a %a %a %a %a %d %ld %ld", loss_text, knobs.beta, knobs.smooth, knobs.gamma,
		knobs.alpha, rank, lora_alpha, targets, epochs, rate, decay, clip, warm, schedule, eval_every, patience);
	o->run = hash128(buf_span(&b), 0);
	buf_free(&b);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool save(void *arg, struct lm_error *e)
{
	const struct lm_lora *l = arg;
	char *path;
	bool ok;

	if (format == FOLDER) {
		ok = l && !merge ? peft_write(l, model, model_path, run_out_path(), e) : lm_save_folder(model, run_out_path(), e);
		return ok && (!writes_tokenizer || lm_save_tokenizer(lm, run_out_path(), e));
	}
	path = xasprintf("%s/model.gguf", run_out_path());
	ok = lm_save_gguf(model, lm, format == GGUF_HALF ? QUANT_F16 : QUANT_F32, path, e);
	free(path);
	return ok;
}

static void progress(void *arg, const char *what, uint64_t done, uint64_t all)
{
	(void)arg;
	tell_steps(what ? what : "steps", done, all);
}

/* One row of the closing lines: held-out figures before, at the best evaluation and after. */
static void tell_row(const char *name, const char *fmt, double before, double best, double after, double error)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, fmt, before, best, after);
	if (error > 0)
		buf_addf(&text, " (+- %.3f)", error);
	buf_adds(&json, "{\"before\":");
	json_put_number(&json, before);
	buf_adds(&json, ",\"best\":");
	json_put_number(&json, best);
	buf_adds(&json, ",\"after\":");
	json_put_number(&json, after);
	buf_addc(&json, '}');
	tell_note(name, buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static double per(double sum, const struct train_sums *s)
{
	return s->groups ? sum / (double)s->groups : 0;
}

static void tell_valid(const struct course_result *r)
{
	const struct train_sums *a = &r->before, *b = &r->best, *c = &r->after;
	double error[3], accuracy[3] = { course_accuracy(a, &error[0]), course_accuracy(b, &error[1]), course_accuracy(c, &error[2]) };

	tell_row("held-out loss", "%.4f, %.4f at the best evaluation, %.4f at the end", per(a->loss, a), per(b->loss, b),
		per(c->loss, c), 0);
	if (sft)
		return;
	tell_row("accuracy", "%.3f, %.3f, %.3f", accuracy[0], accuracy[1], accuracy[2], error[2]);
	tell_row("margin", "%.4f, %.4f, %.4f", per(a->margin, a), per(b->margin, b), per(c->margin, c), 0);
	if (rewards)
		return;
	tell_row("log-prob of chosen", "%.2f, %.2f, %.2f", per(a->logp_chosen, a), per(b->logp_chosen, b), per(c->logp_chosen, c), 0);
	tell_row("log-prob of rejected", "%.2f, %.2f, %.2f", per(a->logp_rejected, a), per(b->logp_rejected, b),
		per(c->logp_rejected, c), 0);
}

/* Likelihood displacement (Razin et al. 2024, arXiv 2410.08847): margins grow while both responses become less likely. */
static void warn_of_fall(const struct course_result *r)
{
	const struct train_sums *t = &r->train;
	double chosen = per(r->after.logp_chosen, &r->after) - per(r->before.logp_chosen, &r->before);
	double rejected = per(r->after.logp_rejected, &r->after) - per(r->before.logp_rejected, &r->before);
	const char *where = "held-out";

	if (sft || rewards)
		return;
	if (!holds) {
		if (!(loss.flags & LOSS_REFERENCE) || isnan(loss.v[0].o.beta))
			return;
		chosen = per(t->chosen, t) / loss.v[0].o.beta;
		rejected = per(t->rejected, t) / loss.v[0].o.beta;
		where = "training";
	}
	if (chosen < -1 && rejected < -1)	/* a factor of e each */
		warn("the %s log-probs of chosen and rejected responses fell together, by %.2f and %.2f: the likelihood goes to neither; "
			"a term of sft, dpop or apo-zero holds it", where, -chosen, -rejected);
}

static void tell_result(const struct course_result *r, const struct trainer *t)
{
	char text[240], reference[40] = "";

	if (r->reference_rows)
		snprintf(reference, sizeof reference, " after %.1f s of the reference", r->reference_seconds);
	snprintf(text, sizeof text, "%llu of %llu steps%s, %.1f s%s, %.0f tokens/s, %.0f MB beside the model, %s",
		(unsigned long long)r->steps, (unsigned long long)r->all_steps, r->stopped_early ? ", stopped early" : "", r->seconds, reference,
		r->seconds > 0 ? (double)r->rows / r->seconds : 0, (double)trainer_bytes(t) / 1e6, gemm_core());
	tell_note("run", text, (struct span){ NULL, 0 });
	if (lesson_cut(lesson)) {
		snprintf(text, sizeof text, "%llu responses at the end, to --max-length %zu",
			(unsigned long long)lesson_cut(lesson), limit);
		tell_note("cut", text, (struct span){ NULL, 0 });
	}
	if (holds)
		tell_valid(r);
	warn_of_fall(r);
}

/* Numbers that a reward model says of a response. */
static int heads(void)
{
	return loss.flags & LOSS_EMBEDDED ? (int)dims : 1;
}

/* Without a tokenizer a model can still learn from token ids. */
static void open_model(void)
{
	const struct lm_options o = { .tokenizer = tokenizer_path, .chat = chat, .flags = rewards ? LM_SCORES(heads()) : 0,
		.threads = run_jobs() };
	struct buf b = { 0 };
	struct lm_error e;

	lm = lm_load(model_path, &o, &no_tokenizer);
	model = lm ? lm->model : lm_open(model_path, o.flags, run_jobs(), &e);
	if (!model)
		die(EXIT_SYSTEM, "%s: %s", model_path, e.text);
	if (!lm && (tokenizer_path || chat || no_tokenizer.system))
		die(EXIT_SYSTEM, "%s: %s", model_path, no_tokenizer.text);
	if (!lm && format != FOLDER)
		warn("model.gguf is without a tokenizer: %s", no_tokenizer.text);
	writes_tokenizer = lm && format == FOLDER && (tokenizer_path || !is_folder(model->source));
	if (writes_tokenizer && !tokenizer_put_json(lm->tokenizer, &b, &e)) {
		warn("%s: no tokenizer.json is written", e.text);
		writes_tokenizer = false;
	}
	buf_free(&b);
}

/* Losses that ask for its whole distributions have it in memory. */
static void open_reference(void)
{
	struct lm_error e;

	reference_model = lm_open(model_path, 0, run_jobs(), &e);
	if (!reference_model)
		die(EXIT_SYSTEM, "%s: %s", model_path, e.text);
}

/* As transformers begins a head of scores. */
static void make_head(void)
{
	struct rng g = rng_for((uint64_t)seed, "score", 0);
	struct lm_matrix *head = &model->score;

	for (size_t i = 0; head->parts == 0 && i < (size_t)head->rows * head->cols; i++)
		head->f[i] = (float)(0.02 * rng_normal(&g));
	model->config.general = loss.flags & LOSS_EMBEDDED;
}

static void close_model(void)
{
	if (lm)
		lm_close(lm);
	else
		lm_free(model);
}

static bool has_loss(const char *name)
{
	for (size_t i = 0; i < loss.n; i++)
		if (strcmp(loss.v[i].loss->name, name) == 0)
			return true;
	return false;
}

static void start(void)
{
	char *why;

	if (!model_path)
		die(EXIT_USAGE, "which model? give -m MODEL");
	if (!run_out_path())
		die(EXIT_USAGE, "where to? give -o FOLDER");
	if (!loss_text)
		loss_text = sft ? "sft" : rewards ? "bt" : "dpo";
	if (opt_given(&center))
		knobs.alpha = center;
	why = loss_parse(loss_text, &knobs, &loss);
	if (why)
		die(EXIT_USAGE, "--loss: %s", why);
	if (rewards && (loss.n != 1 || !(loss.flags & LOSS_SCORES)))
		die(EXIT_USAGE, "pref-train reward has the loss bt, or gpm");
	if (!rewards && (loss.flags & LOSS_SCORES))
		die(EXIT_USAGE, "--loss %s is of pref-train reward", loss_text);
	if (!rewards && (opt_given(&center) || use_margin))
		die(EXIT_USAGE, "--center and --margin are for pref-train reward");
	if (sft && (loss.n != 1 || strcmp(loss.v[0].loss->name, "sft")))
		die(EXIT_USAGE, "pref-train sft has the loss sft");
	if (!lora_targets(targets))
		die(EXIT_USAGE, "--targets %s: not a list of q, k, v, o, gate, up, down, or all", targets);
	if (!rank && (opt_given(&lora_alpha) || opt_given(&targets) || merge))
		die(EXIT_USAGE, "--lora-alpha, --targets and --merge are for --lora");
	if (opt_given(&dims) && !(loss.flags & LOSS_EMBEDDED))
		die(EXIT_USAGE, "--dims is for --loss gpm");
	if (loss.flags & LOSS_EMBEDDED && (dims % 2 || opt_given(&center) || use_margin || (rank && !merge)))
		die(EXIT_USAGE, "--loss gpm wants an even number of --dims, no --center or --margin, and with --lora --merge");
	if (format != FOLDER && rewards)
		die(EXIT_USAGE, "--format gguf is for language models");
	merge = merge || format != FOLDER;
	if (valid_path)
		run_reads(valid_path);
	if (mkdir(run_out_path(), 0777) && errno != EEXIST)
		die(EXIT_SYSTEM, "%s:", run_out_path());
	if (!is_folder(run_out_path()))
		die(EXIT_SYSTEM, "%s is no folder", run_out_path());
	open_model();
	if (rank && model->adapter && !merge)
		die(EXIT_USAGE, "--lora on top of an adapter wants --merge: PEFT knows no base that is an adapter");
	if (rewards)
		make_head();
	if (loss.flags & LOSS_KL)
		open_reference();
	limit = (size_t)max_length < model->config.context ? (size_t)max_length : model->config.context;
	lesson = lesson_new(&(struct lesson_options){ .lm = lm, .model = model, .no_tokenizer = no_tokenizer.text, .limit = limit,
		.flags = loss.flags, .one = sft, .no_margin = rewards && !use_margin, .rationale = has_loss("rationale") });
	if (!opt_given(&rate))
		rate = rank ? 1e-4 : 5e-6;
	if (!opt_given(&lora_alpha))
		lora_alpha = 2 * (double)rank;
}

static void stop(void)
{
	struct train_options how = { .loss = loss, .rows = (size_t)tokens, .clip = clip, .reference = reference_model };
	struct lm_lora *lora = rank ? lora_new(model, (uint32_t)rank, lora_alpha, lora_targets(targets), (uint64_t)seed) : NULL;
	struct course_options o = { .folder = run_out_path(), .epochs = epochs, .batch = (size_t)batch, .in_order = in_order,
		.seed = (uint64_t)seed, .rate = rate, .warm = warm, .schedule = (enum schedule)schedule,
		.eval_every = (uint64_t)eval_every, .save_every = (uint64_t)save_every, .patience = (uint64_t)patience,
		.resume = resume, .reference = loss.flags & LOSS_REFERENCE, .scores = rewards, .save = save, .tell = progress, .arg = lora };
	struct course_data train, valid;
	struct course_result result;
	struct trainer *t;
	struct lm_error e;

	if (valid_path)
		aside_read(valid_path, look_and_hold);
	train = lesson_groups(lesson, false);
	valid = lesson_groups(lesson, true);
	holds = valid.n > 0;
	name_run(&o);
	t = trainer_new(model, lora, &how, run_jobs());
	trainer_adam(t)->decay = decay;
	if (!course_run(t, &o, train, valid, &result, &e))
		die(EXIT_SYSTEM, "%s", e.text);
	tell_clear();
	tell_json("kind", sft ? S("\"sft\"") : rewards ? S("\"reward\"") : S("\"dpo\""));
	tell_result(&result, t);
	trainer_free(t);
	lora_free(lora);
	lesson_free(lesson);
	lm_free(reference_model);
	close_model();
}

bool train_lm_word(const char *word)
{
	return strcmp(word, "dpo") == 0 || strcmp(word, "sft") == 0 || strcmp(word, "reward") == 0;
}

int train_lm_main(const char *word, int argc, char **argv)
{
	const struct filter f = {
		.name = "pref-train",
		.about = "a language model learns from preferences",
		.command = word,
		.options = options,
		.start = start,
		.look = look,
		.settle = settle,
		.stop = stop,
		.sink = true,
	};

	sft = strcmp(word, "sft") == 0;
	rewards = strcmp(word, "reward") == 0;
	return filter_main(&f, argc, argv);
}
