/* ballot - votes of a record: what is read can be written, and reads the same; a record turned round twice */
#include "ballot.h"
#include "fuzz.h"
#include "turn.h"

#include <stdlib.h>

/* The line after the record was turned; false: it is none. */
static bool turned(struct span raw, struct buf *out)
{
	struct arena a = { 0 };
	struct scan_index scratch = { 0 };
	struct rec r = { 0 };
	bool good = rec_open(&r, raw, &a, &scratch);

	if (good) {
		turn(&r);
		out->n = 0;
		rec_write(&r, out);
	}
	scan_index_free(&scratch);
	arena_free(&a);
	return good;
}

/* The object of votes in the record; false: there is none, or it is bad. */
static bool read_and_put(struct span raw, struct buf *out, size_t *n)
{
	struct arena a = { 0 };
	struct scan_index scratch = { 0 };
	struct rec r = { 0 };
	struct ballot b, sides;
	bool good = rec_open(&r, raw, &a, &scratch);

	if (good) {
		good = ballot_read(&r, &b);
		LAW(r.bad == !good);
	}
	if (good) {
		out->n = 0;
		ballot_put(out, b.v, b.n);
		*n = b.n;
		if (rec_get(&r, "votes").kind == JSON_OBJECT)
			LAW(ballot_sides(&r, NULL, &sides) && sides.n <= b.n);
	}
	scan_index_free(&scratch);
	arena_free(&a);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span raw = { (const char *)data, size };
	struct buf votes = { 0 }, record = { 0 }, again = { 0 }, line[6] = { 0 };
	size_t n, same;

	if (read_and_put(raw, &votes, &n)) {
		buf_addf(&record, "{\"votes\":%.*s}", ARG(buf_span(&votes)));
		LAW(read_and_put(buf_span(&record), &again, &same));
		LAW(same == n && span_eq(buf_span(&votes), buf_span(&again)));
	}
	for (int i = 0; i < 6; i++)
		if (!turned(i ? buf_span(&line[i - 1]) : raw, &line[i])) {
			LAW(i == 0);
			break;
		}
	/* (The first rounds may lose a blank before the brace, where `swapped` came and went.) */
	LAW(span_eq(buf_span(&line[3]), buf_span(&line[5])));
	buf_free(&votes);
	buf_free(&record);
	buf_free(&again);
	for (int i = 0; i < 6; i++)
		buf_free(&line[i]);
	return 0;
}
