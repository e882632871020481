/* linear_flip.h - what reward models that allow for wrong labels make of labels they have not seen
 *
 * Models are learned from all but one part of the prompts by LINEAR_FORWARD at some flip rate e and asked about that
 * part; flip.h makes rates and probabilities of their margins. The rows' margins and preferences are taken as
 * linear_train() takes them. The same bytes for any number of jobs.
 */
#ifndef PREF_LINEAR_FLIP_H
#define PREF_LINEAR_FLIP_H

#include "flip.h"
#include "linear.h"

struct linear_flip {
	unsigned folds;			/* parts of the prompts */
	long seeds;			/* times, with other parts and orders: o.seed, o.seed + 1, ... */
	int jobs;			/* as in struct linear_folds */
	bool peers;			/* linear_peers(), each leaving out the share e, instead of LINEAR_FORWARD */
	struct linear_options o;	/* loss and e are not looked at */
	void (*told)(size_t models, size_t total);	/* after each model; as in struct linear_folds */
};

/* The flip rate: models are learned at e = 0, 0.1, ..., 0.4 and then in steps of 0.05 around the best, each three
 * times in 5 folds, from at most 20,000 rows drawn by o.seed; what is believed of e is how well they foretell the
 * labels they have not seen. */
void linear_flip_rate(const struct linear_data *d, const struct linear_flip *f, struct flip_rate *r);

/* mean[i] and std[i] over seeds (population) of the out-of-fold margins of each row. Seed k of n learns at the
 * quantile (k + 1/2) / n of the rates believed in. */
void linear_flip_margins(const struct linear_data *d, const struct linear_flip *f, const struct flip_rate *r,
	double *mean, double *std);

#endif
