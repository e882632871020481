/* http - the unit test of lib/http*.c: the rules with worked values, the client against tests/loopback */
#include "../../lib/http.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../lib/http_body.h"
#include "../../lib/scan.h"
#include "../loopback.h"

static char path[] = "/tmp/http-XXXXXX";

/* ---- rules ---- */

static struct http_reply reply_of(long status, const char *const *headers)
{
	struct http_reply r;

	http_reply_clear(&r);
	r.status = status;
	for (; headers && *headers; headers++)
		http_reply_header(&r, span_of(*headers), 784111777);	/* Sun, 06 Nov 1994 08:49:37 GMT */
	return r;
}

#define close_to(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static void reads_headers(void **state)
{
	struct http_reply r;
	(void)state;

	close_to(http_retry_after(S("12"), 0), 12);
	close_to(http_retry_after(S(" 0.5 \r\n"), 0), 0.5);
	close_to(http_retry_after(S("Sun, 06 Nov 1994 08:49:37 GMT"), 784111770), 7);
	close_to(http_retry_after(S("Sun, 06 Nov 1994 08:49:37 GMT"), 784111780), 0);
	assert_true(http_retry_after(S("soon"), 0) < 0);
	assert_true(http_retry_after(S("-3"), 0) < 0);
	assert_true(http_retry_after(S("1.2.3"), 0) < 0);
	assert_true(http_retry_after(S(""), 0) < 0);
	close_to(http_duration(S("1.2s")), 1.2);
	close_to(http_duration(S("120ms")), 0.12);
	close_to(http_duration(S("6m0s")), 360);
	close_to(http_duration(S("1h2m3s")), 3723);
	close_to(http_duration(S("60")), 60);
	assert_true(http_duration(S("1x")) < 0);
	assert_true(http_duration(S("")) < 0);

	r = reply_of(429, (const char *const[]){ "RETRY-AFTER: 3\r\n", "Retry-After-Ms: 250\r\n", "Retry-After: 9\r\n",
		"x-ratelimit-remaining-requests: 4\r\n", "x-ratelimit-reset-requests: 1m2s\r\n", "x-should-retry: false\r\n", NULL });
	close_to(r.retry_after, 0.25);
	close_to(r.requests.remaining, 4);
	close_to(r.requests.reset, 62);
	assert_true(r.tokens.remaining < 0);
	assert_int_equal(r.should_retry, -1);
}

