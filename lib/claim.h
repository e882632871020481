/* claim.h - which files a program is going to write, so that none of them destroys another or an input */
#ifndef PREF_CLAIM_H
#define PREF_CLAIM_H

#include "base.h"

/* The inputs' names, borrowed; "-" is none. Before the first claim. */
void claim_inputs(const char *const *paths, size_t n);

/* This path (NULL: none) is going to be written; "-" is standard output. Dies (EXIT_USAGE) if another output
 * has it, under whatever name, or if it is an input and may not be one: -o may, since it replaces the file
 * when all of it has been read. What exists and is no regular file (/dev/null) may be shared. */
void claim_output(const char *path, bool may_be_input);

/* This path is going to be read besides the inputs. Dies (EXIT_USAGE) if an output has it. */
void claim_reading(const char *path);

void claim_free(void);

#endif
