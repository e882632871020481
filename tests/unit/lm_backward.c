/* lm_backward (long: each op, loss and way to share has its own check): gradients beside finite differences, lib/lm compiled in double; what shares, packs or parts against what does not
 *
 * A derivative along a random direction within each matrix sees every entry of its gradient.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../lm_folder.h"
#include "../double.h"

#include "lm/backward.h"
#include "lm/gemm.h"
#include "lm/kernel.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* ---- what the engine stands on, in double ---- */

enum { LANES = 16 };

static double exp_near(double x)
{
	return exp(x);
}

#define NAME(x) x##_double
#define TARGET
#include "lm/kernel_body.h"

const struct kernels *kernels(void)
{
	return &kernels_double;
}

struct work {
	double *scratch;
};

struct work *work_new(int threads)
{
	(void)threads;
	return xcalloc(1, sizeof(struct work));
}

void work_free(struct work *w)
{
	if (w)
		free(w->scratch);
	free(w);
}

void work_run(struct work *w, size_t tasks, work_fn *fn, void *arg)
{
	(void)w;
	for (size_t i = 0; i < tasks; i++)
		fn(arg, i, 0);
}

double *work_scratch(struct work *w, int thread, size_t n)
{
	(void)thread;
	free(w->scratch);
	w->scratch = xcalloc(n, sizeof *w->scratch);
	return w->scratch;
}

void gemm_one_thread(void)
{
}

/* y[i][j] = sum over t of x(i, t) w(t, j), which lie by steps. */
static void product(double *y, size_t ldy, const double *x, size_t xi, size_t xt, const double *w, size_t wt, size_t wj,
	size_t m, size_t n, size_t k, bool add)
{
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < n; j++) {
			double sum = add ? y[i * ldy + j] : 0;

			for (size_t t = 0; t < k; t++)
				sum += x[i * xi + t * xt] * w[t * wt + j * wj];
			y[i * ldy + j] = sum;
		}
}

void gemm_nt(double *y, size_t ldy, const double *x, size_t ldx, const double *w, size_t ldw, size_t m, size_t n, size_t k,
	bool add)
{
	product(y, ldy, x, ldx, 1, w, 1, ldw, m, n, k, add);
}

void gemm_nn(double *y, size_t ldy, const double *x, size_t ldx, const double *w, size_t ldw, size_t m, size_t n, size_t k,
	bool add)
{
	product(y, ldy, x, ldx, 1, w, ldw, 1, m, n, k, add);
}

void gemm_tn(double *y, size_t ldy, const double *x, size_t ldx, const double *w, size_t ldw, size_t m, size_t n, size_t k,
	bool add)
{
	product(y, ldy, x, 1, ldx, w, ldw, 1, m, n, k, add);
}

void gemm(struct work *pool, double *y, const double *x, size_t m, const struct lm_matrix *w, const struct lm_matrix *bias,
	bool add)
{
	(void)pool;
	gemm_nt(y, w->rows, x, w->cols, w->f, w->cols, m, w->rows, w->cols, add);
	for (size_t i = 0; bias->rows && i < m * w->rows; i++)
		y[i] += bias->f[i % w->rows];
}

double *gemm_rows(struct work *pool, int thread, const double *x, size_t m, const struct lm_matrix *w, size_t from, size_t n)
{
	double *y = work_scratch(pool, thread, m * n);

	gemm_nt(y, n, x, w->cols, w->f + from * w->cols, w->cols, m, n, w->cols, false);
	return y;
}

void gemm_back(struct work *pool, double *dx, const double *dy, size_t lddy, size_t m, const struct lm_matrix *w, bool add)
{
	(void)pool;
	gemm_nn(dx, w->cols, dy, lddy, w->f, w->cols, m, w->cols, w->rows, add);
}

