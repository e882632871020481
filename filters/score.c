/* score - let judges score the responses of each record, and take the margin between them
 *
 * A judge (-J, see below) gives each response a number, higher is better. The numbers go to the member
 * `scores` under the judge's label; what other judges left there stays as it is. Then, over all judges
 * in `scores` (or those named with --over), with d_m = chosen - rejected of judge m:
 *
 *   score_chosen, score_rejected   mean score of the judges
 *   margin                         mean of d_m
 *   margin_std                     standard deviation of d_m over the judges (population, divided by
 *                                  their number); only if there are two or more
 *   preference                     with --preference: sigmoid(margin / temperature), the probability
 *                                  that chosen is the better one, to six decimals
 *
 * This is the strength of preference of Wang et al. 2024, "Secrets of RLHF in Large Language Models Part
 * II: Reward Modeling". Since the mean is over the scores a record has, asking two judges in one run or
 * in two runs one after the other comes to the same. Without -J nothing is asked and only the mean is
 * taken. Exchanging chosen and rejected negates the margin and changes nothing else.
 *
 * --difficulty NAME is for NAME whose scores are log-probabilities by the model that training starts from, summed over
 * each response: it writes `difficulty`, the log-probability of rejected - that of chosen. The greater, the less
 * training by DPO gets the pair right (Chen et al. 2024; pref-eval --reference tells more). It is absent where NAME
 * gave no scores.
 *
 * Records of candidates ({"prompt", "responses": [{"text", ...}, ...]}) are scored too: each response
 * gets its `scores` (label and number) and `score`, their mean; there is no margin.
 *
 * A score that could not be had is absent, never 0. The record is then kept with a `verdict` (error,
 * refused, invalid), and `why` names the judge and the reason; judges that did give scores still count
 * for the margin. Without any there is no margin, and --min-margin and --max-margin let the record pass.
 * A mean or a margin too large for a double is an error, too (why: "scores: ...").
 *
 * Scores of unlike judges are not comparable: characters outweigh everything else. --calibrate reads all
 * input first and divides each judge's scores by its unit, the root mean square of its margins over the
 * data (their standard deviation about zero: which side is called chosen is what is in doubt, so it must
 * not matter). `scores` stays raw. It also finds the temperature at which sigmoid(margin / temperature)
 * explains the labels best, for --preference. --calibration FILE keeps both; without --calibrate it
 * applies what is kept there, in one pass, for instance to data that arrives later. Judges that FILE does
 * not know are then left out of the mean.
 *
 * Judges:
 *
 *   length[:MEASURE]   chars (default), words, bytes; shorter, shorter-words for the reverse
 *   rules:FILE         weighted patterns and measures, one a line: "-2 sorry: /\bsorry\b/i",
 *                      "+0.5 fits: words 50..300", "+1 list: list-items 2.. if prompt /\blist\b/i"
 *   linear:FILE        a model that pref-train made
 *   http:FILE          a server that speaks OpenAI's protocol, or a reward server: see preftools-http(7)
 *   command:COMMAND    a program of yours: it gets {"id","prompt","chosen","rejected"}, a pair a line, and answers
 *                      {"id","scores":[c,r]} or {"id","verdict":"A"} (B, tie, invalid, refused, error; "why"), or
 *                      for a candidate's {"id","prompt","response"} {"id","score"}. One process a thread
 *
 * What a server answers is kept in a journal before it is used: run the same command again after a crash, a
 * full disk or an empty account, and only what is missing is asked. A request that failed is tried again in the
 * next run.
 *
 * The label is the judge's name; a second judge of that name is called NAME:FILE without folder and
 * suffix. Memory does not grow with the input; with --calibrate it takes 32 bytes a pair and judge.
 */
#include "ask.h"
#include "panel.h"
#include "run.h"
#include "scores.h"
#include "stream.h"

#include <math.h>
#include <stdlib.h>

static struct opt_list specs, over;
static bool calibrate, soft;
static const char *calibration, *difficulty;
static double min_margin = -INFINITY, max_margin = INFINITY, temperature = 1;

static const struct opt options[] = {
	OPT_LIST('J', "judge", &specs, "NAME[:ARG]", "ask this judge; may be given again; -J help lists them"),
	OPT_LIST(0, "over", &over, "LABEL",
		"take the mean over this judge's scores, not over all there are; may be given again"),
	OPT_FLAG(0, "calibrate", &calibrate, "read all input first, then put the judges on one scale"),
	OPT_STR(0, "calibration", &calibration, "FILE",
		"with --calibrate: write the scale there; else apply it"),
	OPT_FLAG(0, "preference", &soft, "write the soft label `preference`, from 0 to 1"),
	OPT_NUM(0, "temperature", &temperature, 1e-6, 1e6, "T",
		"of --preference (default: that of the calibration, else 1)"),
	OPT_STR(0, "difficulty", &difficulty, "NAME",
		"write `difficulty`, by the log-probabilities in the scores of NAME"),
	OPT_NUM(0, "min-margin", &min_margin, -1e300, 1e300, "X",
		"drop records with a margin below X (reason: margin)"),
	OPT_NUM(0, "max-margin", &max_margin, -1e300, 1e300, "X",
		"drop records with a margin above X (reason: margin)"),
	OPT_HEADING("Judges over HTTP and by command"),
	ASK_OPTIONS,
	OPT_END
};

