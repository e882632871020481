/* http_body - what every server's replies have in common: usage and error */
#include "http_body.h"

#include "scan.h"

enum { REASON = 200 };			/* bytes shown of a refusal */

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

bool http_body_usage(struct span body, double *in, double *out)
{
	struct value usage = member(top_of(body), S("usage"));
	double total;

	*in = *out = 0;
	json_number(member(usage, S("completion_tokens")), out);
	if (json_number(member(usage, S("prompt_tokens")), in))
		return true;
	if (!json_number(member(usage, S("total_tokens")), &total))
		return false;
	*in = total - *out;
	return true;
}

bool http_body_quota(struct span body)
{
	struct value error = member(top_of(body), S("error"));
	const struct value said[] = { member(error, S("code")), member(error, S("type")) };
	struct arena a = { 0 };
	bool quota = false;

	for (size_t i = 0; i < COUNT(said); i++) {
		struct span s = json_text(said[i], &a);

		quota = quota || span_eq(s, S("insufficient_quota")) || span_eq(s, S("billing_hard_limit_reached"));
	}
	arena_free(&a);
	return quota;
}

void http_body_reason(struct span body, struct buf *text)
{
	struct value top = top_of(body), error = member(top, S("error"));
	const struct value said[] = {
		member(error, S("message")), error, member(top, S("message")), member(top, S("detail"))
	};
	struct arena a = { 0 };
	struct span s = { 0 };

	for (size_t i = 0; i < COUNT(said) && s.n == 0; i++)
		s = span_trim(json_text(said[i], &a));
	if (s.n == 0)
		s = span_trim(body);
	buf_add_visible(text, span_cut(s, 0, REASON));
	if (s.n > REASON)
		buf_adds(text, "...");
	arena_free(&a);
}

void http_body_blot(struct buf *b, const char *secret)
{
	const struct span what = span_of(secret);
	size_t from = 0, at;

	while (what.n && (at = span_find(span_cut(buf_span(b), from, b->n), what)) != (size_t)-1) {
		memset(b->p + from + at, '*', what.n);
		from += at + what.n;
	}
}
