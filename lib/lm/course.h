/* course.h - a training run from its first step to its last: order, evaluations, checkpoints, metrics
 *
 * The folder holds, while the run goes on and after:
 *
 *	metrics.jsonl	a line for each step and each evaluation, with the names that TRL logs by
 *	reference.bin	log-probs of the reference, if the losses want one; used again by runs on the same data
 *	checkpoint	lm/checkpoint.h
 *
 * and what save() writes there: after each evaluation that is the best so far, or, with nothing held out, at the end.
 * A run that is resumed has the same bits as one that was never interrupted, also in its metrics but for those of time.
 */
#ifndef PREF_LM_COURSE_H
#define PREF_LM_COURSE_H

#include "hash.h"
#include "lm/trainer.h"

struct course_data {
	struct train_group *v;
	size_t n;
};

struct course_options {
	const char *folder;		/* exists */
	struct key128 base;		/* of the model, the data, and how it is cut into batches and passes */
	struct key128 run;		/* of these and all options that change the result */
	double epochs;
	size_t batch;			/* groups of a step */
	bool in_order;			/* as read; else every epoch has its own order, drawn from seed */
	uint64_t seed;
	double rate, warm;		/* greatest learning rate; share of the steps before it */
	enum schedule schedule;
	uint64_t eval_every, save_every;	/* steps; 0: a tenth of the run */
	uint64_t patience;		/* evaluations without a better one before it stops; 0: never */
	bool resume;
	bool reference;			/* the loss wants one */
	bool scores;			/* of a reward model: metrics are those of RewardTrainer */

	bool (*save)(void *arg, struct lm_error *e);
	/* After each step and evaluation; what NULL: a step. May be NULL. */
	void (*tell)(void *arg, const char *what, uint64_t done, uint64_t all);
	void *arg;
};

struct course_result {
	uint64_t steps, all_steps, resumed, best_step;
	bool stopped_early;
	struct train_sums before, best, after;	/* held-out data: at the start, at the best evaluation, at the last */
	struct train_sums train;		/* last tenth of the run's steps */
	double seconds;				/* of this process's steps */
	size_t rows;				/* tokens computed in them */
	size_t reference_rows;			/* tokens computed for the reference, before the steps; 0: they were there */
	double reference_seconds;
};

/* valid may be empty. False: *e says why. */
bool course_run(struct trainer *t, const struct course_options *o, struct course_data train, struct course_data valid,
	struct course_result *result, struct lm_error *e);

/* Mean and standard error of the mean of accuracies and margins. */
double course_accuracy(const struct train_sums *s, double *error);
double course_margin(const struct train_sums *s, double *error);

#endif
