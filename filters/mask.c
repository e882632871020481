/* mask - say which sentences of a pair's responses training should look at
 *
 * Writes `mask`: {"chosen": [[from, to], ...], "rejected": [[from, to], ...]}, byte ranges of the texts. Of chosen the sentences
 * that are right are kept, of rejected those that are wrong; pref-train dpo --loss mask-dpo counts no other tokens (Gu et al. 2025,
 * "Mask-DPO: Generalizable Fine-grained Factuality Alignment of LLMs"). Which are wrong, one of these says:
 *
 *   --spans NAME   marks of errors that the record has, in chosen_NAME and rejected_NAME: an array of {"start", "end"} in
 *                  characters, or an object that has it as `errors`. A sentence that a mark touches is wrong; --type takes
 *                  only marks of this "error type" (or "type", "label"). A side without marks is kept whole. (pref-convert
 *                  --pairs all makes such pairs of the layout finegrained, with NAME feedback)
 *   -J NAME[:ARG]  a judge of pref-score, asked about each sentence: one whose score is below --below is wrong. http:FILE with
 *                  "include: .../prompts/sentence.prompt" and --below 0.5 asks a language model whether what the sentence
 *                  claims is true; it sees the prompt and the whole response with the sentence marked ({sentence} in
 *                  preftools-http(7)), as does a program (command:PROGRAM). All other judges get the sentence as if it were the
 *                  response: `-1 guess: /\bprobably\b/` in rules:FILE with --below 0
 *
 * Sentences end at . ! ? and line ends, with the blanks behind them, so that they tile the text; abbreviations that are known
 * end none. A record where a sentence could not be judged passes without a mask; `why` says so.
 */
#include "ask.h"
#include "mask.h"
#include "panel.h"
#include "run.h"

#include <math.h>
#include <stdlib.h>

static const char *marks;
static struct opt_list specs, types;
static double below = NAN;

static const struct opt options[] = {
	OPT_STR(0, "spans", &marks, "NAME", "by the marks in chosen_NAME and rejected_NAME"),
	OPT_LIST(0, "type", &types, "TYPE", "with --spans: marks of this type; may be given again (default: all)"),
	OPT_LIST('J', "judge", &specs, "NAME[:ARG]", "by this judge; -J help lists them"),
	OPT_NUM(0, "below", &below, -1e300, 1e300, "X", "with -J: a sentence whose score is below X is wrong (needed)"),
	OPT_HEADING("Judges over HTTP and by command"),
	ASK_OPTIONS,
	OPT_END
};

static struct panel panel;
static const char *const sides[] = { "chosen", "rejected" };
static _Atomic uint64_t n_masks, n_failed, n_empty, n_sentences, n_wrong;

/* ---- by a judge ---- */

/* A score, or with j NULL what judge.ahead does. */
static bool ask_about(struct rec *r, const struct excerpt *x, int round, struct judgement *j)
{
	const struct panel_seat *s = &panel.v[0];

	if (s->judge->sentence)
		return s->judge->sentence(s->self, r, x, round, j);
	if (!j)
		return s->judge->ahead(s->self, r, &(struct pair){ .prompt = x->prompt, .chosen = x->sentence }, round);
	s->judge->score(s->self, r, x->prompt, x->sentence, j);
	return false;
}

static bool ahead(struct rec *r, int round)
{
	bool more = false;
	const char *what;
	struct pair p;

	if (!panel.v[0].judge->ahead || !pair_of(r, &p, &what))
		return false;
	for (int i = 0; i < 2; i++) {
		const struct span text = i ? p.rejected : p.chosen;
		const struct sentences all = sentences_of(text, r->arena);

		for (size_t k = 0; k < all.n; k++) {
			const struct excerpt x = { p.prompt, text, span_trim(all.v[k]) };

			if (x.sentence.n && ask_about(r, &x, round, NULL))
				more = true;
		}
	}
	return more;
}

