/* model - opening, and numbers expanded from the file's format */
#include "lm/model.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "lm/build.h"
#include "lm/peft.h"
#include "lm/sgemm.h"
#include "lm/work.h"

/* ---- rows ---- */

/* Where row r of our order lies in the file's. */
static size_t row_in_file(const struct lm_part *p, size_t r)
{
	size_t size, half;

	if (!p->heads)
		return r;
	size = p->rows / p->heads;
	half = r % size / (size / 2);
	return r / size * size + 2 * (r % (size / 2)) + half;
}

/* The same of a matrix that lies as [cols][rows]. */
static void expand_transposed(const struct lm_part *p, size_t cols, size_t from, size_t n, float *to)
{
	const struct quant_type *q = quant_type(p->type);
	float column[64];

	for (size_t r = 0; r < n; r += COUNT(column)) {
		const size_t some = n - r < COUNT(column) ? n - r : COUNT(column);

		for (size_t c = 0; c < cols; c++) {
			quant_expand(p->type, p->data + (c * p->rows + from + r) * q->bytes, some, column);
			for (size_t i = 0; i < some; i++)
				to[(r + i) * cols + c] = column[i];
		}
	}
}

static void expand_part(const struct lm_part *p, size_t cols, size_t from, size_t n, float *to)
{
	const struct quant_type *q = quant_type(p->type);
	const size_t bytes = cols / q->values * q->bytes;

	if (p->transposed)
		expand_transposed(p, cols, from, n, to);
	else if (p->heads)
		for (size_t r = 0; r < n; r++)
			quant_expand(p->type, p->data + row_in_file(p, from + r) * bytes, cols, to + r * cols);
	else
		quant_expand(p->type, p->data + from * bytes, n * cols, to);
}

void lm_matrix_rows(const struct lm_matrix *m, size_t from, size_t n, float *to)
{
	if (m->f) {
		memcpy(to, m->f + from * m->cols, n * m->cols * sizeof *to);
		return;
	}
	if (m->h) {
		quant_expand(QUANT_BF16, m->h + from * m->cols, n * m->cols, to);
		return;
	}
	for (int i = 0; i < m->parts && n > 0; i++) {
		const struct lm_part *p = &m->part[i];
		const size_t some = from >= p->rows ? 0 : n < p->rows - from ? n : p->rows - from;

		if (some)
			expand_part(p, m->cols, from, some, to);
		to += some * m->cols;
		n -= some;
		from = from + some > p->rows ? from - p->rows : 0;
	}
}

/* ---- expanding ---- */

enum { EXPAND_ROWS = 128 };		/* rows of one task */

struct expansion {
	struct lm_matrix **v;		/* matrices to be expanded */
	size_t *first;			/* number of the first task of each */
	size_t n;
	struct work *pool;
};

size_t lm_matrices(struct lm_model *m, struct lm_matrix **v)
{
	size_t n = 0;
	struct lm_matrix *top[] = { &m->embed, &m->positions, &m->norm, &m->norm_bias, m->config.tied ? NULL : &m->head, &m->score };

	for (size_t i = 0; i < COUNT(top); i++)
		if (top[i] && top[i]->rows) {
			if (v)
				v[n] = top[i];
			n++;
		}
	for (uint32_t k = 0; k < m->config.layers; k++) {
		struct lm_matrix *x = (struct lm_matrix *)&m->layer[k];

		_Static_assert(sizeof *m->layer % sizeof *x == 0, "a layer is nothing but matrices");
		for (size_t i = 0; i < sizeof *m->layer / sizeof *x; i++)
			if (x[i].rows) {
				if (v)
					v[n] = &x[i];
				n++;
			}
	}
	return n;
}

static void expand_task(void *arg, size_t task, int thread)
{
	const struct expansion *x = arg;
	size_t i = 0, from, n;

	for (size_t end = x->n; end - i > 1; ) {
		const size_t mid = i + (end - i) / 2;

		if (x->first[mid] <= task)
			i = mid;
		else
			end = mid;
	}
	struct lm_matrix file = *x->v[i];

	file.f = NULL;
	file.h = NULL;
	from = (task - x->first[i]) * EXPAND_ROWS;
	n = file.rows - from < EXPAND_ROWS ? file.rows - from : EXPAND_ROWS;
	if (x->v[i]->h) {
		float *rows = work_scratch(x->pool, thread, n * file.cols);

		lm_matrix_rows(&file, from, n, rows);
		sgemm_bf16()->round(x->v[i]->h + from * file.cols, rows, n * file.cols);
		return;
	}
	lm_matrix_rows(&file, from, n, x->v[i]->f + from * file.cols);
}

/* Floats that a matrix takes in memory: a whole number of cache lines. */
static size_t room(const struct lm_matrix *x, bool bf16)
{
	return ((size_t)x->rows * x->cols / (bf16 ? 2 : 1) + 15) / 16 * 16;
}

