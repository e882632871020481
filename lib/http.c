/* http - POST JSON to one address: many requests in flight, each answer journalled before it is used */
#include "http_client.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* ---- lists ---- */

void list_clear(struct list *l)
{
	l->first = NULL;
	l->last = &l->first;
}

void list_put(struct list *l, struct request *q)
{
	q->next = NULL;
	*l->last = q;
	l->last = &q->next;
}

struct request *list_take(struct list *l)
{
	struct request *q = l->first;

	if (q && !(l->first = q->next))
		l->last = &l->first;
	return q;
}

void list_put_by_time(struct list *l, struct request *q)
{
	struct request **at = &l->first;

	while (*at && (*at)->due <= q->due)
		at = &(*at)->next;
	q->next = *at;
	*at = q;
	if (!q->next)
		l->last = &q->next;
}

void request_free(struct request *q)
{
	buf_free(&q->body);
	buf_free(&q->reply);
	free(q);
}

/* ---- money ---- */

/* Over all clients. */
static pthread_mutex_t purse_lock = PTHREAD_MUTEX_INITIALIZER;
static double spent, reserved;

double http_price(const struct http_settings *s, double in, double out)
{
	return (in * s->price_in + out * s->price_out) / 1e6;
}

static double expected_price(const struct http_settings *s, const struct request *q)
{
	return http_price(s, q->tokens - (double)s->answer_tokens, (double)s->answer_tokens);
}

int http_reserve(const struct http_settings *s, const struct request *q)
{
	double cost = expected_price(s, q);
	int fits;

	pthread_mutex_lock(&purse_lock);
	fits = s->max_cost <= 0 || spent + reserved + cost <= s->max_cost;
	if (fits)
		reserved += cost;
	else if (reserved <= 1e-9 * s->max_cost)
		fits = -1;
	pthread_mutex_unlock(&purse_lock);
	return fits;
}

void http_pay(const struct http_settings *s, const struct request *q, double cost)
{
	pthread_mutex_lock(&purse_lock);
	reserved -= expected_price(s, q);
	spent += cost;
	pthread_mutex_unlock(&purse_lock);
}

void http_stop(struct http *h, const char *why, const char *detail)
{
	if (!h->stopped)
		h->stopped = detail ? xasprintf("%s (%s)", why, detail) : xstrdup(why);
	pthread_cond_broadcast(&h->settled);
	pthread_cond_broadcast(&h->room);
}

/* ---- the interface ---- */

double http_tokens(struct span body)
{
	return ceil((double)body.n / 4);
}

struct key128 http_key(const char *url, struct span body)
{
	return hash128_parts((const struct span[]){ span_of(url), body }, 2, 0);
}

/* The process ends by exit() or die(): what is in flight is paid for. Not if it is our own thread that dies, or one
 * that holds the lock. */
static void drain(void *arg)
{
	struct http *h = arg;
	struct timespec soon;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_sec++;
	if (pthread_equal(pthread_self(), h->thread) || pthread_mutex_timedlock(&h->lock, &soon) != 0)
		return;
	h->closing = true;
	pthread_mutex_unlock(&h->lock);
	http_thread_wake(h);
	pthread_join(h->thread, NULL);
	journal_sync(h->journal);
}

struct http *http_open(const struct http_settings *s, struct journal *j, const char **why)
{
	struct http *h;
	int e;

	if (strncmp(s->url, "http://", 7) != 0 && strncmp(s->url, "https://", 8) != 0) {
		*why = "an address begins with http:// or https://";
		return NULL;
	}
	if (memchr(s->url + 8, '@', strcspn(s->url + 8, "/"))) {
		*why = "a password does not belong into an address";
		return NULL;
	}
	if (s->key && strpbrk(s->key, "\r\n")) {
		*why = "a key is one line";
		return NULL;
	}
	h = xcalloc(1, sizeof *h);
	h->set = s;
	h->journal = j;
	list_clear(&h->queue);
	list_clear(&h->later);
	h->requests.rate = s->requests_per_minute;
	h->tokens.rate = s->tokens_per_minute;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->settled, NULL);
	pthread_cond_init(&h->room, NULL);
	http_thread_prepare(h);
	e = pthread_create(&h->thread, NULL, http_thread, h);
	if (e != 0)
		die(EXIT_SYSTEM, "cannot start a thread: %s", strerror(e));
	at_end(drain, h);
	return h;
}

void http_send(struct http *h, struct key128 key, struct span body)
{
	struct request *q;
	uint64_t *fate;
	bool is_new, cached, wake;

	pthread_mutex_lock(&h->lock);
	fate = keymap_at(&h->fate, key, &is_new);
	cached = is_new && journal_has(h->journal, key);
	*fate = is_new ? cached ? DONE : PENDING : *fate;
	h->counts.cached += cached;
	h->counts.asked += is_new && !cached;
	while (is_new && !cached && h->queued >= HTTP_QUEUE && !h->stopped)
		pthread_cond_wait(&h->room, &h->lock);
	if (!is_new || cached || h->stopped) {
		pthread_mutex_unlock(&h->lock);
		return;
	}
	q = xcalloc(1, sizeof *q);
	q->key = key;
	buf_add(&q->body, body);
	q->tokens = http_tokens(body) + (double)h->set->answer_tokens;
	list_put(&h->queue, q);
	h->queued++;
	wake = h->running < (size_t)h->set->in_flight;
	pthread_mutex_unlock(&h->lock);
	if (wake)
		http_thread_wake(h);
}

enum http_fate http_wait(struct http *h, struct key128 key, struct buf *body, const char **why)
{
	enum http_fate got = HTTP_ANSWERED;
	const uint64_t *fate;
	uint64_t f;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		fate = keymap_find(&h->fate, key);
		f = fate ? *fate : UNKNOWN;
		if (f == UNKNOWN)
			bug("a request that was not sent");
		if (f == DONE || (h->stopped ? h->running == 0 : f != PENDING))
			break;
		pthread_cond_wait(&h->settled, &h->lock);
	}
	if (f != DONE && h->stopped) {
		got = HTTP_STOPPED;
		*why = h->stopped;
	} else if (f >= FAILED) {
		got = HTTP_FAILED;
		*why = h->why[f - FAILED];
	}
	pthread_mutex_unlock(&h->lock);
	if (got == HTTP_ANSWERED && journal_find(h->journal, key, body) != 1) {
		got = HTTP_STOPPED;
		*why = "the journal cannot be read";
	}
	return got;
}

struct http_counts http_counts(struct http *h)
{
	struct http_counts c;

	pthread_mutex_lock(&h->lock);
	c = h->counts;
	pthread_mutex_unlock(&h->lock);
	return c;
}

void http_close(struct http *h)
{
	struct request *q;

	if (!h)
		return;
	at_end_cancel(drain, h);
	drain(h);
	while ((q = list_take(&h->queue)) || (q = list_take(&h->later)))
		request_free(q);
	http_thread_free(h);
	for (size_t i = 0; i < h->n_why; i++)
		free(h->why[i]);
	free(h->why);
	free(h->stopped);
	keymap_free(&h->fate);
	pthread_mutex_destroy(&h->lock);
	pthread_cond_destroy(&h->settled);
	pthread_cond_destroy(&h->room);
	free(h);
}
