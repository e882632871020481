/* http_client.h - the inside of a client: between its interface and its thread
 *
 *	http_send --> [queue] --> http_thread(): libcurl --> journal --> http_wait
 *	                 ^------------- [later: to be tried again] ----------'
 */
#ifndef PREF_HTTP_CLIENT_H
#define PREF_HTTP_CLIENT_H

#include "http.h"

#include <pthread.h>

struct request {
	struct request *next;
	struct key128 key;
	struct buf body;
	double tokens;			/* estimate, both ways */
	unsigned failures;
	double due;			/* not before this */
	/* While it is in flight: */
	void *easy;			/* libcurl's handle */
	struct buf reply;
	struct http_reply head;
	char said[256];			/* libcurl's words */
};

struct list {
	struct request *first, **last;
};

/* What became of a key in this run. */
enum { UNKNOWN, PENDING, DONE, FAILED };	/* FAILED + index of its reason */

struct allowance {			/* by the server's headers */
	double left, until;
};

struct http {
	const struct http_settings *set;
	struct journal *journal;
	pthread_t thread;
	/* libcurl's; the thread's alone: */
	void *multi;
	struct curl_slist *headers;
	void **idle;			/* handles without a request */
	size_t n_idle;
	double synced;

	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t settled, room;	/* some request came to its end; the queue has room */
	struct list queue, later;	/* later: by time */
	size_t queued, running, waiting;	/* waiting: in later */
	struct keymap fate;
	char **why;
	size_t n_why, why_room;
	char *stopped;			/* the reason; owned */
	bool closing;
	unsigned in_a_row;		/* failures since the last answer */
	struct http_counts counts;
	struct http_pace requests, tokens;
	struct allowance may_ask, may_spend;
	double pause;			/* a server asked for patience until then */
};

void list_clear(struct list *l);
void list_put(struct list *l, struct request *q);
void list_put_by_time(struct list *l, struct request *q);	/* by due, after its equals */
struct request *list_take(struct list *l);			/* the first; NULL: none */
void request_free(struct request *q);

/* The price of so many tokens. Put aside what a request is expected to take: 1, or 0 while the sum of all clients
 * with what is in flight could exceed the limit, -1 if it could without. Pay what it did take. */
double http_price(const struct http_settings *s, double in, double out);
int http_reserve(const struct http_settings *s, const struct request *q);
void http_pay(const struct http_settings *s, const struct request *q, double cost);

/* No new requests: http_wait() will give this reason. h->lock is held. */
void http_stop(struct http *h, const char *why, const char *detail);

/* In http_thread.c: libcurl's part of h, before the thread begins and after it ended; the thread, which ends when
 * h->closing is set and nothing is in flight; a nudge for it, from any thread. */
void http_thread_prepare(struct http *h);
void *http_thread(void *h);
void http_thread_wake(struct http *h);
void http_thread_free(struct http *h);

#endif
