/* course: a run that is broken off after each step and goes on ends with the bits of one that is not; early stopping; what a
 * reference of another run or a damaged one is worth */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lm/course.h"

#include "../lm_folder.h"

enum { PAIRS = 11, LONGEST = 8 };

struct data {
	struct train_group g[PAIRS];
	struct train_text v[PAIRS][2];
	int32_t tokens[PAIRS][3][LONGEST];
	double reference[PAIRS][2][LONGEST];
};

static void make_data(struct data *d)
{
	struct rng r = { 6, 0 };

	memset(d, 0, sizeof *d);
	for (size_t i = 0; i < PAIRS; i++) {
		for (size_t j = 0; j < 3; j++)
			for (size_t t = 0; t < LONGEST; t++)
				d->tokens[i][j][t] = (int32_t)rng_below(&r, TINY_VOCAB);
		for (size_t j = 0; j < 2; j++)
			d->v[i][j] = (struct train_text){ .tokens = d->tokens[i][j], .n = 1 + (size_t)rng_below(&r, LONGEST),
				.reference = d->reference[i][j] };
		d->g[i] = (struct train_group){ .prompt = d->tokens[i][2], .prompt_n = 3, .v = d->v[i], .k = 2, .preference = 1,
			.flip = NAN };
	}
}

struct world {
	struct lm_model *m;
	struct lm_lora *lora;
	struct trainer *t;
	size_t saved, steps, break_at;
	float *best;			/* numbers as they were saved last */
};

static bool save(void *arg, struct lm_error *e)
{
	struct world *w = arg;

	(void)e;
	w->saved++;
	memcpy(w->best, w->lora ? w->lora->weights : w->m->memory, w->lora ? w->lora->floats * sizeof(float) : w->m->bytes);
	return true;
}

static void open_world(struct world *w, bool lora)
{
	char *path = xasprintf("%s/llama", folder);
	struct train_options o = { .rows = 60, .clip = 1 };
	const struct loss_options none = { NAN, NAN, NAN, NAN };
	struct lm_error e = { .text = "" };

	*w = (struct world){ .m = lm_open(path, 0, 1, &e) };
	assert_string_equal(e.text, "");
	assert_null(loss_parse("dpo", &none, &o.loss));
	w->lora = lora ? lora_new(w->m, 2, 4, 127, 1) : NULL;
	w->t = trainer_new(w->m, w->lora, &o, 2);
	w->best = xcalloc(w->m->bytes, 1);
	free(path);
}

static void close_world(struct world *w)
{
	trainer_free(w->t);
	lora_free(w->lora);
	lm_free(w->m);
	free(w->best);
}

static struct course_options options(struct world *w, const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	mkdir(path, 0777);
	return (struct course_options){ .folder = path, .base = { 1, 2 }, .run = { 3, 4 }, .epochs = 2, .batch = 4, .seed = 5,
		.rate = 0.01, .warm = 0.2, .eval_every = 2, .save_every = 1, .reference = true, .save = save, .arg = w };
}

static bool run(struct world *w, const struct course_options *o, struct data *d, size_t held, struct course_result *r,
	struct lm_error *e)
{
	return course_run(w->t, o, (struct course_data){ d->g + held, PAIRS - held }, (struct course_data){ d->g, held }, r, e);
}

/* A process of its own that ends after a step, as if it were killed. */
static void die_after(void *arg, const char *what, uint64_t done, uint64_t all)
{
	struct world *w = arg;

	(void)done;
	(void)all;
	if (!what && ++w->steps == w->break_at)
		_exit(0);
}

