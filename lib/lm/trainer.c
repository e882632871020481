/* trainer - passes, losses, steps (long: one batch, all the arrays of which every step of it needs) */
#include "lm/trainer.h"

#include <math.h>
#include <stdlib.h>

struct trainer {
	struct lm_model *m;
	struct lm_engine *e;
	struct lm_trace *trace;
	struct lm_engine *reference;	/* LOSS_KL: beside the policy in every pass */
	struct lm_trace *reference_trace;
	struct work *pool;
	struct lm_slopes slopes;
	struct adam *adam;
	struct train_options o;
};

struct trainer *trainer_new(struct lm_model *m, struct lm_lora *lora, const struct train_options *o, int threads)
{
	struct trainer *t = xcalloc(1, sizeof *t);

	t->m = m;
	t->o = *o;
	t->e = lm_engine_new(m, threads);
	t->trace = lm_trace_new();
	t->pool = work_new(threads);
	if (o->loss.flags & LOSS_KL) {
		t->reference = lm_engine_new(o->reference, threads);
		t->reference_trace = lm_trace_new();
	}
	t->slopes.lora = lora;
	if (!lora)
		t->slopes.all = xpages(m->bytes);
	t->adam = adam_new(m, &t->slopes);
	return t;
}

void trainer_free(struct trainer *t)
{
	if (!t)
		return;
	adam_free(t->adam);
	pages_free(t->slopes.all, t->m->bytes);
	work_free(t->pool);
	lm_trace_free(t->trace);
	lm_trace_free(t->reference_trace);
	lm_engine_free(t->reference);
	lm_engine_free(t->e);
	free(t);
}

struct adam *trainer_adam(struct trainer *t)
{
	return t->adam;
}

size_t trainer_bytes(const struct trainer *t)
{
	return lm_trace_bytes(t->trace) + (t->reference ? lm_trace_bytes(t->reference_trace) : 0) +
		(t->slopes.all ? t->m->bytes : t->slopes.lora->floats * sizeof(float)) +
		2 * t->adam->numbers * sizeof(float);
}

/* ---- a batch ---- */

/* A text of the batch: where its log-probs and their gradient lie. */
struct place {
	double *policy, *g;		/* [n]; of a reward model scores, [scores] */
	struct lm_spread *spread;	/* [n] */
	double kl, *beside;		/* LOSS_KL: of its tokens; log-probs by the reference, [n] */
};

struct run {
	struct trainer *t;
	struct train_group *const *g;
	size_t n;
	struct place *place;		/* of the texts of all groups, one after the other */
	size_t *first;			/* [n + 1] of each group's */
	struct loss_group *loss;	/* [n] */
	struct loss_text *text;
	struct arena memory;
	size_t chosen_tokens;
	bool alone;			/* no reference beside the policy */

	struct lm_segment *s;		/* of one pass */
	const double **slope;
	struct lm_spread **spread;
	struct place **of;		/* [segments] NULL: a prompt */
	struct lm_segment *beside;	/* LOSS_KL: for the reference */
	double **kl, *pull;
	size_t segments;
};

static struct train_text *text_of(struct train_group *g, size_t i)
{
	return i < g->k ? &g->v[i] : i < g->k + 2 ? &g->other[i - g->k] : &g->why[i - g->k - 2];
}

static size_t texts_of(const struct train_group *g)
{
	return g->k + 2 + g->whys;
}

/* A reward model scores texts, it gives no log-probs of tokens. */
static bool scores(const struct trainer *t)
{
	return t->o.loss.flags & LOSS_SCORES;
}

/* Numbers that the model says of a text. */
static size_t said_of(const struct trainer *t, const struct train_text *x)
{
	return scores(t) ? t->m->score.rows : x->n;
}

