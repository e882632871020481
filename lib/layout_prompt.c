/* layout_prompt - what a record of any layout asks */
#include "layout_draft.h"

struct value layout_prompt(struct rec *r, const struct layout *l)
{
	const struct draft *d = draft_read(r, l);
	struct value v = { .kind = JSON_NONE };

	if (d->same)
		v = rec_get(r, "prompt");
	else if (l->kind == LAYOUT_TREE)
		v = rec_get(r, "prompt.text");
	else if (d->prompt.p && strchr("\"[{", d->prompt.p[0]))
		v = value_of(d->prompt);
	return v.kind == JSON_STRING || v.kind == JSON_ARRAY ? v : (struct value){ .kind = JSON_NONE };
}
