/* http_thread - the thread that owns libcurl: starts what may start, takes in replies, journals them */
#include "http_client.h"

#include "http_body.h"
#include "late.h"
#include "random.h"
#include "scan.h"

#include <curl/curl.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/time.h>

enum { REPLY_MAX = 64 << 20 };		/* bytes */
#define SYNC_EVERY 1.0			/* seconds between two fdatasync() of the journal */
#define LONGEST_NAP 120.0		/* seconds a server's rate headers can hold us up */

#ifndef LIBCURL
#define LIBCURL "libcurl.so.4"
#endif
#define CURL_FUNCTIONS(X) X(curl, easy_cleanup) X(curl, easy_getinfo) X(curl, easy_init) X(curl, easy_setopt) \
	X(curl, easy_strerror) X(curl, global_init) X(curl, multi_add_handle) X(curl, multi_cleanup) \
	X(curl, multi_info_read) X(curl, multi_init) X(curl, multi_perform) X(curl, multi_poll) \
	X(curl, multi_remove_handle) X(curl, multi_wakeup) X(curl, slist_append) X(curl, slist_free_all)
static struct { CURL_FUNCTIONS(LATE_POINTER) } curl;

/* ---- sending ---- */

static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;
	struct timeval now;

	gettimeofday(&now, NULL);
	http_reply_header(&q->head, (struct span){ p, size * n }, (double)now.tv_sec + 1e-6 * (double)now.tv_usec);
	return size * n;
}

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;

	if (q->reply.n + size * n > REPLY_MAX)
		return 0;
	buf_add(&q->reply, (struct span){ p, size * n });
	return size * n;
}

_Static_assert(sizeof ((struct request *)0)->said >= CURL_ERROR_SIZE, "room for libcurl's words");

static CURL *new_handle(struct http *h)
{
	const char *roots = getenv("SSL_CERT_FILE");
	CURL *e = curl.easy_init();

	if (!e)
		die(EXIT_SYSTEM, "out of memory");
	if (roots && *roots)
		curl.easy_setopt(e, CURLOPT_CAINFO, roots);
	curl.easy_setopt(e, CURLOPT_URL, h->set->url);
	curl.easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl.easy_setopt(e, CURLOPT_HTTPHEADER, h->headers);
	curl.easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	curl.easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
	curl.easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)fmin(1e3 * h->set->timeout, 1e9));
	curl.easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	curl.easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	return e;
}

static void begin(struct http *h, struct request *q)
{
	CURL *e = h->n_idle ? h->idle[--h->n_idle] : new_handle(h);

	http_reply_clear(&q->head);
	q->reply.n = 0;
	q->said[0] = '\0';
	q->easy = e;
	curl.easy_setopt(e, CURLOPT_PRIVATE, q);
	curl.easy_setopt(e, CURLOPT_ERRORBUFFER, q->said);
	curl.easy_setopt(e, CURLOPT_HEADERDATA, q);
	curl.easy_setopt(e, CURLOPT_WRITEDATA, q);
	curl.easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
	curl.easy_setopt(e, CURLOPT_POSTFIELDS, q->body.p);
	if (curl.multi_add_handle(h->multi, e) != CURLM_OK)
		die(EXIT_SYSTEM, "out of memory");
}

static double allowed_at(struct allowance *a, double now, double cost)
{
	return now < a->until && a->left < cost ? a->until - now : 0;
}

/* Seconds until the next request may start; 0: now. */
static double hold_up(struct http *h, const struct request *q, double now)
{
	double wait = fmax(h->pause - now, 0);

	wait = fmax(wait, http_pace_wait(&h->requests, now, 1));
	wait = fmax(wait, http_pace_wait(&h->tokens, now, q->tokens));
	wait = fmax(wait, allowed_at(&h->may_ask, now, 1));
	return fmax(wait, allowed_at(&h->may_spend, now, q->tokens));
}

/* Start what may start; the time until more may, at most a second. Locked. */
static double start_due(struct http *h)
{
	const double now = clock_now();
	double nap = 1;

	while (!h->stopped && h->running < (size_t)h->set->in_flight) {
		const bool again = h->later.first && h->later.first->due <= now;
		struct list *from = again ? &h->later : &h->queue;
		struct request *q = from->first;
		double wait;
		int fits;

		/* One that waits for its next attempt keeps its place, so that their number is bounded. */
		if (!q || h->closing || (!again && h->running + h->waiting >= (size_t)h->set->in_flight))
			break;
		wait = hold_up(h, q, now);
		if (wait > 0)
			return fmin(nap, wait);
		fits = http_reserve(h->set, q);
		if (fits < 0)
			http_stop(h, "the next request could exceed --max-cost", NULL);
		if (fits <= 0)
			return fmin(nap, 0.1);
		list_take(from);
		if (again) {
			h->waiting--;
		} else {
			h->queued--;
			pthread_cond_signal(&h->room);
		}
		http_pace_spend(&h->requests, 1);
		http_pace_spend(&h->tokens, q->tokens);
		h->may_ask.left -= 1;
		h->may_spend.left -= q->tokens;
		h->counts.retries += q->failures > 0;
		h->running++;
		begin(h, q);
	}
	if (h->later.first && h->running < (size_t)h->set->in_flight)
		nap = fmin(nap, fmax(h->later.first->due - now, 0.001));
	return nap;
}

