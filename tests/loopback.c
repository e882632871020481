/* loopback - a server on 127.0.0.1 that plays what judges meet: answers, refusals, and every kind of trouble
 *
 * usage: loopback [LOG]
 *
 * Prints its port, serves until standard input ends, as a server or as a proxy. The first step of the path says what is played, the rest which
 * protocol is spoken: /busy/v1/chat/completions. A trouble is played the first time a body is seen, after that the
 * body is answered; `always-NAME` plays it every time. LOG gets a line for each request: "ask HASH" when it has
 * been read, "done HASH" when its answer has been written; HASH is the request's key in the journal.
 *
 *	ok		answer			busy, busy-ms, busy-date	429 with Retry-After
 *	down		500			busy-plain			429 without
 *	cut		half an answer		hang-up				no byte of one
 *	drip		answer, bit by bit	stuck				nothing for a minute
 *	garbage		200, not JSON		none				200, no choices
 *	refuse		a refusal		quota				429 insufficient_quota
 *	later		429, in five minutes	wrong				400
 *	key		401 unless the key is "sesame"; else an answer that holds it
 *	limit		answer; says that no other request may come within 0.3 s
 *	length		an answer that was cut off	first			the first response is always better
 *	mixed		one of the above by the body's hash; slow answers after 20 ms
 *
 * The judge inside: of two responses the longer is better (asked why, it says so), a single one is worth its characters divided by ten, a rule
 * is obeyed by a response that has "because" in it, and by a sentence if it or what stands before it has. Reward servers give characters minus ten.
 */
#include "http.h"
#include "scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct keyset seen;

struct call {
	int fd;
	char play[40], path[100], key[200], host[100];
	struct span body;
	struct key128 hash;
	bool always, close;
	struct arena arena;
};

static void note(const char *what, const struct call *c)
{
	char hex[33], line[64];

	key128_hex(c->hash, hex);
	if (log_fd >= 0 && write(log_fd, line, (size_t)snprintf(line, sizeof line, "%s %s\n", what, hex)) < 0)
		exit(3);
}

/* ---- answers ---- */

/* Characters between "<NAME-...>\n" and the closing "\n</NAME-"; -1: there is no such part. */
static double part(struct span text, const char *name)
{
	char head[40], tail[40];
	size_t from, n;

	snprintf(head, sizeof head, "<%s-", name);
	snprintf(tail, sizeof tail, "\n</%s-", name);
	from = span_rfind(text, span_of(head));
	if (from == (size_t)-1)
		return -1;
	text = span_cut(text, from, text.n);
	from = span_find(text, S(">\n"));
	text = span_cut(text, from + 2, text.n);
	n = span_find(text, span_of(tail));
	return n == (size_t)-1 ? -1 : (double)n;
}

static struct value body_of(const struct call *c)
{
	struct value top = { 0 };
	struct scan_error e;

	return scan(c->body, 0, NULL, &top, &e) ? top : (struct value){ 0 };
}

/* The last thing that was said to the judge. */
static struct span said(struct call *c, struct value top)
{
	struct value v = scan_member(top, S("messages"));

	if (v.kind == JSON_ARRAY)
		return json_text(scan_member(scan_element(v, scan_count(v) - 1), S("content")), &c->arena);
	return json_text(scan_member(top, S("prompt")), &c->arena);
}

static void judge(const struct call *c, struct span text, struct buf *out)
{
	double a = part(text, "A"), b = part(text, "B"), one = part(text, "response");

	if (strcmp(c->play, "first") == 0)
		buf_adds(out, "[[A]]");
	else if (span_find(text, S("Why is the better response better?")) != (size_t)-1)
		buf_addf(out, "The better response is the longer of the two.\n\n[[%s]]", a > b ? "A" : a < b ? "B" : "C");
	else if (a >= 0 && b >= 0)
		buf_addf(out, "I looked at both; neither [[A]] nor [[B]] was told before. [[%s]]", a > b ? "A" : a < b ? "B" : "C");
	else if (part(text, "sentence") >= 0)
		buf_adds(out, span_find(span_cut(text, span_find(text, S("<response-")), span_find(text, S("</sentence-"))), S("because")) !=
			(size_t)-1 ? "[[Yes]]" : "[[No]]");
	else if (one >= 0 && span_find(text, S("[[Yes]]")) != (size_t)-1)
		buf_adds(out, span_find(text, S("because")) != (size_t)-1 ? "[[Yes]]" : "[[No]]");
	else if (one >= 0)
		buf_addf(out, "Fair enough.\n\nRating: [[%g]]", fmin(10, ceil(one / 10)));
	else
		buf_adds(out, "An answer of my own.");
	if (strcmp(c->play, "length") == 0)
		out->n = out->n / 2;
	if (strcmp(c->play, "key") == 0)
		buf_adds(out, " I know the word sesame.");
}

