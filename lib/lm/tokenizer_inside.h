/* tokenizer_inside.h - what the files of the tokenizer know of each other */
#ifndef PREF_LM_TOKENIZER_INSIDE_H
#define PREF_LM_TOKENIZER_INSIDE_H

#include "hash.h"
#include "lm/pretoken.h"
#include "lm/tokenizer.h"

enum { NO_RANK = UINT32_MAX };

/* What two neighbours become. Also the token of a character: left CHARACTER, right the code point. */
struct merge {
	uint64_t key;			/* left << 32 | right; NO_KEY: empty */
	uint32_t rank, id;
};
#define NO_KEY UINT64_MAX
/* No ids, since those are below 2^31: */
#define CHARACTER 0xfffffffeU
#define NO_TOKEN 0xfffffffdU		/* a character that is part of none */

struct tokenizer {
	enum tokenizer_kind kind;
	const struct pretoken *pre;
	int32_t bos, eos, unk, pad;
	bool add_bos, add_eos, whole, blank_first;
	bool by_words;			/* SENTENCEPIECE: no token goes on behind a blank that is not at its start */
	size_t n;
	struct span *bytes;		/* [n] what each stands for */
	uint8_t *type, *strips;		/* [n] */
	int32_t byte[256];		/* BYTES: where merging begins, -1: lacks it. SENTENCEPIECE: stands in for it */
	struct merge *merge;		/* open addressing */
	size_t mask;
	int32_t *special;		/* CONTROL, UNKNOWN and USER, by bytes */
	size_t specials;
	bool begins[256];		/* is there one that begins with this byte? */
	struct keymap words;		/* `whole`: hash of bytes -> id */
	uint64_t serial;		/* tells tokenizers apart; never 0 */
	struct arena a;
};

static inline const struct merge *merge_find(const struct tokenizer *t, uint32_t left, uint32_t right)
{
	const uint64_t key = (uint64_t)left << 32 | right;
	size_t i = mix64(key) & t->mask;

	while (t->merge[i].key != key) {
		if (t->merge[i].key == NO_KEY)
			return NULL;
		i = (i + 1) & t->mask;
	}
	return &t->merge[i];
}

/* A piece of text on its way to be tokens. */
struct symbol {
	uint32_t id;			/* from t->n on: a character that is no token by itself */
	uint32_t at, end;		/* in the text */
	uint32_t rank, into;		/* of merging with the next; NO_RANK */
	uint32_t prev, next;		/* used for many symbols only */
};

enum { WORD_MOST = 27, WORD_TOKENS = 7 };

struct word_seen {			/* 64 bytes */
	uint8_t n, tokens;		/* n 0: empty */
	uint8_t length[WORD_TOKENS];
	char bytes[WORD_MOST];
	int32_t id[WORD_TOKENS];
};

struct place {				/* of the heap */
	uint32_t rank, at;
};

struct tokenizer_scratch {
	uint64_t serial;		/* of the tokenizer whose words these are */
	struct word_seen *word;
	struct symbol *symbol;
	size_t n, room;
	struct place *heap;
	size_t heaped, heap_room;
	struct buf nfc, segment;
	struct extent {
		uint32_t at, end;
	} *from;			/* where in the text each byte of nfc comes from */
	size_t from_room;
};

/* What a vocabulary calls a token, instead of what is in name: its text in GPT-2's alphabet, or with U+2581 for blanks. */
void tokenizer_put_name(const struct tokenizer *t, size_t id, struct buf *name);
/* All n merges of tokens, first the one that merges first. To be freed. */
struct merge *tokenizer_merges(const struct tokenizer *t, size_t *n);

/* Merge the symbols of the scratch: those that are left are in [0, k->n). */
void merge_symbols(const struct tokenizer *t, struct tokenizer_scratch *k);

#endif
