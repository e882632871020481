/* linear.h - a Bradley-Terry reward model on hashed features: r(x, y) = w . f(x, y)
 *
 * P(chosen beats rejected) = sigmoid(Delta), Delta = r(x, chosen) - r(x, rejected); f is in
 * linear_features.h. Weights are learned from the difference vectors f(chosen) - f(rejected), which
 * are kept in memory: 152 bytes a pair and 4 bytes for each gram that differs, together about 2.4
 * KB for a pair of 1.6 KB of JSON and at most 1 MB for any pair.
 *
 * Everything is a pure function of the rows, their order and the options: a learner runs in one
 * thread, in an order drawn from the seed; only folds are learned side by side.
 */
#ifndef PREF_LINEAR_H
#define PREF_LINEAR_H

#include "linear_features.h"
#include "logistic.h"

/* ---- loss ---- */

/* The losses are of the form L(h) = pos * l(h) + neg * l(-h), h = Delta - margin. With e the
 * smoothing (cDPO) or the flip rate (rDPO, forward) and p the probability that chosen is better (1
 * for a hard label):
 *
 *	LINEAR_BT	l = nls, pos = p, neg = 1 - p
 *	LINEAR_CDPO	l = nls, pos = 1 - e, neg = e				label smoothing
 *	LINEAR_RDPO	l = nls, pos = (1 - e) / (1 - 2e), neg = -e / (1 - 2e)	e < 1/2
 *	LINEAR_FORWARD	l(h) = -log(e + (1 - 2e) sigmoid(h)), pos = p, neg = 1 - p
 *
 * and for soft labels the p-weighted mean of the loss and its mirror image. rDPO is the unbiased
 * loss of Chowdhury, Kini and Natarajan 2024, "Provably Robust DPO": its mean over labels flipped
 * at rate e is the loss on clean labels. It may be negative. The first three are convex, since pos
 * + neg = 1. Forward is the likelihood of labels that are turned round at rate e (forward
 * correction, Patrini et al. 2017; Crowd-BT with one annotator, Chen et al. 2013): never more than
 * -log e, so that a pair which the model contradicts is let go instead of bending it. */
enum linear_loss { LINEAR_BT, LINEAR_CDPO, LINEAR_RDPO, LINEAR_FORWARD };

struct loss_terms {
	double pos, neg;
	double flip;			/* e of LINEAR_FORWARD, else 0: l is nls */
};
struct loss_terms loss_terms(enum linear_loss loss, double e, double p);

/* P(the label is as it is) when the reward margin is h and labels are turned round at rate e. */
static inline double flip_sigmoid(double e, double h)
{
	return e + (1 - 2 * e) * sigmoid(h);
}

static inline double loss_value(struct loss_terms t, double h)
{
	if (t.flip > 0)
		return -t.pos * log(flip_sigmoid(t.flip, h)) - t.neg * log(flip_sigmoid(t.flip, -h));
	return t.pos * nls(h) + t.neg * nls(-h);
}

/* dL/dh */
static inline double loss_slope(struct loss_terms t, double h)
{
	if (t.flip > 0)
		return (1 - 2 * t.flip) * sigmoid(h) * sigmoid(-h) *
			(t.neg / flip_sigmoid(t.flip, -h) - t.pos / flip_sigmoid(t.flip, h));
	return t.neg * sigmoid(h) - t.pos * sigmoid(-h);
}

/* ---- pairs ---- */

/* A pair as a difference vector. Grams are packed: 20 bits of index, 12 of value. */
struct linear_row {
	uint64_t at;			/* first gram in linear_data.grams */
	uint64_t group;			/* rows of one group are never on both sides of a split */
	uint32_t n;			/* grams */
	uint32_t classes;		/* of the prompt */
	float margin;			/* to be reached, 0 for none */
	float preference;		/* P(chosen is better): 1 for a hard label */
	float dense[LINEAR_DENSE];
};

enum { LINEAR_BITS_MIN = 10, LINEAR_BITS_MAX = 20 };

/* The 12 bits of a gram's value are a float's sign, 4 bits of exponent (2^-11 .. 2^4) and 7 of
 * mantissa: off by 0.4 % at most. */
#define LINEAR_LEAST ((127u - 11) << 7)

uint32_t gram_pack(uint32_t i, float x);