void gemm_slope(struct work *pool, double *dw, const double *dy, size_t lddy, const double *x, size_t m, size_t rows,
	size_t cols)
{
	(void)pool;
	gemm_tn(dw, cols, dy, lddy, x, cols, rows, cols, m, true);
}

/* ---- models in double ---- */

void library_rows(const struct lm_matrix *m, size_t from, size_t n, single *to) __asm__("lm_matrix_rows");

void lm_matrix_rows_double(const struct lm_matrix *m, size_t from, size_t n, double *to)
{
	single *x;

	if (m->f) {
		memcpy(to, m->f + from * m->cols, n * m->cols * sizeof *to);
		return;
	}
	x = xreallocarray(NULL, n * m->cols, sizeof *x);
	library_rows(m, from, n, x);
	for (size_t i = 0; i < n * m->cols; i++)
		to[i] = (double)x[i];
	free(x);
}

struct wide {
	struct lm_model *m;
	struct lm_engine *e;
	struct lm_trace *t;
	struct lm_matrix *all[64];
	size_t n, numbers;
	double *memory, *slopes;
	void *library_memory;
};

/* scores: 0, or a reward model with a head of so many. */
static void widen(struct wide *w, const char *name, int scores)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct lm_error e = { .text = "" };
	struct lm_model *m = lm_open(path, LM_SCORES(scores), 1, &e);
	struct lm_matrix *top[] = { &m->embed, &m->positions, &m->norm, &m->norm_bias, m->score.rows ? &m->score : &m->head };
	struct rng r = { 7, 0 };
	double *freq;

	assert_string_equal(e.text, "");
	*w = (struct wide){ .m = m, .library_memory = m->memory, .numbers = m->bytes / sizeof(single) };
	for (size_t i = 0; i < COUNT(top); i++)
		if (top[i]->rows)
			w->all[w->n++] = top[i];
	for (uint32_t k = 0; k < m->config.layers; k++)
		for (size_t i = 0; i < sizeof *m->layer / sizeof **w->all; i++)
			if (((struct lm_matrix *)&m->layer[k])[i].rows)
				w->all[w->n++] = (struct lm_matrix *)&m->layer[k] + i;
	w->memory = xcalloc(w->numbers, sizeof *w->memory);
	w->slopes = xcalloc(w->numbers, sizeof *w->slopes);
	for (size_t i = 0; i < w->numbers; i++)
		w->memory[i] = (double)((single *)w->library_memory)[i];
	for (size_t i = 0; i < w->n; i++)
		w->all[i]->f = w->memory + ((single *)(void *)w->all[i]->f - (single *)w->library_memory);
	m->memory = w->memory;
	for (size_t i = 0; i < (size_t)m->score.rows * m->score.cols; i++)
		m->score.f[i] = 0.1 * rng_normal(&r);
	if (m->inverse_freq) {
		freq = xcalloc(m->config.head_dim / 2, sizeof *freq);
		for (size_t i = 0; i < m->config.head_dim / 2; i++)
			freq[i] = (double)((single *)(void *)m->inverse_freq)[i];
		free(m->inverse_freq);
		m->inverse_freq = freq;
	}
	w->e = lm_engine_new(m, 1);
	w->t = lm_trace_new();
	free(path);
}

static void narrow(struct wide *w)
{
	lm_trace_free(w->t);
	lm_engine_free(w->e);
	w->m->memory = w->library_memory;
	lm_free(w->m);
	free(w->memory);
	free(w->slopes);
}

/* ---- batches ---- */

enum { SEGMENTS = 10, LONGEST = 160, SCORES = 4 };

struct tree {
	struct lm_segment s[SEGMENTS];
	size_t n;
	int32_t tokens[SEGMENTS][LONGEST];
	double logp[SEGMENTS][LONGEST], score[SEGMENTS][SCORES], g[SEGMENTS][LONGEST];
	const double *slopes[SEGMENTS];
};

