/* checkpoint.h - a training run on disk, from which it goes on with the same bits
 *
 * "PREFCKPT", the struct below, the numbers that are learned and the optimiser's two moments in float, and XXH3-64 of all
 * before it; of this machine's byte order. A file is written beside the old one and takes its place when it is whole and
 * on the disk: killed at any moment, a run loses what came after the last one, and nothing else.
 */
#ifndef PREF_LM_CHECKPOINT_H
#define PREF_LM_CHECKPOINT_H

#include "hash.h"
#include "lm/trainer.h"

struct checkpoint {
	struct key128 run;		/* of all that the run is a function of: another run's file is refused */
	uint64_t step;			/* taken */
	uint64_t tokens;		/* seen */
	uint64_t metrics;		/* bytes of the file of metrics */
	double best;			/* loss on held-out data, the least; of no meaning before the first evaluation */
	uint64_t best_step, waited;	/* evaluations since then */
	struct train_sums before, best_sums, after, train;	/* as in struct course_result */
};

bool checkpoint_write(const char *path, const struct checkpoint *c, const struct adam *a, struct lm_error *e);
/* Reads numbers and moments into a. False: *e says why, and nothing was changed. */
bool checkpoint_read(const char *path, struct checkpoint *c, struct adam *a, struct lm_error *e);

#endif
