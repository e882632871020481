/* trainer (long: it makes models and data of every kind): batches in one pass or in several, prompts shared or not, losses that couple; checkpoints; saved folders */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

#include "lm/checkpoint.h"
#include "lm/peft.h"
#include "lm/save.h"
#include "lm/trainer.h"

#include "../lm_folder.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static const struct loss_options none = { NAN, NAN, NAN, NAN };
/* ---- data: six pairs, the first three of one prompt ---- */

enum { PAIRS = 6, LONGEST = 9 };

struct data {
	struct train_group g[PAIRS], *order[PAIRS];
	struct train_text v[PAIRS][3];
	int32_t prompt[PAIRS][LONGEST], tokens[PAIRS][3][LONGEST], why[LONGEST];
	double reference[PAIRS][5][LONGEST];
};

static void make_data(struct data *d, size_t k, bool reference, bool other)
{
	struct rng r = { 6, 0 };

	memset(d, 0, sizeof *d);
	for (size_t i = 0; i < PAIRS; i++) {
		struct train_group *g = &d->g[i];

		*g = (struct train_group){ .prompt = i < 3 ? d->prompt[0] : d->prompt[i], .prompt_n = i < 3 ? 5 : 2 + i, .v = d->v[i],
			.k = k, .preference = 1, .flip = NAN };
		for (size_t t = 0; t < LONGEST; t++)
			d->prompt[i][t] = (int32_t)rng_below(&r, TINY_VOCAB);
		for (size_t j = 0; j < k; j++) {
			d->v[i][j] = (struct train_text){ .tokens = d->tokens[i][j], .n = 1 + (size_t)rng_below(&r, LONGEST),
				.reference = reference ? d->reference[i][j] : NULL };
			for (size_t t = 0; t < LONGEST; t++)
				d->tokens[i][j][t] = (int32_t)rng_below(&r, TINY_VOCAB);
		}
		d->order[i] = g;
	}
	for (size_t i = 0; other && i < PAIRS; i++)
		for (size_t j = 0; j < 2; j++) {
			d->g[i].other[j] = d->v[(i + 1) % PAIRS][j];
			d->g[i].other[j].reference = d->reference[i][3 + j];
		}
}

struct bench {
	struct lm_model *m, *reference;
	struct lm_lora *lora;
	struct trainer *t;
};

static struct lm_model *open_at(const char *path)
{
	struct lm_error e = { .text = "" };
	struct lm_model *m = lm_open(path, 0, 1, &e);

	assert_string_equal(e.text, "");
	return m;
}

/* A reward model of this language model, its head not 0. */
static struct lm_model *open_scored(const char *path)
{
	struct lm_error e = { .text = "" };
	struct lm_model *m = lm_open(path, LM_SCORES(1), 1, &e);

	assert_string_equal(e.text, "");
	for (size_t i = 0; i < TINY_DIM; i++)
		m->score.f[i] = (float)(0.1 * cos((double)i));
	return m;
}

static void set_up(struct bench *b, const char *model, const char *loss, bool lora, size_t rows, int threads)
{
	char *path = xasprintf("%s/%s", folder, model);
	struct train_options o = { .rows = rows, .clip = 1 };

	assert_null(loss_parse(loss, &none, &o.loss));
	b->m = o.loss.flags & LOSS_SCORES ? open_scored(path) : open_at(path);
	b->reference = o.reference = o.loss.flags & LOSS_KL ? open_at(path) : NULL;
	b->lora = lora ? lora_new(b->m, 4, 8, 127, 1) : NULL;
	b->t = trainer_new(b->m, b->lora, &o, threads);
	free(path);
}

static void tear_down(struct bench *b)
{
	trainer_free(b->t);
	lora_free(b->lora);
	lm_free(b->m);
	lm_free(b->reference);
}

/* One batch of all; the loss. */
static double batch(struct bench *b, struct data *d, bool learn, struct train_sums *s)
{
	*s = (struct train_sums){ 0 };
	assert_null(trainer_batch(b->t, d->order, PAIRS, learn, s));
	return s->loss / (double)s->groups;
}

