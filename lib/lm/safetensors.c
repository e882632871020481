/* safetensors - headers checked in full before anything of them is used; files written whole */
#include "lm/safetensors.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "scan.h"

enum { HEADER_MOST = 100 << 20 };

static const struct dtype {
	const char *name;
	unsigned bytes;
	int quant;			/* -1: not read */
} dtypes[] = {
	{ "F32", 4, QUANT_F32 }, { "F16", 2, QUANT_F16 }, { "BF16", 2, QUANT_BF16 }, { "F64", 8, -1 }, { "I64", 8, -1 },
	{ "U64", 8, -1 }, { "I32", 4, -1 }, { "U32", 4, -1 }, { "I16", 2, -1 }, { "U16", 2, -1 }, { "I8", 1, -1 },
	{ "U8", 1, -1 }, { "BOOL", 1, -1 }, { "F8_E4M3", 1, -1 }, { "F8_E5M2", 1, -1 },
};

/* ---- reading ---- */

struct extent {
	uint64_t from, to;
};

struct reader {
	struct span data;		/* behind the header */
	struct lm_tensors *t;
	struct lm_error *e;
	struct extent *extent;
	size_t n, room;
};

/* A whole number that a double holds exactly. */
static bool whole(struct value v, uint64_t *to)
{
	double x;

	if (!json_number(v, &x) || x < 0 || x > 0x1p53 || x != floor(x))
		return false;
	*to = (uint64_t)x;
	return true;
}

/* Elements of an array of whole numbers into to[most]; their number, or -1. */
static int wholes(struct value array, uint64_t *to, int most)
{
	struct scan_iter it = scan_open(array);
	struct member m;
	int n = 0;

	if (array.kind != JSON_ARRAY)
		return -1;
	while (scan_next(&it, &m))
		if (n == most || !whole(m.val, &to[n++]))
			return -1;
	return n;
}

static const struct dtype *dtype_of(struct span name)
{
	for (size_t i = 0; i < COUNT(dtypes); i++)
		if (span_eq(span_of(dtypes[i].name), name))
			return &dtypes[i];
	return NULL;
}

static bool read_entry(struct reader *r, struct span name, struct value v)
{
	uint64_t shape[8], at[2], bytes;
	const struct dtype *d = dtype_of(json_text(scan_member(v, S("dtype")), &r->t->names));
	const int dims = wholes(scan_member(v, S("shape")), shape, COUNT(shape));
	struct lm_tensor x = { .name = name, .dims = 1, .dim = { 1 } };

	if (v.kind != JSON_OBJECT || !d || dims < 0 || wholes(scan_member(v, S("data_offsets")), at, 2) != 2)
		return lm_fail(r->e, "tensor %.*s: dtype, shape or data_offsets are not right", ARG(name));
	bytes = d->bytes;
	for (int i = 0; i < dims; i++)
		if (__builtin_mul_overflow(bytes, shape[i], &bytes))
			return lm_fail(r->e, "tensor %.*s: impossible shape", ARG(name));
	if (at[0] > at[1] || at[1] > r->data.n || at[1] - at[0] != bytes)
		return lm_fail(r->e, "tensor %.*s: data_offsets do not fit its shape or the file", ARG(name));
	GROW(r->extent, r->n, r->room);
	r->extent[r->n++] = (struct extent){ at[0], at[1] };
	if (d->quant < 0 || dims > (int)COUNT(x.dim))
		return true;
	x.type = (enum quant)d->quant;
	if (dims > 0)
		x.dims = (uint32_t)dims;
	memcpy(x.dim, dims > 0 ? shape : x.dim, x.dims * sizeof *x.dim);
	return lm_tensors_add(r->t, x, r->data.p + at[0], (size_t)bytes, r->e);
}

