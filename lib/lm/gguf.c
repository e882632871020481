/* gguf - descriptions of tensors, each length checked against what is left of the file */
#include "lm/gguf.h"

struct cursor {
	struct span left;
	bool ok;			/* false: it wanted to go beyond the end */
};

static struct span take(struct cursor *c, uint64_t n)
{
	const struct span s = span_cut(c->left, 0, n <= c->left.n ? (size_t)n : 0);

	if (n > c->left.n)
		c->ok = false;
	else
		c->left = span_cut(c->left, (size_t)n, c->left.n);
	return s;
}

static uint64_t integer(struct cursor *c, int bytes)
{
	const struct span s = take(c, (uint64_t)bytes);
	uint64_t x = 0;

	for (size_t i = s.n; i-- > 0; )
		x = x << 8 | (unsigned char)s.p[i];
	return x;
}

/* A description; its offset into *at. */
static bool read_one(struct cursor *c, struct lm_tensor *x, uint64_t *at, struct lm_error *e)
{
	uint64_t type;

	*x = (struct lm_tensor){ .name = take(c, integer(c, 8)) };
	x->dims = (uint32_t)integer(c, 4);
	if (c->ok && (x->dims < 1 || x->dims > COUNT(x->dim)))
		return lm_fail(e, "tensor %.*s: %u dimensions", ARG(x->name), x->dims);
	for (uint32_t i = c->ok ? x->dims : 0; i-- > 0; )
		x->dim[i] = integer(c, 8);
	type = integer(c, 4);
	*at = integer(c, 8);
	if (!c->ok)
		return lm_fail(e, "ends within the descriptions of its tensors");
	if (!quant_type((uint32_t)type))
		return lm_fail(e, "tensor %.*s: type %u cannot be read", ARG(x->name), (unsigned)type);
	x->type = (enum quant)type;
	return true;
}

static bool place(struct lm_tensors *t, struct span data, int64_t alignment, struct lm_tensor x, uint64_t at,
	uint64_t *bytes, struct lm_error *e)
{
	if (at % (uint64_t)alignment || at > data.n)
		return lm_fail(e, "tensor %.*s: offset %llu", ARG(x.name), (unsigned long long)at);
	if (!lm_tensors_add(t, x, data.p + at, data.n - (size_t)at, e))
		return false;
	*bytes += t->v[t->n - 1].data.n;
	return *bytes <= data.n || lm_fail(e, "its tensors are larger than the file");
}

bool gguf_tensors(struct span file, const struct gguf_meta *m, struct lm_tensors *t, struct lm_error *e)
{
	struct cursor c = { span_cut(file, m->end, file.n), true };
	const struct span first = c.left;
	struct lm_tensor x;
	struct span data;
	int64_t alignment = 32;
	uint64_t at, bytes = 0;

	gguf_meta_whole(m, "general.alignment", &alignment);
	if (alignment < 1 || alignment > 1 << 20)
		return lm_fail(e, "general.alignment is %lld", (long long)alignment);
	for (uint64_t i = 0; i < m->tensors; i++)
		if (!read_one(&c, &x, &at, e))
			return false;
	data = span_cut(file, file.n - c.left.n, file.n);
	data = span_cut(data, (size_t)(-(file.n - data.n) % (uint64_t)alignment), data.n);
	/* Once more, now that it is known where data begins. */
	c.left = first;
	for (uint64_t i = 0; i < m->tensors; i++)
		if (!read_one(&c, &x, &at, e) || !place(t, data, alignment, x, at, &bytes, e))
			return false;
	return true;
}
