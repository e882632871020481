/* pretoken.h - where byte-level BPE cuts a text before it merges: hand-written scanners for the expressions of the originals
 *
 *	gpt-2		's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *	smollm		every \p{N} cut out, then gpt-2 in what is left between them
 *	starcoder	the same
 *	llama-bpe	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
 *			\s*[\r\n]+|\s+(?!\S)|\s+
 *	qwen2		the same with \p{N}; the text in NFC before
 *	deepseek-coder	[\r\n], \s?\p{L}+, \s?\p{P}+, three ranges of CJK, digits: each cut out of what those before left
 *
 * Categories are utf8proc's (text_kind()). A byte that is not UTF-8 is a character of no category.
 */
#ifndef PREF_LM_PRETOKEN_H
#define PREF_LM_PRETOKEN_H

#include "base.h"

struct pretoken {
	const char *name;		/* as in tokenizer.ggml.pre */
	bool nfc;
	/* End of the piece that begins at p, p < end: after p, at most end. */
	const char *(*next)(const char *p, const char *end);
};

/* Other names by which files call the same cut are understood. NULL: not known. */
const struct pretoken *pretoken_find(struct span name);
/* All names, with ", " between them: for messages. */
const char *pretoken_names(void);

#endif