static int by_place(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static bool without_holes(struct reader *r)
{
	uint64_t at = 0;

	if (r->n)
		qsort(r->extent, r->n, sizeof *r->extent, by_place);
	for (size_t i = 0; i < r->n; i++) {
		if (r->extent[i].from != at)
			return lm_fail(r->e, "data of tensors overlaps or has holes");
		at = r->extent[i].to;
	}
	return at == r->data.n || lm_fail(r->e, "data goes on behind the last tensor");
}

bool safetensors_read(struct span file, struct lm_tensors *t, struct lm_error *e)
{
	struct reader r = { .t = t, .e = e };
	struct scan_index ix = { 0 };
	struct scan_error why;
	struct value top;
	struct span header;
	uint64_t n = 0;
	bool ok = true;

	for (int i = 8; i-- > 0 && file.n >= 8; )
		n = n << 8 | (unsigned char)file.p[i];
	if (file.n < 8 || n > HEADER_MOST || n > file.n - 8 || n < 2 || file.p[8] != '{')
		return lm_fail(e, "is not a safetensors file");
	header = (struct span){ file.p + 8, (size_t)n };
	r.data = span_cut(file, 8 + (size_t)n, file.n);
	if (!scan(header, SCAN_UNIQUE, &ix, &top, &why))
		ok = lm_fail(e, "header: %s at byte %zu", why.why, why.at);
	for (size_t i = 0; ok && i < ix.n; i++) {
		const struct span name = json_unescape(ix.v[i].key, &t->names);

		if (!span_eq(name, S("__metadata__")))
			ok = read_entry(&r, name, ix.v[i].val);
	}
	ok = ok && without_holes(&r);
	scan_index_free(&ix);
	free(r.extent);
	return ok;
}

/* ---- writing ---- */

FILE *safetensors_begin(const char *path, char **temporary, struct lm_error *e)
{
	FILE *f;

	*temporary = xasprintf("%s.tmp", path);
	f = fopen(*temporary, "w");
	if (!f)
		lm_fail(e, "cannot write %s: %s", *temporary, strerror(errno));
	return f;
}

bool safetensors_finish(FILE *f, const char *path, char *temporary, struct lm_error *e)
{
	bool ok = f != NULL;

	if (f) {
		ok = !ferror(f) && fflush(f) == 0 && fsync(fileno(f)) == 0;
		ok = fclose(f) == 0 && ok;
		ok = ok && rename(temporary, path) == 0;
		if (!ok) {
			lm_fail(e, "cannot write %s: %s", path, strerror(errno));
			unlink(temporary);
		}
	}
	free(temporary);
	return ok;
}

static void put(FILE *f, struct span s)
{
	if (s.n)
		fwrite(s.p, 1, s.n, f);
}

bool safetensors_write_file(const char *path, struct span text, struct lm_error *e)
{
	char *temporary;
	FILE *f = safetensors_begin(path, &temporary, e);

	if (f)
		put(f, text);
	return safetensors_finish(f, path, temporary, e);
}

static const char *dtype_name(enum quant type)
{
	for (size_t i = 0; i < COUNT(dtypes); i++)
		if (dtypes[i].quant == (int)type)
			return dtypes[i].name;
	return NULL;
}

/* The header of n tensors, its length before it; padded with blanks so that data begins at a multiple of 8. */
static void put_header(struct buf *b, const struct lm_tensor *v, size_t n)
{
	uint64_t at = 0, length;

	buf_add(b, (struct span){ "\0\0\0\0\0\0\0\0", 8 });
	buf_adds(b, "{\"__metadata__\":{\"format\":\"pt\"}");
	for (size_t i = 0; i < n; i++) {
		buf_addc(b, ',');
		json_put_text(b, v[i].name);
		buf_addf(b, ":{\"dtype\":\"%s\",\"shape\":[", dtype_name(v[i].type));
		for (uint32_t d = 0; d < v[i].dims; d++)
			buf_addf(b, "%s%llu", d ? "," : "", (unsigned long long)v[i].dim[d]);
		buf_addf(b, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)at, (unsigned long long)(at + v[i].data.n));
		at += v[i].data.n;
	}
	buf_addc(b, '}');
	while (b->n % 8)
		buf_addc(b, ' ');
	length = b->n - 8;
	for (int i = 0; i < 8; i++)
		b->p[i] = (char)(length >> 8 * i);
}

static bool write_shard(const char *path, const struct lm_tensor *v, size_t n, struct lm_error *e)
{
	struct buf head = { 0 };
	char *temporary;
	FILE *f = safetensors_begin(path, &temporary, e);

	put_header(&head, v, n);
	if (f)
		put(f, buf_span(&head));
	for (size_t i = 0; f && i < n; i++)
		put(f, v[i].data);
	buf_free(&head);
	return safetensors_finish(f, path, temporary, e);
}

/* Tensors from `from` on that share a file. */
static size_t shard_end(const struct lm_tensors *t, size_t from, uint64_t most)
{
	uint64_t bytes = t->v[from].data.n;
	size_t end = from + 1;

	while (end < t->n && t->v[end].data.n <= most && bytes <= most - t->v[end].data.n)
		bytes += t->v[end++].data.n;
	return end;
}

static bool types_known(const struct lm_tensors *t, struct lm_error *e)
{
	for (size_t i = 0; i < t->n; i++)
		if (!dtype_name(t->v[i].type))
			return lm_fail(e, "tensor %.*s: no type of safetensors", ARG(t->v[i].name));
	return true;
}

bool safetensors_write_one(const char *path, const struct lm_tensors *t, struct lm_error *e)
{
	return types_known(t, e) && write_shard(path, t->v, t->n, e);
}

bool safetensors_write(const char *folder, const struct lm_tensors *t, uint64_t shard_bytes, struct lm_error *e)
{
	struct buf index = { 0 };
	uint64_t total = 0;
	size_t shards = 0, shard = 0;
	bool ok = true;
	char *path;

	if (!types_known(t, e))
		return false;
	for (size_t i = 0; i < t->n; i++)
		total += t->v[i].data.n;
	for (size_t i = 0; i < t->n; i = shard_end(t, i, shard_bytes))
		shards++;
	buf_addf(&index, "{\"metadata\":{\"total_size\":%llu},\"weight_map\":{", (unsigned long long)total);
	for (size_t i = 0, end; ok && i < t->n; i = end) {
		char name[64];

		end = shard_end(t, i, shard_bytes);
		snprintf(name, sizeof name, shards == 1 ? "model.safetensors" : "model-%05zu-of-%05zu.safetensors", ++shard, shards);
		for (size_t k = i; k < end; k++) {
			buf_adds(&index, k ? "," : "");
			json_put_text(&index, t->v[k].name);
			buf_addf(&index, ":\"%s\"", name);
		}
		path = xasprintf("%s/%s", folder, name);
		ok = write_shard(path, t->v + i, end - i, e);
		free(path);
	}
	buf_adds(&index, "}}\n");
	path = xasprintf("%s/model.safetensors.index.json", folder);
	if (ok && shards > 1)
		ok = safetensors_write_file(path, buf_span(&index), e);
	free(path);
	buf_free(&index);
	return ok;
}
