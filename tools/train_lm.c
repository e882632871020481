/* train_lm - pref-train dpo, pref-train sft: a language model learns from preferences
 *
 * usage: pref-train dpo -m MODEL -o FOLDER [--lora RANK] [--valid FILE] [FILE...]
 *
 * MODEL is a GGUF file, a folder with config.json and model.safetensors, or a llama2.c file, of
 * the Llama, Qwen2 or GPT-2 family. With --lora low-rank adapters of the matrices named by
 * --targets are learned, and FOLDER becomes an adapter as PEFT loads it; without, all numbers, and
 * FOLDER becomes a model as transformers loads it. dpo learns from pairs, or from ranked lists
 * (--loss pl, pro, lambda, tpo); sft raises the likelihood of chosen responses.
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
 *   simpo alphapo cpo slic orpo sft	without one
 *   pl pro lambda tpo	of lists (tpo: gold, chosen, rejected)
 *
 * The members margin, preference, flip and, for mask-dpo, chosen_weights and rejected_weights (a
 * number a token) are read by the losses that know them; by rationale, the text `rationale` and
 * what it answers, `rationale_prompt` (or both with _ids). --beta, --smooth, --gamma and --alpha set what the losses have by these names.
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
#include "lm/course.h"
#include "lm/gemm.h"
#include "lm/lm.h"
#include "lm/save.h"
#include "run.h"
#include "said.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *model_path, *tokenizer_path, *chat, *loss_text, *valid_path, *targets = "all";
static long rank, batch = 8, tokens = 2048, max_length = 1024, seed = 1, eval_every, save_every, patience;
static double epochs = 1, rate, decay, clip = 1, warm = 0.1, lora_alpha;
static int schedule;
static bool resume, in_order, sft;
static struct loss_options knobs = { NAN, NAN, NAN, NAN };

static const struct opt options[] = {
	OPT_STR('m', "model", &model_path, "MODEL", "the model to begin with, and the reference"),
	OPT_STR(0, "tokenizer", &tokenizer_path, "FILE", "instead of the model's own"),
	OPT_STR(0, "chat", &chat, "NAME", "a chat template instead of the model's own; none: texts are continued as they are"),
	OPT_STR(0, "loss", &loss_text, "NAME[:WEIGHT],...", "what is to become small (default: dpo; of pref-train sft: sft)"),
	OPT_NUM(0, "beta", &knobs.beta, 1e-6, 1e6, "X", "of the losses (default: each its own, dpo 0.1)"),
	OPT_NUM(0, "smooth", &knobs.smooth, 0, 0.5, "X", "label smoothing, or the share of wrong labels (default: each its own)"),
	OPT_NUM(0, "gamma", &knobs.gamma, 0, 1e6, "X", "target margin, or the rationale's weight (default: each its own)"),
	OPT_NUM(0, "alpha", &knobs.alpha, 0, 1e6, "X", "weight of a second term (default: each its own)"),
	OPT_HEADING("What is learned"),
	OPT_INT(0, "lora", &rank, 1, 256, "RANK", "adapters of this rank (default: all numbers of the model)"),
	OPT_NUM(0, "lora-alpha", &lora_alpha, 1e-3, 1e6, "X", "adapters count alpha / rank times (default: twice the rank)"),
	OPT_STR(0, "targets", &targets, "q,k,v,o,gate,up,down", "matrices that get adapters (default: all)"),
	OPT_HEADING("How"),
	OPT_NUM(0, "epochs", &epochs, 1e-6, 1e6, "N", "times that the data is gone through (default: 1)"),
	OPT_INT(0, "batch", &batch, 1, 1e6, "N", "records of a step (default: 8)"),
	OPT_NUM(0, "rate", &rate, 0, 10, "X", "greatest learning rate (default: 5e-6; with --lora 1e-4)"),
	OPT_CHOICE(0, "schedule", &schedule, "linear|cosine|constant", "how the rate falls (default: linear)"),
	OPT_NUM(0, "warm-up", &warm, 0, 1, "SHARE", "of the steps in which the rate rises (default: 0.1)"),
	OPT_NUM(0, "decay", &decay, 0, 1, "X", "weight decay of AdamW (default: 0)"),
	OPT_NUM(0, "clip", &clip, 0, 1e9, "X", "greatest norm of a gradient, 0: any (default: 1)"),
	OPT_INT(0, "tokens", &tokens, 1, 1e7, "N", "of one pass (default: 2048)"),
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

static struct lm_model *model;
static struct lm *lm;			/* with its tokenizer; NULL: there is none, and no_tokenizer says why */
static struct lm_error no_tokenizer;
static bool raw;			/* texts are continued as they are */
static struct loss_set loss;
static struct arena memory;		/* of what is kept of records */
static struct course_data train, valid, *into = &train;
static size_t room[2], limit;
static uint64_t cut_short;

