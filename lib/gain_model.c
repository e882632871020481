/* gain_model - which labels a human would turn: the model of the facts, and how it is learned */
#include "gain.h"

#include "logistic.h"

#include <math.h>
#include <stdlib.h>

double gain_predict(const struct gain_model *m, const struct gain_facts *f)
{
	double h = m->intercept;

	for (size_t i = 0; i < f->n; i++) {
		const uint64_t *at = keymap_find(&m->place, hash128(f->v[i].name, 0));
		const struct gain_term *t = at ? &m->v[*at - 1] : NULL;

		if (t)
			h += t->coef * (f->v[i].x - t->mean) / t->scale;
	}
	return sigmoid(h);
}

void gain_model_free(struct gain_model *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].name);
	free(m->v);
	keymap_free(&m->place);
	gain_reads_free(&m->reads);
	*m = (struct gain_model){ 0 };
}

void gain_add(struct gain_pupil *g, const struct gain_facts *f, uint64_t group)
{
	GROW(g->seats, g->n, g->room);
	g->seats[g->n++] = (struct gain_seat){ g->n_cells, group, f->human };
	for (size_t i = 0; i < f->n; i++) {
		bool fresh;
		uint64_t *at = keymap_at(&g->m.place, hash128(f->v[i].name, 0), &fresh);

		if (fresh) {
			GROW(g->m.v, g->m.n, g->m.room);
			g->m.v[g->m.n] = (struct gain_term){ .name = span_dup(f->v[i].name), .tag = f->v[i].tag };
			*at = ++g->m.n;
		}
		GROW(g->cells, g->n_cells, g->cells_room);
		g->cells[g->n_cells++] = (struct logistic_cell){ (uint32_t)(*at - 1), f->v[i].x };
	}
}

static size_t seat_end(const struct gain_pupil *g, size_t i)
{
	return i + 1 < g->n ? g->seats[i + 1].from : g->n_cells;
}

/* Means and scales over the pairs that have a human's label; scale 0: a term that is too rare, or the same everywhere. */
static void measure(struct gain_pupil *g)
{
	for (size_t i = 0; i < g->n; i++) {
		g->learned += !isnan(g->seats[i].human);
		g->otherwise += isnan(g->seats[i].human) ? 0 : g->seats[i].human;
	}
	g->otherwise /= (double)g->learned;
	for (size_t i = 0; i < g->n; i++) {
		if (isnan(g->seats[i].human))
			continue;
		for (size_t k = g->seats[i].from; k < seat_end(g, i); k++) {
			struct gain_term *t = &g->m.v[g->cells[k].column];
			const double off = g->cells[k].x - t->mean;

			t->mean += off / (double)++t->pairs;
			t->scale += off * (g->cells[k].x - t->mean);
		}
	}
	for (size_t i = 0; i < g->m.n; i++) {
		struct gain_term *t = &g->m.v[i];

		t->scale = t->pairs ? sqrt(t->scale / (double)t->pairs) : 0;
		if (t->tag) {
			t->mean = 0;
			t->scale = t->pairs < g->learned;
		}
		if (t->pairs < GAIN_LEAST || !(t->scale > 1e-9))
			t->scale = 0;
	}
}

/* Leave out the terms without a scale, and bring what is left to it. */
static void settle_terms(struct gain_pupil *g)
{
	struct gain_model *m = &g->m;
	uint32_t *now = xcalloc(m->n + 1, sizeof *now);		/* 1 + the new column of each; 0: none */
	size_t kept = 0, cells = 0;

	keymap_free(&m->place);
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].scale == 0) {
			free(m->v[i].name);
			continue;
		}
		m->v[kept] = m->v[i];
		now[i] = (uint32_t)++kept;
		*keymap_at(&m->place, hash128(span_of(m->v[kept - 1].name), 0), NULL) = kept;
	}
	m->n = kept;
	for (size_t i = 0; i < g->n; i++) {
		const size_t from = g->seats[i].from, end = seat_end(g, i);

		g->seats[i].from = cells;
		for (size_t k = from; k < end; k++) {
			const uint32_t at = now[g->cells[k].column];
			const struct gain_term *t = at ? &m->v[at - 1] : NULL;

			if (t)
				g->cells[cells++] = (struct logistic_cell){ at - 1, (g->cells[k].x - t->mean) / t->scale };
		}
	}
	g->n_cells = cells;
	free(now);
}

static unsigned fold_of(const struct gain_seat *s)
{
	return (unsigned)(mix64(s->group ^ 0x676169) % GAIN_FOLDS);
}

const char *gain_learn(struct gain_pupil *g, double l2)
{
	struct gain_model *m = &g->m;
	struct logistic_row *rows = xcalloc(g->n + 1, sizeof *rows), *some = xcalloc(g->n + 1, sizeof *some);
	double *w;

	measure(g);
	settle_terms(g);
	w = xcalloc(m->n + 1, sizeof *w);
	g->p = xcalloc(g->n + 1, sizeof *g->p);
	for (size_t i = 0; i < g->n; i++)
		rows[i] = (struct logistic_row){ g->cells + g->seats[i].from, seat_end(g, i) - g->seats[i].from, g->seats[i].human };
	/* The last round is that of all folds. */
	for (unsigned fold = 0; fold <= GAIN_FOLDS && g->learned >= GAIN_PAIRS && m->n <= GAIN_TERMS; fold++) {
		size_t n = 0;

		for (size_t i = 0; i < g->n; i++)
			if (!isnan(g->seats[i].human) && fold_of(&g->seats[i]) != fold)
				some[n++] = rows[i];
		logistic_fit(some, n, m->n, l2, w);
		for (size_t i = 0; i < g->n; i++)
			if (isnan(g->seats[i].human) ? fold == GAIN_FOLDS : fold_of(&g->seats[i]) == fold)
				g->p[i] = sigmoid(logistic_at(&rows[i], m->n, w));
	}
	for (size_t i = 0; i < g->n; i++) {
		const double y = g->seats[i].human;

		if (!isnan(y)) {
			g->loss -= (y * log(g->p[i]) + (1 - y) * log(1 - g->p[i])) / (double)g->learned;
			g->base -= (y * log(g->otherwise) + (1 - y) * log(1 - g->otherwise)) / (double)g->learned;
		}
	}
	for (size_t i = 0; i < m->n; i++)
		m->v[i].coef = w[i];
	m->intercept = w[m->n];
	m->pairs = g->learned;
	m->l2 = l2;
	free(rows);
	free(some);
	free(w);
	return g->learned < GAIN_PAIRS ? "fewer than 20 pairs have a vote of a human" :
		!(g->otherwise > 0 && g->otherwise < 1) ? "all of the humans' labels are the same" :
		m->n > GAIN_TERMS ? "more than 1,000 different values of --feature" : NULL;
}

void gain_pupil_free(struct gain_pupil *g)
{
	gain_model_free(&g->m);
	free(g->cells);
	free(g->seats);
	free(g->p);
	*g = (struct gain_pupil){ 0 };
}
