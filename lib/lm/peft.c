/* peft - adapters from and to folders */
#include "lm/peft.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lm/build.h"
#include "lm/safetensors.h"
#include "scan.h"

#define BEFORE "base_model.model."	/* of all names of tensors */

/* What an adapter's matrix is called in its layer. */
static const char *module_of(const struct lm_names *n, int target)
{
	switch (target) {
	case LORA_K:
		return n->k;
	case LORA_V:
		return n->v;
	case LORA_O:
		return n->out;
	case LORA_GATE:
		return n->gate;
	case LORA_UP:
		return n->up;
	case LORA_DOWN:
		return n->down;
	}
	return n->q;			/* alone, or with k and v */
}

static struct span name_of(const struct lm_names *n, const struct lm_adapter *x, const char *end, struct arena *a)
{
	return arena_printf(a, BEFORE "%s%u.%s.%s.weight", n->layer, x->layer, module_of(n, x->target), end);
}

/* ---- out ---- */

static void add(struct lm_tensors *t, struct span name, const struct lm_matrix *x)
{
	const struct lm_tensor y = { .name = name, .type = QUANT_F32, .dims = 2, .dim = { x->rows, x->cols } };
	struct lm_error e;

	if (!lm_tensors_add(t, y, (const char *)x->f, (size_t)x->rows * x->cols * sizeof *x->f, &e))
		bug("%s", e.text);
}

static void put_config(struct buf *b, const struct lm_lora *l, const struct lm_model *m, const char *base)
{
	buf_addf(b, "{\"peft_type\":\"LORA\",\"task_type\":\"%s\",%s\"base_model_name_or_path\":", l->whole ? "SEQ_CLS" : "CAUSAL_LM",
		l->whole ? "\"modules_to_save\":[\"score\"]," : "");
	json_put_text(b, span_of(base));
	buf_addf(b, ",\"r\":%u,\"lora_alpha\":", l->rank);
	json_put_number(b, l->alpha);
	buf_addf(b, ",\"lora_dropout\":0.0,\"bias\":\"none\",\"fan_in_fan_out\":%s,\"inference_mode\":true,\"target_modules\":[",
		m->config.arch == LM_GPT2 ? "true" : "false");
	for (size_t i = 0; i < l->n && l->v[i].layer == 0; i++) {
		buf_adds(b, i ? "," : "");
		json_put_text(b, span_of(module_of(lm_folder_names(m), l->v[i].target)));
	}
	buf_adds(b, "]}\n");
}

bool peft_write(const struct lm_lora *l, const struct lm_model *m, const char *base, const char *folder, struct lm_error *e)
{
	char *weights = xasprintf("%s/adapter_model.safetensors", folder), *config = xasprintf("%s/adapter_config.json", folder);
	struct lm_tensors t = { 0 };
	struct buf text = { 0 };
	bool ok;

	for (size_t i = 0; i < l->n; i++) {
		add(&t, name_of(lm_folder_names(m), &l->v[i], "lora_A", &t.names), &l->v[i].a);
		add(&t, name_of(lm_folder_names(m), &l->v[i], "lora_B", &t.names), &l->v[i].b);
	}
	if (l->whole)
		add(&t, S(BEFORE "score.weight"), &l->score);
	put_config(&text, l, m, base);
	ok = safetensors_write_one(weights, &t, e) && safetensors_write_file(config, buf_span(&text), e);
	lm_tensors_free(&t);
	buf_free(&text);
	free(weights);
	free(config);
	return ok;
}

/* ---- in ---- */

static bool is_adapter(const char *folder)
{
	char *adapter = xasprintf("%s/adapter_config.json", folder), *model = xasprintf("%s/config.json", folder);
	const bool is = access(adapter, F_OK) == 0 && access(model, F_OK) != 0;

	free(adapter);
	free(model);
	return is;
}

/* A member that must be false, null, an empty object or array, or not there. */
static bool says_nothing(struct value v)
{
	bool x = false;

	return v.kind == JSON_NONE || v.kind == JSON_NULL || (json_bool(v, &x) && !x) ||
		((v.kind == JSON_OBJECT || v.kind == JSON_ARRAY) && scan_count(v) == 0);
}

