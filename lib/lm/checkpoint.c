/* checkpoint - written whole, read whole */
#include "lm/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct head {
	char magic[8];
	uint64_t numbers, steps;	/* the optimiser's */
	struct checkpoint c;
};

/* Numbers of all parts, then the moments. */
static size_t pieces(const struct adam *a, struct span *v)
{
	size_t n = 0;

	for (size_t i = 0; i < a->parts; i++)
		v[n++] = (struct span){ (const char *)a->part[i].w, a->part[i].n * sizeof(float) };
	v[n++] = (struct span){ (const char *)a->m, a->numbers * sizeof(float) };
	v[n++] = (struct span){ (const char *)a->v, a->numbers * sizeof(float) };
	return n;
}

static bool put(FILE *f, struct hash_stream *h, struct span s)
{
	hash_stream_add(h, s);
	return s.n == 0 || fwrite(s.p, 1, s.n, f) == s.n;
}

bool checkpoint_write(const char *path, const struct checkpoint *c, const struct adam *a, struct lm_error *e)
{
	struct span *v = xcalloc(a->parts + 2, sizeof *v);
	const size_t n = pieces(a, v);
	struct hash_stream *h = hash_stream_new();
	char *temporary = xasprintf("%s.tmp", path);
	FILE *f = fopen(temporary, "w");
	struct head head;
	uint64_t sum;
	bool ok = f != NULL;

	memset(&head, 0, sizeof head);		/* (also what lies between members) */
	memcpy(head.magic, "PREFCKPT", sizeof head.magic);
	head.numbers = a->numbers;
	head.steps = a->steps;
	head.c = *c;
	ok = ok && put(f, h, (struct span){ (const char *)&head, sizeof head });
	for (size_t i = 0; ok && i < n; i++)
		ok = put(f, h, v[i]);
	sum = hash_stream_value(h);
	ok = ok && fwrite(&sum, sizeof sum, 1, f) == 1 && fflush(f) == 0 && fsync(fileno(f)) == 0;
	if (f)
		ok = fclose(f) == 0 && ok;
	ok = ok && rename(temporary, path) == 0;
	if (!ok) {
		lm_fail(e, "cannot write %s: %s", path, strerror(errno));
		unlink(temporary);
	}
	hash_stream_free(h);
	free(temporary);
	free(v);
	return ok;
}

static bool check(struct span file, const struct head *head, const struct adam *a, size_t need, struct lm_error *e)
{
	uint64_t sum;

	if (file.n < sizeof *head + sizeof sum || memcmp(head->magic, "PREFCKPT", sizeof head->magic) != 0)
		return lm_fail(e, "is no checkpoint");
	memcpy(&sum, file.p + file.n - sizeof sum, sizeof sum);
	if (hash64((struct span){ file.p, file.n - sizeof sum }, 0) != sum)
		return lm_fail(e, "is damaged: its checksum does not fit");
	if (head->numbers != a->numbers || file.n != need)
		return lm_fail(e, "is of a model or an adapter of another size");
	return true;
}

bool checkpoint_read(const char *path, struct checkpoint *c, struct adam *a, struct lm_error *e)
{
	struct span *v, file;
	size_t n, need = sizeof(struct head) + sizeof(uint64_t), at = sizeof(struct head);
	struct head head = { .magic = "" };
	bool ok;

	if (!lm_map(path, &file, e))
		return false;
	v = xcalloc(a->parts + 2, sizeof *v);
	n = pieces(a, v);
	for (size_t i = 0; i < n; i++)
		need += v[i].n;
	if (file.n >= sizeof head)
		memcpy(&head, file.p, sizeof head);
	ok = check(file, &head, a, need, e);
	for (size_t i = 0; ok && i < n; at += v[i++].n)
		if (v[i].n)
			memcpy((char *)(uintptr_t)v[i].p, file.p + at, v[i].n);
	if (ok) {
		*c = head.c;
		a->steps = head.steps;
	}
	lm_unmap(file);
	free(v);
	return ok;
}
