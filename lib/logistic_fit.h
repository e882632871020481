/* logistic_fit.h - P(y) = sigmoid(c + w . x) learned from rows of few columns, exactly
 *
 * The w and c that minimise the sum of -y log P - (1 - y) log(1 - P) and l2/2 |w|^2; c is free. y is in 0..1. Found by
 * Newton's method, so that there is no rate to choose and the answer is that of any other program: the loss is convex.
 * Time: cells^2 a row, columns^3 for all, about ten times; memory 8 columns^2 bytes.
 */
#ifndef PREF_LOGISTIC_FIT_H
#define PREF_LOGISTIC_FIT_H

#include "base.h"

struct logistic_cell {			/* what is not there is 0 */
	uint32_t column;
	double x;
};

struct logistic_row {
	const struct logistic_cell *v;
	size_t n;
	double y;
};

/* w[columns], then c in w[columns]. Where the rows are all of one kind, or none, w is 0 and c their share by
 * Laplace's rule. l2 is above 0. */
void logistic_fit(const struct logistic_row *rows, size_t n, size_t columns, double l2, double *w);

/* c + w . x */
double logistic_at(const struct logistic_row *row, size_t columns, const double *w);

#endif
