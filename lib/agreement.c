/* agreement - judges against labels: what pref-eval counts and how it tells it */
#include "agreement.h"

#include <math.h>
#include <stdlib.h>

#include "scan.h"
#include "text.h"

static const char *const length_names[BOARD_LENGTHS] = { "under 1/2", "shorter", "same", "longer",
	"over 2" };
enum { SHOWN = 20, NOWHERE = -1 };

/* ---- counting ---- */

size_t board_judge(struct board *b, struct span label, bool baseline)
{
	bool is_new;
	uint64_t *at = keymap_at(&b->juror_of, hash128(label, 0), &is_new);

	if (is_new) {
		GROW(b->v, b->n, b->room);
		*at = b->n;
		b->v[b->n++] = (struct juror){ .label = xasprintf("%.*s", ARG(label)),
			.baseline = baseline };
	}
	return *at;
}

static size_t group(struct grouping *g, struct span name)
{
	bool is_new;
	uint64_t *at;

	if (!name.n)
		return (size_t)NOWHERE;
	at = keymap_at(&g->of, hash128(name, 0), &is_new);
	if (is_new) {
		GROW(g->v, g->n, g->room);
		*at = g->n;
		g->v[g->n++] = (struct group){ .name = xasprintf("%.*s", ARG(name)) };
	}
	g->v[*at].pairs++;
	return *at;
}

static size_t length_of(double c, double r)
{
	return 2 * c < r ? 0 : 1.1 * c < r ? 1 : c <= 1.1 * r ? 2 : c <= 2 * r ? 3 : 4;
}

void board_pair(struct board *b, const double chars[2], const struct span by[BOARD_BYS])
{
	b->length = length_of(chars[0], chars[1]);
	for (int i = 0; i < BOARD_BYS; i++)
		b->by[i].at = group(&b->by[i], by[i]);
	b->of_length[b->length]++;
	b->pairs++;
}

static struct tally *tally_at(struct tallies *t, size_t group)
{
	const size_t had = t->n;

	while (group >= t->n)
		GROW(t->v, group, t->n);
	memset(t->v + had, 0, (t->n - had) * sizeof *t->v);
	return &t->v[group];
}

void board_say(struct board *b, size_t judge, double chosen, double rejected, double side)
{
	struct juror *j = &b->v[judge];
	double margin = isnan(chosen) ? side : chosen - rejected;

	if (isnan(margin)) {
		j->failed++;
		return;
	}
	tally_add(&j->all, margin);
	tally_add(&j->lengths[b->length], margin);
	for (int i = 0; i < BOARD_BYS; i++)
		if (b->by[i].at != (size_t)NOWHERE)
			tally_add(tally_at(&j->by[i], b->by[i].at), margin);
	if (isnan(chosen))
		return;
	GROW(j->chosen, j->n, j->room);
	GROW(j->rejected, j->n, j->rejected_room);
	j->chosen[j->n] = chosen;
	j->rejected[j->n++] = rejected;
}

static void figure(struct juror *j)
{
	double *margins = xmalloc((j->n + 1) * sizeof *margins);

	for (size_t i = 0; i < j->n; i++)
		margins[i] = j->chosen[i] - j->rejected[i];
	metric_calibration(margins, j->n, &j->f.c);
	if (j->baseline)
		j->f.c.loss = j->f.c.ece = NAN;
	j->f.accuracy = tally_accuracy(&j->all);
	tally_interval(&j->all, &j->f.low, &j->f.high);
	j->f.auc = metric_auc(j->chosen, j->n, j->rejected, j->n);
	free(margins);
}

void board_close(struct board *b)
{
	struct juror *v = xmalloc((b->n + 1) * sizeof *v);
	size_t n = 0;

	for (int baseline = 0; baseline < 2; baseline++)
		for (size_t i = 0; i < b->n; i++)
			if (b->v[i].baseline == baseline)
				v[n++] = b->v[i];
	free(b->v);
	b->v = v;
	for (size_t i = 0; i < b->n; i++)
		figure(&b->v[i]);
}

static void grouping_free(struct grouping *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->v[i].name);
	free(g->v);
	keymap_free(&g->of);
}

