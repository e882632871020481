/* tokenizer.h - texts to token ids and back, exactly as the original tokenizer of a model does it
 *
 * Two kinds: byte-level BPE (Sennrich et al. 2016, over bytes as in GPT-2) behind a pre-tokenizer (lm/pretoken.h),
 * and BPE as SentencePiece does it, over characters, with tokens for the bytes of what is not in the vocabulary.
 * A text without special tokens is cut into pieces; in each the pair of neighbours that merges first by rank is
 * merged, the leftmost of equals, until none is left.
 *
 * Special tokens ("<s>", "<|im_end|>") in a text are text, unless asked for: what a user writes cannot end a turn.
 * What the vocabulary lists as added by its user (TOKEN_USER) is always a token. Of those that begin at one place the
 * longest counts.
 *
 * Bytes that are not UTF-8 are tokens of their own bytes. Byte-level vocabularies may lack bytes (SmolLM2: 21 of them);
 * these vanish, as in the original, and are counted.
 *
 * A tokenizer is never written to after it was made: all threads can use one, each with a scratch of its own.
 */
#ifndef PREF_LM_TOKENIZER_H
#define PREF_LM_TOKENIZER_H

#include "lm/tensors.h"

enum tokenizer_kind { TOKENIZER_BYTES, TOKENIZER_SENTENCEPIECE };

enum token_type {			/* GGUF's numbers */
	TOKEN_NORMAL = 1, TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_USER, TOKEN_UNUSED, TOKEN_BYTE
};
enum { TOKEN_STRIPS_LEFT = 1, TOKEN_STRIPS_RIGHT = 2 };	/* white space there belongs to a special or user token */

struct tokenizer_merge {
	struct span left, right;	/* texts of tokens; they become the token whose text is both */
};

/* What a vocabulary says. Spans are borrowed until tokenizer_new() returns. */
struct tokenizer_spec {
	enum tokenizer_kind kind;
	struct span pre;		/* BYTES: name of its pre-tokenizer */
	size_t n;			/* tokens */
	const struct span *text;	/* [n]: BYTES in the byte alphabet of GPT-2, SENTENCEPIECE with U+2581 for blanks */
	const uint8_t *type;		/* [n], enum token_type; NULL: all are TOKEN_NORMAL */
	const uint8_t *strips;		/* [n]; NULL: none */
	const float *score;		/* [n]: SENTENCEPIECE without merges: higher merges first */
	const struct tokenizer_merge *merge;	/* first merges first */
	size_t merges;
	int32_t bos, eos, unk, pad;	/* -1: none */
	bool add_bos, add_eos;		/* TOKENIZER_ENDS puts them there */
	bool whole;			/* BYTES: a piece that is a token is that token ("ignore_merges") */
	bool blank_first;		/* SENTENCEPIECE: a blank goes before the text, and after each special token */
};

struct tokenizer;
/* NULL: *e says why it cannot be, say a pre-tokenizer that is not known: none is guessed. */
struct tokenizer *tokenizer_new(const struct tokenizer_spec *spec, struct lm_error *e);
void tokenizer_free(struct tokenizer *t);	/* accepts NULL */

size_t tokenizer_size(const struct tokenizer *t);
int32_t tokenizer_bos(const struct tokenizer *t);		/* -1: none, and so on */
int32_t tokenizer_eos(const struct tokenizer *t);
int32_t tokenizer_unk(const struct tokenizer *t);
int32_t tokenizer_pad(const struct tokenizer *t);
/* The special or user token whose text this is; -1: none. */
int32_t tokenizer_special(const struct tokenizer *t, struct span text);
bool tokenizer_is_special(const struct tokenizer *t, int32_t id);
/* What a token stands for: bytes of text; of special tokens, their name. Absent if id is none. */
struct span tokenizer_bytes(const struct tokenizer *t, int32_t id);

struct tokenizer_scratch;		/* memory of one thread: buffers, and the words met last */
struct tokenizer_scratch *tokenizer_scratch_new(void);
void tokenizer_scratch_free(struct tokenizer_scratch *k);	/* accepts NULL */

struct lm_tokens {			/* {0} is empty */
	int32_t *id;
	uint32_t *at, *end;		/* which bytes of the text each covers; bos, eos, a blank put first: none */
	size_t n, room;
	uint64_t dropped;		/* bytes that the vocabulary lacks */
};
void lm_tokens_free(struct lm_tokens *out);
void lm_tokens_add(struct lm_tokens *out, int32_t id, size_t at, size_t end);

enum {
	TOKENIZER_SPECIAL = 1,		/* special tokens in the text are tokens */
	TOKENIZER_ENDS = 2		/* bos and eos, as the vocabulary asks */
};

/* Append the tokens of a text of less than 2^32 bytes. One scratch serves one tokenizer at a time: with another one it
 * forgets its words. */
void tokenizer_encode(const struct tokenizer *t, struct span text, int flags, struct tokenizer_scratch *k,
	struct lm_tokens *out);
/* The same, where special tokens are tokens only if they lie whole in one of these ranges of bytes, which are in order.
 * So what a chat template writes is told from what people wrote. */
struct tokenizer_range {
	size_t from, to;
};
void tokenizer_encode_in(const struct tokenizer *t, struct span text, const struct tokenizer_range *special, size_t n,
	int flags, struct tokenizer_scratch *k, struct lm_tokens *out);

/* Append the text of tokens: their bytes, without the blank that blank_first put there; special tokens left out, or by
 * their names (TOKENIZER_SPECIAL). Ids that are none count as nothing. */
void tokenizer_decode(const struct tokenizer *t, const int32_t *id, size_t n, int flags, struct buf *out);

#endif
