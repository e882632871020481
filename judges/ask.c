/* ask - between judges and lib/http: journal, prices, batch files, and what is told of it all */
#include "ask.h"

#include "aside.h"
#include "claim.h"
#include "stream.h"
#include "tell.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct ask_options ask_options = { .command_timeout = 60 };

struct asker {
	struct http_settings *set;
	struct journal *journal;
	struct http *client;		/* NULL: nothing is sent */
	struct asker *next;
	struct keyset planned;
	struct http_counts counts;	/* of what is planned or read from the journal alone */
	_Atomic uint64_t found;		/* of the latter, not yet in counts */
};

static struct asker *open_askers;
static struct http_counts closed;	/* sum of the askers that are closed */
static struct out *batch;
static double started;

bool ask_plans(void)
{
	return ask_options.dry_run || ask_options.emit_batch;
}

/* ---- prices ---- */

static bool price_line(struct span line, const char *model, double price[2])
{
	char *text = span_dup(line), name[200];
	int end = 0;
	bool fits = sscanf(text, "%199s %lf %lf %n", name, &price[0], &price[1], &end) == 3 && text[end] == '\0' &&
		price[0] >= 0 && price[1] >= 0;

	if (!fits)
		price[0] = NAN;
	fits = fits && strcmp(name, model) == 0;
	free(text);
	return fits;
}

