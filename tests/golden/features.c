/* features - what the linear reward model sees of a pair, for programs in other languages
 *
 * usage: features [--folds K] [--seeds N] [FILE...]
 *
 * Writes one object a pair: "features", the difference vector f(chosen) - f(rejected) as [[index, value], ...], and
 * "folds", the fold in which pref-flip puts the pair with each of the seeds 1 to N.
 */
#include "linear.h"
#include "pair.h"
#include "run.h"

#include <stdlib.h>

static long folds = 10, seeds = 5;

static const struct opt options[] = {
	OPT_INT('k', "folds", &folds, 2, 1000, "K", "parts (default: 10)"),
	OPT_INT(0, "seeds", &seeds, 1, 1000, "N", "seeds 1 to N (default: 5)"),
	OPT_END
};

static void put(struct buf *b, uint32_t i, double x)
{
	if (x != 0)
		buf_addf(b, "%s[%u,%.9g]", b->p[b->n - 1] == '[' ? "" : ",", i, x);
}

static void look(struct rec *r)
{
	enum { CROSSED = LINEAR_DENSE, GRAMS = CROSSED + LINEAR_CLASSES * LINEAR_CROSSED };
	struct features f = { 0 };
	struct linear_row row;
	struct buf b = { 0 };
	uint32_t *grams;
	struct pair p;

	if (!pair_need(r, &p))
		return;
	features_of(&f, p.prompt, (const struct span[]){ p.chosen, p.rejected }, 2);
	grams = xreallocarray(NULL, linear_pack_room(&f) + 1, sizeof *grams);
	linear_pack(&f, 18, &row, grams);
	pair_group(r, &p, NULL, &row.group);
	buf_adds(&b, "{\"features\":[");
	for (uint32_t i = 0; i < LINEAR_DENSE; i++)
		put(&b, i, row.dense[i]);
	for (uint32_t k = 0; k < LINEAR_CLASSES; k++)
		for (uint32_t c = 0; row.classes >> k & 1 && c < LINEAR_CROSSED; c++)
			put(&b, CROSSED + k * LINEAR_CROSSED + c, row.dense[linear_crossed[c]] * LINEAR_CROSS);
	for (uint32_t i = 0; i < row.n; i++)
		put(&b, GRAMS + gram_i(grams[i]), gram_x(grams[i]));
	buf_adds(&b, "],\"folds\":[");
	for (long s = 1; s <= seeds; s++)
		buf_addf(&b, "%s%u", s > 1 ? "," : "", linear_side(&row, (uint64_t)s, "fold", (unsigned)folds));
	buf_adds(&b, "]}");
	rec_put(r, arena_copy(r->arena, buf_span(&b)), -1);
	buf_free(&b);
	free(grams);
	features_free(&f);
}

int main(int argc, char **argv)
{
	static const struct filter features = {
		.name = "features", .about = "what the linear reward model sees of a pair", .options = options, .look = look
	};

	return filter_main(&features, argc, argv);
}
