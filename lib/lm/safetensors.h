/* safetensors.h - the format of huggingface/safetensors, in and out
 *
 *	u64		N, length of the header
 *	N bytes		JSON {"NAME":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...,"__metadata__":{...}}
 *	rest		data; offsets count from here, without holes or overlaps, to the end of the file
 */
#ifndef PREF_LM_SAFETENSORS_H
#define PREF_LM_SAFETENSORS_H

#include "lm/tensors.h"

/* Add the tensors of a file to t; names and data are borrowed from it or from t. Tensors of integers and other types
 * that no model computes with are checked and left out. */
bool safetensors_read(struct span file, struct lm_tensors *t, struct lm_error *e);

/* Write FOLDER/model.safetensors; if the data is more than shard_bytes, FOLDER/model-00001-of-0000N.safetensors ... and
 * FOLDER/model.safetensors.index.json. Tensors (F32, F16, BF16) in the order of t, at least one in a file. Each file
 * is whole or absent; the index comes last. */
bool safetensors_write(const char *folder, const struct lm_tensors *t, uint64_t shard_bytes, struct lm_error *e);

/* All tensors to one file of this name, whole or absent. */
bool safetensors_write_one(const char *path, const struct lm_tensors *t, struct lm_error *e);

/* Write path as a temporary file, whose name is path and ".tmp", and rename it. */
bool safetensors_write_file(const char *path, struct span text, struct lm_error *e);

/* The same in two steps: what is opened for writing, NULL: *e says why; f, which may be NULL then, is closed and renamed, or
 * removed if something could not be written. *temporary is freed. */
FILE *safetensors_begin(const char *path, char **temporary, struct lm_error *e);
bool safetensors_finish(FILE *f, const char *path, char *temporary, struct lm_error *e);

#endif
