/* overlap - any bytes as an item and a record: an item is in itself, and what is found is there
 *
 * The first byte chooses the rule; a byte 0 parts the items, the last of which is the record.
 */
#include "fuzz.h"
#include "overlap.h"

#include <stdlib.h>

static void check(const struct overlap *o, const struct span *texts, size_t n, bool own)
{
	struct overlap_scratch *k = overlap_scratch_new(o);
	struct overlap_found f;
	bool in = false;

	LAW(overlap_find(o, texts, n, k, &f) == (f.n > 0));
	LAW(f.n || !own);
	for (size_t i = 0; i < f.n; i++)
		LAW(f.items[i] < overlap_size(o).items);
	for (size_t i = 0; i < n && f.n; i++) {
		const bool here = f.text.p >= texts[i].p && f.text.p + f.text.n <= texts[i].p + texts[i].n;

		in = in || (here && f.in[i]);
	}
	LAW(!f.n || (f.coverage > 0 && f.coverage <= 1 && f.best < overlap_size(o).items && in && f.text.n));
	LAW(!own || f.coverage == 1);
	overlap_scratch_free(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct overlap_rule rule = { 8, 0.5, 0 };
	struct overlap *o;
	struct span rest, item = { 0 };

	if (size == 0)
		return 0;
	rule.ngram = 1 + data[0] % 16;
	rule.coverage = data[0] >> 4 & 1 ? 0 : 0.5;
	rule.stop = data[0] >> 5;
	rest = (struct span){ (const char *)data + 1, size - 1 };
	o = overlap_new(&rule);
	for (const char *end; (end = memchr(rest.p, 0, rest.n)); rest = span_cut(rest, (size_t)(end - rest.p) + 1, rest.n)) {
		const struct span s = span_cut(rest, 0, (size_t)(end - rest.p));

		if (overlap_add(o, (uint32_t)s.n % 2, s))
			item = s;
	}
	overlap_build(o);
	check(o, &rest, 1, false);
	check(o, (const struct span[]){ rest, S(""), rest }, 3, false);
	if (item.p)
		check(o, &item, 1, true);
	overlap_free(o);
	return 0;
}
