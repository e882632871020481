/* http_request - the bodies of requests */
#include "http_request.h"

#include "hash.h"
#include "text.h"

#include <stdlib.h>

enum { TURNS = 1000 };			/* of a transcript; a longer one is one message */

void request_boundary(const struct span *texts, size_t n, char hex[17])
{
	bool found = true;

	for (uint64_t turn = 0; found; turn++) {
		struct key128 k = hash128_parts(texts, n, turn);

		snprintf(hex, 17, "%016jx", (uintmax_t)k.lo);
		found = false;
		for (size_t i = 0; i < n && !found; i++)
			found = span_find(texts[i], span_of(hex)) != (size_t)-1;
	}
}

/* ---- templates ---- */

static void put_enclosed(struct buf *b, const char *name, const char *boundary, struct span text)
{
	buf_addf(b, "<%s-%s>\n", name, boundary);
	buf_add(b, text);
	buf_addf(b, "\n</%s-%s>", name, boundary);
}

/* The response with the sentence in question marked. */
static void put_marked(struct buf *b, const char *boundary, struct span response, struct span sentence)
{
	const size_t at = (size_t)(sentence.p - response.p);
	struct buf marked = { 0 };

	buf_add(&marked, span_cut(response, 0, at));
	buf_addf(&marked, "<sentence-%s>", boundary);
	buf_add(&marked, sentence);
	buf_addf(&marked, "</sentence-%s>", boundary);
	buf_add(&marked, span_cut(response, at + sentence.n, response.n));
	put_enclosed(b, field_names[FIELD_RESPONSE], boundary, buf_span(&marked));
	buf_free(&marked);
}

static void put_field(const struct form *f, const struct question *q, enum field field, const char *boundary,
	struct buf *b)
{
	if (field == FIELD_BOUNDARY)
		buf_adds(b, boundary);
	else if (field == FIELD_ITEM)
		buf_adds(b, q->item);
	else if (field == FIELD_BETTER)
		buf_adds(b, q->better ? q->better : "");
	else if (form_is_reward(f))
		buf_add(b, q->text[field]);
	else if (field == FIELD_SENTENCE)
		put_enclosed(b, field_names[field], boundary, q->sentence);
	else if (field == FIELD_RESPONSE && q->sentence.p)
		put_marked(b, boundary, q->text[field], q->sentence);
	else
		put_enclosed(b, field_names[field], boundary, q->text[field]);
}

void request_passage(const struct form *f, const struct question *q, const struct passage *p, const char *boundary, struct buf *b)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].field == FIELD_NONE)
			buf_add(b, p->v[i].text);
		else
			put_field(f, q, p->v[i].field, boundary, b);
	}
}

static void put_passage(const struct form *f, const struct question *q, const struct passage *p,
	const char *boundary, struct buf *b)
{
	struct buf text = { 0 };

	request_passage(f, q, p, boundary, &text);
	json_put_text(b, buf_span(&text));
	buf_free(&text);
}

static void put_message(struct buf *b, const char *role, struct span text)
{
	buf_addf(b, "{\"role\":\"%s\",\"content\":", role);
	json_put_text(b, text);
	buf_addc(b, '}');
}

static void put_template(const struct form *f, const struct question *q, const char *boundary, struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct passage *p = &f->v[i];

		if (p->own != q->own)
			continue;
		buf_adds(b, n++ ? "," : "");
		if (strcmp(p->role, "text") != 0)
			buf_addf(b, "{\"role\":\"%s\",\"content\":", p->role);
		put_passage(f, q, p, boundary, b);
		if (strcmp(p->role, "text") != 0)
			buf_addc(b, '}');
	}
}

/* ---- conversations, for reward servers ---- */

