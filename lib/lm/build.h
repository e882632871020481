/* build.h - from tensors of any file to a model; for model*.c */
#ifndef PREF_LM_BUILD_H
#define PREF_LM_BUILD_H

#include "lm/model.h"

/* What a family of files calls the tensors. Those of a layer are named LAYER<number>.NAME.weight (or .bias). */
struct lm_names {
	const char *embed, *positions, *norm, *head;	/* whole names, without .weight */
	const char *layer;
	const char *attn_norm, *q, *k, *v, *out;	/* k NULL: q is all three */
	const char *mlp_norm, *gate, *up, *down;	/* gate NULL: there is none */
	const char *freqs;				/* divisors of the rotary frequencies, NULL: never there */
	bool side_by_side;				/* pairs of q and k */
	bool transposed;				/* all matrices of layers */
	const char *ignore[3];				/* ends of names that carry no weights */
};

/* Readers: set m->config, fill t and sort it, choose names; add the files they map to m. */
bool lm_read_gguf(struct lm_model *m, struct span file, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e);
bool lm_read_llama2c(struct lm_model *m, struct span file, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e);
/* One of these, by the file's first bytes. */
bool lm_read_bytes(struct lm_model *m, struct span file, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e);
bool lm_read_folder(struct lm_model *m, const char *folder, struct lm_tensors *t, const struct lm_names **names,
	struct lm_error *e);

/* The text of a config.json; strings that it needs go to the arena. Sizes are as they stand there. */
bool lm_read_config(struct span json, struct lm_config *c, struct arena *a, struct lm_error *e);

/* transformers' names of a model's tensors, and GGUF's, whose architecture is called *arch. */
const struct lm_names *lm_folder_names(const struct lm_model *m);
const struct lm_names *lm_gguf_names(const struct lm_model *m, const char **arch);

void lm_add_map(struct lm_model *m, struct span file);

/* Sizes within bounds, heads that fit: before anything is computed from them. */
bool lm_config_check(const struct lm_config *c, struct lm_error *e);

/* Find all parts of m, whose config has been checked. scores: LM_SCORES() of lm/model.h, 0: as the file has. */
bool lm_build(struct lm_model *m, const struct lm_tensors *t, const struct lm_names *n, uint32_t scores, struct lm_error *e);

#endif