static void test_step_0(void **state)
{
	static const char *const losses[] = { "dpo", "tdpo1", "tdpo2" };

	(void)state;
	for (int k = 0; k < 6; k++)
		for (size_t rows = 1; rows < 1000; rows *= 30) {
			struct bench b;
			struct data d;
			struct train_sums s;

			set_up(&b, "llama3", losses[k / 2], k % 2, rows, 2);
			make_data(&d, 2, true, false);
			assert_null(trainer_reference(b.t, d.order, PAIRS));
			NEAR(batch(&b, &d, true, &s), 0.69314718055994531, 1e-15);
			assert_true(s.chosen == 0 && s.rejected == 0 && s.right == 0 && s.entropy > 0);
			assert_int_equal(s.groups, PAIRS);
			for (int i = 0; i < 5; i++) {
				trainer_step(b.t, 0.01);
				batch(&b, &d, true, &s);
			}
			assert_true(s.loss / PAIRS < 0.6 && s.right == PAIRS && s.margin > 0);
			NEAR(s.margin, s.chosen - s.rejected, 1e-12);
			tear_down(&b);
		}
}

/* Passes of any size give one gradient, also where pairs depend on each other; a shared prompt is computed once. */
static void test_passes(void **state)
{
	static const char *const losses[] = { "dpo,sft:0.3", "aot", "kto", "pl", "tpo", "wpo,orpo", "ld-dpo", "bt", "tdpo1", "tdpo2,aot" };

	(void)state;
	for (size_t i = 0; i < COUNT(losses); i++) {
		double norm[3], loss[3];
		size_t rows[3];

		for (int k = 0; k < 3; k++) {
			const size_t most[] = { 1, 40, 10000 };
			struct bench b;
			struct data d;
			struct train_sums s;

			set_up(&b, "qwen2", losses[i], false, most[k], 1 + k);
			make_data(&d, strcmp(losses[i], "pl") && strcmp(losses[i], "tpo") ? 2 : 3, true, strcmp(losses[i], "kto") == 0);
			assert_null(trainer_reference(b.t, d.order, PAIRS));
			/* (A step away from the reference.) */
			batch(&b, &d, true, &s);
			trainer_step(b.t, 0.003);
			loss[k] = batch(&b, &d, true, &s);
			norm[k] = trainer_step(b.t, 0);
			rows[k] = s.rows;
			tear_down(&b);
		}
		for (int k = 1; k < 3; k++) {
			NEAR(loss[k], loss[0], 1e-4 * (1 + fabs(loss[0])));
			NEAR(norm[k], norm[0], 1e-3 * norm[0]);
		}
		assert_int_equal(rows[0] - rows[2], 2 * 5);
	}
}

/* A reward model learns, all of it or its head beside adapters; a margin and scores that are not centred cost something. */
static void test_rewards(void **state)
{
	(void)state;
	for (int lora = 0; lora < 2; lora++) {
		struct bench b;
		struct data d;
		struct train_sums s;
		double first;

		set_up(&b, "gpt2", "bt", lora, 40, 2);
		make_data(&d, 2, false, false);
		first = batch(&b, &d, true, &s);
		NEAR(s.margin, s.chosen - s.rejected, 1e-12);
		assert_true(s.least <= s.chosen / PAIRS && s.most >= s.chosen / PAIRS && s.least < s.most);
		assert_true(s.tokens == 0 && s.entropy == 0 && s.logp_chosen == 0);
		for (int i = 0; i < 8; i++) {
			trainer_step(b.t, 0.01);
			batch(&b, &d, true, &s);
		}
		assert_true(s.right == PAIRS && s.loss / PAIRS < first / 2);
		first = batch(&b, &d, false, &s);
		d.g[2].margin = 1;
		assert_true(batch(&b, &d, false, &s) > first);
		assert_true(b.m->score.f[3] != (float)(0.1 * cos(3)));
		tear_down(&b);
	}
}

