/* course - the run */
#include "lm/course.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "lm/checkpoint.h"
#include "lm/safetensors.h"
#include "random.h"
#include "scan.h"

struct run {
	struct trainer *t;
	const struct course_options *o;
	struct course_data train, valid;
	struct course_result *r;
	struct lm_error *e;
	struct checkpoint c;
	uint64_t an_epoch, warm, eval_every, save_every;	/* steps */
	uint32_t *order;		/* of epoch `epoch` */
	uint64_t epoch;
	struct train_group **batch;
	FILE *metrics;
	char *checkpoint;
};

static void tell(const struct run *r, const char *what, uint64_t done, uint64_t all)
{
	if (r->o->tell)
		r->o->tell(r->o->arg, what, done, all);
}

/* ---- batches ---- */

static void make_order(struct run *r, uint64_t epoch)
{
	struct rng g = rng_for(r->o->seed, "order", epoch);

	for (size_t i = 0; i < r->train.n; i++)
		r->order[i] = (uint32_t)i;
	if (!r->o->in_order)
		rng_shuffle(&g, r->order, r->train.n);
	r->epoch = epoch;
}

/* The groups of a step, and how many. */
static size_t batch_of(struct run *r, uint64_t step)
{
	const uint64_t epoch = step / r->an_epoch;
	const size_t from = (size_t)(step % r->an_epoch) * r->o->batch;
	size_t n = r->train.n - from < r->o->batch ? r->train.n - from : r->o->batch;

	if (epoch != r->epoch)
		make_order(r, epoch);
	for (size_t i = 0; i < n; i++)
		r->batch[i] = &r->train.v[r->order[from + i]];
	return n;
}

static size_t valid_batch(struct run *r, size_t from)
{
	const size_t n = r->valid.n - from < r->o->batch ? r->valid.n - from : r->o->batch;

	for (size_t i = 0; i < n; i++)
		r->batch[i] = &r->valid.v[from + i];
	return n;
}

/* ---- the reference ---- */

typedef void text_fn(struct run *r, struct train_text *x, void *arg);

static void each_text(struct run *r, text_fn *fn, void *arg)
{
	const struct course_data *sides[] = { &r->train, &r->valid };

	for (size_t s = 0; s < COUNT(sides); s++)
		for (size_t i = 0; i < sides[s]->n; i++) {
			struct train_group *g = &sides[s]->v[i];

			for (size_t k = 0; k < g->k; k++)
				fn(r, &g->v[k], arg);
			for (size_t k = 0; k < 2; k++)
				fn(r, &g->other[k], arg);
		}
}

static void add_reference(struct run *r, struct train_text *x, void *to)
{
	(void)r;
	if (x->reference)
		buf_add(to, (struct span){ (const char *)x->reference, x->n * sizeof *x->reference });
}

static void take_reference(struct run *r, struct train_text *x, void *from)
{
	struct span *s = from;
	const size_t n = x->reference ? x->n * sizeof *x->reference : 0;

	(void)r;
	if (n && n <= s->n) {
		memcpy(x->reference, s->p, n);
		*s = span_cut(*s, n, s->n);
	}
}

/* The file: the key of what it was computed from, log-probs in the order of the data, XXH3-64 of both. */
static bool load_reference(struct run *r, const char *path, struct key128 key, size_t bytes)
{
	struct lm_error ignored;
	struct span file, body;
	uint64_t sum;
	bool ok;

	if (access(path, R_OK) || !lm_map(path, &file, &ignored))
		return false;
	ok = file.n == sizeof key + bytes + sizeof sum && memcmp(file.p, &key, sizeof key) == 0;
	if (ok) {
		memcpy(&sum, file.p + file.n - sizeof sum, sizeof sum);
		ok = hash64(span_cut(file, 0, file.n - sizeof sum), 0) == sum;
	}
	if (ok) {
		body = span_cut(file, sizeof key, sizeof key + bytes);
		each_text(r, take_reference, &body);
	}
	lm_unmap(file);
	return ok;
}

static bool compute_reference(struct run *r)
{
	const char *why = NULL;

	for (uint64_t s = 0; !why && s < r->an_epoch; s++) {
		why = trainer_reference(r->t, r->batch, batch_of(r, s));
		tell(r, "reference", s + 1, r->an_epoch);
	}
	for (size_t i = 0; !why && i < r->valid.n; i += r->o->batch)
		why = trainer_reference(r->t, r->batch, valid_batch(r, i));
	return !why || lm_fail(r->e, "%s", why);
}

static void count_text(struct run *r, struct train_text *x, void *arg)
{
	(void)r;
	*(size_t *)arg += x->reference ? x->n * sizeof *x->reference : 0;
}