static void open_run(struct run *r, struct trainer *t, struct train_group *const *g, size_t n)
{
	size_t texts = 0, at = 0;

	*r = (struct run){ .t = t, .g = g, .n = n };
	r->first = xcalloc(n + 1, sizeof *r->first);
	for (size_t i = 0; i < n; i++) {
		r->first[i] = texts;
		texts += texts_of(g[i]);
		r->chosen_tokens += g[i]->v[0].n;
	}
	r->first[n] = texts;
	r->place = xcalloc(texts + 1, sizeof *r->place);
	r->text = xcalloc(texts + 1, sizeof *r->text);
	r->loss = xcalloc(n + 1, sizeof *r->loss);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < texts_of(g[i]); k++, at++) {
			const size_t said = said_of(t, text_of(g[i], k));

			r->place[at].policy = arena_alloc(&r->memory, (3 * said + 1) * sizeof(double));
			r->place[at].g = r->place[at].policy + said;
			r->place[at].beside = r->place[at].g + said;
			memset(r->place[at].policy, 0, 2 * said * sizeof(double));
			r->place[at].spread = arena_alloc(&r->memory, (said + 1) * sizeof(struct lm_spread));
		}
	/* (A group has at most two prompts.) */
	r->s = xcalloc(texts + 2 * n + 1, sizeof *r->s);
	r->slope = xcalloc(texts + 2 * n + 1, sizeof *r->slope);
	r->spread = xcalloc(texts + 2 * n + 1, sizeof *r->spread);
	r->of = xcalloc(texts + 2 * n + 1, sizeof *r->of);
	r->beside = xcalloc(texts + 2 * n + 1, sizeof *r->beside);
	r->kl = xcalloc(texts + 2 * n + 1, sizeof *r->kl);
	r->pull = xcalloc(texts + 2 * n + 1, sizeof *r->pull);
}

static void close_run(struct run *r)
{
	free(r->first);
	free(r->place);
	free(r->text);
	free(r->loss);
	free(r->s);
	free(r->slope);
	free(r->spread);
	free(r->of);
	free(r->beside);
	free(r->kl);
	free(r->pull);
	arena_free(&r->memory);
}

/* ---- passes ---- */

/* The segment of a prompt, which may be there already; added if it is not. */
static long prompt_segment(struct run *r, const int32_t *tokens, size_t n)
{
	for (size_t i = r->segments; i-- > 0; )
		if (r->s[i].parent < 0 && r->s[i].n == n && memcmp(r->s[i].tokens, tokens, n * sizeof *tokens) == 0)
			return (long)i;
	r->slope[r->segments] = NULL;
	r->spread[r->segments] = NULL;
	r->of[r->segments] = NULL;
	r->s[r->segments] = (struct lm_segment){ .tokens = tokens, .n = n, .parent = -1, .from = 1 };
	return (long)r->segments++;
}

static void add_text(struct run *r, const struct train_text *x, struct place *p, long prompt)
{
	if (x->n == 0)
		return;
	r->slope[r->segments] = p->g;
	r->spread[r->segments] = p->spread;
	r->of[r->segments] = p;
	r->s[r->segments] = (struct lm_segment){ .tokens = x->tokens, .n = x->n, .parent = prompt };
	*(scores(r->t) ? &r->s[r->segments].score : &r->s[r->segments].logp) = p->policy;
	r->segments++;
}

static void add_group(struct run *r, size_t i)
{
	struct train_group *g = r->g[i];
	const long prompt = prompt_segment(r, g->prompt, g->prompt_n);

	for (size_t k = 0; k < g->k + 2; k++)
		add_text(r, text_of(g, k), &r->place[r->first[i] + k], prompt);
	for (size_t k = 0; k < g->whys; k++)
		add_text(r, &g->why[k], &r->place[r->first[i] + g->k + 2 + k], prompt_segment(r, g->why_prompt, g->why_prompt_n));
}

static size_t rows_of(const struct run *r)
{
	size_t rows = 0;

	for (size_t i = 0; i < r->segments; i++)
		rows += r->s[i].n;
	return rows;
}

