/* logprobs - log-probs of a response that a record carries */
#include "logprobs.h"

static const char *const no_form = "is no log-prob, no array of them and no reply that holds them";

static const char *add(struct value v, struct logprobs *l)
{
	double x;

	if (!json_number(v, &x))
		return "a token has no log-prob";
	if (x > 0)
		return "a log-prob is above 0";
	l->sum += x;
	l->tokens++;
	return NULL;
}

/* member: of each element; p NULL: the element itself. */
static const char *add_all(struct value array, struct span member, struct logprobs *l)
{
	struct scan_iter it = scan_open(array);
	const char *why = NULL;
	struct member m;

	while (!why && scan_next(&it, &m))
		why = add(member.p ? scan_member(m.val, member) : m.val, l);
	return !why && l->tokens == 0 ? "there are no tokens" : why;
}

const char *logprobs_read(struct value v, struct logprobs *l)
{
	*l = (struct logprobs){ 0 };
	for (int depth = 0; depth < 3 && v.kind == JSON_OBJECT; depth++) {
		const struct value content = scan_member(v, S("content")), old = scan_member(v, S("token_logprobs"));
		const struct value choices = scan_member(v, S("choices"));

		if (content.kind == JSON_ARRAY)
			return add_all(content, S("logprob"), l);
		if (old.kind == JSON_ARRAY)
			return add_all(old, (struct span){ 0 }, l);
		v = choices.kind == JSON_ARRAY ? scan_element(choices, 0) : scan_member(v, S("logprobs"));
	}
	if (v.kind == JSON_ARRAY)
		return add_all(v, (struct span){ 0 }, l);
	if (v.kind != JSON_NUMBER)
		return no_form;
	if (add(v, l))
		return "a log-prob is above 0";
	l->tokens = 0;
	return NULL;
}
