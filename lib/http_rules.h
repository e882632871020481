/* http_rules.h - when a request is sent again, and how long to wait before
 *
 * The rules of OpenAI's own client (openai-python, _base_client.py): 408, 409, 429 and everything from 500 on are
 * tried again, and so are broken connections; x-should-retry, where the server sends it, decides instead. The
 * wait is what retry-after-ms or retry-after say if that is above 0 and at most 120 s; a longer one is a refusal.
 * Without either it is min(0.5 * 2^k, 8) s after the k-th failure (from 0), less up to a quarter by chance.
 */
#ifndef PREF_HTTP_RULES_H
#define PREF_HTTP_RULES_H

#include "base.h"

/* What the headers of a reply say. {0} is none of them; http_reply_clear() makes that. */
struct http_reply {
	long status;			/* 0: there was no reply, the connection failed */
	int should_retry;		/* x-should-retry: 1, -1 (false), 0 (not said) */
	double retry_after;		/* seconds; < 0: not said */
	struct http_left {		/* x-ratelimit-remaining-*, -reset-* */
		double remaining, reset;	/* < 0: not said; reset in seconds from now */
	} requests, tokens;
};
void http_reply_clear(struct http_reply *r);
/* Take in one header line ("Name: value", any line end); now is the time of day for dates. */
void http_reply_header(struct http_reply *r, struct span line, double now);

/* "12", "0.5" seconds or an HTTP date; < 0: neither. */
double http_retry_after(struct span value, double now);
/* "1.2s", "6m0s", "1h2m3s", "120ms", or plain seconds; < 0: none of them. */
double http_duration(struct span value);

/* Is this failure worth another attempt? *wait: seconds until then. failures: how often this request failed
 * before; chance in [0, 1). A 2xx status that comes here is a reply that could not be read. */
bool http_again(const struct http_reply *r, unsigned failures, double chance, double *wait);

/* A rate per minute, filled evenly: a second's worth may come at once. rate 0: no limit. */
struct http_pace {
	double rate, level, at;
};
/* Seconds until `cost` units may be spent: 0 if now. A cost above what ever fits waits for a full second's worth. */
double http_pace_wait(struct http_pace *p, double now, double cost);
void http_pace_spend(struct http_pace *p, double cost);	/* negative: give back */

#endif