/* ---- records ---- */

/* What look() found, in the record's arena. */
struct found {
	struct train_group g;
	int cut;			/* responses that were too long */
	struct train_text v[];
};

struct ids {
	int32_t *v;
	size_t n;
};

/* An array of ids. False, after rec_bad(): it is something else. */
static bool read_ids(struct rec *r, struct value v, const char *name, struct ids *out)
{
	struct scan_iter it = scan_open(v);
	struct member m;
	double x;

	if (v.kind != JSON_ARRAY) {
		rec_bad(r, rec_col(r, v.raw.p), "%s is no array of token ids", name);
		return false;
	}
	*out = (struct ids){ arena_alloc(r->arena, (scan_count(v) + 1) * sizeof *out->v), 0 };
	while (scan_next(&it, &m)) {
		if (!json_number(m.val, &x) || x != floor(x) || x < 0 || x >= model->config.vocab) {
			rec_bad(r, rec_col(r, m.val.raw.p), "%.*s is no token of the model", ARG(m.val.raw));
			return false;
		}
		out->v[out->n++] = (int32_t)x;
	}
	return true;
}

/* ---- texts ---- */

/* A tokenizer's scratch, which remembers words, for whoever needs one. */
static struct tokenizer_scratch *scratch[64];
static size_t scratches;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct tokenizer_scratch *take_scratch(void)
{
	struct tokenizer_scratch *k;

	pthread_mutex_lock(&lock);
	k = scratches ? scratch[--scratches] : NULL;
	pthread_mutex_unlock(&lock);
	return k ? k : tokenizer_scratch_new();
}

static void give_scratch(struct tokenizer_scratch *k)
{
	pthread_mutex_lock(&lock);
	if (scratches < COUNT(scratch)) {
		scratch[scratches++] = k;
		k = NULL;
	}
	pthread_mutex_unlock(&lock);
	tokenizer_scratch_free(k);
}

struct asked {				/* a prompt */
	struct ids ids;
	struct said said;
	bool text;			/* responses are texts, too */
};

static struct ids taken(struct rec *r, struct lm_tokens *t, bool ends)
{
	struct ids out = { arena_alloc(r->arena, (t->n + 1) * sizeof *out.v), t->n };

	if (t->n)
		memcpy(out.v, t->id, t->n * sizeof *out.v);
	if (ends && tokenizer_eos(lm->tokenizer) >= 0)
		out.v[out.n++] = tokenizer_eos(lm->tokenizer);
	lm_tokens_free(t);
	return out;
}

static void drop(struct rec *r, const char *reason, const char *why)
{
	struct buf b = { 0 };

	json_put_text(&b, span_of(why));
	rec_note(r, "why", buf_span(&b));
	rec_drop(r, reason);
	buf_free(&b);
}

/* Member name_ids, or name. False after rec_bad() or rec_drop(). */
static bool read_prompt(struct rec *r, const char *name, struct asked *p)
{
	char member[32];
	struct tokenizer_scratch *k;
	struct lm_tokens t = { 0 };
	struct value v;
	const char *why = NULL;

	snprintf(member, sizeof member, "%s_ids", name);
	v = rec_get(r, member);
	*p = (struct asked){ .text = v.kind == JSON_NONE };
	if (!p->text)
		return read_ids(r, v, member, &p->ids);
	v = rec_get(r, name);
	if (v.kind == JSON_NONE) {
		rec_bad(r, 0, "no member %s or %s", name, member);
		return false;
	}
	if (!lm) {
		rec_bad(r, rec_col(r, v.raw.p), "%s is a text, and the model has no tokenizer: %s", name, no_tokenizer.text);
		return false;
	}
	if (strcmp(name, "prompt") == 0) {
		why = said_prompt(r, raw, &p->said);
	} else {
		p->said = (struct said){ .v = arena_alloc(r->arena, sizeof *p->said.v), .n = 1 };
		p->said.v[0] = (struct chat_message){ CHAT_USER, json_text(v, r->arena) };
	}
	if (why) {
		drop(r, "form", why);
		return false;
	}
	k = take_scratch();
	why = lm_encode_prompt(lm, p->said.v, p->said.n, k, &t);
	give_scratch(k);
	p->ids = taken(r, &t, false);
	if (why)
		drop(r, "template", why);
	return !why;
}