/* ---- replies ---- */

/* Why this failure would meet every other request too; NULL: it need not. */
static const char *hopeless(const struct request *q, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CERTPROBLEM:
		return "the server's certificate does not verify";
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return "this is no address";
	default:
		return NULL;
	}
	switch (q->head.status) {
	case 401: return "the key is refused";
	case 402: return "the account is not paid";
	case 404: return "there is no such address or model";
	case 405: return "this address does not take POST";
	case 403:			/* (else some servers' word for a request they do not like) */
	case 429: return http_body_quota(buf_span(&q->reply)) ? "the quota is used up" : NULL;
	default: return NULL;
	}
}

/* Nobody is there, after all attempts: so it would be for the others. */
static bool unreachable(CURLcode code)
{
	return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY;
}

/* NULL: the reply is an answer. Else what is wrong, in text; *final: asked again it would be the same. */
static const char *trouble(struct http *h, const struct request *q, CURLcode code, struct buf *text, bool *final)
{
	struct value top;
	struct scan_error e;
	const char *why;

	*final = false;
	if (code == CURLE_WRITE_ERROR && q->head.status) {
		*final = true;
		buf_addf(text, "a reply of more than %d MiB", REPLY_MAX >> 20);
	} else if (code != CURLE_OK) {
		buf_adds(text, q->said[0] ? q->said : curl.easy_strerror(code));
	} else if (q->head.status < 200 || q->head.status > 299) {
		buf_addf(text, "status %ld: ", q->head.status);
		http_body_reason(buf_span(&q->reply), text);
	} else if (!scan(buf_span(&q->reply), 0, NULL, &top, &e)) {
		buf_addf(text, "the reply is not JSON: byte %zu: %s", e.at + 1, e.why);
	} else if (h->set->check && (why = h->set->check(buf_span(&q->reply)))) {
		*final = true;
		buf_adds(text, why);
	} else {
		return NULL;
	}
	return buf_cstr(text);
}

static void set_allowance(struct allowance *a, const struct http_left *said, double under_way, double now)
{
	if (said->remaining < 0)
		return;
	a->left = said->remaining - under_way;
	a->until = now + fmin(said->reset > 0 ? said->reset : 1, LONGEST_NAP);
}

static void keep_account(struct http *h, const struct request *q, const char *why)
{
	const double now = clock_now();
	double in = 0, out = 0, cost = 0;

	if (!why && http_body_usage(buf_span(&q->reply), &in, &out)) {
		cost = http_price(h->set, in, out);
		http_pace_spend(&h->tokens, in + out - q->tokens);
	}
	http_pay(h->set, q, cost);
	h->counts.tokens_in += (uint64_t)in;
	h->counts.tokens_out += (uint64_t)out;
	h->counts.cost += cost;
	set_allowance(&h->may_ask, &q->head.requests, (double)h->running, now);
	set_allowance(&h->may_spend, &q->head.tokens, (double)h->running * q->tokens, now);
}

static void settle(struct http *h, struct request *q, const char *why)
{
	uint64_t *fate = keymap_find(&h->fate, q->key);

	if (why) {
		GROW(h->why, h->n_why, h->why_room);
		h->why[h->n_why] = xstrdup(why);
		*fate = FAILED + h->n_why++;
		h->counts.failed++;
	} else {
		*fate = DONE;
		h->counts.answered++;
	}
	pthread_cond_broadcast(&h->settled);
	request_free(q);
}

static void try_later(struct http *h, struct request *q, double wait)
{
	const double now = clock_now();

	if (q->head.retry_after > 0 && (q->head.status == 429 || q->head.status == 503))
		h->pause = fmax(h->pause, now + wait);
	q->failures++;
	q->due = now + wait;
	list_put_by_time(&h->later, q);
	h->waiting++;
}

static void take_back_handle(struct http *h, struct request *q)
{
	curl.easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &q->head.status);
	curl.multi_remove_handle(h->multi, q->easy);
	h->idle[h->n_idle++] = q->easy;
}

