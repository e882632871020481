/* sample - let a language model answer each prompt several times: candidates
 *
 * Each record with a prompt (a string or messages; what else it holds stays as it is) gets `responses`: -n answers drawn
 * from the model, after those that are there already:
 *
 *   {"text", "model", "finish": "stop" or "length", "tokens", "logp": {MODEL: x}}
 *
 * model is --as, or the file's name without folder and suffix. finish tells whether the model ended its answer (or came to a
 * --stop text) or was cut off at --max-tokens or the end of its context. logp is the natural log-probability of all
 * `tokens`, the one that ends the answer among them: what pref-density finds for the text, as long as the model drew
 * the tokens that the text is encoded in.
 *
 * A token is drawn at --temperature (0: always the likeliest) from the --top-k likeliest, of these from the fewest whose
 * probabilities sum to --top-p. Random numbers come from --seed and the bytes of the record, so that the same record gets
 * the same answers wherever it stands, and another seed others. An answer depends on nothing else: not on -j, nor on the
 * records around it (on processors with AVX2; on others the last digits may, and so may a token on the edge).
 *
 * --fresh leaves of a record only prompt and id, so that the answers to the prompts of pairs are candidates.
 *
 * The prompt is put into the model's own chat template, or that which --chat names (none: the model continues the text as
 * it is). Special tokens in what people wrote are text. Models are those of pref-density. A prompt that cannot be answered,
 * because it fills the model's context or does not fit its template, is kept without answers; `why` says so.
 *
 * The answers of one prompt share it, and --together sequences go on at once, so that the weights are read once for all of
 * them. Memory: the weights as floats (--packed: as they are in the file, slower), and keys and values of the sequences.
 * --precision bf16 is that of pref-density: half the memory, faster, other answers.
 */
#include "run.h"
#include "said.h"
#include "scan.h"

#include "lm/decode.h"
#include "lm/lm.h"

#include <math.h>
#include <stdlib.h>

static const char *path, *as;
static struct lm_options how;
static int precision;
static struct lm_decoding rules = { .sampling = { .temperature = 1, .top_p = 1 } };
static struct opt_list stops;
static bool fresh;
static long n = 4, most = 512, top_k, together = 32, seed = 1;

