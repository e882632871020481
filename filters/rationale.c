/* rationale - attach to each pair why its chosen response is better (long: five sources, one set of checks)
 *
 * Writes `rationale`, a text, or an array of texts if there are several, and `rationale_prompt`: what the rationale answers, with
 * prompt and both responses in it, the better one named as such, and shown first or second by the hash of the texts. That is
 * what pref-train dpo --loss rationale learns from beside the pair (Just et al. 2024, "Data-Centric Human Preference with Rationales
 * for Direct Preference Alignment"); of several it learns the mean. Sources, one of them:
 *
 *   --http FILE    a language model over HTTP: FILE is that of preftools-http(7) with "judge: rationale", "kind: general" or
 *                  "specific" (or a template of yours), "votes: N" for N rationales. Journal, prices, batch files: as for
 *                  pref-score
 *   -m MODEL       a language model of pref-sample's, run here; --kind, or --template FILE, which is such a file without url;
 *                  -n of them
 *   --field NAME   a text, or an array of texts, that the record has: the critique of a data set. Where it calls the
 *                  responses 1 and 2, or Output (b), or the first answer, and the record has chosen_position (pref-convert), they
 *                  are called the better and the other one, and sentences that only repeat the verdict are left out
 *   --rules FILE   the rules of pref-score -J rules that make a difference, and their points: no model
 *   --tests        the counts that pref-test left
 *
 * The model is not told the label. It compares, says why in words that name no letter, number or place, and ends with its
 * verdict. A text that fails a check is not used, and counted by the reason:
 *
 *   failed, empty, cut         there is no answer; nothing beside the verdict; it ran out of tokens
 *   no-verdict, disagrees      the verdict is not there (models only), or is not the label
 *   order                      it tells which response was in which place: "response A", "the first one"
 *   mark                       the mark that keeps judged text apart is in it
 *   short, long                less or more words than --min-words, --max-words
 *   copies                     --max-copied words in a row are those of a response
 *   duplicate                  another pair, or this one, has had it word for word: it is about no pair. (Not of rules and tests. The
 *                              first pair keeps it; of those before, some million are remembered, in 16 MiB)
 *   undecided                  the rules or tests do not prefer chosen, or are not there
 *
 * A record without a rationale passes without, or with --need is dropped (reason: no-rationale; --rejects keeps it with
 * `faults` and what was `said`). A rationale that was there before and is not the one written is kept as source_rationale.
 */
#include "ask.h"
#include "critique.h"
#include "facts.h"
#include "hash.h"
#include "http_request.h"
#include "http_said.h"
#include "rationale.h"
#include "run.h"

#include "lm/decode.h"
#include "lm/lm.h"

#include <math.h>
#include <stdlib.h>

static const char *http_file, *model, *template, *field, *rules_file;
static bool tests, need;
static int kind;
static long n = 1, least = 4, most = 250, copied = 30, tokens = 256, seed = 1;
static double temperature = NAN;
static struct lm_options how;

