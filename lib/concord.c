/* concord - how far people who voted agree: Krippendorff's alpha and Cohen's kappa for pairs */
#include "concord.h"

#include <math.h>

enum { A, B, TIE };

void alpha_add(struct alpha *a, const double count[CONCORD_VALUES])
{
	double m = count[A] + count[B] + count[TIE];

	if (m < 2)
		return;
	for (int c = 0; c < CONCORD_VALUES; c++)
		a->agree += count[c] * (count[c] - 1) / (m - 1);
	a->n += m;
	a->ties += count[TIE];
}

double alpha_value(const struct alpha *a)
{
	double n = 2 * a->n, tie = 2 * a->ties, side = a->n - a->ties;	/* with the mirror image */
	double chance = (2 * side * (side - 1) + tie * (tie - 1)) / (n * (n - 1));

	return a->n > 0 && side > 0 ? 1 - (1 - a->agree / a->n) / (1 - chance) : NAN;
}

void kappa_add(struct kappa *k, int one, int other)
{
	k->n[one][other]++;
}

double kappa_value(const struct kappa *k)
{
	double n = 0, same = 0, ties[2] = { 0 }, chance;

	for (int i = 0; i < CONCORD_VALUES; i++) {
		for (int j = 0; j < CONCORD_VALUES; j++)
			n += k->n[i][j];
		same += k->n[i][i];
		ties[0] += k->n[i][TIE];
		ties[1] += k->n[TIE][i];
	}
	/* With the mirror image each rater has as many A as B. */
	chance = (ties[0] * ties[1] + (n - ties[0]) * (n - ties[1]) / 2) / (n * n);
	return n > 0 && chance < 1 ? (same / n - chance) / (1 - chance) : NAN;
}
