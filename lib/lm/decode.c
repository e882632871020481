/* decode - continue prompts: the queue, the batch, the ends */
#include "lm/decode.h"

#include <stdlib.h>

void lm_continuation_free(struct lm_continuation *c)
{
	free(c->token);
	buf_free(&c->text);
	c->token = NULL;
	c->n = c->room = 0;
}

/* A prompt that is being served. */
struct live {
	struct lm_request *r;
	struct lm_cache cache;
	float *logits;			/* of what follows the prompt */
	size_t begun, left;		/* samples begun; not yet ended */
};

struct sequence {
	struct live *of;
	struct lm_continuation *c;
	struct lm_cache cache;
	float *logits;
};

struct decoder {
	struct lm_engine *e;
	const struct lm_model *m;
	const struct tokenizer *t;
	const struct lm_decoding *how;
	struct lm_request *request;
	size_t n, next;			/* the next to be begun */
	struct live *head;		/* samples are left to be begun; NULL: none */
	struct sequence *v;
	size_t live;			/* v[0, live) are at work */
	struct lm_segment *segment;
	struct lm_sampler sampler;
	size_t stop_room;		/* of the longest stop */
};

/* ---- one continuation ---- */

static bool is_end(const struct lm_decoding *how, int32_t token)
{
	for (size_t i = 0; i < how->n_ends; i++)
		if (how->ends[i] == token)
			return true;
	return false;
}

/* Cut the text before the first stop in it, of which the last `added` bytes are new. */
static bool cut_at_stop(const struct decoder *d, struct buf *text, size_t added)
{
	const size_t back = added + d->stop_room;
	const size_t from = text->n > back ? text->n - back : 0;
	size_t at = text->n;

	for (size_t i = 0; i < d->how->n_stops; i++) {
		const struct span s = d->how->stops[i];
		const char *p = memmem(text->p + from, text->n - from, s.p, s.n);

		if (p && (size_t)(p - text->p) < at)
			at = (size_t)(p - text->p);
	}
	if (at == text->n)
		return false;
	text->n = at;
	return true;
}

/* Draw the next token; true: it was the last. */
static bool advance(struct decoder *d, struct lm_continuation *c, const float *logits, size_t room)
{
	const size_t before = c->text.n;
	double logp;
	int32_t token = lm_sample(logits, d->m->config.vocab, &d->how->sampling, &c->g, &d->sampler, &logp);

	GROW(c->token, c->n, c->room);
	c->token[c->n++] = token;
	c->logp += logp;
	c->finish = LM_STOP;
	if (is_end(d->how, token))
		return true;
	buf_add(&c->text, tokenizer_bytes(d->t, token));
	if (cut_at_stop(d, &c->text, c->text.n - before))
		return true;
	c->finish = LM_LENGTH;
	return c->n == d->how->most || c->n == room;
}

/* ---- the batch ---- */

static size_t room_of(const struct decoder *d, const struct live *l)
{
	const size_t room = d->m->config.context - l->r->n;

	return room < d->how->most ? room : d->how->most;
}

static void end_sample(struct live *l)
{
	if (--l->left > 0)
		return;
	lm_cache_free(&l->cache);
	free(l->logits);
	free(l);
}

/* Compute the next prompt. False: there is none. */
static bool begin_prompt(struct decoder *d)
{
	struct lm_request *r;
	struct live *l;
	struct lm_segment s;

	while (d->next < d->n) {
		r = &d->request[d->next++];
		r->why = r->n >= d->m->config.context ? "the prompt fills the model's context" : NULL;
		if (r->why || r->samples == 0)
			continue;
		l = xcalloc(1, sizeof *l);
		*l = (struct live){ .r = r, .left = r->samples };
		l->logits = xreallocarray(NULL, d->m->config.vocab, sizeof *l->logits);
		lm_cache_init(&l->cache, d->m, r->n);
		s = (struct lm_segment){ .tokens = r->prompt, .n = r->n, .parent = -1, .cache = &l->cache, .logits = l->logits };
		r->why = lm_forward(d->e, &s, 1);
		if (!r->why) {
			d->head = l;
			return true;
		}
		l->left = 1;
		end_sample(l);
	}
	return false;
}

static void begin_samples(struct decoder *d)
{
	while (d->live < d->how->together && (d->head || begin_prompt(d))) {
		struct live *l = d->head;
		struct lm_continuation *c = &l->r->sample[l->begun++];
		struct sequence *s = &d->v[d->live];
		const size_t room = room_of(d, l);

		if (l->begun == l->r->samples)
			d->head = NULL;
		if (advance(d, c, l->logits, room)) {
			end_sample(l);
			continue;
		}
		s->of = l;
		s->c = c;
		lm_cache_init(&s->cache, d->m, room);
		s->cache.after = &l->cache;
		d->live++;
	}
}

static void step(struct decoder *d)
{
	const char *why;
	size_t kept = 0;

	for (size_t i = 0; i < d->live; i++) {
		struct sequence *s = &d->v[i];

		d->segment[i] = (struct lm_segment){ .tokens = &s->c->token[s->c->n - 1], .n = 1, .parent = -1, .cache = &s->cache,
			.logits = s->logits };
	}
	why = lm_forward(d->e, d->segment, d->live);
	if (why)
		bug("a token cannot follow its text: %s", why);
	for (size_t i = 0; i < d->live; i++) {
		struct sequence *s = &d->v[i];

		if (advance(d, s->c, s->logits, room_of(d, s->of))) {
			lm_cache_free(&s->cache);
			end_sample(s->of);
		} else {
			const struct sequence one = *s;

			/* Each keeps a place for its logits. */
			s->logits = d->v[kept].logits;
			d->v[kept++] = one;
		}
	}
	d->live = kept;
}

void lm_decode(struct lm_engine *e, const struct lm_model *m, const struct tokenizer *t, const struct lm_decoding *how,
	struct lm_request *requests, size_t n)
{
	struct decoder d = {
		.e = e, .m = m, .t = t, .how = how, .request = requests, .n = n,
		.v = xcalloc(how->together, sizeof *d.v), .segment = xcalloc(how->together, sizeof *d.segment)
	};

	for (size_t i = 0; i < how->n_stops; i++)
		d.stop_room = how->stops[i].n > d.stop_room ? how->stops[i].n : d.stop_room;
	for (size_t i = 0; i < how->together; i++)
		d.v[i].logits = xreallocarray(NULL, m->config.vocab, sizeof *d.v[i].logits);
	for (begin_samples(&d); d.live > 0; begin_samples(&d))
		step(&d);
	for (size_t i = 0; i < how->together; i++)
		free(d.v[i].logits);
	lm_sampler_free(&d.sampler);
	free(d.v);
	free(d.segment);
}