static void test_rationale(void **state)
{
	struct bench b;
	struct data d;
	struct train_sums s;
	double without, one, other;
	struct train_text why[2];

	(void)state;
	set_up(&b, "llama", "rationale", true, 10000, 1);
	make_data(&d, 2, true, false);
	assert_null(trainer_reference(b.t, d.order, PAIRS));
	without = batch(&b, &d, false, &s);
	NEAR(without, log(2), 1e-12);
	why[0] = (struct train_text){ .tokens = d.tokens[0][0], .n = 6 };
	why[1] = (struct train_text){ .tokens = d.tokens[1][1], .n = 4 };
	d.g[4].why = why;
	d.g[4].whys = 1;
	d.g[4].why_prompt = d.prompt[5];
	d.g[4].why_prompt_n = 9;
	one = batch(&b, &d, true, &s);
	assert_true(one > without + 0.01 && trainer_step(b.t, 0) > 0);
	/* Of two the mean is learned, whether they are in one pass or not. */
	d.g[4].why = why + 1;
	other = batch(&b, &d, false, &s);
	d.g[4].why = why;
	d.g[4].whys = 2;
	NEAR(batch(&b, &d, true, &s), (one + other) / 2, 1e-6);
	assert_true(fabs(one - other) > 1e-4 && trainer_step(b.t, 0) > 0);
	tear_down(&b);
}

static void test_too_long(void **state)
{
	static int32_t tokens[TINY_CONTEXT + 1];
	struct bench b;
	struct data d;
	struct train_sums s = { 0 };

	(void)state;
	set_up(&b, "gpt2", "sft", false, 10000, 1);
	make_data(&d, 1, false, false);
	d.g[3].prompt = tokens;
	d.g[3].prompt_n = TINY_CONTEXT;
	assert_string_equal(trainer_batch(b.t, d.order, PAIRS, true, &s), "longer than the model's context");
	assert_int_equal(s.groups, 0);
	tear_down(&b);
}

/* ---- checkpoints ---- */

static void run_steps(struct bench *b, struct data *d, int steps)
{
	struct train_sums s;

	for (int i = 0; i < steps; i++) {
		batch(b, d, true, &s);
		trainer_step(b->t, 0.01 / (1 + i));
	}
}

static void test_checkpoint(void **state)
{
	char *path = xasprintf("%s/checkpoint", folder);

	(void)state;
	for (int lora = 0; lora < 2; lora++) {
		struct bench b[2];
		struct data d;
		struct checkpoint c = { .run = { 3, 4 }, .step = 2, .best = 0.5 }, read;
		struct lm_error e = { .text = "" };
		struct adam *a[2];
		FILE *f;

		make_data(&d, 2, true, false);
		for (int i = 0; i < 2; i++) {
			set_up(&b[i], "llama", "dpo", lora, 100, 1 + i);
			a[i] = trainer_adam(b[i].t);
		}
		assert_null(trainer_reference(b[0].t, d.order, PAIRS));
		run_steps(&b[0], &d, 2);
		assert_true(checkpoint_write(path, &c, a[0], &e));
		assert_true(checkpoint_read(path, &read, a[1], &e));
		trainer_merge(b[1].t);
		assert_memory_equal(&read, &c, sizeof c);
		run_steps(&b[0], &d, 3);
		run_steps(&b[1], &d, 3);
		assert_int_equal(a[1]->steps, 5);
		assert_memory_equal(b[0].m->memory, b[1].m->memory, b[0].m->bytes);
		assert_memory_equal(a[0]->v, a[1]->v, a[0]->numbers * sizeof(float));
		/* Damage, at the end and within. */
		for (long at = 0; at < 2; at++) {
			int byte;

			assert_true(checkpoint_write(path, &c, a[0], &e));
			assert_non_null(f = fopen(path, "r+"));
			fseek(f, at ? 5000 : -1, at ? SEEK_SET : SEEK_END);
			byte = fgetc(f);
			fseek(f, -1, SEEK_CUR);
			fputc(byte ^ 1, f);
			fclose(f);
			assert_false(checkpoint_read(path, &read, a[1], &e));
			assert_string_equal(e.text, "is damaged: its checksum does not fit");
		}
		assert_int_equal(truncate(path, 50), 0);
		assert_false(checkpoint_read(path, &read, a[1], &e));
		assert_string_equal(e.text, "is no checkpoint");
		assert_false(checkpoint_write("/nowhere/x", &c, a[0], &e));
		tear_down(&b[0]);
		tear_down(&b[1]);
	}
	/* Of another size. */
	struct bench one, two;
	struct checkpoint c = { .step = 1 };
	struct lm_error e;

	set_up(&one, "llama", "dpo", true, 100, 1);
	set_up(&two, "llama", "dpo", false, 100, 1);
	assert_true(checkpoint_write(path, &c, trainer_adam(one.t), &e));
	assert_false(checkpoint_read(path, &c, trainer_adam(two.t), &e));
	assert_string_equal(e.text, "is of a model or an adapter of another size");
	tear_down(&one);
	tear_down(&two);
	free(path);
}

