/* layout - which layout a file is in, and every record of it through that layout
 *
 * look() may run on any thread before the first record of its file is settled, so it guesses: the layout
 * that was settled last, else what the record itself looks like. settle() knows; a record that was read
 * with another layout is read again. The result is the same for every -j.
 */
#include "layout_draft.h"

#include "layout_join.h"
#include "stream.h"
#include "tell.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct layout *const families[] = {
	layouts_direct, layouts_pairs, layouts_votes, layouts_lists, layouts_rows, layouts_tree
};

static struct layout_options opt;
static const struct layout *named;			/* --from */
static bool joining;					/* there will be a second pass */
static _Atomic(const struct layout *) guess;

static struct {						/* the file of the record that is settled */
	const char *file;
	const struct layout *layout;
	bool first;					/* no record of it has been settled yet */
} now;

static const struct layout *used[64];			/* for the notes, in order of appearance */
static uint64_t n_ties, n_diverged, n_left_out;

#define EACH_LAYOUT(l) \
	for (size_t family_ = 0; family_ < COUNT(families); family_++) \
		for (const struct layout *l = families[family_]; l->name; l++)

/* ---- which layout ---- */

static bool kind_fits(struct value v, char kind)
{
	switch (kind) {
	case 's': return v.kind == JSON_STRING;
	case 'a': return v.kind == JSON_ARRAY;
	case 'o': return v.kind == JSON_OBJECT;
	case 'b': return v.kind == JSON_TRUE || v.kind == JSON_FALSE;
	default: return v.kind != JSON_NONE;
	}
}

/* How many members of the record the layout asks for: 0 if it does not fit. */
static size_t fit(const struct layout *l, struct rec *r)
{
	size_t n = 0;

	for (const char *p = l->members; *p;) {
		size_t len = strcspn(p, " ");
		const bool absent = *p == '!';
		char name[64], *colon;

		snprintf(name, sizeof name, "%.*s", (int)(len - absent), p + absent);
		colon = strrchr(name, ':');
		if (colon)
			*colon = '\0';
		if (absent ? rec_get(r, name).kind != JSON_NONE : !kind_fits(rec_get(r, name), colon ? colon[1] : 0))
			return 0;
		n += !absent;
		p += len;
		p += *p == ' ';
	}
	return l->test && !l->test(r) ? 0 : n;
}

/* The layout that asks for the most members of r and fits; among equals, ours. NULL: none, or several; they are
 * named in why (which may be NULL). */
static const struct layout *detect(struct rec *r, struct buf *why)
{
	const struct layout *best = NULL;
	size_t most = 0, equal = 0;

	EACH_LAYOUT(l) {
		size_t n = fit(l, r);

		if (n > most) {
			best = l;
			most = n;
			equal = 1;
		} else if (n && n == most && best->kind != LAYOUT_SAME) {
			equal++;
		}
	}
	if (equal == 1)
		return best;
	if (!why)
		return NULL;
	if (equal) {
		const char *comma = "";

		EACH_LAYOUT(l) {
			if (fit(l, r) != most)
				continue;
			buf_addf(why, "%s%s", comma, l->name);
			comma = ", ";
		}
		buf_adds(why, " fit alike; name one with --from");
		return NULL;
	}
	buf_adds(why, "no layout has the members");
	for (size_t i = 0; i < r->ix.n && i < 20; i++)
		buf_addf(why, "%s %.*s", i ? "," : "", ARG(r->ix.v[i].key));
	buf_adds(why, "; see --list, and name one with --from");
	return NULL;
}

const struct layout *layout_detect(struct rec *r)
{
	return detect(r, NULL);
}

static const struct layout *by_name(const char *name)
{
	EACH_LAYOUT(l)
		if (strcmp(l->name, name) == 0)
			return l;
	return NULL;
}

/* ---- options against layouts ---- */

static bool label_fits(const struct layout *l)
{
	return opt.label ? word_among(span_of(opt.label), l->labels) : !l->must_choose;
}

static bool is_list(const struct layout *l)
{
	return l->kind == LAYOUT_LIST || l->kind == LAYOUT_TREE || l->kind == LAYOUT_ROWS;
}

