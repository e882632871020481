/* density - how likely language models find responses (long: a model asked, a field read, and the two put together) */
#include "density.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "criteria.h"
#include "lm/forward.h"
#include "lm/lm.h"
#include "lm/logp_cache.h"
#include "lm/loss.h"
#include "logprobs.h"
#include "said.h"
#include "stream.h"

/* What one thread needs to ask a model. */
struct asker {
	struct asker *next;
	struct lm_engine *engine;
	struct tokenizer_scratch *scratch;
};

struct source {
	char *field;			/* of the record; NULL: a model */
	struct lm *lm;
	struct buf criteria;		/* n 0: none */
	pthread_mutex_t lock;
	struct asker *idle;
};

struct density {
	struct source source[2];
	int sources;
	enum density_per per;
	bool per_byte_instead;		/* two vocabularies have no token in common to count by */
	double beta;
	struct logp_cache *cache;
	_Atomic uint64_t asked, found, apart;
	atomic_bool cache_failed;
};

/* A model that scores responses, and has no log-probs. */
static bool rewards(const struct source *s)
{
	return s->lm && s->lm->model->score.rows;
}

/* One that says of each response what two are compared by. */
static bool compares(const struct source *s)
{
	return rewards(s) && s->lm->model->config.general;
}

/* ---- opening ---- */

static void read_criteria(struct source *s, const char *what)
{
	const char *known = criteria_named(what), *why;

	if (known)
		buf_adds(&s->criteria, known);
	else if (file_read(what, &s->criteria, 1 << 20, &why) < 0)
		die(EXIT_SYSTEM, "criteria %s: %s (built in are %s)", what, why, criteria_names());
	else if (s->criteria.n == 0)
		die(EXIT_USAGE, "criteria %s: the file is empty", what);
}

static void open_source(struct source *s, const struct density_options *o, int i)
{
	const struct lm_options lo = { .tokenizer = o->tokenizer, .chat = o->chat, .packed = o->packed, .bf16 = o->bf16,
		.flags = o->rewards && !o->model[WEAK] ? LM_REWARDS : 0, .threads = o->threads };
	const char *path = o->model[i];
	struct lm_error e;

	pthread_mutex_init(&s->lock, NULL);
	if (strncmp(path, "field:", 6) == 0) {
		s->field = xstrdup(path + 6);
		if (!*s->field)
			die(EXIT_USAGE, "field: wants a name: field:NAME");
		if (o->criteria[i])
			die(EXIT_USAGE, "criteria are for models, not for %s", path);
		return;
	}
	s->lm = lm_load(path, &lo, &e);
	if (!s->lm)
		die(EXIT_SYSTEM, "%s: %s", path, e.text);
	if (o->cache)
		lm_hash_weights(s->lm);
	if (o->criteria[i])
		read_criteria(s, o->criteria[i]);
}

struct density *density_open(const struct density_options *o)
{
	struct density *d = xcalloc(1, sizeof *d);
	const struct source *s = d->source;
	const char *why;

	d->sources = o->model[WEAK] ? 2 : 1;
	d->per = o->per;
	d->beta = o->beta;
	for (int i = 0; i < d->sources; i++)
		open_source(&d->source[i], o, i);
	if (rewards(s) && ((s->lm->model->score.rows != 1 && !compares(s)) || d->per != DENSITY_SUM))
		die(EXIT_USAGE, "%s: %s", o->model[STRONG], d->per != DENSITY_SUM ? "a reward is of a whole response, not per token or byte" :
			"it has more than one score");
	if (d->per == DENSITY_PER_TOKEN && d->sources == 2 && s[STRONG].lm && s[WEAK].lm)
		d->per_byte_instead = s[STRONG].lm->tokens.lo != s[WEAK].lm->tokens.lo || s[STRONG].lm->tokens.hi != s[WEAK].lm->tokens.hi;
	if (o->cache) {
		d->cache = logp_cache_open(o->cache, &why);
		if (!d->cache)
			die(EXIT_SYSTEM, "%s: %s", o->cache, why);
	}
	return d;
}

void density_close(struct density *d)
{
	for (int i = 0; i < d->sources; i++) {
		struct source *s = &d->source[i];

		for (struct asker *a = s->idle, *next; a; a = next) {
			next = a->next;
			lm_engine_free(a->engine);
			tokenizer_scratch_free(a->scratch);
			free(a);
		}
		pthread_mutex_destroy(&s->lock);
		buf_free(&s->criteria);
		free(s->field);
		lm_close(s->lm);
	}
	logp_cache_close(d->cache);
	free(d);
}

