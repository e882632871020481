/* dialogue - a prompt or a response as messages */
#include "dialogue.h"

#include "text.h"

/* Is there half of a surrogate pair among the escapes of this string? */
static bool lone_surrogate(struct span raw)
{
	const char *p = raw.p, *end = p + raw.n;
	bool high = false;		/* the escape just before was a high surrogate */

	while (p < end) {
		const bool wanted = high;
		bool low = false;

		if (!wanted && !(p = memchr(p, '\\', (size_t)(end - p))))
			return false;
		high = false;
		if (p[0] == '\\' && p[1] == 'u') {
			if (p[2] == 'd' || p[2] == 'D') {
				high = strchr("89abAB", p[3]) != NULL;
				low = strchr("cdefCDEF", p[3]) != NULL;
			}
			p += 6;
		} else {
			p += p[0] == '\\' ? 2 : 1;
		}
		if (wanted != low)
			return true;
	}
	return false;
}

const char *dialogue_string(struct value v, struct arena *a, struct span *text)
{
	if (!v.plain && lone_surrogate(v.raw))
		return "surrogate";
	*text = json_text(v, a);
	return NULL;
}

/* Text parts, joined by line ends. Decoding never lengthens: the array's own length is room enough. */
static const char *read_parts(struct value v, struct arena *a, struct span *text)
{
	char *joined = arena_alloc(a, v.raw.n), *p = joined;
	struct scan_iter it = scan_open(v);
	struct member part;

	while (scan_next(&it, &part)) {
		struct value said = scan_member(part.val, S("text"));
		struct span piece;
		const char *why;

		if (said.kind != JSON_STRING)
			return "content";
		why = dialogue_string(said, a, &piece);
		if (why)
			return why;
		if (p != joined)
			*p++ = '\n';
		if (piece.n)
			memcpy(p, piece.p, piece.n);
		p += piece.n;
	}
	*text = (struct span){ joined, (size_t)(p - joined) };
	return NULL;
}

static const char *read_content(struct value v, struct arena *a, struct span *text)
{
	switch (v.kind) {
	case JSON_STRING:
		return dialogue_string(v, a, text);
	case JSON_ARRAY:
		return read_parts(v, a, text);
	default:
		return "content";
	}
}

static const char *read_message(struct value v, struct arena *a, struct message *m)
{
	static const struct span roles[] = { S("system"), S("user"), S("assistant") };
	struct span role;
	size_t i = 0;

	if (v.kind != JSON_OBJECT)
		return "pair";
	role = json_text(scan_member(v, S("role")), a);
	while (i < COUNT(roles) && !span_eq(roles[i], role))
		i++;
	if (i == COUNT(roles))
		return "role";
	if (scan_count(scan_member(v, S("tool_calls"))) > 0)
		return "content";
	m->by = (enum speaker)i;
	return read_content(scan_member(v, S("content")), a, &m->text);
}

const char *dialogue_messages(struct value v, struct arena *a, struct dialogue *d)
{
	struct scan_iter it = scan_open(v);
	struct member item;
	const char *why = NULL;

	d->v = arena_alloc(a, (scan_count(v) + 1) * sizeof *d->v);
	for (d->n = 0; !why && scan_next(&it, &item); d->n++)
		why = read_message(item.val, a, &d->v[d->n]);
	return why;
}

static struct span arena_join(struct arena *a, struct span x, struct span y)
{
	char *p = arena_alloc(a, x.n + y.n);

	memcpy(p, x.p, x.n);
	memcpy(p + x.n, y.p, y.n);
	return (struct span){ p, x.n + y.n };
}

static void one_message(struct span text, enum speaker by, struct arena *a, struct dialogue *d)
{
	d->n = 1;
	d->v = arena_alloc(a, sizeof *d->v);
	d->v[0] = (struct message){ by, span_trim(text) };
}

/* The turns of a transcript; false if it is none. An open last turn ("\n\nAssistant:") asks for the
 * response and is no message. */
static bool turns_to_messages(struct span text, struct arena *a, struct dialogue *d)
{
	const size_t n = text_turns(text, NULL, 0);
	struct turn *turns;

	if (n == 0)
		return false;
	turns = arena_alloc(a, n * sizeof *turns);
	text_turns(text, turns, n);
	d->n = n;
	d->v = arena_alloc(a, n * sizeof *d->v);
	for (size_t i = 0; i < n; i++)
		d->v[i] = (struct message){ turns[i].role == TURN_HUMAN ? USER : ASSISTANT, turns[i].text };
	if (d->v[n - 1].by == ASSISTANT && d->v[n - 1].text.n == 0)
		d->n--;
	return true;
}

static bool has_marker(struct span text)
{
	return span_find(text, S("\n\nHuman:")) != (size_t)-1 ||
	       span_find(text, S("\n\nAssistant:")) != (size_t)-1;
}

bool dialogue_of_prompt(struct span text, struct arena *a, struct dialogue *d)
{
	const bool transcript = turns_to_messages(text, a, d);

	if (!transcript)
		one_message(text, USER, a, d);
	return transcript;
}

void dialogue_of_response(struct span text, bool transcript, struct arena *a, struct dialogue *d)
{
	if (transcript && has_marker(text))
		turns_to_messages(arena_join(a, S("\n\nAssistant:"), text), a, d);
	else
		one_message(text, ASSISTANT, a, d);
}