static const struct opt options[] = {
	OPT_HEADING("Where from"),
	OPT_STR(0, "http", &http_file, "FILE", "a language model over HTTP"),
	OPT_STR('m', "model", &model, "MODEL", "a language model run here"),
	OPT_STR(0, "field", &field, "NAME", "this member of the record"),
	OPT_STR(0, "rules", &rules_file, "FILE", "the rules that decide"),
	OPT_FLAG(0, "tests", &tests, "the tests that decide"),
	OPT_HEADING("Checks"),
	OPT_INT(0, "min-words", &least, 1, 1 << 20, "N", "the shortest rationale (default: 4)"),
	OPT_INT(0, "max-words", &most, 1, 1 << 20, "N", "the longest (default: 250)"),
	OPT_INT(0, "max-copied", &copied, 0, 1 << 20, "N", "so many words in a row of a response are a copy (default: 30; 0: never)"),
	OPT_FLAG(0, "need", &need, "drop records without a rationale"),
	OPT_HEADING("With -m"),
	OPT_CHOICE(0, "kind", &kind, "general|specific", "what is asked for (default: general)"),
	OPT_STR(0, "template", &template, "FILE", "ask this instead"),
	OPT_INT('n', "samples", &n, 1, 1000, "N", "rationales for each pair (default: 1)"),
	OPT_NUM('t', "temperature", &temperature, 0, 100, "T", "0: always the likeliest token (default: 0, with -n 1 if more)"),
	OPT_INT(0, "max-tokens", &tokens, 1, 1 << 20, "N", "of an answer (default: 256)"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N", "of the random numbers (default: 1)"),
	OPT_STR(0, "chat", &how.chat, "NAME", "chat template, as for pref-sample"),
	OPT_STR(0, "tokenizer", &how.tokenizer, "FILE", "the model's tokenizer, if not its own"),
	OPT_FLAG(0, "packed", &how.packed, "leave weights as they are in the file: less memory, slower"),
	OPT_HEADING("With --http"),
	ASK_OPTIONS,
	OPT_END
};

enum { UNDECIDED = RATIONALE_FAULTS, N_FAULTS };

static struct form form;
static struct asker *asker;
static struct rules *rules;
static struct rationale_had *had;	/* NULL: duplicates are good */
static struct lm *lm;
static struct lm_engine *engine;
static int32_t end;
static struct lm_decoding decoding = { .sampling = { .top_p = 1 }, .together = 16, .most = 0 };
static uint64_t n_with, n_texts, faults[N_FAULTS];

struct work {				/* of a record */
	struct pair pair;
	struct question q;
	bool turned;			/* chosen is B */
	char mark[17];
	struct lm_tokens prompt;	/* -m; owned */
	const char *why;		/* -m: it cannot be asked */
	struct span *texts;		/* in the arena, as the rest */
	size_t n, room;
	unsigned faults[N_FAULTS];
	struct span refused;		/* the first text that failed, for --rejects */
};

/* ---- what came of an attempt ---- */

static void fault(struct work *w, int f)
{
	w->faults[f]++;
}

static void refuse(struct work *w, struct span text)
{
	if (!w->refused.p)
		w->refused = text;
}

static void add(struct rec *r, struct work *w, struct span text)
{
	w->texts = arena_grown(r->arena, w->texts, w->n, &w->room, sizeof *w->texts);
	w->texts[w->n++] = text;
}

static void take(struct rec *r, struct work *w, struct span text, bool names_places)
{
	const struct rationale_bounds b = { (size_t)least, (size_t)most, (size_t)copied };
	const enum rationale_fault f = rationale_check(text, names_places ? &w->pair : NULL, &b, span_of(w->mark));

	if (f) {
		fault(w, (int)f);
		refuse(w, text);
		return;
	}
	add(r, w, text);
}

/* What a model said. */
static void take_said(struct work *w, struct rec *r, struct span said, bool cut)
{
	struct span text;
	double verdict;

	said = arena_copy(r->arena, said);
	rationale_read(said, cut, r->arena, &text, &verdict);
	if (cut || verdict != (w->turned ? 0 : 1))
		refuse(w, said);
	if (cut)
		fault(w, RATIONALE_CUT);
	else if (isnan(verdict))
		fault(w, RATIONALE_NO_VERDICT);
	else if (verdict != (w->turned ? 0 : 1))
		fault(w, RATIONALE_DISAGREES);
	else
		take(r, w, text, true);
}

/* The rationales, as they are written; p NULL: none. */
static struct span written(struct rec *r, struct work *w)
{
	struct buf b = { 0 };
	struct span json;

	if (w->n == 0)
		return (struct span){ 0 };
	for (size_t i = 0; i < w->n; i++) {
		buf_adds(&b, i ? "," : "");
		json_put_text(&b, w->texts[i]);
	}
	json = arena_printf(r->arena, w->n > 1 ? "[%.*s]" : "%.*s", ARG(buf_span(&b)));
	buf_free(&b);
	return json;
}

/* Leave out what another pair, or this one, had word for word. */
static void leave_out_duplicates(struct work *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++) {
		bool twice = rationale_was_had(had, w->texts[i], &w->pair);

		for (size_t k = 0; k < kept && !twice; k++)
			twice = span_eq(w->texts[k], w->texts[i]);
		if (twice) {
			fault(w, RATIONALE_DUPLICATE);
			refuse(w, w->texts[i]);
		} else {
			w->texts[kept++] = w->texts[i];
		}
	}
	w->n = kept;
}

