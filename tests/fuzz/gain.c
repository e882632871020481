/* gain - any bytes as a file of pref-route --learn: as they are, and with the checksum that fits them put behind
 *
 * Law: a model that is accepted is written and read again to the same bytes, and gives a probability.
 */
#include "fuzz.h"
#include "gain.h"

static void read_one(struct span s)
{
	static struct gain_fact f[] = { { S("words"), 1e9, false }, { S("tags=x"), 1, true } };
	struct gain_model m, again;
	struct buf once = { 0 }, twice = { 0 };
	double p;

	if (gain_get(&m, s)) {
		LAW(m.n == 0 && !m.v);
		return;
	}
	p = gain_predict(&m, &(struct gain_facts){ .v = f, .n = COUNT(f) });
	LAW(!(p < 0) && !(p > 1));
	gain_put(&m, &once);
	LAW(!gain_get(&again, buf_span(&once)));
	gain_put(&again, &twice);
	LAW(span_eq(buf_span(&once), buf_span(&twice)));
	gain_model_free(&m);
	gain_model_free(&again);
	buf_free(&once);
	buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span s = { (const char *)data, size };
	struct buf sealed = { 0 };

	read_one(s);
	buf_add(&sealed, s);
	buf_addf(&sealed, "{\"xxh3\":\"%016jx\"}\n", (uintmax_t)hash64(s, 0));
	read_one(buf_span(&sealed));
	buf_free(&sealed);
	return 0;
}