/* ---- folders ---- */

static void test_save(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tiny_kinds); i++) {
		char *from = xasprintf("%s/%s", folder, tiny_kinds[i].name), *to = xasprintf("%s/saved-%zu", folder, i);
		struct lm_model *one = open_at(from), *two;
		struct lm_error e = { .text = "" };

		one->norm.f[3] = 42;
		assert_int_equal(mkdir(to, 0777), 0);
		if (!lm_save_folder(one, to, &e))
			fail_msg("%s", e.text);
		two = open_at(to);
		assert_int_equal(one->bytes, two->bytes);
		assert_memory_equal(one->memory, two->memory, one->bytes);
		assert_memory_equal(&one->config, &two->config, sizeof one->config);
		lm_free(one);
		lm_free(two);
		free(from);
		free(to);
	}
}

/* A reward model, with more than one score, too; one of them is no language model, nor is a language model one of them. */
static void test_save_rewards(void **state)
{
	char *to = xasprintf("%s/rewards", folder), *config = xasprintf("%s/config.json", to);

	(void)state;
	assert_int_equal(mkdir(to, 0777), 0);
	for (size_t i = 0; i < COUNT(tiny_kinds); i++)
		for (int scores = 1; scores < 4; scores += 2) {
			char *from = xasprintf("%s/%s", folder, tiny_kinds[i].name);
			struct lm_error e = { .text = "" };
			struct lm_model *one = lm_open(from, LM_SCORES(scores), 1, &e), *two;
			struct span file;

			one->score.f[5] = 42;
			one->config.pad = 7;
			assert_true(lm_save_folder(one, to, &e));
			two = lm_open(to, LM_REWARDS, 1, &e);
			assert_string_equal(e.text, "");
			assert_int_equal(one->bytes, two->bytes);
			assert_memory_equal(one->memory, two->memory, one->bytes);
			assert_memory_equal(&one->config, &two->config, sizeof one->config);
			assert_int_equal(two->score.rows, scores);
			assert_true(lm_map(config, &file, &e));
			assert_true(span_find(file, S("ForSequenceClassification\"]")) != (size_t)-1);
			assert_true(span_find(file, scores == 1 ? S("\"id2label\":{\"0\":\"LABEL_0\"},\"label2id\":{\"LABEL_0\":0}") :
				S("\"2\":\"LABEL_2\"}")) != (size_t)-1);
			lm_unmap(file);
			lm_free(one);
			lm_free(two);
			assert_null(lm_open(to, 0, 1, &e));
			assert_string_equal(e.text, "is a reward model, which gives no probabilities");
			assert_null(lm_open(to, LM_SCORES(2), 1, &e));
			assert_string_equal(e.text, scores == 1 ? "it has a head of 1 scores" : "it has a head of 3 scores");
			free(from);
		}
	free(to);
	free(config);
}