static void grow(struct tree *t, size_t n, long parent, size_t from, bool wanted)
{
	struct rng r = rng_for(9, "tree", t->n);
	const size_t i = t->n++;

	for (size_t k = 0; k < n; k++) {
		t->tokens[i][k] = (int32_t)rng_below(&r, TINY_VOCAB);
		t->g[i][k] = rng_normal(&r);
	}
	t->s[i] = (struct lm_segment){ .tokens = t->tokens[i], .n = n, .parent = parent, .from = from,
		.logp = wanted ? t->logp[i] : NULL };
	t->slopes[i] = wanted ? t->g[i] : NULL;
}

/* Two prompts, one with two responses, the other in two parts, with a response that two others go on from, one empty. */
static void make_tree(struct tree *t)
{
	memset(t, 0, sizeof *t);
	grow(t, 7, -1, 1, false);
	grow(t, 5, 0, 0, true);
	grow(t, 12, 0, 0, true);
	grow(t, 3, -1, 1, true);
	grow(t, 0, 3, 0, false);
	grow(t, 4, 4, 2, true);
	grow(t, 6, 5, 0, true);
	grow(t, 1, 5, 0, true);
	grow(t, 0, 5, 0, true);
}

/* The same tree, where a score is wanted of each segment that log-probs were: one is empty, as the one before it. */
static void make_scored_tree(struct tree *t)
{
	make_tree(t);
	for (size_t i = 0; i < t->n; i++)
		if (t->s[i].logp) {
			t->s[i].logp = NULL;
			t->s[i].score = t->score[i];
			for (size_t k = 0; k < SCORES; k++)
				t->g[i][k] = cos((double)(i * SCORES + k));
		}
}

/* The sum that is differentiated. */
static double forward(struct wide *w, struct tree *t)
{
	double sum = 0;

	assert_null(lm_forward_keep(w->e, w->t, t->s, t->n, NULL));
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = t->s[i].from; t->s[i].logp && k < t->s[i].n; k++)
			sum += t->g[i][k - t->s[i].from] * t->logp[i][k - t->s[i].from];
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; t->s[i].score && k < w->m->score.rows; k++)
			sum += t->g[i][k] * t->score[i][k];
	return sum;
}

static void backward(struct wide *w, struct tree *t, struct lm_lora *lora, bool all)
{
	const struct lm_slopes to = { all ? w->slopes : NULL, lora };

	forward(w, t);
	lm_backward(w->e, w->t, t->slopes, &to);
}

/* Beside the difference along a random direction of x[n]; merge: after each change. */
static void check(struct wide *w, struct tree *t, double *x, const double *slope, size_t n, const struct lm_lora *merge,
	const char *what)
{
	const double step = 1e-5;
	double *was = xcalloc(2 * n, sizeof *was), *to = was + n, said = 0, sum[2];
	struct rng r = rng_for(4, what, n);

	for (size_t i = 0; i < n; i++) {
		was[i] = x[i];
		to[i] = rng_normal(&r);
		said += to[i] * slope[i];
	}
	for (int up = 0; up < 2; up++) {
		for (size_t i = 0; i < n; i++)
			x[i] = was[i] + (up ? step : -step) * to[i];
		if (merge)
			lora_merge(merge, NULL);
		sum[up] = forward(w, t);
	}
	memcpy(x, was, n * sizeof *x);
	if (merge)
		lora_merge(merge, NULL);
	if (!(fabs(said - (sum[1] - sum[0]) / (2 * step)) <= 1e-6 * (1 + fabs(said))))
		fail_msg("%s: %.9g, not %.9g", what, said, (sum[1] - sum[0]) / (2 * step));
	assert_true(said != 0);
	free(was);
}

static void check_all(struct wide *w, struct tree *t)
{
	backward(w, t, NULL, true);
	for (size_t i = 0; i < w->n; i++) {
		const struct lm_slopes to = { w->slopes, NULL };
		char what[32];

		snprintf(what, sizeof what, "matrix %zu", i);
		check(w, t, w->all[i]->f, lm_slope(&to, w->m, w->all[i]), (size_t)w->all[i]->rows * w->all[i]->cols, NULL, what);
	}
}

