/* lesson_mask - the weights of tokens by the member mask: bytes to tokens */
#include "lesson_inside.h"
#include "mask.h"
#include "pair.h"

bool lesson_mask(struct lesson *l, struct rec *r, const struct asked *p, const char *side, struct train_text *x)
{
	const struct value all = rec_get(r, "mask"), mask = scan_member(all, span_of(side)), v = rec_get(r, side);
	const struct span text = pair_text(v, false, r->arena);
	struct buf bytes = { 0 };
	struct span said = { 0 };
	size_t in_text, in_bytes, *begin;
	float *weight;
	bool *kept;

	if (mask.kind == JSON_NONE || !p->text || !text.p || !l->o.lm)
		return true;
	kept = arena_alloc(r->arena, text.n + 1);
	if (!mask_read(mask, text.n, kept)) {
		rec_bad(r, rec_col(r, mask.raw.p), "mask is no list of byte ranges of %s", side);
		return false;
	}
	/* What the template was given: the text without blanks around it. The tokens say it, with more before and behind it. */
	said_response(v, p->said.transcript, l->raw, r->arena, &said);
	in_text = span_find(text, said);
	begin = arena_alloc(r->arena, (x->n + 1) * sizeof *begin);
	for (size_t i = 0; i < x->n; i++) {
		begin[i] = bytes.n;
		buf_add(&bytes, tokenizer_bytes(l->o.lm->tokenizer, x->tokens[i]));
	}
	/* (A response that was cut has only the beginning.) */
	for (in_bytes = 0; in_bytes < 2 && said.n; in_bytes++) {
		const size_t n = bytes.n - in_bytes < said.n ? bytes.n - in_bytes : said.n;

		if (bytes.n >= in_bytes && memcmp(bytes.p + in_bytes, said.p, n) == 0)
			break;
	}
	if (in_text == (size_t)-1 || in_bytes == 2) {
		buf_free(&bytes);
		rec_drop(r, "mask");
		return false;
	}
	weight = arena_alloc(r->arena, (x->n + 1) * sizeof *weight);
	for (size_t i = 0; i < x->n; i++) {
		size_t at = begin[i] > in_bytes ? begin[i] - in_bytes : 0;

		if (at >= said.n)
			at = said.n ? said.n - 1 : 0;
		weight[i] = said.n && kept[in_text + at];
	}
	x->weight = weight;
	buf_free(&bytes);
	return true;
}
