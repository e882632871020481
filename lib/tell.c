/* tell - what a program says about its work: closing line, --report, progress */
#include "tell.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "scan.h"
#include "stream.h"

struct tell tell;

static double started;
static char **args;
static int n_args;

static struct reason {
	const char *name;
	uint64_t n;
} *reasons;
static size_t n_reasons, reasons_room;

static struct fact {
	char *name;
	char *text;			/* NULL: for the report alone */
	struct buf json;
} *facts;
static size_t n_facts, facts_room;

static struct file {
	char *path;
	uint64_t bytes, xxh3;
	bool out;
} *files;
static size_t n_files, files_room;

void tell_start(int argc, char **argv)
{
	started = clock_now();
	args = xcalloc((size_t)argc, sizeof *args);
	/* The array itself is copied: opt_parse() moves the operands in the original. */
	for (int i = 0; i < argc; i++)
		args[i] = argv[i];
	n_args = argc;
}

void tell_drop(const char *reason)
{
	struct reason *r = reasons, *end = reasons + n_reasons;

	tell.dropped++;
	/* The same static text nearly always; equal texts at two addresses are one reason. */
	while (r < end && r->name != reason)
		r++;
	if (r == end)
		for (r = reasons; r < end && strcmp(r->name, reason) != 0;)
			r++;
	if (r == end) {
		GROW(reasons, n_reasons, reasons_room);
		r = &reasons[n_reasons++];
		*r = (struct reason){ reason, 0 };
	}
	r->n++;
}

static void set_fact(const char *name, const char *text, struct span json)
{
	struct fact *f = facts, *end = facts + n_facts;

	while (f < end && strcmp(f->name, name) != 0)
		f++;
	if (f == end) {
		GROW(facts, n_facts, facts_room);
		f = &facts[n_facts++];
		*f = (struct fact){ .name = xstrdup(name) };
	}
	free(f->text);
	f->text = text ? xstrdup(text) : NULL;
	f->json.n = 0;
	if (json.p)
		buf_add(&f->json, json);
	else
		json_put_text(&f->json, span_of(text));
}

void tell_note(const char *name, const char *text, struct span json)
{
	set_fact(name, text, json);
}

void tell_json(const char *name, struct span json)
{
	set_fact(name, NULL, json);
}

static void add_file(const char *path, uint64_t bytes, uint64_t xxh3, bool out)
{
	GROW(files, n_files, files_room);
	files[n_files++] = (struct file){ xstrdup(path), bytes, xxh3, out };
}

void tell_input(const char *path, uint64_t bytes)
{
	add_file(path, bytes, 0, false);
}

void tell_output(const char *path, uint64_t bytes, uint64_t xxh3)
{
	add_file(path, bytes, xxh3, true);
}

/* ---- progress ---- */

static bool on_line;			/* a progress line stands on the terminal */
static double next_draw;

/* Is a line due? asked: --progress; else only a terminal gets one, and only for work that lasts. */
static bool due(bool asked, double now)
{
	static int terminal = -1;

	if (!asked && tell.quiet)
		return false;
	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	if (!asked && !terminal)
		return false;
	if (next_draw == 0)
		next_draw = started + (terminal ? 0.5 : 2);
	if (now < next_draw)
		return false;
	next_draw = now + (terminal ? 0.2 : 2);
	on_line = terminal;
	return true;
}

static void draw(const struct buf *text)
{
	if (on_line)
		fprintf(stderr, "\r%s: %.*s\033[K", program_name, ARG(buf_span(text)));
	else
		fprintf(stderr, "%s: %.*s\n", program_name, ARG(buf_span(text)));
	fflush(stderr);
}

static void put_share(struct buf *b, uint64_t done, uint64_t total, double seconds)
{
	double left;

	if (total == 0 || done == 0 || done > total)
		return;
	left = seconds / (double)done * (double)(total - done);
	buf_addf(b, ", %.0f %%", 100.0 * (double)done / (double)total);
	if (left < 100)
		buf_addf(b, ", %.0f s left", left);
	else if (left < 6000)
		buf_addf(b, ", %.0f min left", left / 60);
	else
		buf_addf(b, ", %.1f h left", left / 3600);
}

static void (*more)(struct buf *b);

void tell_more(void (*put)(struct buf *b))
{
	more = put;
}

void tell_progress(uint64_t total_bytes)
{
	const double now = clock_now(), seconds = now - started;
	struct buf b = { 0 };

	/* In a pipe of programs only the first, which reads a file, knows its total: one line on the
	 * terminal, not one a stage. */
	if ((total_bytes == 0 && !tell.progress) || !due(tell.progress, now))
		return;
	buf_addf(&b, "%ju records, %.1f MB/s", (uintmax_t)tell.read,
		seconds > 0 ? (double)tell.bytes_in / seconds / 1e6 : 0.0);
	put_share(&b, tell.bytes_in, total_bytes, seconds);
	if (more)
		more(&b);
	draw(&b);
	buf_free(&b);
}

