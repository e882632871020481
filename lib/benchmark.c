/* benchmark - benchmark files as items of an overlap index */
#include "benchmark.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "aside.h"
#include "layout.h"
#include "pair.h"
#include "text.h"

static const char asked[] = "prompt,question,problem,instruction,query,text,input,ctx,goal,sentence,messages";

static struct {				/* what is being read */
	struct benchmarks *set;
	struct benchmark *file;
	struct overlap *index;
	const char *fields;
	const struct layout *layout;
	bool begun;			/* a record of the file has been read, so that layout is known */
	struct arena arena;		/* of one record */
} now;

/* ---- texts ---- */

static void append(struct buf *b, struct span text)
{
	if (b->n && text.n)
		buf_adds(b, "\n\n");
	buf_add(b, text);
}

struct span benchmark_text(struct value v, struct arena *a)
{
	struct span text = pair_text(v, false, a);
	const size_t n = text.p ? text_turns(text, NULL, 0) : 0;
	struct buf b = { 0 };
	struct turn *turns;

	if (n == 0)
		return text;
	turns = arena_alloc(a, n * sizeof *turns);
	text_turns(text, turns, n);
	for (size_t i = 0; i < n; i++)
		append(&b, turns[i].text);
	text = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return text;
}

/* ---- items ---- */

static void add(struct span text, struct span name)
{
	struct benchmarks *b = now.set;

	if (!overlap_add(now.index, (uint32_t)(now.file - b->v), text)) {
		now.file->wordless++;
		return;
	}
	GROW(b->names, b->n_names, b->names_room);
	b->names[b->n_names++] = arena_copy(&b->arena, name);
	b->bytes += text.n;
	now.file->n++;
}

static struct span place(const struct where *at)
{
	arena_reset(&now.arena);
	return arena_printf(&now.arena, "%s:%ju", now.file->name, (uintmax_t)at->line);
}

static void add_line(struct span line, const struct where *at)
{
	size_t bad;

	line = span_trim(line);
	if (!text_valid(line, &bad))
		die_at(EXIT_BAD, at, bad + 1, "invalid UTF-8");
	if (line.n)
		add(line, place(at));
}

/* ---- records ---- */

/* Text of the member named p[0, n) of r; p NULL if it has none. */
static struct span member(struct rec *r, const char *p, size_t n)
{
	return benchmark_text(rec_get(r, arena_printf(r->arena, "%.*s", (int)n, p).p), r->arena);
}

/* Members that are text are joined; first: only the first of them. False: there is none. */
static bool join_members(struct rec *r, const char *names, bool first, struct buf *b)
{
	bool any = false;

	for (const char *p = names; *p && !(any && first);) {
		const size_t n = strcspn(p, ",");
		const struct span text = member(r, p, n);

		any = any || text.p;
		append(b, text);
		if (text.p && first && n == strlen("instruction") && memcmp(p, "instruction", n) == 0)
			append(b, member(r, "input", strlen("input")));
		p += n;
		p += *p == ',';
	}
	return any;
}

static struct span name_of(struct rec *r)
{
	static const char *const names[] = { "id", "task_id" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct value v = rec_get(r, names[i]);

		if (v.kind == JSON_STRING)
			return json_text(v, r->arena);
		if (v.kind == JSON_NUMBER)
			return v.raw;
	}
	return place(&r->at);
}

static void add_record(struct rec *r)
{
	struct value prompt = { .kind = JSON_NONE };
	struct span text = { 0 };
	struct buf b = { 0 };

	if (!now.fields && !now.begun)
		now.layout = layout_detect(r);
	now.begun = true;
	if (!now.fields && now.layout)
		prompt = layout_prompt(r, now.layout);
	text = benchmark_text(prompt, r->arena);
	if (text.p)
		append(&b, text);
	else if (!join_members(r, now.fields ? now.fields : asked, !now.fields, &b))
		rec_bad(r, 0, now.fields ? "no member %s that is text" :
			"no member that asks something (%s); name one with --field", now.fields ? now.fields : asked);
	if (!r->bad)
		add(buf_span(&b), name_of(r));
	buf_free(&b);
}

/* ---- files ---- */

static bool name_is_taken(const char *name)
{
	for (size_t i = 0; i < now.set->n; i++)
		if (strcmp(now.set->v[i].name, name) == 0)
			return true;
	return false;
}

/* "gsm8k-v1.1" of a/gsm8k-v1.1.jsonl.gz. */
static const char *benchmark_name(const char *path)
{
	static const char *const suffixes[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4", ".jsonl", ".ndjson", ".json", ".txt" };
	const char *slash = strrchr(path, '/'), *whole = slash ? slash + 1 : path, *name;
	struct span s = span_of(whole);

	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (span_ends(s, span_of(suffixes[i])) && s.n > strlen(suffixes[i]))
			s.n -= strlen(suffixes[i]);
	name = arena_printf(&now.set->arena, "%.*s", ARG(s)).p;
	return name_is_taken(name) ? path : name;
}

static void read_file(const char *path)
{
	struct benchmarks *b = now.set;
	const char *own = arena_copy(&b->arena, (struct span){ path, strlen(path) + 1 }).p;
	const char *name = benchmark_name(own);

	GROW(b->v, b->n, b->room);
	b->v[b->n] = (struct benchmark){ .path = own, .name = name, .first = (uint32_t)b->n_names };
	now.file = &b->v[b->n++];
	now.begun = false;
	now.layout = NULL;
	aside_read_any(own, add_record, add_line);
	arena_free(&now.arena);
}

static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(const char *path)
{
	struct dirent **entries;
	const int n = scandir(path, &entries, is_visible, by_bytes);
	struct stat st;
	bool any = false;

	if (n < 0)
		die(EXIT_SYSTEM, "%s:", path);
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", path, entries[i]->d_name);

		if (stat(file, &st) != 0)
			die(EXIT_SYSTEM, "%s:", file);
		if (S_ISREG(st.st_mode)) {
			read_file(file);
			any = true;
		}
		free(file);
		free(entries[i]);
	}
	free(entries);
	if (!any)
		die(EXIT_SYSTEM, "%s: no regular file is in this folder", path);
}

void benchmark_read(struct benchmarks *b, struct overlap *o, const char *path, const char *fields)
{
	struct stat st;

	now.set = b;
	now.index = o;
	now.fields = fields;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		read_folder(path);
	else
		read_file(path);
}

const struct benchmark *benchmark_of(const struct benchmarks *b, uint32_t item)
{
	size_t low = 0, high = b->n;

	while (high - low > 1) {	/* v[low].first <= item < v[high].first */
		const size_t mid = (low + high) / 2;

		if (b->v[mid].first <= item)
			low = mid;
		else
			high = mid;
	}
	return &b->v[low];
}

void benchmarks_free(struct benchmarks *b)
{
	free(b->v);
	free(b->names);
	arena_free(&b->arena);
	*b = (struct benchmarks){ 0 };
}