static void test_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tiny_kinds); i++) {
		struct wide w;
		struct tree t;

		widen(&w, tiny_kinds[i].name, 0);
		make_tree(&t);
		check_all(&w, &t);
		narrow(&w);
	}
}

/* Log-probs, and how far they are from those of a reference. */
static double forward_beside(struct wide *w, const struct wide *reference, struct tree *t, struct tree *other)
{
	double sum = forward(w, t), kl[SEGMENTS], *to[SEGMENTS];

	for (size_t i = 0; i < t->n; i++)
		to[i] = t->s[i].logp ? &kl[i] : NULL;
	assert_null(lm_forward_keep(reference->e, reference->t, other->s, other->n, NULL));
	lm_divergence(w->e, w->t, reference->t, to);
	for (size_t i = 0; i < t->n; i++)
		sum += to[i] ? kl[i] * cos((double)i) : 0;
	return sum;
}

static void test_divergence(void **state)
{
	static const char *const names[] = { "llama", "gpt2" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const double step = 1e-5;
		struct wide w, reference;
		struct tree t, other;
		double pull[SEGMENTS], zero = 0, *to[SEGMENTS] = { NULL, &zero };

		widen(&w, names[i], 0);
		widen(&reference, names[i], 0);
		make_tree(&t);
		make_tree(&other);
		for (size_t k = 0; k < t.n; k++)
			pull[k] = cos((double)k);
		/* Of equal models it is 0, and else above. */
		forward_beside(&w, &reference, &t, &other);
		lm_divergence(w.e, w.t, reference.t, to);
		assert_true(fabs(zero) < 1e-12);
		for (size_t k = 0; k < w.numbers; k++)
			reference.memory[k] *= 1.2;
		forward_beside(&w, &reference, &t, &other);
		lm_divergence(w.e, w.t, reference.t, to);
		assert_true(zero > 1e-3);
		lm_pull(w.t, reference.t, pull);
		lm_backward(w.e, w.t, t.slopes, &(struct lm_slopes){ w.slopes, NULL });
		for (size_t m = 0; m < w.n; m++) {
			const struct lm_slopes all = { w.slopes, NULL };
			const double *slope = lm_slope(&all, w.m, w.all[m]);
			const size_t n = (size_t)w.all[m]->rows * w.all[m]->cols;
			double *was = xcalloc(n, sizeof *was), said = 0, sum[2];

			memcpy(was, w.all[m]->f, n * sizeof *was);
			for (int up = 0; up < 2; up++) {
				struct rng r = rng_for(4, "divergence", m);

				said = 0;
				for (size_t k = 0; k < n; k++) {
					const double along = rng_normal(&r);

					w.all[m]->f[k] = was[k] + (up ? step : -step) * along;
					said += along * slope[k];
				}
				sum[up] = forward_beside(&w, &reference, &t, &other);
			}
			NEAR(said, (sum[1] - sum[0]) / (2 * step), 1e-6 * (1 + fabs(said)));
			assert_true(said != 0);
			memcpy(w.all[m]->f, was, n * sizeof *was);
			free(was);
		}
		narrow(&w);
		narrow(&reference);
	}
}

/* Reward models of one score, and of several; lm_forward() says the same scores. */
static void test_scores(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tiny_kinds); i++) {
		struct wide w;
		struct tree t, other;

		widen(&w, tiny_kinds[i].name, i % 2 ? 1 : SCORES);
		make_scored_tree(&t);
		make_scored_tree(&other);
		check_all(&w, &t);
		assert_null(lm_forward(w.e, other.s, other.n));
		forward(&w, &t);
		for (size_t k = 0; k < t.n; k++)
			for (size_t s = 0; t.s[k].score && s < w.m->score.rows; s++)
				NEAR(t.score[k][s], other.score[k][s], 1e-12);
		/* The empty segment 8 ends where segment 5 does. */
		assert_true(t.score[8][0] == t.score[5][0] && t.score[8][0] != t.score[6][0]);
		narrow(&w);
	}
}