/* Does this failure say that others are to be expected? A request that is refused (too long, say) does so only as
 * long as none was ever answered. Locked. */
static void count_in_a_row(struct http *h, const struct request *q, bool failed, bool final)
{
	const long s = q->head.status;
	const bool trouble_there = s < 300 || s == 408 || s == 409 || s == 429 || s >= 500;

	if (!failed)
		h->in_a_row = 0;
	else if (!final && (trouble_there || journal_answers(h->journal) == 0))
		h->in_a_row++;
}

/* The request's attempt is over: an answer, another attempt, or the end of it. */
static void finish(struct http *h, struct request *q, CURLcode code)
{
	struct rng g = { .seed = q->key.lo, .n = q->failures };
	struct buf text = { 0 };
	const char *why, *stopping;
	bool final, again = false;
	double wait = 0;

	take_back_handle(h, q);
	http_body_blot(&q->reply, h->set->key);
	why = trouble(h, q, code, &text, &final);
	stopping = why ? hopeless(q, code) : NULL;
	if (code != CURLE_OK)
		q->head.status = 0;
	if (why && !final && !stopping && q->failures < (unsigned)h->set->retries)
		again = http_again(&q->head, q->failures, rng_real(&g), &wait);
	if (!again && unreachable(code))
		stopping = "the server cannot be reached";
	if (!again && journal_add(h->journal, q->key, buf_span(&q->reply), why, q->head.status) < 0) {
		stopping = "the journal cannot be written";
		why = strerror(errno);
	}

	pthread_mutex_lock(&h->lock);
	h->running--;
	keep_account(h, q, why);
	if (!again)
		count_in_a_row(h, q, why != NULL, final);
	if (stopping || h->in_a_row == HTTP_HOPELESS)
		http_stop(h, stopping ? stopping : "too many failures in a row", why);
	if (again && !h->stopped)
		try_later(h, q, wait);
	else
		settle(h, q, why);
	pthread_mutex_unlock(&h->lock);
	buf_free(&text);
}

static void sync_journal(struct http *h, double now)
{
	if (now - h->synced < SYNC_EVERY)
		return;
	h->synced = now;
	if (journal_sync(h->journal) < 0) {
		pthread_mutex_lock(&h->lock);
		http_stop(h, "the journal cannot be written", NULL);
		pthread_mutex_unlock(&h->lock);
	}
}

void *http_thread(void *arg)
{
	struct http *h = arg;
	double nap;
	bool over;

	for (;;) {
		CURLMsg *m;
		int n;

		pthread_mutex_lock(&h->lock);
		nap = start_due(h);
		over = h->running == 0 && (h->closing || h->stopped);
		if (over)
			pthread_cond_broadcast(&h->settled);
		over = over && h->closing;
		pthread_mutex_unlock(&h->lock);
		if (over)
			return NULL;
		curl.multi_perform(h->multi, &n);
		while ((m = curl.multi_info_read(h->multi, &n))) {
			struct request *q;

			if (m->msg != CURLMSG_DONE)
				continue;
			curl.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &q);
			finish(h, q, m->data.result);
			nap = 0;
		}
		sync_journal(h, clock_now());
		curl.multi_poll(h->multi, NULL, 0, (int)ceil(1e3 * nap), NULL);
	}
}

/* ---- before and after ---- */

static void init_curl(void)
{
	static const char *const names[] = { CURL_FUNCTIONS(LATE_NAME) NULL };

	late_load(LIBCURL, names, &curl);
	curl.global_init(CURL_GLOBAL_DEFAULT);
}

void http_thread_prepare(struct http *h)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char *agent = xasprintf("User-Agent: preftools/%s", PREF_VERSION);
	char *key = h->set->key ? xasprintf("Authorization: Bearer %s", h->set->key) : NULL;

	pthread_once(&once, init_curl);
	h->headers = curl.slist_append(NULL, "Content-Type: application/json");
	h->headers = curl.slist_append(h->headers, "Expect:");
	h->headers = curl.slist_append(h->headers, agent);
	if (key)
		h->headers = curl.slist_append(h->headers, key);
	free(agent);
	free(key);
	h->multi = curl.multi_init();
	if (!h->multi || !h->headers)
		die(EXIT_SYSTEM, "out of memory");
	h->idle = xcalloc((size_t)h->set->in_flight, sizeof *h->idle);
	h->synced = clock_now();
}

void http_thread_wake(struct http *h)
{
	curl.multi_wakeup(h->multi);
}

void http_thread_free(struct http *h)
{
	for (size_t i = 0; i < h->n_idle; i++)
		curl.easy_cleanup(h->idle[i]);
	curl.multi_cleanup(h->multi);
	curl.slist_free_all(h->headers);
	free(h->idle);
}
