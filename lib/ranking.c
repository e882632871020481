/* ranking - does a language model rank chosen above rejected, could it after training, and what would that take */
#include "ranking.h"

#include <math.h>
#include <stdlib.h>

#include "logistic.h"
#include "sheet.h"

double ranking_difficulty(const double reference[2])
{
	return reference[1] - reference[0];
}

bool ranking_ideal(double difficulty, double share, double beta)
{
	const double a = fmin(fmax(share, RANKING_SHARE_LIMIT), 1 - RANKING_SHARE_LIMIT);

	return log(a / (1 - a)) / beta > difficulty;
}

double ranking_loss_needed(double difficulty, double beta)
{
	return nls(beta * difficulty);
}

/* ---- reading ---- */

/* Summed log-probabilities. False: it is a bad record. */
static bool read_model(struct rec *r, const char *name, double lp[2], bool *has)
{
	struct value v = scan_member(rec_get(r, "scores"), span_of(name));

	*has = v.kind == JSON_ARRAY && scan_count(v) == 2 && json_number(scan_element(v, 0), &lp[0]) &&
		json_number(scan_element(v, 1), &lp[1]);
	/* A model may be off by rounding when it is sure of every token. */
	if (!*has || fmax(lp[0], lp[1]) < RANKING_TIE)
		return true;
	rec_bad(r, rec_col(r, v.raw.p), "a log-probability in \"scores\" is above 0");
	return false;
}

static bool read_share(struct rec *r, struct ranking_pair *p)
{
	struct value v = rec_get(r, "preference");

	p->share = RANKING_SHARE;
	if (v.kind == JSON_NONE || v.kind == JSON_NULL)
		return true;
	p->has_share = json_number(v, &p->share) && p->share >= 0 && p->share <= 1;
	if (!p->has_share)
		rec_bad(r, rec_col(r, v.raw.p), "\"preference\" is not a number from 0 to 1");
	return p->has_share;
}

bool ranking_read(const struct ranking *k, struct rec *r, struct ranking_pair *p)
{
	*p = (struct ranking_pair){ 0 };
	p->has_tokens = rec_num(r, "chosen_tokens", &p->tokens[0]) && rec_num(r, "rejected_tokens", &p->tokens[1]) &&
		fmin(p->tokens[0], p->tokens[1]) >= 1;
	return read_model(r, k->reference, p->reference, &p->has_reference) &&
		(!k->policy || read_model(r, k->policy, p->policy, &p->has_policy)) && read_share(r, p);
}

/* ---- counting ---- */

static bool count(struct ranking *k, enum ranking_row row, bool has, double chosen, double rejected)
{
	struct ranking_count *c = &k->rows[row];

	c->missing += !has;
	if (!has)
		return false;
	c->pairs++;
	c->right += chosen >= rejected;
	c->ties += fabs(chosen - rejected) < RANKING_TIE;
	return chosen >= rejected;
}

static void add_reward(struct ranking_reward *w, const struct ranking_pair *p, double beta)
{
	double r[2];

	for (int i = 0; i < 2; i++) {
		r[i] = beta * (p->policy[i] - p->reference[i]);
		GROW(w->v[i], w->n, w->room[i]);
		w->v[i][w->n] = r[i];
	}
	w->n++;
	w->margin += r[0] - r[1];
	tally_add(&w->right, r[0] - r[1]);
}

