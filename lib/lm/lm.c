/* lm - a language model as programs use it */
#include "lm/lm.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lm/gguf_meta.h"
#include "lm/tokenizer_gguf.h"
#include "lm/tokenizer_json.h"
#include "lm/tokenizer_llama2c.h"

/* ---- tokenizer and template ---- */

/* The template that a model brings; one that is not recognised is an error unless the user names another. */
static bool take_template(struct lm *m, struct span jinja, const struct lm_options *o, struct lm_error *e)
{
	m->chat = chat_recognise(jinja);
	m->own_chat = true;
	if (!o->chat)
		m->jinja = span_dup(jinja);
	if (m->chat || o->chat)
		return true;
	return lm_fail(e, "the model's chat template is not recognised: name one of %s", chat_names());
}

static bool read_gguf(struct lm *m, struct span file, const struct lm_options *o, bool template, struct lm_error *e)
{
	struct gguf_meta meta = { 0 };
	struct span jinja;
	bool ok = gguf_meta_read(file, &meta, e);

	if (ok)
		m->tokenizer = tokenizer_of_gguf(&meta, e);
	ok = ok && m->tokenizer;
	if (ok && template && gguf_meta_text(&meta, "tokenizer.chat_template", &jinja))
		ok = take_template(m, jinja, o, e);
	gguf_meta_free(&meta);
	return ok;
}

static char *beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return xasprintf("%.*s%s", slash ? (int)(slash - path + 1) : 0, path, name);
}

/* A file that need not be there: then it is absent. */
static bool map_if_there(const char *path, struct span *file, struct lm_error *e)
{
	return access(path, F_OK) != 0 || lm_map(path, file, e);
}

/* tokenizer.json, with what is beside it: tokenizer_config.json, and perhaps chat_template.jinja. */
static bool read_json(struct lm *m, const char *path, struct span file, const struct lm_options *o, bool template,
	struct lm_error *e)
{
	char *config_path = beside(path, "tokenizer_config.json"), *jinja_path = beside(path, "chat_template.jinja");
	struct span config = { 0 }, jinja = { 0 };
	struct arena a = { 0 };
	bool ok = map_if_there(config_path, &config, e) && map_if_there(jinja_path, &jinja, e);
	struct span said = jinja;

	if (ok)
		m->tokenizer = tokenizer_of_json(file, config, e);
	ok = ok && m->tokenizer;
	if (ok && !said.p)
		said = tokenizer_json_template(config, &a);
	if (ok && template && said.p)
		ok = take_template(m, said, o, e);
	lm_unmap(config);
	lm_unmap(jinja);
	arena_free(&a);
	free(config_path);
	free(jinja_path);
	return ok;
}

/* A file that holds a tokenizer. template: and perhaps a template. */
static bool read_tokenizer(struct lm *m, const char *path, const struct lm_options *o, bool template, struct lm_error *e)
{
	struct span file;
	bool ok;

	if (!lm_map(path, &file, e)) {
		char *why = xstrdup(e->text);

		snprintf(e->text, sizeof e->text, "%s: %s", path, why);
		free(why);
		return false;
	}
	if (span_starts(file, S("GGUF"))) {
		ok = read_gguf(m, file, o, template, e);
	} else if (span_starts(file, S("{"))) {
		ok = read_json(m, path, file, o, template, e);
	} else {
		m->tokenizer = tokenizer_of_llama2c(file, e);
		ok = m->tokenizer != NULL;
	}
	lm_unmap(file);
	return ok;
}

static bool find_tokenizer(struct lm *m, const struct lm_options *o, struct lm_error *e)
{
	const char *path = m->model->source;
	struct stat st;
	char *other;
	bool ok, there;

	m->own_tokenizer = !o->tokenizer;
	if (o->tokenizer)
		return read_tokenizer(m, o->tokenizer, o, true, e);
	if (m->model->adapter) {
		other = xasprintf("%s/tokenizer.json", m->model->adapter);
		there = access(other, F_OK) == 0;
		ok = there && read_tokenizer(m, other, o, true, e);
		free(other);
		m->own_tokenizer = !there;
		if (there)
			return ok;
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		other = xasprintf("%s/tokenizer.json", path);
		ok = read_tokenizer(m, other, o, true, e);
		if (!ok && access(other, F_OK) != 0)
			lm_fail(e, "there is no tokenizer.json in it: name a tokenizer");
		free(other);
		return ok;
	}
	if (m->model->maps && span_starts(m->model->map[0], S("GGUF")))
		return read_tokenizer(m, path, o, true, e);
	other = beside(path, "tokenizer.bin");
	ok = read_tokenizer(m, other, o, false, e);
	if (!ok && access(other, F_OK) != 0)
		lm_fail(e, "there is no tokenizer.bin beside it: name a tokenizer");
	free(other);
	return ok;
}

static void hash_tokens(struct lm *m)
{
	struct buf all = { 0 };

	for (size_t i = 0; i < tokenizer_size(m->tokenizer); i++) {
		buf_add(&all, tokenizer_bytes(m->tokenizer, (int32_t)i));
		buf_addc(&all, '\0');
	}
	m->tokens = hash128(buf_span(&all), 0);
	buf_free(&all);
}

