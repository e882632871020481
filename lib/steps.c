/* steps - a tree of reasoning steps as lists of candidates */
#include "steps.h"

#include "hash.h"
#include "pair.h"
#include "text.h"

struct tree {
	struct rec *r;
	struct arena *arena;
	const struct steps_rules *s;
	struct candidates nodes;	/* all of them, as if they were one list */
	size_t *parent;			/* [n]; n is the prompt itself */
	size_t *depth;			/* [n + 1]: steps from the prompt */
	size_t *first, *child;		/* children of i: child[first[i], first[i + 1]), in input order */
};

static bool bad(struct tree *t, struct value at, const char *why)
{
	rec_bad(t->r, rec_col(t->r, at.raw.p), "%s", why);
	return false;
}

/* ---- reading ---- */

static bool read_nodes(struct tree *t)
{
	struct scan_iter it = scan_open(rec_get(t->r, "nodes"));
	struct candidates *all = &t->nodes;
	struct member m;
	size_t room = 0;

	all->r = t->r;
	all->prompt = rec_get(t->r, "prompt");
	while (scan_next(&it, &m)) {
		struct candidate one = candidate_of(m.val, t->arena);

		one.response = candidate_member(&one, S("text"));
		if (one.response.kind == JSON_NONE && all->prompt.kind == JSON_ARRAY)
			one.response = candidate_member(&one, S("messages"));
		if (!pair_text(one.response, false, t->arena).p ||
		    (all->prompt.kind == JSON_STRING && one.response.kind != JSON_STRING))
			return bad(t, m.val, all->prompt.kind == JSON_ARRAY ? "a node has neither \"text\" nor \"messages\"" :
				"a node has no \"text\"");
		all->v = arena_grown(t->arena, all->v, all->n, &room, sizeof *all->v);
		all->v[all->n++] = one;
	}
	return true;
}

/* Ids are compared as they are written, so that 1 and "1" differ. */
static struct key128 key_of(struct value id, struct arena *a)
{
	return id.kind == JSON_STRING ? hash128(json_text(id, a), 1) : hash128(id.raw, 2);
}

static bool is_id(struct value v)
{
	return v.kind == JSON_STRING || v.kind == JSON_NUMBER;
}

static bool read_parents(struct tree *t)
{
	const struct candidates *all = &t->nodes;
	struct keymap places = { 0 };
	bool good = true, is_new;

	t->parent = arena_alloc(t->arena, (all->n + 1) * sizeof *t->parent);
	for (size_t i = 0; i < all->n && good; i++) {
		const struct value id = candidate_member(&all->v[i], S("id"));

		if (!is_id(id)) {
			good = bad(t, all->v[i].whole, "a node has no \"id\" that is a string or a number");
			break;
		}
		*keymap_at(&places, key_of(id, t->arena), &is_new) = i;
		if (!is_new)
			good = bad(t, id, "a second node of this id");
	}
	for (size_t i = 0; i < all->n && good; i++) {
		const struct value v = candidate_member(&all->v[i], S("parent"));
		const uint64_t *at = is_id(v) ? keymap_find(&places, key_of(v, t->arena)) : NULL;

		t->parent[i] = at ? *at : all->n;
		if (!at && v.kind != JSON_NONE && v.kind != JSON_NULL && !span_eq(v.raw, S("-1")))
			good = bad(t, v, "no node has this id");
	}
	keymap_free(&places);
	return good;
}

/* Depths from the prompt down, by the lists of children; what is not reached goes round in a circle. */
static bool find_depths(struct tree *t)
{
	const size_t n = t->nodes.n;
	size_t *queue = arena_alloc(t->arena, (n + 1) * sizeof *queue), have = 1;

	t->first = arena_alloc(t->arena, (n + 2) * sizeof *t->first);
	t->child = arena_alloc(t->arena, (n + 1) * sizeof *t->child);
	t->depth = arena_alloc(t->arena, (n + 1) * sizeof *t->depth);
	memset(t->first, 0, (n + 2) * sizeof *t->first);
	for (size_t i = 0; i < n; i++)
		t->first[t->parent[i] + 1]++;
	for (size_t i = 0; i <= n; i++)
		t->first[i + 1] += t->first[i];
	/* first[i + 1] is where the children of i end; filled from behind, it comes to where they begin. */
	for (size_t i = n; i-- > 0;)
		t->child[--t->first[t->parent[i] + 1]] = i;
	for (size_t i = 0; i <= n; i++)
		t->first[i] = t->first[i + 1];
	t->first[n + 1] = n;
	queue[0] = n;
	t->depth[n] = 0;
	for (size_t k = 0; k < have; k++) {
		for (size_t c = t->first[queue[k]]; c < t->first[queue[k] + 1]; c++) {
			t->depth[t->child[c]] = t->depth[queue[k]] + 1;
			queue[have++] = t->child[c];
		}
	}
	return have == n + 1 || bad(t, rec_get(t->r, "nodes"), "nodes that are their own ancestors");
}

