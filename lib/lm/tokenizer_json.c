/* tokenizer_json - the tokenizer that tokenizer.json describes */
#include "lm/tokenizer_json.h"

#include <stdlib.h>

#include "scan.h"

struct reader {
	struct value top, config;
	struct arena a;
	struct lm_error *e;
	struct tokenizer_spec spec;
	struct span *text;
	uint8_t *type, *strips;
	struct tokenizer_merge *merge;
	bool fallback;			/* bytes for what the vocabulary lacks */
};

static struct span text_of(struct reader *r, struct value object, const char *name)
{
	return json_text(scan_member(object, span_of(name)), &r->a);
}

static bool is(struct reader *r, struct value object, const char *type)
{
	return span_eq(text_of(r, object, "type"), span_of(type));
}

static bool flag(struct value object, const char *name, bool otherwise)
{
	bool x = otherwise;

	json_bool(scan_member(object, span_of(name)), &x);
	return x;
}

/* ---- how texts are cut ---- */

/* The parts of a Sequence, or the one there is; NULL values behind them. */
static size_t parts_of(struct reader *r, struct value v, const char *name, struct value part[4])
{
	struct scan_iter it = scan_open(scan_member(v, span_of(name)));
	struct member m;
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		part[i] = (struct value){ 0 };
	if (v.kind != JSON_OBJECT)
		return 0;
	if (!is(r, v, "Sequence")) {
		part[0] = v;
		return 1;
	}
	while (scan_next(&it, &m)) {
		if (n < 4)
			part[n] = m.val;
		n++;
	}
	return n;
}

static bool split_is(struct reader *r, struct value part, const char *digits)
{
	char want[200];

	snprintf(want, sizeof want, TOKENIZER_LLAMA3, digits);
	return is(r, part, "Split") && span_eq(text_of(r, part, "behavior"), S("Isolated")) && !flag(part, "invert", false) &&
		span_eq(text_of(r, scan_member(part, S("pattern")), "Regex"), span_of(want));
}

/* Byte-level BPE: the name of its pre-tokenizer, n 0: not known. */
static struct span cut_of(struct reader *r, const struct value part[4], size_t n)
{
	const struct value last = part[n - 1];
	const bool expression = flag(last, "use_regex", true);

	if (flag(last, "add_prefix_space", true))
		return S("");
	if (n == 1 && expression)
		return S("gpt-2");
	if (n == 2 && expression && is(r, part[0], "Digits") && flag(part[0], "individual_digits", false))
		return S("smollm");
	if (n == 2 && !expression && split_is(r, part[0], "{1,3}"))
		return S("llama-bpe");
	if (n == 2 && !expression && split_is(r, part[0], ""))
		return S("qwen2");
	return S("");
}

static bool read_byte_level(struct reader *r, const struct value cut[4], size_t n)
{
	struct value normal[4];
	const size_t normals = parts_of(r, scan_member(r->top, S("normalizer")), "normalizers", normal);

	r->spec.kind = TOKENIZER_BYTES;
	r->spec.pre = cut_of(r, cut, n);
	if (r->spec.pre.n == 0)
		return lm_fail(r->e, "its pre-tokenizer is not known");
	/* (Qwen2's texts are in NFC before they are cut; nobody else's are changed.) */
	if (normals != span_eq(r->spec.pre, S("qwen2")) || (normals && !is(r, normal[0], "NFC")))
		return lm_fail(r->e, "its normalizer is not known");
	return true;
}

/* Blanks become U+2581, and one may go first. */
static bool read_pieces(struct reader *r, struct value cut)
{
	struct value part[4];
	const size_t n = parts_of(r, scan_member(r->top, S("normalizer")), "normalizers", part);
	const struct value blanks = part[n == 2];

	r->spec.kind = TOKENIZER_SENTENCEPIECE;
	r->spec.blank_first = n == 2;
	if (!r->fallback)
		return lm_fail(r->e, "its vocabulary has no tokens for bytes");
	/* (Metaspace puts no blank before one that is there: another tokenizer.) */
	if (cut.kind != JSON_OBJECT && (n == 1 || (n == 2 && is(r, part[0], "Prepend") &&
	    span_eq(text_of(r, part[0], "prepend"), S("\xe2\x96\x81")))) && is(r, blanks, "Replace") &&
	    span_eq(text_of(r, scan_member(blanks, S("pattern")), "String"), S(" ")) &&
	    span_eq(text_of(r, blanks, "content"), S("\xe2\x96\x81")))
		return true;
	return lm_fail(r->e, "its normalizer or pre-tokenizer is not known");
}

