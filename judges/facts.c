/* facts - why a pair is labelled as it is, from what decided it: a sentence of facts, no model */
#include "facts.h"

#include <math.h>

/* "brief" 1 to 0: what a rule gives chosen, and rejected. */
static void put_points(struct buf *b, const char *name, const double points[2])
{
	buf_addf(b, "\"%s\" ", name);
	json_put_number(b, points[0]);
	buf_adds(b, " to ");
	json_put_number(b, points[1]);
}

const char *facts_of_rules(const struct rules *f, struct rec *r, const struct pair *p, struct buf *b)
{
	struct measured m[2] = { { .prompt = p->prompt, .response = p->chosen }, { .prompt = p->prompt, .response = p->rejected } };
	struct buf list = { 0 };
	double sum[2] = { 0 }, points[2];
	const char *why = NULL;
	size_t n = 0;

	for (size_t i = 0; i < f->n && !why; i++) {
		if (!rule_points(&f->v[i], r->arena, m, 2, points, &why))
			break;
		sum[0] += points[0];
		sum[1] += points[1];
		if (points[0] == points[1])
			continue;
		buf_adds(&list, n++ ? ", " : "");
		put_points(&list, f->v[i].name, points);
	}
	if (!why && !(isfinite(sum[0]) && isfinite(sum[1])))
		why = "the rules' points are no finite number";
	if (!why && sum[0] <= sum[1])
		why = sum[0] < sum[1] ? "the rules prefer the other response" : "the rules do not decide";
	if (!why) {
		buf_adds(b, "By the rules the better response has ");
		json_put_number(b, sum[0]);
		buf_adds(b, " points and the other response ");
		json_put_number(b, sum[1]);
		buf_adds(b, ": ");
		buf_add(b, buf_span(&list));
		buf_addc(b, '.');
	}
	measured_free(&m[0]);
	measured_free(&m[1]);
	buf_free(&list);
	return why;
}

const char *facts_of_tests(struct rec *r, struct buf *b)
{
	static const char *const names[] = { "tests_chosen", "tests_rejected" };
	double pass[2], of[2];
	struct span why;

	for (int i = 0; i < 2; i++) {
		const struct value v = rec_get(r, names[i]);

		if (!json_number(scan_member(v, S("pass")), &pass[i]) || !json_number(scan_member(v, S("of")), &of[i]) || of[i] <= 0)
			return "the record has no counts of tests";
	}
	if (pass[0] / of[0] <= pass[1] / of[1])
		return pass[0] / of[0] < pass[1] / of[1] ? "the tests prefer the other response" : "the tests do not decide";
	buf_addf(b, "The better response passes %g of %g tests, the other response %g of %g", pass[0], of[0], pass[1], of[1]);
	why = json_text(scan_member(rec_get(r, names[1]), S("why")), r->arena);
	why = span_trim(span_cut(why, 0, span_find(why, S("\n"))));
	if (why.n)
		buf_addf(b, ": %.*s", ARG(why));
	buf_addc(b, '.');
	return NULL;
}
