/* agreement - judges against labels: what pref-eval counts */
#include "agreement.h"

#include <math.h>
#include <stdlib.h>

enum { NOWHERE = -1 };

size_t board_judge(struct board *b, struct span label, bool baseline)
{
	bool is_new;
	uint64_t *at = keymap_at(&b->juror_of, hash128(label, 0), &is_new);

	if (is_new) {
		GROW(b->v, b->n, b->room);
		*at = b->n;
		b->v[b->n++] = (struct juror){ .label = span_dup(label),
			.baseline = baseline };
	}
	return *at;
}

static size_t length_of(double c, double r)
{
	return 2 * c < r ? 0 : 1.1 * c < r ? 1 : c <= 1.1 * r ? 2 : c <= 2 * r ? 3 : 4;
}

void board_pair(struct board *b, const double chars[2], struct span name)
{
	b->length = length_of(chars[0], chars[1]);
	b->source = name.n ? breakdown_pair(&b->by[BOARD_SOURCE], name) : (size_t)NOWHERE;
	b->n_sides = 0;
	b->of_length[b->length]++;
	b->pairs++;
}

void board_side(struct board *b, struct span annotator, int side)
{
	GROW(b->sides, b->n_sides, b->sides_room);
	b->sides[b->n_sides++] = (struct board_side){ breakdown_pair(&b->by[BOARD_ANNOTATOR], annotator), side };
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
	if (b->source != (size_t)NOWHERE)
		breakdown_add(&j->by[BOARD_SOURCE], b->source, margin);
	for (size_t i = 0; i < b->n_sides; i++)
		breakdown_add(&j->by[BOARD_ANNOTATOR], b->sides[i].annotator, b->sides[i].side * margin);
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

void board_free(struct board *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].label);
		for (int way = 0; way < BOARD_WAYS; way++)
			free(b->v[i].by[way].v);
		free(b->v[i].chosen);
		free(b->v[i].rejected);
	}
	free(b->v);
	free(b->sides);
	for (int way = 0; way < BOARD_WAYS; way++)
		breakdown_free(&b->by[way]);
	keymap_free(&b->juror_of);
	*b = (struct board){ 0 };
}
