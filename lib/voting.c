/* voting - the votes of all records, gathered by pair: which records are of one pair, and who its responses are */
#include "voting.h"

#include <stdlib.h>

#include "pair.h"

/* ---- one record ---- */

static struct key128 side_key(struct rec *r, const struct pair *p, const char *member, struct span text)
{
	const struct span parts[2] = { text, p->only_text ? S("") : pair_beyond(rec_get(r, member), r->arena) };

	return hash128_parts(parts, 2, 0);
}

/* False: the record is bad. */
static bool read_items(struct rec *r, const char *items, struct key128 ends[2])
{
	static const char *const sides[2] = { "chosen", "rejected" };

	for (int i = 0; i < 2; i++) {
		struct span name = arena_printf(r->arena, "%s_%s", sides[i], items), text = rec_text(r, name.p);

		if (!text.p) {
			rec_bad(r, 0, "no member \"%s\" that is a string", name.p);
			return false;
		}
		ends[i] = hash128(text, 0);
	}
	return true;
}

struct voting_paper *voting_read(struct rec *r, const char *items)
{
	struct voting_paper *paper = arena_alloc(r->arena, sizeof *paper);
	struct key128 k[3];
	struct pair p;

	*paper = (struct voting_paper){ 0 };
	if (!pair_need(r, &p) || !ballot_read(r, &paper->ballot))
		return NULL;
	if (paper->ballot.n == 0)
		return paper;
	k[0] = side_key(r, &p, "prompt", p.prompt.p ? p.prompt : S(""));
	k[1] = side_key(r, &p, "chosen", p.chosen);
	k[2] = side_key(r, &p, "rejected", p.rejected);
	if (items && !read_items(r, items, paper->ends))
		return NULL;
	for (int i = 0; i < 2 && !items; i++)
		paper->ends[i] = hash128((struct span){ (const char *)(const struct key128[]){ k[0], k[1 + i] }, 2 * sizeof *k }, 0);
	/* A is the response of the lesser hash. */
	paper->turned = memcmp(&k[1], &k[2], sizeof *k) > 0;
	if (paper->turned) {
		struct key128 chosen = k[1];

		k[1] = k[2];
		k[2] = chosen;
	}
	paper->pair = hash128((struct span){ (const char *)k, sizeof k }, 0);
	return paper;
}

/* ---- all of them ---- */

/* The number of a key: `next` if it is new. */
static uint32_t number(struct keymap *m, struct key128 k, uint32_t next, bool *is_new)
{
	uint64_t *at = keymap_at(m, k, is_new);

	if (*is_new)
		*at = next;
	return (uint32_t)*at;
}

static uint32_t annotator(struct voting *p, struct span name)
{
	bool is_new;
	uint32_t by = number(&p->by_of, hash128(name, 0), p->crowd.n_by, &is_new);

	if (is_new) {
		GROW(p->names, by, p->names_room);
		p->names[by] = arena_copy(&p->arena, name);
	}
	return by;
}

static uint32_t item(struct voting *p, struct key128 k)
{
	bool is_new;
	uint32_t at = number(&p->item_of, k, p->n_items, &is_new);

	p->n_items += is_new;
	return at;
}

static uint32_t pair_number(struct voting *p, const struct voting_paper *paper)
{
	bool is_new;
	uint32_t pair = number(&p->pair_of, paper->pair, p->crowd.n_pairs, &is_new);

	if (is_new) {
		GROW(p->firsts, pair, p->firsts_room);
		p->firsts[pair] = p->n_links;
	}
	if (is_new && p->matches) {
		GROW(p->ends, pair, p->ends_room);
		p->ends[pair][paper->turned] = item(p, paper->ends[0]);
		p->ends[pair][!paper->turned] = item(p, paper->ends[1]);
	}
	return pair;
}

bool voting_add(struct voting *p, const struct voting_paper *paper)
{
	const struct ballot *b = &paper->ballot;
	uint32_t pair = VOTING_NONE;

	if (p->crowd.n_pairs == VOTING_PAIRS_MAX)
		return false;
	p->abstained += b->abstained;
	p->without += b->n == 0;
	if (b->n)
		pair = pair_number(p, paper);
	for (size_t i = 0; i < b->n; i++) {
		struct ballot_vote v = paper->turned ? ballot_turned(b->v[i]) : b->v[i];

		crowd_add(&p->crowd, pair, annotator(p, v.by), (enum crowd_side)v.side, (enum crowd_shown)v.shown);
	}
	GROW(p->links, p->n_links, p->links_room);
	p->links[p->n_links++] = (struct voting_link){ pair, paper->turned };
	return true;
}

void voting_free(struct voting *p)
{
	crowd_free(&p->crowd);
	keymap_free(&p->pair_of);
	keymap_free(&p->by_of);
	keymap_free(&p->item_of);
	arena_free(&p->arena);
	free(p->names);
	free(p->ends);
	free(p->firsts);
	free(p->links);
	*p = (struct voting){ 0 };
}
