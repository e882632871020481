/* said.h - the prompt and the responses of a record as a language model's chat template wants them
 *
 * raw: for models that only continue texts (template "none"): strings are as they are written, transcripts too. Else
 * strings become messages (dialogue.h), without the blanks around them.
 */
#ifndef PREF_SAID_H
#define PREF_SAID_H

#include "lm/chat.h"
#include "rec.h"

struct said {
	struct chat_message *v;		/* of the prompt, in the record's arena */
	size_t n;
	bool transcript;		/* the prompt is one: responses may go on in its form */
};

/* NULL, or why not (static text). */
const char *said_prompt(struct rec *r, bool raw, struct said *s);
/* The text of a response: one message of the assistant. NULL, or why not (static text). */
const char *said_response(struct value v, bool transcript, bool raw, struct arena *a, struct span *text);

#endif
