/* stream - cut an input into chunks of whole records */
#include "stream.h"

#include "stream_array.h"
#include "stream_source.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_MIN = 256 << 10, SLACK = 64 << 10, BLANKS_MAX = 1 << 20 };

struct in {
	struct source *source;
	const char *name;
	size_t max;			/* longest record */
	bool is_array, over;
	bool full;			/* the last chunk took all it may: rest holds more, error or not */
	struct buf rest;		/* read and not yet handed out */
	size_t done;			/* of rest, looked at already: there is no record end in it */
	uint64_t line;			/* of the next byte to hand out */
	bool skipping;			/* the rest of a line over the limit */
	struct array_scan array;

	const char *error;		/* waits until the records before it are handed out */
	uint64_t error_line;
	size_t error_col;
	bool told, go_on;		/* the error was returned; there is something behind it */
};

void chunk_free(struct chunk *c)
{
	buf_free(&c->bytes);
	free(c->at);
	*c = (struct chunk){ .most = c->most };
}

static void fail(struct in *in, const char *why, uint64_t line, size_t col)
{
	in->error = why;
	in->error_line = line;
	in->error_col = col;
}

/* ---- opening ---- */

/* Read until the first byte that is no blank: '[' begins an array. */
static void find_kind(struct in *in)
{
	size_t i = 0;

	while (in->rest.n < BLANKS_MAX) {
		ssize_t got;

		buf_room(&in->rest, READ_MIN);
		got = source_read(in->source, in->rest.p + in->rest.n, READ_MIN, true);
		if (got == SOURCE_FAILED)
			fail(in, in->source->why, 0, 0);
		if (got <= 0)
			return;
		in->rest.n += (size_t)got;
		if (i == 0 && span_starts(buf_span(&in->rest), S("\xef\xbb\xbf")) &&
		    span_starts(span_trim(span_cut(buf_span(&in->rest), 3, in->rest.n)), S("["))) {
			fail(in, "byte order mark before the array", 1, 1);
			return;
		}
		while (i < in->rest.n && memchr(" \t\r\n", in->rest.p[i], 4))
			i++;
		if (i < in->rest.n) {
			in->is_array = in->rest.p[i] == '[';
			return;
		}
	}
}

struct in *in_open(const char *path, size_t max_record, const char **why)
{
	struct source *source = source_open(path, why);
	struct in *in;

	if (!source)
		return NULL;
	in = xcalloc(1, sizeof *in);
	in->source = source;
	in->name = strcmp(path, "-") == 0 ? "(stdin)" : path;
	in->max = max_record;
	in->line = 1;
	find_kind(in);
	return in;
}

void in_close(struct in *in)
{
	if (!in)
		return;
	source_close(in->source);
	buf_free(&in->rest);
	free(in);
}

/* ---- reading ---- */

/* Add more of the source to c. True: there is more; false: the end, silence, or in->error. */
static bool read_more(struct in *in, struct chunk *c, size_t want, bool patient)
{
	size_t n = want + SLACK > c->bytes.n + READ_MIN ? want + SLACK - c->bytes.n : READ_MIN;
	ssize_t got;

	if (in->over)
		return false;
	buf_room(&c->bytes, n);
	got = source_read(in->source, c->bytes.p + c->bytes.n, n, patient);
	if (got > 0) {
		c->bytes.n += (size_t)got;
		return true;
	}
	in->over = got != SOURCE_SILENT;
	if (got == SOURCE_FAILED)
		fail(in, in->source->why, 0, 0);
	return false;
}

/* The bytes of c from `from` on are for the next chunk; `done` of them have been looked at. */
static void put_back(struct in *in, struct chunk *c, size_t from, size_t done)
{
	in->rest.n = 0;
	buf_add(&in->rest, (struct span){ c->bytes.p + from, c->bytes.n - from });
	in->done = done;
	c->bytes.n = from;
}

/* The line c->bytes[from, ...) is longer than the limit; nl is its end if that was read. */
static void line_too_long(struct in *in, struct chunk *c, size_t from, const char *nl)
{
	fail(in, "line over the record limit", in->line, 1);
	in->go_on = true;
	in->skipping = !nl;
	if (nl) {
		const size_t end = (size_t)(nl - c->bytes.p) + 1;

		in->rest.n = 0;
		buf_add(&in->rest, (struct span){ c->bytes.p + end, c->bytes.n - end });
		in->done = 0;
		in->line++;
	}
	c->bytes.n = from;
}

/* Forget what remains of a line over the limit. False: it goes on to the end of the input. */
static bool skip_line(struct in *in, struct chunk *c)
{
	for (;;) {
		const char *nl = c->bytes.n ? memchr(c->bytes.p, '\n', c->bytes.n) : NULL;

		if (nl) {
			const size_t n = (size_t)(nl - c->bytes.p) + 1;

			memmove(c->bytes.p, c->bytes.p + n, c->bytes.n - n);
			c->bytes.n -= n;
			in->skipping = false;
			c->first_line = ++in->line;
			return true;
		}
		c->bytes.n = 0;
		if (!read_more(in, c, READ_MIN, true))
			return false;
	}
}

