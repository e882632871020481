/* linear_mixture_file - the file of a mixture of reward models
 *
 * Little-endian, nothing aligned:
 *
 *	8	"PREFMIX\n"
 *	4 4	version of the format, of the features
 *	4 4	models, epochs
 *	8	held-out pairs
 *	8 x 3	temperature, held-out accuracy, held-out loss
 *	8 x k	usage
 *	4 x ..	the gate: of each feature, the weight of each model
 *	k times	8 bytes of length and a file of linear_file.c
 *	8	XXH3-64 of all before
 */
#include "linear_bytes.h"
#include "linear_mixture.h"

#include <stdlib.h>

enum { VERSION = 1, HEAD = 8 + 4 * 4 + 8 + 3 * 8 };

static const char magic[8] = "PREFMIX\n";

void mixture_put(const struct mixture_model *m, struct buf *b)
{
	const size_t from = b->n;

	put_begin(b, magic, VERSION);
	put(b, (uint64_t)m->k, 4);
	put(b, m->epochs, 4);
	put(b, m->held, 8);
	put_double(b, m->temperature);
	put_double(b, m->held_accuracy);
	put_double(b, m->held_loss);
	for (int h = 0; h < m->k; h++)
		put_double(b, m->usage[h]);
	for (size_t i = 0; i < (size_t)MIXTURE_GATE * (size_t)m->k; i++)
		put_float(b, m->gate[i]);
	for (int h = 0; h < m->k; h++) {
		struct buf head = { 0 };

		linear_put(&m->heads[h], &head);
		put(b, head.n, 8);
		buf_add(b, buf_span(&head));
		buf_free(&head);
	}
	put_end(b, from);
}

/* The models, from p to end. */
static const char *get_heads(struct mixture_model *m, int k, const char *p, const char *end)
{
	for (int h = 0; h < k; h++) {
		const char *why;
		uint64_t n;

		if (end - p < 8)
			return "the model is cut short";
		n = get(&p, 8);
		if (n > (uint64_t)(end - p))
			return "the model is cut short";
		why = linear_get(&m->heads[h], (struct span){ p, n });
		if (why)
			return why;
		m->k = h + 1;		/* so many are to be freed */
		p += n;
	}
	return p == end ? NULL : "the model's length is wrong";
}

const char *mixture_get(struct mixture_model *m, struct span bytes)
{
	const char *p, *why;
	bool finite = true, any = true;
	uint64_t k;

	*m = (struct mixture_model){ 0 };
	why = get_begin(bytes, magic, VERSION, HEAD, "not a mixture of pref-train linear", &p);
	if (why)
		return why;
	k = get(&p, 4);
	m->epochs = (uint32_t)get(&p, 4);
	if (k < 1 || k > MIXTURE_MAX || bytes.n < HEAD + k * (8 + 4 * (uint64_t)MIXTURE_GATE) + 8)
		return "the model's sizes are wrong";
	m->held = get(&p, 8);
	m->temperature = get_double(&p, &finite);
	m->held_accuracy = get_double(&p, &any);
	m->held_loss = get_double(&p, &any);
	for (uint64_t h = 0; h < k; h++)
		m->usage[h] = get_double(&p, &finite);
	m->gate = xmalloc((size_t)MIXTURE_GATE * k * sizeof *m->gate);
	for (size_t i = 0; i < (size_t)MIXTURE_GATE * k; i++)
		m->gate[i] = get_float(&p, &finite);
	why = get_heads(m, (int)k, p, bytes.p + bytes.n - 8);
	if (!why && !(finite && m->temperature > 0))
		why = "the model holds a weight that is no number";
	if (why)
		mixture_model_free(m);
	return why;
}
