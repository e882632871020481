/* http_said - any bytes as a server's reply: a verdict, a finite number, or a reason why not */
#include "ruling.h"
#include "fuzz.h"
#include "http_body.h"
#include "http_rules.h"
#include "http_said.h"
#include "text.h"

#include <math.h>

static void as_reply(const struct form *f, struct span body)
{
	struct arena a = { 0 };
	double x = NAN;
	const char *why = NULL;
	struct value top;
	struct scan_error e;
	enum verdict v;

	if (!scan(body, 0, NULL, &top, &e) || http_said_check((enum http_api)f->api)(body))
		return;
	v = http_said(f, body, &a, &x, &why);
	LAW(v == VERDICT_NONE || (v >= VERDICT_INVALID && why));
	LAW(v != VERDICT_NONE || isfinite(x));
	LAW(v != VERDICT_NONE || form_is_reward(f) || f->asks == ASKS_RATING || (x >= 0 && x <= 1));
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span s = { (const char *)data, size };
	struct http_reply head;
	struct buf b = { 0 };
	double x, y;

	for (int api = API_CHAT; api <= API_SGLANG; api++)
		for (int asks = ASKS_PAIR; asks <= ASKS_RULES; asks++)
			for (int lp = 0; lp < 2; lp++)
				as_reply(&(struct form){ .api = api, .asks = asks, .logprobs = lp, .lo = -5, .hi = 5 }, s);
	for (int form = RULING_PAIR; form <= RULING_YES_NO; form++)
		for (int cut = 0; cut < 2; cut++)
			LAW(!ruling_read(s, cut, (enum ruling_form)form, &x) || isfinite(x));
	http_reply_clear(&head);
	http_reply_header(&head, s, 1e9);
	LAW(!(head.retry_after > 1e300) && !isnan(http_duration(s)) && !isnan(http_retry_after(s, 0)));
	http_body_usage(s, &x, &y);
	http_body_quota(s);
	http_body_reason(s, &b);
	LAW(text_valid(buf_span(&b), &(size_t){ 0 }));
	buf_free(&b);
	return 0;
}
