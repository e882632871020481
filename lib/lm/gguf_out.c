/* gguf_out - keys, values and tensors to a file */
#include "lm/gguf_out.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "lm/safetensors.h"

enum { ALIGNMENT = 32 };

/* ---- keys and values ---- */

static void little(struct buf *b, uint64_t x, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_addc(b, (char)(x >> 8 * i));
}

static void string(struct buf *b, struct span s)
{
	little(b, s.n, 8);
	buf_add(b, s);
}

static void begin(struct gguf_out *o, struct span key, enum gguf_type type)
{
	string(&o->meta, key);
	little(&o->meta, type, 4);
	o->keys++;
}

void gguf_put_value(struct gguf_out *o, struct span key, const struct gguf_value *v)
{
	begin(o, key, v->array ? GGUF_ARRAY : v->type);
	if (v->array) {
		little(&o->meta, v->type, 4);
		little(&o->meta, v->n, 8);
	}
	buf_add(&o->meta, v->raw);
}

void gguf_put_text(struct gguf_out *o, const char *key, struct span text)
{
	begin(o, span_of(key), GGUF_STRING);
	string(&o->meta, text);
}

void gguf_put_whole(struct gguf_out *o, const char *key, uint32_t x)
{
	begin(o, span_of(key), GGUF_U32);
	little(&o->meta, x, 4);
}

void gguf_put_number(struct gguf_out *o, const char *key, double x)
{
	const float f = (float)x;
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	begin(o, span_of(key), GGUF_F32);
	little(&o->meta, bits, 4);
}

void gguf_put_bool(struct gguf_out *o, const char *key, bool x)
{
	begin(o, span_of(key), GGUF_BOOL);
	buf_addc(&o->meta, x);
}

/* ---- tensors ---- */

void gguf_put_tensor(struct gguf_out *o, struct span name, const float *f, uint32_t rows, uint32_t cols, uint32_t heads)
{
	GROW(o->v, o->n, o->room);
	o->v[o->n++] = (struct gguf_tensor){ name, f, rows, cols, heads };
}

static enum quant type_of(const struct gguf_tensor *t, enum quant type)
{
	return t->cols == 1 ? QUANT_F32 : type;
}

static uint64_t bytes_of(const struct gguf_tensor *t, enum quant type)
{
	return (uint64_t)t->rows * t->cols * quant_type(type_of(t, type))->bytes;
}

static uint64_t aligned(uint64_t at)
{
	return (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Which of our rows is row r of the file. */
static size_t row_of(const struct gguf_tensor *t, size_t r)
{
	const size_t size = t->heads ? t->rows / t->heads : 1, in = r % size;

	return t->heads ? r - in + in % 2 * (size / 2) + in / 2 : r;
}

static bool put_row(FILE *f, const float *x, size_t n, enum quant type, struct buf *row)
{
	row->n = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		if (type == QUANT_F16) {
			bits = quant_to_f16(x[i]);
			if ((bits & 0x7fff) == 0x7c00 && isfinite(x[i]))
				return false;
			little(row, bits, 2);
		} else {
			memcpy(&bits, &x[i], sizeof bits);
			little(row, bits, 4);
		}
	}
	fwrite(row->p, 1, row->n, f);
	return true;
}

static bool put_data(FILE *f, const struct gguf_tensor *t, enum quant type, struct lm_error *e)
{
	const uint64_t bytes = bytes_of(t, type);
	struct buf row = { 0 };
	bool ok = true;

	for (size_t r = 0; ok && r < t->rows; r++)
		ok = put_row(f, t->f + row_of(t, r) * t->cols, t->cols, type_of(t, type), &row);
	row.n = 0;
	while (row.n < aligned(bytes) - bytes)
		buf_addc(&row, '\0');
	if (row.n)
		fwrite(row.p, 1, row.n, f);
	buf_free(&row);
	return ok || lm_fail(e, "tensor %.*s: a number is too large for F16", ARG(t->name));
}

bool gguf_out_write(const struct gguf_out *o, enum quant type, const char *path, struct lm_error *e)
{
	struct buf head = { 0 };
	uint64_t at = 0;
	char *temporary;
	FILE *f = safetensors_begin(path, &temporary, e);
	bool ok = f != NULL;

	buf_adds(&head, "GGUF");
	little(&head, 3, 4);
	little(&head, o->n, 8);
	little(&head, o->keys, 8);
	buf_add(&head, buf_span(&o->meta));
	for (size_t i = 0; i < o->n; at = aligned(at + bytes_of(&o->v[i++], type))) {
		const struct gguf_tensor *t = &o->v[i];

		string(&head, t->name);
		little(&head, t->cols == 1 ? 1 : 2, 4);
		if (t->cols > 1)
			little(&head, t->cols, 8);
		little(&head, t->rows, 8);
		little(&head, type_of(t, type), 4);
		little(&head, at, 8);
	}
	while (head.n % ALIGNMENT)
		buf_addc(&head, '\0');
	if (ok)
		fwrite(head.p, 1, head.n, f);
	for (size_t i = 0; ok && i < o->n; i++)
		ok = put_data(f, &o->v[i], type, e);
	buf_free(&head);
	if (ok || !f)
		return safetensors_finish(f, path, temporary, e);
	fclose(f);
	unlink(temporary);
	free(temporary);
	return false;
}

void gguf_out_free(struct gguf_out *o)
{
	buf_free(&o->meta);
	free(o->v);
	arena_free(&o->names);
	*o = (struct gguf_out){ 0 };
}