static bool expand(struct lm_model *m, int flags, int threads, struct lm_error *e)
{
	struct expansion x = { 0 };
	size_t tasks = 0, kept = 0, all = lm_matrices(m, NULL);
	bool *bf16;

	if ((flags & LM_BF16) && (flags & LM_PACKED))
		return lm_fail(e, "weights are either packed or bf16");
	if ((flags & LM_BF16) && !sgemm_bf16())
		return lm_fail(e, "this processor has no products of bf16 (AVX512-BF16)");
	bf16 = xcalloc(all, sizeof *bf16);
	x.v = xcalloc(all, sizeof *x.v);
	x.first = xcalloc(all, sizeof *x.first);
	lm_matrices(m, x.v);
	for (size_t i = 0; i < all; i++) {
		const bool product = x.v[i]->cols > 1 && x.v[i] != &m->positions;

		if ((flags & LM_PACKED) && product)
			continue;
		bf16[x.n] = (flags & LM_BF16) && product && x.v[i] != &m->score && x.v[i]->cols % 2 == 0;
		x.v[x.n] = x.v[i];
		x.first[x.n++] = tasks;
		tasks += (x.v[i]->rows + EXPAND_ROWS - 1) / EXPAND_ROWS;
		kept += room(x.v[i], bf16[x.n - 1]);
	}
	m->bytes = kept * sizeof *m->memory;
	m->memory = pages_new(m->bytes);
	if (!m->memory) {
		lm_fail(e, "no memory for %zu bytes of weights", m->bytes);
	} else {
		for (size_t i = 0, at = 0; i < x.n; at += room(x.v[i], bf16[i]), i++)
			if (bf16[i])
				x.v[i]->h = (uint16_t *)(void *)(m->memory + at);
			else
				x.v[i]->f = m->memory + at;
		x.pool = work_new(threads);
		work_run(x.pool, tasks, expand_task, &x);
		work_free(x.pool);
		if (m->config.tied)
			m->head = m->embed;
	}
	free(x.v);
	free(x.first);
	free(bf16);
	return m->memory != NULL;
}

/* ---- opening ---- */

void lm_add_map(struct lm_model *m, struct span file)
{
	m->map = xreallocarray(m->map, m->maps + 1, sizeof *m->map);
	m->map[m->maps++] = file;
}

bool lm_read_bytes(struct lm_model *m, struct span file, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e)
{
	if (span_starts(file, S("GGUF")))
		return lm_read_gguf(m, file, t, names, e);
	return lm_read_llama2c(m, file, t, names, e);
}

static bool read_file(struct lm_model *m, const char *path, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e)
{
	struct span file;

	if (!lm_map(path, &file, e))
		return false;
	lm_add_map(m, file);
	return lm_read_bytes(m, file, t, names, e);
}

/* The model without an adapter, or with what is there of a's. */
static struct lm_model *open_base(const char *path, int flags, int threads, const struct peft *a, struct lm_error *e)
{
	struct lm_model *m = xcalloc(1, sizeof *m);
	struct lm_tensors t = { 0 };
	const struct lm_names *names = NULL;
	struct stat st;
	bool ok;

	m->config.pad = -1;
	m->source = xstrdup(path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		ok = lm_read_folder(m, path, &t, &names, e);
	else
		ok = read_file(m, path, &t, &names, e);
	ok = ok && lm_build(m, &t, names, (uint32_t)flags >> 8, e) && peft_head(a, m, e) && expand(m, flags, threads, e);
	lm_tensors_free(&t);
	if (ok)
		return m;
	lm_free(m);
	return NULL;
}

struct lm_model *lm_open(const char *path, int flags, int threads, struct lm_error *e)
{
	struct peft a = { 0 };
	struct lm_model *m = NULL;

	if (peft_find(path, &a, e)) {
		if (a.folder && (flags & LM_PACKED))
			lm_fail(e, "an adapter cannot be added to weights that stay as they are in the file");
		else if (a.folder && (flags & LM_BF16))
			lm_fail(e, "an adapter cannot be added to weights in bf16");
		else
			m = open_base(a.base, a.scores && flags < LM_SCORES(1) ? flags | (int)LM_SCORES(a.scores) : flags, threads, &a, e);
	}
	if (m && a.folder && !peft_merge(&a, m, threads, e)) {
		lm_free(m);
		m = NULL;
	}
	if (m && m->score.rows && flags < LM_REWARDS) {
		lm_fail(e, "is a reward model, which gives no probabilities");
		lm_free(m);
		m = NULL;
	}
	peft_free(&a);
	return m;
}

size_t lm_unfilled(const struct lm_model *m, const int32_t *tokens, size_t n)
{
	while (n > 0 && tokens[n - 1] == m->config.pad)
		n--;
	return n;
}

uint64_t lm_parameters(struct lm_model *m)
{
	struct lm_matrix **v = xcalloc(lm_matrices(m, NULL), sizeof *v);
	const size_t n = lm_matrices(m, v);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)v[i]->rows * v[i]->cols;
	free(v);
	return sum;
}

void lm_free(struct lm_model *m)
{
	if (!m)
		return;
	pages_free(m->memory, m->bytes);
	for (size_t i = 0; i < m->maps; i++)
		lm_unmap(m->map[i]);
	free(m->map);
	free(m->merged);
	free(m->source);
	free(m->adapter);
	free(m->layer);
	free(m->inverse_freq);
	free(m);
}