/* (PEFT names what the heads of its reward models may be called: the other one is not there.) */
static bool is_head(struct value list, struct arena *a)
{
	struct scan_iter it = scan_open(list);
	struct member x;
	bool is = list.kind == JSON_ARRAY;

	while (is && scan_next(&it, &x)) {
		const struct span name = json_text(x.val, a);

		is = span_eq(name, S("score")) || span_eq(name, S("classifier"));
	}
	return is;
}

static bool read_config(struct peft *a, struct lm_error *e)
{
	static const char *const beyond[] = {
		"use_dora", "lora_bias", "rank_pattern", "alpha_pattern", "megatron_config", "trainable_token_indices", "target_parameters",
		"layer_replication", "alora_invocation_tokens", "use_qalora", "arrow_config",
	};
	struct value top, saved;
	struct scan_error why;
	struct span type, bias, base, begun;
	double rank, alpha;
	bool root = false;

	if (!scan(a->map[0], SCAN_UNIQUE, NULL, &top, &why))
		return lm_fail(e, "adapter_config.json: %s at byte %zu", why.why, why.at);
	type = json_text(scan_member(top, S("peft_type")), &a->t.names);
	bias = json_text(scan_member(top, S("bias")), &a->t.names);
	base = json_text(scan_member(top, S("base_model_name_or_path")), &a->t.names);
	begun = json_text(scan_member(top, S("init_lora_weights")), &a->t.names);
	saved = scan_member(top, S("modules_to_save"));
	if (!span_eq(type, S("LORA")) || (bias.p && !span_eq(bias, S("none"))))
		return lm_fail(e, "adapter_config.json: it is no LORA without bias");
	for (size_t i = 0; i < COUNT(beyond); i++)
		if (!says_nothing(scan_member(top, span_of(beyond[i]))))
			return lm_fail(e, "adapter_config.json: %s cannot be computed", beyond[i]);
	/* (Some ways to begin change the base.) */
	if (begun.p && !span_eq(begun, S("gaussian")) && !span_eq(begun, S("eva")))
		return lm_fail(e, "adapter_config.json: init_lora_weights %.*s cannot be computed", ARG(begun));
	if (!says_nothing(saved) && !is_head(saved, &a->t.names))
		return lm_fail(e, "adapter_config.json: modules_to_save other than score");
	if (!json_number(scan_member(top, S("r")), &rank) || rank < 1 || rank > LORA_MOST || rank != floor(rank))
		return lm_fail(e, "adapter_config.json: r is no number from 1 to %d", LORA_MOST);
	if (!json_number(scan_member(top, S("lora_alpha")), &alpha) || !(fabs(alpha) <= 1e9))
		return lm_fail(e, "adapter_config.json: lora_alpha is no number, or impossible");
	json_bool(scan_member(top, S("use_rslora")), &root);
	a->rank = (uint32_t)rank;
	a->alpha = root ? alpha * sqrt(rank) : alpha;
	if (!a->base) {
		if (base.n == 0 || memchr(base.p, 0, base.n))
			return lm_fail(e, "adapter_config.json: no base_model_name_or_path: name it as BASE+ADAPTER");
		a->base = span_dup(base);
		if (access(a->base, F_OK) != 0)
			return lm_fail(e, "its base %s is not there: name it as BASE+ADAPTER", a->base);
	}
	return is_adapter(a->base) ? lm_fail(e, "its base %s is an adapter itself", a->base) : true;
}

static bool read_file(struct peft *a, int i, const char *name, struct lm_error *e)
{
	char *path = xasprintf("%s/%s", a->folder, name);
	struct lm_error why;
	const bool ok = lm_map(path, &a->map[i], &why);

	if (!ok) {
		lm_fail(e, "%s: %s", name, why.text);
		e->system = true;
	}
	free(path);
	return ok;
}

