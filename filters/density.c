/* density - score responses by the log-probs of language models: one, or the ratio of two
 *
 * With --strong and --weak the score of each response is ln p_strong(response | prompt) - ln p_weak(response | prompt), the
 * log-density ratio of a better aligned model over a less aligned one: labels without people, judges or training (Xu et al.
 * 2024, "Dr. SoW"). A model tuned by DPO over the one it was tuned from is the best pair the paper found; a chat model
 * over its base model works less well. With --model alone it is the log-prob of that model, and with --model and
 * --reference it is DPO's implicit reward, beta (ln p_model - ln p_reference). All are natural logarithms, summed over the
 * tokens of the response and the token that ends an answer.
 *
 * Of a pair `scores` gets [chosen, rejected] under --as, and `score_chosen`, `score_rejected` and `margin` follow from it;
 * `chosen_tokens` and `rejected_tokens` count the tokens of the (strong) model. Candidates ({"prompt", "responses":
 * [{"text"}, ...]}) each get `scores`, `score` and `tokens`; one that was cut off ("finish": "length", as pref-sample
 * writes) has no token that ends it. A score that could not be had is absent, and `verdict` and
 * `why` say so. --relabel exchanges chosen and rejected, with all that is said of them, where the margin is negative, and
 * sets `swapped`.
 *
 * Sums favour short responses where the models hardly differ, and long ones where the strong one is better everywhere. The
 * closing lines tell how the score goes with the length; --per token divides by the number of tokens, --per byte by
 * that of bytes. Models with different tokens have no tokens in common to divide by: then it is bytes, and said so.
 *
 * Models:
 *
 *   FILE.gguf     Llama (also Mistral, SmolLM2, TinyLlama), Qwen2, GPT-2; F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1,
 *                 Q4_K, Q5_K, Q6_K
 *   FOLDER        config.json and safetensors
 *   FILE.bin      llama2.c
 *   field:NAME    no model: log-probs that the record carries, of a pair in scores.NAME or NAME ([chosen, rejected]) or
 *                 chosen_NAME and rejected_NAME, of a candidate in its logp.NAME, scores.NAME or NAME; a sum, an array with
 *                 that of each token, or the `logprobs` of a reply by OpenAI, vLLM and others
 *
 * Each model sees the prompt in its own chat template; --chat names another (none: texts as they are, for models that only
 * continue texts). A prompt that is a transcript ("\n\nHuman: ...\n\nAssistant:") becomes messages. Special tokens in what
 * people wrote are text.
 *
 * --criteria puts an instruction before the last user message, in which {prompt} stands for that message: general, safety,
 * code or reasoning, or a file. The paper's models label best when told what to look for. --criteria-for strong or weak
 * tells one model only.
 *
 * What was computed is kept in the file --cache as it comes, so that a run that is killed goes on where it was, and another
 * with the same model and texts costs nothing. A record takes the time of its tokens, the prompt once for all responses;
 * -j records are at work at once. Memory: the weights as floats, once; --packed: as they are in the file.
 *
 * --precision bf16 rounds weights, and what they are multiplied with, to bf16's 8 bits, on processors that have such
 * products (AVX512-BF16): half the memory, faster, and other log-probs: with SmolLM2-135M 0.011 apart per token on average,
 * 0.1 at most, 0.3 in the sum of a response. A cache keeps the two apart.
 */
#include "density.h"
#include "panel.h"
#include "run.h"
#include "turn.h"

#include <math.h>
#include <stdlib.h>

static const char *strong, *weak, *model, *reference, *criteria, *as;
static struct density_options how = { .beta = 1 };
static int precision;
static double beta = 0.1;
static int per, told;
static bool relabel, perplexity;

enum { BOTH, ONLY_STRONG, ONLY_WEAK };

static const struct opt options[] = {
	OPT_STR(0, "strong", &strong, "MODEL", "the better aligned model"),
	OPT_STR(0, "weak", &weak, "MODEL", "the less aligned model"),
	OPT_STR('m', "model", &model, "MODEL", "one model, instead of --strong and --weak"),
	OPT_STR(0, "reference", &reference, "MODEL", "with --model: the model it was trained from"),
	OPT_NUM(0, "beta", &beta, 1e-9, 1e9, "B", "of --reference (default: 0.1)"),
	OPT_CHOICE(0, "per", &per, "sum|token|byte", "what scores are divided by (default: sum, nothing)"),
	OPT_STR(0, "as", &as, "NAME", "name in `scores` (default: density, logp of one model, reward with --reference)"),
	OPT_FLAG(0, "relabel", &relabel, "exchange chosen and rejected where the margin is negative"),
	OPT_FLAG(0, "perplexity", &perplexity, "write the perplexity by the (strong) model, too"),
	OPT_HEADING("Models"),
	OPT_STR(0, "criteria", &criteria, "NAME|FILE", "general, safety, code, reasoning, or a text with {prompt} in it"),
	OPT_CHOICE(0, "criteria-for", &told, "both|strong|weak", "who is told (default: both)"),
	OPT_STR(0, "chat", &how.chat, "NAME", "chat template: none, chatml, smollm2, qwen2, qwen2.5, llama2, llama3, "
		"llama3.1, zephyr, phi3, mistral-v0.1, mistral, mistral-v0.3, mistral-nemo, gemma (default: the model's own)"),
	OPT_STR(0, "tokenizer", &how.tokenizer, "FILE", "the models' tokenizer, if not their own"),
	OPT_STR(0, "cache", &how.cache, "FILE", "log-probs that were computed, and those that will be"),
	OPT_FLAG(0, "packed", &how.packed, "leave weights as they are in the file: less memory, slower"),
	OPT_CHOICE(0, "precision", &precision, "f32|bf16", "of weights and what they are multiplied with (default: f32)"),
	OPT_END
};