/* A vocabulary may be smaller than the embedding, which is often padded; what ends an answer must be a token. */
static bool check(struct lm *m, struct lm_error *e)
{
	const struct span end = chat_end(m->chat);

	if (tokenizer_size(m->tokenizer) > m->model->config.vocab)
		return lm_fail(e, "its tokenizer has %zu tokens, the model %u", tokenizer_size(m->tokenizer), m->model->config.vocab);
	if (end.n && tokenizer_special(m->tokenizer, end) < 0)
		return lm_fail(e, "the chat template %s needs the token %.*s, which its tokenizer does not have", chat_name(m->chat),
			ARG(end));
	return true;
}

struct lm *lm_load(const char *path, const struct lm_options *o, struct lm_error *e)
{
	struct lm *m = xcalloc(1, sizeof *m);
	bool ok;

	if (o->chat && !chat_named(span_of(o->chat))) {
		lm_fail(e, "no chat template %s: there are %s", o->chat, chat_names());
		free(m);
		return NULL;
	}
	m->model = lm_open(path, (o->packed ? LM_PACKED : 0) | (o->bf16 ? LM_BF16 : 0) | o->flags, o->threads, e);
	m->bf16 = o->bf16;
	ok = m->model && find_tokenizer(m, o, e);
	if (ok && o->chat) {
		m->chat = chat_named(span_of(o->chat));
		m->own_chat = false;
	}
	if (ok && !m->chat)
		m->chat = chat_named(S("none"));
	if (ok && m->model->score.rows && m->model->config.pad < 0)
		m->model->config.pad = tokenizer_pad(m->tokenizer) >= 0 ? tokenizer_pad(m->tokenizer) : tokenizer_eos(m->tokenizer);
	if (ok && check(m, e)) {
		hash_tokens(m);
		return m;
	}
	lm_close(m);
	return NULL;
}

void lm_close(struct lm *m)
{
	if (!m)
		return;
	lm_free(m->model);
	tokenizer_free(m->tokenizer);
	free(m->jinja);
	free(m);
}

void lm_hash_weights(struct lm *m)
{
	struct span parts[64];
	const size_t n = m->model->maps < COUNT(parts) ? m->model->maps : COUNT(parts);
	struct key128 each[COUNT(parts)];

	for (size_t i = 0; i < n; i++) {
		each[i] = hash128(m->model->map[i], 0);
		parts[i] = (struct span){ (const char *)&each[i], sizeof each[i] };
	}
	m->weights = hash128_parts(parts, n, m->model->maps | (uint64_t)m->bf16 << 32);
}

/* ---- encoding ---- */

static void encode(const struct lm *m, const struct chat_text *t, struct tokenizer_scratch *k, struct lm_tokens *to)
{
	/* A template writes what begins a text itself. */
	const int flags = chat_end(m->chat).n ? 0 : TOKENIZER_ENDS;
	const size_t before = to->n;

	tokenizer_encode_in(m->tokenizer, buf_span(&t->text), t->special, t->n, flags, k, to);
	/* (Nothing ends yet.) */
	if (flags && to->n > before && to->id[to->n - 1] == tokenizer_eos(m->tokenizer) && to->at[to->n - 1] == to->end[to->n - 1])
		to->n--;
}

const char *lm_encode_prompt(const struct lm *m, const struct chat_message *said, size_t n, struct tokenizer_scratch *k,
	struct lm_tokens *to)
{
	struct chat_text t = { 0 };
	const size_t before = to->n;
	const char *why = chat_ask(m->chat, said, n, &t);

	if (!why) {
		encode(m, &t, k, to);
		if (to->n == before)
			why = "the prompt has no tokens";
	}
	chat_text_free(&t);
	return why;
}

void lm_encode_answer(const struct lm *m, const struct chat_message *said, size_t n, const struct lm_tokens *prompt,
	struct span answer, struct tokenizer_scratch *k, struct lm_tokens *to, bool *apart)
{
	struct chat_text t = { 0 };
	struct lm_tokens whole = { 0 };
	const bool rewards = m->model->score.rows > 0;

	chat_ask(m->chat, said, n, &t);
	chat_answer(m->chat, answer, rewards, &t);
	encode(m, &t, k, &whole);
	if (whole.n >= prompt->n && memcmp(whole.id, prompt->id, prompt->n * sizeof *whole.id) == 0) {
		for (size_t i = prompt->n; i < whole.n; i++)
			lm_tokens_add(to, whole.id[i], whole.at[i], whole.end[i]);
	} else {
		*apart = true;
		t.text.n = t.n = 0;
		chat_answer(m->chat, answer, rewards, &t);
		tokenizer_encode_in(m->tokenizer, buf_span(&t.text), t.special, t.n, 0, k, to);
	}
	if (rewards && chat_end(m->chat).n == 0 && tokenizer_eos(m->tokenizer) >= 0)
		lm_tokens_add(to, tokenizer_eos(m->tokenizer), answer.n, answer.n);
	lm_tokens_free(&whole);
	chat_text_free(&t);
}
