/* rationale_had - which pair had which rationale */
#include "rationale.h"

#include "hash.h"
#include "text.h"

#include <stdlib.h>

enum { PLACES = 1 << 20 };

struct rationale_had {
	struct { uint64_t text, pair; } at[PLACES];	/* hashes; text 0: nothing yet */
};

struct rationale_had *rationale_had_new(void)
{
	return xcalloc(1, sizeof(struct rationale_had));
}

void rationale_had_free(struct rationale_had *h)
{
	free(h);
}

bool rationale_was_had(struct rationale_had *h, struct span text, const struct pair *p)
{
	const uint64_t pair = hash128_parts((const struct span[]){ p->prompt, p->chosen, p->rejected }, 3, 0).lo;
	struct buf b = { 0 };
	uint64_t hash;
	size_t i;

	text_normalise(text, &b);
	hash = hash64(buf_span(&b), 0) | 1;
	buf_free(&b);
	i = hash / 2 % PLACES;
	if (h->at[i].text == hash)
		return h->at[i].pair != pair;
	h->at[i].text = hash;
	h->at[i].pair = pair;
	return false;
}