/* The record's prompt as messages: as it is, a transcript cut into its turns, or one message. */
static void put_prompt(struct rec *r, struct span prompt, struct buf *b)
{
	struct value v = rec_get(r, "prompt");
	struct scan_iter it = scan_open(v);
	struct turn *turns;
	struct member m;
	size_t n;

	if (v.kind == JSON_ARRAY) {
		while (scan_next(&it, &m)) {
			buf_add(b, m.val.raw);
			buf_addc(b, ',');
		}
		return;
	}
	if (!prompt.p)
		return;
	turns = arena_alloc(r->arena, TURNS * sizeof *turns);
	n = text_turns(prompt, turns, TURNS);
	for (size_t i = 0; i < n && n <= TURNS; i++) {
		/* (The last turn of a prompt is the assistant's, and empty.) */
		if (i + 1 == n && turns[i].text.n == 0)
			continue;
		put_message(b, turns[i].role == TURN_HUMAN ? "user" : "assistant", turns[i].text);
		buf_addc(b, ',');
	}
	if (n == 0 || n > TURNS) {
		put_message(b, "user", prompt);
		buf_addc(b, ',');
	}
}

static void put_conversation(struct rec *r, const struct question *q, struct buf *b)
{
	buf_adds(b, "\"messages\":[");
	put_prompt(r, q->text[FIELD_PROMPT], b);
	put_message(b, "assistant", q->text[FIELD_RESPONSE]);
	buf_addc(b, ']');
}

/* ---- the whole ---- */

static void put_settings(const struct form *f, const struct question *q, struct buf *b)
{
	const struct span seed = form_setting(f, S("seed"));

	for (size_t i = 0; i < f->n_set; i++) {
		struct span name = f->set[i].name, json = f->set[i].json;

		if (span_eq(json, S("null")) || (f->votes > 1 && span_eq(name, S("seed"))))
			continue;
		if (q->own && (span_eq(name, S("logprobs")) || span_eq(name, S("top_logprobs"))))
			continue;
		if (q->own && f->logprobs && span_eq(name, S("max_tokens")))
			json = S("1024");
		buf_addc(b, ',');
		json_put_text(b, name);
		buf_addc(b, ':');
		buf_add(b, json);
	}
	if (f->votes > 1)
		buf_addf(b, ",\"seed\":%ld", (seed.p ? atol(seed.p) : 0) + q->vote);
}

void request_put(const struct form *f, struct rec *r, const struct question *q, struct buf *b)
{
	char boundary[17];

	request_boundary(q->text, FIELDS_OF_TEXT, boundary);
	buf_addc(b, '{');
	if (f->model) {
		buf_adds(b, "\"model\":");
		json_put_text(b, span_of(f->model));
		buf_addc(b, ',');
	}
	switch ((enum http_api)f->api) {
	case API_CHAT:
		buf_adds(b, "\"messages\":[");
		put_template(f, q, boundary, b);
		buf_addc(b, ']');
		break;
	case API_COMPLETIONS:
		buf_adds(b, "\"prompt\":");
		put_template(f, q, boundary, b);
		break;
	case API_CLASSIFY:
		put_conversation(r, q, b);
		buf_adds(b, ",\"use_activation\":false");
		break;
	case API_POOLING:
		put_conversation(r, q, b);
		buf_adds(b, ",\"use_activation\":false,\"encoding_format\":\"float\"");
		break;
	case API_SCORE:
		buf_adds(b, "\"queries\":");
		json_put_text(b, q->text[FIELD_PROMPT]);
		buf_adds(b, ",\"documents\":[");
		json_put_text(b, q->text[FIELD_RESPONSE]);
		buf_addc(b, ']');
		break;
	case API_OPENRLHF:
		buf_adds(b, "\"query\":[");
		put_template(f, q, boundary, b);
		buf_addc(b, ']');
		break;
	case API_SGLANG:
		buf_adds(b, "\"text\":[");
		put_template(f, q, boundary, b);
		buf_addc(b, ']');
		break;
	}
	put_settings(f, q, b);
	buf_addc(b, '}');
}