static inline float gram_x(uint32_t gram)
{
	uint32_t bits = (gram & 0x800) << 20 | ((gram & 0x7ff) + LINEAR_LEAST) << 16;
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static inline uint32_t gram_i(uint32_t gram)
{
	return gram >> 12;
}

struct linear_data {			/* set bits, the rest {0} */
	int bits;			/* grams are hashed into 2^bits */
	struct linear_row *rows;
	size_t n, room;
	uint32_t *grams;
	size_t n_grams, grams_room;
	uint32_t *names;		/* after linear_index(): hashed index of gram i */
	size_t n_names;
};

/* Room that linear_pack() needs for f, in grams. */
static inline size_t linear_pack_room(const struct features *f)
{
	return f->n;
}
/* Fill row (all but at, margin, preference, group) and its grams from a pair's features. Safe on
 * threads. */
void linear_pack(const struct features *f, int bits, struct linear_row *row, uint32_t *grams);
/* Append a copy. */
void linear_add(struct linear_data *d, const struct linear_row *row, const uint32_t *grams);
/* After the last: leave out grams of one pair alone, which tell nothing about others, and number
 * the rest by how common they are, so that most of what the learner touches stays in the cache. */
void linear_index(struct linear_data *d);
void linear_data_free(struct linear_data *d);

/* The side, of 0..parts-1, on which the row's group is, by a hash of group, seed and purpose. */
unsigned linear_side(
	const struct linear_row *row, uint64_t seed, const char *purpose, unsigned parts);

/* ---- model ---- */

struct linear_model {
	int bits;
	float dense[LINEAR_DENSE], crossed[LINEAR_CROSSED][LINEAR_CLASSES];
	float *grams;			/* 2^bits weights */
	/* How it came about. */
	uint64_t seed, pairs;
	uint32_t epochs, loss;
	double e, l2, temperature;	/* the weights have been divided by the temperature */
	uint64_t held;			/* pairs held out, 0: none */
	/* On them, of the model that did not see them, after calibration: */
	double held_accuracy, held_loss;
};
void linear_model_free(struct linear_model *m);

/* Scores of the responses in f. Their difference is the log-odds that the first is better. */
void linear_score(const struct linear_model *m, const struct features *f, double score[2]);
/* Delta of a row; the same but for the 12 bits of value. */
double linear_delta(
	const struct linear_model *m, const struct linear_data *d, const struct linear_row *row);
/* Divide all weights by t. */
void linear_temper(struct linear_model *m, double t);

/* ---- learning ---- */

struct linear_options {
	uint64_t seed;
	enum linear_loss loss;
	double e;			/* smoothing or flip rate */
	double l2;			/* penalty l2/2 * |w|^2 on the sum of losses: a prior's precision */
	double rate;			/* AdaGrad's */
	long epochs;			/* at most */
	long patience;			/* stop after so many epochs without a better held-out loss */
	bool refit;			/* learn the best number of epochs again, from all rows */
};

struct linear_epoch {
	long epoch;			/* from 1 */
	bool refit;
	double train_loss;		/* mean over the epoch, each pair before its step */
	double held_loss, held_accuracy;	/* mean; NaN without held-out rows */
	double seconds;
};

/* Rows by index. Held-out rows may be none: then all epochs are run and the temperature is 1. */
struct linear_task {
	const struct linear_data *d;
	const uint32_t *train, *held;
	size_t n_train, n_held;
	void (*told)(const struct linear_epoch *e, void *arg);	/* after each epoch; may be NULL */
	void *arg;
};

/* Learn m, from {0}: early stopping by the held-out rows, then the temperature under which
 * sigmoid(Delta) fits their labels best (it divides all weights), then, with o->refit, once more
 * from training and held-out rows with the epochs and the temperature found. */
void linear_train(
	const struct linear_task *t, const struct linear_options *o, struct linear_model *m);

/* With fewer held-out rows there is no telling when to stop. */
enum { LINEAR_HELD_LEAST = 20 };

/* The same, with this share of the groups of all->train held out by o->seed; none if they come to
 * fewer than LINEAR_HELD_LEAST rows. all->held is not looked at. */
void linear_fit(const struct linear_task *all, double hold, const struct linear_options *o,
	struct linear_model *m);

/* Two models that choose the pairs for each other (linear_peer.c): of t->train, each leaves out the
 * share `rate` that the other doubts most; stopped early by the mean of both losses on t->held. Not
 * calibrated. o->refit is not looked at. */
void linear_peers(const struct linear_task *t, const struct linear_options *o, double rate,
	struct linear_model m[2]);

struct linear_folds {
	unsigned folds;
	double hold;			/* share of the other folds that is held out to stop early */
	int jobs;			/* folds learned at once, at about 24 bytes a gram each */
	bool peers;			/* the mean margin of linear_peers(), ... */
	double rate;			/* ... with this rate */
	/* NULL, or called after each fold, one call at a time, from any of the threads. */
	void (*told)(size_t done, size_t total);
};
/* Out-of-fold margins: deltas[i] of each of the first n rows by a model learned without the rows of
 * its fold, which is drawn by group and o->seed. The same for any number of jobs. Dies if there can
 * be no thread. */
void linear_cross(const struct linear_data *d, size_t n, const struct linear_folds *f,
	const struct linear_options *o, double *deltas);

/* Temperature t in [1/20, 20] under which P(label is right) = e + (1 - 2e) sigmoid(Delta / t) fits
 * best, e the share of labels known to be flipped: most likely under a prior around 1. preference:
 * as in linear_row. */
double linear_temperature(const double *delta, const float *preference, size_t n, double e);
/* The mean loss of that, -log P. NaN of nothing. */
double linear_flip_loss(const double *delta, const float *preference, size_t n, double e, double t);

/* ---- files ---- */

/* Append the file's bytes. */
void linear_put(const struct linear_model *m, struct buf *b);
/* NULL, or why the bytes are no model of ours; whatever they hold. */
const char *linear_get(struct linear_model *m, struct span bytes);

#endif
