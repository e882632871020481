/* run_write - the writing half of the runner: lines are gathered, outputs opened, committed or saved */
#include "run_inside.h"

#include <errno.h>
#include <stdlib.h>

#include "claim.h"

enum { COMPOSED = 256 << 10 };		/* bytes that wait to be written, about */

static struct output {
	struct out *out;
	char *path;			/* owned */
	/* What waits to be written; one of the two is empty: */
	struct span run;		/* consecutive untouched lines of the current batch */
	struct buf composed;		/* lines put together here */
} *outputs;				/* [0] is the program's, for rec.out == -1 */
static size_t n_outputs;
static struct out *rejects;
static struct buf line;			/* a line for the rejects */
static struct buf held;			/* first of two passes: rejected lines of bad records wait for their turn */
static size_t held_at;

/* ---- lines ---- */

static NORETURN void write_failed(const char *path, const char *why)
{
	die(EXIT_SYSTEM, "%s: %s", strcmp(path, "-") == 0 ? "standard output" : path, why);
}

static void write_waiting(struct output *o)
{
	if ((o->run.n && out_write(o->out, o->run) < 0) ||
	    (o->composed.n && out_write(o->out, buf_span(&o->composed)) < 0))
		write_failed(o->path, out_error(o->out));
	o->run = (struct span){ 0 };
	o->composed.n = 0;
}

/* Where the next line is to be put together, behind all that waits. Written in large pieces, it is copied
 * only once. */
static struct buf *compose(struct output *o)
{
	if (o->run.n || o->composed.n >= COMPOSED)
		write_waiting(o);
	tell.written++;
	return &o->composed;
}

static struct output *output_of(int out)
{
	if (out < -1 || (size_t)(out + 1) >= n_outputs)
		bug("no output %d", out);
	return &outputs[out + 1];
}

static void write_composed(struct output *o, const struct rec *r)
{
	struct buf *b = compose(o);

	rec_write(r, b);
	buf_addc(b, '\n');
}

/* A record as it was read: grown into a run of neighbours where the bytes allow. */
static void write_raw(struct output *o, const struct rec *r, const struct batch *b)
{
	const char *stop = b->chunk.bytes.p + b->chunk.bytes.n;
	const char *end = r->raw.p + r->raw.n;

	if (r->folded || end == stop || *end != '\n') {
		write_composed(o, r);
		return;
	}
	tell.written++;
	if (o->run.n && o->run.p + o->run.n == r->raw.p) {
		o->run.n += r->raw.n + 1;
	} else {
		write_waiting(o);
		o->run = (struct span){ r->raw.p, r->raw.n + 1 };
	}
}

/* A line in place of a record. Its pieces may still hold line ends of a record that spanned lines. */
static void write_put(const struct rec *r, const struct rec_line *l)
{
	const struct rec whole = { .raw = l->json, .folded = r->folded };

	write_composed(output_of(l->out), &whole);
}

void run_keep(const struct rec *r, const struct batch *b)
{
	if (run.filter->sink)
		return;
	if (r->lines) {
		for (const struct rec_line *l = r->lines; l; l = l->next)
			write_put(r, l);
	} else if (r->edits) {
		write_composed(output_of(r->out), r);
	} else {
		write_raw(output_of(r->out), r, b);
	}
}

/* What --bad pass lets through goes to the program's own output, or the only other one. */
void run_keep_bad(const struct rec *r, const struct batch *b)
{
	write_raw(&outputs[run.filter->own_output], r, b);
}

/* ---- rejects ---- */

/* What is in `line`. */
static void write_reject_line(void)
{
	if (!rejects)
		return;
	buf_addc(&line, '\n');
	if (run.pass == PASS_FIRST)
		buf_add(&held, buf_span(&line));
	else if (out_write(rejects, buf_span(&line)) < 0)
		write_failed(run.reject_path, out_error(rejects));
}

void run_reject(struct rec *r)
{
	if (!rejects)
		return;
	line.n = 0;
	rec_write_reject(r, &line);
	write_reject_line();
}

void run_reject_lost(const struct where *at, const char *why)
{
	line.n = 0;
	rec_write_lost(at, why, &line);
	write_reject_line();
}

void run_reject_held(void)
{
	struct span rest = span_cut(buf_span(&held), held_at, held.n);
	const char *nl = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;

	if (!rejects)
		return;
	if (!nl)
		bug("no rejected line waits");
	rest.n = (size_t)(nl - rest.p) + 1;
	held_at += rest.n;
	if (out_write(rejects, rest) < 0)
		write_failed(run.reject_path, out_error(rejects));
}

/* ---- outputs ---- */

static void open_output(struct output *o, const char *path)
{
	const char *why;

	o->path = xstrdup(path);
	o->out = out_open(path, &why);
	if (!o->out)
		write_failed(path, why);
	if (run.report_path)
		out_hash_on(o->out);
}

/* The program's own comes first, whether it is used or not. */
static void make_room(void)
{
	if (outputs)
		return;
	outputs = xcalloc(1, sizeof *outputs);
	n_outputs = 1;
}

int run_output(const char *path)
{
	make_room();
	claim_output(path, strcmp(path, "-") != 0);
	outputs = xreallocarray(outputs, n_outputs + 1, sizeof *outputs);
	outputs[n_outputs] = (struct output){ 0 };
	open_output(&outputs[n_outputs], path);
	return (int)n_outputs++ - 1;
}

void run_put(struct span json, int out)
{
	struct buf *b = compose(output_of(out));

	buf_add(b, json);
	buf_addc(b, '\n');
}

void run_open_outputs(const char *path, const char *reject_path)
{
	const char *why;

	make_room();
	if (path)
		open_output(&outputs[0], path);
	if (!reject_path)
		return;
	rejects = out_open(reject_path, &why);
	if (!rejects)
		write_failed(reject_path, why);
}

size_t run_outputs(void)
{
	make_room();
	return n_outputs;
}

void run_write_waiting(bool flush)
{
	for (size_t i = 0; i < n_outputs; i++) {
		write_waiting(&outputs[i]);
		if (flush && outputs[i].out && out_flush(outputs[i].out) < 0)
			write_failed(outputs[i].path, out_error(outputs[i].out));
	}
}

void run_save_outputs(void)
{
	for (size_t i = 0; i < n_outputs; i++) {
		if (!outputs[i].out)
			continue;
		write_waiting(&outputs[i]);
		out_flush(outputs[i].out);
	}
}

static void commit(struct out *o, const char *path)
{
	uint64_t bytes = out_bytes(o), hash = out_hash(o);
	int e = out_commit(o);

	if (e < 0)
		write_failed(path, strerror(errno));
	tell_output(path, bytes, hash);
}

void run_commit_outputs(void)
{
	for (size_t i = 0; i < n_outputs; i++) {
		struct out *o = outputs[i].out;

		if (o)
			write_waiting(&outputs[i]);
		outputs[i].out = NULL;
		if (o)
			commit(o, outputs[i].path);
		buf_free(&outputs[i].composed);
	}
	if (rejects)
		commit(rejects, run.reject_path);
	rejects = NULL;
}

void run_free_outputs(void)
{
	for (size_t i = 0; i < n_outputs; i++)
		free(outputs[i].path);
	free(outputs);
	buf_free(&line);
}
