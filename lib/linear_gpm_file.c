/* linear_gpm_file - the file of a general preference model
 *
 * Little-endian, nothing aligned:
 *
 *	8	"PREFGPM\n"
 *	4 4	version of the format, of the features
 *	4 4 4 4	bits, dimensions, number of dense features, epochs
 *	8 x 4	seed, pairs, held-out pairs, number of grams
 *	8 x 3	temperature, held-out accuracy, held-out loss
 *	4 x ..	the constant's weights, those of the dense features, then of each gram its index and its weights
 *	8	XXH3-64 of all before
 */
#include "linear_bytes.h"
#include "linear_gpm.h"

#include <stdlib.h>

enum { VERSION = 1, HEAD = 8 + 6 * 4 + 4 * 8 + 3 * 8 };

static const char magic[8] = "PREFGPM\n";

static bool is_used(const struct gpm_model *m, size_t gram)
{
	const float *w = m->w + (1 + LINEAR_DENSE + gram) * (size_t)m->dims;

	for (int k = 0; k < m->dims; k++)
		if (w[k] != 0)
			return true;
	return false;
}

void gpm_put(const struct gpm_model *m, struct buf *b)
{
	const size_t size = (size_t)1 << m->bits, dims = (size_t)m->dims, from = b->n;
	uint64_t used = 0;

	for (size_t i = 0; i < size; i++)
		used += is_used(m, i);
	put_begin(b, magic, VERSION);
	put(b, (uint64_t)m->bits, 4);
	put(b, dims, 4);
	put(b, LINEAR_DENSE, 4);
	put(b, m->epochs, 4);
	put(b, m->seed, 8);
	put(b, m->pairs, 8);
	put(b, m->held, 8);
	put(b, used, 8);
	put_double(b, m->temperature);
	put_double(b, m->held_accuracy);
	put_double(b, m->held_loss);
	for (size_t i = 0; i < (1 + LINEAR_DENSE) * dims; i++)
		put_float(b, m->w[i]);
	for (size_t i = 0; i < size; i++) {
		if (!is_used(m, i))
			continue;
		put(b, i, 4);
		for (size_t k = 0; k < dims; k++)
			put_float(b, m->w[(1 + LINEAR_DENSE + i) * dims + k]);
	}
	put_end(b, from);
}

const char *gpm_get(struct gpm_model *m, struct span bytes)
{
	const char *p, *why;
	uint64_t n, dims, next = 0;
	bool finite = true, any = true, ordered = true;

	*m = (struct gpm_model){ 0 };
	why = get_begin(bytes, magic, VERSION, HEAD, "not a general preference model of pref-train linear", &p);
	if (why)
		return why;
	m->bits = (int)get(&p, 4);
	dims = get(&p, 4);
	if (m->bits < LINEAR_BITS_MIN || m->bits > LINEAR_BITS_MAX || dims < 2 || dims > GPM_DIMS_MAX || dims % 2 ||
	    get(&p, 4) != LINEAR_DENSE)
		return "the model's sizes are wrong";
	m->dims = (int)dims;
	m->epochs = (uint32_t)get(&p, 4);
	m->seed = get(&p, 8);
	m->pairs = get(&p, 8);
	m->held = get(&p, 8);
	n = get(&p, 8);
	if (n > (uint64_t)1 << m->bits || bytes.n != HEAD + 4 * (1 + LINEAR_DENSE) * dims + n * 4 * (1 + dims) + 8)
		return "the model's length is wrong";
	m->temperature = get_double(&p, &finite);
	m->held_accuracy = get_double(&p, &any);	/* NaN where nothing was held out */
	m->held_loss = get_double(&p, &any);
	m->w = xcalloc((1 + LINEAR_DENSE + ((size_t)1 << m->bits)) * dims, sizeof *m->w);
	for (size_t i = 0; i < (1 + LINEAR_DENSE) * dims; i++)
		m->w[i] = get_float(&p, &finite);
	for (uint64_t k = 0; ordered && k < n; k++) {
		const uint64_t i = get(&p, 4);

		ordered = i >= next && i >> m->bits == 0;
		next = i + 1;
		for (size_t j = 0; ordered && j < dims; j++)
			m->w[(1 + LINEAR_DENSE + i) * dims + j] = get_float(&p, &finite);
	}
	if (ordered && finite && m->temperature > 0)
		return NULL;
	gpm_model_free(m);
	return ordered ? "the model holds a weight that is no number" : "the model's grams are out of order";
}
