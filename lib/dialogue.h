/* dialogue.h - a prompt or a response as messages: who says what
 *
 * A string becomes messages: a transcript ("\n\nHuman: ...\n\nAssistant:", lib/text.h) its turns, any other prompt one
 * user message, a response one assistant message, without the blanks around it. Texts are decoded, in the arena.
 */
#ifndef PREF_DIALOGUE_H
#define PREF_DIALOGUE_H

#include "scan.h"

enum speaker { SYSTEM, USER, ASSISTANT };

struct message {
	enum speaker by;
	struct span text;
};

struct dialogue {
	struct message *v;		/* in the arena */
	size_t n;
};

/* The text of a string value: NULL, or "surrogate": half of a surrogate pair, which no UTF-8 text holds. */
const char *dialogue_string(struct value v, struct arena *a, struct span *text);
/* An array of messages {"role", "content"}, content a string or parts {"text"}, which are joined by line ends. NULL, or
 * "pair": not an object, "role": neither system, user nor assistant, "content": not text, "surrogate". */
const char *dialogue_messages(struct value v, struct arena *a, struct dialogue *d);

/* A prompt that is a string; true: it is a transcript. Its open last turn ("\n\nAssistant:") asks for the response and is
 * no message. */
bool dialogue_of_prompt(struct span text, struct arena *a, struct dialogue *d);
/* A response that is a string. What follows a transcript may go on in its form, and be several turns. */
void dialogue_of_response(struct span text, bool transcript, struct arena *a, struct dialogue *d);

#endif