static void tries_again(void **state)
{
	static const struct {
		long status;
		const char *header;
		unsigned failures;
		double chance;
		bool again;
		double wait;
	} cases[] = {
		{ 0, NULL, 0, 0, true, 0.5 }, { 0, NULL, 1, 0, true, 1 }, { 500, NULL, 3, 0, true, 4 },
		{ 503, NULL, 4, 0, true, 8 }, { 503, NULL, 90, 0, true, 8 }, { 500, NULL, 1, 0.5, true, 0.875 },
		{ 408, NULL, 0, 0, true, 0.5 }, { 409, NULL, 0, 0, true, 0.5 }, { 429, NULL, 0, 0, true, 0.5 },
		{ 400, NULL, 0, 0, false, 0.5 }, { 422, NULL, 0, 0, false, 0.5 }, { 302, NULL, 0, 0, false, 0.5 },
		{ 429, "retry-after: 7", 0, 0, true, 7 }, { 429, "retry-after: 120", 2, 0.9, true, 120 },
		{ 429, "retry-after: 121", 0, 0, false, 121 }, { 429, "retry-after: 0", 0, 0, true, 0.5 },
		{ 500, "x-should-retry: false", 0, 0, false, 0.5 }, { 400, "x-should-retry: true", 0, 0, true, 0.5 },
		{ 429, "retry-after: Sun, 06 Nov 1994 08:49:47 GMT", 0, 0, true, 10 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_reply r = reply_of(cases[i].status, (const char *const[]){ cases[i].header, NULL });
		double wait;

		assert_int_equal(http_again(&r, cases[i].failures, cases[i].chance, &wait), cases[i].again);
		close_to(wait, cases[i].wait);
	}
}

/* 120 a minute: two at once, then one every half second; a cost that never fits waits for a full second's worth. */
static void keeps_pace(void **state)
{
	struct http_pace p = { .rate = 120 }, none = { 0 };
	(void)state;

	close_to(http_pace_wait(&none, 1, 1e9), 0);
	for (int i = 0; i < 2; i++) {
		close_to(http_pace_wait(&p, 10, 1), 0);
		http_pace_spend(&p, 1);
	}
	close_to(http_pace_wait(&p, 10, 1), 0.5);
	close_to(http_pace_wait(&p, 10.25, 1), 0.25);
	close_to(http_pace_wait(&p, 10.5, 1), 0);
	http_pace_spend(&p, 1);
	close_to(http_pace_wait(&p, 10.5, 1000), 1);
	close_to(http_pace_wait(&p, 11.5, 1000), 0);
	http_pace_spend(&p, 1000);
	close_to(http_pace_wait(&p, 11.5, 1), 998.0 / 2 + 0.5);
}

static void reads_bodies(void **state)
{
	struct buf b = { 0 };
	double in, out;
	(void)state;

	assert_true(http_body_usage(S("{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}"), &in, &out));
	close_to(in, 3);
	close_to(out, 4);
	assert_true(http_body_usage(S("{\"usage\":{\"total_tokens\":7}}"), &in, &out));
	close_to(in, 7);
	close_to(out, 0);
	assert_false(http_body_usage(S("{\"usage\":null}"), &in, &out));
	assert_false(http_body_usage(S("[1]"), &in, &out));
	assert_true(http_body_quota(S("{\"error\":{\"code\":\"insufficient_quota\"}}")));
	assert_true(http_body_quota(S("{\"error\":{\"code\":null,\"type\":\"insufficient_quota\"}}")));
	assert_false(http_body_quota(S("{\"error\":{\"code\":\"rate_limit_exceeded\"}}")));
	assert_false(http_body_quota(S("<html>insufficient_quota")));
	http_body_reason(S("{\"error\":{\"message\":\"too long\\u001b\"}}"), &b);
	assert_string_equal(buf_cstr(&b), "too long\\x1B");
	b.n = 0;
	http_body_reason(S("{\"detail\":\"nope\"}"), &b);
	assert_string_equal(buf_cstr(&b), "nope");
	b.n = 0;
	http_body_reason(S(" <html> "), &b);
	assert_string_equal(buf_cstr(&b), "<html>");
	b.n = 0;
	buf_adds(&b, "abc, abcabc");
	http_body_blot(&b, "abc");
	http_body_blot(&b, NULL);
	assert_string_equal(buf_cstr(&b), "***, ******");
	buf_free(&b);
}

/* ---- the client ---- */

static const char *one_choice(struct span body)
{
	struct value top;
	struct scan_error e;

	scan(body, 0, NULL, &top, &e);
	return scan_count(scan_member(top, S("choices"))) == 1 ? NULL : "not one choice";
}

static struct http_settings settings;
static struct journal *journal;
static struct http *client;
static char *url;

static void begin(const char *play, bool anew)
{
	const char *why;

	if (anew)
		unlink(path);
	url = xasprintf("http://127.0.0.1:%d/%s/v1/chat/completions", loopback_port, play);
	settings.url = url;
	settings.check = one_choice;
	if (settings.in_flight == 0)
		settings.in_flight = 8;
	if (settings.timeout == 0)
		settings.timeout = 20;
	journal = journal_open(path, &why);
	assert_non_null(journal);
	client = http_open(&settings, journal, &why);
	assert_non_null(client);
}

static struct http_counts end(void)
{
	struct http_counts c = http_counts(client);

	http_close(client);
	assert_int_equal(journal_close(journal), 0);
	free(url);
	settings = (struct http_settings){ 0 };
	return c;
}

static struct key128 ask(int i)
{
	char *body = xasprintf("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"number %d\"}]}", i);
	struct key128 k = http_key(url, span_of(body));

	http_send(client, k, span_of(body));
	free(body);
	return k;
}

static void assert_answered(struct key128 k)
{
	struct buf b = { 0 };
	const char *why = "";

	if (http_wait(client, k, &b, &why) != HTTP_ANSWERED)
		fail_msg("%s", why);
	assert_true(span_find(buf_span(&b), S("An answer of my own.")) != (size_t)-1);
	buf_free(&b);
}

static void assert_fate(struct key128 k, enum http_fate fate, const char *text)
{
	struct buf b = { 0 };
	const char *why = "";

	assert_int_equal(http_wait(client, k, &b, &why), fate);
	if (!strstr(why, text))
		fail_msg("\"%s\" is not in \"%s\"", text, why);
	buf_free(&b);
}

static void each_trouble_passes(void **state)
{
	static const struct { const char *play; double least; uint64_t retries; } plays[] = {
		{ "ok", 0, 0 }, { "busy", 0.2, 1 }, { "busy-ms", 0.05, 1 }, { "busy-date", 1, 1 }, { "busy-plain", 0.375, 1 },
		{ "down", 0.05, 1 }, { "cut", 0.375, 1 }, { "hang-up", 0.375, 1 }, { "garbage", 0.375, 1 }, { "drip", 0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(plays); i++) {
		struct http_counts c;
		double t = clock_now();

		settings.retries = 1;
		begin(plays[i].play, true);
		assert_answered(ask(1));
		t = clock_now() - t;
		if (t < plays[i].least || t > plays[i].least + 15)
			fail_msg("%s took %.3f s", plays[i].play, t);
		c = end();
		/* (What hangs up on a connection that was kept is sent again by libcurl itself.) */
		assert_int_equal(c.retries, plays[i].retries);
		assert_int_equal(c.answered, 1);
		assert_int_equal(c.failed, 0);
	}
}

static double spent;

static void many_in_flight(void **state)
{
	enum { N = 3000 };
	static struct key128 k[N];
	struct http_counts c;
	(void)state;

	for (int turn = 0; turn < 2; turn++) {
		settings.retries = 3;
		settings.in_flight = 64;
		settings.price_in = 1e6;
		begin("mixed", turn == 0);
		for (int i = 0; i < N; i++)
			k[i] = ask(i);
		ask(7);				/* again: it is not sent twice */
		for (int i = 0; i < N; i++)
			assert_answered(k[i]);
		c = end();
		assert_int_equal(c.asked, turn == 0 ? N : 0);
		assert_int_equal(c.answered, turn == 0 ? N : 0);
		assert_int_equal(c.cached, turn == 0 ? 0 : N);
		assert_true(turn == 1 || (c.retries > N / 3 && c.tokens_in > N));
		spent += c.cost;
		assert_true(fabs(c.cost - (double)c.tokens_in) < 1e-6);
	}
}

static void failures_are_told_and_not_kept(void **state)
{
	static const struct { const char *play, *why; } plays[] = {
		{ "always-down", "status 500: played down" }, { "always-wrong", "status 400: played wrong" },
		{ "always-garbage", "the reply is not JSON: byte 23" }, { "always-cut", "" }, { "always-hang-up", "" },
		{ "none", "not one choice" }, { "always-later", "status 429" }, { "always-stuck", "timed out" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(plays); i++) {
		struct http_counts c;

		settings.retries = strstr(plays[i].play, "later") ? 9 : 0;
		settings.timeout = strstr(plays[i].play, "stuck") ? 0.3 : 20;
		begin(plays[i].play, true);
		assert_fate(ask(1), HTTP_FAILED, plays[i].why);
		assert_int_equal(journal_answers(journal), 0);
		c = end();
		assert_int_equal(c.failed, 1);
		assert_int_equal(c.retries, 0);
	}
	/* What failed is asked again. */
	settings.retries = 0;
	begin("ok", false);
	assert_answered(ask(1));
	assert_int_equal(end().asked, 1);
}

static void what_is_hopeless_stops(void **state)
{
	struct key128 last = { 0 };
	(void)state;

	settings.retries = 5;
	begin("always-quota", true);
	assert_fate(ask(1), HTTP_STOPPED, "status 429: played quota");
	assert_fate(ask(2), HTTP_STOPPED, "the quota is used up");
	assert_true(end().retries == 0);

	begin("key", true);
	assert_fate(ask(1), HTTP_STOPPED, "status 401");
	assert_fate(ask(2), HTTP_STOPPED, "the key is refused");
	end();

	begin("always-down", true);
	for (int i = 0; i < HTTP_HOPELESS + 10; i++)
		last = ask(i);
	assert_fate(last, HTTP_STOPPED, "too many failures in a row");
	end();

	/* Requests that are refused stop the client only if none was ever answered. */
	begin("always-wrong", true);
	for (int i = 0; i < HTTP_HOPELESS + 10; i++)
		last = ask(i);
	assert_fate(last, HTTP_STOPPED, "too many failures in a row");
	assert_int_equal(journal_add(journal, (struct key128){ 1, 1 }, S("{}"), NULL, 0), 0);
	end();
	begin("always-wrong", false);
	for (int i = 0; i < HTTP_HOPELESS + 10; i++)
		last = ask(i);
	assert_fate(last, HTTP_FAILED, "status 400");
	end();

	/* What is in flight when the client stops is awaited. */
	settings.price_in = 1e6;
	settings.max_cost = spent + 25;	/* expected to take 18 or 19 each, they take 2 or 3 */
	settings.in_flight = 2;
	begin("drip", true);
	for (int i = 0; i < 20; i++)
		last = ask(i);
	assert_fate(last, HTTP_STOPPED, "--max-cost");
	struct http_counts c = end();
	assert_true(c.answered >= 2 && c.answered < 20 && c.cost <= 25);
}

static void the_key_is_sent_and_not_told(void **state)
{
	char text[4000] = { 0 };
	struct buf b = { 0 };
	const char *why;
	FILE *f;
	(void)state;

	settings.key = "sesame";
	begin("key", true);
	assert_int_equal(http_wait(client, ask(1), &b, &why), HTTP_ANSWERED);
	assert_non_null(strstr(buf_cstr(&b), "I know the word ******."));
	settings.key = NULL;
	end();
	settings.key = "wrong-key";
	begin("key", false);
	ask(2);
	assert_fate(ask(2), HTTP_STOPPED, "status 401");
	end();
	f = fopen(path, "r");
	assert_true(fread(text, 1, sizeof text - 1, f) > 0);
	fclose(f);
	assert_null(strstr(text, "sesame"));
	assert_null(strstr(text, "wrong-key"));
	assert_non_null(strstr(text, "*********"));
	buf_free(&b);
}

static void limits_are_kept(void **state)
{
	double t;
	(void)state;

	/* 600 a minute: ten at once, then one every tenth of a second. */
	settings.requests_per_minute = 600;
	begin("ok", true);
	t = clock_now();
	for (int i = 0; i < 15; i++)
		ask(i);
	for (int i = 0; i < 15; i++)
		assert_answered(ask(i));
	t = clock_now() - t;
	end();
	assert_true(t > 0.45 && t < 15);

	/* The server says so with each answer: no other within 0.3 s. */
	settings.in_flight = 1;
	begin("limit", true);
	t = clock_now();
	for (int i = 0; i < 4; i++)
		ask(i);
	for (int i = 0; i < 4; i++)
		assert_answered(ask(i));
	t = clock_now() - t;
	end();
	assert_true(t > 0.85 && t < 15);
}

static void addresses(void **state)
{
	static const char *const wrong[] = { "ftp://x/", "localhost:80", "http://u:p@x/", "" };
	const char *why;
	(void)state;

	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_null(http_open(&(struct http_settings){ .url = wrong[i], .in_flight = 1, .timeout = 1 }, NULL, &why));
	assert_null(http_open(&(struct http_settings){ .url = "http://x", .key = "a\nb", .in_flight = 1 }, NULL, &why));

	/* Nobody listens there. */
	begin("ok", true);
	http_close(client);
	settings.url = "http://127.0.0.1:1/";
	settings.in_flight = 1;
	settings.timeout = 1;
	client = http_open(&settings, journal, &why);
	assert_fate(ask(1), HTTP_STOPPED, "the server cannot be reached (Failed to connect to 127.0.0.1");
	assert_fate(ask(2), HTTP_STOPPED, "cannot be reached");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_headers), cmocka_unit_test(tries_again), cmocka_unit_test(keeps_pace),
		cmocka_unit_test(reads_bodies), cmocka_unit_test(each_trouble_passes), cmocka_unit_test(many_in_flight),
		cmocka_unit_test(failures_are_told_and_not_kept), cmocka_unit_test(what_is_hopeless_stops),
		cmocka_unit_test(the_key_is_sent_and_not_told), cmocka_unit_test(limits_are_kept), cmocka_unit_test(addresses),
	};
	int failed;

	unsetenv("http_proxy");
	close(mkstemp(path));
	loopback_start(NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	loopback_stop();
	unlink(path);
	return failed;
}
