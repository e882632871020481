/* said - the prompt and the responses of a record as a chat template wants them */
#include "said.h"

#include "dialogue.h"

static void take(const struct dialogue *d, struct arena *a, struct said *s)
{
	static const enum chat_role role[] = { [SYSTEM] = CHAT_SYSTEM, [USER] = CHAT_USER, [ASSISTANT] = CHAT_ASSISTANT };

	s->n = d->n;
	s->v = arena_alloc(a, (d->n + 1) * sizeof *s->v);
	for (size_t i = 0; i < d->n; i++)
		s->v[i] = (struct chat_message){ role[d->v[i].by], d->v[i].text };
}

const char *said_prompt(struct rec *r, bool raw, struct said *s)
{
	const struct value v = rec_get(r, "prompt");
	struct dialogue d = { 0 };
	const char *why = "pair";
	struct span text;

	*s = (struct said){ 0 };
	if (v.kind == JSON_NONE)
		return "there is no prompt";
	if (v.kind == JSON_STRING) {
		why = dialogue_string(v, r->arena, &text);
		if (!why && raw) {
			d.n = 1;
			d.v = arena_alloc(r->arena, sizeof *d.v);
			d.v[0] = (struct message){ USER, text };
		} else if (!why) {
			s->transcript = dialogue_of_prompt(text, r->arena, &d);
		}
	} else if (v.kind == JSON_ARRAY) {
		why = dialogue_messages(v, r->arena, &d);
	}
	if (why)
		return "the prompt is no text";
	take(&d, r->arena, s);
	return NULL;
}

const char *said_response(struct value v, bool transcript, bool raw, struct arena *a, struct span *text)
{
	struct dialogue d = { 0 };

	if (v.kind == JSON_STRING) {
		if (dialogue_string(v, a, text))
			return "half of a surrogate pair is no text";
		if (raw)
			return NULL;
		dialogue_of_response(*text, transcript, a, &d);
	} else if (v.kind != JSON_ARRAY || dialogue_messages(v, a, &d)) {
		return "a response is no text";
	}
	if (d.n != 1 || d.v[0].by != ASSISTANT)
		return "a response is not one message of the assistant";
	*text = d.v[0].text;
	return NULL;
}
