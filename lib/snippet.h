/* snippet.h - the program in an answer: out of Markdown, out of prose, or as the continuation of its prompt */
#ifndef PREF_SNIPPET_H
#define PREF_SNIPPET_H

#include "language.h"

/* The code of a text, borrowed from it. Of fenced blocks (``` or ~~~, also one that is never closed) the first that
 * defines entry and is not of another language; else the first tagged as l, else the first without a tag. Also what
 * stands before the first fence if it begins like code and defines entry: models take a prompt for the beginning of a block.
 * Without such a block the text itself; if l is Python and entry is defined in it, without the prose before and after.
 * entry: a function's name, may be empty. *fenced (may be NULL): it is a block. */
struct span snippet_code(struct span text, const struct language *l, struct span entry, bool *fenced);
/* Is entry defined in code? In Python by def, class or an assignment; else: does its name occur as a word? */
bool snippet_defines(struct span code, const struct language *l, struct span entry);
/* Is the first line that is not blank indented? Then it goes on in a function. */
bool snippet_begins_inside(struct span code);
/* The part of a text that goes on with an indented block: it ends before the first line at the margin. */
struct span snippet_completion(struct span text);
/* What stands before entry in a prompt that is Python: imports and helpers, which those who write the function anew leave out.
 * Absent: the prompt is something else. */
struct span snippet_head(struct span prompt, const struct language *l, struct span entry);

#endif
