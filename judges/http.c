/* http - the judge that asks a server: language models as judges, and reward models
 *
 * -J http:FILE; FILE says what is asked, where and how. Settings:
 *
 *	url, model		the address in full (http://localhost:8000/v1/chat/completions), the model's name
 *	api			chat (the default), completions; reward servers: classify, pooling, score (vLLM), sglang,
 *				openrlhf
 *	key-env, key-file	where the key is: the name of an environment variable, or a file
 *	judge			pairwise (the default): which of two is better; rating: a number for each response; rules:
 *				which of the rules a response obeys; rationale: for pref-rationale
 *	kind			of rationales, if the file has no template: general (the default) or specific
 *	orders			both (the default) or one: see below
 *	votes			ask each question so often, with seeds that count up (default 1)
 *	logprobs		yes: the probabilities of the first token instead of a text
 *	scale			of ratings, "1 10"
 *	aspect, rule		stands for {item}; may be given again
 *	reference		the member that {reference} takes (default: reference)
 *	set			NAME JSON: a member of the request; null leaves it out. temperature is 0 (1 if there are
 *				votes) and max_tokens 1024 unless set. Small models keep to a form only if the server
 *				holds them to it: set: response_format {"type": "json_object", "schema": {"type": "object",
 *				"properties": {"rating": {"enum": [1, 2, 3, 4, 5]}}, "required": ["rating"]}} (llama.cpp;
 *				for comparisons "verdict" of "A", "B", for rationales before it "rationale")
 *	journal			where answers are kept (default: FILE.journal)
 *	in-flight		requests at a time (default 16)
 *	requests-per-minute, tokens-per-minute, retries (default 5), timeout (seconds, default 600)
 *
 * Proxies are taken from the environment (http_proxy, https_proxy, no_proxy), as is SSL_CERT_FILE, the certificates
 * that are trusted instead of the system's.
 *
 * Pairwise, the two responses are shown in both orders. With v the mean over the votes of an order that the first is
 * better (1, 0, a tie 0.5; with logprobs P(A) / (P(A) + P(B))), p = (v1 + 1 - v2) / 2 is the score of chosen and 1 - p
 * that of rejected; the verdict follows p, so that a judge that always takes the first place says tie. An order in
 * which no vote could be read has no v, and then there is no score. orders: one shows one order, which one is drawn
 * by the hash of the texts, the same for a pair and its reverse.
 *
 * A rating is the mean over aspects of the mean over votes. For rules the score is the share of the rules that a
 * response obeys (as in "AutoRule: Reasoning Chain-of-thought Extracted Rule-based Rewards Improve Preference
 * Learning", 2025). A reward is the server's raw number.
 */
#include "judge.h"

#include "ask.h"
#include "http_request.h"
#include "http_said.h"

#include <stdlib.h>

struct http_judge {
	struct form form;
	struct asker *asker;
};

/* What answers came to. */
struct opinion {
	double sum;
	size_t n;
	enum verdict failed;		/* of the first that could not be had */
	const char *why;
};

static void *http_judge_open(const char *path)
{
	struct http_judge *h;

	if (!path || !*path)
		die(EXIT_USAGE, "-J http wants a file: -J http:FILE");
	h = xcalloc(1, sizeof *h);
	form_read(&h->form, path);
	if (h->form.asks == ASKS_WHY)
		die(EXIT_USAGE, "%s: judge: rationale is for pref-rationale", path);
	h->form.http.check = http_said_check((enum http_api)h->form.api);
	h->asker = asker_open(&h->form.http, h->form.model, h->form.journal);
	return h;
}

static void http_judge_close(void *self)
{
	struct http_judge *h = self;

	asker_close(h->asker);
	form_free(&h->form);
	free(h);
}

/* ---- one question ---- */

static void fail(struct opinion *o, enum verdict v, const char *why)
{
	if (o->failed)
		return;
	o->failed = v;
	o->why = why;
}

/* Ask, or without o only send. */
static void consult(const struct http_judge *h, struct rec *r, const struct question *q, struct opinion *o)
{
	struct buf body = { 0 }, reply = { 0 };
	const char *why;
	double x;

	request_put(&h->form, r, q, &body);
	if (!o) {
		asker_send(h->asker, buf_span(&body));
	} else if (!asker_get(h->asker, buf_span(&body), &reply, &why)) {
		fail(o, VERDICT_ERROR, arena_printf(r->arena, "%s", why).p);
	} else {
		enum verdict v = http_said(&h->form, buf_span(&reply), r->arena, &x, &why);

		if (v) {
			fail(o, v, why);
		} else {
			o->sum += x;
			o->n++;
		}
	}
	buf_free(&body);
	buf_free(&reply);
}