void board_free(struct board *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].label);
		for (int k = 0; k < BOARD_BYS; k++)
			free(b->v[i].by[k].v);
		free(b->v[i].chosen);
		free(b->v[i].rejected);
	}
	for (int k = 0; k < BOARD_BYS; k++)
		grouping_free(&b->by[k]);
	free(b->v);
	keymap_free(&b->juror_of);
	*b = (struct board){ 0 };
}

/* ---- the table ---- */

/* A number in a column, or a dash. */
static void put_cell(struct buf *b, int width, int digits, double x)
{
	if (isnan(x))
		buf_addf(b, "%*s", width, "-");
	else
		buf_addf(b, "%*.*f", width, digits, x);
}

/* A name in a column of so many characters, to the right if width < 0; what does not fit is cut. */
static void put_name(struct buf *b, int width, const char *name)
{
	struct buf seen = { 0 };
	struct span s;
	const char *p;
	int n = 0, room = abs(width);

	buf_add_visible(&seen, span_of(name));
	s = buf_span(&seen);
	for (p = s.p; p < s.p + s.n && n < room; n++)
		text_next(&p, s.p + s.n);
	if (width < 0)
		buf_addf(b, "%*s", room - n, "");
	buf_add(b, (struct span){ s.p, (size_t)(p - s.p) });
	if (width > 0)
		buf_addf(b, "%*s", room - n, "");
	buf_free(&seen);
}

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
	put_name(b, width, "judge");
	buf_adds(b, "   pairs  accuracy  95 % interval      auc  log-loss    ece\n");
	for (size_t i = 0; i < board->n; i++) {
		const struct juror *j = &board->v[i];

		put_name(b, width, j->label);
		buf_addf(b, "%8ju", (uintmax_t)tally_count(&j->all));
		put_cell(b, 10, 4, j->f.accuracy);
		buf_addf(b, "  %.4f-%.4f", j->f.low, j->f.high);
		put_cell(b, 9, 4, j->f.auc);
		put_cell(b, 10, 4, j->f.c.loss);
		put_cell(b, 7, 3, j->f.c.ece);
		if (j->failed)
			buf_addf(b, "  %ju failed", (uintmax_t)j->failed);
		buf_addc(b, '\n');
	}
}

static void put_lengths(const struct board *board, struct buf *b, int width)
{
	buf_adds(b, "\naccuracy by length of chosen to rejected\n");
	put_name(b, width, "");
	for (size_t k = 0; k < BOARD_LENGTHS; k++)
		buf_addf(b, "%11s", length_names[k]);
	buf_addc(b, '\n');
	put_name(b, width, "pairs");
	for (size_t k = 0; k < BOARD_LENGTHS; k++)
		buf_addf(b, "%11ju", (uintmax_t)board->of_length[k]);
	buf_addc(b, '\n');
	for (size_t i = 0; i < board->n; i++) {
		put_name(b, width, board->v[i].label);
		for (size_t k = 0; k < BOARD_LENGTHS; k++)
			put_cell(b, 11, 4, tally_accuracy(&board->v[i].lengths[k]));
		buf_addc(b, '\n');
	}
}

struct ranked {
	uint64_t pairs;
	size_t group;
};

static int by_pairs(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->pairs != y->pairs)
		return x->pairs < y->pairs ? 1 : -1;
	return x->group < y->group ? -1 : x->group > y->group;
}

static void put_groups(const struct board *board, enum board_by by, const char *name, struct buf *b)
{
	const struct grouping *g = &board->by[by];
	struct ranked *order = xmalloc((g->n + 1) * sizeof *order);

	for (size_t i = 0; i < g->n; i++)
		order[i] = (struct ranked){ g->v[i].pairs, i };
	qsort(order, g->n, sizeof *order, by_pairs);
	if (g->n) {
		buf_addf(b, "\naccuracy by %s\n", name);
		put_name(b, 24, "");
		buf_adds(b, "   pairs");
		for (size_t i = 0; i < board->n; i++) {
			buf_adds(b, "  ");
			put_name(b, -16, board->v[i].label);
		}
		buf_addc(b, '\n');
	}
	for (size_t k = 0; k < g->n && k < SHOWN; k++) {
		const size_t at = order[k].group;

		put_name(b, 24, g->v[at].name);
		buf_addf(b, "%8ju", (uintmax_t)order[k].pairs);
		for (size_t i = 0; i < board->n; i++) {
			const struct tallies *t = &board->v[i].by[by];

			put_cell(b, 18, 4, at < t->n ? tally_accuracy(&t->v[at]) : NAN);
		}
		buf_addc(b, '\n');
	}
	if (g->n > SHOWN)
		buf_addf(b, "... and %zu more\n", g->n - SHOWN);
	free(order);
}

