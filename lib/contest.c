/* contest - what comparisons of the responses to one prompt say, two by two */
#include "contest.h"

#include <math.h>

static bool index_of(struct value v, size_t n, size_t *i)
{
	double x;

	if (!json_number(v, &x) || x < 0 || x >= (double)n || x != floor(x))
		return false;
	*i = (size_t)x;
	return true;
}

/* Half wins of the first: 2, 0, 1 of a tie; -1: no judgement. */
static int halves_of(struct value verdict, struct arena *a)
{
	struct span word = json_text(verdict, a);

	return span_eq(word, S("A")) ? 2 : span_eq(word, S("B")) ? 0 : span_eq(word, S("tie")) ? 1 : -1;
}

/* One comparison; false: it has another form. */
static bool add(struct contest *t, const struct candidates *c, struct value v)
{
	const struct value verdict = scan_element(v, 2);
	int halves = halves_of(verdict, c->r->arena);
	size_t i, j;

	if (v.kind != JSON_ARRAY || scan_count(v) != 3 || !index_of(scan_element(v, 0), c->n, &i) ||
	    !index_of(scan_element(v, 1), c->n, &j) || (verdict.kind != JSON_STRING && verdict.kind != JSON_NULL))
		return false;
	i = c->first[i];
	j = c->first[j];
	if (i == j || halves < 0)
		return true;
	t->tally[i * t->n + j].judged++;
	t->tally[j * t->n + i].judged++;
	t->tally[i * t->n + j].halves += (uint32_t)halves;
	t->tally[j * t->n + i].halves += (uint32_t)(2 - halves);
	return true;
}

static void give_values(const struct contest *t, struct candidates *c)
{
	for (size_t i = 0; i < t->n; i++) {
		double sum = 0;
		size_t n = 0;

		for (size_t j = 0; j < t->n; j++) {
			n += t->tally[i * t->n + j].judged > 0;
			sum += t->tally[i * t->n + j].judged ? contest_strength(t, i, j) : 0;
		}
		c->items[i].valued = n > 0;
		c->items[i].value = n ? sum / (double)n : 0;
		c->n_equal += c->first[i] != i;
		c->n_valueless += c->first[i] == i && n == 0;
	}
}

bool contest_read(struct contest *t, struct candidates *c)
{
	const struct value list = rec_get(c->r, "comparisons");
	struct scan_iter it = scan_open(list);
	struct member m;

	if (c->n > CONTEST_MOST) {
		rec_bad(c->r, 0, "%zu responses are too many to compare two by two", c->n);
		return false;
	}
	if (list.kind != JSON_NONE && list.kind != JSON_ARRAY) {
		rec_bad(c->r, rec_col(c->r, list.raw.p), "\"comparisons\" is not an array");
		return false;
	}
	t->n = c->n;
	t->tally = arena_alloc(c->r->arena, (t->n * t->n + 1) * sizeof *t->tally);
	memset(t->tally, 0, t->n * t->n * sizeof *t->tally);
	while (scan_next(&it, &m)) {
		if (!add(t, c, m.val)) {
			rec_bad(c->r, rec_col(c->r, m.val.raw.p),
				"a comparison is not [response, response, \"A\", \"B\" or \"tie\"]");
			return false;
		}
	}
	give_values(t, c);
	return true;
}

double contest_strength(const struct contest *t, size_t i, size_t j)
{
	const struct contest_tally *w = &t->tally[i * t->n + j];

	return w->judged ? (double)w->halves / (2.0 * w->judged) : 0.5;
}

int contest_compare(const void *self, size_t i, size_t j, double *gap)
{
	const struct contest *t = self;
	const uint32_t a = t->tally[i * t->n + j].halves, b = t->tally[j * t->n + i].halves;

	*gap = fabs(contest_strength(t, i, j) - contest_strength(t, j, i));
	return (a > b) - (a < b);
}