static void consult_votes(const struct http_judge *h, struct rec *r, struct question *q, struct opinion *o)
{
	for (q->vote = 0; q->vote < h->form.votes; q->vote++)
		consult(h, r, q, o);
}

/* The request for the judge's own answer, which {own} stands for. */
static void put_own(const struct http_judge *h, struct rec *r, const struct question *about, struct buf *body)
{
	struct question q = { .item = "", .own = true };

	q.text[FIELD_PROMPT] = about->text[FIELD_PROMPT];
	q.text[FIELD_REFERENCE] = about->text[FIELD_REFERENCE];
	request_put(&h->form, r, &q, body);
}

/* Fill {own}. False, after o has failed: there is none. */
static bool own_answer(const struct http_judge *h, struct rec *r, struct question *q, struct opinion *o)
{
	struct buf body = { 0 }, reply = { 0 };
	struct span *own = &q->text[FIELD_OWN];
	const char *why;

	if (!h->form.has_own)
		return true;
	put_own(h, r, q, &body);
	if (!asker_get(h->asker, buf_span(&body), &reply, &why)) {
		fail(o, VERDICT_ERROR, arena_printf(r->arena, "its own answer: %s", why).p);
	} else {
		*own = http_said_text(&h->form, arena_copy(r->arena, buf_span(&reply)), r->arena, &why);
		if (!own->p)
			fail(o, VERDICT_INVALID, why);
	}
	buf_free(&body);
	buf_free(&reply);
	return own->p != NULL;
}

/* What all questions about a record share. False, after o has failed: it lacks something. */
static bool prepare(const struct http_judge *h, struct rec *r, struct span prompt, struct span sentence, struct question *q,
	struct opinion *o)
{
	*q = (struct question){ .item = "", .sentence = sentence };
	if (h->form.uses_sentence && !sentence.p) {
		fail(o, VERDICT_ERROR, "the template asks about a {sentence}: that is for pref-mask");
		return false;
	}
	q->text[FIELD_PROMPT] = prompt;
	if (h->form.uses_reference) {
		q->text[FIELD_REFERENCE] = pair_text(rec_get(r, h->form.reference), false, r->arena);
		if (!q->text[FIELD_REFERENCE].p) {
			fail(o, VERDICT_ERROR, "the record has no reference");
			return false;
		}
	}
	return true;
}

/* ---- pairs by comparison ---- */

/* o: of each order, the second with chosen in second place; NULL: only send. */
static void compare(const struct http_judge *h, struct rec *r, const struct pair *p, struct question *q,
	struct opinion *o)
{
	const int only = h->form.both_orders ? -1 : pair_turned(p);

	for (int i = 0; i < 2; i++) {
		if (only >= 0 && i != only)
			continue;
		q->text[FIELD_A] = i ? p->rejected : p->chosen;
		q->text[FIELD_B] = i ? p->chosen : p->rejected;
		for (size_t k = 0; k < h->form.n_items; k++) {
			q->item = h->form.items[k];
			consult_votes(h, r, q, o ? &o[i] : NULL);
		}
	}
}

static void judge_by_comparison(const struct http_judge *h, struct rec *r, const struct pair *p, struct question *q,
	struct judgement *j)
{
	struct opinion o[2] = { 0 };
	double v[2], x = 0;
	int n = 0;

	compare(h, r, p, q, o);
	for (int i = 0; i < 2; i++) {
		if (o[i].n == 0 && o[i].failed) {
			j->verdict = o[i].failed;
			j->why = o[i].why;
			return;
		}
		if (o[i].n == 0)
			continue;
		v[n] = o[i].sum / (double)o[i].n;
		v[n] = i ? 1 - v[n] : v[n];
		x += v[n++];
	}
	x /= n;
	j->score[0] = x;
	j->score[1] = 1 - x;
	j->has_scores = true;
	j->verdict = x > 0.5 ? VERDICT_A : x < 0.5 ? VERDICT_B : VERDICT_TIE;
	if (x == 0.5 && n == 2 && v[0] != 0.5)
		j->why = "the two orders disagree";
}