static bool get_reference(struct run *r)
{
	char *path = xasprintf("%s/reference.bin", r->o->folder);
	struct buf b = { 0 };
	const double began = clock_now();
	uint64_t sum;
	size_t bytes = 0;
	bool ok;

	each_text(r, count_text, &bytes);
	ok = load_reference(r, path, r->o->base, bytes);
	if (!ok && compute_reference(r)) {
		r->r->reference_rows = bytes / sizeof(double);
		r->r->reference_seconds = clock_now() - began;
		buf_add(&b, (struct span){ (const char *)&r->o->base, sizeof r->o->base });
		each_text(r, add_reference, &b);
		sum = hash64(buf_span(&b), 0);
		buf_add(&b, (struct span){ (const char *)&sum, sizeof sum });
		ok = safetensors_write_file(path, buf_span(&b), r->e);
	}
	buf_free(&b);
	free(path);
	return ok;
}

/* ---- metrics ---- */

double course_accuracy(const struct train_sums *s, double *error)
{
	const double n = (double)(s->groups ? s->groups : 1), p = s->right / n;

	*error = sqrt(p * (1 - p) / n);
	return p;
}

double course_margin(const struct train_sums *s, double *error)
{
	const double n = (double)(s->groups ? s->groups : 1), mean = s->margin / n;

	*error = sqrt(fmax(0, s->square / n - mean * mean) / n);
	return mean;
}

static void put(struct buf *b, const char *before, const char *name, double x)
{
	buf_addf(b, ",\"%s%s\":", before, name);
	json_put_number(b, x);
}

static void put_sums(const struct run *r, struct buf *b, const char *before, const struct train_sums *s)
{
	const double n = (double)(s->groups ? s->groups : 1);

	put(b, before, "loss", s->loss / n);
	if (r->o->scores) {
		put(b, before, "min_reward", s->least);
		put(b, before, "mean_reward", (s->chosen + s->rejected) / (2 * n));
		put(b, before, "max_reward", s->most);
		put(b, before, "accuracy", s->right / n);
		put(b, before, "margin", s->margin / n);
		return;
	}
	put(b, before, "rewards/chosen", s->chosen / n);
	put(b, before, "rewards/rejected", s->rejected / n);
	put(b, before, "rewards/margins", s->margin / n);
	put(b, before, "rewards/accuracies", s->right / n);
	put(b, before, "logps/chosen", s->logp_chosen / n);
	put(b, before, "logps/rejected", s->logp_rejected / n);
	put(b, before, "entropy", s->entropy / (double)(s->tokens ? s->tokens : 1));
	put(b, before, "mean_token_accuracy", s->likeliest / (double)(s->chosen_tokens ? s->chosen_tokens : 1));
}

static bool write_line(struct run *r, struct buf *b)
{
	buf_adds(b, "}\n");
	if (fwrite(b->p, 1, b->n, r->metrics) != b->n || fflush(r->metrics))
		return lm_fail(r->e, "cannot write metrics.jsonl: %s", strerror(errno));
	r->c.metrics += b->n;
	return true;
}

static void begin_line(const struct run *r, struct buf *b)
{
	buf_addf(b, "{\"step\":%llu,\"epoch\":", (unsigned long long)r->c.step);
	json_put_number(b, (double)r->c.step / (double)r->an_epoch);
}

/* The file as it was at the checkpoint. */
static bool open_metrics(struct run *r)
{
	char *path = xasprintf("%s/metrics.jsonl", r->o->folder);

	r->metrics = fopen(path, r->c.step ? "r+" : "w");
	if (r->metrics && (ftruncate(fileno(r->metrics), (off_t)r->c.metrics) || fseek(r->metrics, 0, SEEK_END))) {
		fclose(r->metrics);
		r->metrics = NULL;
	}
	if (!r->metrics)
		lm_fail(r->e, "cannot write %s: %s", path, strerror(errno));
	free(path);
	return r->metrics != NULL;
}

/* ---- steps and evaluations ---- */

static bool evaluate(struct run *r)
{
	struct train_sums s = { 0 };
	struct buf line = { 0 };
	const char *why = NULL;
	double loss;
	bool ok;

	for (size_t i = 0; !why && i < r->valid.n; i += r->o->batch) {
		why = trainer_batch(r->t, r->batch, valid_batch(r, i), false, &s);
		tell(r, "evaluation", i, r->valid.n);
	}
	if (why)
		return lm_fail(r->e, "%s", why);
	loss = s.loss / (double)s.groups;
	begin_line(r, &line);
	put_sums(r, &line, "eval_", &s);
	ok = write_line(r, &line);
	buf_free(&line);
	r->c.after = s;
	if (r->c.step == 0)
		r->c.before = s;
	if (ok && (r->c.step == 0 || loss < r->c.best)) {
		r->c.best = loss;
		r->c.best_step = r->c.step;
		r->c.waited = 0;
		r->c.best_sums = s;
		ok = r->o->save(r->o->arg, r->e);
	} else {
		r->c.waited++;
	}
	return ok;
}