void board_table(const struct board *board, const char *by, struct buf *b)
{
	int width = name_width(board);

	buf_addf(b, "%ju pairs; not counted: tie %ju, equal responses %ju\n\n",
		(uintmax_t)board->pairs, (uintmax_t)board->ties, (uintmax_t)board->equal);
	put_main(board, b, width);
	put_lengths(board, b, width);
	put_groups(board, BOARD_SOURCE, by, b);
	put_groups(board, BOARD_ANNOTATOR, "annotator", b);
}

/* ---- JSON ---- */

/* A name and its colon, after a comma unless it is the first of its object. */
static void put_key(struct buf *b, const char *name)
{
	if (b->p[b->n - 1] != '{')
		buf_addc(b, ',');
	json_put_text(b, span_of(name));
	buf_addc(b, ':');
}

static void put_number(struct buf *b, const char *name, double x)
{
	put_key(b, name);
	json_put_number(b, x);
}

static void put_tally(struct buf *b, const char *name, const struct tally *t)
{
	put_key(b, name);
	buf_addf(b, "{\"pairs\":%ju,\"ties\":%ju", (uintmax_t)tally_count(t), (uintmax_t)t->ties);
	put_number(b, "accuracy", tally_accuracy(t));
	buf_addc(b, '}');
}

static void put_calibration(struct buf *b, const struct calibration *c)
{
	put_number(b, "log_loss", c->loss);
	put_number(b, "ece", c->ece);
	buf_adds(b, ",\"bins\":[");
	for (size_t k = 0; k < METRIC_BINS; k++) {
		buf_addf(b, "%s{\"pairs\":%ju", k ? "," : "", (uintmax_t)c->bins[k].n);
		put_number(b, "confidence", c->bins[k].confidence);
		put_number(b, "accuracy", c->bins[k].accuracy);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void put_by(struct buf *b, const char *name, const struct grouping *g, const struct tallies *t)
{
	put_key(b, name);
	buf_addc(b, '{');
	for (size_t k = 0; k < g->n && k < t->n; k++)
		put_tally(b, g->v[k].name, &t->v[k]);
	buf_addc(b, '}');
}

static void put_juror(const struct board *board, const struct juror *j, struct buf *b)
{
	put_key(b, j->label);
	buf_addf(b, "{\"pairs\":%ju,\"ties\":%ju,\"failed\":%ju", (uintmax_t)tally_count(&j->all),
		(uintmax_t)j->all.ties, (uintmax_t)j->failed);
	put_number(b, "accuracy", j->f.accuracy);
	put_number(b, "low", j->f.low);
	put_number(b, "high", j->f.high);
	put_number(b, "auc", j->f.auc);
	if (!j->baseline)
		put_calibration(b, &j->f.c);
	put_key(b, "by_length");
	buf_addc(b, '{');
	for (size_t k = 0; k < BOARD_LENGTHS; k++)
		put_tally(b, length_names[k], &j->lengths[k]);
	buf_addc(b, '}');
	put_by(b, "by", &board->by[BOARD_SOURCE], &j->by[BOARD_SOURCE]);
	if (board->by[BOARD_ANNOTATOR].n)
		put_by(b, "by_annotator", &board->by[BOARD_ANNOTATOR], &j->by[BOARD_ANNOTATOR]);
	buf_addc(b, '}');
}

void board_json(const struct board *board, const struct ranking *rankings, struct buf *b)
{
	buf_addf(b, "{\"pairs\":%ju,\"ties\":%ju,\"equal\":%ju", (uintmax_t)board->pairs,
		(uintmax_t)board->ties, (uintmax_t)board->equal);
	put_key(b, "judges");
	buf_addc(b, '{');
	for (size_t i = 0; i < board->n; i++)
		put_juror(board, &board->v[i], b);
	buf_addc(b, '}');
	if (rankings) {
		put_key(b, "ranking");
		ranking_json(rankings, b);
	}
	buf_adds(b, "}\n");
}