/* Adapters below a head that is learned whole. */
static void test_scored_adapters(void **state)
{
	struct wide w;
	struct tree t;
	struct lm_lora *l;

	(void)state;
	widen(&w, "llama", 1);
	make_scored_tree(&t);
	l = lora_new(w.m, 2, 6, 127, 1);
	assert_memory_equal(l->score.f, w.m->score.f, TINY_DIM * sizeof(double));
	for (size_t k = 0; k < l->v[0].b.rows * 2; k++)
		l->v[0].b.f[k] = 0.1;
	lora_merge(l, NULL);
	backward(&w, &t, l, false);
	check(&w, &t, l->score.f, l->dscore, TINY_DIM, l, "score");
	check(&w, &t, l->v[0].a.f, l->v[0].da, 2 * TINY_DIM, l, "q");
	lora_free(l);
	narrow(&w);
}

/* Segments longer than a tile of attention. */
static void test_long(void **state)
{
	struct wide w;
	struct tree t = { .n = 0 };

	(void)state;
	widen(&w, "llama3", 0);
	w.m->config.context = 2 * LONGEST;
	grow(&t, 150, -1, 140, true);
	grow(&t, 70, 0, 60, true);
	grow(&t, 3, 0, 0, true);
	check_all(&w, &t);
	narrow(&w);
}

