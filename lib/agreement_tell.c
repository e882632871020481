/* agreement_tell - judges against labels: the tables and the JSON of pref-eval */
#include "agreement.h"

#include <math.h>
#include <stdlib.h>

#include "sheet.h"
#include "text.h"

static const char *const length_names[BOARD_LENGTHS] = { "under 1/2", "shorter", "same", "longer",
	"over 2" };
enum { SHOWN = 20 };

/* ---- the table ---- */

static int name_width(const struct board *board)
{
	size_t width = 12;

	for (size_t i = 0; i < board->n; i++) {
		size_t n = text_points(span_of(board->v[i].label));

		width = n > width ? n : width;
	}
	return width > 40 ? 40 : (int)width;
}

static void put_main(const struct board *board, struct buf *b, int width)
{
	sheet_name(b, width, "judge");
	buf_adds(b, "   pairs  accuracy  95 % interval      auc  log-loss    ece\n");
	for (size_t i = 0; i < board->n; i++) {
		const struct juror *j = &board->v[i];

		sheet_name(b, width, j->label);
		buf_addf(b, "%8ju", (uintmax_t)tally_count(&j->all));
		sheet_cell(b, 10, 4, j->f.accuracy);
		buf_addf(b, "  %.4f-%.4f", j->f.low, j->f.high);
		sheet_cell(b, 9, 4, j->f.auc);
		sheet_cell(b, 10, 4, j->f.c.loss);
		sheet_cell(b, 7, 3, j->f.c.ece);
		if (j->failed)
			buf_addf(b, "  %ju failed", (uintmax_t)j->failed);
		buf_addc(b, '\n');
	}
}

static void put_lengths(const struct board *board, struct buf *b, int width)
{
	buf_adds(b, "\naccuracy by length of chosen to rejected\n");
	sheet_name(b, width, "");
	for (size_t k = 0; k < BOARD_LENGTHS; k++)
		buf_addf(b, "%11s", length_names[k]);
	buf_addc(b, '\n');
	sheet_name(b, width, "pairs");
	for (size_t k = 0; k < BOARD_LENGTHS; k++)
		buf_addf(b, "%11ju", (uintmax_t)board->of_length[k]);
	buf_addc(b, '\n');
	for (size_t i = 0; i < board->n; i++) {
		sheet_name(b, width, board->v[i].label);
		for (size_t k = 0; k < BOARD_LENGTHS; k++)
			sheet_cell(b, 11, 4, tally_accuracy(&board->v[i].lengths[k]));
		buf_addc(b, '\n');
	}
}

static void put_name_row(const struct board *board, bool intervals, struct buf *b)
{
	sheet_name(b, 24, "");
	buf_adds(b, "   pairs");
	for (size_t i = 0; i < board->n; i++) {
		buf_adds(b, "  ");
		sheet_name(b, intervals ? -20 : -16, board->v[i].label);
	}
	buf_addc(b, '\n');
}

/* Of each judge, in the groups with most pairs. */
static void put_breakdown(const struct board *board, int way, bool intervals, struct buf *b)
{
	const struct breakdown *groups = &board->by[way];
	size_t *order;

	if (groups->n == 0)
		return;
	order = breakdown_order(groups);
	put_name_row(board, intervals, b);
	for (size_t k = 0; k < groups->n && k < SHOWN; k++) {
		const struct breakdown_group *g = &groups->v[order[k]];

		sheet_name(b, 24, g->name);
		buf_addf(b, "%8ju", (uintmax_t)g->pairs);
		for (size_t i = 0; i < board->n; i++) {
			const struct tally t = breakdown_tally(&board->v[i].by[way], order[k]);
			double low, high;

			tally_interval(&t, &low, &high);
			sheet_cell(b, intervals ? 10 : 18, 4, tally_accuracy(&t));
			if (intervals)
				buf_addf(b, " %.3f-%.3f", low, high);
		}
		buf_addc(b, '\n');
	}
	if (groups->n > SHOWN)
		buf_addf(b, "... and %zu more\n", groups->n - SHOWN);
	free(order);
}

