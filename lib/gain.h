/* gain.h - which labels a human would turn: facts about a pair, a logistic model of them, and its file
 *
 * (After Miranda et al. 2024, "Hybrid Preferences: Learning to Route Instances for Human vs. AI Feedback". They predict by tags
 * and likeness of the responses what a human's label adds to a reward model's score, from some hundred reward models; here it is
 * predicted whether it differs, which needs pairs that carry both labels and no training.)
 *
 * A fact is a name and a number; what a pair has no fact of counts as its mean. Of every pair, words as in text.h:
 *
 *	prompt_words, words	log(1 + words) of the prompt, of both responses together
 *	length_ratio, length_gap	log of the words of chosen over those of rejected; its size
 *	overlap			twice the words that both responses have / all of theirs (F1 of ROUGE-1)
 *	copied			share of the words of chosen that the prompt has, less that of rejected
 *	question		1: the prompt holds a question mark
 *
 * and of its members, as far as they are there, P(the label is wrong) by `flip`, `preference` and `votes` as log-odds, and
 * `margin`, `margin_std`, `difficulty`. Fields that are asked for give facts, too: a number FIELD; a word, of up to 100 bytes,
 * or a boolean a tag FIELD=WORD of 1; an array those of its elements, an object those of its members, as FIELD.NAME.
 */
#ifndef PREF_GAIN_H
#define PREF_GAIN_H

#include "ballot.h"
#include "hash.h"
#include "logistic_fit.h"
#include "pair.h"

struct gain_fact {
	struct span name;
	double x;
	bool tag;
};

struct gain_facts {			/* of a pair, in its arena */
	struct gain_fact *v;
	size_t n, room;
	double human;			/* share of the humans' votes that are against chosen, a tie half; NaN: none */
};

/* What facts are taken of. Names are owned. */
struct gain_reads {
	char **fields, **humans;
	size_t n_fields, n_humans;
};
void gain_reads_add(char ***v, size_t *n, struct span name);	/* one more, unless it is there */
void gain_reads_free(struct gain_reads *reads);

/* False: rec_bad() has been called. */
bool gain_facts_of(struct rec *r, const struct pair *p, const struct gain_reads *reads, struct gain_facts *f);

/* P(chosen is not better) by votes: (those against it, half the ties, and 1) / (all and 2), Laplace's rule; those of humans
 * left out, whose share against goes to *human. NaN: none. False: rec_bad() has been called. */
bool gain_votes(struct rec *r, const struct gain_reads *reads, double *wrong, double *human);

/* ---- the model ---- */

struct gain_term {
	char *name;
	double mean, scale, coef;	/* adds coef (x - mean) / scale; of a tag mean is 0 and scale 1 */
	uint64_t pairs;			/* that have it */
	bool tag;
};

struct gain_model {			/* {0} is empty */
	struct gain_term *v;
	size_t n, room;
	struct keymap place;		/* by name: 1 + index in v */
	double intercept, l2;
	uint64_t pairs;			/* learned from */
	struct gain_reads reads;
};

/* P(a human's label is the other one) */
double gain_predict(const struct gain_model *m, const struct gain_facts *f);
void gain_model_free(struct gain_model *m);

/* The file: JSON Lines, one a term, and a checksum. NULL, or why it is none of ours. */
void gain_put(const struct gain_model *m, struct buf *b);
const char *gain_get(struct gain_model *m, struct span text);

/* ---- learning ---- */

enum { GAIN_LEAST = 5,			/* a fact that fewer pairs have is not learned */
	GAIN_PAIRS = 20,		/* so many pairs with a human's label are needed */
	GAIN_FOLDS = 10, GAIN_TERMS = 1000 };

struct gain_pupil {			/* {0} is empty; 16 bytes a fact and 24 a pair */
	struct gain_model m;
	struct logistic_cell *cells;	/* of all pairs */
	size_t n_cells, cells_room;
	struct gain_seat { size_t from; uint64_t group; double human; } *seats;
	size_t n, room;
	double *p;			/* after gain_learn(): P of each pair, ... */
	uint64_t learned;		/* pairs with a human's label, and on them: */
	double otherwise;		/* mean of .human */
	double loss, base;		/* log-loss of p, and of `otherwise` for all */
};
void gain_add(struct gain_pupil *g, const struct gain_facts *f, uint64_t group);
/* ... of one with a human's label by a model of the other folds, by group, of another by that of all. NULL, or why nothing
 * can be learned. */
const char *gain_learn(struct gain_pupil *g, double l2);
void gain_pupil_free(struct gain_pupil *g);

#endif