/* ids, an array, or else the text of v: a response to p. The same. */
static bool read_response(struct rec *r, const struct asked *p, struct value ids, struct value v, const char *name,
	struct ids *out)
{
	struct tokenizer_scratch *k;
	struct lm_tokens t = { 0 };
	struct span text;
	const char *why;
	bool apart = false;

	if (ids.kind != JSON_NONE)
		return read_ids(r, ids, name, out);
	if (!p->text || v.kind == JSON_NONE) {
		rec_bad(r, 0, p->text ? "no member %s" : "no member %s_ids", name);
		return false;
	}
	why = said_response(v, p->said.transcript, raw, r->arena, &text);
	if (why) {
		drop(r, "form", why);
		return false;
	}
	if (text.n == 0) {
		*out = (struct ids){ NULL, 0 };
		return true;
	}
	const struct lm_tokens prompt = { .id = p->ids.v, .n = p->ids.n };

	k = take_scratch();
	lm_encode_answer(lm, p->said.v, p->said.n, &prompt, text, k, &t, &apart);
	give_scratch(k);
	*out = taken(r, &t, raw);
	return true;
}

/* The response in member name_ids or name. */
static bool read_member(struct rec *r, const struct asked *p, const char *name, struct ids *out)
{
	char member[32];

	snprintf(member, sizeof member, "%s_ids", name);
	return read_response(r, p, rec_get(r, member), rec_get(r, name), name, out);
}

/* ---- groups ---- */

static bool read_weights(struct rec *r, const char *name, struct train_text *x)
{
	const struct value v = rec_get(r, name);
	struct scan_iter it = scan_open(v);
	struct member m;
	float *weight;
	size_t n = 0;
	double one;

	if (v.kind == JSON_NONE)
		return true;
	weight = arena_alloc(r->arena, (x->n + 1) * sizeof *weight);
	while (n < x->n && scan_next(&it, &m) && json_number(m.val, &one))
		weight[n++] = (float)one;
	if (n < x->n || v.kind != JSON_ARRAY || scan_count(v) != n) {
		rec_bad(r, rec_col(r, v.raw.p), "%s is no array of a number for each of %zu tokens", name, x->n);
		return false;
	}
	x->weight = weight;
	return true;
}

/* Prompt and response together have at most so many tokens. */
static struct train_text fit(struct found *f, struct ids ids, size_t prompt)
{
	const size_t most = limit > prompt ? limit - prompt : 0;

	f->cut += ids.n > most;
	return (struct train_text){ .tokens = ids.v, .n = ids.n > most ? most : ids.n };
}

static bool look_at_list(struct rec *r, struct found **out, const struct asked *p)
{
	const struct value list = rec_get(r, "responses");
	const size_t n = scan_count(list);
	struct scan_iter it = scan_open(list);
	struct member m;
	struct found *f = arena_alloc(r->arena, sizeof *f + (n + 1) * sizeof *f->v);

	memset(f, 0, sizeof *f + (n + 1) * sizeof *f->v);
	*out = f;
	if (list.kind != JSON_ARRAY || n < 2 || ((loss.flags & LOSS_THREE) && n != 3)) {
		rec_bad(r, rec_col(r, list.raw.p), "responses is no array of %s", loss.flags & LOSS_THREE ? "three" : "two or more");
		return false;
	}
	while (scan_next(&it, &m)) {
		struct value text = scan_member(m.val, S("text"));
		struct ids ids;

		if (text.kind == JSON_NONE)
			text = scan_member(m.val, S("messages"));
		if (!read_response(r, p, scan_member(m.val, S("ids")), text, "text", &ids))
			return false;
		f->v[f->g.k] = fit(f, ids, p->ids.n);
		if (!json_number(scan_member(m.val, S("score")), &f->v[f->g.k].reward) && (loss.flags & LOSS_REWARDS)) {
			rec_bad(r, rec_col(r, m.val.raw.p), "a response without a score");
			return false;
		}
		f->g.k++;
	}
	return true;
}

