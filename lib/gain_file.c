/* gain_file - the file of a learned gain
 *
 *	{"pref-route":1,"pairs":N,"l2":X,"humans":[...],"fields":[...],"intercept":X}
 *	{"feature":NAME,"coef":X,"mean":X,"scale":X,"pairs":N}		a tag has no mean and scale
 *	...
 *	{"xxh3":"16 hex digits of XXH3-64 of all before"}
 */
#include "gain.h"

#include <math.h>
#include <stdlib.h>

/* ---- writing ---- */

static void put_names(struct buf *b, const char *what, char **v, size_t n)
{
	buf_addf(b, ",\"%s\":[", what);
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? "," : "");
		json_put_text(b, span_of(v[i]));
	}
	buf_addc(b, ']');
}

static void put_number(struct buf *b, const char *what, double x)
{
	buf_addf(b, ",\"%s\":", what);
	json_put_number(b, x);
}

void gain_put(const struct gain_model *m, struct buf *b)
{
	const size_t from = b->n;

	buf_addf(b, "{\"pref-route\":1,\"pairs\":%ju", (uintmax_t)m->pairs);
	put_number(b, "l2", m->l2);
	put_names(b, "humans", m->reads.humans, m->reads.n_humans);
	put_names(b, "fields", m->reads.fields, m->reads.n_fields);
	put_number(b, "intercept", m->intercept);
	buf_adds(b, "}\n");
	for (size_t i = 0; i < m->n; i++) {
		const struct gain_term *t = &m->v[i];

		buf_adds(b, "{\"feature\":");
		json_put_text(b, span_of(t->name));
		put_number(b, "coef", t->coef);
		if (!t->tag) {
			put_number(b, "mean", t->mean);
			put_number(b, "scale", t->scale);
		}
		buf_addf(b, ",\"pairs\":%ju}\n", (uintmax_t)t->pairs);
	}
	buf_addf(b, "{\"xxh3\":\"%016jx\"}\n", (uintmax_t)hash64(span_cut(buf_span(b), from, b->n), 0));
}

/* ---- reading ---- */

static bool get_names(struct value list, char ***v, size_t *n, struct arena *a)
{
	struct scan_iter it = scan_open(list);
	struct member m;

	if (list.kind != JSON_ARRAY)
		return false;
	while (scan_next(&it, &m)) {
		const struct span name = json_text(m.val, a);

		if (!name.p || memchr(name.p, '\0', name.n))
			return false;
		gain_reads_add(v, n, name);
	}
	return true;
}

static bool get_count(struct value line, struct span what, uint64_t *n)
{
	double x;

	if (!json_number(scan_member(line, what), &x) || !(x >= 0 && x <= 9007199254740992.0))
		return false;
	*n = (uint64_t)x;
	return true;
}

static bool get_head(struct gain_model *m, struct value line, struct arena *a)
{
	double version;

	return json_number(scan_member(line, S("pref-route")), &version) && version == 1 && get_count(line, S("pairs"), &m->pairs) &&
		json_number(scan_member(line, S("l2")), &m->l2) && json_number(scan_member(line, S("intercept")), &m->intercept) &&
		get_names(scan_member(line, S("humans")), &m->reads.humans, &m->reads.n_humans, a) &&
		get_names(scan_member(line, S("fields")), &m->reads.fields, &m->reads.n_fields, a);
}

static bool get_term(struct gain_model *m, struct value line, struct arena *a)
{
	const struct span name = json_text(scan_member(line, S("feature")), a);
	const struct value mean = scan_member(line, S("mean")), scale = scan_member(line, S("scale"));
	struct gain_term t = { .scale = 1, .tag = mean.kind == JSON_NONE && scale.kind == JSON_NONE };
	uint64_t *at;
	bool fresh;

	if (!name.p || memchr(name.p, '\0', name.n) || m->n >= GAIN_TERMS)
		return false;
	if (!json_number(scan_member(line, S("coef")), &t.coef) || !get_count(line, S("pairs"), &t.pairs))
		return false;
	if (!t.tag && (!json_number(mean, &t.mean) || !json_number(scale, &t.scale) || !(t.scale >= 1e-12)))
		return false;
	at = keymap_at(&m->place, hash128(name, 0), &fresh);
	if (!fresh)
		return false;
	GROW(m->v, m->n, m->room);
	t.name = span_dup(name);
	m->v[m->n] = t;
	*at = ++m->n;
	return true;
}

/* The line after which *text begins; kind JSON_NONE: it is no JSON. */
static struct value next_line(struct span *text)
{
	const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
	const size_t n = end ? (size_t)(end - text->p) : text->n;
	struct value line;
	struct scan_error e;
	const bool good = scan(span_cut(*text, 0, n), SCAN_UNIQUE, NULL, &line, &e);

	*text = span_cut(*text, n + (end != NULL), text->n);
	return good ? line : (struct value){ 0 };
}

const char *gain_get(struct gain_model *m, struct span text)
{
	struct span rest = text;
	struct value line = next_line(&rest);
	struct arena a = { 0 };
	const char *why = "not a file of pref-route --learn";

	*m = (struct gain_model){ 0 };
	if (scan_member(line, S("pref-route")).kind == JSON_NONE)
		return why;
	why = "its first line is wrong, or of another version of this program";
	if (!get_head(m, line, &a))
		goto out;
	for (;;) {
		const size_t before = text.n - rest.n;
		struct span sum;

		why = "the file is cut short";
		if (rest.n == 0)
			goto out;
		line = next_line(&rest);
		sum = json_text(scan_member(line, S("xxh3")), &a);
		if (sum.p) {
			why = "the file is damaged, or was changed: its checksum is wrong";
			if (rest.n == 0 &&
			    span_eq(sum, arena_printf(&a, "%016jx", (uintmax_t)hash64(span_cut(text, 0, before), 0))))
				why = NULL;
			goto out;
		}
		why = "a feature's line is wrong";
		if (!get_term(m, line, &a))
			goto out;
	}
out:
	arena_free(&a);
	if (why)
		gain_model_free(m);
	return why;
}