static void read_prices(struct http_settings *s, const char *model)
{
	struct buf b = { 0 };
	struct where at = { ask_options.prices, 0 };
	const char *why;
	double price[2];
	bool found = false;

	if (file_read(ask_options.prices, &b, 16 << 20, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", ask_options.prices, why);
	for (struct span rest = buf_span(&b); rest.n && !found;) {
		size_t nl = span_find(rest, S("\n"));
		struct span line = span_trim(span_cut(rest, 0, nl));

		at.line++;
		rest = nl == (size_t)-1 ? (struct span){ 0 } : span_cut(rest, nl + 1, rest.n);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		found = price_line(line, model, price);
		if (isnan(price[0]))
			die_at(EXIT_USAGE, &at, 0, "a line is \"MODEL IN OUT\"");
	}
	if (!found)
		die(EXIT_USAGE, "%s: there is no price of %s", ask_options.prices, model);
	s->price_in = price[0];
	s->price_out = price[1];
	buf_free(&b);
}

/* ---- batch files ---- */

/* The path of an address: what the lines of a batch name. */
static const char *path_of(const char *url)
{
	const char *host = strstr(url, "://"), *slash = host ? strchr(host + 3, '/') : NULL;

	return slash ? slash : "/";
}

static void open_batch(void)
{
	const char *why;

	batch = out_open(ask_options.emit_batch, &why);
	if (!batch)
		die(EXIT_SYSTEM, "%s: %s", ask_options.emit_batch, why);
}

static void put_batch(const struct asker *a, struct key128 key, struct span body)
{
	struct buf b = { 0 };
	char hex[33];

	key128_hex(key, hex);
	buf_addf(&b, "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":", hex);
	json_put_text(&b, span_of(path_of(a->set->url)));
	buf_adds(&b, ",\"body\":");
	buf_add(&b, body);
	buf_adds(&b, "}\n");
	if (out_write(batch, buf_span(&b)) < 0)
		die(EXIT_SYSTEM, "%s: %s", ask_options.emit_batch, out_error(batch));
	buf_free(&b);
}

static struct asker *ingesting;

/* {"custom_id", "response": {"status_code", "body"}, "error"} */
static void ingest(struct rec *r)
{
	struct asker *a = ingesting;
	struct value body = rec_get(r, "response.body");
	struct key128 key;
	const char *why = NULL;
	double status = 0;

	if (!journal_key(rec_text(r, "custom_id"), &key)) {
		rec_bad(r, 0, "\"custom_id\" is none of ours");
		return;
	}
	rec_num(r, "response.status_code", &status);
	if (status != 200)
		why = "the batch has an error";
	else if (body.kind == JSON_NONE)
		why = "the batch has no answer";
	else if (a->set->check)
		why = a->set->check(body.raw);
	if (journal_has(a->journal, key))
		return;
	if (journal_add(a->journal, key, why && body.kind == JSON_NONE ? r->raw : body.raw, why, (long)status) < 0)
		die(EXIT_SYSTEM, "%s:", journal_path(a->journal));
}

/* ---- asking ---- */

static void put_progress(struct buf *b);

static void claim_files(const char *journal)
{
	claim_output(journal, false);
	if (!open_askers)
		claim_output(ask_options.emit_batch, false);
	if (ask_options.prices)
		claim_reading(ask_options.prices);
	if (ask_options.ingest_batch)
		claim_reading(ask_options.ingest_batch);
}

struct asker *asker_open(struct http_settings *s, const char *model, const char *journal)
{
	struct asker *a = xcalloc(1, sizeof *a);
	const char *why;

	claim_files(journal);
	if (ask_options.prices)
		read_prices(s, model ? model : "-");
	else if (ask_options.max_cost > 0)
		die(EXIT_USAGE, "--max-cost wants --prices");
	s->max_cost = ask_options.max_cost;
	a->set = s;
	a->journal = journal_open(journal, &why);
	if (!a->journal)
		die(EXIT_SYSTEM, "%s: %s", journal, why);
	if (journal_torn(a->journal))
		warn("%s: %ju bytes of a line that was not finished are cut off", journal,
			(uintmax_t)journal_torn(a->journal));
	if (ask_options.ingest_batch) {
		ingesting = a;
		aside_read(ask_options.ingest_batch, ingest);
	}
	if (ask_options.emit_batch && !batch)
		open_batch();
	if (!ask_plans() && !ask_options.reparse) {
		a->client = http_open(s, a->journal, &why);
		if (!a->client)
			die(EXIT_USAGE, "%s: %s", s->url, why);
	}
	if (!started)
		started = clock_now();
	a->next = open_askers;
	open_askers = a;
	tell_more(put_progress);
	return a;
}

/* One thread. */
static void plan(struct asker *a, struct key128 key, struct span body)
{
	double in = http_tokens(body), out = (double)a->set->answer_tokens;

	if (!keyset_add(&a->planned, key))
		return;
	if (journal_has(a->journal, key)) {
		a->counts.cached++;
		return;
	}
	a->counts.asked++;
	a->counts.tokens_in += (uint64_t)in;
	a->counts.tokens_out += (uint64_t)out;
	a->counts.cost += (in * a->set->price_in + out * a->set->price_out) / 1e6;
	if (ask_options.emit_batch)
		put_batch(a, key, body);
}

void asker_send(struct asker *a, struct span body)
{
	struct key128 key = http_key(a->set->url, body);

	if (a->client)
		http_send(a->client, key, body);
	else if (ask_plans())
		plan(a, key, body);
}

/* The first thread that comes here ends the process, others wait for that. */
static NORETURN void stopped(const struct asker *a, const char *why)
{
	static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&once);
	journal_sync(a->journal);
	tell_clear();
	if (journal_answers(a->journal) == 0)
		die(EXIT_SYSTEM, "%s: %s", a->set->url, why);
	die(EXIT_SYSTEM, "%s: %s; %ju answers are kept in %s: run the same again to go on", a->set->url, why,
		(uintmax_t)journal_answers(a->journal), journal_path(a->journal));
}

/* Whoever waits for hours is to know soon what goes wrong. */
static void failed(const struct asker *a, const char *why)
{
	static _Atomic bool told;

	if (atomic_exchange(&told, true))
		return;
	tell_clear();
	warn("%s: a request failed: %s (others are only counted)", a->set->url, why);
}

bool asker_get(struct asker *a, struct span body, struct buf *reply, const char **why)
{
	struct key128 key = http_key(a->set->url, body);
	int got;

	if (a->client) {
		http_send(a->client, key, body);
		switch (http_wait(a->client, key, reply, why)) {
		case HTTP_ANSWERED: return true;
		case HTTP_FAILED: failed(a, *why); return false;
		case HTTP_STOPPED: stopped(a, *why);
		}
	}
	*why = "it is not in the journal";
	got = journal_find(a->journal, key, reply);
	if (got < 0)
		die(EXIT_SYSTEM, "%s:", journal_path(a->journal));
	a->found += got > 0;
	return got > 0;
}

/* ---- telling ---- */

static void add_counts(struct http_counts *to, const struct http_counts *c)
{
	to->asked += c->asked;
	to->answered += c->answered;
	to->failed += c->failed;
	to->cached += c->cached;
	to->retries += c->retries;
	to->tokens_in += c->tokens_in;
	to->tokens_out += c->tokens_out;
	to->cost += c->cost;
}

static struct http_counts counts_of(struct asker *a)
{
	if (a->client)
		return http_counts(a->client);
	a->counts.cached += atomic_exchange(&a->found, 0);
	return a->counts;
}

static void put_progress(struct buf *b)
{
	struct http_counts c = { 0 };
	const double seconds = clock_now() - started;

	for (struct asker *a = open_askers; a; a = a->next) {
		struct http_counts one = counts_of(a);

		add_counts(&c, &one);
	}
	buf_addf(b, ", %ju of %ju answered", (uintmax_t)c.answered, (uintmax_t)c.asked);
	if (c.cached)
		buf_addf(b, ", %ju cached", (uintmax_t)c.cached);
	if (c.failed)
		buf_addf(b, ", %ju failed", (uintmax_t)c.failed);
	buf_addf(b, ", %.0f/s", seconds > 0 ? (double)c.answered / seconds : 0);
	if (c.cost > 0)
		buf_addf(b, ", %.4g paid", c.cost);
}

static void note_counts(const struct http_counts *c)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%ju %s", (uintmax_t)c->asked, ask_plans() ? "requests" : "asked");
	if (!ask_plans())
		buf_addf(&text, " (%ju answered, %ju failed, %ju retries)", (uintmax_t)c->answered, (uintmax_t)c->failed,
			(uintmax_t)c->retries);
	buf_addf(&text, ", %ju in the journal, %s%ju tokens in, %s%ju out", (uintmax_t)c->cached, ask_plans() ? "about " : "",
		(uintmax_t)c->tokens_in, ask_plans() && c->tokens_out ? "at most " : "", (uintmax_t)c->tokens_out);
	if (ask_options.prices)
		buf_addf(&text, ", cost %s%.4g", ask_plans() ? "up to " : "", c->cost);
	buf_addf(&json, "{\"asked\":%ju,\"answered\":%ju,\"failed\":%ju,\"retries\":%ju,\"cached\":%ju,\"tokens_in\":%ju,"
		"\"tokens_out\":%ju", (uintmax_t)c->asked, (uintmax_t)c->answered, (uintmax_t)c->failed,
		(uintmax_t)c->retries, (uintmax_t)c->cached, (uintmax_t)c->tokens_in, (uintmax_t)c->tokens_out);
	if (ask_options.prices) {
		buf_adds(&json, ",\"cost\":");
		json_put_number(&json, c->cost);
	}
	buf_addc(&json, '}');
	tell_note(ask_plans() ? "to_ask" : "requests", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

void asker_close(struct asker *a)
{
	struct asker **at = &open_askers;
	struct http_counts c;

	if (!a)
		return;
	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	if (!open_askers)
		tell_more(NULL);
	c = counts_of(a);
	add_counts(&closed, &c);
	note_counts(&closed);
	http_close(a->client);
	if (journal_close(a->journal) < 0)
		die(EXIT_SYSTEM, "%s:", a->set->url);
	if (!open_askers && batch) {
		struct out *o = batch;

		batch = NULL;
		if (out_commit(o) < 0)
			die(EXIT_SYSTEM, "%s:", ask_options.emit_batch);
	}
	keyset_free(&a->planned);
	free(a);
}
