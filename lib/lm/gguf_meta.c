/* gguf_meta - keys and values of a GGUF file, every length checked */
#include "lm/gguf_meta.h"

#include <stdlib.h>

enum { LEAST_ENTRY = 8 + 4 + 1 };	/* an empty key, a type, one byte */

static const uint8_t size_of[GGUF_TYPES] = {
	[GGUF_U8] = 1, [GGUF_I8] = 1, [GGUF_U16] = 2, [GGUF_I16] = 2, [GGUF_U32] = 4, [GGUF_I32] = 4, [GGUF_F32] = 4,
	[GGUF_BOOL] = 1, [GGUF_U64] = 8, [GGUF_I64] = 8, [GGUF_F64] = 8
};

/* ---- bytes ---- */

static uint64_t little(const char *p, unsigned bytes)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < bytes; i++)
		x |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return x;
}

/* Take a number off the front of s. */
static bool take(struct span *s, unsigned bytes, uint64_t *x)
{
	if (s->n < bytes)
		return false;
	*x = little(s->p, bytes);
	*s = span_cut(*s, bytes, s->n);
	return true;
}

static bool take_text(struct span *s, struct span *text)
{
	uint64_t n;

	if (!take(s, 8, &n) || n > s->n)
		return false;
	*text = span_cut(*s, 0, n);
	*s = span_cut(*s, n, s->n);
	return true;
}

/* ---- reading ---- */

/* The n elements at the front of s. */
static bool take_elements(struct span *s, struct gguf_value *v)
{
	const struct span from = *s;
	struct span text;

	if (v->type == GGUF_STRING) {
		for (uint64_t i = 0; i < v->n; i++)
			if (!take_text(s, &text))
				return false;
	} else {
		if (v->n > s->n / size_of[v->type])
			return false;
		*s = span_cut(*s, v->n * size_of[v->type], s->n);
	}
	v->raw = span_cut(from, 0, from.n - s->n);
	return true;
}

static bool take_value(struct span *s, struct gguf_value *v)
{
	uint64_t type;

	*v = (struct gguf_value){ .n = 1 };
	if (!take(s, 4, &type))
		return false;
	if (type == GGUF_ARRAY) {
		v->array = true;
		if (!take(s, 4, &type) || !take(s, 8, &v->n))
			return false;
	}
	if (type >= GGUF_TYPES || type == GGUF_ARRAY)
		return false;
	v->type = (enum gguf_type)type;
	return take_elements(s, v);
}

static int by_key(const void *a, const void *b)
{
	return span_cmp(((const struct gguf_entry *)a)->key, ((const struct gguf_entry *)b)->key);
}

static bool read_entries(struct gguf_meta *m, uint64_t n, struct span *s, struct lm_error *e)
{
	if (n > s->n / LEAST_ENTRY)
		return lm_fail(e, "says it has %llu keys, and is cut short", (unsigned long long)n);
	m->v = xcalloc(n ? n : 1, sizeof *m->v);
	for (; m->n < n; m->n++) {
		struct gguf_entry *entry = &m->v[m->n];

		if (!take_text(s, &entry->key))
			return lm_fail(e, "is cut short in key %zu", m->n + 1);
		if (!take_value(s, &entry->value))
			return lm_fail(e, "the value of %.*s is cut short or of a type that is not known", ARG(entry->key));
	}
	qsort(m->v, m->n, sizeof *m->v, by_key);
	for (size_t i = 1; i < m->n; i++)
		if (span_eq(m->v[i - 1].key, m->v[i].key))
			return lm_fail(e, "two values of %.*s", ARG(m->v[i].key));
	return true;
}