/* The groups from `from` on that fit into one pass become its segments. Returns the end, and the pass's tokens. */
static size_t next_pass(struct run *r, size_t from, size_t *rows)
{
	size_t i = from, kept = 0;

	r->segments = 0;
	for (*rows = 0; i < r->n; i++) {
		kept = r->segments;
		add_group(r, i);
		if (i > from && rows_of(r) > r->t->o.rows) {
			r->segments = kept;
			break;
		}
		*rows = rows_of(r);
	}
	return i;
}

/* The same pass by the reference, and how far the policy is from it. */
static const char *forward_beside(struct run *r)
{
	struct trainer *t = r->t;
	const char *why;

	for (size_t i = 0; i < r->segments; i++) {
		r->beside[i] = r->s[i];
		r->beside[i].logp = r->of[i] ? r->of[i]->beside : NULL;
		r->kl[i] = r->of[i] ? &r->of[i]->kl : NULL;
	}
	why = lm_forward_keep(t->reference, t->reference_trace, r->beside, r->segments, NULL);
	if (!why)
		lm_divergence(t->e, t->trace, t->reference_trace, r->kl);
	return why;
}

static const char *forward(struct run *r)
{
	const char *why = lm_forward_keep(r->t->e, r->t->trace, r->s, r->segments, r->spread);

	return why || r->alone || !r->t->reference ? why : forward_beside(r);
}

static void backward(struct run *r)
{
	struct trainer *t = r->t;

	for (size_t i = 0; i < r->segments; i++)
		r->pull[i] = r->of[i] ? r->text[r->of[i] - r->place].gkl : 0;
	if (t->reference)
		lm_pull(t->trace, t->reference_trace, r->pull);
	lm_backward(t->e, t->trace, r->slope, &t->slopes);
}

/* ---- losses ---- */

static double sum_of(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum;
}

/* Mean of ln pi(token) - ln sum pi^2. */
static double sureness(const struct place *p, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += p->policy[i] - p->spread[i].square;
	return n ? sum / (double)n : 0;
}

static void look_at(struct run *r, size_t i)
{
	struct train_group *g = r->g[i];
	const struct place *p = &r->place[r->first[i]];
	struct loss_text *v = &r->text[r->first[i]];
	struct loss_why *why = arena_alloc(&r->memory, (g->whys + 1) * sizeof *why);

	r->loss[i] = (struct loss_group){ .v = v, .k = g->k, .margin = g->margin, .preference = g->preference, .flip = g->flip };
	for (size_t k = 0; k < g->k; k++) {
		v[k] = (struct loss_text){ .policy = p[k].policy, .reference = g->v[k].reference, .weight = g->v[k].weight,
			.n = said_of(r->t, &g->v[k]), .g = p[k].g, .reward = g->v[k].reward };
		v[k].kl = p[k].kl;
		v[k].sure = scores(r->t) ? 0 : sureness(&p[k], g->v[k].n);
		if (k < 2 && g->other[k].n)
			v[k].other = sum_of(p[g->k + k].policy, g->other[k].n) - sum_of(g->other[k].reference, g->other[k].n);
	}
	r->loss[i].why = why;
	r->loss[i].whys = g->whys;
	for (size_t k = 0; k < g->whys; k++)
		why[k] = (struct loss_why){ .policy = p[g->k + 2 + k].policy, .n = g->why[k].n, .g = p[g->k + 2 + k].g };
}

static void eval(struct run *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		look_at(r, i);
	loss_eval(&r->t->o.loss, r->loss + from, to - from, r->n, r->chosen_tokens);
}

/* Reward of response k of group i, or its implicit one: of a policy without a reference its log-prob. */
static double reward(const struct run *r, size_t i, size_t k)
{
	const double beta = r->t->o.loss.v[0].o.beta;
	const struct train_text *x = &r->g[i]->v[k];

	return (isnan(beta) ? 1 : beta) * (sum_of(r->place[r->first[i] + k].policy, said_of(r->t, x)) -
		(x->reference ? sum_of(x->reference, x->n) : 0));
}

