/* linear_file - the model file
 *
 * Little-endian, nothing aligned:
 *
 *	8	"PREFLIN\n"
 *	4 4	version of the format, of the features
 *	4 4 4 4	bits; numbers of dense features, crossed ones, classes
 *	4 4 4 4	epochs, loss, form, 0; form 0: index and weight of each gram that is not 0,
 *		form 1: 2^bits weights
 *	8 8 8 8	seed, pairs, held-out pairs, number of weights of grams
 *	8 x 5	flip rate or smoothing, l2, temperature, held-out accuracy, held-out loss
 *	4 x ..	dense weights, crossed weights (feature by feature), then by form
 *	8	XXH3-64 of all before
 */
#include "linear_bytes.h"

#include <stdlib.h>

enum { VERSION = 1, HEAD = 8 + 10 * 4 + 4 * 8 + 5 * 8 };

static const char magic[8] = "PREFLIN\n";

/* ---- writing ---- */

void linear_put(const struct linear_model *m, struct buf *b)
{
	size_t size = (size_t)1 << m->bits, used = 0, from = b->n;
	bool full;

	for (size_t i = 0; i < size; i++)
		used += m->grams[i] != 0;
	full = 2 * used > size;
	put_begin(b, magic, VERSION);
	put(b, (uint64_t)m->bits, 4);
	put(b, LINEAR_DENSE, 4);
	put(b, LINEAR_CROSSED, 4);
	put(b, LINEAR_CLASSES, 4);
	put(b, m->epochs, 4);
	put(b, m->loss, 4);
	put(b, full, 4);
	put(b, 0, 4);
	put(b, m->seed, 8);
	put(b, m->pairs, 8);
	put(b, m->held, 8);
	put(b, full ? size : used, 8);
	put_double(b, m->e);
	put_double(b, m->l2);
	put_double(b, m->temperature);
	put_double(b, m->held_accuracy);
	put_double(b, m->held_loss);
	for (int i = 0; i < LINEAR_DENSE; i++)
		put_float(b, m->dense[i]);
	for (int i = 0; i < LINEAR_CROSSED; i++)
		for (int k = 0; k < LINEAR_CLASSES; k++)
			put_float(b, m->crossed[i][k]);
	for (size_t i = 0; i < size; i++) {
		if (!full && m->grams[i] == 0)
			continue;
		if (!full)
			put(b, i, 4);
		put_float(b, m->grams[i]);
	}
	put_end(b, from);
}

/* ---- reading ---- */

/* The weights of the grams; false: an index out of order or range. */
static bool get_grams(struct linear_model *m, const char *p, uint64_t n, bool full, bool *finite)
{
	uint64_t next = 0;

	for (uint64_t k = 0; k < n; k++) {
		uint64_t i = full ? k : get(&p, 4);

		if (i < next || i >> m->bits)
			return false;
		next = i + 1;
		m->grams[i] = get_float(&p, finite);
	}
	return true;
}

const char *linear_get(struct linear_model *m, struct span bytes)
{
	const char *p, *why;
	uint64_t n, size, full;
	bool finite = true, any = true;

	*m = (struct linear_model){ 0 };
	why = get_begin(bytes, magic, VERSION, HEAD, "not a model of pref-train linear", &p);
	if (why)
		return why;
	m->bits = (int)get(&p, 4);
	if (m->bits < LINEAR_BITS_MIN || m->bits > LINEAR_BITS_MAX || get(&p, 4) != LINEAR_DENSE ||
	    get(&p, 4) != LINEAR_CROSSED || get(&p, 4) != LINEAR_CLASSES)
		return "the model's sizes are wrong";
	m->epochs = (uint32_t)get(&p, 4);
	m->loss = (uint32_t)get(&p, 4);
	full = get(&p, 4);
	p += 4;
	m->seed = get(&p, 8);
	m->pairs = get(&p, 8);
	m->held = get(&p, 8);
	n = get(&p, 8);
	size = (uint64_t)1 << m->bits;
	if (full > 1 || n > size || (full && n != size) ||
		bytes.n != HEAD + 4 * (LINEAR_DENSE + LINEAR_CROSSED * LINEAR_CLASSES) +
				   n * (full ? 4 : 8) + 8)
		return "the model's length is wrong";
	m->e = get_double(&p, &finite);
	m->l2 = get_double(&p, &finite);
	m->temperature = get_double(&p, &finite);
	m->held_accuracy = get_double(&p, &any);	/* NaN where nothing was held out */
	m->held_loss = get_double(&p, &any);
	for (int i = 0; i < LINEAR_DENSE; i++)
		m->dense[i] = get_float(&p, &finite);
	for (int i = 0; i < LINEAR_CROSSED; i++)
		for (int k = 0; k < LINEAR_CLASSES; k++)
			m->crossed[i][k] = get_float(&p, &finite);
	m->grams = xcalloc(size, sizeof *m->grams);
	if (get_grams(m, p, n, full != 0, &finite) && finite)
		return NULL;
	linear_model_free(m);
	return finite ? "the model's grams are out of order"
		      : "the model holds a weight that is no number";
}
