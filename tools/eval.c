/* eval - how often judges agree with the labels of pairs
 *
 * Each judge (-J, as in pref-score) is asked about each pair. It is right when it scores chosen
 * above rejected; equal scores count half. Beside the judges stand the scores that the records
 * already hold ("in scores": the member `scores`, by label; "in record": score_chosen and
 * score_rejected), and two judges that know nothing: longer, which takes the response with more
 * characters, and shorter. A judge that is no better than these has learned length.
 *
 * Columns:
 *
 *   pairs      pairs with scores, or with a verdict, from this judge
 *   accuracy   share of them that it gets right, with the 95 % interval by Wilson's score
 *   auc        chance that a chosen response scores higher than a rejected one, each taken
 *              from all pairs at random: are scores comparable across prompts?
 *   log-loss   mean of -log sigmoid(margin); margin = score of chosen - score of rejected.
 *              Knowing nothing gives 0.693; it makes sense for scores that are log-odds,
 *              as those of linear are
 *   ece        expected calibration error: pairs are put in 10 bins of equal width by
 *              confidence sigmoid(|margin|), from 0.5 to 1; the mean over pairs of the
 *              distance between a bin's accuracy and its mean confidence
 *
 * Then the accuracy by length (characters of chosen over those of rejected; "same" is within a
 * tenth) and by source (--by names another member; the 20 values with most pairs are shown, --json
 * has all). Where chosen is the shorter one, a judge in love with length is wrong most of the time.
 *
 * Then by annotator, if records tell who labelled them: how often each judge says what THIS annotator said, whatever
 * the label became, with the 95 % interval. What the annotators said is in "votes" (pref-vote): ties are not counted,
 * two votes in both orders of showing count once if they agree and not at all if they differ. A record without votes
 * but with "annotator" is that annotator's choice of chosen. --annotator names another member than that; then votes
 * are not looked at. The 20 with most pairs are shown, --json has all.
 *
 * Then, with --bias, what judges and annotators prefer beside the better response:
 *
 *   both     pairs with an annotator's votes in both orders of showing ("votes"); then the share of these votes for
 *            the response shown first (0.5: no bias; a tie is half a vote), and of pairs with the same vote in both
 *   longer   share of pairs of unlike length (characters) in which the longer response is preferred, a tie half;
 *            beside it that in which the label does. Of an annotator are the pairs on which he took a side
 *   own      the same where one response is of the judge's own model: chosen_model or rejected_model is its name,
 *            case aside, or its name up to one of "/:@ (", as gpt-4 is of GPT-4/CoT
 *
 * --reference NAME asks what a language model can be trained to do with these pairs (Chen et al. 2024, "Preference
 * Learning Algorithms Do Not Learn Preference Rankings"). scores.NAME holds its log-probabilities of the two
 * responses (natural, summed over the tokens of the response), or NAME is a judge's in this run: with -J lm:base.gguf -J
 * lm:out/model these are --reference lm --policy lm:model. The model is the one that training starts from.
 *
 *   reference    pairs that it ranks right: log-probability of chosen >= that of rejected. Ties, differences
 *                below 0.01, count as their sign says (0: right); how many there were stands beside it
 *   policy       the same of a trained model, with --policy NAME. This is not the share of positive implicit
 *                rewards that trainers print as accuracy
 *   idealised    pairs that the policy ranks right which DPO with --beta would end in if it reached its aim:
 *                log(a / (1 - a)) / beta > difficulty, with a the share of raters who prefer chosen, the member
 *                "preference" (0.75 where there is none; 0.001 to 0.999)
 *   by token     the first two with each log-probability divided by the tokens of the response, where the
 *                record has numbers chosen_tokens and rejected_tokens: sums favour short responses. Characters
 *                are no stand-in, since a tokeniser gives some texts more tokens for each than others
 *   difficulty   log-probability of rejected - that of chosen, by the reference: the values that 5 ... 95 % of
 *                the pairs do not exceed (pref-score --difficulty writes it into the records)
 *   loss needed  a pair is ranked right exactly when its DPO loss is at most -log sigmoid(beta * difficulty);
 *                the mean of that
 *
 * With a policy, how many pairs were right before and after, and the share that changed in each of the two cases.
 * Last the implicit reward, beta * (log-probability by the policy - that by the reference): share of pairs in which that
 * of chosen is greater (equal ones half; what trainers print as reward accuracy), its auc as above, the mean margin.
 * A pair without the scores is not measured in that row, and never taken for a tie.
 *
 * With a policy, records of candidates, {"prompt", "responses": [...]}, tell how far the policy went: its KL divergence
 * from the reference, the mean of log-prob by the policy - that by the reference over answers that the policy drew at
 * temperature 1 from all tokens (k1 of Schulman 2020). Answers whose member "model" names another are left out:
 *
 *   pref-sample --fresh -m POLICY --as policy pairs.jsonl | pref-density -m POLICY --as policy | pref-density -m REF --as ref |
 *       pref-eval --policy policy --reference ref
 *
 * The win rate of a policy over its reference, or any other model, by a judge is the judge's accuracy on the pairs that
 * pref-pair --versus makes of answers of both.
 *
 * Pairs whose verdict is tie are not judged, only counted; so are pairs of equal responses. A pair
 * that a judge could not score counts as failed for that judge alone.
 *
 * The table goes to standard output or -o FILE; --json writes one object with all figures and the
 * bins of the calibration instead. With --dry-run and --emit-batch there is neither. Memory: 16 bytes a pair for
 * each judge, 8 more with --reference and 16 more with --policy.
 */