static bool look_at_pair(struct rec *r, struct found **out, const struct asked *p)
{
	struct found *f = arena_alloc(r->arena, sizeof *f + 2 * sizeof *f->v);
	const char *const names[] = { "chosen", "rejected" };
	struct ids ids;

	memset(f, 0, sizeof *f + 2 * sizeof *f->v);
	*out = f;
	for (f->g.k = 0; f->g.k < (sft ? 1 : 2); f->g.k++) {
		const bool completes = sft && (rec_get(r, "completion").kind != JSON_NONE || rec_get(r, "completion_ids").kind != JSON_NONE);
		char weights[32];

		if (!read_member(r, p, completes ? "completion" : names[f->g.k], &ids))
			return false;
		f->v[f->g.k] = fit(f, ids, p->ids.n);
		snprintf(weights, sizeof weights, "%s_weights", names[f->g.k]);
		if ((loss.flags & LOSS_MASKED) && !read_weights(r, weights, &f->v[f->g.k]))
			return false;
	}
	return true;
}

static void read_labels(struct rec *r, struct train_group *g)
{
	if (!rec_num(r, "margin", &g->margin))
		g->margin = 0;
	if (!rec_num(r, "preference", &g->preference))
		g->preference = 1;
	if (!rec_num(r, "flip", &g->flip))
		g->flip = NAN;
	if (g->preference < 0 || g->preference > 1)
		rec_bad(r, rec_col(r, rec_raw(r, "preference").p), "a preference of %g is no probability", g->preference);
	else if (g->flip < 0 || g->flip > 1)
		rec_bad(r, rec_col(r, rec_raw(r, "flip").p), "a flip of %g is no probability", g->flip);
}

static bool wants_why(void)
{
	for (size_t i = 0; i < loss.n; i++)
		if (strcmp(loss.v[i].loss->name, "rationale") == 0)
			return true;
	return false;
}

/* The rationale, of a record that has one. */
static bool look_at_why(struct rec *r, struct found *f)
{
	struct asked p;
	struct ids why;

	if (!wants_why() || (rec_get(r, "rationale").kind == JSON_NONE && rec_get(r, "rationale_ids").kind == JSON_NONE))
		return true;
	if (!read_prompt(r, "rationale_prompt", &p) || !read_member(r, &p, "rationale", &why))
		return false;
	if (p.ids.n && p.ids.n < limit) {
		f->g.why = fit(f, why, p.ids.n);
		f->g.why_prompt = p.ids.v;
		f->g.why_prompt_n = p.ids.n;
	}
	return true;
}

static void look(struct rec *r)
{
	const bool list = loss.flags & (LOSS_LIST | LOSS_THREE);
	struct asked p;
	struct found *f;

	if (!read_prompt(r, "prompt", &p) || !(list ? look_at_list : look_at_pair)(r, &f, &p) || !look_at_why(r, f))
		return;
	read_labels(r, &f->g);
	f->g.prompt = p.ids.v;
	f->g.prompt_n = p.ids.n;
	if (p.ids.n == 0)
		rec_drop(r, "no-prompt");
	else if (p.ids.n >= limit)
		rec_drop(r, "prompt-too-long");
	for (size_t k = 0; k < f->g.k; k++)
		if (f->v[k].n == 0)
			rec_drop(r, "empty");
	r->data = f;
}

static const int32_t *kept(const int32_t *ids, size_t n)
{
	int32_t *to = arena_alloc(&memory, (n + 1) * sizeof *to);

	if (n)
		memcpy(to, ids, n * sizeof *to);
	return to;
}

static void keep_text(struct train_text *to, const struct train_text *x, bool reference)
{
	*to = *x;
	to->tokens = kept(x->tokens, x->n);
	to->reference = reference ? arena_alloc(&memory, (x->n + 1) * sizeof *to->reference) : NULL;
	if (x->weight)
		to->weight = memcpy(arena_alloc(&memory, (x->n + 1) * sizeof *x->weight), x->weight, x->n * sizeof *x->weight);
}

static void settle(struct rec *r)
{
	const struct found *f = r->data;
	struct train_group g = f->g;

	cut_short += (uint64_t)f->cut;
	g.v = arena_alloc(&memory, g.k * sizeof *g.v);
	for (size_t k = 0; k < g.k; k++)
		keep_text(&g.v[k], &f->v[k], loss.flags & LOSS_REFERENCE);
	g.prompt = kept(g.prompt, g.prompt_n);
	if (g.why.n) {
		g.why_prompt = kept(g.why_prompt, g.why_prompt_n);
		keep_text(&g.why, &f->g.why, false);
	}
	GROW(into->v, into->n, room[into == &valid]);
	into->v[into->n++] = g;
}