static bool step(struct run *r)
{
	const double rate = r->o->rate * schedule_rate(r->o->schedule, r->c.step, r->warm, r->r->all_steps);
	const double began = clock_now();
	struct train_sums s = { 0 }, *last = &r->c.train;
	struct buf line = { 0 };
	const char *why = trainer_batch(r->t, r->batch, batch_of(r, r->c.step), true, &s);
	double norm, took;
	bool ok;

	if (why)
		return lm_fail(r->e, "%s", why);
	if (!isfinite(s.loss))
		return lm_fail(r->e, "the loss is no number any more: a smaller --rate may help");
	norm = trainer_step(r->t, rate);
	took = clock_now() - began;
	r->c.step++;
	r->c.tokens += s.rows;
	r->r->seconds += took;
	r->r->rows += s.rows;
	begin_line(r, &line);
	put_sums(r, &line, "", &s);
	put(&line, "", "grad_norm", norm);
	put(&line, "", "learning_rate", rate);
	buf_addf(&line, ",\"num_tokens\":%llu", (unsigned long long)r->c.tokens);
	put(&line, "", "tokens_per_second", floor((double)s.rows / took));
	put(&line, "", "memory_mb", floor((double)trainer_bytes(r->t) / 1e6));
	ok = write_line(r, &line);
	buf_free(&line);
	if (10 * r->c.step > 9 * r->r->all_steps) {
		last->groups += s.groups;
		last->loss += s.loss;
		last->chosen += s.chosen;
		last->rejected += s.rejected;
		last->margin += s.margin;
		last->square += s.square;
		last->right += s.right;
	}
	tell(r, NULL, r->c.step, r->r->all_steps);
	return ok;
}

static bool done(const struct run *r)
{
	return r->c.step >= r->r->all_steps || (r->o->patience && r->c.waited >= r->o->patience);
}

static bool go(struct run *r)
{
	const bool holds = r->valid.n > 0;

	if (r->c.step == 0 && holds && !evaluate(r))
		return false;
	while (!done(r)) {
		if (!step(r))
			return false;
		if (holds && (r->c.step % r->eval_every == 0 || r->c.step == r->r->all_steps) && !evaluate(r))
			return false;
		if ((r->c.step % r->save_every == 0 || done(r)) &&
			!checkpoint_write(r->checkpoint, &r->c, trainer_adam(r->t), r->e))
			return false;
	}
	r->r->stopped_early = r->c.step < r->r->all_steps;
	return holds || r->o->save(r->o->arg, r->e);
}

/* From the checkpoint, if there is one. */
static bool begin(struct run *r)
{
	const bool there = access(r->checkpoint, F_OK) == 0;
	struct lm_error why;

	if (there && !r->o->resume)
		return lm_fail(r->e, "%s holds a run that was begun: --resume goes on with it", r->o->folder);
	if (!there)
		return true;
	if (!checkpoint_read(r->checkpoint, &r->c, trainer_adam(r->t), &why))
		return lm_fail(r->e, "%s %s", r->checkpoint, why.text);
	if (memcmp(&r->c.run, &r->o->run, sizeof r->c.run) != 0)
		return lm_fail(r->e, "%s is of a run with another model, other data or other options", r->checkpoint);
	trainer_merge(r->t);
	r->r->resumed = r->c.step;
	return true;
}

static uint64_t tenth(uint64_t every, uint64_t all)
{
	return every ? every : all > 10 ? (all + 9) / 10 : 1;
}

bool course_run(struct trainer *t, const struct course_options *o, struct course_data train, struct course_data valid,
	struct course_result *result, struct lm_error *e)
{
	struct run r = { .t = t, .o = o, .train = train, .valid = valid, .r = result, .e = e, .epoch = UINT64_MAX };
	bool ok;

	*result = (struct course_result){ 0 };
	if (train.n == 0)
		return lm_fail(e, "no records to learn from");
	r.c.run = o->run;
	r.an_epoch = (train.n + o->batch - 1) / o->batch;
	result->all_steps = (uint64_t)ceil(o->epochs * (double)r.an_epoch - 1e-9);
	r.warm = (uint64_t)ceil(o->warm * (double)result->all_steps - 1e-9);
	r.eval_every = tenth(o->eval_every, result->all_steps);
	r.save_every = tenth(o->save_every, result->all_steps);
	r.order = xcalloc(train.n, sizeof *r.order);
	r.batch = xcalloc(o->batch, sizeof *r.batch);
	r.checkpoint = xasprintf("%s/checkpoint", o->folder);
	ok = (!o->reference || get_reference(&r)) && begin(&r) && open_metrics(&r) && go(&r);
	result->steps = r.c.step;
	result->best_step = r.c.best_step;
	result->before = r.c.before;
	result->best = r.c.best_sums;
	result->after = r.c.after;
	result->train = r.c.train;
	if (r.metrics && fclose(r.metrics) && ok)
		ok = lm_fail(e, "cannot write metrics.jsonl: %s", strerror(errno));
	free(r.checkpoint);
	free(r.order);
	free(r.batch);
	return ok;
}
