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
 * tenth), by source (--by names another member) and by annotator, where records have these members:
 * the 20 values with most pairs, --json has all. Where chosen is the shorter one, a judge in love with length is wrong most of the time.
 *
 * With --reference NAME, scores.NAME holds summed log-probs [chosen, rejected] of a reference model, and --policy that
 * of a model trained from it. Then follow (Chen et al. 2024, "Preference Learning Algorithms Do Not Learn
 * Preference Rankings"): how often each ranks chosen above rejected by likelihood alone, how often a perfectly
 * fitted DPO policy would (idealised accuracy at --beta; the share of raters who prefer chosen is the member
 * `preference`, 0.75 where there is none), how difficult the pairs are (log-prob of rejected less that of chosen
 * by the reference), and the mean loss that DPO must reach to rank them right.
 *
 * Pairs whose verdict is tie are not judged, only counted; so are pairs of equal responses. A pair
 * that a judge could not score counts as failed for that judge alone.
 *
 * The table goes to standard output or -o FILE; --json writes one object with all figures and the
 * bins of the calibration instead. Memory: 16 bytes a pair for each judge.
 */
#include "agreement.h"
#include "panel.h"
#include "ranking.h"
#include "run.h"
#include "scores.h"
#include "stream.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

static struct opt_list specs;
static const char *by = "source";
static bool as_json;
static const char *reference, *policy;
static struct ranking ranking = { .beta = 0.1 };

static const struct opt options[] = {
	OPT_LIST('J', "judge", &specs, "NAME[:ARG]",
		"ask this judge; may be given again; -J help lists them"),
	OPT_STR(0, "by", &by, "FIELD", "accuracy for each value of this member (default: source)"),
	OPT_STR(0, "reference", &reference, "NAME", "scores.NAME are log-probs of the reference model: rankings"),
	OPT_STR(0, "policy", &policy, "NAME", "and scores.NAME those of the model trained from it"),
	OPT_NUM(0, "beta", &ranking.beta, 1e-6, 1e6, "BETA", "of DPO, for rankings (default: 0.1)"),
	OPT_FLAG(0, "json", &as_json, "one JSON object instead of the table"), OPT_END
};

static struct panel panel;
static struct board board;		/* the panel's judges first, then the baselines */

/* What look() found out about a pair. */
struct opinion {
	struct span label;		/* of one that is in the record */
	double chosen, rejected;	/* NaN: none */
	double side;			/* of a verdict without scores: 1, -1, 0; NaN: none */
};
struct opinions {
	enum { JUDGED, TIE, EQUAL } kind;
	double chars[2];
	bool ranked;			/* with log-probs of the reference, and of the policy if asked for */
	double reference[2], policy[2], agreement;
	struct span by[BOARD_BYS];
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

/* A string's text, any other value as written; empty: absent. */
static struct span name_in(struct rec *r, const char *member)
{
	struct value v = rec_get(r, member);

	return v.kind == JSON_STRING ? json_text(v, r->arena) : v.raw;
}

/* What a pair's rankings want to know; false: some of it is not there. */
static bool log_probs(struct rec *r, struct value scores, struct opinions *k)
{
	if (!rec_num(r, "preference", &k->agreement) || k->agreement < 0 || k->agreement > 1)
		k->agreement = 0.75;
	return scores_of_pair(scan_member(scores, span_of(reference)), &k->reference[0], &k->reference[1]) &&
		(!policy || scores_of_pair(scan_member(scores, span_of(policy)), &k->policy[0], &k->policy[1]));
}

static void look(struct rec *r)
{
	struct value scores = rec_get(r, "scores");
	size_t held = scores.kind == JSON_OBJECT ? scan_count(scores) : 0;
	struct opinions *k = arena_alloc(r->arena, sizeof *k + (panel.n + held + 1) * sizeof *k->v);
	struct scan_iter it = scan_open(scores);
	struct member m;
	struct pair p;
	double c, d;

	if (!pair_need(r, &p))
		return;
	*k = (struct opinions){ .kind = JUDGED };
	r->data = k;
	if (span_eq(rec_text(r, "verdict"), S("tie")))
		k->kind = TIE;
	else if (span_eq(p.chosen, p.rejected))
		k->kind = EQUAL;
	if (k->kind != JUDGED)
		return;
	k->ranked = reference && log_probs(r, scores, k);
	k->chars[0] = (double)text_points(p.chosen);
	k->chars[1] = (double)text_points(p.rejected);
	k->by[BOARD_SOURCE] = name_in(r, by);
	if (strcmp(by, "annotator") != 0)
		k->by[BOARD_ANNOTATOR] = name_in(r, "annotator");
	for (size_t i = 0; i < panel.n; i++)
		k->v[k->n++] = ask(&panel.v[i], r, &p);
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

static void settle(struct rec *r)
{
	const struct opinions *k = r->data;

	board.ties += k->kind == TIE;
	board.equal += k->kind == EQUAL;
	if (k->kind != JUDGED)
		return;
	if (k->ranked)
		ranking_add(&ranking, k->reference, policy ? k->policy : NULL, k->agreement);
	ranking.missing += reference && !k->ranked;
	board_pair(&board, k->chars, k->by);
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
	return panel_ahead(&panel, r, round);
}

static void start(void)
{
	if (!reference && (policy || opt_given(&ranking.beta)))
		die(EXIT_USAGE, "--policy and --beta are for --reference");
	panel_open(&panel, specs.v, specs.n);
	if (panel_has_ahead(&panel))
		eval.ahead = ahead;
	for (size_t i = 0; i < panel.n; i++)
		board_judge(&board, span_of(panel.v[i].label), false);
	board_judge(&board, S("longer"), true);
	board_judge(&board, S("shorter"), true);
}

static void stop(void)
{
	struct buf text = { 0 };

	board_close(&board);
	ranking_close(&ranking);
	if (as_json)
		board_json(&board, reference ? &ranking : NULL, &text);
	else
		board_table(&board, by, &text);
	if (reference && !as_json)
		ranking_table(&ranking, &text);
	ranking_free(&ranking);
	write_all(buf_span(&text));
	buf_free(&text);
	board_free(&board);
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
