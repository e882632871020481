/* lora.h - low-rank adapters (Hu et al. 2021, arXiv 2106.09685): W + alpha / rank B A, W frozen
 *
 * The sum is kept in the model's own memory: a forward pass costs nothing more, and the way back only the thin products.
 * W itself is read anew from its file, whatever its format, when A and B have changed. With B = 0, as it begins, the
 * model has the same bits as without.
 */
#ifndef PREF_LM_LORA_H
#define PREF_LM_LORA_H

#include "lm/model.h"
#include "lm/work.h"

enum { LORA_Q = 1, LORA_K = 2, LORA_V = 4, LORA_O = 8, LORA_GATE = 16, LORA_UP = 32, LORA_DOWN = 64 };
enum { LORA_MOST = 256 };		/* greatest rank */

struct lm_adapter {
	struct lm_matrix *w;
	uint32_t layer;
	int target;			/* one of the above; GPT-2's fused q, k, v: all three */
	uint32_t row;			/* of the first of its rows in w */
	struct lm_matrix a, b;		/* [rank][cols], [rows][rank] */
	float *da, *db;			/* what they have been found to change the loss by */
};

struct lm_lora {
	uint32_t rank;
	double alpha;
	int targets;
	struct lm_adapter *v;		/* layer by layer */
	size_t n;
	/* The head of a reward model is learned whole (PEFT's modules_to_save): */
	struct lm_matrix *whole, score;	/* the model's, NULL: none; what it becomes */
	float *dscore;
	float *weights, *slopes;	/* of all adapters, and the head, [floats] */
	size_t floats;
};

/* "q,v" or "all": a sum of LORA_*; 0: a word that is none. */
int lora_targets(const char *text);
/* Adapters are added to W as its file has it, or, if m was opened with an adapter, with that (W is then kept twice; once in
 * the life of m). A is uniform in +- 1 / sqrt(cols), drawn for each by its name and layer, B is 0 (as in PEFT). Changes m when
 * merged. */
struct lm_lora *lora_new(struct lm_model *m, uint32_t rank, double alpha, int targets, uint64_t seed);
void lora_free(struct lm_lora *l);	/* accepts NULL */
/* The model's weights become W + alpha / rank B A. */
void lora_merge(const struct lm_lora *l, struct work *pool);
/* "q", "gate"; "qkv" if fused. */
const char *lora_name(int target);

#endif
