/* crowd_tell - what a crowd says of its annotators and of how far they agree */
#include "crowd_tell.h"

#include <math.h>
#include <stdlib.h>

#include "metrics.h"
#include "scan.h"
#include "text.h"

/* ---- annotators ---- */

struct watch {				/* sums over the votes of one annotator */
	double right;
	double with, against;		/* votes for a side, by the probability that it is, that the other is the truth */
	double placed[2], first[2];	/* votes of known order where the first, the second is better; for the first */
	struct kappa labels, orders;
};

static void watch_vote(const struct crowd *c, const struct crowd_vote *v, struct crowd_annotator *a, struct watch *w)
{
	double p = crowd_preference(c, v->pair), truth = v->shown == CROWD_B_FIRST ? 1 - p : p;
	double first = v->side == CROWD_TIE ? 0.5 : (v->side == CROWD_A) == (v->shown == CROWD_A_FIRST);

	a->n++;
	a->ties += v->side == CROWD_TIE;
	w->right += c->theta && v->side == CROWD_TIE ? 0.5 : c->q[v->pair][v->side];
	if (v->side != CROWD_TIE) {
		w->with += c->q[v->pair][v->side];
		w->against += c->q[v->pair][1 - v->side];
	}
	kappa_add(&w->labels, v->side, (int)crowd_verdict(c, v->pair));
	if (v->shown == CROWD_UNKNOWN)
		return;
	w->placed[0] += truth;
	w->placed[1] += 1 - truth;
	w->first[0] += truth * first;
	w->first[1] += (1 - truth) * first;
}

static void watch_both(const struct crowd_vote *v, const struct crowd_vote *next, struct crowd_annotator *a,
	struct watch *w)
{
	if (v->pair != next->pair || v->by != next->by || v->shown + next->shown != CROWD_A_FIRST + CROWD_B_FIRST ||
	    v->shown == CROWD_UNKNOWN || v->shown == next->shown)
		return;
	a->both++;
	a->same += v->side == next->side;
	kappa_add(&w->orders, v->side, next->side);
}

struct crowd_annotator *crowd_annotators(const struct crowd *c)
{
	struct crowd_annotator *v = xcalloc(c->n_by + 1, sizeof *v);
	struct watch *w = xcalloc(c->n_by + 1, sizeof *w);

	for (size_t i = 0; i < c->n; i++) {
		const uint32_t by = c->v[i].by;

		watch_vote(c, &c->v[i], &v[by], &w[by]);
		if (i + 1 < c->n)
			watch_both(&c->v[i], &c->v[i + 1], &v[by], &w[by]);
	}
	for (uint32_t i = 0; i < c->n_by; i++) {
		const double *placed = w[i].placed, *first = w[i].first;
		double low, high;

		v[i].accuracy = w[i].right / (double)v[i].n;
		wilson(w[i].right, (double)v[i].n, &v[i].low, &v[i].high);
		wilson(w[i].with, w[i].with + w[i].against, &low, &high);
		v[i].contrary = high < 0.5;
		v[i].bias = placed[0] > 0 && placed[1] > 0 ? (first[0] / placed[0] + first[1] / placed[1] - 1) / 2 : NAN;
		v[i].kappa = kappa_value(&w[i].labels);
		v[i].kappa_orders = kappa_value(&w[i].orders);
	}
	free(w);
	return v;
}

/* ---- agreement ---- */

static double mean_kappa(const struct kappa *k, uint32_t n_by)
{
	double sum = 0, n = 0;

	for (uint32_t a = 0; a < n_by; a++) {
		for (uint32_t b = a + 1; b < n_by; b++) {
			double x = kappa_value(&k[a * n_by + b]);

			sum += isnan(x) ? 0 : x;
			n += !isnan(x);
		}
	}
	return n > 0 ? sum / n : NAN;
}

/* Who voted how on one pair: counts by annotator, and the annotators that have any. */
struct meeting {
	double (*said)[CROWD_SIDES];
	uint32_t *who;
	size_t n;
};

static void attend(struct meeting *m, const struct crowd_vote *v)
{
	double *said = m->said[v->by];

	if (said[CROWD_A] + said[CROWD_B] + said[CROWD_TIE] == 0)
		m->who[m->n++] = v->by;
	said[v->side]++;
}

/* Every vote of one with every vote of another; then the meeting is over. */
static void compare(struct meeting *m, struct kappa *k, uint32_t n_by)
{
	for (size_t x = 0; x < m->n; x++) {
		for (size_t y = 0; y < m->n; y++) {
			const uint32_t a = m->who[x], b = m->who[y];

			for (int i = 0; a < b && i < CROWD_SIDES; i++)
				for (int j = 0; j < CROWD_SIDES; j++)
					k[a * n_by + b].n[i][j] += m->said[a][i] * m->said[b][j];
		}
	}
	while (m->n)
		memset(m->said[m->who[--m->n]], 0, sizeof *m->said);
}

struct crowd_agreement crowd_agreement(const struct crowd *c)
{
	size_t *from, *order = crowd_by_pair(c, &from);
	const uint32_t n_by = c->n_by <= CROWD_KAPPA_MAX ? c->n_by : 0;
	struct kappa *k = xcalloc(n_by * n_by + 1, sizeof *k);
	struct meeting m = { .said = xcalloc(n_by + 1, sizeof *m.said), .who = xcalloc(n_by + 1, sizeof *m.who) };
	struct alpha alpha = { 0 };
	struct crowd_agreement found;