static void look_and_settle(struct rec *r)
{
	look(r);
	if (!r->bad && !r->dropped)
		settle(r);
}

/* KTO: every pair gets the responses of the next one. */
static void pair_up(struct course_data *d)
{
	for (size_t i = 0; (loss.flags & LOSS_OTHER) && i < d->n; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct train_text *x = &d->v[(i + 1) % d->n].v[k];
			const size_t most = limit - d->v[i].prompt_n;

			keep_text(&d->v[i].other[k], x, true);
			d->v[i].other[k].n = x->n < most ? x->n : most;
		}
}

/* ---- the run ---- */

static void add_key(struct buf *b, struct span bytes)
{
	const struct key128 k = hash128(bytes, 0);

	buf_add(b, (struct span){ (const char *)&k, sizeof k });
}

static void add_group(struct buf *b, const struct train_group *g)
{
	const double labels[] = { g->margin, g->preference, isnan(g->flip) ? -1 : g->flip };

	add_key(b, (struct span){ (const char *)labels, sizeof labels });
	add_key(b, (struct span){ (const char *)g->prompt, g->prompt_n * sizeof *g->prompt });
	for (size_t k = 0; k < g->k; k++) {
		add_key(b, (struct span){ (const char *)g->v[k].tokens, g->v[k].n * sizeof *g->v[k].tokens });
		add_key(b, (struct span){ (const char *)&g->v[k].reward, sizeof g->v[k].reward });
		if (g->v[k].weight)
			add_key(b, (struct span){ (const char *)g->v[k].weight, g->v[k].n * sizeof *g->v[k].weight });
	}
	if (g->why.n)
		add_key(b, (struct span){ (const char *)g->why.tokens, g->why.n * sizeof *g->why.tokens });
}

static void name_run(struct course_options *o)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < model->maps; i++)
		add_key(&b, model->map[i]);
	for (size_t i = 0; i < train.n; i++)
		add_group(&b, &train.v[i]);
	buf_addf(&b, "%zu %zu", train.n, valid.n);
	for (size_t i = 0; i < valid.n; i++)
		add_group(&b, &valid.v[i]);
	buf_addf(&b, "%ld %ld %ld %d %d %s", batch, tokens, seed, in_order, (loss.flags & LOSS_OTHER) != 0, gemm_core());
	o->base = hash128(buf_span(&b), 0);
	buf_addf(&b, "%s %a %a %a %a %ld %a %s %a %a %a %a %a %d %ld %ld", loss_text, knobs.beta, knobs.smooth, knobs.gamma,
		knobs.alpha, rank, lora_alpha, targets, epochs, rate, decay, clip, warm, schedule, eval_every, patience);
	o->run = hash128(buf_span(&b), 0);
	buf_free(&b);
}

static bool save(void *arg, struct lm_error *e)
{
	const struct lm_lora *l = arg;

	return l ? lm_save_adapter(l, model, model_path, run_out_path(), e) : lm_save_folder(model, model_path, run_out_path(), e);
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

	if (valid.n == 0) {
		if (!(loss.flags & LOSS_REFERENCE) || isnan(loss.v[0].o.beta))
			return;
		chosen = per(t->chosen, t) / loss.v[0].o.beta;
		rejected = per(t->rejected, t) / loss.v[0].o.beta;
		where = "training";
	}
	if (chosen < -1 && rejected < -1 && !sft)	/* a factor of e each */
		warn("the %s log-probs of chosen and rejected responses fell together, by %.2f and %.2f: the likelihood goes to neither; "
			"a term of sft, dpop or apo-zero holds it", where, -chosen, -rejected);
}

static void tell_result(const struct course_result *r, const struct trainer *t)
{
	char text[200];

	snprintf(text, sizeof text, "%llu of %llu steps%s, %.1f s, %.0f tokens/s, %.0f MB beside the model, %s",
		(unsigned long long)r->steps, (unsigned long long)r->all_steps, r->stopped_early ? ", stopped early" : "", r->seconds,
		r->seconds > 0 ? (double)r->rows / r->seconds : 0, (double)trainer_bytes(t) / 1e6, gemm_core());
	tell_note("run", text, (struct span){ NULL, 0 });
	if (cut_short) {
		snprintf(text, sizeof text, "%llu responses at the end, to --max-length %zu", (unsigned long long)cut_short, limit);
		tell_note("cut", text, (struct span){ NULL, 0 });
	}
	if (valid.n)
		tell_valid(r);
	warn_of_fall(r);
}