bool gguf_meta_read(struct span file, struct gguf_meta *m, struct lm_error *e)
{
	struct span s = file;
	uint64_t version, entries;

	*m = (struct gguf_meta){ 0 };
	if (!span_starts(file, S("GGUF")))
		return lm_fail(e, "is no GGUF file");
	s = span_cut(s, 4, s.n);
	if (!take(&s, 4, &version))
		return lm_fail(e, "is cut short");
	if (version != 2 && version != 3)
		return lm_fail(e, "GGUF version %llu%s: only 2 and 3 are read", (unsigned long long)version,
			version > 0xffff ? " (big-endian?)" : "");
	m->version = (uint32_t)version;
	if (!take(&s, 8, &m->tensors) || !take(&s, 8, &entries))
		return lm_fail(e, "is cut short");
	if (!read_entries(m, entries, &s, e)) {
		gguf_meta_free(m);
		return false;
	}
	m->end = file.n - s.n;
	return true;
}

void gguf_meta_free(struct gguf_meta *m)
{
	free(m->v);
	*m = (struct gguf_meta){ 0 };
}

/* ---- values ---- */

const struct gguf_value *gguf_meta_find(const struct gguf_meta *m, const char *key)
{
	const struct gguf_entry want = { .key = span_of(key) };
	const struct gguf_entry *found = m->n ? bsearch(&want, m->v, m->n, sizeof *m->v, by_key) : NULL;

	return found ? &found->value : NULL;
}

static const struct gguf_value *single(const struct gguf_meta *m, const char *key)
{
	const struct gguf_value *v = gguf_meta_find(m, key);

	return v && !v->array ? v : NULL;
}

bool gguf_meta_text(const struct gguf_meta *m, const char *key, struct span *to)
{
	const struct gguf_value *v = single(m, key);
	size_t at = 0;

	return v && gguf_next_text(v, &at, to);
}

bool gguf_meta_whole(const struct gguf_meta *m, const char *key, int64_t *to)
{
	const struct gguf_value *v = single(m, key);

	return v && gguf_element_whole(v, 0, to);
}

bool gguf_meta_number(const struct gguf_meta *m, const char *key, double *to)
{
	const struct gguf_value *v = single(m, key);

	return v && gguf_element_number(v, 0, to);
}

bool gguf_meta_bool(const struct gguf_meta *m, const char *key, bool *to)
{
	const struct gguf_value *v = single(m, key);

	if (!v || v->type != GGUF_BOOL)
		return false;
	*to = v->raw.p[0] != 0;
	return true;
}

bool gguf_next_text(const struct gguf_value *v, size_t *at, struct span *to)
{
	struct span rest = span_cut(v->raw, *at, v->raw.n);

	if (v->type != GGUF_STRING || !take_text(&rest, to))
		return false;
	*at = v->raw.n - rest.n;
	return true;
}

bool gguf_element_whole(const struct gguf_value *v, uint64_t i, int64_t *to)
{
	const unsigned size = size_of[v->type];
	uint64_t x;

	if (i >= v->n || size == 0 || v->type == GGUF_F32 || v->type == GGUF_F64 || v->type == GGUF_BOOL)
		return false;
	x = little(v->raw.p + i * size, size);
	if (v->type == GGUF_U64 && x > INT64_MAX)
		return false;
	if ((v->type == GGUF_I8 || v->type == GGUF_I16 || v->type == GGUF_I32) && x >> (8 * size - 1))
		x |= ~UINT64_C(0) << 8 * size;
	memcpy(to, &x, sizeof x);
	return true;
}

bool gguf_element_number(const struct gguf_value *v, uint64_t i, double *to)
{
	int64_t whole;
	uint32_t bits;
	uint64_t wide;
	float f;

	if (gguf_element_whole(v, i, &whole)) {
		*to = (double)whole;
		return true;
	}
	if (i >= v->n || (v->type != GGUF_F32 && v->type != GGUF_F64))
		return false;
	wide = little(v->raw.p + i * size_of[v->type], size_of[v->type]);
	bits = (uint32_t)wide;
	memcpy(&f, &bits, sizeof f);
	memcpy(to, &wide, sizeof wide);
	if (v->type == GGUF_F32)
		*to = f;
	return true;
}
