/* lesson_text - token ids of members, as they stand there or by the tokenizer and the chat template */
#include "lesson_inside.h"

#include <math.h>

/* ---- token ids ---- */

/* An array of ids. False, after rec_bad(): it is something else. */
static bool lesson_ids(struct lesson *l, struct rec *r, struct value v, const char *name, struct ids *out)
{
	struct scan_iter it = scan_open(v);
	struct member m;
	double x;

	if (v.kind != JSON_ARRAY) {
		rec_bad(r, rec_col(r, v.raw.p), "%s is no array of token ids", name);
		return false;
	}
	*out = (struct ids){ arena_alloc(r->arena, (scan_count(v) + 1) * sizeof *out->v), 0 };
	while (scan_next(&it, &m)) {
		if (!json_number(m.val, &x) || x != floor(x) || x < 0 || x >= l->o.model->config.vocab) {
			rec_bad(r, rec_col(r, m.val.raw.p), "%.*s is no token of the model", ARG(m.val.raw));
			return false;
		}
		out->v[out->n++] = (int32_t)x;
	}
	return true;
}

/* ---- texts ---- */

static struct tokenizer_scratch *take_scratch(struct lesson *l)
{
	struct tokenizer_scratch *k;

	pthread_mutex_lock(&l->lock);
	k = l->scratches ? l->scratch[--l->scratches] : NULL;
	pthread_mutex_unlock(&l->lock);
	return k ? k : tokenizer_scratch_new();
}

static void give_scratch(struct lesson *l, struct tokenizer_scratch *k)
{
	pthread_mutex_lock(&l->lock);
	if (l->scratches < COUNT(l->scratch)) {
		l->scratch[l->scratches++] = k;
		k = NULL;
	}
	pthread_mutex_unlock(&l->lock);
	tokenizer_scratch_free(k);
}

static struct ids taken(struct lesson *l, struct rec *r, struct lm_tokens *t, bool ends)
{
	struct ids out = { arena_alloc(r->arena, (t->n + 1) * sizeof *out.v), t->n };

	if (t->n)
		memcpy(out.v, t->id, t->n * sizeof *out.v);
	if (ends && tokenizer_eos(l->o.lm->tokenizer) >= 0)
		out.v[out.n++] = tokenizer_eos(l->o.lm->tokenizer);
	lm_tokens_free(t);
	return out;
}

static void drop(struct rec *r, const char *reason, const char *why)
{
	struct buf b = { 0 };

	json_put_text(&b, span_of(why));
	rec_note(r, "why", buf_span(&b));
	rec_drop(r, reason);
	buf_free(&b);
}

bool lesson_prompt(struct lesson *l, struct rec *r, const char *name, struct asked *p)
{
	char member[32];
	struct tokenizer_scratch *k;
	struct lm_tokens t = { 0 };
	struct value v;
	const char *why = NULL;

	snprintf(member, sizeof member, "%s_ids", name);
	v = rec_get(r, member);
	*p = (struct asked){ .text = v.kind == JSON_NONE };
	if (!p->text)
		return lesson_ids(l, r, v, member, &p->ids);
	v = rec_get(r, name);
	if (v.kind == JSON_NONE) {
		rec_bad(r, 0, "no member %s or %s", name, member);
		return false;
	}
	if (!l->o.lm) {
		rec_bad(r, rec_col(r, v.raw.p), "%s is a text, and the model has no tokenizer: %s", name, l->o.no_tokenizer);
		return false;
	}
	if (strcmp(name, "prompt") == 0) {
		why = said_prompt(r, l->raw, &p->said);
	} else {
		p->said = (struct said){ .v = arena_alloc(r->arena, sizeof *p->said.v), .n = 1 };
		p->said.v[0] = (struct chat_message){ CHAT_USER, json_text(v, r->arena) };
	}
	if (why) {
		drop(r, "form", why);
		return false;
	}
	k = take_scratch(l);
	why = lm_encode_prompt(l->o.lm, p->said.v, p->said.n, k, &t);
	give_scratch(l, k);
	p->ids = taken(l, r, &t, false);
	if (why)
		drop(r, "template", why);
	return !why;
}

bool lesson_response(struct lesson *l, struct rec *r, const struct asked *p, struct value ids, struct value v, const char *name,
	struct ids *out)
{
	struct tokenizer_scratch *k;
	struct lm_tokens t = { 0 };
	struct span text;
	const char *why;
	bool apart = false;

	if (ids.kind != JSON_NONE)
		return lesson_ids(l, r, ids, name, out);
	if (!p->text || v.kind == JSON_NONE) {
		rec_bad(r, 0, p->text ? "no member %s" : "no member %s_ids", name);
		return false;
	}
	why = said_response(v, p->said.transcript, l->raw, r->arena, &text);
	if (why) {
		drop(r, "form", why);
		return false;
	}
	if (text.n == 0) {
		*out = (struct ids){ NULL, 0 };
		return true;
	}
	const struct lm_tokens prompt = { .id = p->ids.v, .n = p->ids.n };

	k = take_scratch(l);
	lm_encode_answer(l->o.lm, p->said.v, p->said.n, &prompt, text, k, &t, &apart);
	give_scratch(l, k);
	*out = taken(l, r, &t, l->raw && !l->o.model->score.rows);
	return true;
}

bool lesson_member(struct lesson *l, struct rec *r, const struct asked *p, const char *name, struct ids *out)
{
	char member[32];

	snprintf(member, sizeof member, "%s_ids", name);
	return lesson_response(l, r, p, rec_get(r, member), rec_get(r, name), name, out);
}