#include "agreement.h"
#include "ask.h"
#include "ballot.h"
#include "bias.h"
#include "kl.h"
#include "panel.h"
#include "ranking.h"
#include "run.h"
#include "scores.h"
#include "stream.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

static struct opt_list specs;
static const char *by = "source", *annotator;
static bool as_json, with_bias;
static struct ranking ranking = { .beta = 0.1 };

static const struct opt options[] = {
	OPT_LIST('J', "judge", &specs, "NAME[:ARG]",
		"ask this judge; may be given again; -J help lists them"),
	OPT_STR(0, "by", &by, "FIELD", "accuracy for each value of this member (default: source)"),
	OPT_STR(0, "annotator", &annotator, "FIELD", "the member that names who labelled the pair (default: annotator)"),
	OPT_FLAG(0, "bias", &with_bias, "also: do they prefer a place, the longer response, their own?"),
	OPT_FLAG(0, "json", &as_json, "one JSON object instead of the table"),
	OPT_HEADING("Ranking by a language model"),
	OPT_STR(0, "reference", &ranking.reference, "NAME", "scores.NAME are log-probabilities of the reference"),
	OPT_STR(0, "policy", &ranking.policy, "NAME", "scores.NAME are those of the trained model"),
	OPT_NUM(0, "beta", &ranking.beta, 1e-6, 1e6, "B", "of DPO (default: 0.1)"),
	OPT_HEADING("Judges over HTTP and by command"),
	ASK_OPTIONS,
	OPT_END
};

static struct panel panel;
static struct board board;		/* the panel's judges first, then the baselines */
static struct bias bias;
static struct kl kl;

/* What look() found out about a pair. */
struct opinion {
	struct span label;		/* of one that is in the record */
	double chosen, rejected;	/* NaN: none */
	double side;			/* of a verdict without scores: 1, -1, 0; NaN: none */
};
struct opinions {
	enum { JUDGED, TIE, EQUAL, LIST } kind;
	struct kl_prompt kl;		/* of LIST */
	double chars[2];
	struct span source;
	struct ballot said;		/* by annotators who took a side */
	struct ballot votes;		/* of "votes", all of them, with --bias */
	struct span models[2];		/* of chosen, of rejected */
	struct ranking_pair ranking;
	size_t n;
	struct opinion v[];		/* the panel's first */
};

static struct opinion ask(const struct panel_seat *s, struct rec *r, const struct pair *p)
{
	struct judgement j = { 0 };
	struct opinion o = { .chosen = NAN, .rejected = NAN, .side = NAN };

	s->judge->judge(s->self, r, p, &j);
	if (j.has_scores && isfinite(j.score[0]) && isfinite(j.score[1])) {
		o.chosen = j.score[0];
		o.rejected = j.score[1];
	} else if (j.verdict == VERDICT_A || j.verdict == VERDICT_B || j.verdict == VERDICT_TIE) {
		o.side = j.verdict == VERDICT_A ? 1 : j.verdict == VERDICT_B ? -1 : 0;
	}
	return o;
}