/* Once a file: refuse options that make no sense for its layout. at: NULL before there are records. */
static void check_options(const struct layout *l, const struct where *at)
{
	char why[256] = "";

	if (!label_fits(l)) {
		if (l->labels)
			snprintf(why, sizeof why, "%s states several preferences: choose with --label %s",
				l->name, l->labels);
		else
			snprintf(why, sizeof why, "%s states one preference and takes no --label", l->name);
	} else if (opt.candidates && !is_list(l) && l->kind != LAYOUT_SAME) {
		snprintf(why, sizeof why, "%s holds pairs, not lists: --candidates does not fit", l->name);
	} else if (l->unranked && !opt.candidates) {
		snprintf(why, sizeof why, "%s says of no response that it is better: use --candidates", l->name);
	} else if (l->kind == LAYOUT_ROWS && !joining) {
		snprintf(why, sizeof why, "rows of %s must be joined by prompt, which takes two passes: say --from %s",
			l->name, l->name);
	}
	if (*why && at)
		die_at(EXIT_USAGE, at, 0, "%s", why);
	if (*why)
		die(EXIT_USAGE, "%s", why);
}

/* ---- one record ---- */

struct draft *draft_read(struct rec *r, const struct layout *l)
{
	struct draft *d = arena_alloc(r->arena, sizeof *d);

	*d = (struct draft){
		.r = r, .arena = r->arena, .layout = l, .opt = &opt, .named = named != NULL, .soft = -1
	};
	d->label = opt.label;
	if (!d->label && l->labels)
		d->label = arena_printf(r->arena, "%.*s", (int)strcspn(l->labels, " "), l->labels).p;
	d->used = arena_alloc(r->arena, r->ix.n + 1);
	memset(d->used, 0, r->ix.n + 1);
	if (l->read(d) && !d->same && l->kind != LAYOUT_TREE && l->kind != LAYOUT_ROWS)
		draft_lines(d);
	return d;
}

void layout_look(struct rec *r)
{
	const struct layout *l = named ? named : atomic_load_explicit(&guess, memory_order_relaxed);

	if (!l)
		l = detect(r, NULL);
	r->data = l && label_fits(l) ? draft_read(r, l) : NULL;
}

/* The layout of r's file, by its first record. */
static const struct layout *layout_of(struct rec *r)
{
	struct buf why = { 0 };
	size_t i = 0;

	now.first = false;
	if (now.file && (now.file == r->at.file || strcmp(now.file, r->at.file) == 0))
		return now.layout;
	now.first = true;
	now.file = r->at.file;
	now.layout = named ? named : detect(r, &why);
	if (!now.layout)
		die_at(EXIT_USAGE, &r->at, 0, "%s", buf_cstr(&why));
	check_options(now.layout, &r->at);
	atomic_store_explicit(&guess, now.layout, memory_order_relaxed);
	while (i < COUNT(used) && used[i] && used[i] != now.layout)
		i++;
	if (i < COUNT(used))
		used[i] = now.layout;
	return now.layout;
}

static void finish(struct draft *d)
{
	struct rec *r = d->r;

	if (d->bad && d->doubt && now.first)
		die_at(EXIT_USAGE, &r->at, rec_col(r, d->bad_at), "%s", d->bad);
	if (d->bad) {
		rec_bad(r, rec_col(r, d->bad_at), "%s", d->bad);
		return;
	}
	n_diverged += d->diverged;
	n_left_out += d->left_out;
	n_ties += d->n_ties;
	if (d->same)
		opt.put(r, (struct span){ 0 });
	else if (d->drop)
		rec_drop(r, d->drop);
	for (size_t i = 0; i < d->n_lines && !d->drop; i++)
		opt.put(r, d->lines[i]);
}

void layout_settle(struct rec *r)
{
	const struct layout *l = layout_of(r);
	struct draft *d = r->data;

	r->data = NULL;
	if (!d || d->layout != l)
		d = draft_read(r, l);
	d->r = r;			/* records move between look and settle */
	if (!joining) {
		finish(d);
	} else if (d->bad) {
		if (d->doubt && now.first)
			finish(d);
		rec_bad(r, rec_col(r, d->bad_at), "%s", d->bad);
	} else if (l->kind == LAYOUT_ROWS) {
		join_count(d);
	}
}

void layout_emit(struct rec *r)
{
	static bool second;
	struct draft *d;

	if (!second)
		now.file = NULL;
	second = true;
	d = draft_read(r, layout_of(r));
	if (d->layout->kind == LAYOUT_ROWS && !join_add(d))
		rec_drop(r, "joined");
	else
		finish(d);
}

/* ---- start and end ---- */

