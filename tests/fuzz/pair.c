/* pair - any record as candidates, comparisons and trees: what is made of it are records, and pairs keep the laws
 *
 * The first byte chooses how it is read; the rest is the record.
 */
#include "contest.h"
#include "fuzz.h"
#include "steps.h"

#include <math.h>

static bool has_line(struct span json, const char *member)
{
	struct scan_index ix = { 0 };
	struct value top;
	struct scan_error e;
	bool good = scan(json, SCAN_UNIQUE, &ix, &top, &e) && scan_member(top, span_of(member)).kind != JSON_NONE;

	scan_index_free(&ix);
	return good;
}

/* All pairs of a list: better in what ranks them, by the gap that is told; no two equal texts; each one once. */
static void check(struct candidates *c, struct pairing p)
{
	struct pairing_pair *pairs;
	size_t n, distinct = 0;

	pairing_of(&p, c->items, c->n, &pairs, &n, c->r->arena);
	for (size_t i = 0; i < c->n; i++)
		distinct += c->items[i].valued;
	LAW(distinct <= candidates_distinct(c));
	LAW(n <= distinct * (distinct - 1) / 2 || distinct == 0);
	for (size_t i = 0; i < n; i++) {
		const size_t b = pairs[i].better, w = pairs[i].worse;

		LAW(b != w && c->first[b] != c->first[w] && !pairs[i].tie);
		LAW(p.compare || (c->items[b].value > c->items[w].value &&
			pairs[i].gap == c->items[b].value - c->items[w].value));
		if (i < 50)
			LAW(has_line(candidates_pair(c, &pairs[i], NULL), "rejected"));
	}
	if (n)
		LAW(has_line(candidates_list(c, false), "responses"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned how = size ? data[0] : 0;
	struct span raw = { (const char *)data + (size > 0), size - (size > 0) };
	const struct steps_rules rules = { .branches = how & 1, .best_path = how & 2, .merge = how & 4,
		.normalise = how & 8, .separator = how & 16 ? "\n" : "" };
	struct pairing p = { .which = PAIRING_ALL };
	struct arena a = { 0 };
	struct scan_index scratch = { 0 };
	struct rec r = { 0 };
	struct contest contest;
	struct candidates c, *lists;
	size_t n;

	if (!rec_open(&r, raw, &a, &scratch))
		goto out;
	if (steps_are(&r)) {
		if (!steps_read(&r, &rules, &lists, &n)) {
			LAW(r.bad);
			goto out;
		}
		for (size_t k = 0; k < n; k++) {
			candidates_value(&lists[k], BY_FIRST_FOUND, NULL);
			check(&lists[k], p);
		}
	} else if (candidates_read(&c, &r, rules.normalise)) {
		if (how & 32) {
			p.compare = contest_compare;
			p.self = &contest;
			if (contest_read(&contest, &c))
				check(&c, p);
		} else {
			candidates_value(&c, (enum candidates_by)(how % (BY_JUDGE + 1)), "x");
			check(&c, p);
		}
	}
out:
	arena_free(&a);
	scan_index_free(&scratch);
	return 0;
}