static void test_save_adapter(void **state)
{
	static const struct {
		const char *model, *tensor;
		int targets;
		uint64_t rows;
		size_t tensors;
	} cases[] = {
		{ "llama", "base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight", LORA_Q | LORA_V, TINY_KV * TINY_HEAD, 8 },
		{ "qwen2", "base_model.model.model.layers.0.mlp.gate_proj.lora_B.weight", 127, TINY_HIDDEN, 28 },
		{ "gpt2", "base_model.model.transformer.h.1.attn.c_attn.lora_B.weight", 127, 3 * TINY_DIM, 16 },
	};
	char *path = xasprintf("%s/adapter_model.safetensors", folder), *config = xasprintf("%s/adapter_config.json", folder);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (uint32_t rank = 1; rank < 4; rank += 2) {
			char *from = xasprintf("%s/%s", folder, cases[i].model);
			struct lm_model *m = open_at(from);
			struct lm_lora *l = lora_new(m, rank, 16, cases[i].targets, 1);
			struct lm_error e = { .text = "" };
			struct lm_tensors t = { 0 };
			struct lm_tensor *x;
			struct span file;

			if (!peft_write(l, m, "a \"model\"", folder, &e))
				fail_msg("%s", e.text);
			assert_true(lm_map(path, &file, &e) && safetensors_read(file, &t, &e) && lm_tensors_sort(&t, &e));
			assert_int_equal(t.n, cases[i].tensors);
			assert_non_null(x = lm_tensors_find(&t, cases[i].tensor));
			assert_true(x->dims == 2 && x->dim[0] == cases[i].rows && x->dim[1] == rank);
			lm_tensors_free(&t);
			lm_unmap(file);
			assert_true(lm_map(config, &file, &e));
			assert_true(span_find(file, S("\"base_model_name_or_path\":\"a \\\"model\\\"\"")) != (size_t)-1);
			assert_true(i != 0 || span_find(file, S("\"target_modules\":[\"self_attn.q_proj\",\"self_attn.v_proj\"]")) != (size_t)-1);
			lm_unmap(file);
			lora_free(l);
			lm_free(m);
			free(from);
		}
	free(path);
	free(config);
}

/* An adapter is read as it was written: with the bits of the model that it was written from. Reward models, too; and as the base
 * of other adapters. */
static void test_peft(void **state)
{
	char *to = xasprintf("%s/peft", folder);

	(void)state;
	assert_int_equal(mkdir(to, 0777), 0);
	for (size_t i = 0; i < COUNT(tiny_kinds); i++)
		for (int scores = 0; scores < 3; scores += 2) {
			char *from = xasprintf("%s/%s", folder, tiny_kinds[i].name), *both = xasprintf("%s+%s", from, to);
			struct lm_error e = { .text = "" };
			struct lm_model *one = lm_open(from, LM_SCORES(scores), 1, &e), *two, *three;
			struct lm_lora *l = lora_new(one, 3, 16, i == 1 ? LORA_V | LORA_DOWN : 127, 1), *more;
			struct work *pool = work_new(1);

			for (size_t k = 0; k < l->n; k++)
				for (size_t b = 0; b < (size_t)3 * l->v[k].b.rows; b++)
					l->v[k].b.f[b] = (float)(0.1 * sin((double)(k * 100 + b)));
			for (size_t b = 0; l->whole && b < 2 * TINY_DIM; b++)
				l->score.f[b] = (float)b;
			lora_merge(l, pool);
			assert_true(peft_write(l, one, i == 0 ? from : "no such base", to, &e));
			two = lm_open(i == 0 ? to : both, LM_REWARDS, 1, &e);
			if (!two)
				fail_msg("%s", e.text);
			assert_int_equal(one->bytes, two->bytes);
			assert_memory_equal(one->memory, two->memory, one->bytes);
			assert_int_equal(two->score.rows, scores);
			three = lm_open(both, 0, 1, &e);
			assert_true((three == NULL) == (scores > 0));
			/* (B is 0: nothing changes but where the base comes from.) */
			more = lora_new(two, 2, 4, 127, 2);
			lora_merge(more, pool);
			assert_memory_equal(one->memory, two->memory, one->bytes);
			work_free(pool);
			lora_free(l);
			lora_free(more);
			lm_free(one);
			lm_free(two);
			lm_free(three);
			free(from);
			free(both);
		}
	free(to);
}

