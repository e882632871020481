/* http_rules - when a request is sent again, and how long to wait before */
#include "http_rules.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum { LONGEST_WAIT = 120 };		/* seconds a server may ask for */

void http_reply_clear(struct http_reply *r)
{
	*r = (struct http_reply){ .retry_after = -1, .requests = { -1, -1 }, .tokens = { -1, -1 } };
}

/* ---- values of headers ---- */

/* A decimal number at the head of s, which it is taken off; < 0: there is none. */
static double take_number(struct span *s)
{
	char copy[32];
	size_t n = 0;
	char *end;
	double x;

	while (n < s->n && n < sizeof copy - 1 && ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == '.')) {
		copy[n] = s->p[n];
		n++;
	}
	copy[n] = '\0';
	x = strtod(copy, &end);
	if (end == copy || *end)
		return -1;
	*s = span_cut(*s, n, s->n);
	return x;
}

static double whole_number(struct span s)
{
	double x = take_number(&s);

	return s.n ? -1 : x;
}

double http_duration(struct span s)
{
	static const struct { struct span name; double seconds; } units[] = {
		{ { "ms", 2 }, 1e-3 }, { { "s", 1 }, 1 }, { { "m", 1 }, 60 }, { { "h", 1 }, 3600 }, { { "d", 1 }, 86400 },
	};
	double total = s.p ? whole_number(s) : -1;

	if (total >= 0 || !s.p)
		return total;
	for (total = 0; s.n;) {
		double x = take_number(&s);
		size_t i = 0;

		while (i < COUNT(units) && !span_starts(s, units[i].name))
			i++;
		if (x < 0 || i == COUNT(units))
			return -1;
		total += x * units[i].seconds;
		s = span_cut(s, units[i].name.n, s.n);
	}
	return total > 0 ? total : -1;
}

/* The one form that servers may send (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
static double date(struct span s)
{
	char copy[40];
	struct tm tm = { 0 };
	char *end;

	if (s.n >= sizeof copy)
		return -1;
	memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	end = strptime(copy, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return end && *end == '\0' ? (double)timegm(&tm) : -1;
}

double http_retry_after(struct span value, double now)
{
	double x;

	value = span_trim(value);
	x = whole_number(value);
	if (x >= 0 || value.n == 0)
		return x;
	x = date(value);
	if (x < 0)
		return -1;
	return x > now ? x - now : 0;
}

static bool is_header(struct span line, const char *name, struct span *value)
{
	size_t n = strlen(name);

	if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
		return false;
	*value = span_trim(span_cut(line, n + 1, line.n));
	return true;
}

void http_reply_header(struct http_reply *r, struct span line, double now)
{
	struct span v;

	if (is_header(line, "x-should-retry", &v)) {
		r->should_retry = span_eq(v, S("true")) ? 1 : span_eq(v, S("false")) ? -1 : 0;
	} else if (is_header(line, "retry-after-ms", &v)) {
		double x = whole_number(v);

		if (x >= 0)
			r->retry_after = x / 1e3;
	} else if (is_header(line, "retry-after", &v)) {
		if (r->retry_after < 0)		/* retry-after-ms goes first */
			r->retry_after = http_retry_after(v, now);
	} else if (is_header(line, "x-ratelimit-remaining-requests", &v)) {
		r->requests.remaining = whole_number(v);
	} else if (is_header(line, "x-ratelimit-reset-requests", &v)) {
		r->requests.reset = http_duration(v);
	} else if (is_header(line, "x-ratelimit-remaining-tokens", &v)) {
		r->tokens.remaining = whole_number(v);
	} else if (is_header(line, "x-ratelimit-reset-tokens", &v)) {
		r->tokens.reset = http_duration(v);
	}
}

/* ---- again? ---- */

bool http_again(const struct http_reply *r, unsigned failures, double chance, double *wait)
{
	const long s = r->status;
	bool again = s < 300 || s == 408 || s == 409 || s == 429 || s >= 500;

	if (r->should_retry)
		again = r->should_retry > 0;
	if (r->retry_after > LONGEST_WAIT)
		again = false;
	if (r->retry_after > 0)
		*wait = r->retry_after;
	else
		*wait = fmin(0.5 * exp2(fmin(failures, 10)), 8) * (1 - 0.25 * chance);
	return again;
}

/* ---- pace ---- */

static double most(const struct http_pace *p)
{
	return fmax(p->rate / 60, 1);
}

double http_pace_wait(struct http_pace *p, double now, double cost)
{
	if (p->rate <= 0)
		return 0;
	if (p->at == 0)
		p->level = most(p);
	else
		p->level = fmin(most(p), p->level + (now - p->at) * p->rate / 60);
	p->at = now;
	cost = fmin(cost, most(p));
	return p->level >= cost ? 0 : (cost - p->level) * 60 / p->rate;
}

void http_pace_spend(struct http_pace *p, double cost)
{
	p->level -= cost;
}
