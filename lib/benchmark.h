/* benchmark.h - benchmark files as items of an overlap index
 *
 * A file holds records (JSON Lines or one array; plain or compressed) or is plain text, an item a line: it is
 * text unless its first byte that is not blank is { or [. A folder stands for the regular files in it, in the
 * order of their names; those whose names begin with a dot and folders in it are left out.
 *
 * What a record asks is the item: with fields, those members, joined by an empty line; else, if the first record
 * of the file is in a layout of layout.h, the prompt that this layout sees; else the first of prompt, question,
 * problem, instruction (and input), query, text, input, ctx, goal, sentence, messages that is text. Answers are
 * no part of it by default, as in Tulu 3: prompts leak without them, and then too little of the item is covered.
 *
 * An item's name is its member id or task_id (string or number), else FILE:LINE. A benchmark's name is that of the
 * file without folder and suffixes (.jsonl.gz), or its path if an earlier one has that name.
 *
 * What cannot be read dies: EXIT_SYSTEM, EXIT_BAD at its place. One set at a time is read.
 */
#ifndef PREF_BENCHMARK_H
#define PREF_BENCHMARK_H

#include "overlap.h"
#include "scan.h"

struct benchmark {
	const char *path;
	const char *name;
	uint32_t first, n;		/* items [first, first + n) of the index */
	uint32_t wordless;		/* items without a word, which are in no index */
};

struct benchmarks {			/* {0} is empty */
	struct benchmark *v;
	size_t n, room;
	struct span *names;		/* of the items, by number */
	size_t n_names, names_room;
	uint64_t bytes;			/* of the items' texts */
	struct arena arena;
};

/* Read a file or folder into the index, which must hold what b holds. fields: names parted by commas, or NULL. */
void benchmark_read(struct benchmarks *b, struct overlap *o, const char *path, const char *fields);
/* The text by which items and records are compared: of messages and of a transcript (text_turns()) what was said,
 * joined by empty lines, without who said it. p NULL: v is neither a string nor messages. */
struct span benchmark_text(struct value v, struct arena *a);
/* Which benchmark item number k is of. */
const struct benchmark *benchmark_of(const struct benchmarks *b, uint32_t item);
void benchmarks_free(struct benchmarks *b);

#endif
