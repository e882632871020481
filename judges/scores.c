/* scores - the member `scores`: merge into it, take the mean over judges */
#include "scores.h"

#include <math.h>

/* ---- objects ---- */

static void put_sep(struct buf *b, size_t before)
{
	if (b->n > before + 1)
		buf_addc(b, ',');
}

void object_put(struct buf *b, struct value object, const struct member_edit *e, size_t n, struct arena *a)
{
	struct scan_iter it = scan_open(object);
	bool *done = arena_alloc(a, n + 1);
	const size_t before = b->n;
	struct member m;

	memset(done, 0, n + 1);
	buf_addc(b, '{');
	while (object.kind == JSON_OBJECT && scan_next(&it, &m)) {
		const char *start = m.key.p - 1, *end = m.val.raw.p + m.val.raw.n;
		size_t i = 0;

		while (i < n && (done[i] || !member_is(&m, e[i].name)))
			i++;
		if (i < n)
			done[i] = true;
		if (i < n && !e[i].json.p)
			continue;
		put_sep(b, before);
		if (i < n)
			end = m.val.raw.p;
		buf_add(b, (struct span){ start, (size_t)(end - start) });
		if (i < n)
			buf_add(b, e[i].json);
	}
	for (size_t i = 0; i < n; i++) {
		if (done[i] || !e[i].json.p)
			continue;
		put_sep(b, before);
		json_put_text(b, e[i].name);
		buf_addc(b, ':');
		buf_add(b, e[i].json);
	}
	buf_addc(b, '}');
}

/* ---- means ---- */

bool scores_sum(const struct scales *s, struct value scores, struct summary *sum)
{
	struct scan_iter it = scan_open(scores);
	struct member m;
	double c, r, unit, squares = 0;

	*sum = (struct summary){ 0 };
	if (scores.kind != JSON_OBJECT)
		return false;
	while (scan_next(&it, &m)) {
		if (!scales_unit(s, &m, &unit) || !scores_of_pair(m.val, &c, &r))
			continue;
		sum->n++;
		sum->chosen += c / unit;
		sum->rejected += r / unit;
		sum->margin += (c - r) / unit;
	}
	if (sum->n == 0)
		return false;
	sum->chosen /= (double)sum->n;
	sum->rejected /= (double)sum->n;
	sum->margin /= (double)sum->n;
	if (sum->n > 1) {
		it = scan_open(scores);
		while (scan_next(&it, &m)) {
			if (!scales_unit(s, &m, &unit) || !scores_of_pair(m.val, &c, &r))
				continue;
			c = (c - r) / unit - sum->margin;
			squares += c * c;
		}
		sum->std = sqrt(squares / (double)sum->n);
	}
	return true;
}

bool scores_mean(const struct scales *s, struct value scores, double *mean)
{
	struct scan_iter it = scan_open(scores);
	struct member m;
	double x, unit, total = 0;
	size_t n = 0;

	while (scores.kind == JSON_OBJECT && scan_next(&it, &m)) {
		if (!scales_unit(s, &m, &unit) || !json_number(m.val, &x))
			continue;
		total += x / unit;
		n++;
	}
	*mean = n ? total / (double)n : 0;
	return n > 0;
}
