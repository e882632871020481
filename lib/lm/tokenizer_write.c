/* tokenizer_write - a tokenizer as the files that transformers reads */
#include "lm/tokenizer_json.h"

#include <stdlib.h>

#include "lm/tokenizer_inside.h"
#include "scan.h"

#define BLANK "\xe2\x96\x81"		/* U+2581, SentencePiece's blank */
#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":%s}"
#define REPLACE "{\"type\":\"Replace\",\"pattern\":{\"String\":\"%s\"},\"content\":\"%s\"}"

/* ---- what tokens are called ---- */

/* GPT-2's alphabet, as in tokenizer.c. */
static void put_letter(struct buf *b, unsigned char byte)
{
	uint32_t c = byte;

	if (c <= 0x20)
		c += 0x100;
	else if (c >= 0x7f && c <= 0xa0)
		c += 0x121 - 0x7f;
	else if (c == 0xad)
		c = 0x143;
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

static bool is_added(const struct tokenizer *t, size_t id)
{
	return t->type[id] == TOKEN_CONTROL || t->type[id] == TOKEN_UNKNOWN || t->type[id] == TOKEN_USER;
}

void tokenizer_put_name(const struct tokenizer *t, size_t id, struct buf *name)
{
	const struct span bytes = t->bytes[id];

	name->n = 0;
	if (is_added(t, id)) {
		buf_add(name, bytes);
	} else if (t->kind == TOKENIZER_SENTENCEPIECE && t->type[id] == TOKEN_BYTE) {
		buf_addf(name, "<0x%02X>", (unsigned char)bytes.p[0]);
	} else {
		for (size_t i = 0; i < bytes.n; i++) {
			if (t->kind == TOKENIZER_BYTES)
				put_letter(name, (unsigned char)bytes.p[i]);
			else if (bytes.p[i] == ' ')
				buf_adds(name, BLANK);
			else
				buf_addc(name, bytes.p[i]);
		}
	}
}

static void put_token(const struct tokenizer *t, size_t id, struct buf *name, struct buf *out)
{
	tokenizer_put_name(t, id, name);
	json_put_text(out, buf_span(name));
}

static void put_added(const struct tokenizer *t, struct buf *name, struct buf *out)
{
	bool first = true;

	buf_adds(out, "\"added_tokens\":[");
	for (size_t i = 0; i < t->n; i++) {
		if (!is_added(t, i))
			continue;
		buf_addf(out, "%s\n{\"id\":%zu,\"content\":", first ? "" : ",", i);
		put_token(t, i, name, out);
		buf_addf(out, ",\"single_word\":false,\"lstrip\":%s,\"rstrip\":%s,\"normalized\":false,\"special\":%s}",
			t->strips[i] & TOKEN_STRIPS_LEFT ? "true" : "false", t->strips[i] & TOKEN_STRIPS_RIGHT ? "true" : "false",
			t->type[i] == TOKEN_USER ? "false" : "true");
		first = false;
	}
	buf_adds(out, "]");
}

/* ---- how texts are cut ---- */

static bool put_cut(const struct tokenizer *t, struct buf *out, struct lm_error *e)
{
	const struct span pre = t->pre ? span_of(t->pre->name) : S("");

	if (t->kind == TOKENIZER_SENTENCEPIECE) {
		buf_adds(out, "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[");
		if (t->blank_first)
			buf_adds(out, "{\"type\":\"Prepend\",\"prepend\":\"" BLANK "\"},");
		buf_addf(out, REPLACE "]},\n\"pre_tokenizer\":null,\n", " ", BLANK);
		return true;
	}
	buf_addf(out, "\"normalizer\":%s,\n\"pre_tokenizer\":", t->pre->nfc ? "{\"type\":\"NFC\"}" : "null");
	if (span_eq(pre, S("gpt-2"))) {
		buf_addf(out, BYTE_LEVEL, "true");
	} else if (span_eq(pre, S("smollm")) || span_eq(pre, S("starcoder")) || span_eq(pre, S("refact"))) {
		buf_addf(out, "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_digits\":true}," BYTE_LEVEL "]}",
			"true");
	} else if (span_eq(pre, S("llama-bpe")) || span_eq(pre, S("llama3")) || span_eq(pre, S("llama-v3")) ||
		   span_eq(pre, S("qwen2"))) {
		char *expression = xasprintf(TOKENIZER_LLAMA3, span_eq(pre, S("qwen2")) ? "" : "{1,3}");

		buf_adds(out, "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":");
		json_put_text(out, span_of(expression));
		buf_addf(out, "},\"behavior\":\"Isolated\",\"invert\":false}," BYTE_LEVEL "]}", "false");
		free(expression);
	} else {
		return lm_fail(e, "how pre-tokenizer %s is said in a tokenizer.json is not known", t->pre->name);
	}
	buf_adds(out, ",\n");
	return true;
}

/* ---- what begins and ends a text ---- */

static void put_end(const struct tokenizer *t, int32_t id, struct buf *name, struct buf *out)
{
	buf_adds(out, "{\"SpecialToken\":{\"id\":");
	put_token(t, (size_t)id, name, out);
	buf_adds(out, ",\"type_id\":0}}");
}

static void put_frame(const struct tokenizer *t, const char *sequences, struct buf *name, struct buf *out)
{
	buf_adds(out, "[");
	for (const char *c = sequences; *c; c++) {
		if (t->add_bos) {
			buf_adds(out, c == sequences ? "" : ",");
			put_end(t, t->bos, name, out);
		}
		buf_addf(out, "%s{\"Sequence\":{\"id\":\"%c\",\"type_id\":%d}}", c == sequences && !t->add_bos ? "" : ",", *c, *c == 'B');
		if (t->add_eos) {
			buf_addc(out, ',');
			put_end(t, t->eos, name, out);
		}
	}
	buf_adds(out, "]");
}

static void put_known(const struct tokenizer *t, int32_t id, struct buf *name, struct buf *out)
{
	put_token(t, (size_t)id, name, out);
	buf_adds(out, ":{\"id\":");
	put_token(t, (size_t)id, name, out);
	buf_addf(out, ",\"ids\":[%d],\"tokens\":[", id);
	put_token(t, (size_t)id, name, out);
	buf_adds(out, "]}");
}

static void put_ends(const struct tokenizer *t, struct buf *name, struct buf *out)
{
	buf_adds(out, "\"post_processor\":");
	if (!t->add_bos && !t->add_eos) {
		buf_adds(out, "null,\n");
		return;
	}
	buf_adds(out, "{\"type\":\"TemplateProcessing\",\"single\":");
	put_frame(t, "A", name, out);
	buf_adds(out, ",\"pair\":");
	put_frame(t, "AB", name, out);
	buf_adds(out, ",\"special_tokens\":{");
	if (t->add_bos)
		put_known(t, t->bos, name, out);
	if (t->add_eos && !(t->add_bos && t->bos == t->eos)) {
		buf_adds(out, t->add_bos ? "," : "");
		put_known(t, t->eos, name, out);
	}
	buf_adds(out, "}},\n");
}

/* ---- merges ---- */

static int by_rank(const void *a, const void *b)
{
	const struct merge *x = a, *y = b;

	return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : (x->key > y->key) - (x->key < y->key);
}

struct merge *tokenizer_merges(const struct tokenizer *t, size_t *n)
{
	struct merge *v = xcalloc(t->mask + 2, sizeof *v);

	/* (Characters that are no token are in no vocabulary, and so in no merge there.) */
	*n = 0;
	for (size_t i = 0; i <= t->mask; i++) {
		const struct merge *m = &t->merge[i];

		if (m->key != NO_KEY && (m->key >> 32) < t->n && (uint32_t)m->key < t->n)
			v[(*n)++] = *m;
	}
	qsort(v, *n, sizeof *v, by_rank);
	return v;
}

static void put_merges(const struct tokenizer *t, struct buf *name, struct buf *out)
{
	size_t n;
	struct merge *v = tokenizer_merges(t, &n);

	buf_adds(out, "\"merges\":[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, i ? ",\n[" : "\n[");
		put_token(t, v[i].key >> 32, name, out);
		buf_addc(out, ',');
		put_token(t, (uint32_t)v[i].key, name, out);
		buf_addc(out, ']');
	}
	buf_adds(out, "]");
	free(v);
}

bool tokenizer_put_json(const struct tokenizer *t, struct buf *out, struct lm_error *e)
{
	const bool pieces = t->kind == TOKENIZER_SENTENCEPIECE;
	struct buf name = { 0 };
	bool ok;

	buf_adds(out, "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n");
	put_added(t, &name, out);
	buf_adds(out, ",\n");
	ok = put_cut(t, out, e);
	if (ok) {
		put_ends(t, &name, out);
		if (pieces)
			buf_addf(out, "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[" REPLACE ",{\"type\":\"ByteFallback\"},"
				"{\"type\":\"Fuse\"}%s]},\n", BLANK, " ",
				t->blank_first ? ",{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}" : "");
		else
			buf_addf(out, "\"decoder\":" BYTE_LEVEL ",\n", "true");
		buf_adds(out, "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":");
		/* (Bytes that a byte-level vocabulary lacks vanish.) */
		if (t->unk >= 0 && pieces)
			put_token(t, (size_t)t->unk, &name, out);
		else
			buf_adds(out, "null");
		buf_addf(out, ",\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":%s,\"byte_fallback\":%s,"
			"\"ignore_merges\":%s,\n\"vocab\":{", pieces ? "true" : "false", pieces ? "true" : "false", t->whole ? "true" : "false");
		for (size_t i = 0; i < t->n; i++) {
			buf_adds(out, i ? ",\n" : "\n");
			put_token(t, i, &name, out);
			buf_addf(out, ":%zu", i);
		}
		buf_adds(out, "},\n");
		put_merges(t, &name, out);
		buf_adds(out, "}}\n");
	}
	buf_free(&name);
	return ok;
}

static void put_named(const struct tokenizer *t, const char *member, int32_t id, struct buf *name, struct buf *out)
{
	if (id < 0)
		return;
	buf_addf(out, ",\n\"%s\":", member);
	put_token(t, (size_t)id, name, out);
}

void tokenizer_put_config(const struct tokenizer *t, struct span jinja, uint32_t context, struct buf *out)
{
	struct buf name = { 0 };

	buf_addf(out, "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\n\"clean_up_tokenization_spaces\":false,\n"
		"\"model_max_length\":%u", context);
	put_named(t, "bos_token", t->bos, &name, out);
	put_named(t, "eos_token", t->eos, &name, out);
	put_named(t, "unk_token", t->unk, &name, out);
	put_named(t, "pad_token", t->pad, &name, out);
	if (jinja.p) {
		buf_adds(out, ",\n\"chat_template\":");
		json_put_text(out, jinja);
	}
	buf_adds(out, "}\n");
	buf_free(&name);
}
