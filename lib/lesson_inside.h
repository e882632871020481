/* lesson_inside.h - tokens of a record's members; for lesson*.c */
#ifndef PREF_LESSON_INSIDE_H
#define PREF_LESSON_INSIDE_H

#include "lesson.h"

#include <pthread.h>

#include "said.h"

struct lesson {
	struct lesson_options o;
	bool raw;			/* texts are continued as they are */
	struct course_data learned, held_out;
	size_t room[2];
	struct arena memory;		/* of what is kept */
	uint64_t cut;
	/* A tokenizer's scratch, which remembers words, for whoever needs one. */
	struct tokenizer_scratch *scratch[64];
	size_t scratches;
	pthread_mutex_t lock;
};

struct ids {
	int32_t *v;
	size_t n;
};

struct asked {				/* a prompt */
	struct ids ids;
	struct said said;
	bool text;			/* responses are texts, too */
};

/* Member name_ids, or name. False after rec_bad() or rec_drop(); so the others. */
bool lesson_prompt(struct lesson *l, struct rec *r, const char *name, struct asked *p);
/* ids, an array, or else the text of v: a response to p. */
bool lesson_response(struct lesson *l, struct rec *r, const struct asked *p, struct value ids, struct value v,
	const char *name, struct ids *out);
/* The response in member name_ids or name. */
bool lesson_member(struct lesson *l, struct rec *r, const struct asked *p, const char *name, struct ids *out);
/* The weights of a response's tokens by the member mask, for texts: 1 where the token's first byte is kept, else 0. What ends
 * the answer goes with its last byte. Nothing is set where the record has no mask for this side. */
bool lesson_mask(struct lesson *l, struct rec *r, const struct asked *p, const char *side, struct train_text *x);

#endif
