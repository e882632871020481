/* http_said - what a server said: the verdict, rating or reward in a reply's body */
#include "http_said.h"

#include "ruling.h"

#include <math.h>

static struct value top_of(struct span body)
{
	struct value top;
	struct scan_error e;

	return scan(body, 0, NULL, &top, &e) ? top : (struct value){ 0 };
}

static struct value member(struct value v, struct span name)
{
	return v.kind == JSON_OBJECT ? scan_member(v, name) : (struct value){ 0 };
}

static struct value element(struct value v, size_t i)
{
	return v.kind == JSON_ARRAY ? scan_element(v, i) : (struct value){ 0 };
}

/* ---- is it an answer? ---- */

static const char *check_choices(struct span body, struct span what, enum json_kind kind)
{
	struct value choices = member(top_of(body), S("choices"));

	if (choices.kind != JSON_ARRAY)
		return "the reply has no choices";
	if (scan_count(choices) != 1)
		return "the reply does not have one choice";
	return member(element(choices, 0), what).kind == kind ? NULL : "the reply's choice has no text";
}

static const char *check_chat(struct span body)
{
	return check_choices(body, S("message"), JSON_OBJECT);
}

static const char *check_completions(struct span body)
{
	return check_choices(body, S("text"), JSON_STRING);
}

static struct value reward_of(struct value top, enum http_api api)
{
	struct value first = element(member(top, S("data")), 0), v;

	switch (api) {
	case API_CLASSIFY:
		v = member(first, S("probs"));
		return scan_count(v) == 1 ? element(v, 0) : (struct value){ 0 };
	case API_POOLING:		/* of token_classify: the last token's */
		v = member(first, S("data"));
		v = v.kind == JSON_ARRAY && scan_count(v) ? element(v, scan_count(v) - 1) : v;
		return v.kind == JSON_ARRAY ? element(v, 0) : v;
	case API_SCORE:
		return member(first, S("score"));
	case API_OPENRLHF:
		return element(member(top, S("rewards")), 0);
	case API_SGLANG:
		return element(member(element(top, 0), S("embedding")), 0);
	default:
		return (struct value){ 0 };
	}
}

static const char *check_reward(struct span body, enum http_api api)
{
	double x;

	return json_number(reward_of(top_of(body), api), &x) ? NULL : "the reply has no reward";
}

static const char *check_classify(struct span body) { return check_reward(body, API_CLASSIFY); }
static const char *check_pooling(struct span body) { return check_reward(body, API_POOLING); }
static const char *check_score(struct span body) { return check_reward(body, API_SCORE); }
static const char *check_openrlhf(struct span body) { return check_reward(body, API_OPENRLHF); }
static const char *check_sglang(struct span body) { return check_reward(body, API_SGLANG); }

const char *(*http_said_check(enum http_api api))(struct span body)
{
	static const char *(*const checks[])(struct span) = {
		[API_CHAT] = check_chat, [API_COMPLETIONS] = check_completions, [API_CLASSIFY] = check_classify,
		[API_POOLING] = check_pooling, [API_SCORE] = check_score, [API_OPENRLHF] = check_openrlhf,
		[API_SGLANG] = check_sglang,
	};

	return checks[api];
}

/* ---- by log-probs of the first token ---- */

struct two_sides {
	double yes, no;			/* probability of tokens that mean 1 and 0 */
};

static void add_token(struct two_sides *s, struct span token, double logprob, enum ruling_form form)
{
	double x;

	if (!ruling_word(token, form, &x))
		return;
	if (x == 1)
		s->yes += exp(logprob);
	else if (x == 0)
		s->no += exp(logprob);
}

static bool of_logprobs(struct value choice, bool chat, enum ruling_form form, struct arena *a, double *x)
{
	struct value lp = member(choice, S("logprobs"));
	struct two_sides s = { 0 };
	struct scan_iter it;
	struct member m;
	double logprob;

	if (chat)
		lp = member(element(member(lp, S("content")), 0), S("top_logprobs"));
	else
		lp = element(member(lp, S("top_logprobs")), 0);
	for (it = scan_open(lp); scan_next(&it, &m);) {
		struct value number = chat ? member(m.val, S("logprob")) : m.val;
		struct span token = chat ? json_text(member(m.val, S("token")), a) : json_unescape(m.key, a);

		if (json_number(number, &logprob))
			add_token(&s, token, logprob, form);
	}
	*x = s.yes / (s.yes + s.no);
	return s.yes + s.no > 0 && isfinite(*x);	/* (A log-prob far above 0 is none.) */
}

/* ---- what it says ---- */

static enum ruling_form form_of(const struct form *f)
{
	return f->asks == ASKS_PAIR ? RULING_PAIR : f->asks == ASKS_RATING ? RULING_RATING : RULING_YES_NO;
}

/* The text of a choice; a refusal has none. */
static enum verdict text_of(struct value choice, bool chat, struct arena *a, struct span *text, const char **why)
{
	struct value message = member(choice, S("message"));
	struct span refusal = json_text(member(message, S("refusal")), a);
	struct span finish = json_text(member(choice, S("finish_reason")), a);

	*text = json_text(chat ? member(message, S("content")) : member(choice, S("text")), a);
	if (refusal.n || span_eq(finish, S("content_filter"))) {
		*why = refusal.n ? arena_printf(a, "%.*s", ARG(span_cut(refusal, 0, 200))).p : "content filter";
		return VERDICT_REFUSED;
	}
	if (span_trim(*text).n == 0) {
		*why = "the reply has no text";
		return VERDICT_INVALID;
	}
	return VERDICT_NONE;
}

enum verdict http_said(const struct form *f, struct span body, struct arena *a, double *x, const char **why)
{
	const bool chat = f->api == API_CHAT;
	struct value top = top_of(body), choice = element(member(top, S("choices")), 0);
	struct span text;
	enum verdict v;
	bool cut;

	if (form_is_reward(f)) {
		*why = "the reply has no reward";
		return json_number(reward_of(top, (enum http_api)f->api), x) ? VERDICT_NONE : VERDICT_ERROR;
	}
	v = text_of(choice, chat, a, &text, why);
	if (f->logprobs && v != VERDICT_REFUSED) {	/* (The token that was drawn may be blank.) */
		*why = "the first token's log-probs name neither side";
		return of_logprobs(choice, chat, form_of(f), a, x) ? VERDICT_NONE : VERDICT_INVALID;
	}
	if (v)
		return v;
	cut = http_said_cut(body, a);
	*why = cut ? "the reply was cut off before a verdict" : "there is no verdict in the reply";
	if (!ruling_read(text, cut, form_of(f), x))
		return VERDICT_INVALID;
	*why = "a rating outside the scale";
	return f->asks == ASKS_RATING && (*x < f->lo || *x > f->hi) ? VERDICT_INVALID : VERDICT_NONE;
}

bool http_said_cut(struct span body, struct arena *a)
{
	return span_eq(json_text(member(element(member(top_of(body), S("choices")), 0), S("finish_reason")), a), S("length"));
}

struct span http_said_text(const struct form *f, struct span body, struct arena *a, const char **why)
{
	struct span text;

	if (text_of(element(member(top_of(body), S("choices")), 0), f->api == API_CHAT, a, &text, why))
		return (struct span){ 0 };
	return text;
}