/* Adapters that are none, or of another model. */
static void test_peft_bad(void **state)
{
	static const struct {
		const char *base, *config, *why;	/* config NULL: the good one */
	} cases[] = {
		{ "llama", "{", "adapter_config.json: " },
		{ "llama", "{\"peft_type\":\"IA3\"}", "adapter_config.json: it is no LORA without bias" },
		{ "llama", "{\"peft_type\":\"LORA\",\"bias\":\"all\"}", "adapter_config.json: it is no LORA without bias" },
		{ "llama", "{\"peft_type\":\"LORA\",\"use_dora\":true}", "adapter_config.json: use_dora cannot be computed" },
		{ "llama", "{\"peft_type\":\"LORA\",\"rank_pattern\":{\"q\":1}}", "adapter_config.json: rank_pattern cannot be computed" },
		{ "llama", "{\"peft_type\":\"LORA\",\"init_lora_weights\":\"pissa\"}", "adapter_config.json: init_lora_weights pissa cannot" },
		{ "llama", "{\"peft_type\":\"LORA\",\"modules_to_save\":[\"lm_head\"]}", "adapter_config.json: modules_to_save other than score" },
		{ "llama", "{\"peft_type\":\"LORA\",\"r\":0}", "adapter_config.json: r is no number from 1 to 256" },
		{ "llama", "{\"peft_type\":\"LORA\",\"r\":1e9}", "adapter_config.json: r is no number from 1 to 256" },
		{ "llama", "{\"peft_type\":\"LORA\",\"r\":2.5}", "adapter_config.json: r is no number from 1 to 256" },
		{ "llama", "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":1e300}", "adapter_config.json: lora_alpha is no number, or impossible" },
		{ "llama", "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":4}", "is not of the shape that rank and model ask for" },
		{ "gpt2", NULL, "is no part of an adapter of this model" },
		{ "llama", NULL, "is a reward model, which gives no probabilities" },
		{ "nothing", NULL, "cannot open" },
	};
	char *to = xasprintf("%s/bad", folder), *config = xasprintf("%s/adapter_config.json", to), *from = xasprintf("%s/llama", folder);
	char *both = xasprintf("%s+%s", from, to), *weights = xasprintf("%s/adapter_model.safetensors", to);
	struct lm_error e = { .text = "" };
	struct lm_model *m = lm_open(from, LM_SCORES(1), 1, &e);
	struct lm_lora *l = lora_new(m, 2, 16, LORA_Q, 1);

	(void)state;
	assert_int_equal(mkdir(to, 0777), 0);
	assert_true(peft_write(l, m, to, to, &e));
	assert_null(lm_open(to, LM_REWARDS, 1, &e));
	assert_non_null(strstr(e.text, "is an adapter itself"));
	assert_null(lm_open(both, LM_REWARDS | LM_PACKED, 1, &e));
	assert_null(lm_open(both, LM_SCORES(3), 1, &e));
	assert_non_null(strstr(e.text, "shape that rank and model"));
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = xasprintf("%s/%s+%s", folder, cases[i].base, to);

		assert_true(cases[i].config ? safetensors_write_file(config, span_of(cases[i].config), &e) : peft_write(l, m, "x", to, &e));
		assert_null(lm_open(path, 0, 1, &e));
		if (!strstr(e.text, cases[i].why))
			fail_msg("%s, not %s", e.text, cases[i].why);
		free(path);
	}
	assert_null(lm_open(to, LM_REWARDS, 1, &e));
	assert_string_equal(e.text, "its base x is not there: name it as BASE+ADAPTER");
	assert_int_equal(truncate(weights, 100), 0);
	assert_null(lm_open(both, LM_REWARDS, 1, &e));
	assert_int_equal(unlink(weights), 0);
	assert_null(lm_open(both, LM_REWARDS, 1, &e));
	assert_true(e.system);
	lora_free(l);
	lm_free(m);
	free(to);
	free(from);
	free(both);
	free(config);
	free(weights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_step_0), cmocka_unit_test(test_passes), cmocka_unit_test(test_rationale),
		cmocka_unit_test(test_too_long), cmocka_unit_test(test_checkpoint), cmocka_unit_test(test_save),
		cmocka_unit_test(test_save_adapter), cmocka_unit_test(test_rewards), cmocka_unit_test(test_save_rewards),
		cmocka_unit_test(test_peft), cmocka_unit_test(test_peft_bad),
	};

	return cmocka_run_group_tests(tests, make_models, remove_models);
}