static struct density *density;
static struct panel_seat seat;
static const struct panel panel = { &seat, 1 };
static uint64_t n_failed, n_pairs, n_right, n_ties, n_swapped;

/* Scores against lengths, of all responses: for their correlation. */
static struct { double n, x, y, xx, yy, xy; } sums;

struct answer {
	struct hearing h;
	struct density_said *said;
};

/* ---- writing ---- */

static void write_number(struct rec *r, const char *name, double x)
{
	if (isnan(x))
		rec_remove(r, name);
	else
		rec_set_num(r, name, x);
}

static double perplexity_of(const struct density_said *s)
{
	return s->tokens[STRONG] && !isnan(s->logp[STRONG]) ? exp(-s->logp[STRONG] / (double)s->tokens[STRONG]) : NAN;
}

static double tokens_of(const struct density_said *s)
{
	return s->tokens[STRONG] ? (double)s->tokens[STRONG] : NAN;
}

static void write_pair(struct rec *r, const struct answer *k)
{
	const struct density_said *s = k->said;
	const bool both = !isnan(s[0].score) && !isnan(s[1].score);

	if (k->h.scores[0].kind == JSON_OBJECT)
		rec_set(r, "scores", k->h.scores[0].raw);
	write_number(r, "score_chosen", both ? s[0].score : NAN);
	write_number(r, "score_rejected", both ? s[1].score : NAN);
	/* (Scores have six decimals.) */
	write_number(r, "margin", both ? round((s[0].score - s[1].score) * 1e6) / 1e6 : NAN);
	rec_remove(r, "margin_std");
	write_number(r, "chosen_tokens", tokens_of(&s[0]));
	write_number(r, "rejected_tokens", tokens_of(&s[1]));
	if (perplexity) {
		write_number(r, "chosen_perplexity", perplexity_of(&s[0]));
		write_number(r, "rejected_perplexity", perplexity_of(&s[1]));
	}
	panel_put_verdict(&panel, r, &k->h);
	if (relabel && both && s[0].score < s[1].score)
		turn(r);
}

static void write_candidates(struct rec *r, struct answer *k)
{
	double *score = arena_alloc(r->arena, (k->h.rows + 1) * sizeof *score);
	struct panel_extra extra[] = { { "tokens", NULL }, { "perplexity", NULL } };

	extra[0].number = arena_alloc(r->arena, (k->h.rows + 1) * sizeof *score);
	extra[1].number = arena_alloc(r->arena, (k->h.rows + 1) * sizeof *score);
	for (size_t i = 0; i < k->h.rows; i++) {
		score[i] = k->said[i].score;
		extra[0].number[i] = tokens_of(&k->said[i]);
		extra[1].number[i] = perplexity_of(&k->said[i]);
	}
	panel_put_candidates(r, &k->h, score, extra, perplexity ? 2 : 1);
	panel_put_verdict(&panel, r, &k->h);
}

/* ---- hooks ---- */

static void look(struct rec *r)
{
	struct answer *k = arena_alloc(r->arena, sizeof *k);
	struct hearing *h = &k->h;
	struct pair pair;

	panel_classify(r, h);
	if (h->pair && !pair_need(r, &pair))
		return;
	k->said = arena_alloc(r->arena, (h->rows + 1) * sizeof *k->said);
	h->score = arena_alloc(r->arena, (h->rows + 1) * sizeof *h->score);
	density_ask(density, r, h->pair, h->rows, k->said);
	for (size_t i = 0; i < h->rows; i++) {
		h->score[i] = k->said[i].score;
		if (k->said[i].why && !h->why) {
			h->verdict = VERDICT_ERROR;
			h->why = arena_printf(r->arena, "%s: %s", seat.label, k->said[i].why).p;
		}
	}
	/* A pair has both scores or none. */
	for (size_t i = 0; h->pair && h->why && i < 2; i++) {
		h->score[i] = k->said[i].score = NAN;
		k->said[i].tokens[STRONG] = 0;
	}
	if (!panel_merge(&panel, r, h))
		return;
	r->data = k;
	if (h->pair)
		write_pair(r, k);
	else
		write_candidates(r, k);
}

