/* peft.h - low-rank adapters as folders of PEFT's: adapter_config.json and adapter_model.safetensors
 *
 * Written for PEFT to load, and read as PEFT (LoraConfig) and pref-train write them: one rank, of linear layers, without
 * bias, perhaps scaled by its root (use_rslora); of a reward model the head of scores, learned whole. What an adapter says
 * that cannot be computed (DoRA, ranks or alphas by layer, tensors that belong nowhere) is an error.
 */
#ifndef PREF_LM_PEFT_H
#define PREF_LM_PEFT_H

#include "lm/lora.h"

/* adapter_model.safetensors and adapter_config.json to a folder that is there; base: the name that goes into it. */
bool peft_write(const struct lm_lora *l, const struct lm_model *m, const char *base, const char *folder, struct lm_error *e);

/* ---- for lm_open() ---- */

struct peft {				/* {0} is valid and empty */
	char *base, *folder;		/* of the model; of the adapter, NULL: there is none */
	uint32_t rank, scores;		/* scores: rows of its head, 0: it has none */
	double alpha;			/* divided by the rank it is what the product is multiplied with */
	struct lm_tensors t;
	struct span map[2];
};

/* What a path (lm/model.h) says: the base, and the adapter, whose files are read. */
bool peft_find(const char *path, struct peft *a, struct lm_error *e);
/* Before m's numbers are expanded: its head of scores is the adapter's, if that has one. */
bool peft_head(const struct peft *a, struct lm_model *m, struct lm_error *e);
/* Add the products to m's numbers; m takes the files and the folder's name. */
bool peft_merge(struct peft *a, struct lm_model *m, int threads, struct lm_error *e);
void peft_free(struct peft *a);

#endif