static const struct opt options[] = {
	OPT_STR('m', "model", &path, "MODEL", "who answers (needed)"),
	OPT_INT('n', "samples", &n, 1, 10000, "N", "answers to each prompt (default: 4)"),
	OPT_INT(0, "max-tokens", &most, 1, 1 << 20, "N", "the longest answer (default: 512)"),
	OPT_NUM('t', "temperature", &rules.sampling.temperature, 0, 100, "T", "0: always the likeliest token (default: 1)"),
	OPT_NUM(0, "top-p", &rules.sampling.top_p, 0, 1, "P", "from the likeliest tokens that sum to P (default: 1, all)"),
	OPT_INT(0, "top-k", &top_k, 0, 1 << 30, "K", "from the K likeliest tokens (default: 0, all)"),
	OPT_LIST(0, "stop", &stops, "TEXT", "an answer ends before this text; may be given again"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N", "of the random numbers (default: 1)"),
	OPT_FLAG(0, "fresh", &fresh, "write prompt, id and answers alone, whatever else the record holds"),
	OPT_STR(0, "as", &as, "NAME", "what the model is called in the answers (default: the file's name)"),
	OPT_STR(0, "chat", &how.chat, "NAME", "chat template: none, chatml, smollm2, qwen2, qwen2.5, llama2, llama3, "
		"llama3.1, zephyr, phi3, mistral-v0.1, mistral, mistral-v0.3, mistral-nemo, gemma (default: the model's own)"),
	OPT_STR(0, "tokenizer", &how.tokenizer, "FILE", "the model's tokenizer, if not its own"),
	OPT_INT(0, "together", &together, 1, 1024, "N", "answers at work at once (default: 32)"),
	OPT_FLAG(0, "packed", &how.packed, "leave weights as they are in the file: less memory, slower"),
	OPT_CHOICE(0, "precision", &precision, "f32|bf16", "of weights and what they are multiplied with (default: f32)"),
	OPT_END
};

static struct lm *lm;
static struct lm_engine *engine;
static struct tokenizer_scratch *scratch;
static char *name;
static int32_t end;
static struct span *stop_texts;
static uint64_t n_tokens, n_answers, n_cut, n_failed;
static double began;

/* ---- look ---- */

struct work {				/* of a record */
	struct lm_tokens prompt;
	const char *why;
};

static void look(struct rec *r)
{
	struct work *w = arena_alloc(r->arena, sizeof *w);
	const struct value old = rec_get(r, "responses");
	struct said s;

	*w = (struct work){ .why = said_prompt(r, chat_end(lm->chat).n == 0, &s) };
	if (rec_get(r, "prompt").kind == JSON_NONE) {
		rec_bad(r, 0, "no member \"prompt\"");
		return;
	}
	if (old.kind != JSON_NONE && old.kind != JSON_NULL && old.kind != JSON_ARRAY) {
		rec_bad(r, rec_col(r, old.raw.p), "\"responses\" is not an array");
		return;
	}
	if (!w->why)
		w->why = lm_encode_prompt(lm, s.v, s.n, scratch, &w->prompt);
	r->data = w;
}

static void put_answer(const struct lm_continuation *c, struct buf *b)
{
	buf_adds(b, "{\"text\":");
	json_put_text(b, buf_span(&c->text));
	buf_adds(b, ",\"model\":");
	json_put_text(b, span_of(name));
	buf_addf(b, ",\"finish\":\"%s\",\"tokens\":%zu,\"logp\":{", c->finish == LM_STOP ? "stop" : "length", c->n);
	json_put_text(b, span_of(name));
	buf_addc(b, ':');
	json_put_number(b, round(c->logp * 1e6) / 1e6);
	buf_adds(b, "}}");
}

/* With --fresh the record begins anew, as if it had been read so. */
static void put_fresh(struct rec *r, struct span responses)
{
	const struct span id = rec_raw(r, "id");
	struct buf b = { 0 };

	buf_adds(&b, "{\"prompt\":");
	buf_add(&b, rec_raw(r, "prompt"));
	if (id.p) {
		buf_adds(&b, ",\"id\":");
		buf_add(&b, id);
	}
	buf_adds(&b, ",\"responses\":");
	buf_add(&b, responses);
	buf_addc(&b, '}');
	rec_put(r, buf_span(&b), -1);
	buf_free(&b);
}

/* What was there, then the answers. */
static void write_answers(struct rec *r, const struct lm_request *q)
{
	struct scan_iter it = scan_open(fresh ? (struct value){ .kind = JSON_NONE } : rec_get(r, "responses"));
	struct buf b = { 0 };
	struct member m;

	buf_addc(&b, '[');
	while (scan_next(&it, &m)) {
		if (b.n > 1)
			buf_addc(&b, ',');
		buf_add(&b, m.val.raw);
	}
	for (size_t i = 0; i < q->samples; i++) {
		if (b.n > 1)
			buf_addc(&b, ',');
		put_answer(&q->sample[i], &b);
		n_tokens += q->sample[i].n;
		n_answers++;
		n_cut += q->sample[i].finish == LM_LENGTH;
	}
	buf_addc(&b, ']');
	if (fresh)
		put_fresh(r, buf_span(&b));
	else
		rec_set(r, "responses", arena_copy(r->arena, buf_span(&b)));
	buf_free(&b);
}

static void finish(struct rec *r, struct lm_request *q, const char *why)
{
	if (why) {
		rec_set_text(r, "why", span_of(why));
		n_failed++;
	} else {
		write_answers(r, q);
	}
	for (size_t i = 0; i < q->samples; i++)
		lm_continuation_free(&q->sample[i]);
	free(q->sample);
}

static void look_all(struct rec *recs, size_t n_recs)
{
	struct lm_request *q = xcalloc(n_recs + 1, sizeof *q);
	size_t m = 0;

	for (size_t i = 0; i < n_recs; i++) {
		const struct work *w = recs[i].data;

		if (recs[i].bad || recs[i].dropped || w->why)
			continue;
		q[m] = (struct lm_request){ .prompt = w->prompt.id, .n = w->prompt.n, .samples = (size_t)n };
		q[m].sample = xcalloc((size_t)n, sizeof *q[m].sample);
		for (uint64_t k = 0; k < (uint64_t)n; k++)
			q[m].sample[k].g = rng_for((uint64_t)seed, "sample", mix64(hash64(recs[i].raw, 0) + k));
		m++;
	}
	lm_decode(engine, lm->model, lm->tokenizer, &rules, q, m);
	m = 0;
	for (size_t i = 0; i < n_recs; i++) {
		struct work *w = recs[i].data;

		if (recs[i].bad || recs[i].dropped)
			continue;
		if (w->why)
			finish(&recs[i], &(struct lm_request){ 0 }, w->why);
		else
			finish(&recs[i], &q[m], q[m].why), m++;
		lm_tokens_free(&w->prompt);
	}
	free(q);
}

/* ---- start and stop ---- */

/* The file's name without folders and suffix. */
static char *base_of(const char *file)
{
	struct span s = span_of(file);
	size_t cut;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	cut = span_rfind(s, S("/"));
	if (cut != (size_t)-1)
		s = span_cut(s, cut + 1, s.n);
	cut = span_rfind(s, S("."));
	if (cut != (size_t)-1 && cut > 0)
		s = span_cut(s, 0, cut);
	return span_dup(s);
}

static void start(void)
{
	struct lm_error e;

	if (!path)
		die(EXIT_USAGE, "who is to answer? --model MODEL");
	how.bf16 = precision;
	how.threads = run_jobs();
	lm = lm_load(path, &how, &e);
	if (!lm)
		die(EXIT_SYSTEM, "%s: %s", path, e.text);
	engine = lm_engine_new(lm->model, run_jobs());
	scratch = tokenizer_scratch_new();
	name = as ? xstrdup(as) : base_of(path);
	stop_texts = xcalloc(stops.n + 1, sizeof *stop_texts);
	for (size_t i = 0; i < stops.n; i++) {
		stop_texts[i] = span_of(stops.v[i]);
		if (stop_texts[i].n == 0)
			die(EXIT_USAGE, "--stop wants a text");
	}
	end = chat_end(lm->chat).n ? tokenizer_special(lm->tokenizer, chat_end(lm->chat)) : tokenizer_eos(lm->tokenizer);
	rules.ends = &end;
	rules.n_ends = end >= 0;
	rules.stops = stop_texts;
	rules.n_stops = stops.n;
	rules.most = (size_t)most;
	rules.together = (size_t)together;
	rules.sampling.top_k = (size_t)top_k;
	/* Enough to keep the batch full, few enough to see answers soon. */
	run_records(n < 2 * together ? (size_t)(2 * together / n) : 1);
	began = clock_now();
}

static void stop(void)
{
	const double seconds = clock_now() - began;
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%ju, of %ju tokens in all, %.0f tokens/s", (uintmax_t)n_answers, (uintmax_t)n_tokens,
		seconds > 0 ? (double)n_tokens / seconds : 0);
	if (n_cut)
		buf_addf(&text, "; %ju cut off", (uintmax_t)n_cut);
	if (n_failed)
		buf_addf(&text, "; %ju prompts without (see why)", (uintmax_t)n_failed);
	buf_addf(&json, "{\"answers\":%ju,\"tokens\":%ju,\"cut\":%ju,\"failed\":%ju,\"seconds\":%.3f}", (uintmax_t)n_answers,
		(uintmax_t)n_tokens, (uintmax_t)n_cut, (uintmax_t)n_failed, seconds);
	tell_note("answers", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	tokenizer_scratch_free(scratch);
	lm_engine_free(engine);
	lm_close(lm);
	free(stop_texts);
	free(name);
}

int main(int argc, char **argv)
{
	static const struct filter filter = {
		.name = "pref-sample",
		.about = "let a language model answer each prompt several times",
		.options = options,
		.start = start,
		.look = look,
		.look_all = look_all,
		.stop = stop,
		.own_threads = true,
	};

	return filter_main(&filter, argc, argv);
}
