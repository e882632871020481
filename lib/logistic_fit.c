/* logistic_fit - P(y) = sigmoid(c + w . x) learned from rows of few columns, exactly */
#include "logistic_fit.h"
#include "logistic.h"

#include <stdlib.h>

enum { STEPS = 100, HALVINGS = 40 };

double logistic_at(const struct logistic_row *row, size_t columns, const double *w)
{
	double h = w[columns];

	for (size_t i = 0; i < row->n; i++)
		h += w[row->v[i].column] * row->v[i].x;
	return h;
}

static double loss_at(const struct logistic_row *rows, size_t n, size_t columns, double l2, const double *w)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < columns; i++)
		squares += w[i] * w[i];
	for (size_t i = 0; i < n; i++) {
		const double h = logistic_at(&rows[i], columns, w);

		sum += rows[i].y * nls(h) + (1 - rows[i].y) * nls(-h);
	}
	return sum + l2 / 2 * squares;
}

/* The slope g and the lower triangle of the curvature a, d by d with d = columns + 1. */
static void slopes(const struct logistic_row *rows, size_t n, size_t columns, double l2, const double *w, double *g, double *a)
{
	const size_t d = columns + 1;

	memset(g, 0, d * sizeof *g);
	memset(a, 0, d * d * sizeof *a);
	for (size_t i = 0; i < columns; i++) {
		g[i] = l2 * w[i];
		a[i * d + i] = l2;
	}
	for (size_t i = 0; i < n; i++) {
		const struct logistic_row *r = &rows[i];
		const double p = sigmoid(logistic_at(r, columns, w)), c = p * (1 - p);

		for (size_t k = 0; k < r->n; k++) {
			const size_t at = r->v[k].column;

			g[at] += (p - r->y) * r->v[k].x;
			a[columns * d + at] += c * r->v[k].x;
			for (size_t m = 0; m < r->n; m++)
				if (r->v[m].column <= at)
					a[at * d + r->v[m].column] += c * r->v[k].x * r->v[m].x;
		}
		g[columns] += p - r->y;
		a[columns * d + columns] += c;
	}
	a[columns * d + columns] += 1e-9;		/* (all rows may be surely told) */
}

/* a x = g for symmetric, positive a, in place (Cholesky): g becomes x. */
static void solve(double *a, double *g, size_t d)
{
	for (size_t i = 0; i < d; i++) {
		for (size_t k = 0; k <= i; k++) {
			double s = a[i * d + k];

			for (size_t m = 0; m < k; m++)
				s -= a[i * d + m] * a[k * d + m];
			a[i * d + k] = i == k ? sqrt(s > 1e-12 ? s : 1e-12) : s / a[k * d + k];
		}
		for (size_t m = 0; m < i; m++)
			g[i] -= a[i * d + m] * g[m];
		g[i] /= a[i * d + i];
	}
	for (size_t i = d; i-- > 0;) {
		for (size_t m = i + 1; m < d; m++)
			g[i] -= a[m * d + i] * g[m];
		g[i] /= a[i * d + i];
	}
}

void logistic_fit(const struct logistic_row *rows, size_t n, size_t columns, double l2, double *w)
{
	const size_t d = columns + 1;
	double *g = xcalloc(d, sizeof *g), *a = xcalloc(d * d, sizeof *a), *next = xcalloc(d, sizeof *next);
	double sum = 0, loss;

	for (size_t i = 0; i < n; i++)
		sum += rows[i].y;
	memset(w, 0, d * sizeof *w);
	w[columns] = log((sum + 1) / ((double)n - sum + 1));
	loss = loss_at(rows, n, columns, l2, w);
	for (int step = 0; step < STEPS && sum > 0 && sum < (double)n; step++) {
		double tried = INFINITY, size = 1, most = 0;

		slopes(rows, n, columns, l2, w, g, a);
		solve(a, g, d);
		for (int i = 0; i < HALVINGS && !(tried <= loss); i++, size /= 2) {
			for (size_t k = 0; k < d; k++)
				next[k] = w[k] - size * g[k];
			tried = loss_at(rows, n, columns, l2, next);
		}
		if (!(tried <= loss))
			break;
		for (size_t k = 0; k < d; k++)
			most = fmax(most, fabs(next[k] - w[k]));
		memcpy(w, next, d * sizeof *w);
		loss = tried;
		if (most < 1e-10)
			break;
	}
	free(g);
	free(a);
	free(next);
}
