/* http_form_check - does the file of -J http:FILE make sense as a whole? And what it does not say */
#include "http_form.h"

#include <stdlib.h>

void form_set(struct form *f, struct span name, struct span json)
{
	size_t i = 0;

	while (i < f->n_set && !span_eq(f->set[i].name, name))
		i++;
	if (i == f->n_set) {
		GROW(f->set, f->n_set, f->set_room);
		f->set[f->n_set++].name = arena_copy(&f->arena, name);
	}
	f->set[i].json = arena_printf(&f->arena, "%.*s", ARG(json));	/* (ends with a NUL, for atol()) */
}

static void put_default(struct form *f, struct span name, struct span json)
{
	for (size_t i = 0; i < f->n_set; i++)
		if (span_eq(f->set[i].name, name))
			return;
	form_set(f, name, json);
}

bool form_is_reward(const struct form *f)
{
	return f->api >= API_CLASSIFY;
}

struct span form_setting(const struct form *f, struct span name)
{
	for (size_t i = 0; i < f->n_set; i++)
		if (span_eq(f->set[i].name, name) && !span_eq(f->set[i].json, S("null")))
			return f->set[i].json;
	return (struct span){ 0 };
}

static void defaults_of_talk(struct form *f)
{
	const bool chat = f->api == API_CHAT;
	struct span most;

	put_default(f, S("temperature"), f->votes > 1 ? S("1") : S("0"));
	if (!form_setting(f, S("max_completion_tokens")).p)
		put_default(f, S("max_tokens"), f->logprobs ? S("1") : S("1024"));
	if (f->logprobs)
		put_default(f, S("logprobs"), chat ? S("true") : S("5"));
	if (f->logprobs && chat)
		put_default(f, S("top_logprobs"), S("20"));
	most = form_setting(f, S("max_tokens"));
	if (!most.p)
		most = form_setting(f, S("max_completion_tokens"));
	f->http.answer_tokens = most.p ? atol(most.p) : 0;
}

static bool has_field(const struct form *f, enum field field)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->v[i].n; k++)
			if (f->v[i].v[k].field == field && !f->v[i].own)
				return true;
	return false;
}

/* A file that could not work is told from now, not at the first record. */
static const char *missing(const struct form *f)
{
	const bool text = f->api == API_COMPLETIONS || f->api == API_OPENRLHF || f->api == API_SGLANG;

	if (!f->http.url)
		return "there is no url";
	if (!f->model && f->api != API_OPENRLHF && f->api != API_SGLANG)
		return "there is no model";
	for (size_t i = 0; i < f->n; i++)
		if ((strcmp(f->v[i].role, "text") == 0) != text)
			return text ? "this api takes a [text]" : "this api takes no [text]";
	if (text && f->n != 1 + (size_t)f->has_own)
		return "this api takes one [text]";
	if (form_is_reward(f)) {
		if (!text && f->n)
			return "this api takes no template: the messages are those of the record";
		if (f->logprobs || f->votes > 1 || f->asks == ASKS_PAIR || f->asks == ASKS_WHY || f->has_own)
			return "a reward server gives one number a response: judge: rating, no votes, no logprobs";
		if (f->uses_sentence)
			return "a reward server scores whole responses: no {sentence}";
		return text && !has_field(f, FIELD_RESPONSE) ? "the template lacks {response}" : NULL;
	}
	if (f->n == 0)
		return "there is no template: a section [user]";
	if (f->asks != ASKS_WHY && has_field(f, FIELD_BETTER))
		return "{better} would tell the judge the label: it is for judge: rationale";
	if (f->asks == ASKS_WHY && (f->logprobs || f->has_own))
		return "a rationale is asked for without logprobs and [own user]";
	if ((f->asks == ASKS_PAIR || f->asks == ASKS_WHY) && !(has_field(f, FIELD_A) && has_field(f, FIELD_B)))
		return "the template lacks {A} or {B}";
	if ((f->asks == ASKS_PAIR || f->asks == ASKS_WHY) && f->uses_sentence)
		return "{sentence} is for judge: rating and judge: rules";
	if (f->asks != ASKS_PAIR && f->asks != ASKS_WHY && !has_field(f, FIELD_RESPONSE) && !has_field(f, FIELD_SENTENCE))
		return "the template lacks {response}";
	if (f->asks == ASKS_RULES && f->n_items == 0)
		return "there is no rule";
	if (f->logprobs && f->asks == ASKS_RATING)
		return "logprobs are for pairwise and rules";
	if (has_field(f, FIELD_OWN) != f->has_own)
		return "{own} and a section [own user] belong together";
	return NULL;
}

const char *form_complete(struct form *f)
{
	const char *why;

	if (form_is_reward(f) && f->asks == ASKS_PAIR)
		f->asks = ASKS_RATING;
	why = missing(f);
	if (!why && !form_is_reward(f))
		defaults_of_talk(f);
	return why;
}