/* What the judge of this name said, if it is one, in place of what the record says. */
static void take_logps(const struct opinions *k, const char *name, double lp[2], bool *has)
{
	for (size_t i = 0; i < panel.n; i++)
		if (strcmp(panel.v[i].label, name) == 0) {
			lp[0] = k->v[i].chosen;
			lp[1] = k->v[i].rejected;
			*has = lp[0] < RANKING_TIE && lp[1] < RANKING_TIE;
		}
}

/* Candidates are no pair, but tell how far their model is from the reference. */
static bool look_at_list(struct rec *r)
{
	struct opinions *k;

	if (!ranking.policy || rec_get(r, "responses").kind != JSON_ARRAY || rec_get(r, "chosen").kind != JSON_NONE)
		return false;
	k = arena_alloc(r->arena, sizeof *k);
	*k = (struct opinions){ .kind = LIST };
	kl_read(r, ranking.policy, ranking.reference, &k->kl);
	r->data = k;
	return true;
}

static void look(struct rec *r)
{
	struct value scores = rec_get(r, "scores"), source = rec_get(r, by);
	size_t held = scores.kind == JSON_OBJECT ? scan_count(scores) : 0;
	struct opinions *k = arena_alloc(r->arena, sizeof *k + (panel.n + held + 1) * sizeof *k->v);
	struct scan_iter it = scan_open(scores);
	struct member m;
	struct pair p;
	double c, d;

	if (look_at_list(r) || !pair_need(r, &p))
		return;
	*k = (struct opinions){ .kind = JUDGED };
	r->data = k;
	if (with_bias && !annotator && rec_get(r, "votes").kind == JSON_OBJECT && !ballot_read(r, &k->votes))
		return;
	if (!ballot_sides(r, annotator, &k->said) || (ranking.reference && !ranking_read(&ranking, r, &k->ranking)))
		return;
	if (span_eq(rec_text(r, "verdict"), S("tie")))
		k->kind = TIE;
	else if (span_eq(p.chosen, p.rejected))
		k->kind = EQUAL;
	if (k->kind != JUDGED)
		return;
	k->chars[0] = (double)text_points(p.chosen);
	k->chars[1] = (double)text_points(p.rejected);
	k->models[0] = rec_text(r, "chosen_model");
	k->models[1] = rec_text(r, "rejected_model");
	k->source = source.kind == JSON_STRING ? json_text(source, r->arena) : source.raw;
	for (size_t i = 0; i < panel.n; i++)
		k->v[k->n++] = ask(&panel.v[i], r, &p);
	if (ranking.reference)
		take_logps(k, ranking.reference, k->ranking.reference, &k->ranking.has_reference);
	if (ranking.policy)
		take_logps(k, ranking.policy, k->ranking.policy, &k->ranking.has_policy);
	while (held && scan_next(&it, &m)) {
		struct span name = m.key_plain ? m.key : json_unescape(m.key, r->arena);

		if (scores_of_pair(m.val, &c, &d))
			k->v[k->n++] = (struct opinion){
				arena_printf(r->arena, "%.*s (in scores)", ARG(name)), c, d, NAN
			};
	}
	if (rec_num(r, "score_chosen", &c) && rec_num(r, "score_rejected", &d))
		k->v[k->n++] = (struct opinion){ S("(in record)"), c, d, NAN };
}

/* Votes of one annotator in both orders stand side by side. */
static void settle_orders(const struct ballot *b)
{
	for (size_t i = 0; i + 1 < b->n; i++) {
		const struct ballot_vote *v = &b->v[i];

		if (v[0].shown == BALLOT_CHOSEN_FIRST && v[1].shown == BALLOT_REJECTED_FIRST && span_eq(v[0].by, v[1].by))
			bias_orders(&bias, v[0].by, v[0].side, v[1].side);
	}
}

static void settle_bias(const struct opinions *k)
{
	const struct bias_pair p = { { k->chars[0], k->chars[1] }, { k->models[0], k->models[1] } };

	settle_orders(&k->votes);
	for (size_t i = 0; i < k->said.n; i++)
		bias_say(&bias, k->said.v[i].by, &p, k->said.v[i].side == BALLOT_CHOSEN ? 1 : -1);
	for (size_t i = 0; i < k->n; i++) {
		const struct opinion *o = &k->v[i];
		const double margin = isnan(o->chosen) ? o->side : o->chosen - o->rejected;

		if (!isnan(margin))
			bias_say(&bias, i < panel.n ? span_of(panel.v[i].label) : o->label, &p, margin);
	}
}

