/* loss_probe - losses and their gradients from the command line, for tests/golden/losses.py
 *
 * usage: loss_probe LOSSES BETA SMOOTH GAMMA ALPHA <BATCH		(nan: the loss's own)
 *
 * The batch, in words: groups, responses of each, then for each group margin, preference, flip and for each response its
 * number of tokens, kl, sure, other, reward, the policy's log-probs and the reference's. Written: the mean loss, then the
 * gradients by all policy log-probs.
 */
#include <math.h>
#include <stdlib.h>

#include "lm/loss.h"

static double number(void)
{
	double x;

	if (scanf("%lf", &x) != 1)
		die(EXIT_BAD, "a number is missing");
	return x;
}

static double *numbers(size_t n)
{
	double *x = xcalloc(n + 1, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = number();
	return x;
}

int main(int argc, char **argv)
{
	struct loss_options o;
	struct loss_set set;
	struct loss_group *g;
	size_t n, k, tokens = 0;
	double sum = 0;
	char *why;

	program_name = "loss_probe";
	if (argc != 6)
		die(EXIT_USAGE, "see the head of tests/loss_probe.c");
	o = (struct loss_options){ atof(argv[2]), atof(argv[3]), atof(argv[4]), atof(argv[5]) };
	why = loss_parse(argv[1], &o, &set);
	if (why)
		die(EXIT_USAGE, "%s", why);
	n = (size_t)number();
	k = (size_t)number();
	g = xcalloc(n, sizeof *g);
	for (size_t i = 0; i < n; i++) {
		g[i].v = xcalloc(k, sizeof *g[i].v);
		g[i].k = k;
		g[i].margin = number();
		g[i].preference = number();
		g[i].flip = number();
		for (size_t r = 0; r < k; r++) {
			struct loss_text *v = &g[i].v[r];

			v->n = (size_t)number();
			v->kl = number();
			v->sure = number();
			v->other = number();
			v->reward = number();
			v->policy = numbers(v->n);
			v->reference = numbers(v->n);
			v->g = xcalloc(v->n + 1, sizeof *v->g);
		}
		tokens += g[i].v[0].n;
	}
	loss_eval(&set, g, n, n, tokens);
	for (size_t i = 0; i < n; i++)
		sum += g[i].loss / (double)n;
	printf("%.17g\n", sum);
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < k; r++)
			for (size_t t = 0; t < g[i].v[r].n; t++)
				printf("%.17g\n", g[i].v[r].g[t]);
	return 0;
}