void ranking_add(struct ranking *k, const struct ranking_pair *p)
{
	const double *ref = p->reference, *pol = p->policy, *n = p->tokens;
	const double c = ranking_difficulty(ref);
	bool before, after;

	before = count(k, RANKING_REFERENCE, p->has_reference, ref[0], ref[1]);
	after = count(k, RANKING_POLICY, p->has_policy, pol[0], pol[1]);
	count(k, RANKING_REFERENCE_TOKEN, p->has_reference && p->has_tokens, ref[0] / n[0], ref[1] / n[1]);
	count(k, RANKING_POLICY_TOKEN, p->has_policy && p->has_tokens, pol[0] / n[0], pol[1] / n[1]);
	if (p->has_reference && p->has_policy) {
		k->moved[before][after]++;
		add_reward(&k->reward, p, k->beta);
	}
	k->rows[RANKING_IDEAL].missing += !p->has_reference;
	if (!p->has_reference)
		return;
	k->rows[RANKING_IDEAL].pairs++;
	k->rows[RANKING_IDEAL].right += ranking_ideal(c, p->share, k->beta);
	k->shares += p->has_share;
	k->loss += ranking_loss_needed(c, k->beta);
	GROW(k->difficulty, k->n, k->room);
	k->difficulty[k->n++] = c;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void ranking_close(struct ranking *k)
{
	struct ranking_reward *w = &k->reward;

	w->auc = metric_auc(w->v[0], w->n, w->v[1], w->n);
	if (k->n)
		qsort(k->difficulty, k->n, sizeof *k->difficulty, by_size);
}

double ranking_quantile(const struct ranking *k, double q)
{
	return k->n ? k->difficulty[(size_t)ceil(q * (double)k->n - 1e-9) - 1] : NAN;
}

void ranking_free(struct ranking *k)
{
	free(k->difficulty);
	free(k->reward.v[0]);
	free(k->reward.v[1]);
	*k = (struct ranking){ 0 };
}

/* ---- telling ---- */

static const struct {
	const char *words, *key;
} rows[RANKING_ROWS] = {
	{ "reference", "reference" }, { "policy", "policy" }, { "idealised", "idealised" },
	{ "reference, by token", "reference_by_token" }, { "policy, by token", "policy_by_token" }
};
static const double quantiles[] = { 0.05, 0.25, 0.5, 0.75, 0.95 };

static double share(uint64_t part, uint64_t all)
{
	return (double)part / (double)all;
}

/* Rows of a policy that nobody asked for, and of tokens that no record counts, are not told. */
static bool is_told(const struct ranking *k, int row)
{
	const bool of_policy = row == RANKING_POLICY || row == RANKING_POLICY_TOKEN;

	return of_policy && !k->policy ? false : row < RANKING_REFERENCE_TOKEN || k->rows[row].pairs > 0;
}

static void put_rows(const struct ranking *k, struct buf *b)
{
	buf_adds(b, "                           pairs  accuracy  95 % interval     ties\n");
	for (int i = 0; i < RANKING_ROWS; i++) {
		const struct ranking_count *c = &k->rows[i];
		double low, high;

		if (!is_told(k, i))
			continue;
		wilson((double)c->right, (double)c->pairs, &low, &high);
		sheet_name(b, 24, rows[i].words);
		buf_addf(b, "%8ju", (uintmax_t)c->pairs);
		sheet_cell(b, 10, 4, share(c->right, c->pairs));
		buf_addf(b, "  %.4f-%.4f", low, high);
		if (i == RANKING_IDEAL)
			buf_addf(b, "%9s", "-");
		else
			buf_addf(b, "%9ju", (uintmax_t)c->ties);
		if (c->missing)
			buf_addf(b, "  %ju not measured", (uintmax_t)c->missing);
		buf_addc(b, '\n');
	}
}

static void put_moved(const struct ranking *k, struct buf *b)
{
	const uint64_t (*m)[2] = k->moved;

	buf_addf(b, "\n                         right after wrong after   changed\n");
	for (int before = 1; before >= 0; before--) {
		buf_addf(b, "%-24s%12ju%12ju", before ? "right before" : "wrong before", (uintmax_t)m[before][1],
			(uintmax_t)m[before][0]);
		sheet_cell(b, 10, 4, share(m[before][!before], m[before][0] + m[before][1]));
		buf_addc(b, '\n');
	}
}

static void put_reward(const struct ranking_reward *w, struct buf *b)
{
	double low, high;

	tally_interval(&w->right, &low, &high);
	buf_adds(b, "\nimplicit reward            pairs  accuracy  95 % interval      auc  margin (mean)\n");
	sheet_name(b, 24, "");
	buf_addf(b, "%8zu", w->n);
	sheet_cell(b, 10, 4, tally_accuracy(&w->right));
	buf_addf(b, "  %.4f-%.4f", low, high);
	sheet_cell(b, 9, 4, w->auc);
	sheet_cell(b, 15, 4, w->margin / (double)w->n);
	buf_addc(b, '\n');
}

void ranking_table(const struct ranking *k, struct buf *b)
{
	buf_adds(b, "\nranking by log-probability: reference ");
	buf_add_visible(b, span_of(k->reference));
	if (k->policy) {
		buf_adds(b, ", policy ");
		buf_add_visible(b, span_of(k->policy));
	}
	buf_addf(b, ", beta %g; \"preference\" of %ju pairs, else %g\n", k->beta, (uintmax_t)k->shares, RANKING_SHARE);
	put_rows(k, b);
	buf_adds(b, "\ndifficulty                    5 %       25 %       50 %       75 %       95 %   loss needed (mean)\n");
	sheet_name(b, 24, "");
	for (size_t i = 0; i < COUNT(quantiles); i++)
		sheet_cell(b, 11, 3, ranking_quantile(k, quantiles[i]));
	sheet_cell(b, 21, 4, k->loss / (double)k->n);
	buf_addc(b, '\n');
	if (k->policy) {
		put_moved(k, b);
		put_reward(&k->reward, b);
	}
}

static void put_row(const struct ranking_count *c, bool has_ties, const char *key, struct buf *b)
{
	double low, high;

	wilson((double)c->right, (double)c->pairs, &low, &high);
	sheet_key(b, key);
	buf_addc(b, '{');
	sheet_count(b, "pairs", c->pairs);
	sheet_count(b, "not_measured", c->missing);
	sheet_count(b, "right", c->right);
	if (has_ties)
		sheet_count(b, "ties", c->ties);
	sheet_number(b, "accuracy", share(c->right, c->pairs));
	sheet_number(b, "low", low);
	sheet_number(b, "high", high);
	buf_addc(b, '}');
}

static void put_moves(const struct ranking *k, struct buf *b)
{
	const uint64_t (*m)[2] = k->moved;

	sheet_count(b, "right_right", m[1][1]);
	sheet_count(b, "right_wrong", m[1][0]);
	sheet_count(b, "wrong_right", m[0][1]);
	sheet_count(b, "wrong_wrong", m[0][0]);
	sheet_number(b, "flipped_right", share(m[0][1], m[0][0] + m[0][1]));
	sheet_number(b, "flipped_wrong", share(m[1][0], m[1][0] + m[1][1]));
}

static void json_reward(const struct ranking_reward *w, struct buf *b)
{
	double low, high;

	tally_interval(&w->right, &low, &high);
	sheet_key(b, "implicit_reward");
	buf_addc(b, '{');
	sheet_count(b, "pairs", w->n);
	sheet_count(b, "ties", w->right.ties);
	sheet_number(b, "accuracy", tally_accuracy(&w->right));
	sheet_number(b, "low", low);
	sheet_number(b, "high", high);
	sheet_number(b, "auc", w->auc);
	sheet_number(b, "margin", w->margin / (double)w->n);
	buf_addc(b, '}');
}

void ranking_json(const struct ranking *k, struct buf *b)
{
	buf_addc(b, '{');
	sheet_number(b, "beta", k->beta);
	sheet_count(b, "shares_known", k->shares);
	for (int i = 0; i < RANKING_ROWS; i++)
		if (is_told(k, i))
			put_row(&k->rows[i], i != RANKING_IDEAL, rows[i].key, b);
	sheet_key(b, "difficulty");
	buf_addc(b, '{');
	for (size_t i = 0; i < COUNT(quantiles); i++) {
		char name[16];

		snprintf(name, sizeof name, "%g", quantiles[i]);
		sheet_number(b, name, ranking_quantile(k, quantiles[i]));
	}
	buf_addc(b, '}');
	sheet_number(b, "loss_needed", k->loss / (double)k->n);
	if (k->policy) {
		put_moves(k, b);
		json_reward(&k->reward, b);
	}
	buf_addc(b, '}');
}