	for (uint32_t i = 0; i < c->n_pairs; i++) {
		double count[CROWD_SIDES] = { 0 };

		for (size_t x = from[i]; x < from[i + 1]; x++) {
			count[c->v[order[x]].side]++;
			if (n_by)
				attend(&m, &c->v[order[x]]);
		}
		alpha_add(&alpha, count);
		compare(&m, k, n_by);
	}
	found.alpha = alpha_value(&alpha);
	found.kappa = mean_kappa(k, n_by);
	free(m.said);
	free(m.who);
	free(k);
	free(order);
	free(from);
	return found;
}

/* ---- telling ---- */

static void put_number(struct buf *b, const char *name, double x)
{
	if (isnan(x))
		return;
	buf_addf(b, ",\"%s\":", name);
	json_put_number(b, round(x * 1e6) / 1e6 + 0.0);		/* no -0 */
}

/* ", name value" and ,"name":value, unless it is not defined. */
static void put_both(struct buf *text, struct buf *json, const char *words, const char *name, double x)
{
	if (!isnan(x))
		buf_addf(text, ", %s %.4f", words, x);
	put_number(json, name, x);
}

void crowd_put_votes(const struct crowd *c, uint64_t abstained, uint64_t without, struct buf *text, struct buf *json)
{
	const struct crowd_agreement found = crowd_agreement(c);

	buf_addf(text, "%zu on %u pairs by %u annotators", c->n, c->n_pairs, c->n_by);
	if (abstained)
		buf_addf(text, ", %ju without a verdict", (uintmax_t)abstained);
	if (without)
		buf_addf(text, ", %ju records without votes", (uintmax_t)without);
	buf_addf(json, "{\"votes\":%zu,\"pairs\":%u,\"annotators\":%u,\"abstained\":%ju,\"without\":%ju", c->n, c->n_pairs,
		c->n_by, (uintmax_t)abstained, (uintmax_t)without);
	put_both(text, json, "alpha", "alpha", found.alpha);
	put_both(text, json, "mean kappa", "kappa", found.kappa);
	buf_addc(json, '}');
}

void crowd_put_labels(const struct crowd *c, const char *method, double seconds, struct buf *text, struct buf *json)
{
	uint64_t ties = 0;

	for (uint32_t i = 0; i < c->n_pairs; i++)
		ties += crowd_verdict(c, i) == CROWD_TIE;
	buf_adds(text, method);
	buf_addf(json, "{\"method\":\"%s\",\"ties\":%ju", method, (uintmax_t)ties);
	if (c->iterations) {
		buf_addf(text, ", %d iterations%s", c->iterations, c->converged ? "" : " (not converged)");
		buf_addf(json, ",\"iterations\":%d,\"converged\":%s,\"seconds\":%.4f", c->iterations,
			c->converged ? "true" : "false", seconds);
		put_both(text, json, "log-likelihood", "log_likelihood", c->loglik);
	}
	if (c->iterations && c->tables)
		put_both(text, json, "dispersion", "dispersion", c->dispersion);
	buf_addf(text, "; ties %ju", (uintmax_t)ties);
}

void crowd_put_annotator(const struct crowd_annotator *a, struct span by, struct buf *b)
{
	buf_adds(b, "{\"by\":");
	json_put_text(b, by);
	buf_addf(b, ",\"n\":%ju", (uintmax_t)a->n);
	put_number(b, "accuracy", a->accuracy);
	put_number(b, "low", a->low);
	put_number(b, "high", a->high);
	put_number(b, "ties", (double)a->ties / (double)a->n);
	put_number(b, "bias", a->bias);
	if (a->both)
		put_number(b, "consistent", (double)a->same / (double)a->both);
	put_number(b, "kappa", a->kappa);
	put_number(b, "kappa_orders", a->kappa_orders);
	buf_addf(b, ",\"contrary\":%s}\n", a->contrary ? "true" : "false");
}

struct ranked {
	double accuracy;
	size_t at;
};

static int by_accuracy(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->accuracy != b->accuracy)
		return a->accuracy < b->accuracy ? 1 : -1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static void put_cell(struct buf *b, double x)
{
	if (isnan(x))
		buf_addf(b, "%9s", "-");
	else
		buf_addf(b, "%9.3f", round(x * 1e3) / 1e3 + 0.0);	/* no -0 */
}

/* The name in a column of so many characters. */
static void put_label(struct buf *b, struct span name, size_t width)
{
	struct buf seen = { 0 };
	size_t n;

	buf_add_visible(&seen, name);
	n = text_points(buf_span(&seen));
	buf_add(b, buf_span(&seen));
	buf_addf(b, "%*s", n < width ? (int)(width - n) : 0, "");
	buf_free(&seen);
}

void crowd_put_table(const struct crowd_annotator *v, const struct span *names, size_t n, struct buf *b)
{
	struct ranked *order = xmalloc((n + 1) * sizeof *order);
	size_t width = 9;

	for (size_t i = 0; i < n; i++) {
		size_t points = text_points(names[i]);

		order[i] = (struct ranked){ v[i].accuracy, i };
		width = points > width && points <= 40 ? points : width;
	}
	qsort(order, n, sizeof *order, by_accuracy);
	put_label(b, S("annotator"), width);
	buf_adds(b, "    votes accuracy  95 % interval     ties     bias   orders    kappa\n");
	for (size_t i = 0; i < n; i++) {
		const struct crowd_annotator *a = &v[order[i].at];

		put_label(b, names[order[i].at], width);
		buf_addf(b, "%9ju", (uintmax_t)a->n);
		put_cell(b, a->accuracy);
		buf_addf(b, "    %.3f-%.3f", a->low, a->high);
		put_cell(b, (double)a->ties / (double)a->n);
		put_cell(b, a->bias);
		put_cell(b, a->both ? (double)a->same / (double)a->both : NAN);
		put_cell(b, a->kappa);
		buf_adds(b, a->contrary ? "  contrary\n" : "\n");
	}
	free(order);
}