static void finish(struct rec *r, struct work *w)
{
	const struct value old = rec_get(r, "rationale");
	const struct span now = written(r, w);

	if (old.kind != JSON_NONE && !span_eq(old.raw, now)) {
		if (rec_get(r, "source_rationale").kind == JSON_NONE)
			rec_set(r, "source_rationale", old.raw);
		rec_remove(r, "rationale");
		rec_remove(r, "rationale_prompt");
	}
	if (w->n) {
		rec_set(r, "rationale", now);
		rec_set_text(r, "rationale_prompt", rationale_question(&w->pair, r->arena));
	} else if (need) {
		struct buf b = { 0 };

		buf_addc(&b, '{');
		for (int i = 0; i < N_FAULTS; i++)
			if (w->faults[i])
				buf_addf(&b, "%s\"%s\":%u", b.n > 1 ? "," : "", i == UNDECIDED ? "undecided" : rationale_words[i], w->faults[i]);
		buf_addc(&b, '}');
		rec_note(r, "faults", buf_span(&b));
		b.n = 0;
		json_put_text(&b, w->refused);
		if (w->refused.p)
			rec_note(r, "said", buf_span(&b));
		rec_drop(r, "no-rationale");
		buf_free(&b);
	}
	n_with += w->n > 0;
	n_texts += w->n;
	for (int i = 0; i < N_FAULTS; i++)
		faults[i] += w->faults[i];
}

static bool begin(struct rec *r, struct work *w)
{
	*w = (struct work){ .q.item = "" };
	if (!pair_need(r, &w->pair))
		return false;
	w->turned = pair_turned(&w->pair);
	w->q.text[FIELD_PROMPT] = w->pair.prompt;
	w->q.text[FIELD_A] = w->turned ? w->pair.rejected : w->pair.chosen;
	w->q.text[FIELD_B] = w->turned ? w->pair.chosen : w->pair.rejected;
	w->q.better = w->turned ? "B" : "A";
	if (form.uses_reference)
		w->q.text[FIELD_REFERENCE] = pair_text(rec_get(r, form.reference), false, r->arena);
	if (asker || lm)
		request_boundary(w->q.text, FIELDS_OF_TEXT, w->mark);
	return true;
}

/* ---- over HTTP ---- */

static void send(struct rec *r, struct work *w)
{
	struct buf body = { 0 };

	for (w->q.vote = 0; w->q.vote < form.votes; w->q.vote++) {
		body.n = 0;
		request_put(&form, r, &w->q, &body);
		asker_send(asker, buf_span(&body));
	}
	buf_free(&body);
}

static bool ahead(struct rec *r, int round)
{
	struct work w = { .q.item = "" };
	const char *what;

	if (round == 0 && pair_of(r, &w.pair, &what) && begin(r, &w))
		send(r, &w);
	return false;
}

static void ask(struct rec *r, struct work *w)
{
	for (w->q.vote = 0; w->q.vote < form.votes; w->q.vote++) {
		struct buf body = { 0 }, reply = { 0 };
		const char *why;
		struct span said = { 0 };

		request_put(&form, r, &w->q, &body);
		if (asker_get(asker, buf_span(&body), &reply, &why))
			said = http_said_text(&form, arena_copy(r->arena, buf_span(&reply)), r->arena, &why);
		if (said.p)
			take_said(w, r, said, http_said_cut(buf_span(&reply), r->arena));
		else
			fault(w, RATIONALE_FAILED);
		buf_free(&body);
		buf_free(&reply);
	}
}

/* ---- by a model of our own ---- */