static bool read_adapter(struct peft *a, struct lm_error *e)
{
	const struct lm_tensor *head;

	if (!read_file(a, 0, "adapter_config.json", e) || !read_config(a, e) ||
		!read_file(a, 1, "adapter_model.safetensors", e) || !safetensors_read(a->map[1], &a->t, e) || !lm_tensors_sort(&a->t, e))
		return false;
	head = lm_tensors_find(&a->t, BEFORE "score.weight");
	if (head && (head->dims != 2 || head->dim[0] < 1 || head->dim[0] >= 1 << 16))
		return lm_fail(e, "tensor " BEFORE "score.weight: impossible shape");
	a->scores = head ? (uint32_t)head->dim[0] : 0;
	return true;
}

bool peft_find(const char *path, struct peft *a, struct lm_error *e)
{
	*a = (struct peft){ 0 };
	if (is_adapter(path)) {
		a->folder = xstrdup(path);
		return read_adapter(a, e);
	}
	for (const char *plus = path; access(path, F_OK) != 0 && (plus = strchr(plus, '+')); plus++)
		if (is_adapter(plus + 1)) {
			a->base = span_dup((struct span){ path, (size_t)(plus - path) });
			a->folder = xstrdup(plus + 1);
			return read_adapter(a, e);
		}
	a->base = xstrdup(path);
	return true;
}

static bool fits(const struct lm_tensor *t, uint32_t rows, uint32_t cols, struct lm_error *e)
{
	if (t->dims == 2 && t->dim[0] == rows && t->dim[1] == cols)
		return true;
	return lm_fail(e, "tensor %.*s is not of the shape that rank and model ask for", ARG(t->name));
}

bool peft_head(const struct peft *a, struct lm_model *m, struct lm_error *e)
{
	struct lm_tensor *t = a->scores ? lm_tensors_find(&a->t, BEFORE "score.weight") : NULL;

	if (!t)
		return true;
	t->used = true;
	m->score.parts = 1;
	m->score.part[0] = (struct lm_part){ .data = t->data.p, .type = t->type, .rows = m->score.rows };
	return fits(t, m->score.rows, m->config.dim, e);
}

/* A matrix of the adapter, of x; NULL: it is not there. */
static struct lm_tensor *find(struct peft *a, const struct lm_model *m, const struct lm_adapter *x, const char *end)
{
	const struct span name = name_of(lm_folder_names(m), x, end, &a->t.names);

	return lm_tensors_find(&a->t, name.p);
}

static bool take(struct lm_tensor *t, const struct lm_matrix *to, struct lm_error *e)
{
	t->used = true;
	if (!fits(t, to->rows, to->cols, e))
		return false;
	quant_expand(t->type, t->data.p, (size_t)to->rows * to->cols, to->f);
	return true;
}

bool peft_merge(struct peft *a, struct lm_model *m, int threads, struct lm_error *e)
{
	struct lm_lora *l = lora_new(m, a->rank, a->alpha, lora_targets("all"), 1);
	struct work *pool;
	bool ok = true;

	for (size_t i = 0; ok && i < l->n; i++) {
		struct lm_tensor *A = find(a, m, &l->v[i], "lora_A"), *B = find(a, m, &l->v[i], "lora_B");

		if (!A != !B)
			ok = lm_fail(e, "tensor %.*s has no other beside it", ARG((A ? A : B)->name));
		else if (A)
			ok = take(A, &l->v[i].a, e) && take(B, &l->v[i].b, e);
	}
	for (size_t i = 0; ok && i < a->t.n; i++)
		if (!a->t.v[i].used)
			ok = lm_fail(e, "tensor %.*s is no part of an adapter of this model", ARG(a->t.v[i].name));
	if (ok) {
		pool = work_new(threads);
		lora_merge(l, pool);
		work_free(pool);
		for (size_t i = 0; i < COUNT(a->map); i++)
			lm_add_map(m, a->map[i]);
		m->adapter = xstrdup(a->folder);
		memset(a->map, 0, sizeof a->map);
	}
	lora_free(l);
	return ok;
}

void peft_free(struct peft *a)
{
	for (size_t i = 0; i < COUNT(a->map); i++)
		lm_unmap(a->map[i]);
	lm_tensors_free(&a->t);
	free(a->base);
	free(a->folder);
}
