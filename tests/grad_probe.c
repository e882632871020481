/* grad_probe - gradients from the command line, for tests/golden/lm_grad.py and tests/perf
 *
 * usage: grad_probe all MODEL THREADS			gradients of all numbers -> floats on stdout
 *        grad_probe lora=RANK MODEL THREADS		of adapters of all matrices, B not 0 -> A and B, then their gradients
 *        grad_probe time MODEL THREADS PAIRS PROMPT RESPONSE [lora=RANK]	seconds of passes and of a step
 *
 * all and lora read lines "PROMPT | RESPONSE | RESPONSE" of token ids and differentiate the sum over lines of ln p(first) -
 * ln p(second) / 2. Matrices come in the order of lm_matrices(), adapters layer by layer, A before B. time makes pairs of
 * random tokens, and takes the shortest of three.
 */
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "lm/gemm.h"
#include "lm/optim.h"
#include "random.h"

enum { MOST = 4096 };

static struct lm_model *model;
static struct lm_engine *engine;
static struct lm_trace *trace;
static struct work *pool;
static struct lm_slopes slopes;
static struct lm_segment segments[3 * MOST];
static double *g[3 * MOST];
static size_t n;

static void add(int32_t *tokens, size_t length, long parent, double slope)
{
	const size_t room = length + 1;

	segments[n] = (struct lm_segment){ .tokens = tokens, .n = length, .parent = parent,
		.logp = parent < 0 ? NULL : xcalloc(room, sizeof(double)) };
	g[n] = xcalloc(room, sizeof(double));
	for (size_t i = 0; i < length; i++)
		g[n][i] = slope;
	n++;
}

static void read_lines(void)
{
	char *text = NULL;
	size_t room = 0;

	while (n < 3 * MOST - 3 && getline(&text, &room, stdin) > 0) {
		const long prompt = (long)n;
		char *p = text;

		for (int part = 0; part < 3; part++) {
			int32_t *tokens = NULL;
			size_t length = 0, have = 0;

			for (char *end; ; p = end) {
				const long x = strtol(p, &end, 10);

				if (end == p)
					break;
				GROW(tokens, length, have);
				tokens[length++] = (int32_t)x;
			}
			add(tokens, length, part ? prompt : -1, part == 1 ? 1 : -0.5);
			p = strchr(p, '|') ? strchr(p, '|') + 1 : p + strlen(p);
		}
	}
	free(text);
}

static void pass(void)
{
	const char *why = lm_forward_keep(engine, trace, segments, n, NULL);

	if (why)
		die(EXIT_BAD, "%s", why);
}

static void adapt(const char *word)
{
	struct rng r = { 3, 0 };

	slopes.lora = lora_new(model, (uint32_t)atoi(word + 5), 8, lora_targets("all"), 1);
	for (size_t i = 0; i < slopes.lora->n; i++)
		for (size_t k = 0; k < (size_t)slopes.lora->v[i].b.rows * slopes.lora->rank; k++)
			slopes.lora->v[i].b.f[k] = (float)(0.05 * rng_normal(&r));
	lora_merge(slopes.lora, pool);
}

static void print(void)
{
	struct lm_matrix **v = xcalloc(lm_matrices(model, NULL), sizeof *v);
	const size_t all = lm_matrices(model, v);

	for (size_t i = 0; slopes.all && i < all; i++)
		fwrite(lm_slope(&slopes, model, v[i]), 4, (size_t)v[i]->rows * v[i]->cols, stdout);
	if (slopes.lora) {
		fwrite(slopes.lora->weights, 4, slopes.lora->floats, stdout);
		fwrite(slopes.lora->slopes, 4, slopes.lora->floats, stdout);
	}
	free(v);
}

/* Of the processor, of all threads: what others do beside us counts less than on a clock. */
static double spent(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void time_it(char **argv)
{
	const size_t pairs = (size_t)atoi(argv[0]), prompt = (size_t)atoi(argv[1]), response = (size_t)atoi(argv[2]);
	double best[4] = { INFINITY, INFINITY, INFINITY, INFINITY };
	double forward = INFINITY, back = INFINITY;
	struct rng r = { 1, 0 };
	struct rusage use;
	struct adam *a;

	for (size_t i = 0; i < pairs; i++)
		for (int part = 0; part < 3; part++) {
			const size_t length = part ? response : prompt;
			int32_t *tokens = xcalloc(length + 1, sizeof *tokens);

			for (size_t k = 0; k < length; k++)
				tokens[k] = (int32_t)rng_below(&r, model->config.vocab);
			add(tokens, length, part ? (long)(n - (size_t)part) : -1, part == 1 ? 1e-3 : -1e-3);
		}
	if (argv[3])
		slopes.lora = lora_new(model, (uint32_t)atoi(argv[3] + 5), 16, lora_targets("all"), 1);
	else
		slopes.all = xcalloc(model->bytes, 1);
	a = adam_new(model, &slopes);
	for (int i = 0; i < 3; i++) {
		double at[5], cpu = spent();

		at[0] = clock_now();
		pass();
		at[1] = clock_now();
		forward = fmin(forward, spent() - cpu);
		cpu = spent();
		lm_backward(engine, trace, (const double *const *)g, &slopes);
		at[2] = clock_now();
		back = fmin(back, spent() - cpu);
		adam_step(a, pool, 1e-6, clip_scale(adam_norm(a, pool), 1));
		at[3] = clock_now();
		if (slopes.lora)
			lora_merge(slopes.lora, pool);
		at[4] = clock_now();
		for (int k = 0; k < 4; k++)
			best[k] = fmin(best[k], at[k + 1] - at[k]);
	}
	getrusage(RUSAGE_SELF, &use);
	printf("%s: forward %.3f s, back %.3f s, step %.3f s, merge %.3f s: %.2f pairs/s, %.0f tokens/s without steps (%.3f and %.3f s of processors); peak %.0f MB\n",
		gemm_core(), best[0], best[1], best[2], best[3], (double)pairs / (best[0] + best[1]),
		(double)(pairs * (prompt + 2 * response)) / (best[0] + best[1]), forward, back, (double)use.ru_maxrss * 1.024e-3);
	adam_free(a);
}

int main(int argc, char **argv)
{
	struct lm_error e;

	program_name = "grad_probe";
	if (argc < 4)
		die(EXIT_USAGE, "see the head of tests/grad_probe.c");
	model = lm_open(argv[2], 0, atoi(argv[3]), &e);
	if (!model)
		die(EXIT_SYSTEM, "%s: %s", argv[2], e.text);
	engine = lm_engine_new(model, atoi(argv[3]));
	trace = lm_trace_new();
	pool = work_new(atoi(argv[3]));
	if (strcmp(argv[1], "time") == 0 && argc >= 7) {
		time_it(argv + 4);
	} else {
		if (strncmp(argv[1], "lora=", 5) == 0)
			adapt(argv[1]);
		else
			slopes.all = xcalloc(model->bytes, 1);
		read_lines();
		pass();
		lm_backward(engine, trace, (const double *const *)g, &slopes);
		print();
	}
	return 0;
}