/* ---- the record ---- */

/* What is asked: messages of the prompt, and texts of the responses. */
struct question {
	struct said prompt;
	struct value *response;		/* [n] */
	struct span *text;		/* [n] decoded */
	const char **why;		/* [n] NULL: text is good */
	bool *cut;			/* [n] a candidate with "finish": "length": it did not end */
	const char *no_prompt;		/* why there is none */
	size_t n;
	bool pair;
};

static void list_responses(struct rec *r, bool pair, struct question *q)
{
	struct scan_iter it = scan_open(rec_get(r, "responses"));
	struct member m;

	if (pair) {
		q->response[0] = rec_get(r, "chosen");
		q->response[1] = rec_get(r, "rejected");
		return;
	}
	for (size_t k = 0; k < q->n && scan_next(&it, &m); k++) {
		q->cut[k] = span_eq(json_text(scan_member(m.val, S("finish")), r->arena), S("length"));
		q->response[k] = scan_member(m.val, S("text"));
		if (q->response[k].kind == JSON_NONE)
			q->response[k] = scan_member(m.val, S("messages"));
	}
}

static void read_question(struct rec *r, bool raw, struct question *q)
{
	q->no_prompt = said_prompt(r, raw, &q->prompt);
	for (size_t k = 0; k < q->n; k++)
		q->why[k] = said_response(q->response[k], q->prompt.transcript, raw, r->arena, &q->text[k]);
}

/* ---- a model ---- */

static struct asker *take_asker(struct source *s)
{
	struct asker *a;

	pthread_mutex_lock(&s->lock);
	a = s->idle;
	if (a)
		s->idle = a->next;
	pthread_mutex_unlock(&s->lock);
	if (a)
		return a;
	a = xcalloc(1, sizeof *a);
	a->engine = lm_engine_new(s->lm->model, 1);
	a->scratch = tokenizer_scratch_new();
	return a;
}

static void give_asker(struct source *s, struct asker *a)
{
	pthread_mutex_lock(&s->lock);
	a->next = s->idle;
	s->idle = a;
	pthread_mutex_unlock(&s->lock);
}

/* The prompt as this model is shown it. */
static struct chat_message *messages(const struct source *s, const struct question *q, struct arena *a)
{
	const size_t n = q->prompt.n;
	struct chat_message *m = arena_alloc(a, (n + 1) * sizeof *m);
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		m[i] = q->prompt.v[i];
	if (s->criteria.n && n && m[n - 1].by == CHAT_USER) {
		criteria_apply(buf_span(&s->criteria), m[n - 1].text, &b);
		m[n - 1].text = arena_copy(a, buf_span(&b));
		buf_free(&b);
	}
	return m;
}

static struct key128 key_of(const struct lm *lm, const struct lm_tokens *prompt, const int32_t *answer, size_t n)
{
	const struct span parts[] = {
		{ (const char *)&lm->weights, sizeof lm->weights },
		{ (const char *)prompt->id, prompt->n * sizeof *prompt->id },
		{ (const char *)answer, n * sizeof *answer },
	};

	return hash128_parts(parts, COUNT(parts), 0);
}

static void keep(struct density *d, struct key128 key, double sum)
{
	if (!logp_cache_put(d->cache, key, sum) && !atomic_exchange(&d->cache_failed, true))
		warn("the cache cannot be written: %s", "log-probs are lost when the run ends");
}

/* Of answers encoded one behind the other, answer k in tokens [from[k], from[k + 1]): sum[k], for those that have none,
 * beginning with *next, as many as fit into one pass. */