static void add_sums(const struct run *r, size_t i, struct train_sums *s)
{
	const struct train_group *g = r->g[i];
	const struct place *p = &r->place[r->first[i]];
	/* (Of three, the first may be the gold one; of a list, best and worst.) */
	const size_t best = r->t->o.loss.flags & LOSS_THREE ? 1 : 0, worst = g->k - 1;
	const bool compares = r->t->o.loss.flags & LOSS_EMBEDDED;
	const double margin = compares ? loss_gpm_score(p[0].policy, p[1].policy, r->t->m->score.rows) : 0;
	const double a = compares ? margin / 2 : reward(r, i, best), b = compares ? -margin / 2 : reward(r, i, worst);

	s->least = fmin(s->groups ? s->least : a, fmin(a, b));
	s->most = fmax(s->groups ? s->most : a, fmax(a, b));
	s->groups++;
	s->loss += r->loss[i].loss;
	s->chosen += a;
	s->rejected += b;
	s->margin += a - b;
	s->square += (a - b) * (a - b);
	s->right += a > b;
	if (scores(r->t))
		return;
	s->logp_chosen += sum_of(p[best].policy, g->v[best].n);
	s->logp_rejected += sum_of(p[worst].policy, g->v[worst].n);
	for (size_t k = 0; k < g->k; k++)
		for (size_t t = 0; t < g->v[k].n; t++) {
			s->entropy += p[k].spread[t].entropy;
			s->tokens++;
			if (k == best) {
				s->likeliest += p[k].spread[t].likeliest;
				s->chosen_tokens++;
			}
		}
}

const char *trainer_batch(struct trainer *t, struct train_group *const *g, size_t n, bool learn, struct train_sums *sums)
{
	const bool first_all = t->o.loss.flags & LOSS_COUPLED;
	const char *why = NULL;
	struct run r;

	open_run(&r, t, g, n);
	/* Where the groups of a batch depend on each other, and are more than one pass, log-probs come first. */
	for (size_t from = 0, to, rows; first_all && !why && from < n; from = to) {
		to = next_pass(&r, from, &rows);
		why = forward(&r);
		if (!why && from == 0 && to == n)
			break;
	}
	if (first_all && !why)
		eval(&r, 0, n);
	for (size_t from = 0, to, rows; !why && from < n; from = to) {
		to = next_pass(&r, from, &rows);
		sums->rows += rows;
		if (first_all && !learn)
			continue;
		if (!first_all || from > 0 || to < n)
			why = forward(&r);
		if (!why && !first_all)
			eval(&r, from, to);
		if (!why && learn)
			backward(&r);
	}
	for (size_t i = 0; !why && i < n; i++)
		add_sums(&r, i, sums);
	close_run(&r);
	return why;
}

const char *trainer_reference(struct trainer *t, struct train_group *const *g, size_t n)
{
	const char *why = NULL;
	struct run r;

	open_run(&r, t, g, n);
	r.alone = true;
	for (size_t from = 0, to, rows; !why && from < n; from = to) {
		to = next_pass(&r, from, &rows);
		why = forward(&r);
	}
	for (size_t i = 0; !why && i < n; i++)
		for (size_t k = 0; k < texts_of(g[i]); k++)
			if (text_of(g[i], k)->reference)
				memcpy(text_of(g[i], k)->reference, r.place[r.first[i] + k].policy,
					text_of(g[i], k)->n * sizeof(double));
	close_run(&r);
	return why;
}

double trainer_step(struct trainer *t, double rate)
{
	const double norm = adam_norm(t->adam, t->pool);

	adam_step(t->adam, t->pool, rate, clip_scale(norm, t->o.clip));
	trainer_merge(t);
	return norm;
}

void trainer_merge(struct trainer *t)
{
	if (t->slopes.lora)
		lora_merge(t->slopes.lora, t->pool);
}
