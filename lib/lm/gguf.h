/* gguf.h - the tensors of a GGUF file
 *
 * Behind the metadata (lm/gguf_meta.h), for each tensor:
 *
 *	string		name: u64 length, bytes
 *	u32, u64 ...	number of dimensions (1 to 4), their sizes, innermost first
 *	u32 u64		type (lm/quant.h), offset
 *
 * Offsets count from the first multiple of general.alignment (32 if it is not there) behind the last of them.
 */
#ifndef PREF_LM_GGUF_H
#define PREF_LM_GGUF_H

#include "lm/gguf_meta.h"

/* Add all tensors to t, which borrows from the file. Together they must not be larger than the file: no bytes count
 * twice. */
bool gguf_tensors(struct span file, const struct gguf_meta *m, struct lm_tensors *t, struct lm_error *e);

#endif