/* NULL, or why a sentence could not be judged. */
static const char *ask(struct rec *r, struct span prompt, struct span text, const struct sentences *s, bool *wrong)
{
	for (size_t k = 0; k < s->n; k++) {
		const struct excerpt x = { prompt, text, span_trim(s->v[k]) };
		struct judgement j = { 0 };

		if (x.sentence.n == 0)
			continue;
		ask_about(r, &x, 0, &j);
		if (!j.has_scores || !isfinite(j.score[0]))
			return j.why ? j.why : "a sentence has no score";
		wrong[k] = j.score[0] < below;
	}
	return NULL;
}

/* ---- hooks ---- */

static void look(struct rec *r)
{
	struct buf b = { 0 };
	struct pair p;
	const char *why = NULL;
	size_t n = 0, wrong_n = 0, sentences = 0, empty = 0;

	if (!pair_need(r, &p))
		return;
	buf_addc(&b, '{');
	for (int i = 0; i < 2 && !why; i++) {
		const struct span text = i ? p.rejected : p.chosen;
		const struct sentences s = sentences_of(text, r->arena);
		bool *wrong = arena_alloc(r->arena, s.n + 1);

		memset(wrong, 0, s.n + 1);
		if (marks) {
			const struct value v = rec_get(r, arena_printf(r->arena, "%s_%s", sides[i], marks).p);

			if (v.kind == JSON_NONE || v.kind == JSON_NULL)
				continue;
			why = mask_of_marks(text, &s, v, types.v, types.n, r->arena, wrong);
			if (why) {
				rec_bad(r, rec_col(r, v.raw.p), "%s", why);
				break;
			}
		} else {
			why = ask(r, p.prompt, text, &s, wrong);
		}
		buf_addf(&b, "%s\"%s\":", n++ ? "," : "", sides[i]);
		empty += mask_put(&b, &s, wrong, i == 1) == 0;
		sentences += s.n;
		for (size_t k = 0; k < s.n; k++)
			wrong_n += wrong[k];
	}
	buf_addc(&b, '}');
	if (why) {
		if (!marks)
			rec_set_text(r, "why", arena_printf(r->arena, "%s: %s", panel.v[0].label, why));
		n_failed += !marks;
	} else if (n) {
		rec_set(r, "mask", arena_copy(r->arena, buf_span(&b)));
		n_masks++;
		n_sentences += sentences;
		n_wrong += wrong_n;
		n_empty += empty;
	}
	buf_free(&b);
}

static struct filter mask;

static void start(void)
{
	if ((marks != NULL) + (specs.n > 0) != 1 || specs.n > 1)
		die(EXIT_USAGE, "one of --spans and --judge says which sentences are wrong");
	if (types.n && !marks)
		die(EXIT_USAGE, "--type is for --spans");
	panel_open(&panel, specs.v, specs.n);
	if (specs.n && isnan(below))
		die(EXIT_USAGE, "below which score is a sentence wrong? --below X");
	if (specs.n && !panel.v[0].judge->score)
		die(EXIT_USAGE, "-J %s gives no scores to single responses", specs.v[0]);
	if (panel_slow(&panel))
		run_records(FEW);
	if (panel_has_ahead(&panel))
		run_ahead(&mask, ahead, ask_plans());
}

static void stop(void)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%ju; %ju of %ju sentences wrong", (uintmax_t)n_masks, (uintmax_t)n_wrong, (uintmax_t)n_sentences);
	if (n_empty)
		buf_addf(&text, "; %ju responses with nothing kept", (uintmax_t)n_empty);
	if (n_failed)
		buf_addf(&text, "; %ju failed (see why)", (uintmax_t)n_failed);
	buf_addf(&json, "{\"masks\":%ju,\"sentences\":%ju,\"wrong\":%ju,\"empty\":%ju,\"failed\":%ju}", (uintmax_t)n_masks,
		(uintmax_t)n_sentences, (uintmax_t)n_wrong, (uintmax_t)n_empty, (uintmax_t)n_failed);
	if (!ask_plans())
		tell_note("masks", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	panel_close(&panel);
}

static struct filter mask = {
	.name = "pref-mask",
	.about = "say which sentences of a pair's responses training should look at",
	.options = options,
	.start = start,
	.look = look,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return filter_main(&mask, argc, argv);
}