static void put_logprobs(struct buf *b, struct span text, bool chat)
{
	double x = (part(text, "A") - part(text, "B")) / 10, a = -log1p(exp(-x)), bb = -log1p(exp(x));

	if (chat)
		buf_addf(b, ",\"logprobs\":{\"content\":[{\"token\":\"A\",\"logprob\":%.17g,\"top_logprobs\":["
			"{\"token\":\"A\",\"logprob\":%.17g},{\"token\":\" B\",\"logprob\":%.17g},{\"token\":\"C\",\"logprob\":-9999.0}]}]}",
			a, a, bb);
	else
		buf_addf(b, ",\"logprobs\":{\"tokens\":[\" A\"],\"top_logprobs\":[{\" A\":%.17g,\" B\":%.17g}]}", a, bb);
}

static void put_chat(struct call *c, struct buf *b, bool chat)
{
	struct value top = body_of(c), lp = scan_member(top, S("logprobs"));
	struct span text = said(c, top);
	struct buf out = { 0 };
	bool refuse = strcmp(c->play, "refuse") == 0;

	judge(c, text, &out);
	buf_adds(b, "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"loopback-1\",\"choices\":[");
	if (strcmp(c->play, "none") != 0) {
		buf_addf(b, "{\"index\":0,\"finish_reason\":\"%s\",", strcmp(c->play, "length") == 0 ? "length" : "stop");
		if (!chat) {
			buf_adds(b, "\"text\":");
			json_put_text(b, buf_span(&out));
		} else if (refuse) {
			buf_adds(b, "\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I can't judge that.\"}");
		} else {
			buf_adds(b, "\"message\":{\"role\":\"assistant\",\"content\":");
			json_put_text(b, buf_span(&out));
			buf_addc(b, '}');
		}
		if (lp.kind == JSON_TRUE || lp.kind == JSON_NUMBER)
			put_logprobs(b, text, chat);
		buf_addc(b, '}');
	}
	buf_addf(b, "],\"usage\":{\"prompt_tokens\":%zu,\"completion_tokens\":%zu}}", text.n / 4, out.n / 4);
	buf_free(&out);
}

/* Reward servers: one number for each text. */
static void put_rewards(struct call *c, struct buf *b)
{
	struct value top = body_of(c), list = { 0 };
	const struct span members[] = { S("input"), S("query"), S("documents"), S("text") };
	struct buf texts = { 0 };
	struct scan_iter it;
	struct member m;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(members) && list.kind == JSON_NONE; i++)
		list = scan_member(top, members[i]);
	if (list.kind == JSON_NONE) {	/* messages: one conversation */
		buf_addc(&texts, '[');
		json_put_text(&texts, said(c, top));
		buf_addc(&texts, ']');
		list = (struct value){ .raw = buf_span(&texts), .kind = JSON_ARRAY };
	}
	buf_adds(b, strcmp(c->path, "get_reward") == 0 ? "{\"rewards\":[" : strcmp(c->path, "sglang") == 0 ? "[" : "{\"data\":[");
	for (it = scan_open(list); scan_next(&it, &m); n++) {
		double x = (double)json_text(m.val, &c->arena).n - 10;

		buf_adds(b, n ? "," : "");
		if (strcmp(c->path, "get_reward") == 0)
			buf_addf(b, "%g", x);
		else if (strcmp(c->path, "sglang") == 0)
			buf_addf(b, "{\"embedding\":[%g]}", x);
		else if (strcmp(c->path, "classify") == 0)
			buf_addf(b, "{\"index\":%zu,\"label\":\"LABEL_0\",\"probs\":[%g],\"num_classes\":1}", n, x);
		else if (strcmp(c->path, "pooling") == 0)
			buf_addf(b, "{\"index\":%zu,\"object\":\"pooling\",\"data\":[[7],[%g]]}", n, x);
		else
			buf_addf(b, "{\"index\":%zu,\"object\":\"score\",\"score\":%g}", n, x);
	}
	buf_adds(b, strcmp(c->path, "sglang") == 0 ? "]" : "]}");
	buf_free(&texts);
}

