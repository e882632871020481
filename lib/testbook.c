/* testbook - tests that are not in the records they are for */
#include "testbook.h"

#include "aside.h"
#include "hash.h"

#include <stdlib.h>

struct testbook {
	struct keymap places;		/* in v, by member and its text */
	struct span *v;
	size_t n, room;
	struct arena bytes;
};

static const char *const joins[] = { "task_id", "id", "prompt" };

/* False: no such member, or no string or number. */
static bool join_key(struct rec *r, const char *member, struct key128 *key)
{
	struct value v = rec_get(r, member);
	struct span text = v.kind == JSON_NUMBER ? v.raw : json_text(v, r->arena);

	if (text.p)
		*key = hash128_parts((const struct span[]){ span_of(member), text }, 2, 0);
	return text.p;
}

static struct testbook *reading;

static void remember(struct rec *r)
{
	struct testbook *b = reading;
	struct key128 key;

	GROW(b->v, b->n, b->room);
	b->v[b->n++] = arena_copy(&b->bytes, r->raw);
	for (size_t i = 0; i < COUNT(joins); i++)
		if (join_key(r, joins[i], &key))
			*keymap_at(&b->places, key, NULL) = b->n - 1;
}

struct testbook *testbook_read(const char *path)
{
	struct testbook *b = xcalloc(1, sizeof *b);

	reading = b;
	aside_read(path, remember);
	return b;
}

struct value testbook_find(const struct testbook *b, struct rec *r)
{
	struct key128 key;
	uint64_t *place;

	if (!b)
		return (struct value){ .raw = r->raw, .kind = JSON_OBJECT };
	for (size_t i = 0; i < COUNT(joins); i++)
		if (join_key(r, joins[i], &key) && (place = keymap_find(&b->places, key)))
			return (struct value){ .raw = b->v[*place], .kind = JSON_OBJECT };
	return (struct value){ .kind = JSON_NONE };
}

void testbook_free(struct testbook *b)
{
	if (!b)
		return;
	keymap_free(&b->places);
	free(b->v);
	arena_free(&b->bytes);
	free(b);
}