/* Without a tokenizer a model can still learn from token ids. */
static void open_model(void)
{
	const struct lm_options o = { .tokenizer = tokenizer_path, .chat = chat, .threads = run_jobs() };
	struct lm_error e;

	lm = lm_load(model_path, &o, &no_tokenizer);
	model = lm ? lm->model : lm_open(model_path, 0, run_jobs(), &e);
	if (!model)
		die(EXIT_SYSTEM, "%s: %s", model_path, e.text);
	if (!lm && (tokenizer_path || chat))
		die(EXIT_SYSTEM, "%s: %s", model_path, no_tokenizer.text);
	raw = lm && chat_end(lm->chat).n == 0;
}

static void close_model(void)
{
	while (scratches)
		tokenizer_scratch_free(scratch[--scratches]);
	if (lm)
		lm_close(lm);
	else
		lm_free(model);
}

static void start(void)
{
	struct stat st;
	char *why;

	if (!model_path)
		die(EXIT_USAGE, "which model? give -m MODEL");
	if (!run_out_path())
		die(EXIT_USAGE, "where to? give -o FOLDER");
	if (!loss_text)
		loss_text = sft ? "sft" : "dpo";
	why = loss_parse(loss_text, &knobs, &loss);
	if (why)
		die(EXIT_USAGE, "--loss: %s", why);
	if (loss.flags & LOSS_KL)
		die(EXIT_USAGE, "--loss tdpo1 and tdpo2 want the reference's whole distribution, which is not kept");
	if (loss.flags & LOSS_SCORES)
		die(EXIT_USAGE, "--loss bt is of reward models");
	if (sft && (loss.n != 1 || strcmp(loss.v[0].loss->name, "sft")))
		die(EXIT_USAGE, "pref-train sft has the loss sft");
	if (!lora_targets(targets))
		die(EXIT_USAGE, "--targets %s: not a list of q, k, v, o, gate, up, down, or all", targets);
	if (!rank && (opt_given(&lora_alpha) || opt_given(&targets)))
		die(EXIT_USAGE, "--lora-alpha and --targets are for --lora");
	if (valid_path)
		run_reads(valid_path);
	if (mkdir(run_out_path(), 0777) && errno != EEXIST)
		die(EXIT_SYSTEM, "%s:", run_out_path());
	if (stat(run_out_path(), &st) || !S_ISDIR(st.st_mode))
		die(EXIT_SYSTEM, "%s is no folder", run_out_path());
	open_model();
	limit = (size_t)max_length < model->config.context ? (size_t)max_length : model->config.context;
	if (!opt_given(&rate))
		rate = rank ? 1e-4 : 5e-6;
	if (!opt_given(&lora_alpha))
		lora_alpha = 2 * (double)rank;
}

static void stop(void)
{
	struct train_options how = { .loss = loss, .rows = (size_t)tokens, .clip = clip };
	struct lm_lora *lora = rank ? lora_new(model, (uint32_t)rank, lora_alpha, lora_targets(targets), (uint64_t)seed) : NULL;
	struct course_options o = { .folder = run_out_path(), .epochs = epochs, .batch = (size_t)batch, .in_order = in_order,
		.seed = (uint64_t)seed, .rate = rate, .warm = warm, .schedule = (enum schedule)schedule,
		.eval_every = (uint64_t)eval_every, .save_every = (uint64_t)save_every, .patience = (uint64_t)patience,
		.resume = resume, .reference = loss.flags & LOSS_REFERENCE, .save = save, .tell = progress, .arg = lora };
	struct course_result result;
	struct trainer *t;
	struct lm_error e;

	if (valid_path) {
		into = &valid;
		aside_read(valid_path, look_and_settle);
	}
	pair_up(&train);
	pair_up(&valid);
	name_run(&o);
	t = trainer_new(model, lora, &how, run_jobs());
	trainer_adam(t)->decay = decay;
	if (!course_run(t, &o, train, valid, &result, &e))
		die(EXIT_SYSTEM, "%s", e.text);
	tell_clear();
	tell_json("kind", sft ? S("\"sft\"") : S("\"dpo\""));
	tell_result(&result, t);
	trainer_free(t);
	lora_free(lora);
	close_model();
	free(train.v);
	free(valid.v);
	arena_free(&memory);
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
	return filter_main(&f, argc, argv);
}
