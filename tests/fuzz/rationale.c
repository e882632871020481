/* rationale - any bytes as what a model said, as a critique, as a text of sentences, and as marks and masks of it */
#include "critique.h"
#include "fuzz.h"
#include "mask.h"
#include "rationale.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

static void as_said(struct span s, struct arena *a)
{
	static const struct pair p = { .prompt = S("Why?"), .chosen = S("It is so, and it is so."), .rejected = S("No.") };
	const struct rationale_bounds b = { 1, 50, 4 };

	for (int cut = 0; cut < 2; cut++) {
		struct span text;
		double x;
		enum rationale_fault f;

		rationale_read(s, cut, a, &text, &x);
		LAW(isnan(x) || (x >= 0 && x <= 1));
		f = rationale_check(text, &p, &b, S("00ff"));
		LAW(f <= RATIONALE_COPIES && (f || span_trim(text).n > 0));
		LAW(f || (span_find(text, S("[[")) == (size_t)-1 && span_find(text, S("00ff")) == (size_t)-1));
	}
}

static void as_critique(struct span s, struct arena *a)
{
	for (int better = 1; better <= 2; better++) {
		const struct span told = critique_retold(s, better, a);

		critique_contradicts(s, better, a);
		LAW(text_valid(told, &(size_t){ 0 }));
	}
}

/* Sentences tile the text; what is written of them reads back. */
static void as_text(struct span s, struct arena *a)
{
	const struct sentences all = sentences_of(s, a);
	bool *wrong = arena_alloc(a, all.n + 1), *kept = arena_alloc(a, s.n + 1);
	struct buf b = { 0 };
	struct value v;
	struct scan_error e;
	size_t at = 0;

	for (size_t k = 0; k < all.n; at += all.v[k++].n) {
		LAW(all.v[k].p == s.p + at && all.v[k].n > 0);
		wrong[k] = (at * 7 + k) % 3 == 0;
	}
	LAW(at == s.n);
	mask_put(&b, &all, wrong, true);
	LAW(scan(buf_span(&b), 0, NULL, &v, &e) && mask_read(v, s.n, kept));
	at = 0;
	for (size_t k = 0; k < all.n; at += all.v[k++].n)
		for (size_t i = 0; i < all.v[k].n; i++)
			LAW(kept[at + i] == wrong[k]);
	buf_free(&b);
}

static void as_marks(struct span s, struct arena *a)
{
	const struct span text = S("One. Zwei \xc3\xa4, drei! Vier?\n\nF\xc3\xbcnf");
	static const char *const types[] = { "x" };
	const struct sentences all = sentences_of(text, a);
	bool wrong[16] = { 0 }, kept[64];
	struct value v;
	struct scan_error e;

	LAW(all.n < COUNT(wrong) && text.n < COUNT(kept));
	if (!scan(s, 0, NULL, &v, &e))
		return;
	mask_of_marks(text, &all, v, types, 1, a, wrong);
	mask_of_marks(text, &all, v, NULL, 0, a, wrong);
	mask_read(v, text.n, kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	const struct span s = { (const char *)data, size };
	struct arena a = { 0 };

	if (!started) {
		rationale_start();
		critique_start();
	}
	started = true;
	if (text_valid(s, &(size_t){ 0 })) {
		as_said(s, &a);
		as_critique(s, &a);
	}
	as_text(s, &a);
	as_marks(s, &a);
	arena_free(&a);
	return 0;
}
