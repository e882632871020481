/* passes.h - how many responses pass: pass@k
 *
 * The unbiased estimator of Chen et al. 2021, "Evaluating Large Language Models Trained on Code": of n responses to a
 * prompt c pass, and pass@k = 1 - C(n - c, k) / C(n, k), averaged over prompts that have at least k.
 */
#ifndef PREF_PASSES_H
#define PREF_PASSES_H

#include "base.h"

struct passes {
	struct passes_prompt { uint32_t n, passed; } *v;
	size_t n, room;
};

void passes_add(struct passes *t, size_t n, size_t passed);
/* NaN: no prompt has k responses; *prompts is how many have. */
double passes_at(const struct passes *t, size_t k, size_t *prompts);
void passes_free(struct passes *t);

#endif
