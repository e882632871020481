/* trial_steps.h - between the files of trial */
#ifndef PREF_TRIAL_STEPS_H
#define PREF_TRIAL_STEPS_H

#include "trial.h"

struct trial_job {
	const struct trial *t;
	const struct trial_rules *rules;
	struct sandbox *sandbox;
	struct arena *a;
	struct span why;		/* of a sandbox that failed */
};

/* Python functions: all candidates in one sandbox (trial_driver.c). */
bool trial_driver(struct trial_job *j, const struct span *codes, size_t n, struct trial_result *results);
/* Verdict of a step as a status; SANDBOX_OK is TRIAL_PASS. */
enum trial_status trial_status_of(enum sandbox_verdict v);
/* Count what is in r->status. */
void trial_sum(struct trial_result *r, size_t n);

#endif