/* ---- the wire ---- */

static bool put_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t got = send(fd, p, n, MSG_NOSIGNAL);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void reply(struct call *c, int status, const char *headers, struct span body)
{
	struct buf b = { 0 };

	buf_addf(&b, "HTTP/1.1 %d Played\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n", status, headers, body.n);
	buf_add(&b, body);
	if (strcmp(c->play, "cut") == 0 && status == 200 && !c->close) {
		b.n -= body.n / 2;
		c->close = true;
	}
	if (strcmp(c->play, "drip") == 0) {
		for (size_t i = 0; i < b.n && put_all(c->fd, b.p + i, fmin(40, (double)(b.n - i))); i += 40)
			usleep(2000);
	} else if (!put_all(c->fd, b.p, b.n)) {
		c->close = true;
	}
	buf_free(&b);
}

static void answer(struct call *c, const char *headers)
{
	struct buf b = { 0 };
	bool chat = strcmp(c->path, "v1/chat/completions") == 0;

	if (chat || strcmp(c->path, "v1/completions") == 0)
		put_chat(c, &b, chat);
	else
		put_rewards(c, &b);
	reply(c, 200, headers, buf_span(&b));
	buf_free(&b);
}

static void refuse(struct call *c, int status, const char *headers, const char *code)
{
	struct buf b = { 0 };

	buf_addf(&b, "{\"error\":{\"message\":\"played %s\",\"code\":\"%s\"}}", c->play, code);
	reply(c, status, headers, buf_span(&b));
	buf_free(&b);
}

static bool trouble(struct call *c)
{
	const char *p = c->play;
	char header[100];
	time_t then = time(NULL) + 2;
	struct tm tm;

	if (strcmp(p, "busy") == 0)
		refuse(c, 429, "Retry-After: 0.2\r\n", "rate_limit_exceeded");
	else if (strcmp(p, "busy-ms") == 0)
		refuse(c, 429, "retry-after-ms: 50\r\nRetry-After: 100\r\n", "rate_limit_exceeded");
	else if (strcmp(p, "busy-plain") == 0)
		refuse(c, 429, "", "rate_limit_exceeded");
	else if (strcmp(p, "busy-date") == 0) {
		strftime(header, sizeof header, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&then, &tm));
		refuse(c, 429, header, "rate_limit_exceeded");
	} else if (strcmp(p, "later") == 0)
		refuse(c, 429, "Retry-After: 300\r\n", "rate_limit_exceeded");
	else if (strcmp(p, "quota") == 0)
		refuse(c, 429, "", "insufficient_quota");
	else if (strcmp(p, "down") == 0)
		refuse(c, 500, "Retry-After: 0.05\r\n", "down");
	else if (strcmp(p, "wrong") == 0)
		refuse(c, 400, "", "wrong");
	else if (strcmp(p, "garbage") == 0)
		reply(c, 200, "", S("{\"choices\":[{\"message\""));
	else if (strcmp(p, "cut") == 0)
		answer(c, "");
	else if (strcmp(p, "hang-up") == 0)
		c->close = true;
	else if (strcmp(p, "stuck") == 0)
		sleep(60);
	else
		return false;
	return true;
}

static void play(struct call *c)
{
	static const char *const mix[] = { "ok", "busy", "down", "cut", "hang-up", "garbage", "busy-ms", "drip" };
	bool first;

	if (strcmp(c->play, "key") == 0 && strcmp(c->key, "Bearer sesame") != 0) {
		refuse(c, 401, "", c->key);
		return;
	}
	if (strcmp(c->play, "mixed") == 0) {
		snprintf(c->play, sizeof c->play, "%s", mix[c->hash.lo % COUNT(mix)]);
		usleep(1000 * (unsigned)(c->hash.hi % 20));
	}
	pthread_mutex_lock(&lock);
	first = keyset_add(&seen, hash128_parts((const struct span[]){ span_of(c->play), c->body }, 2, 0));
	pthread_mutex_unlock(&lock);
	if ((first || c->always) && trouble(c))
		return;
	if (strcmp(c->play, "cut") == 0)
		snprintf(c->play, sizeof c->play, "ok");
	answer(c, strcmp(c->play, "limit") == 0 ?
		"x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 300ms\r\n" : "");
	if (!c->close)
		note("done", c);
}

