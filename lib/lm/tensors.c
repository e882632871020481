/* tensors - mapped files and lists of tensors */
#include "lm/tensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool lm_fail(struct lm_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	e->system = false;
	return false;
}

static bool map(const char *path, struct span *bytes, struct lm_error *e)
{
	struct stat st;
	void *p = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return lm_fail(e, "cannot open: %s", strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return lm_fail(e, "is not a file");
	}
	if (st.st_size > 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return lm_fail(e, "cannot be mapped: %s", strerror(errno));
	*bytes = (struct span){ p, (size_t)st.st_size };
	return true;
}

bool lm_map(const char *path, struct span *bytes, struct lm_error *e)
{
	const bool ok = map(path, bytes, e);

	if (!ok)
		e->system = true;
	return ok;
}

void lm_unmap(struct span bytes)
{
	if (bytes.n)
		munmap((void *)(uintptr_t)bytes.p, bytes.n);
}

bool lm_tensors_add(struct lm_tensors *t, struct lm_tensor x, const char *data, size_t room, struct lm_error *e)
{
	const struct quant_type *q = quant_type(x.type);
	uint64_t rows = 1, bytes;

	if (!q)
		return lm_fail(e, "tensor %.*s: type %d cannot be read", ARG(x.name), (int)x.type);
	if (x.dims < 1 || x.dims > COUNT(x.dim) || x.dim[x.dims - 1] % q->values)
		return lm_fail(e, "tensor %.*s: impossible shape", ARG(x.name));
	for (uint32_t i = 0; i + 1 < x.dims; i++)
		if (__builtin_mul_overflow(rows, x.dim[i], &rows))
			return lm_fail(e, "tensor %.*s: impossible shape", ARG(x.name));
	if (__builtin_mul_overflow(x.dim[x.dims - 1] / q->values, q->bytes, &bytes) ||
		__builtin_mul_overflow(rows, bytes, &bytes) || bytes > room)
		return lm_fail(e, "tensor %.*s: reaches beyond the end of the file", ARG(x.name));
	x.data = (struct span){ data, (size_t)bytes };
	x.used = false;
	GROW(t->v, t->n, t->room);
	t->v[t->n++] = x;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct lm_tensor *)a)->name, ((const struct lm_tensor *)b)->name);
}

bool lm_tensors_sort(struct lm_tensors *t, struct lm_error *e)
{
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_name);
	for (size_t i = 1; i < t->n; i++)
		if (span_eq(t->v[i - 1].name, t->v[i].name))
			return lm_fail(e, "two tensors are called %.*s", ARG(t->v[i].name));
	return true;
}

struct lm_tensor *lm_tensors_find(const struct lm_tensors *t, const char *name)
{
	const struct lm_tensor key = { .name = span_of(name) };

	return t->n ? bsearch(&key, t->v, t->n, sizeof *t->v, by_name) : NULL;
}

void lm_tensors_free(struct lm_tensors *t)
{
	free(t->v);
	arena_free(&t->names);
	*t = (struct lm_tensors){ 0 };
}