static void settle(struct rec *r)
{
	const struct opinions *k = r->data;

	if (k->kind == LIST)
		kl_add(&kl, &k->kl);
	board.ties += k->kind == TIE;
	board.equal += k->kind == EQUAL;
	if (k->kind != JUDGED)
		return;
	if (ranking.reference)
		ranking_add(&ranking, &k->ranking);
	if (with_bias)
		settle_bias(k);
	board_pair(&board, k->chars, k->source);
	for (size_t i = 0; i < k->said.n; i++)
		board_side(&board, k->said.v[i].by, k->said.v[i].side == BALLOT_CHOSEN ? 1 : -1);
	for (size_t i = 0; i < k->n; i++) {
		const struct opinion *o = &k->v[i];

		board_say(&board, i < panel.n ? i : board_judge(&board, o->label, false), o->chosen,
			o->rejected, o->side);
	}
	board_say(&board, panel.n, k->chars[0], k->chars[1], NAN);
	board_say(&board, panel.n + 1, -k->chars[0], -k->chars[1], NAN);
}

static void write_all(struct span text)
{
	const char *path = run_out_path() ? run_out_path() : "-", *why;
	struct out *out = out_open(path, &why);
	uint64_t n, hash;

	if (!out)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	out_hash_on(out);
	if (out_write(out, text) < 0 || out_flush(out) < 0)
		die(EXIT_SYSTEM, "%s: %s", strcmp(path, "-") == 0 ? "standard output" : path,
			out_error(out));
	n = out_bytes(out);
	hash = out_hash(out);
	if (out_commit(out) < 0)
		die(EXIT_SYSTEM, "%s:", path);
	tell_output(path, n, hash);
}

/* ---- the run ---- */

static struct filter eval;

static bool ahead(struct rec *r, int round)
{
	return panel_ahead_sides(&panel, r, round);
}

static void start(void)
{
	if (!ranking.reference && (ranking.policy || opt_given(&ranking.beta)))
		die(EXIT_USAGE, "--policy and --beta are for --reference");
	panel_open(&panel, specs.v, specs.n);
	if (panel_slow(&panel))
		run_records(FEW);
	if (panel_has_ahead(&panel))
		run_ahead(&eval, ahead, ask_plans());
	for (size_t i = 0; i < panel.n; i++)
		board_judge(&board, span_of(panel.v[i].label), false);
	board_judge(&board, S("longer"), true);
	board_judge(&board, S("shorter"), true);
}

static bool lists(void)
{
	return kl.prompts + kl.missing > 0;
}

static void put_json(struct buf *b)
{
	buf_addc(b, '{');
	board_json(&board, b);
	if (with_bias)
		bias_json(&bias, b);
	if (ranking.reference) {
		buf_adds(b, ",\"ranking\":");
		ranking_json(&ranking, b);
	}
	if (lists()) {
		buf_adds(b, ",\"kl\":");
		kl_json(&kl, b);
	}
	buf_adds(b, "}\n");
}

static void put_table(struct buf *b)
{
	if (lists()) {
		kl_table(&kl, b);
		if (!board.pairs)
			return;
		buf_addc(b, '\n');
	}
	board_table(&board, by, b);
	if (with_bias)
		bias_table(&bias, b);
	if (ranking.reference)
		ranking_table(&ranking, b);
}

/* A label of scores that no pair has is likely a slip of the pen. */
static void warn_unmeasured(enum ranking_row row, const char *name)
{
	if (name && board.pairs && ranking.rows[row].pairs == 0)
		warn("no pair has two numbers in \"scores\" under %s", name);
}

static void put_results(void)
{
	struct buf text = { 0 };

	warn_unmeasured(RANKING_REFERENCE, ranking.reference);
	warn_unmeasured(RANKING_POLICY, ranking.policy);
	board_close(&board);
	ranking_close(&ranking);
	if (as_json)
		put_json(&text);
	else
		put_table(&text);
	write_all(buf_span(&text));
	buf_free(&text);
}

static void stop(void)
{
	if (!ask_plans())
		put_results();
	board_free(&board);
	bias_free(&bias);
	ranking_free(&ranking);
	panel_close(&panel);
}

static struct filter eval = {
	.name = "pref-eval",
	.about = "how often judges agree with the labels of pairs",
	.options = options,
	.start = start,
	.look = look,
	.settle = settle,
	.stop = stop,
	.sink = true,
};

int main(int argc, char **argv)
{
	return filter_main(&eval, argc, argv);
}
