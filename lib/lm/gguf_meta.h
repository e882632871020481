/* gguf_meta.h - the metadata of a GGUF file: keys and typed values
 *
 * GGUF versions 2 and 3, little-endian (ggml's docs/gguf.md):
 *
 *	"GGUF", u32 version, u64 tensors, u64 entries
 *	each entry: string key, u32 type, value		string: u64 length, bytes
 *	each tensor's name, shape, type and offset	begin at `end`; they are read by whoever wants tensors
 *	padding, data
 *
 * Every length is checked against the file before anything is taken from it: what is handed out lies whole inside
 * the file. Two entries of one key, arrays of arrays (ggml reads none either) and files written big-endian are errors.
 */
#ifndef PREF_LM_GGUF_META_H
#define PREF_LM_GGUF_META_H

#include "lm/tensors.h"

enum gguf_type {			/* as in the file */
	GGUF_U8, GGUF_I8, GGUF_U16, GGUF_I16, GGUF_U32, GGUF_I32, GGUF_F32, GGUF_BOOL, GGUF_STRING, GGUF_ARRAY, GGUF_U64,
	GGUF_I64, GGUF_F64, GGUF_TYPES
};

struct gguf_value {
	enum gguf_type type;		/* of the value, or of an array's elements: never GGUF_ARRAY */
	bool array;
	uint64_t n;			/* elements; 1 if no array */
	struct span raw;		/* they lie here one behind the other, as in the file */
};

struct gguf_entry {
	struct span key;
	struct gguf_value value;
};

struct gguf_meta {			/* {0} is empty; keys and values are borrowed from the file */
	uint32_t version;
	uint64_t tensors;		/* as the file says: not checked against its size */
	size_t end;			/* offset of the first tensor's description */
	struct gguf_entry *v;		/* by key */
	size_t n;
};

bool gguf_meta_read(struct span file, struct gguf_meta *m, struct lm_error *e);
void gguf_meta_free(struct gguf_meta *m);

const struct gguf_value *gguf_meta_find(const struct gguf_meta *m, const char *key);	/* NULL: absent */

/* One value of a key; false, and *to as it was, if it is absent or of another type. A whole number may be of any
 * integer type that holds it, a number of any but bool. */
bool gguf_meta_text(const struct gguf_meta *m, const char *key, struct span *to);
bool gguf_meta_whole(const struct gguf_meta *m, const char *key, int64_t *to);
bool gguf_meta_number(const struct gguf_meta *m, const char *key, double *to);
bool gguf_meta_bool(const struct gguf_meta *m, const char *key, bool *to);

/* Elements of an array: texts in order, numbers by index. False: none there, or of another type. */
bool gguf_next_text(const struct gguf_value *v, size_t *at, struct span *to);	/* *at: offset in raw, 0 to begin */
bool gguf_element_whole(const struct gguf_value *v, uint64_t i, int64_t *to);
bool gguf_element_number(const struct gguf_value *v, uint64_t i, double *to);

#endif