static struct panel panel;
static struct scales scales;
static uint64_t n_silent, n_failed;

enum { SILENT = 1, FAILED = 2 };	/* rec.key[0]: no margin; a judge gave no scores */

/* ---- writing ---- */

static void write_number(struct rec *r, const char *name, bool had, double x)
{
	if (had)
		rec_set_num(r, name, x);
	else
		rec_remove(r, name);
}

static void write_difficulty(struct rec *r, struct value scores)
{
	double c = 0, d = 0;
	bool had = scores_of_pair(scan_member(scores, span_of(difficulty)), &c, &d) && isfinite(d - c);

	write_number(r, "difficulty", had, d - c);
}

/* There are scores but their mean is no number: an error, which a judge's own outranks. */
static void note_overflow(struct hearing *h)
{
	if (h->verdict >= VERDICT_INVALID)
		return;
	h->verdict = VERDICT_ERROR;
	h->why = "scores: a mean or margin is too large";
}

static void write_pair(struct rec *r, struct hearing *h)
{
	struct summary sum;
	bool had = scores_sum(&scales, h->scores[0], &sum);

	if (had && !(isfinite(sum.chosen) && isfinite(sum.rejected) && isfinite(sum.margin) &&
		     isfinite(sum.std))) {
		note_overflow(h);
		had = false;
	}

	if (h->scores[0].kind == JSON_OBJECT && panel.n)
		rec_set(r, "scores", h->scores[0].raw);
	write_number(r, "score_chosen", had, sum.chosen);
	write_number(r, "score_rejected", had, sum.rejected);
	write_number(r, "margin", had, sum.margin);
	write_number(r, "margin_std", had && sum.n > 1, sum.std);
	if (soft)
		write_number(r, "preference", had, round(1e6 * sigmoid(sum.margin / temperature)) / 1e6);
	if (difficulty)
		write_difficulty(r, h->scores[0]);
	if (!had)
		r->key[0] |= SILENT;
	else if (sum.margin < min_margin || sum.margin > max_margin)
		rec_drop(r, "margin");
}

static void write_candidates(struct rec *r, struct hearing *h)
{
	double *mean = arena_alloc(r->arena, (h->rows + 1) * sizeof *mean);

	for (size_t k = 0; k < h->rows; k++) {
		if (!scores_mean(&scales, h->scores[k], &mean[k])) {
			mean[k] = NAN;
		} else if (!isfinite(mean[k])) {
			mean[k] = NAN;
			note_overflow(h);
		}
	}
	panel_put_candidates(r, h, mean, NULL, 0);
}

static void write_all(struct rec *r, struct hearing *h)
{
	if (h->pair)
		write_pair(r, h);
	else
		write_candidates(r, h);
	panel_put_verdict(&panel, r, h);
	if (h->verdict >= VERDICT_INVALID)
		r->key[0] |= FAILED;
}

/* ---- hooks ---- */

static bool ahead(struct rec *r, int round)
{
	return panel_ahead(&panel, r, round);
}

static void look(struct rec *r)
{
	struct hearing *h = arena_alloc(r->arena, sizeof *h);

	panel_classify(r, h);
	if (!panel_ask(&panel, r, h) || !panel_merge(&panel, r, h))
		return;
	r->data = h;
	if (!calibrate)
		write_all(r, h);
}

static void count(const struct rec *r)
{
	n_silent += (r->key[0] & SILENT) != 0;
	n_failed += (r->key[0] & FAILED) != 0;
}

/* With --calibrate the panel is asked once: its scores wait here for the second pass, in input order. */
static struct {
	double *v;
	size_t n, room, next;
} kept;
static struct complaint {
	uint64_t rec;
	enum verdict verdict;
	char *why;
} *complaints;
static size_t n_complaints, complaints_room, next_complaint;

static void settle(struct rec *r)
{
	const struct hearing *h = r->data;

	if (!calibrate) {
		count(r);
		return;
	}
	if (h->pair)
		scales_learn(&scales, h->scores[0]);
	else
		scales_learn_group(&scales, h->scores, h->rows);
	for (size_t i = 0; i < panel.n * h->rows; i++) {
		GROW(kept.v, kept.n, kept.room);
		kept.v[kept.n++] = h->score[i];
	}
	if (h->verdict) {
		GROW(complaints, n_complaints, complaints_room);
		complaints[n_complaints++] = (struct complaint){
			r->n, h->verdict, h->why ? xstrdup(h->why) : NULL
		};
	}
}