/* ---- one response at a time ---- */

/* The score, or without o only send. */
static double rate(const struct http_judge *h, struct rec *r, struct span response, struct question *q,
	struct opinion *o)
{
	double sum = 0;

	q->text[FIELD_RESPONSE] = response;
	for (size_t k = 0; k < h->form.n_items; k++) {
		struct opinion one = { 0 };

		q->item = h->form.items[k];
		consult_votes(h, r, q, o ? &one : NULL);
		if (!o)
			continue;
		if (one.n == 0)
			fail(o, one.failed, one.why);
		sum += one.n ? one.sum / (double)one.n : 0;
	}
	return sum / (double)h->form.n_items;
}

/* ---- hooks ---- */

/* sentence: of p->chosen; p NULL: all of it. */
static bool send_ahead(const struct http_judge *h, struct rec *r, const struct pair *p, struct span sentence, int round)
{
	const bool pair = p->rejected.p != NULL;
	struct opinion o = { 0 };
	struct question q;

	if (round > h->form.has_own || (h->form.asks == ASKS_PAIR && !pair) || !prepare(h, r, p->prompt, sentence, &q, &o))
		return false;
	if (h->form.has_own && round == 0) {
		struct buf body = { 0 };

		put_own(h, r, &q, &body);
		asker_send(h->asker, buf_span(&body));
		buf_free(&body);
		return true;
	}
	if (!own_answer(h, r, &q, &o))
		return false;
	if (h->form.asks == ASKS_PAIR) {
		compare(h, r, p, &q, NULL);
	} else {
		rate(h, r, p->chosen, &q, NULL);
		if (pair)
			rate(h, r, p->rejected, &q, NULL);
	}
	return false;
}

static bool http_ahead(const void *self, struct rec *r, const struct pair *p, int round)
{
	return send_ahead(self, r, p, (struct span){ 0 }, round);
}

static void http_judge_pair(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	const struct http_judge *h = self;
	struct opinion o = { 0 };
	struct question q;

	if (prepare(h, r, p->prompt, (struct span){ 0 }, &q, &o) && own_answer(h, r, &q, &o)) {
		if (h->form.asks == ASKS_PAIR) {
			judge_by_comparison(h, r, p, &q, j);
			return;
		}
		j->score[0] = rate(h, r, p->chosen, &q, &o);
		j->score[1] = rate(h, r, p->rejected, &q, &o);
	}
	j->verdict = o.failed;
	j->why = o.why;
	j->has_scores = !o.failed;
}

/* sentence: of response; p NULL: all of it. */
static void score_of(const struct http_judge *h, struct rec *r, struct span prompt, struct span response, struct span sentence,
	struct judgement *j)
{
	struct opinion o = { 0 };
	struct question q;

	if (h->form.asks == ASKS_PAIR)
		fail(&o, VERDICT_ERROR, "it only compares pairs");
	else if (prepare(h, r, prompt, sentence, &q, &o) && own_answer(h, r, &q, &o))
		j->score[0] = rate(h, r, response, &q, &o);
	j->verdict = o.failed;
	j->why = o.why;
	j->has_scores = !o.failed;
}

static void http_judge_score(const void *self, struct rec *r, struct span prompt, struct span response,
	struct judgement *j)
{
	score_of(self, r, prompt, response, (struct span){ 0 }, j);
}

static bool http_judge_sentence(const void *self, struct rec *r, const struct excerpt *x, int round, struct judgement *j)
{
	const struct http_judge *h = self;
	const bool whole = h->form.uses_sentence;
	const struct pair p = { .prompt = x->prompt, .chosen = whole ? x->response : x->sentence };
	const struct span sentence = whole ? x->sentence : (struct span){ 0 };

	if (!j)
		return send_ahead(h, r, &p, sentence, round);
	score_of(h, r, p.prompt, p.chosen, sentence, j);
	return false;
}

const struct judge judge_http = {
	.name = "http",
	.arg = "FILE",
	.about = "a server: a language model as judge, or a reward model; FILE says which and what it is asked",
	.open = http_judge_open,
	.ahead = http_ahead,
	.judge = http_judge_pair,
	.score = http_judge_score,
	.sentence = http_judge_sentence,
	.close = http_judge_close,
};