static void test_adapters(void **state)
{
	static const struct {
		const char *model;
		int targets;
	} cases[] = {
		{ "llama", 127 }, { "llama3", LORA_Q | LORA_V }, { "qwen2", LORA_K | LORA_GATE | LORA_DOWN }, { "gpt2", 127 },
		{ "gpt2", LORA_V }, { "linear", LORA_O | LORA_UP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wide w;
		struct tree t;
		struct lm_lora *l;
		struct rng r = { 5, 0 };
		double before;

		widen(&w, cases[i].model, 0);
		make_tree(&t);
		l = lora_new(w.m, 3, 6, cases[i].targets, 1);
		before = forward(&w, &t);
		lora_merge(l, NULL);
		assert_true(forward(&w, &t) == before);		/* B is 0 */
		for (size_t k = 0; k < l->n; k++)
			for (size_t b = 0; b < l->v[k].b.rows * 3; b++)
				l->v[k].b.f[b] = 0.1 * rng_normal(&r);
		lora_merge(l, NULL);
		assert_true(forward(&w, &t) != before);
		backward(&w, &t, l, true);
		for (size_t k = 0; k < l->n; k++) {
			const struct lm_adapter *x = &l->v[k];
			const struct lm_slopes to = { w.slopes, NULL };
			const double *whole = lm_slope(&to, w.m, x->w) + (size_t)x->row * x->w->cols;

			check(&w, &t, x->a.f, x->da, 3 * x->a.cols, l, lora_name(x->target));
			check(&w, &t, x->b.f, x->db, 3 * x->b.rows, l, lora_name(x->target));
			/* What full fine-tuning would change, seen through A: alpha / rank dW A^T. */
			for (size_t b = 0; b < x->b.rows * 3; b++) {
				double sum = 0;

				for (size_t c = 0; c < x->w->cols; c++)
					sum += whole[b / 3 * x->w->cols + c] * x->a.f[b % 3 * x->w->cols + c];
				NEAR(x->db[b], 2 * sum, 1e-10);
			}
		}
		/* Alone, the adapters' gradients are the same. */
		double *both = xcalloc(l->floats, sizeof *both);

		memcpy(both, l->slopes, l->floats * sizeof *both);
		memset(l->slopes, 0, l->floats * sizeof *both);
		backward(&w, &t, l, false);
		assert_memory_equal(both, l->slopes, l->floats * sizeof *both);
		free(both);
		lora_free(l);
		narrow(&w);
	}
}

/* The tree in one pass, and each path from a root to a token's segment as a pass of its own: the same sums. */
static void test_shared(void **state)
{
	static const char *const names[] = { "llama", "gpt2" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct wide w;
		struct tree t, one;
		double *together;

		widen(&w, names[i], 0);
		make_tree(&t);
		backward(&w, &t, NULL, true);
		together = xcalloc(w.numbers, sizeof *together);
		memcpy(together, w.slopes, w.numbers * sizeof *together);
		memset(w.slopes, 0, w.numbers * sizeof *together);
		for (size_t k = 0; k < t.n; k++) {
			long path[SEGMENTS];
			size_t steps = 0, n = 0;

			if (!t.s[k].logp || t.s[k].from == t.s[k].n)
				continue;
			for (long at = (long)k; at >= 0; at = t.s[at].parent)
				path[steps++] = at;
			memset(&one, 0, sizeof one);
			grow(&one, 1, -1, 1, true);
			while (steps-- > 0) {
				one.s[0].from = n + t.s[path[steps]].from;
				memcpy(one.tokens[0] + n, t.tokens[path[steps]], t.s[path[steps]].n * sizeof **one.tokens);
				n += t.s[path[steps]].n;
			}
			one.s[0].n = n;
			memcpy(one.g[0], t.g[k], sizeof *one.g);
			backward(&w, &one, NULL, true);
		}
		for (size_t k = 0; k < w.numbers; k++)
			NEAR(together[k], w.slopes[k], 1e-10);
		free(together);
		narrow(&w);
	}
}

/* lm_forward() and lm_forward_keep() say the same, and the spread is that of the vocabulary. */
static void test_spread(void **state)
{
	struct wide w;
	struct tree t, other;
	struct lm_spread s[12], *to[SEGMENTS] = { NULL, s };
	double sum[TINY_VOCAB], total = 0, entropy = 0, square = 0;
	double logits[TINY_VOCAB];

	(void)state;
	widen(&w, "llama", 0);
	make_tree(&t);
	make_tree(&other);
	assert_null(lm_forward_keep(w.e, w.t, t.s, t.n, to));
	assert_null(lm_forward(w.e, other.s, other.n));
	for (size_t i = 0; i < t.n; i++)
		for (size_t k = 0; k < LONGEST; k++)
			NEAR(t.logp[i][k], other.logp[i][k], 1e-12);
	assert_null(lm_forward(w.e, &(struct lm_segment){ .tokens = t.tokens[0], .n = 7, .parent = -1, .logits = logits }, 1));
	for (int i = 0; i < TINY_VOCAB; i++)
		total += sum[i] = exp(logits[i]);
	for (int i = 0; i < TINY_VOCAB; i++) {
		entropy -= sum[i] / total * log(sum[i] / total);
		square += sum[i] / total * sum[i] / total;
	}
	NEAR(s[0].entropy, entropy, 1e-12);
	NEAR(s[0].square, log(square), 1e-12);
	assert_int_equal(s[0].likeliest, lm_argmax(logits, TINY_VOCAB) == t.tokens[1][0]);
	assert_string_equal(lm_forward_keep(w.e, w.t, &(struct lm_segment){ .tokens = (int32_t[]){ 1, TINY_VOCAB }, .n = 2,
		.parent = -1 }, 1, NULL), "a token that the model does not have");
	narrow(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full), cmocka_unit_test(test_long), cmocka_unit_test(test_adapters),
		cmocka_unit_test(test_shared), cmocka_unit_test(test_spread), cmocka_unit_test(test_scores),
		cmocka_unit_test(test_scored_adapters), cmocka_unit_test(test_divergence),
	};

	return cmocka_run_group_tests(tests, make_models, remove_models);
}