/* The layout of the first good record of a regular file, NULL if there is none to be seen. */
static const struct layout *peek(const char *path)
{
	struct arena arena = { 0 };
	struct scan_index scratch = { 0 };
	struct chunk c = { 0 };
	const struct layout *found = NULL;
	const char *why;
	struct stat st;
	struct in *in;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	in = in_open(path, (size_t)1 << 30, &why);
	if (in && in_next(in, &c, 1) > 0) {
		struct span all = buf_span(&c.bytes), line;
		struct rec r = { 0 };

		line = c.array ? span_cut(all, c.at[0].from, c.at[0].to) : all;
		if (!c.array && memchr(line.p, '\n', line.n))
			line.n = (size_t)((const char *)memchr(line.p, '\n', line.n) - line.p);
		if (rec_open(&r, line, &arena, &scratch))
			found = detect(&r, NULL);
	}
	if (in)
		in_close(in);
	chunk_free(&c);
	scan_index_free(&scratch);
	arena_free(&arena);
	return found;
}

bool layout_start(const struct layout_options *o, const char *const *inputs, size_t n_inputs)
{
	opt = *o;
	if (opt.from) {
		named = by_name(opt.from);
		if (!named)
			die(EXIT_USAGE, "--from %s: no such layout; see --list", opt.from);
		joining = named->kind == LAYOUT_ROWS;
		check_options(named, NULL);
		return joining;
	}
	for (size_t i = 0; i < n_inputs && !joining; i++) {
		const struct layout *l = strcmp(inputs[i], "-") == 0 ? NULL : peek(inputs[i]);

		joining = l && l->kind == LAYOUT_ROWS;
	}
	return joining;
}

static const char *ties_rule(const struct layout *l)
{
	if (l->kind == LAYOUT_SAME || strcmp(l->ties, "none") == 0)
		return "no ties";
	if (opt.ties == TIES_KEEP)
		return "ties are kept";
	if (opt.ties == TIES_DROP)
		return "ties are dropped";
	return l->ties;
}

static void note_layouts(void)
{
	struct buf text = { 0 }, json = { 0 };

	for (size_t i = 0; i < COUNT(used) && used[i]; i++) {
		const struct layout *l = used[i];

		buf_addf(&text, "%s%s: ", i ? " | " : "", l->name);
		if (opt.label)
			buf_addf(&text, "--label %s: ", opt.label);
		buf_addf(&text, "%s; %s", l->direction, ties_rule(l));
		buf_adds(&json, i ? ",{\"name\":" : "[{\"name\":");
		json_put_text(&json, span_of(l->name));
		buf_adds(&json, ",\"direction\":");
		json_put_text(&json, span_of(l->direction));
		buf_adds(&json, ",\"ties\":");
		json_put_text(&json, span_of(ties_rule(l)));
		buf_addc(&json, '}');
	}
	if (text.n) {
		buf_addc(&json, ']');
		tell_note("layout", buf_cstr(&text), buf_span(&json));
	}
	buf_free(&text);
	buf_free(&json);
}

static void note_count(const char *name, uint64_t n, const char *what)
{
	char text[160], json[32];

	if (n == 0)
		return;
	snprintf(text, sizeof text, "%llu %s", (unsigned long long)n, what);
	snprintf(json, sizeof json, "%llu", (unsigned long long)n);
	tell_note(name, text, span_of(json));
}

void layout_stop(void)
{
	static const char *const rules[] = {
		"before the last turn: cut where they part",
		"before the last turn: cut at the last turn of each",
		"before the last turn: dropped",
	};

	note_layouts();
	note_count("ties", n_ties, "with verdict \"tie\" and preference 0.5");
	note_count("diverged", n_diverged, rules[opt.diverged]);
	note_count("left_out", n_left_out, "without a usable score or rank");
	join_free();
}

void layout_list(struct buf *b)
{
	EACH_LAYOUT(l) {
		buf_addf(b, "%s\n    members:", l->name);
		for (const char *p = l->members; *p;) {
			size_t len = strcspn(p, " ");

			size_t absent = *p == '!', shown = strcspn(p, " :") - absent;

			buf_addf(b, "%s %.*s", absent ? ", no" : "", (int)shown, p + absent);
			p += len;
			p += *p == ' ';
		}
		buf_addf(b, "\n    better:  %s\n    ties:    %s\n", l->direction, l->ties);
		if (l->labels)
			buf_addf(b, "    label:   %s%s\n", l->labels,
				l->must_choose ? " (--label must be given)" : " (the first is the default)");
	}
}
