/* http.h - POST JSON to one address: many requests in flight, each answer journalled before it is used
 *
 * A client is one thread that owns libcurl's multi handle. Any thread hands it requests (http_send() does not wait
 * for the answer) and asks for what came of them (http_wait()). A request is its body: the same body is sent once,
 * and never if the journal holds its answer. Where answers wait is the journal, so memory is that of the requests
 * not yet sent (at most HTTP_QUEUE) and 24 to 48 bytes for each one sent.
 *
 * What is tried again, and when, is told in http_rules.h. A request that fails for good is journalled as an error
 * and is asked again in the next run. What would fail for every request - a key that is refused, a quota that is
 * used up, an unknown address, a certificate that does not verify, a server that cannot be reached after all attempts,
 * HTTP_HOPELESS failures of the server in a row - stops the client: what is in flight is awaited and journalled, nothing
 * more is sent. So it is when the process ends by exit() or die().
 *
 * TLS certificates are verified, by the system's roots or those in $SSL_CERT_FILE; proxies are those of the environment
 * (https_proxy, no_proxy); redirections are not followed, since the key would go along. The key appears in no message
 * and in no file: where a reply repeats it, it is blotted out.
 */
#ifndef PREF_HTTP_H
#define PREF_HTTP_H

#include "http_rules.h"
#include "journal.h"

enum { HTTP_QUEUE = 1024, HTTP_HOPELESS = 50 };

struct http_settings {			/* borrowed until http_close() */
	const char *url;		/* http:// or https:// */
	const char *key;		/* sent as "Authorization: Bearer KEY"; NULL: none */
	long in_flight;			/* requests at a time, those between two attempts too, >= 1 */
	double requests_per_minute, tokens_per_minute;	/* 0: only what the server's headers say */
	long retries;			/* of one request, >= 0 */
	double timeout;			/* seconds for one attempt, > 0 */
	long answer_tokens;		/* an answer has about so many, for estimates */
	double price_in, price_out;	/* of a million tokens; 0: free or not known */
	double max_cost;		/* send nothing that could take the sum of all clients above it; 0: no limit */
	/* Is this reply (well-formed JSON) an answer? NULL: it is; else static text, why not. */
	const char *(*check)(struct span body);
};

struct http;
/* NULL: *why (static text). The journal is borrowed. */
struct http *http_open(const struct http_settings *s, struct journal *j, const char **why);

/* The key of a request: of the address and the body. */
struct key128 http_key(const char *url, struct span body);
/* Hand over a request, unless it was handed over before or is answered in the journal; body is copied. Waits while
 * HTTP_QUEUE requests wait to be sent. */
void http_send(struct http *h, struct key128 key, struct span body);

enum http_fate { HTTP_ANSWERED, HTTP_FAILED, HTTP_STOPPED };
/* Wait for the request of this key. HTTP_ANSWERED: the reply's body is appended to *body. HTTP_FAILED: this request,
 * HTTP_STOPPED: the client, perhaps by this request; *why says what happened (until http_close()). */
enum http_fate http_wait(struct http *h, struct key128 key, struct buf *body, const char **why);

struct http_counts {
	uint64_t asked;			/* requests handed over that had to be sent */
	uint64_t answered, failed;	/* of these */
	uint64_t cached;		/* requests whose answer was in the journal */
	uint64_t retries;		/* attempts beyond the first */
	uint64_t tokens_in, tokens_out;	/* by the server's account */
	double cost;			/* in the prices' currency */
};
struct http_counts http_counts(struct http *h);
/* Tokens of a request, by a rule of thumb: four bytes each. */
double http_tokens(struct span body);
/* Waits for what is in flight; what waits to be sent is forgotten. Accepts NULL. */
void http_close(struct http *h);

#endif
