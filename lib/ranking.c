/* ranking - does a model rank chosen above rejected by likelihood, and could it */
#include "ranking.h"

#include <stdlib.h>

#include "logistic.h"
#include "scan.h"

#define TIE 0.01			/* nats */

static const double quantiles[] = { 0.05, 0.25, 0.5, 0.75, 0.95 };

double ranking_agreement(double a)
{
	return fmin(fmax(a, 1e-3), 1 - 1e-3);
}

double ranking_difficulty(const double reference[2])
{
	return reference[1] - reference[0];
}

bool ranking_ideal(double c, double a, double beta)
{
	a = ranking_agreement(a);
	return (log(a) - log1p(-a)) / beta > c;
}

double ranking_loss_needed(double c, double beta)
{
	return nls(beta * c);
}

/* 1 right, -1 wrong, 0 a tie. */
static int side(const double lp[2])
{
	const double d = lp[0] - lp[1];

	return fabs(d) < TIE ? 0 : d > 0 ? 1 : -1;
}

void ranking_add(struct ranking *k, const double reference[2], const double *policy, double a)
{
	const double c = ranking_difficulty(reference);
	const int before = side(reference), after = policy ? side(policy) : 0;

	tally_add(&k->reference, before);
	k->ideal += ranking_ideal(c, a, k->beta);
	k->needed += ranking_loss_needed(c, k->beta);
	GROW(k->difficulty, k->n, k->room);
	k->difficulty[k->n++] = c;
	if (!policy)
		return;
	tally_add(&k->policy, after);
	if (before && after)
		k->moved[before > 0][after > 0]++;
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void ranking_close(struct ranking *k)
{
	if (k->n)
		qsort(k->difficulty, k->n, sizeof *k->difficulty, ascending);
}

/* A value of the data, none in between. */
static double quantile(const struct ranking *k, double q)
{
	return k->difficulty[(size_t)(q * (double)(k->n - 1) + 0.5)];
}

/* Of the pairs that the reference ranks wrong, the share that the policy ranks right; NaN of nothing. */
static double flipped(const struct ranking *k)
{
	const uint64_t wrong = k->moved[0][0] + k->moved[0][1];

	return wrong ? (double)k->moved[0][1] / (double)wrong : NAN;
}

static void put_accuracy(struct buf *b, const char *name, const struct tally *t)
{
	double low, high;

	tally_interval(t, &low, &high);
	buf_addf(b, "  %-22s %.4f  %.4f-%.4f\n", name, tally_accuracy(t), low, high);
}

void ranking_table(const struct ranking *k, struct buf *b)
{
	buf_addf(b, "\nranking by likelihood: %zu pairs, %ju without log-probs\n", k->n, (uintmax_t)k->missing);
	if (k->n == 0)
		return;
	put_accuracy(b, "reference", &k->reference);
	buf_addf(b, "  %-22s %.4f  at beta %g\n", "idealised policy", (double)k->ideal / (double)k->n, k->beta);
	if (tally_count(&k->policy)) {
		put_accuracy(b, "policy", &k->policy);
		buf_addf(b, "  %-22s right stays right %ju, goes wrong %ju; wrong stays wrong %ju, goes right %ju",
			"reference to policy", (uintmax_t)k->moved[1][1], (uintmax_t)k->moved[1][0], (uintmax_t)k->moved[0][0],
			(uintmax_t)k->moved[0][1]);
		if (!isnan(flipped(k)))
			buf_addf(b, " (%.1f %%)", 100 * flipped(k));
		buf_addc(b, '\n');
	}
	buf_addf(b, "  %-22s", "difficulty in nats");
	for (size_t i = 0; i < COUNT(quantiles); i++)
		buf_addf(b, " %s%.2f", i ? "" : "5, 25, 50, 75, 95 %: ", quantile(k, quantiles[i]));
	buf_addf(b, "\n  %-22s %.4f  mean over pairs\n", "DPO loss needed", k->needed / (double)k->n);
}

static void put_number(struct buf *b, const char *name, double x)
{
	buf_addf(b, ",\"%s\":", name);
	json_put_number(b, x);
}

void ranking_json(const struct ranking *k, struct buf *b)
{
	buf_addf(b, "{\"pairs\":%zu,\"missing\":%ju", k->n, (uintmax_t)k->missing);
	put_number(b, "beta", k->beta);
	if (k->n) {
		put_number(b, "reference", tally_accuracy(&k->reference));
		put_number(b, "idealised", (double)k->ideal / (double)k->n);
		put_number(b, "loss_needed", k->needed / (double)k->n);
		buf_adds(b, ",\"difficulty\":{");
		for (size_t i = 0; i < COUNT(quantiles); i++) {
			buf_addf(b, "%s\"%g\":", i ? "," : "", quantiles[i]);
			json_put_number(b, quantile(k, quantiles[i]));
		}
		buf_addc(b, '}');
	}
	if (tally_count(&k->policy)) {
		put_number(b, "policy", tally_accuracy(&k->policy));
		put_number(b, "flipped", flipped(k));
		buf_addf(b, ",\"moved\":[[%ju,%ju],[%ju,%ju]]", (uintmax_t)k->moved[0][0], (uintmax_t)k->moved[0][1],
			(uintmax_t)k->moved[1][0], (uintmax_t)k->moved[1][1]);
	}
	buf_addc(b, '}');
}

void ranking_free(struct ranking *k)
{
	free(k->difficulty);
	*k = (struct ranking){ 0 };
}
