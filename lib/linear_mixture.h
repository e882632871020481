/* linear_mixture.h - several reward models, and a gate that says from the prompt whose taste is asked for
 *
 * MiCRo (arXiv 2505.24846), first stage: K reward models r_k in the sense of Bradley and Terry, and with a(x) =
 * softmax of a linear function of the prompt's words and classes
 *
 *	P(y beats y' | x) = sum over k of a_k(x) sigmoid(Delta_k), Delta_k = r_k(x, y) - r_k(x, y')
 *
 * Where two groups of people want opposite things no one reward model is right about both. Learned by the slopes of
 * -log P, in which a pair pulls at model k as much as it is likely that k made its label: q_k = a_k sigmoid(Delta_k)
 * / P. A gate that always opens for the same model is held against: balance * sum of m_k log(K m_k), m the running
 * mean of a.
 *
 * Everything is a pure function of the rows, their order and the options. Memory: as linear.h, K times for the
 * models, and 16 bytes a pair and 2 a word of its prompt.
 */
#ifndef PREF_LINEAR_MIXTURE_H
#define PREF_LINEAR_MIXTURE_H

#include "linear.h"

enum { MIXTURE_MAX = 16, MIXTURE_GATE_BITS = 14, MIXTURE_GATE = 1 + LINEAR_CLASSES + (1 << MIXTURE_GATE_BITS) };

struct mixture_data {
	struct linear_data pairs;
	struct gate_row {		/* of each pair: the prompt's words, hashed to MIXTURE_GATE_BITS bits */
		uint64_t at;
		uint32_t n;
	} *rows;
	size_t room;
	uint16_t *words;
	size_t n_words, words_room;
};

/* Room that mixture_words() needs for f; it returns how many there are. Safe on threads. */
size_t mixture_words_room(const struct features *f);
uint32_t mixture_words(const struct features *f, uint16_t *words);
void mixture_add(struct mixture_data *d, const struct linear_row *row, const uint32_t *grams, const uint16_t *words,
	uint32_t n_words);
void mixture_data_free(struct mixture_data *d);

struct mixture_model {
	int k;
	struct linear_model heads[MIXTURE_MAX];
	float *gate;			/* [feature * k + head]: a constant, the classes, words */
	double usage[MIXTURE_MAX];	/* mean of a over the training pairs; 0 without any */
	double temperature;		/* log-odds are divided by it */
	uint64_t held;
	uint32_t epochs;
	double held_accuracy, held_loss;
};
void mixture_model_free(struct mixture_model *m);

/* a(x), for a prompt with these classes and words. */
void mixture_gate(const struct mixture_model *m, uint32_t classes, const uint16_t *words, uint32_t n, double *a);
/* log P - log(1 - P) of a mixture of margins; q (may be NULL): who made the label. Sums of logarithms, never of
 * probabilities. */
double mixture_logit(const double *a, const double *delta, int k, double *q);
/* Of the responses in f: the log-odds that the first is better, and each one's reward, the mean of all r_k weighted by
 * a. (The difference of the rewards is not the log-odds.) */
double mixture_margin(const struct mixture_model *m, const struct features *f, double reward[2]);
double mixture_delta(const struct mixture_model *m, const struct mixture_data *d, size_t row);

/* As gpm_fit(). After linear_index(&d->pairs). */
void mixture_fit(const struct mixture_data *d, const uint32_t *rows, size_t n, int k, double hold,
	const struct linear_options *o, void (*told)(const struct linear_epoch *e, void *arg), struct mixture_model *m);

/* As linear_put(), linear_get(). */
void mixture_put(const struct mixture_model *m, struct buf *b);
const char *mixture_get(struct mixture_model *m, struct span bytes);

#endif