static void test_resume(void **state)
{
	(void)state;
	for (int lora = 0; lora < 2; lora++)
		for (size_t every = 1; every <= 3; every += 2) {
			struct world w, again;
			struct data d;
			struct course_result r, s;
			struct lm_error e = { .text = "" };
			char *name = xasprintf("broken-%d-%zu", lora, every);
			struct course_options o;

			open_world(&w, lora);
			make_data(&d);
			o = options(&w, "straight");
			if (!run(&w, &o, &d, 3, &r, &e))
				fail_msg("%s", e.text);
			assert_true(r.steps == 4 && r.all_steps == 4 && w.saved > 0);
			assert_true(fabs(r.before.loss / 3 - log(2)) < 1e-12 && r.best.loss <= r.after.loss);
			/* Every process takes one or more steps, and is gone before the last of them is in a checkpoint. */
			for (size_t tries = 0; tries < 8; tries++) {
				pid_t child = fork();
				int status;

				if (child == 0) {
					struct world in;

					open_world(&in, lora);
					make_data(&d);
					o = options(&in, name);
					o.resume = true;
					o.save_every = every;
					o.tell = die_after;
					in.break_at = 2 + every;
					_exit(run(&in, &o, &d, 3, &s, &e) ? 0 : 1);
				}
				assert_int_equal(waitpid(child, &status, 0), child);
				assert_int_equal(status, 0);
			}
			open_world(&again, lora);
			make_data(&d);
			o = options(&again, name);
			o.resume = true;
			o.save_every = every;
			if (!run(&again, &o, &d, 3, &s, &e))
				fail_msg("%s", e.text);
			assert_memory_equal(&r.before, &s.before, sizeof r.before);
			assert_memory_equal(&r.best, &s.best, sizeof r.best);
			assert_memory_equal(&r.after, &s.after, sizeof r.after);
			assert_memory_equal(w.m->memory, again.m->memory, w.m->bytes);
			assert_true(s.resumed > 0 && s.steps == 4);
			close_world(&w);
			close_world(&again);
			char *command = xasprintf("rm -r %s/straight", folder);
			assert_int_equal(system(command), 0);
			free(command);
			free(name);
		}
}

/* With a rate that makes held-out data worse, the model that is kept is the one before. */
static void test_patience(void **state)
{
	struct world w;
	struct data d;
	struct course_result r;
	struct lm_error e = { .text = "" };
	struct course_options o;

	(void)state;
	open_world(&w, false);
	make_data(&d);
	o = options(&w, "patience");
	o.rate = 0.3;
	o.epochs = 10;
	o.eval_every = 1;
	o.patience = 2;
	if (!run(&w, &o, &d, 3, &r, &e))
		fail_msg("%s", e.text);
	assert_true(r.stopped_early && r.steps < r.all_steps && r.steps == r.best_step + 2);
	assert_true(r.best.loss < r.after.loss);
	assert_memory_not_equal(w.best, w.m->memory, w.m->bytes);
	close_world(&w);
}

static void test_refused(void **state)
{
	struct world w;
	struct data d;
	struct course_result r;
	struct lm_error e = { .text = "" };
	struct course_options o;

	(void)state;
	open_world(&w, true);
	make_data(&d);
	o = options(&w, "refused");
	assert_false(run(&w, &o, &d, PAIRS, &r, &e));
	assert_string_equal(e.text, "no records to learn from");
	assert_true(run(&w, &o, &d, 0, &r, &e));
	assert_true(r.reference_rows > 0 && r.train.groups > 0 && w.saved == 1);
	/* The same data again: the reference is there. Not so for another model. */
	o.resume = true;
	assert_true(run(&w, &o, &d, 0, &r, &e));
	assert_true(r.reference_rows == 0 && r.resumed == r.steps);
	o.run.lo++;
	assert_false(run(&w, &o, &d, 0, &r, &e));
	assert_non_null(strstr(e.text, "is of a run with another model, other data or other options"));
	o.base.lo++;
	assert_false(run(&w, &o, &d, 0, &r, &e));
	assert_true(r.reference_rows > 0);
	o.folder = "/nowhere";
	assert_false(run(&w, &o, &d, 0, &r, &e));
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resume), cmocka_unit_test(test_patience), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, make_models, remove_models);
}
