/* gguf - any bytes as a model of one file, GGUF or llama2.c: tensors lie in it, and a model that is accepted can be read
 *
 * First and last row of every matrix of the model are expanded.
 */
#include "fuzz.h"
#include "lm/build.h"

#include <stdlib.h>

static void read_matrix(const struct lm_matrix *x)
{
	uint64_t rows = 0;
	float *row;

	for (int i = 0; i < x->parts; i++)
		rows += x->part[i].rows;
	LAW(rows == x->rows && (x->rows == 0) == (x->parts == 0));
	if (x->rows == 0)
		return;
	row = xreallocarray(NULL, x->cols, sizeof *row);
	lm_matrix_rows(x, 0, 1, row);
	lm_matrix_rows(x, x->rows - 1, 1, row);
	free(row);
}

static void read_model(const struct lm_model *m)
{
	read_matrix(&m->embed);
	read_matrix(&m->positions);
	read_matrix(&m->norm);
	read_matrix(&m->norm_bias);
	read_matrix(&m->head);
	read_matrix(&m->score);
	for (uint32_t i = 0; i < m->config.layers; i++)
		for (size_t k = 0; k < sizeof *m->layer / sizeof m->embed; k++)
			read_matrix((const struct lm_matrix *)&m->layer[i] + k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lm_model *m = xcalloc(1, sizeof *m);
	struct lm_tensors t = { 0 };
	struct lm_error e = { .text = "" };
	const struct lm_names *names = NULL;
	const bool read = lm_read_bytes(m, (struct span){ (const char *)data, size }, &t, &names, &e);

	for (size_t i = 0; i < t.n; i++) {
		const struct span x = t.v[i].data;

		LAW(x.n == 0 || ((const uint8_t *)x.p >= data && (const uint8_t *)x.p + x.n <= data + size));
	}
	if (read && lm_build(m, &t, names, 0, &e))
		read_model(m);
	else
		LAW(e.text[0]);
	lm_tensors_free(&t);
	lm_free(m);
	return 0;
}