void board_table(const struct board *board, const char *by, struct buf *b)
{
	int width = name_width(board);

	buf_addf(b, "%ju pairs; not counted: tie %ju, equal responses %ju\n\n",
		(uintmax_t)board->pairs, (uintmax_t)board->ties, (uintmax_t)board->equal);
	put_main(board, b, width);
	put_lengths(board, b, width);
	if (board->by[BOARD_SOURCE].n)
		buf_addf(b, "\naccuracy by %s\n", by);
	put_breakdown(board, BOARD_SOURCE, false, b);
	if (board->by[BOARD_ANNOTATOR].n)
		buf_adds(b, "\nagreement with each annotator, 95 % interval\n");
	put_breakdown(board, BOARD_ANNOTATOR, true, b);
}

/* ---- JSON ---- */

static void put_tally(struct buf *b, const char *name, struct tally t)
{
	double low, high;

	tally_interval(&t, &low, &high);
	sheet_key(b, name);
	buf_addf(b, "{\"pairs\":%ju,\"ties\":%ju", (uintmax_t)tally_count(&t), (uintmax_t)t.ties);
	sheet_number(b, "accuracy", tally_accuracy(&t));
	sheet_number(b, "low", low);
	sheet_number(b, "high", high);
	buf_addc(b, '}');
}

static void put_tallies(struct buf *b, const char *name, const struct breakdown *groups,
	const struct breakdown_tallies *t)
{
	sheet_key(b, name);
	buf_addc(b, '{');
	for (size_t k = 0; k < groups->n; k++)
		put_tally(b, groups->v[k].name, breakdown_tally(t, k));
	buf_addc(b, '}');
}

static void put_calibration(struct buf *b, const struct calibration *c)
{
	sheet_number(b, "log_loss", c->loss);
	sheet_number(b, "ece", c->ece);
	buf_adds(b, ",\"bins\":[");
	for (size_t k = 0; k < METRIC_BINS; k++) {
		buf_addf(b, "%s{\"pairs\":%ju", k ? "," : "", (uintmax_t)c->bins[k].n);
		sheet_number(b, "confidence", c->bins[k].confidence);
		sheet_number(b, "accuracy", c->bins[k].accuracy);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void put_juror(const struct board *board, const struct juror *j, struct buf *b)
{
	sheet_key(b, j->label);
	buf_addf(b, "{\"pairs\":%ju,\"ties\":%ju,\"failed\":%ju", (uintmax_t)tally_count(&j->all),
		(uintmax_t)j->all.ties, (uintmax_t)j->failed);
	sheet_number(b, "accuracy", j->f.accuracy);
	sheet_number(b, "low", j->f.low);
	sheet_number(b, "high", j->f.high);
	sheet_number(b, "auc", j->f.auc);
	if (!j->baseline)
		put_calibration(b, &j->f.c);
	sheet_key(b, "by_length");
	buf_addc(b, '{');
	for (size_t k = 0; k < BOARD_LENGTHS; k++)
		put_tally(b, length_names[k], j->lengths[k]);
	buf_addc(b, '}');
	put_tallies(b, "by", &board->by[BOARD_SOURCE], &j->by[BOARD_SOURCE]);
	put_tallies(b, "by_annotator", &board->by[BOARD_ANNOTATOR], &j->by[BOARD_ANNOTATOR]);
	buf_addc(b, '}');
}

void board_json(const struct board *board, struct buf *b)
{
	sheet_count(b, "pairs", board->pairs);
	sheet_count(b, "ties", board->ties);
	sheet_count(b, "equal", board->equal);
	sheet_key(b, "judges");
	buf_addc(b, '{');
	for (size_t i = 0; i < board->n; i++)
		put_juror(board, &board->v[i], b);
	buf_addc(b, '}');
}
