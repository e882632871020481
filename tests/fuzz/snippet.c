/* snippet - any bytes as an answer: code and final answers are parts of it, equality is what it should be */
#include "answer.h"
#include "fuzz.h"
#include "snippet.h"

static bool inside(struct span part, struct span whole)
{
	return !part.p || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "python", "c", "verilog" };
	struct span s = { (const char *)data, size }, half = span_cut(s, 0, size / 2), entry = span_cut(s, 0, size ? data[0] % 4 : 0);

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct language *l = language_find(span_of(names[i]));
		bool fenced;
		struct span code = snippet_code(s, l, entry, &fenced);

		LAW(inside(code, s) && (fenced || l->python || code.n == s.n));
		LAW(inside(snippet_code(code, l, S("f"), NULL), code));
		snippet_defines(s, l, S("f"));
	}
	LAW(span_starts(s, snippet_completion(s)));
	LAW(inside(answer_final(s), s));
	LAW(answer_same(s, s));
	LAW(answer_same(s, half) == answer_same(half, s));
	return 0;
}