static void emit(struct rec *r)
{
	struct hearing h;

	panel_classify(r, &h);
	if (kept.next + panel.n * h.rows > kept.n)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	h.score = kept.v + kept.next;
	kept.next += panel.n * h.rows;
	if (next_complaint < n_complaints && complaints[next_complaint].rec == r->n) {
		h.verdict = complaints[next_complaint].verdict;
		h.why = complaints[next_complaint++].why;
	}
	if (panel_merge(&panel, r, &h))
		write_all(r, &h);
	count(r);
}

static void note_scales(void)
{
	struct buf text = { 0 }, json = { 0 };

	buf_adds(&text, scales.n ? "units:" : "no units, as there are no margins");
	for (size_t i = 0; i < scales.n; i++)
		buf_addf(&text, "%s %s %.4g", i ? "," : "", scales.v[i].label, scales.v[i].unit);
	if (scales.temperature > 0)
		buf_addf(&text, "; temperature %.4g", scales.temperature);
	scales_put(&scales, &json);
	tell_note("calibration", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void take_temperature(void)
{
	if (!opt_given(&temperature) && scales.temperature > 0)
		temperature = scales.temperature;
}

static void decide(void)
{
	if (!calibrate)
		return;
	for (size_t i = 0; i < panel.n; i++) {
		struct scale *s = scales_find(&scales, span_of(panel.v[i].label));
		if (s)
			s->judge = xstrdup(specs.v[i]);
	}
	scales_fit(&scales);
	if (scales.no_temperature)
		warn("%s: no temperature", scales.no_temperature);
	take_temperature();
	note_scales();
}

static void write_calibration(void)
{
	struct buf b = { 0 };
	const char *why;
	struct out *o = out_open(calibration, &why);

	if (!o)
		die(EXIT_SYSTEM, "%s: %s", calibration, why);
	scales_put(&scales, &b);
	buf_addc(&b, '\n');
	if (out_write(o, buf_span(&b)) < 0)
		die(EXIT_SYSTEM, "%s: %s", calibration, out_error(o));
	if (out_commit(o) < 0)
		die(EXIT_SYSTEM, "%s:", calibration);
	buf_free(&b);
}

static void read_calibration(void)
{
	struct buf b = { 0 };
	const char *why;

	if (file_read(calibration, &b, 16 << 20, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", calibration, why);
	if (!scales_get(&scales, buf_span(&b), &why))
		die(EXIT_USAGE, "%s: %s", calibration, why);
	buf_free(&b);
	for (size_t i = 0; i < panel.n; i++) {
		const struct scale *s = scales_find(&scales, span_of(panel.v[i].label));

		if (!s)
			die(EXIT_USAGE, "%s knows no judge %s", calibration, panel.v[i].label);
		if (s->judge && strcmp(s->judge, specs.v[i]) != 0)
			warn("%s was made for -J %s, not -J %s", calibration, s->judge, specs.v[i]);
	}
	take_temperature();
}

static struct filter score;

static void start(void)
{
	if (min_margin > max_margin)
		die(EXIT_USAGE, "--min-margin is above --max-margin: nothing would be kept");
	if (opt_given(&temperature) && !soft)
		die(EXIT_USAGE, "--temperature is for --preference");
	if (calibrate)
		run_side_file(calibration);
	panel_open(&panel, specs.v, specs.n);
	if (ask_plans() && calibrate)
		die(EXIT_USAGE, "--dry-run and --emit-batch make no scores to calibrate");
	if (panel_slow(&panel))
		run_records(FEW);
	if (calibration && !calibrate)
		read_calibration();
	scales.only = over.n ? over.v : NULL;
	scales.n_only = over.n;
	if (calibrate)
		score.emit = emit;	/* a second pass */
	if (panel_has_ahead(&panel))
		run_ahead(&score, ahead, ask_plans());
}

static void note_count(const char *name, uint64_t n, const char *more)
{
	struct buf text = { 0 }, json = { 0 };

	if (n == 0)
		return;
	buf_addf(&json, "%ju", (uintmax_t)n);
	buf_addf(&text, "%ju%s", (uintmax_t)n, more);
	tell_note(name, buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void stop(void)
{
	note_count("failed", n_failed, " (see verdict and why)");
	note_count("no_margin", n_silent, "");
	if (calibrate && calibration)
		write_calibration();
	for (size_t i = 0; i < n_complaints; i++)
		free(complaints[i].why);
	free(complaints);
	free(kept.v);
	scales_free(&scales);
	panel_close(&panel);
}

static struct filter score = {
	.name = "pref-score",
	.about = "let judges score the responses, and take the margin between them",
	.options = options,
	.start = start,
	.look = look,
	.settle = settle,
	.decide = decide,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return filter_main(&score, argc, argv);
}