void tell_steps(const char *what, uint64_t done, uint64_t total)
{
	const double now = clock_now();
	struct buf b = { 0 };

	if (!due(tell.progress, now))
		return;
	buf_addf(&b, "%s %ju", what, (uintmax_t)done);
	if (total)
		buf_addf(&b, " of %ju", (uintmax_t)total);
	put_share(&b, done, total, now - started);
	draw(&b);
	buf_free(&b);
}

void tell_clear(void)
{
	if (on_line)
		fputs("\r\033[K", stderr);
	on_line = false;
}

/* ---- at the end ---- */

static int by_count(const void *x, const void *y)
{
	const struct reason *a = x, *b = y;

	if (a->n != b->n)
		return a->n < b->n ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void sort_reasons(void)
{
	if (n_reasons)
		qsort(reasons, n_reasons, sizeof *reasons, by_count);
}

void tell_close(void)
{
	struct buf b = { 0 };

	tell_clear();
	if (tell.quiet)
		return;
	sort_reasons();
	if (tell.source) {
		buf_addf(&b, "%ju written", (uintmax_t)tell.written);
	} else {
		buf_addf(&b, "%ju read, %ju kept, %ju dropped", (uintmax_t)tell.read, (uintmax_t)tell.kept,
			(uintmax_t)tell.dropped);
		for (size_t i = 0; i < n_reasons; i++)
			buf_addf(&b, "%s%s %ju", i ? ", " : " (", reasons[i].name, (uintmax_t)reasons[i].n);
		buf_addf(&b, "%s, %ju bad", n_reasons ? ")" : "", (uintmax_t)tell.bad);
	}
	warn("%s, %.1f s", buf_cstr(&b), clock_now() - started);
	for (size_t i = 0; i < n_facts; i++)
		if (facts[i].text)
			warn("%s: %s", facts[i].name, facts[i].text);
	buf_free(&b);
}

static void put_count(struct buf *b, const char *name, uint64_t n)
{
	buf_addf(b, ",\"%s\":%ju", name, (uintmax_t)n);
}

static void put_files(struct buf *b, const char *name, bool out)
{
	bool first = true;

	buf_addf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < n_files; i++) {
		if (files[i].out != out)
			continue;
		buf_adds(b, first ? "{\"path\":" : ",{\"path\":");
		first = false;
		json_put_text(b, span_of(files[i].path));
		put_count(b, "bytes", files[i].bytes);
		/* As hex digits: a 64-bit integer is more than most JSON readers keep. */
		if (out)
			buf_addf(b, ",\"xxh3\":\"%016jx\"", (uintmax_t)files[i].xxh3);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void put_report(struct buf *b, int status)
{
	buf_adds(b, "{\"program\":");
	json_put_text(b, span_of(program_name));
	buf_addf(b, ",\"version\":\"%s\",\"argv\":[", PREF_VERSION);
	for (int i = 0; i < n_args; i++) {
		if (i)
			buf_addc(b, ',');
		json_put_text(b, span_of(args[i]));
	}
	buf_addf(b, "],\"status\":%d", status);
	put_count(b, "read", tell.read);
	put_count(b, "kept", tell.kept);
	put_count(b, "dropped", tell.dropped);
	sort_reasons();
	buf_adds(b, ",\"reasons\":{");
	for (size_t i = 0; i < n_reasons; i++) {
		if (i)
			buf_addc(b, ',');
		json_put_text(b, span_of(reasons[i].name));
		buf_addf(b, ":%ju", (uintmax_t)reasons[i].n);
	}
	buf_addc(b, '}');
	put_count(b, "bad", tell.bad);
	put_count(b, "written", tell.written);
	buf_addf(b, ",\"seconds\":%.3f", clock_now() - started);
	put_files(b, "inputs", false);
	put_files(b, "outputs", true);
	for (size_t i = 0; i < n_facts; i++) {
		buf_addc(b, ',');
		json_put_text(b, span_of(facts[i].name));
		buf_addc(b, ':');
		buf_add(b, buf_span(&facts[i].json));
	}
	buf_adds(b, "}\n");
}

int tell_report(const char *path, int status)
{
	struct buf b = { 0 };
	const char *why;
	struct out *o;
	int e = -1;

	put_report(&b, status);
	o = out_open(path, &why);
	if (o) {
		e = out_write(o, buf_span(&b));
		if (e < 0) {
			const int saved = errno;

			out_abort(o);
			errno = saved;
		} else {
			e = out_commit(o);
		}
	}
	buf_free(&b);
	return e;
}