static const char *compute_some(struct density *d, const struct source *s, struct asker *a, const struct lm_tokens *prompt,
	const struct lm_tokens *answers, const size_t *from, size_t n, size_t *next, double *sum, double *score, struct arena *arena)
{
	enum { ROWS = 4096 };
	struct lm_segment *v = arena_alloc(arena, (n + 1) * sizeof *v);
	double *logp = arena_alloc(arena, (answers->n + 1) * sizeof *logp);
	size_t *who = arena_alloc(arena, (n + 1) * sizeof *who), m = 1, rows = prompt->n, k;
	const char *why;

	v[0] = (struct lm_segment){ .tokens = prompt->id, .n = prompt->n, .parent = -1 };
	for (k = *next; k < n; k++) {
		if (!isnan(sum[k]))
			continue;
		rows += from[k + 1] - from[k];
		if (m > 1 && rows > ROWS)
			break;
		v[m] = (struct lm_segment){ .tokens = answers->id + from[k], .n = from[k + 1] - from[k], .parent = 0 };
		if (rewards(s))
			v[m].score = score + k * s->lm->model->score.rows;
		else
			v[m].logp = logp + from[k];
		who[m++] = k;
	}
	*next = k;
	if (m == 1)
		return NULL;
	why = lm_forward(a->engine, v, m);
	if (why)
		return why;
	for (size_t i = 1; i < m; i++) {
		k = who[i];
		sum[k] = rewards(s) ? score[k * s->lm->model->score.rows] : 0;
		for (size_t t = from[k]; !rewards(s) && t < from[k + 1]; t++)
			sum[k] += logp[t];
		if (d->cache && !compares(s))
			keep(d, key_of(s->lm, prompt, answers->id + from[k], from[k + 1] - from[k]), sum[k]);
	}
	d->asked += m - 1;
	return NULL;
}

static const char *compute(struct density *d, const struct source *s, struct asker *a, const struct lm_tokens *prompt,
	const struct lm_tokens *answers, const size_t *from, size_t n, double *sum, double *score, struct arena *arena)
{
	const char *why = NULL;

	for (size_t next = 0; !why && next < n;)
		why = compute_some(d, s, a, prompt, answers, from, n, &next, sum, score, arena);
	return why;
}

/* Answers that are too long leave the others to be computed. */
static void ask_model(struct density *d, int i, struct rec *r, const struct question *q, struct density_said *said)
{
	struct source *s = &d->source[i];
	struct asker *a = take_asker(s);
	struct chat_message *m = messages(s, q, r->arena);
	struct lm_tokens prompt = { 0 }, answers = { 0 };
	size_t *from = arena_alloc(r->arena, (q->n + 1) * sizeof *from);
	double *sum = arena_alloc(r->arena, (q->n + 1) * sizeof *sum);
	const size_t numbers = s->lm->model->score.rows;	/* that a reward model says of a response */
	double *score = arena_alloc(r->arena, (q->n * numbers + 1) * sizeof *score);
	const char *why = compares(s) && !q->pair ? "it only compares pairs" : q->no_prompt;

	if (!why)
		why = lm_encode_prompt(s->lm, m, q->prompt.n, a->scratch, &prompt);
	for (size_t k = 0; k < q->n; k++) {
		bool apart = false;

		from[k] = answers.n;
		sum[k] = 0;
		if (q->why[k] || why) {
			said[k].why = q->why[k] ? q->why[k] : why;
			continue;
		}
		lm_encode_answer(s->lm, m, q->prompt.n, &prompt, q->text[k], a->scratch, &answers, &apart);
		d->apart += apart;
		if (rewards(s))
			answers.n = from[k] + lm_unfilled(s->lm->model, answers.id + from[k], answers.n - from[k]);
		else if (q->cut[k] && chat_end(s->lm->chat).n && answers.n > from[k])
			answers.n--;
		said[k].tokens[i] = answers.n - from[k];
		if (prompt.n + said[k].tokens[i] > s->lm->model->config.context) {
			said[k].why = "longer than the model's context";
			answers.n = from[k];
		} else if (answers.n > from[k] || rewards(s)) {
			sum[k] = NAN;
		}
		if (isnan(sum[k]) && d->cache && !compares(s) &&
		    logp_cache_find(d->cache, key_of(s->lm, &prompt, answers.id + from[k], answers.n - from[k]), &sum[k]))
			d->found++;
	}
	from[q->n] = answers.n;
	if (!why)
		why = compute(d, s, a, &prompt, &answers, from, q->n, sum, score, r->arena);
	if (!why && compares(s)) {
		sum[0] = said[0].why || said[1].why ? NAN : loss_gpm_score(score, score + numbers, numbers) / 2;
		sum[1] = -sum[0];
	}
	for (size_t k = 0; k < q->n; k++) {
		said[k].logp[i] = said[k].why || why ? NAN : sum[k];
		if (!said[k].why)
			said[k].why = why;
	}
	lm_tokens_free(&prompt);
	lm_tokens_free(&answers);
	give_asker(s, a);
}

/* ---- a field ---- */

static struct value field_of_pair(struct rec *r, const char *name, size_t k)
{
	static const char *const sides[] = { "chosen", "rejected" };
	struct value v = rec_get(r, arena_printf(r->arena, "scores.%s", name).p);