static bool header(struct span line, const char *name, struct span *value)
{
	size_t n = strlen(name);

	if (line.n <= n || strncasecmp(line.p, name, n) != 0)
		return false;
	*value = span_trim(span_cut(line, n, line.n));
	return true;
}

static void put_string(char *to, size_t room, struct span s)
{
	s = span_cut(s, 0, room - 1);
	if (s.n)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

/* One request at the head of b; its length, 0: not all of it is there. */
static size_t parse(struct call *c, struct span b)
{
	size_t head = span_find(b, S("\r\n\r\n")), n = 0, line_end;
	struct span rest, v;
	char url[300];

	if (head == (size_t)-1)
		return 0;
	rest = span_cut(b, 0, head + 2);
	c->key[0] = '\0';
	while ((line_end = span_find(rest, S("\r\n"))) != (size_t)-1) {
		struct span line = span_cut(rest, 0, line_end);

		if (header(line, "Content-Length:", &v))
			n = strtoul(v.p, NULL, 10);
		if (header(line, "Host:", &v))
			put_string(c->host, sizeof c->host, v);
		if (header(line, "Authorization:", &v))
			put_string(c->key, sizeof c->key, v);
		rest = span_cut(rest, line_end + 2, rest.n);
	}
	if (b.n < head + 4 + n)
		return 0;
	c->body = span_cut(b, head + 4, head + 4 + n);
	rest = span_cut(b, span_find(b, S("/")) + 1, span_find(b, S(" HTTP/")));
	if (span_starts(rest, S("/")))		/* to a proxy: http://host/play/... */
		rest = span_cut(rest, strlen(c->host) + 2, rest.n);
	snprintf(url, sizeof url, "http://%s/%.*s", c->host, ARG(rest));
	c->hash = http_key(url, c->body);
	c->always = span_starts(rest, S("always-"));
	rest = span_cut(rest, c->always ? 7 : 0, rest.n);
	put_string(c->play, sizeof c->play, span_cut(rest, 0, span_find(rest, S("/"))));
	put_string(c->path, sizeof c->path, span_cut(rest, strlen(c->play) + 1, rest.n));
	return head + 4 + n;
}

static void *serve(void *arg)
{
	struct call c = { .fd = *(int *)arg };
	struct buf b = { 0 };

	free(arg);
	while (!c.close) {
		size_t n = parse(&c, buf_span(&b));
		ssize_t got;

		if (n) {
			note("ask", &c);
			play(&c);
			arena_reset(&c.arena);
			memmove(b.p, b.p + n, b.n - n);
			b.n -= n;
			continue;
		}
		buf_room(&b, 1 << 16);
		got = recv(c.fd, b.p + b.n, 1 << 16, 0);
		if (got <= 0)
			break;
		b.n += (size_t)got;
	}
	close(c.fd);
	buf_free(&b);
	arena_free(&c.arena);
	return NULL;
}

static void *watch(void *arg)
{
	char c;

	(void)arg;
	while (read(0, &c, 1) > 0)
		;
	exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof at;
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	pthread_t t;

	if (argc > 1 && (log_fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0666)) < 0)
		return 3;
	if (bind(s, (struct sockaddr *)&at, size) < 0 || listen(s, 256) < 0 || getsockname(s, (struct sockaddr *)&at, &size) < 0)
		return 3;
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	pthread_create(&t, NULL, watch, NULL);
	for (;;) {
		int *fd = xmalloc(sizeof *fd);

		*fd = accept(s, NULL, NULL);
		if (*fd < 0)
			return 3;
		setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (pthread_create(&t, NULL, serve, fd) != 0)
			return 3;
		pthread_detach(t);
	}
}
