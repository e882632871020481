/* plant - turn round a known share of the labels, for studies of noise
 *
 * Each pair is turned with probability --flip: chosen and rejected are exchanged, with the scores, margin, ... that
 * speak of them, and `swapped` says so. What looks for wrong labels (pref-flip) or learns in spite of them
 * (pref-train --loss) does not read that member; pref-report --flips does, to tell how many were found.
 *
 * The draw is a hash of the pair and --seed: the same pair gets the same label wherever it stands, and more are
 * turned at a greater share. Pairs whose verdict is tie and pairs of equal responses are left alone.
 *
 * (pref-synth makes pairs of its own, with more kinds of faults.)
 */
#include "hash.h"
#include "pair.h"
#include "random.h"
#include "run.h"
#include "turn.h"

static double flip;
static long seed = 1;
static uint64_t turned;

static const struct opt options[] = {
	OPT_NUM(0, "flip", &flip, 0, 1, "SHARE", "turn round this share of the labels (default: 0)"),
	OPT_INT('s', "seed", &seed, 0, 9007199254740991, "N", "another seed, other labels (default: 1)"),
	OPT_END
};

static void look(struct rec *r)
{
	struct pair p;
	struct rng g;

	if (!pair_need(r, &p) || span_eq(p.chosen, p.rejected) || span_eq(rec_text(r, "verdict"), S("tie")))
		return;
	g = rng_for((uint64_t)seed, "flip",
		hash128_parts((const struct span[]){ p.prompt, p.chosen, p.rejected }, 3, 0).lo);
	r->key[0] = rng_real(&g) < flip;
	if (r->key[0])
		turn(r);
}

static void settle(struct rec *r)
{
	turned += r->key[0];
}

static void stop(void)
{
	char text[32];

	snprintf(text, sizeof text, "%ju", (uintmax_t)turned);
	tell_note("turned round", text, span_of(text));
}

int main(int argc, char **argv)
{
	static const struct filter plant = {
		.name = "pref-plant",
		.about = "turn round a known share of the labels",
		.options = options,
		.look = look,
		.settle = settle,
		.stop = stop,
	};

	return filter_main(&plant, argc, argv);
}
