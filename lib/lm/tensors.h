/* tensors.h - what the readers of model files have in common: mapped files, named tensors, reasons
 *
 * A reader checks every offset and size before it hands a tensor out: data lies whole inside a mapped file.
 */
#ifndef PREF_LM_TENSORS_H
#define PREF_LM_TENSORS_H

#include "lm/quant.h"

/* Why something failed, without the file's name. May quote the file: not fit for a terminal as it is. */
struct lm_error {
	char text[256];
	bool system;			/* a file could not be read: what is in it is not to blame */
};
/* Sets the text, system false; always false, so that a function can end with it. */
bool lm_fail(struct lm_error *e, const char *fmt, ...) PRINTF(2, 3);

/* A file, read only, for as long as it is mapped. False: *e says why, with system true. A file that is cut short meanwhile
 * kills the process (SIGBUS). */
bool lm_map(const char *path, struct span *bytes, struct lm_error *e);
void lm_unmap(struct span bytes);

struct lm_tensor {
	struct span name;		/* borrowed from the file or the list's arena */
	enum quant type;
	uint32_t dims;			/* 1 to 4 */
	uint64_t dim[4];		/* outermost first; blocks lie along the last */
	struct span data;		/* rows without gaps */
	bool used;
};

struct lm_tensors {			/* {0} is empty */
	struct lm_tensor *v;
	size_t n, room;
	struct arena names;
};

/* Add a tensor whose data begins at `data` with at most `room` bytes there. False: its shape is impossible, or
 * needs more. */
bool lm_tensors_add(struct lm_tensors *t, struct lm_tensor x, const char *data, size_t room, struct lm_error *e);
/* To be called once after the last: sorts; two of one name are an error. */
bool lm_tensors_sort(struct lm_tensors *t, struct lm_error *e);
struct lm_tensor *lm_tensors_find(const struct lm_tensors *t, const char *name);	/* NULL: absent */
void lm_tensors_free(struct lm_tensors *t);

#endif