static void encode(struct rec *r, struct work *w)
{
	struct chat_message *said = arena_alloc(r->arena, (form.n + 1) * sizeof *said);
	struct tokenizer_scratch *scratch = tokenizer_scratch_new();

	for (size_t i = 0; i < form.n; i++) {
		struct buf b = { 0 };

		request_passage(&form, &w->q, &form.v[i], w->mark, &b);
		said[i].by = strcmp(form.v[i].role, "system") == 0 ? CHAT_SYSTEM : strcmp(form.v[i].role, "assistant") == 0 ? CHAT_ASSISTANT :
			CHAT_USER;
		said[i].text = arena_copy(r->arena, buf_span(&b));
		buf_free(&b);
	}
	w->why = lm_encode_prompt(lm, said, form.n, scratch, &w->prompt);
	tokenizer_scratch_free(scratch);
}

static void look_all(struct rec *recs, size_t n_recs)
{
	struct lm_request *q = xcalloc(n_recs + 1, sizeof *q);
	struct rec **of = xcalloc(n_recs + 1, sizeof *of);
	size_t m = 0;

	for (size_t i = 0; i < n_recs; i++) {
		struct work *w = recs[i].data;

		if (recs[i].bad || recs[i].dropped || !w)
			continue;
		if (w->why) {
			fault(w, RATIONALE_FAILED);
			continue;
		}
		of[m] = &recs[i];
		q[m] = (struct lm_request){ .prompt = w->prompt.id, .n = w->prompt.n, .samples = (size_t)n };
		q[m].sample = xcalloc((size_t)n, sizeof *q[m].sample);
		for (uint64_t k = 0; k < (uint64_t)n; k++)
			q[m].sample[k].g = rng_for((uint64_t)seed, "rationale", mix64(hash64(recs[i].raw, 0) + k));
		m++;
	}
	lm_decode(engine, lm->model, lm->tokenizer, &decoding, q, m);
	for (size_t i = 0; i < m; i++) {
		struct work *w = of[i]->data;

		for (size_t k = 0; k < (size_t)n; k++) {
			struct lm_continuation *c = &q[i].sample[k];

			if (q[i].why)
				fault(w, RATIONALE_FAILED);
			else
				take_said(w, of[i], buf_span(&c->text), c->finish == LM_LENGTH);
		}
		for (size_t k = 0; k < (size_t)n; k++)
			lm_continuation_free(&q[i].sample[k]);
		free(q[i].sample);
		lm_tokens_free(&w->prompt);
	}
	free(q);
	free(of);
}

/* ---- from the record ---- */

/* One text of a data set. */
static void take_critique(struct rec *r, struct work *w, struct span text)
{
	double place;

	text = span_trim(text);
	if (rec_num(r, "chosen_position", &place) && (place == 1 || place == 2)) {
		if (critique_contradicts(text, (int)place, r->arena)) {
			fault(w, RATIONALE_DISAGREES);
			refuse(w, text);
			return;
		}
		text = critique_retold(text, (int)place, r->arena);
	}
	take(r, w, text, false);
}

static void take_field(struct rec *r, struct work *w)
{
	const struct value v = rec_get(r, field);
	struct scan_iter it = scan_open(v);
	struct member m;
	size_t found = 0;

	if (v.kind == JSON_STRING) {
		take_critique(r, w, json_text(v, r->arena));
		return;
	}
	while (v.kind == JSON_ARRAY && scan_next(&it, &m)) {
		if (m.val.kind != JSON_STRING)
			continue;
		take_critique(r, w, json_text(m.val, r->arena));
		found++;
	}
	if (!found)
		fault(w, RATIONALE_EMPTY);
}

static void take_facts(struct rec *r, struct work *w)
{
	struct buf b = { 0 };

	if (rules ? facts_of_rules(rules, r, &w->pair, &b) : facts_of_tests(r, &b)) {
		fault(w, UNDECIDED);
	} else {
		add(r, w, arena_copy(r->arena, buf_span(&b)));
	}
	buf_free(&b);
}

/* ---- hooks ---- */