	if (v.kind != JSON_ARRAY)
		v = rec_get(r, name);
	if (v.kind == JSON_ARRAY)
		return scan_element(v, k);
	return rec_get(r, arena_printf(r->arena, "%s_%s", sides[k], name).p);
}

static struct value field_of_candidate(struct rec *r, const char *name, size_t k)
{
	const struct value candidate = scan_element(rec_get(r, "responses"), k);
	struct value v = scan_member(scan_member(candidate, S("logp")), span_of(name));

	if (v.kind == JSON_NONE)
		v = scan_member(scan_member(candidate, S("scores")), span_of(name));
	return v.kind == JSON_NONE ? scan_member(candidate, span_of(name)) : v;
}

/* Numbers of tokens that the record tells. */
static size_t tokens_of(struct rec *r, bool pair, size_t k)
{
	double x = 0;

	if (pair)
		rec_num(r, k ? "rejected_tokens" : "chosen_tokens", &x);
	else
		json_number(scan_member(scan_element(rec_get(r, "responses"), k), S("tokens")), &x);
	return x >= 1 && x < 1e9 ? (size_t)x : 0;
}

static void read_field(const struct density *d, int i, struct rec *r, bool pair, size_t n, struct density_said *said)
{
	const char *name = d->source[i].field;

	for (size_t k = 0; k < n; k++) {
		struct logprobs l;
		struct value v = pair ? field_of_pair(r, name, k) : field_of_candidate(r, name, k);
		const char *why = v.kind == JSON_NONE ? "is not there" : logprobs_read(v, &l);

		said[k].logp[i] = why ? NAN : l.sum;
		said[k].tokens[i] = why || !l.tokens ? tokens_of(r, pair, k) : l.tokens;
		if (why && !said[k].why)
			said[k].why = arena_printf(r->arena, "%s: %s", name, why).p;
	}
}

/* ---- both ---- */

/* What a score is divided by; 0: not known. */
static double length_of(const struct density *d, const struct density_said *said)
{
	if (d->per == DENSITY_SUM)
		return 1;
	if (d->per == DENSITY_PER_BYTE || d->per_byte_instead)
		return (double)said->bytes;
	return (double)(said->tokens[STRONG] ? said->tokens[STRONG] : said->tokens[WEAK]);
}

static void put_together(const struct density *d, struct density_said *said)
{
	const double length = length_of(d, said);

	said->score = NAN;
	if (!said->why && length == 0)
		said->why = d->per == DENSITY_SUM ? NULL : "the response has no length to divide by";
	if (said->why)
		return;
	said->score = d->beta * (said->logp[STRONG] - (d->sources == 2 ? said->logp[WEAK] : 0)) / length;
	/* The last digits depend on the processor. */
	said->score = round(said->score * 1e6) / 1e6;
	if (!isfinite(said->score)) {
		said->score = NAN;
		said->why = "the log-prob is not finite";
	}
}

void density_ask(const struct density *shared, struct rec *r, bool pair, size_t n, struct density_said *said)
{
	struct density *d = (struct density *)shared;	/* pools and counts have locks of their own */
	struct question q = { .n = n, .pair = pair };

	q.response = arena_alloc(r->arena, (n + 1) * sizeof *q.response);
	q.text = arena_alloc(r->arena, (n + 1) * sizeof *q.text);
	q.why = arena_alloc(r->arena, (n + 1) * sizeof *q.why);
	q.cut = arena_alloc(r->arena, (n + 1) * sizeof *q.cut);
	memset(q.cut, 0, (n + 1) * sizeof *q.cut);
	memset(said, 0, n * sizeof *said);
	list_responses(r, pair, &q);
	for (int i = 0; i < d->sources; i++) {
		const struct source *s = &d->source[i];

		if (s->field) {
			read_field(d, i, r, pair, n, said);
		} else {
			read_question(r, chat_end(s->lm->chat).n == 0, &q);
			ask_model(d, i, r, &q, said);
		}
	}
	for (size_t k = 0; k < n; k++) {
		struct span text = S("");

		if (d->per != DENSITY_SUM)
			said_response(q.response[k], false, true, r->arena, &text);
		said[k].bytes = text.n;
		put_together(d, &said[k]);
	}
}

const char *density_note(const struct density *d)
{
	return d->per_byte_instead ? "the models have different tokens: scores are per byte" : NULL;
}

struct density_counts density_counts(const struct density *d)
{
	return (struct density_counts){ d->asked, d->found, d->apart };
}

const char *density_criteria(void)
{
	return criteria_names();
}
