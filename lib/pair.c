/* pair - a record seen as a preference pair: prompt and responses as texts */
#include "pair.h"

#include "hash.h"
#include "text.h"

/* ---- messages ---- */

/* A text under construction. While it is one piece it borrows; the second piece makes it copy. */
struct joined {
	struct span text;
	char *own;
	size_t room;			/* enough for the whole of it: see join_messages() */
	struct arena *arena;
};

static void join(struct joined *j, struct span piece)
{
	if (piece.n == 0)
		return;
	if (!j->text.n) {
		j->text = piece;
		return;
	}
	if (!j->own) {
		j->own = arena_alloc(j->arena, j->room);
		memcpy(j->own, j->text.p, j->text.n);
		j->text.p = j->own;
	}
	memcpy(j->own + j->text.n, piece.p, piece.n);
	j->text.n += piece.n;
}

/* Add a message's content: a string, or the text parts of an array. Null and parts of another type (an
 * image) have no text. False: something else. */
static bool join_content(struct joined *j, struct value v)
{
	struct scan_iter it;
	struct member part;
	bool first = true;

	if (v.kind == JSON_NONE || v.kind == JSON_NULL)
		return true;
	if (v.kind == JSON_STRING) {
		join(j, json_text(v, j->arena));
		return true;
	}
	if (v.kind != JSON_ARRAY)
		return false;
	it = scan_open(v);
	while (scan_next(&it, &part)) {
		struct value text = scan_member(part.val, S("text"));

		if (part.val.kind != JSON_OBJECT)
			return false;
		if (text.kind != JSON_STRING)
			continue;
		if (!first)
			join(j, S("\n"));
		first = false;
		join(j, json_text(text, j->arena));
	}
	return true;
}

static bool is_empty(struct value v)
{
	struct scan_iter it = scan_open(v);
	struct member m;

	switch (v.kind) {
	case JSON_NONE:
	case JSON_NULL:
		return true;
	case JSON_STRING:
		return v.raw.n == 2;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return !scan_next(&it, &m);
	default:
		return false;
	}
}

/* The text of an array of messages; p NULL if it is something else. *only_text becomes false if there may
 * be more to them.
 *
 * The array's own length is room enough for the text: decoding never lengthens a string, and the braces,
 * quotes and key of {"content":""} outweigh the ": " and "\n\n" that a message gets. */
static struct span join_messages(struct value array, bool with_roles, struct arena *a, bool *only_text)
{
	struct joined j = { .text = S(""), .room = array.raw.n, .arena = a };
	struct scan_iter it = scan_open(array);
	const bool only_before = *only_text;
	struct member message;
	bool first = true, only = true;

	*only_text = false;
	while (scan_next(&it, &message)) {
		struct value role = { 0 }, content = { 0 };
		struct scan_iter members = scan_open(message.val);
		struct member m;

		if (message.val.kind != JSON_OBJECT)
			return (struct span){ 0 };
		while (scan_next(&members, &m)) {
			if (member_is(&m, S("content")))
				content = m.val;
			else if (member_is(&m, S("role")))
				role = m.val;
			else
				only = only && is_empty(m.val);
		}
		only = only && content.kind != JSON_ARRAY;
		if (content.kind == JSON_NONE && role.kind == JSON_NONE)
			return (struct span){ 0 };
		if (!first)
			join(&j, S("\n\n"));
		first = false;
		if (with_roles && role.kind == JSON_STRING) {
			join(&j, json_text(role, a));
			join(&j, S(": "));
		}
		if (!join_content(&j, content))
			return (struct span){ 0 };
	}
	*only_text = only_before && only;
	return j.text;
}

static struct span member_text(struct value v, bool with_roles, struct arena *a, bool *only_text)
{
	switch (v.kind) {
	case JSON_STRING:
		return json_text(v, a);
	case JSON_ARRAY:
		return join_messages(v, with_roles, a, only_text);
	default:
		return (struct span){ 0 };
	}
}

struct span pair_text(struct value v, bool with_roles, struct arena *a)
{
	bool only_text = true;

	return member_text(v, with_roles, a, &only_text);
}

/* ---- what is not text ---- */

/* Is a part of a content only text? "input_text" and "output_text" are other names of the type. */
static bool part_is_text(struct value part, struct arena *a)
{
	struct scan_iter it = scan_open(part);
	bool text = false;
	struct member m;

	while (scan_next(&it, &m)) {
		if (member_is(&m, S("text")))
			text = m.val.kind == JSON_STRING;
		else if (member_is(&m, S("type")) && m.val.kind == JSON_STRING) {
			if (!span_ends(json_text(m.val, a), S("text")))
				return false;
		} else if (!is_empty(m.val))
			return false;
	}
	return text;
}

static void add_beyond(struct buf *b, size_t message, size_t part, struct span key, struct span raw)
{
	buf_addf(b, "%zu.%zu\"", message, part);
	buf_add(b, key);
	buf_adds(b, "\":");
	buf_add(b, raw);
}

static void message_beyond(struct value message, size_t number, struct buf *b, struct arena *a)
{
	struct scan_iter members = scan_open(message), parts;
	struct member m, part;

	while (scan_next(&members, &m)) {
		if (member_is(&m, S("role")))
			continue;
		if (!member_is(&m, S("content"))) {
			if (!is_empty(m.val))
				add_beyond(b, number, 0, m.key, m.val.raw);
			continue;
		}
		if (m.val.kind != JSON_ARRAY)
			continue;
		parts = scan_open(m.val);
		for (size_t i = 0; scan_next(&parts, &part); i++)
			if (!part_is_text(part.val, a))
				add_beyond(b, number, i, S("content"), part.val.raw);
	}
}