static void next_lines(struct in *in, struct chunk *c, size_t want)
{
	size_t from = 0, done = in->done;	/* the unfinished line; looked at so far */
	const size_t most = c->most ? c->most : CHUNK_RECORDS;
	size_t n = 0;

	in->full = false;
	if (in->skipping) {
		done = 0;
		if (!skip_line(in, c))
			return;
	}
	for (;;) {
		while (done < c->bytes.n && n < most) {
			const char *nl = memchr(c->bytes.p + done, '\n', c->bytes.n - done);
			const size_t end = nl ? (size_t)(nl - c->bytes.p) : c->bytes.n;

			if (end - from > in->max) {
				line_too_long(in, c, from, nl);
				return;
			}
			done = end + (nl != NULL);
			if (nl) {
				in->line++;
				from = done;
				n++;
			}
		}
		in->full = n == most;
		if (from >= want || in->full)
			break;
		if (!read_more(in, c, want, from == 0))
			break;
	}
	if (in->over && !in->error && !in->full && from < c->bytes.n) {
		from = done = c->bytes.n;	/* a last line without end */
		in->line++;
	}
	if (in->over && in->error && !in->full)
		c->bytes.n = from;		/* what was cut off in mid-line is no record */
	else
		put_back(in, c, from, done - from);
}

static void next_elements(struct in *in, struct chunk *c, size_t want)
{
	struct array_scan *a = &in->array;
	size_t done = in->done, keep;
	const char *why;

	for (;;) {
		why = array_scan(a, c, &done, in->max);
		in->full = !why && done < c->bytes.n;
		if (why || in->full || array_scan_keep(a, c->bytes.n) >= want)
			break;
		if (!read_more(in, c, want, c->n == 0))
			break;
	}
	if (!why && in->over && !in->error && !in->full)
		why = array_scan_end(a, c->bytes.n);
	if (why) {
		fail(in, why, a->error_line, a->error_col);
		in->over = true;
	}
	in->line = a->line;
	keep = in->full ? done : array_scan_keep(a, c->bytes.n);
	if (in->full)
		put_back(in, c, keep, 0);
	else if (in->error)
		c->bytes.n = c->n ? c->at[c->n - 1].to : 0;
	else
		put_back(in, c, keep, c->bytes.n - keep);
	array_scan_shift(a, keep);
}

int in_next(struct in *in, struct chunk *c, size_t want)
{
	if (in->error && in->told && in->go_on) {
		in->error = NULL;
		in->told = in->go_on = false;
	}
	c->bytes.n = 0;
	c->n = 0;
	c->array = in->is_array;
	c->file = in->name;
	c->compressed = in->source->format != FORMAT_PLAIN;
	/* Of an array a chunk may hold no more than blanks: then the next is tried. */
	while (in->full || !in->error) {
		const bool last = in->over;

		c->first_line = in->line;
		buf_add(&c->bytes, buf_span(&in->rest));
		in->rest.n = 0;
		if (in->is_array)
			next_elements(in, c, want);
		else
			next_lines(in, c, want);
		if (in->is_array ? c->n > 0 : c->bytes.n > 0)
			return 1;
		if (!in->error && (last || in->over))
			return 0;
		c->bytes.n = 0;
	}
	in->told = true;
	return -1;
}

int in_verify(struct in *in)
{
	ssize_t got = in->source->format != FORMAT_PLAIN;

	in->rest.n = 0;
	buf_room(&in->rest, READ_MIN);
	while (got > 0)
		got = source_read(in->source, in->rest.p, READ_MIN, true);
	if (got == SOURCE_FAILED)
		fail(in, in->source->why, 0, 0);
	return got == SOURCE_FAILED ? -1 : 0;
}

/* ---- asking ---- */

const char *in_error(const struct in *in)
{
	return in->error;
}

uint64_t in_error_line(const struct in *in, size_t *col)
{
	*col = in->error_col;
	return in->error_line;
}

bool in_can_go_on(const struct in *in)
{
	return in->go_on;
}

bool in_is_file(const struct in *in)
{
	return in->source->regular && in->source->by_name;
}

bool in_same_file(const struct in *in, int fd)
{
	struct stat st;

	return in->source->regular && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_dev == in->source->dev && st.st_ino == in->source->ino;
}

uint64_t in_bytes(const struct in *in)
{
	const struct source *s = in->source;
	const uint64_t waiting = s->format == FORMAT_PLAIN ? s->n - s->at + in->rest.n : 0;

	return s->used > waiting ? s->used - waiting : 0;
}

uint64_t in_size(const struct in *in)
{
	return in->source->size;
}

int file_read(const char *path, struct buf *b, size_t max, const char **why)
{
	static _Thread_local char kept[160];
	struct source *s = source_open(path, why);
	const size_t before = b->n;
	ssize_t got = 0;

	if (!s)
		return -1;
	while (b->n - before <= max) {
		buf_room(b, READ_MIN);
		got = source_read(s, b->p + b->n, READ_MIN, true);
		if (got <= 0)
			break;
		b->n += (size_t)got;
	}
	if (got < 0) {
		memcpy(kept, s->why, sizeof kept);
		*why = kept;
	} else if (b->n - before > max) {
		*why = "file too large";
		got = -1;
	}
	source_close(s);
	return got < 0 ? -1 : 0;
}
