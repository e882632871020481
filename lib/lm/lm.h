/* lm.h - a language model as programs use it: weights, tokenizer and chat template, by one path
 *
 *	MODEL.gguf	holds all three
 *	a folder	config.json, model.safetensors (or shards), tokenizer.json, tokenizer_config.json
 *	MODEL.bin	llama2.c; the tokenizer is tokenizer.bin beside it, and there is no template
 *	an adapter	adapter_config.json, adapter_model.safetensors, as pref-train --lora and PEFT write them: with the model
 *			that it names, or BASE+FOLDER; a tokenizer.json in it comes before the base's
 */
#ifndef PREF_LM_LM_H
#define PREF_LM_LM_H

#include "hash.h"
#include "lm/chat.h"
#include "lm/model.h"

struct lm_options {
	const char *tokenizer;		/* a file instead, with its template: GGUF, tokenizer.json or llama2.c's; NULL: the model's own */
	const char *chat;		/* a template's name instead; NULL: the model's own, "none" if it has none */
	bool packed, bf16;		/* LM_PACKED, LM_BF16 of lm/model.h */
	int flags;			/* LM_REWARDS and LM_SCORES() of lm/model.h */
	int threads;			/* for reading */
};

struct lm {
	struct lm_model *model;
	struct tokenizer *tokenizer;
	const struct chat *chat;
	bool own_chat;			/* the template is the model's own */
	char *jinja;			/* that template, as it stands in the file; NULL: none, or another one is used */
	bool own_tokenizer;		/* of the model's file or folder, or its base's; not --tokenizer's, or an adapter's */
	struct key128 tokens;		/* a hash of the vocabulary: equal for equal token ids */
	struct key128 weights;		/* a hash of the model's files, and of bf16 if that is how they are used; lm_hash_weights() */
	bool bf16;
};

/* NULL: *e says why. Owned; lm_close(). */
struct lm *lm_load(const char *path, const struct lm_options *o, struct lm_error *e);
void lm_close(struct lm *m);		/* accepts NULL */
/* Read all of the model's files, which takes a second for some gigabytes, and set `weights`. */
void lm_hash_weights(struct lm *m);

/* Append the tokens of a prompt. NULL, or why there are none (static text). special: as for lm_encode_answer(). */
const char *lm_encode_prompt(const struct lm *m, const struct chat_message *said, size_t n, struct tokenizer_scratch *k,
	struct lm_tokens *to);
/* Append the tokens of an answer to it, with the one that ends it, as they are when prompt and answer are encoded
 * together; where a token would lie across the border, as when encoded apart (*apart is set). A reward model is shown
 * all that the template writes behind an answer; where there is no template, the token that ends a text. */
void lm_encode_answer(const struct lm *m, const struct chat_message *said, size_t n, const struct lm_tokens *prompt,
	struct span answer, struct tokenizer_scratch *k, struct lm_tokens *to, bool *apart);

#endif