static bool read_cut(struct reader *r)
{
	const struct value v = scan_member(r->top, S("pre_tokenizer"));
	struct value part[4];
	const size_t n = parts_of(r, v, "pretokenizers", part);

	if (n > 4)
		return lm_fail(r->e, "its pre-tokenizer is not known");
	return n && is(r, part[n - 1], "ByteLevel") ? read_byte_level(r, part, n) : read_pieces(r, v);
}

/* ---- the vocabulary ---- */

static bool id_of(struct value v, size_t *id)
{
	double x;

	if (!json_number(v, &x) || x < 0 || x > 1 << 24 || x != (double)(size_t)x)
		return false;
	*id = (size_t)x;
	return true;
}

/* What the tokens are called, by id: first the vocabulary's, then those that were added. */
static bool put(struct reader *r, size_t id, struct span text, uint8_t type)
{
	if (id >= r->spec.n)
		return lm_fail(r->e, "token %zu is beyond the others", id);
	r->text[id] = text;
	r->type[id] = type;
	return true;
}

static bool read_vocabulary(struct reader *r, struct value model)
{
	const struct value vocab = scan_member(model, S("vocab")), added = scan_member(r->top, S("added_tokens"));
	struct scan_iter it = scan_open(vocab);
	const struct span unk = text_of(r, model, "unk_token");
	struct member m;
	size_t id;

	if (vocab.kind != JSON_OBJECT)
		return lm_fail(r->e, "its vocabulary is no object");
	/* Ids have no gaps: so many at most. */
	r->spec.n = scan_count(vocab) + scan_count(added);
	r->text = xcalloc(r->spec.n + 1, sizeof *r->text);
	r->type = xcalloc(r->spec.n + 1, sizeof *r->type);
	r->strips = xcalloc(r->spec.n + 1, sizeof *r->strips);
	while (scan_next(&it, &m)) {
		struct span text = m.key_plain ? m.key : json_unescape(m.key, &r->a);
		uint8_t type = TOKEN_NORMAL;

		if (r->fallback && text.n == 6 && span_starts(text, S("<0x")) && text.p[5] == '>')
			type = TOKEN_BYTE;
		else if (span_eq(text, unk))
			type = TOKEN_UNKNOWN;
		if (!id_of(m.val, &id))
			return lm_fail(r->e, "the id of %.*s is none", ARG(text));
		if (!put(r, id, text, type))
			return false;
		if (type == TOKEN_UNKNOWN)
			r->spec.unk = (int32_t)id;
	}
	for (it = scan_open(added); scan_next(&it, &m);) {
		const struct span text = text_of(r, m.val, "content");

		if (!text.p || !id_of(scan_member(m.val, S("id")), &id))
			return lm_fail(r->e, "an added token has no id or no text");
		if (flag(m.val, "single_word", false))
			return lm_fail(r->e, "the added token %.*s is one only as a word of its own", ARG(text));
		if (!put(r, id, text, flag(m.val, "special", false) ? TOKEN_CONTROL : TOKEN_USER))
			return false;
		r->strips[id] = (uint8_t)((flag(m.val, "lstrip", false) ? TOKEN_STRIPS_LEFT : 0) |
			(flag(m.val, "rstrip", false) ? TOKEN_STRIPS_RIGHT : 0));
		if (span_eq(text, unk))
			r->spec.unk = (int32_t)id;
	}
	while (r->spec.n > 0 && !r->text[r->spec.n - 1].p)
		r->spec.n--;
	for (id = 0; id < r->spec.n; id++)
		if (!r->text[id].p)
			return lm_fail(r->e, "there is no token %zu", id);
	r->spec.text = r->text;
	r->spec.type = r->type;
	r->spec.strips = r->strips;
	return true;
}