static void settle(struct rec *r)
{
	const struct answer *k = r->data;
	const struct density_said *s = k->said;

	n_failed += k->h.verdict == VERDICT_ERROR;
	for (size_t i = 0; i < k->h.rows; i++) {
		const double x = tokens_of(&s[i]), y = s[i].score;

		if (isnan(x) || isnan(y))
			continue;
		sums.n++;
		sums.x += x;
		sums.y += y;
		sums.xx += x * x;
		sums.yy += y * y;
		sums.xy += x * y;
	}
	if (!k->h.pair || isnan(s[0].score))
		return;
	n_pairs++;
	n_right += s[0].score > s[1].score;
	n_ties += s[0].score == s[1].score;
	n_swapped += relabel && s[0].score < s[1].score;
}

static void start(void)
{
	const bool two = strong || weak;

	if (two == (model != NULL) || (two && !(strong && weak)))
		die(EXIT_USAGE, "there must be --strong and --weak, or --model");
	if ((two && reference) || (opt_given(&beta) && !reference))
		die(EXIT_USAGE, "--reference is for --model, --beta for --reference");
	if (told != BOTH && (!criteria || !two))
		die(EXIT_USAGE, "--criteria-for is for --criteria with --strong and --weak");
	how.model[STRONG] = two ? strong : model;
	how.model[WEAK] = two ? weak : reference;
	how.criteria[STRONG] = told == ONLY_WEAK ? NULL : criteria;
	how.criteria[WEAK] = told == ONLY_STRONG ? NULL : criteria;
	how.per = (enum density_per)per;
	how.beta = reference ? beta : 1;
	how.bf16 = precision;
	how.threads = run_jobs();
	if (!as)
		as = two ? "density" : reference ? "reward" : "logp";
	if (how.cache)
		run_side_file(how.cache);
	density = density_open(&how);
	seat.label = xstrdup(as);
	run_records(FEW);
}

static void note_result(void)
{
	struct buf text = { 0 }, json = { 0 };
	const double spread = sqrt((sums.n * sums.xx - sums.x * sums.x) * (sums.n * sums.yy - sums.y * sums.y));
	const double correlation = spread > 0 ? (sums.n * sums.xy - sums.x * sums.y) / spread : NAN;

	if (n_pairs)
		buf_addf(&text, "%ju of %ju pairs as labelled (%.4f), %ju ties", (uintmax_t)n_right, (uintmax_t)n_pairs,
			((double)n_right + 0.5 * (double)n_ties) / (double)n_pairs, (uintmax_t)n_ties);
	if (n_swapped)
		buf_addf(&text, ", %ju swapped", (uintmax_t)n_swapped);
	if (n_failed)
		buf_addf(&text, "%s%ju failed (see verdict and why)", text.n ? ", " : "", (uintmax_t)n_failed);
	if (!isnan(correlation))
		buf_addf(&text, "%sscore goes with length by r = %.3f", text.n ? "; " : "", correlation);
	if (density_note(density))
		buf_addf(&text, "%s%s", text.n ? "; " : "", density_note(density));
	buf_addf(&json, "{\"pairs\":%ju,\"as_labelled\":%ju,\"ties\":%ju,\"swapped\":%ju,\"failed\":%ju,\"length_correlation\":",
		(uintmax_t)n_pairs, (uintmax_t)n_right, (uintmax_t)n_ties, (uintmax_t)n_swapped, (uintmax_t)n_failed);
	json_put_number(&json, correlation);
	buf_addf(&json, ",\"per\":\"%s\"}", density_note(density) ? "byte" : ((const char *[]){ "sum", "token", "byte" })[per]);
	if (text.n)
		tell_note(as, buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void note_work(void)
{
	const struct density_counts c = density_counts(density);
	struct buf text = { 0 }, json = { 0 };

	if (c.asked + c.found == 0)
		return;
	buf_addf(&text, "%ju log-probs computed, %ju found in the cache", (uintmax_t)c.asked, (uintmax_t)c.found);
	if (c.apart)
		buf_addf(&text, "; %ju responses encoded apart from their prompts", (uintmax_t)c.apart);
	buf_addf(&json, "{\"computed\":%ju,\"cached\":%ju,\"apart\":%ju}", (uintmax_t)c.asked, (uintmax_t)c.found, (uintmax_t)c.apart);
	tell_note("models", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void stop(void)
{
	note_result();
	note_work();
	density_close(density);
	free(seat.label);
}

int main(int argc, char **argv)
{
	static const struct filter filter = {
		.name = "pref-density",
		.about = "score responses by the log-probs of language models, one or the ratio of two",
		.options = options,
		.start = start,
		.look = look,
		.settle = settle,
		.stop = stop,
	};

	return filter_main(&filter, argc, argv);
}
