/* gguf_meta - any bytes as a GGUF file: what is handed out lies in it, and every element can be read */
#include "fuzz.h"
#include "lm/gguf_meta.h"

static bool inside(struct span part, const uint8_t *data, size_t size)
{
	const uint8_t *p = (const uint8_t *)part.p;

	return part.n == 0 || (p >= data && p + part.n <= data + size);
}

static void read_value(const struct gguf_value *v, const uint8_t *data, size_t size)
{
	struct span text;
	size_t at = 0, n = 0;
	int64_t whole;
	double x;

	LAW(inside(v->raw, data, size));
	while (gguf_next_text(v, &at, &text)) {
		LAW(inside(text, data, size));
		n++;
	}
	LAW(n == (v->type == GGUF_STRING ? v->n : 0));
	for (uint64_t i = 0; v->type != GGUF_STRING && i < v->n; i++)
		LAW(!gguf_element_whole(v, i, &whole) || gguf_element_number(v, i, &x));
	LAW(!gguf_element_whole(v, v->n, &whole) && !gguf_element_number(v, v->n, &x));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gguf_meta m;
	struct lm_error e;

	if (!gguf_meta_read((struct span){ (const char *)data, size }, &m, &e))
		return 0;
	LAW(m.end <= size);
	for (size_t i = 0; i < m.n; i++) {
		LAW(inside(m.v[i].key, data, size));
		read_value(&m.v[i].value, data, size);
	}
	LAW(!gguf_meta_find(&m, "no such key of a committed file"));
	gguf_meta_free(&m);
	return 0;
}