struct span pair_beyond(struct value v, struct arena *a)
{
	struct scan_iter it = scan_open(v);
	struct span found = S("");
	struct buf b = { 0 };
	struct member message;

	if (v.kind == JSON_OBJECT)
		message_beyond(v, 0, &b, a);
	else
		for (size_t i = 0; scan_next(&it, &message); i++)
			message_beyond(message.val, i, &b, a);
	if (b.n)
		found = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return found;
}

/* ---- pairs ---- */

bool pair_of(struct rec *r, struct pair *p, const char **what)
{
	p->only_text = true;
	p->prompt = member_text(rec_get(r, "prompt"), true, r->arena, &p->only_text);
	p->chosen = member_text(rec_get(r, "chosen"), false, r->arena, &p->only_text);
	p->rejected = member_text(rec_get(r, "rejected"), false, r->arena, &p->only_text);
	*what = !p->chosen.p ? "chosen" : "rejected";
	return p->chosen.p && p->rejected.p;
}

bool pair_need(struct rec *r, struct pair *p)
{
	const char *what;
	struct value v;

	if (pair_of(r, p, &what))
		return true;
	v = rec_get(r, what);
	if (v.kind == JSON_NONE)
		rec_bad(r, 0, "no member \"%s\"", what);
	else
		rec_bad(r, rec_col(r, v.raw.p), "\"%s\" is neither a string nor messages", what);
	return false;
}

/* The first Human turn of a transcript, or p NULL. */
static struct span first_human(struct span transcript)
{
	struct turn t[2];
	size_t n = text_turns(transcript, t, COUNT(t));

	for (size_t i = 0; i < n && i < COUNT(t); i++)
		if (t[i].role == TURN_HUMAN)
			return t[i].text;
	return (struct span){ 0 };
}

/* The member that the first turn is in: without a prompt the chosen response is a whole conversation. */
static struct value conversation(struct rec *r)
{
	struct value v = rec_get(r, "prompt");

	return v.kind == JSON_NONE ? rec_get(r, "chosen") : v;
}

/* The first message of the user and its text; kind JSON_NONE if there is none. */
static struct value first_user(struct value messages, struct span *text, struct arena *a)
{
	struct scan_iter it = scan_open(messages);
	struct member message;

	while (messages.kind == JSON_ARRAY && scan_next(&it, &message)) {
		struct span role = json_text(scan_member(message.val, S("role")), a);
		struct joined j = { .text = S(""), .room = message.val.raw.n, .arena = a };

		if (span_eq(role, S("user")) && join_content(&j, scan_member(message.val, S("content")))) {
			*text = j.text;
			return message.val;
		}
	}
	return (struct value){ 0 };
}

struct span pair_first_turn(struct rec *r, const struct pair *p)
{
	struct value v = conversation(r);
	struct span found;

	if (v.kind == JSON_STRING) {
		found = first_human(p->prompt.p ? p->prompt : p->chosen);
		return found.p ? found : p->prompt;
	}
	return first_user(v, &found, r->arena).kind == JSON_NONE ? p->prompt : found;
}

struct span pair_first_turn_beyond(struct rec *r)
{
	struct value v;
	struct span text;

	v = first_user(conversation(r), &text, r->arena);
	return pair_beyond(v.kind == JSON_NONE ? rec_get(r, "prompt") : v, r->arena);
}

bool pair_group(struct rec *r, const struct pair *p, const char *by, uint64_t *group)
{
	struct span turn;
	struct value v;

	if (by) {
		v = rec_get(r, by);
		*group = v.kind == JSON_STRING ? hash64(json_text(v, r->arena), 1) : hash64(v.raw, 2);
		if (v.kind == JSON_NONE)
			rec_bad(r, 0, "no member \"%s\" to split by", by);
		return v.kind != JSON_NONE;
	}
	turn = pair_first_turn(r, p);
	if (turn.n)
		*group = hash64(turn, 0);
	else
		*group = hash128_parts((const struct span[]){ p->chosen, p->rejected }, 2, 0).lo;
	return true;
}

bool pair_turned(const struct pair *p)
{
	const bool sorted = span_cmp(p->chosen, p->rejected) < 0;
	const struct span texts[] = { p->prompt, sorted ? p->chosen : p->rejected, sorted ? p->rejected : p->chosen };

	return (hash128_parts(texts, COUNT(texts), 1).lo & 1) == sorted;
}

struct span pair_id(struct rec *r, const struct pair *p)
{
	struct span parts[6] = { p->prompt, p->chosen, p->rejected };
	struct value v = rec_get(r, "id");
	char hex[33];

	if (v.kind == JSON_STRING)
		return json_text(v, r->arena);
	if (v.kind == JSON_NUMBER && !memchr(v.raw.p, '.', v.raw.n) && !memchr(v.raw.p, 'e', v.raw.n) &&
	    !memchr(v.raw.p, 'E', v.raw.n))
		return v.raw;
	if (!p->only_text) {
		parts[3] = pair_beyond(rec_get(r, "prompt"), r->arena);
		parts[4] = pair_beyond(rec_get(r, "chosen"), r->arena);
		parts[5] = pair_beyond(rec_get(r, "rejected"), r->arena);
	}
	key128_hex(hash128_parts(parts, parts[3].n || parts[4].n || parts[5].n ? 6 : 3, 0), hex);
	return arena_copy(r->arena, (struct span){ hex, 32 });
}
