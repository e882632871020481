/* near - which earlier signatures share bands with this one (locality-sensitive hashing)
 *
 * One hash table a band, of buckets that fill a cache line: eight keys are compared at once and without
 * a branch, and as all keys of a search are independent, its cache misses overlap. What finds its bucket
 * full goes to the next. The place of a key is key * size / 2^32: any size will do, so that tables can
 * grow by half, and growing walks old and new table in the same direction.
 */
#include "near.h"

#include <stdlib.h>

enum { WAYS = 8 };

struct bucket {				/* filled from the front */
	uint32_t key[WAYS];
	uint32_t item[WAYS];		/* its number + 1; 0: empty */
};

struct near {
	uint32_t bands;
	uint32_t n, room;		/* items; room for before the tables must grow */
	size_t size;			/* buckets of each table */
	struct bucket **table;
	bool *seen;			/* per item: met in this search; false between searches */
	size_t seen_room;
	uint32_t *met;
	size_t n_met, met_room;
};

static inline size_t home(uint32_t key, size_t size)
{
	return (uint64_t)key * size >> 32;
}

static struct bucket *table_new(size_t size)
{
	struct bucket *t = aligned_alloc(sizeof *t, size * sizeof *t);

	if (!t)
		die(EXIT_SYSTEM, "out of memory");
	memset(t, 0, size * sizeof *t);
	return t;
}

static void put(struct bucket *table, size_t size, uint32_t key, uint32_t item)
{
	size_t i = home(key, size);
	int way = 0;

	while (table[i].item[WAYS - 1])
		if (++i == size)
			i = 0;
	for (int k = 0; k < WAYS - 1; k++)
		way += table[i].item[k] != 0;
	table[i].key[way] = key;
	table[i].item[way] = item;
}

static void set_room(struct near *n)
{
	n->room = (uint32_t)(n->size * WAYS / 4 * 3);
}

static void grow(struct near *n)
{
	size_t size = n->size + n->size / 2;

	if (size * WAYS > UINT32_MAX)
		die(EXIT_SYSTEM, "more than %u records to compare with", n->n);
	for (uint32_t b = 0; b < n->bands; b++) {
		struct bucket *wide = table_new(size);

		for (size_t i = 0; i < n->size; i++) {
			const struct bucket *from = &n->table[b][i];

			for (int way = 0; way < WAYS && from->item[way]; way++)
				put(wide, size, from->key[way], from->item[way]);
		}
		free(n->table[b]);
		n->table[b] = wide;
	}
	n->size = size;
	set_room(n);
}

struct near *near_new(uint32_t bands)
{
	struct near *n = xcalloc(1, sizeof *n);

	n->bands = bands;
	n->size = 128;
	set_room(n);
	n->table = xcalloc(bands, sizeof *n->table);
	for (uint32_t b = 0; b < bands; b++)
		n->table[b] = table_new(n->size);
	return n;
}

uint32_t near_add(struct near *n, const uint32_t *keys)
{
	if (n->n == n->room)
		grow(n);
	for (uint32_t b = 0; b < n->bands; b++)
		put(n->table[b], n->size, keys[b], n->n + 1);
	GROW(n->seen, n->n, n->seen_room);
	n->seen[n->n] = false;
	return n->n++;
}

static void meet(struct near *n, uint32_t item)
{
	if (n->seen[item])
		return;
	n->seen[item] = true;
	GROW(n->met, n->n_met, n->met_room);
	n->met[n->n_met++] = item;
}

/* May key be among the eight? Two to a 64-bit word: the carry of the subtraction finds a zero half. */
static inline bool may_hold(const struct bucket *b, uint32_t key)
{
	const uint64_t ones = 0x0000000100000001ULL, both = key * ones;
	uint64_t found = 0, x[WAYS / 2];

	memcpy(x, b->key, sizeof x);
	for (int i = 0; i < WAYS / 2; i++)
		found |= ((x[i] ^ both) - ones) & ~(x[i] ^ both);
	return found & ones << 31;
}

static inline void search(struct near *n, const struct bucket *table, uint32_t key)
{
	size_t i = home(key, n->size);

	for (;;) {
		const struct bucket *b = &table[i];

		if (may_hold(b, key))
			for (int way = 0; way < WAYS; way++)
				if (b->key[way] == key && b->item[way])
					meet(n, b->item[way] - 1);
		if (!b->item[WAYS - 1])
			return;
		if (++i == n->size)
			i = 0;
	}
}

size_t near_find(struct near *n, const uint32_t *keys, const uint32_t **items)
{
	n->n_met = 0;
	/* Each table is a cache miss; ask for all of them before waiting for the first. */
	for (uint32_t b = 0; b < n->bands; b++)
		__builtin_prefetch(&n->table[b][home(keys[b], n->size)]);
	for (uint32_t b = 0; b < n->bands; b++)
		search(n, n->table[b], keys[b]);
	for (size_t i = 0; i < n->n_met; i++)
		n->seen[n->met[i]] = false;
	*items = n->met;
	return n->n_met;
}

void near_free(struct near *n)
{
	if (!n)
		return;
	for (uint32_t b = 0; b < n->bands; b++)
		free(n->table[b]);
	free(n->table);
	free(n->seen);
	free(n->met);
	free(n);
}