static size_t n_children(const struct tree *t, size_t i)
{
	return t->first[i + 1] - t->first[i];
}

/* The steps from the prompt to node i, in order: their number. */
static size_t path_to(const struct tree *t, size_t i, size_t **path)
{
	const size_t n = t->depth[i];

	*path = arena_alloc(t->arena, (n + 1) * sizeof **path);
	for (size_t k = n; k > 0; i = t->parent[i])
		(*path)[--k] = i;
	return n;
}

/* ---- what came before ---- */

static struct value json_in(struct tree *t, struct buf *b, enum json_kind kind)
{
	struct value v = { arena_copy(t->arena, buf_span(b)), kind, false };

	buf_free(b);
	return v;
}

static struct value text_value(struct tree *t, struct buf *text)
{
	struct buf b = { 0 };

	json_put_text(&b, buf_span(text));
	buf_free(text);
	return json_in(t, &b, JSON_STRING);
}

static struct span observation_of(const struct tree *t, size_t i)
{
	return json_text(candidate_member(&t->nodes.v[i], S("observation")), t->arena);
}

static struct value string_prefix(struct tree *t, const size_t *path, size_t n)
{
	struct buf text = { 0 };

	buf_add(&text, json_text(t->nodes.prompt, t->arena));
	for (size_t k = 0; k < n; k++) {
		struct span seen = observation_of(t, path[k]);

		buf_add(&text, json_text(t->nodes.v[path[k]].response, t->arena));
		buf_adds(&text, t->s->separator);
		if (seen.p) {
			buf_add(&text, seen);
			buf_adds(&text, t->s->separator);
		}
	}
	return text_value(t, &text);
}

/* Elements of an array of JSON made so far. */
static void add_elements(struct buf *b, struct span inside)
{
	inside = span_trim(inside);
	if (inside.n && b->n > 1)
		buf_addc(b, ',');
	buf_add(b, inside);
}

static void add_message(struct buf *b, const char *role, struct span text)
{
	struct buf one = { 0 };

	buf_addf(&one, "{\"role\":\"%s\",\"content\":", role);
	json_put_text(&one, text);
	buf_addc(&one, '}');
	add_elements(b, buf_span(&one));
	buf_free(&one);
}

static struct span inside_of(struct value array)
{
	return span_cut(array.raw, 1, array.raw.n - 1);
}

static struct value messages_prefix(struct tree *t, const size_t *path, size_t n)
{
	struct buf b = { 0 }, saying = { 0 };

	buf_addc(&b, '[');
	add_elements(&b, inside_of(t->nodes.prompt));
	for (size_t k = 0; k < n; k++) {
		const struct value said = t->nodes.v[path[k]].response;
		struct span seen = observation_of(t, path[k]);
		const bool whole = said.kind == JSON_ARRAY, last = k + 1 == n;
		const bool ends = seen.p || (!last && t->nodes.v[path[k + 1]].response.kind == JSON_ARRAY);

		if (!whole)
			buf_add(&saying, json_text(said, t->arena));
		if (!whole && !ends)
			buf_adds(&saying, t->s->separator);
		if (saying.n && (whole || ends || last)) {
			add_message(&b, "assistant", buf_span(&saying));
			saying.n = 0;
		}
		if (whole)
			add_elements(&b, inside_of(said));
		if (seen.p)
			add_message(&b, "user", seen);
	}
	buf_free(&saying);
	buf_addc(&b, ']');
	return json_in(t, &b, JSON_ARRAY);
}

static struct value prefix_of(struct tree *t, size_t i)
{
	size_t *path, n = path_to(t, i, &path);

	if (n == 0)
		return t->nodes.prompt;
	return t->nodes.prompt.kind == JSON_ARRAY ? messages_prefix(t, path, n) : string_prefix(t, path, n);
}

/* ---- lists ---- */

static void begin_list(struct tree *t, struct candidates *c, size_t room)
{
	*c = (struct candidates){ .prompt = t->nodes.prompt, .taken = "prompt nodes", .hidden = "text messages parent",
		.several = true, .made = true };
	c->v = arena_alloc(t->arena, (room + 1) * sizeof *c->v);
}

/* A step and what follows it as long as nothing branches off. */
static struct value merged(struct tree *t, size_t i)
{
	struct buf text = { 0 };
	size_t at = i;

	if (!t->s->merge || n_children(t, i) != 1 || t->nodes.v[i].response.kind != JSON_STRING)
		return t->nodes.v[i].response;
	buf_add(&text, json_text(t->nodes.v[i].response, t->arena));
	while (n_children(t, at) == 1 && !observation_of(t, at).p &&
	       t->nodes.v[t->child[t->first[at]]].response.kind == JSON_STRING) {
		at = t->child[t->first[at]];
		buf_adds(&text, t->s->separator);
		buf_add(&text, json_text(t->nodes.v[at].response, t->arena));
	}
	return text_value(t, &text);
}