/* "A B", or ["A", "B"]. */
static bool read_merges(struct reader *r, struct value model)
{
	const struct value merges = scan_member(model, S("merges"));
	struct scan_iter it = scan_open(merges);
	struct member m;

	r->merge = xcalloc(scan_count(merges) + 1, sizeof *r->merge);
	while (scan_next(&it, &m)) {
		struct tokenizer_merge *one = &r->merge[r->spec.merges++];

		if (m.val.kind == JSON_ARRAY) {
			one->left = json_text(scan_element(m.val, 0), &r->a);
			one->right = json_text(scan_element(m.val, 1), &r->a);
		} else {
			const struct span both = json_text(m.val, &r->a);
			const size_t blank = both.n ? span_find(span_cut(both, 1, both.n), S(" ")) + 1 : 0;

			one->left = span_cut(both, 0, blank);
			one->right = span_cut(both, blank + 1, both.n);
		}
		if (one->left.n == 0 || one->right.n == 0)
			return lm_fail(r->e, "merge %zu is no pair", r->spec.merges);
	}
	r->spec.merge = r->merge;
	return true;
}

/* ---- what begins and ends a text ---- */

/* A token that tokenizer_config.json names: a string, or {"content"}. */
static int32_t named(struct reader *r, const char *name)
{
	const struct value v = scan_member(r->config, span_of(name));
	const struct span text = v.kind == JSON_OBJECT ? text_of(r, v, "content") : json_text(v, &r->a);

	for (size_t i = 0; text.n && i < r->spec.n; i++)
		if (span_eq(r->text[i], text))
			return (int32_t)i;
	return -1;
}

/* Does the post-processor put this token first (or last)? */
static bool frames(struct reader *r, int32_t id, bool first)
{
	struct value part[4], single;
	const size_t n = parts_of(r, scan_member(r->top, S("post_processor")), "processors", part);

	for (size_t i = 0; id >= 0 && i < n && i < 4; i++) {
		if (!is(r, part[i], "TemplateProcessing"))
			continue;
		single = scan_member(part[i], S("single"));
		single = scan_member(scan_element(single, first ? 0 : scan_count(single) - 1), S("SpecialToken"));
		if (span_eq(text_of(r, single, "id"), r->text[id]))
			return true;
	}
	return false;
}

static bool read_ends(struct reader *r)
{
	r->spec.bos = named(r, "bos_token");
	r->spec.eos = named(r, "eos_token");
	r->spec.pad = named(r, "pad_token");
	r->spec.add_bos = frames(r, r->spec.bos, true);
	r->spec.add_eos = frames(r, r->spec.eos, false);
	return true;
}

static bool open_json(struct span text, struct value *top)
{
	struct scan_error e;

	*top = (struct value){ 0 };
	return text.n == 0 || (scan(text, 0, NULL, top, &e) && top->kind == JSON_OBJECT);
}

struct tokenizer *tokenizer_of_json(struct span json, struct span config, struct lm_error *e)
{
	struct reader r = { .e = e, .spec = { .bos = -1, .eos = -1, .unk = -1, .pad = -1 } };
	struct tokenizer *t = NULL;
	struct value model;

	if (json.n == 0 || !open_json(json, &r.top) || !open_json(config, &r.config)) {
		lm_fail(e, "is no JSON object");
		return NULL;
	}
	model = scan_member(r.top, S("model"));
	r.fallback = flag(model, "byte_fallback", false);
	r.spec.whole = flag(model, "ignore_merges", false);
	if (!is(&r, model, "BPE") && scan_member(model, S("merges")).kind != JSON_ARRAY)
		lm_fail(e, "its model is no BPE");
	else if (read_cut(&r) && read_vocabulary(&r, model) && read_merges(&r, model) && read_ends(&r))
		t = tokenizer_new(&r.spec, e);
	free(r.text);
	free(r.type);
	free(r.strips);
	free(r.merge);
	arena_free(&r.a);
	return t;
}

struct span tokenizer_json_template(struct span config, struct arena *a)
{
	struct value top, v;

	if (!open_json(config, &top))
		return (struct span){ 0 };
	v = scan_member(top, S("chat_template"));
	/* Several have names; the first is "default". */
	if (v.kind == JSON_ARRAY)
		v = scan_member(scan_element(v, 0), S("template"));
	return json_text(v, a);
}