static void look(struct rec *r)
{
	struct work *w = arena_alloc(r->arena, sizeof *w);

	if (!begin(r, w))
		return;
	r->data = w;
	if (lm) {
		encode(r, w);
		return;
	}
	if (asker)
		ask(r, w);
	else if (field)
		take_field(r, w);
	else
		take_facts(r, w);
}

/* (In input order: the first pair keeps what others have, too.) */
static void settle(struct rec *r)
{
	struct work *w = r->data;

	if (had)
		leave_out_duplicates(w);
	finish(r, w);
}

static struct filter rationale;

static void start_http(void)
{
	run_reads(http_file);
	form_read(&form, http_file);
	if (form.asks != ASKS_WHY)
		die(EXIT_USAGE, "%s: rationales want \"judge: rationale\"", http_file);
	form.http.check = http_said_check((enum http_api)form.api);
	asker = asker_open(&form.http, form.model, form.journal);
	run_ahead(&rationale, ahead, ask_plans());
}

static void start_model(void)
{
	struct lm_error e;

	if (template)
		run_reads(template);
	form_read_own(&form, template, kind);
	if (form.asks != ASKS_WHY || form.api != API_CHAT)
		die(EXIT_USAGE, "%s: rationales want \"judge: rationale\" and messages", template);
	how.threads = run_jobs();
	lm = lm_load(model, &how, &e);
	if (!lm)
		die(EXIT_SYSTEM, "%s: %s", model, e.text);
	engine = lm_engine_new(lm->model, run_jobs());
	end = chat_end(lm->chat).n ? tokenizer_special(lm->tokenizer, chat_end(lm->chat)) : tokenizer_eos(lm->tokenizer);
	decoding.ends = &end;
	decoding.n_ends = end >= 0;
	decoding.most = (size_t)tokens;
	decoding.sampling.temperature = isnan(temperature) ? n > 1 : temperature;
	run_records(n < 32 ? (size_t)(32 / n) : 1);
	rationale.look_all = look_all;
	rationale.own_threads = true;
}

static void start(void)
{
	if ((http_file != NULL) + (model != NULL) + (field != NULL) + (rules_file != NULL) + tests != 1)
		die(EXIT_USAGE, "one of --http, --model, --field, --rules and --tests says where rationales come from");
	if (least > most)
		die(EXIT_USAGE, "--min-words is above --max-words: nothing would be good");
	if (!http_file && ask_plans())
		die(EXIT_USAGE, "--dry-run and --emit-batch are for --http");
	rationale_start();
	critique_start();
	if (!rules_file && !tests)
		had = rationale_had_new();
	if (http_file)
		start_http();
	else if (model)
		start_model();
	else if (rules_file)
		rules = rules_load(rules_file);
}

static void stop(void)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%ju, of %ju pairs", (uintmax_t)n_texts, (uintmax_t)n_with);
	buf_addf(&json, "{\"pairs\":%ju,\"texts\":%ju,\"faults\":{", (uintmax_t)n_with, (uintmax_t)n_texts);
	for (int i = 0, k = 0; i < N_FAULTS; i++) {
		const char *word = i == UNDECIDED ? "undecided" : rationale_words[i];

		if (!faults[i])
			continue;
		buf_addf(&text, "%s %s %ju", k ? "," : "; not used:", word, (uintmax_t)faults[i]);
		buf_addf(&json, "%s\"%s\":%ju", k++ ? "," : "", word, (uintmax_t)faults[i]);
	}
	buf_adds(&json, "}}");
	if (!ask_plans())
		tell_note("rationales", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	asker_close(asker);
	if (asker || lm)
		form_free(&form);
	lm_engine_free(engine);
	lm_close(lm);
	rules_free(rules);
	rationale_had_free(had);
	critique_stop();
	rationale_stop();
}

static struct filter rationale = {
	.name = "pref-rationale",
	.about = "attach to each pair why its chosen response is better",
	.options = options,
	.start = start,
	.look = look,
	.settle = settle,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return filter_main(&rationale, argc, argv);
}