static void siblings(struct tree *t, struct candidates *c, size_t i)
{
	begin_list(t, c, n_children(t, i));
	for (size_t k = t->first[i]; k < t->first[i + 1]; k++) {
		c->v[c->n] = t->nodes.v[t->child[k]];
		c->v[c->n++].response = merged(t, t->child[k]);
	}
	c->prompt = prefix_of(t, i);
	candidates_fill(c, t->r, t->s->normalise);
	if (i < t->nodes.n)
		attrs_add(&c->shared, S("parent"), candidate_member(&t->nodes.v[i], S("id")).raw, t->arena);
	attrs_add(&c->shared, S("depth"), json_number_in(t->arena, (double)t->depth[i]), t->arena);
}

/* The branch that ends in leaf i, and where its steps are. False: it holds messages or observations. */
static bool branch(struct tree *t, size_t i, struct value *whole, struct span *steps)
{
	size_t *path, n = path_to(t, i, &path), at = 0;
	const size_t gap = text_points(span_of(t->s->separator));
	struct buf text = { 0 }, places = { 0 };

	for (size_t k = 0; k < n; k++) {
		const struct candidate *one = &t->nodes.v[path[k]];
		struct span said = json_text(one->response, t->arena);

		if (!said.p || (k + 1 < n && observation_of(t, path[k]).p)) {
			buf_free(&text);
			buf_free(&places);
			return bad(t, one->whole, "a branch with messages or observations is not one response");
		}
		if (k) {
			buf_adds(&text, t->s->separator);
			at += gap;
		}
		buf_add(&text, said);
		buf_addf(&places, "%s[%zu,%zu]", k ? "," : "[", at, at + text_points(said));
		at += text_points(said);
	}
	buf_addc(&places, ']');
	*whole = text_value(t, &text);
	*steps = json_in(t, &places, JSON_ARRAY).raw;
	return true;
}

static bool branches(struct tree *t, struct candidates *c)
{
	struct span *steps = arena_alloc(t->arena, (t->nodes.n + 1) * sizeof *steps);

	begin_list(t, c, t->nodes.n);
	for (size_t i = 0; i < t->nodes.n; i++) {
		if (n_children(t, i))
			continue;
		c->v[c->n] = t->nodes.v[i];
		if (!branch(t, i, &c->v[c->n].response, &steps[c->n]))
			return false;
		c->n++;
	}
	candidates_fill(c, t->r, t->s->normalise);
	for (size_t k = 0; k < c->n; k++)
		attrs_add(&c->v[k].attrs, S("steps"), steps[k], t->arena);
	return true;
}

/* The best child of i, n if none has a value. */
static size_t best_child(const struct tree *t, size_t i, enum candidates_by by)
{
	size_t best = t->nodes.n;
	double most = 0, x;
	struct value written;

	for (size_t k = t->first[i]; k < t->first[i + 1]; k++) {
		if (!candidate_value(&t->nodes.v[t->child[k]], by, t->s->judge, &x, &written))
			continue;
		if (best == t->nodes.n || x > most) {
			best = t->child[k];
			most = x;
		}
	}
	return best;
}

/* Which nodes (n: the prompt) to take siblings after. */
static bool *wanted(struct tree *t)
{
	const size_t n = t->nodes.n;
	bool *want = arena_alloc(t->arena, n + 1);
	const enum candidates_by by = t->s->by == BY_FIRST_FOUND ? candidates_first_found(&t->nodes) : t->s->by;

	memset(want, !t->s->best_path, n + 1);
	if (!t->s->best_path)
		return want;
	want[n] = true;
	for (size_t i = best_child(t, n, by); i < n; i = best_child(t, i, by))
		want[i] = true;
	return want;
}

bool steps_are(struct rec *r)
{
	return rec_get(r, "nodes").kind == JSON_ARRAY && rec_get(r, "responses").kind == JSON_NONE &&
		rec_get(r, "chosen").kind == JSON_NONE;
}

bool steps_read(struct rec *r, const struct steps_rules *s, struct candidates **lists, size_t *n)
{
	struct tree t = { .r = r, .arena = r->arena, .s = s };
	const struct value prompt = rec_get(r, "prompt");
	const bool *want;

	*n = 0;
	if (prompt.kind != JSON_STRING && prompt.kind != JSON_ARRAY)
		return bad(&t, prompt, "no \"prompt\" that is a string or messages");
	if (!read_nodes(&t) || !read_parents(&t) || !find_depths(&t))
		return false;
	*lists = arena_alloc(r->arena, (t.nodes.n + 1) * sizeof **lists);
	if (s->branches) {
		*n = 1;
		return branches(&t, *lists);
	}
	want = wanted(&t);
	for (size_t k = 0, i = t.nodes.n; k <= t.nodes.n; i = k++)
		if (want[i] && n_children(&t, i) > 1)
			siblings(&t, &(*lists)[(*n)++], i);
	return true;
}
