/* model.h - a language model in memory: one layout for every file it may come from
 *
 * Reads GGUF (v2, v3; the types of lm/quant.h), a folder with config.json and model.safetensors (or its index and
 * shards), and llama2.c's .bin. Architectures: Llama (also as Mistral, SmolLM2,
 * TinyLlama), Qwen2, GPT-2. A reward model has a head of scores (transformers' *ForSequenceClassification: score.weight)
 * instead of that of the vocabulary.
 *
 * Also an adapter that PEFT or pref-train --lora wrote (lm/peft.h), merged into its base.
 *
 * Matrices are [out][in], rows without gaps: y = x W^T. Rows of q and k are in the order of rotate_half: of each
 * head the first halves of all pairs, then the second. (GGUF's llama and llama2.c have the pairs side by side:
 * their rows are put into this order when they are read.)
 */
#ifndef PREF_LM_MODEL_H
#define PREF_LM_MODEL_H

#include "lm/tensors.h"

enum lm_arch { LM_LLAMA, LM_QWEN2, LM_GPT2 };

enum lm_rope { LM_ROPE_PLAIN, LM_ROPE_LINEAR, LM_ROPE_LLAMA3 };

struct lm_config {
	enum lm_arch arch;
	uint32_t layers, dim, hidden;	/* hidden: of the MLP */
	uint32_t heads, kv_heads, head_dim;
	uint32_t vocab, context;	/* context: longest sequence, in tokens */
	double eps;			/* of the norms */
	double theta;			/* base of the rotary frequencies */
	enum lm_rope rope;
	double factor;			/* LINEAR, LLAMA3 */
	double low, high, original;	/* LLAMA3: low and high frequency factor, context trained with */
	bool tied;			/* the head is the embedding */
	bool general;			/* scores are an embedding, for loss_gpm_score() of two responses */
	int32_t pad;			/* the token that fills up a text, as config.json says; else, of a reward model with a
					 * tokenizer, its pad or end token; -1: none */
};

/* Part of a matrix's rows, as it lies in the file. */
struct lm_part {
	const char *data;
	enum quant type;
	uint32_t rows;
	uint32_t heads;			/* not 0: rows are that many heads with pairs side by side */
	bool transposed;		/* lies as [in][out] */
};

/* Biases and the weights of norms are matrices of one column. rows == 0: the model has none. */
struct lm_matrix {
	uint32_t rows, cols;
	float *f;			/* expanded; NULL: not */
	uint16_t *h;			/* in bf16; NULL: not. Neither: only in the file's own format */
	struct lm_part part[3];
	int parts;
};

struct lm_layer {
	struct lm_matrix attn_norm, attn_norm_bias;
	struct lm_matrix qkv, qkv_bias;		/* q, k, v one below the other */
	struct lm_matrix out, out_bias;
	struct lm_matrix mlp_norm, mlp_norm_bias;
	struct lm_matrix up, up_bias;		/* gate, up; GPT-2: up alone */
	struct lm_matrix down, down_bias;
};

struct lm_model {
	struct lm_config config;
	struct lm_matrix embed, positions;	/* positions: GPT-2's learned ones */
	struct lm_layer *layer;
	struct lm_matrix norm, norm_bias, head;	/* head: shares embed's numbers if tied; a reward model has none of its own */
	struct lm_matrix score;			/* of a reward model: [scores][dim], without bias */
	float *inverse_freq;			/* [head_dim / 2] radians a position; NULL without rotary positions */
	char *source, *adapter;			/* the file or folder, without the adapter; the adapter's folder, or NULL */
	struct span *map;			/* the files */
	size_t maps;
	float *memory;				/* of all that is expanded */
	float *merged;				/* of lora_new(): numbers with `adapter`, as a base for others; or NULL */
	size_t bytes;				/* its size */
};

enum {
	LM_PACKED = 1,			/* leave matrices in the file's format and expand them with every use. Vectors
					 * and positions are expanded all the same. */
	LM_BF16 = 2,			/* round matrices to bf16, and what they are multiplied with; an error where the
					 * processor has no such products (lm/sgemm.h) */
	LM_REWARDS = 4			/* a reward model is welcome; without, it is an error */
};
/* To be added to flags, instead of LM_REWARDS: the model becomes a reward model of n < 65536 scores. A file without
 * score.weight gets one of zeros, one with another number of scores is an error. */
#define LM_SCORES(n) ((n) << 8)

/* What each costs: SmolLM2-135M in Q4_1 on two busy threads of an EPYC with AVX512-BF16, seconds of both processors, the least
 * of three runs in turn. Log-probs: 2,521 tokens in two passes; decoding: 57 tokens, one at a time; both with opening.
 *
 *		memory of weights	opening		log-probs	decoding
 *	f32	538 MB			0.13, 1.5 (*)	8.2		2.7
 *	bf16	269 MB			0.10		4.7		2.3
 *	packed	98 MB, the file's	0.01		8.0		4.3
 *
 * (*) The second where the kernel had given free memory back to the machine's host: 75 % and more of opening is the kernel's,
 * which clears pages. So expanded weights win where few tokens pass at a time, and cost nothing but memory where many do. */

/* Open a model. The file's kind is known by its bytes, a folder by its config.json. A folder with an adapter_config.json
 * instead is an adapter of the base that it names; BASE+FOLDER, one of this base. threads: for reading. NULL: *e says why.
 * Names that are no part of the architecture are an error: the result would not be that model's. */
struct lm_model *lm_open(const char *path, int flags, int threads, struct lm_error *e);
void lm_free(struct lm_model *m);		/* accepts NULL */

/* n without the tokens at the end that fill up (config.pad): where transformers' *ForSequenceClassification see the end of
 * a text, and so a reward model. */
size_t lm_unfilled(const struct lm_model *m, const int32_t *tokens, size_t n);

/* Rows [from, from + n) as floats. */
void lm_matrix_rows(const struct lm_matrix *m, size_t from, size_t n, float *to);
/* All matrices and vectors, a tied head not, to v; NULL: counts them. */
size_t lm_matrices(struct lm_model *m, struct lm_matrix **v);
/* Numbers in the model (a tied head counts once). */
uint64_t lm_parameters(struct lm_model *m);

#endif
