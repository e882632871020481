/* passes - how many responses pass: pass@k */
#include "passes.h"

#include <math.h>
#include <stdlib.h>

void passes_add(struct passes *t, size_t n, size_t passed)
{
	GROW(t->v, t->n, t->room);
	t->v[t->n++] = (struct passes_prompt){ (uint32_t)n, (uint32_t)passed };
}

/* C(n - c, k) / C(n, k) as a product of factors of at most 1. */
static double all_fail(double n, double c, double k)
{
	double p = 1;

	if (n - c < k)
		return 0;
	for (double i = n - c + 1; i <= n; i++)
		p *= 1 - k / i;
	return p;
}

double passes_at(const struct passes *t, size_t k, size_t *prompts)
{
	double sum = 0;

	*prompts = 0;
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].n < k)
			continue;
		sum += 1 - all_fail(t->v[i].n, t->v[i].passed, (double)k);
		++*prompts;
	}
	return *prompts ? sum / (double)*prompts : NAN;
}

void passes_free(struct passes *t)
{
	free(t->v);
	*t = (struct passes){ 0 };
}
