/* stream.h - records in and bytes out, compression seen through
 *
 * In: plain, gzip, zstd, xz, bzip2, lz4, known by their first bytes; "-" is standard input. A file whose
 * first non-blank byte is '[' is one JSON array and streams its elements; all else is one record a line.
 * Every compressed format is verified to its end: damage, truncation and garbage after the end are
 * errors. gzip goes through zlib, which checks the CRC and length of every member (libarchive 3.6 does
 * not); the others through libarchive. Members and frames may follow one another; zeros after gzip are padding.
 * A file whose name ends in .gz (.zst .xz .bz2 .lz4) and that is not compressed is an error.
 *
 * What a format cannot tell, nobody can: damage inside a zstd or lz4 frame or an xz stream that was written
 * without checksum, and an input cut exactly between two frames. An empty lz4 frame between others is an
 * error (libarchive would stop there).
 *
 * Out: compression by suffix (.gz .zst .xz .bz2 .lz4); a path is written to FILE.partial.PID beside it and
 * renamed by out_commit() after a checked close: a file is whole or absent. One that is replaced keeps its mode. exit(), die() and the signals
 * that end a process remove the temporary file. What exists and is no regular file (/dev/null, a FIFO) is
 * written directly. zstd written by libarchive 3.6 carries no checksum: take gzip, xz or lz4, or compare the
 * XXH3-64 that --report gives, where that matters.
 *
 * Functions return 0 or -1 with a message in the struct; they print nothing.
 */
#ifndef PREF_STREAM_H
#define PREF_STREAM_H

#include "base.h"

/* One batch of whole records of one file. Own one, pass it again and again; free with chunk_free(). */
enum { CHUNK_RECORDS = 2048 };		/* so that what is kept of each record is bounded, too */
struct chunk {
	struct buf bytes;
	size_t most;			/* in: records; 0: CHUNK_RECORDS */
	/* Array input: element i is bytes[at[i].from, at[i].to) and begins on line at[i].line, at byte column
	 * at[i].col (1-based) of it. Line input: n == 0; every line but perhaps the last ends in '\n'. */
	struct chunk_at { size_t from, to; uint64_t line; size_t col; } *at;
	size_t n, room;
	bool array;
	uint64_t first_line;		/* line number of the first byte (line input) */
	const char *file;		/* name for messages; "-" is "(stdin)" */
	bool compressed;		/* what is in it may be damage that only the end of the input tells */
};
void chunk_free(struct chunk *c);

struct in;				/* one input */

/* Open and look at the first bytes. NULL: *why (static or thread-local) tells. max_record: longest record
 * accepted, in bytes. */
struct in *in_open(const char *path, size_t max_record, const char **why);

/* Fill c with whole records: at least `want` bytes unless the input ends, c->most are reached or a pipe
 * stalls (silent for 50 ms, it hands over what it has). 1: c has data; 0: end; -1: in_error(). */
int in_next(struct in *in, struct chunk *c, size_t want);
const char *in_error(const struct in *in);	/* "truncated gzip data", ... */
/* 0: a system error or damaged compression (exit 3). Else the error is in the data - a record over the
 * limit, a broken array - and this is its line; *col its column. */
uint64_t in_error_line(const struct in *in, size_t *col);
/* True after a line over the limit: the next in_next() goes on behind it. After any other error it fails
 * again. */
bool in_can_go_on(const struct in *in);
/* Read what is left of a compressed input and forget it: 0, or -1 and in_error() as of a system error if it turns out
 * to be damaged. Nothing to do for others. */
int in_verify(struct in *in);
bool in_is_file(const struct in *in);		/* plain or compressed regular file: can be opened again */
bool in_same_file(const struct in *in, int fd);	/* same device and inode as fd, both regular files */
/* Consumed so far, compressed; of a plain file, handed out. The reading thread's. */
uint64_t in_bytes(const struct in *in);
uint64_t in_size(const struct in *in);		/* of the file, compressed; 0 unknown */
void in_close(struct in *in);

struct out;				/* one output */

/* path "-": standard output, never compressed, SIGPIPE as the system has it. NULL: *why (static or
 * thread-local). */
struct out *out_open(const char *path, const char **why);
int out_write(struct out *o, struct span s);		/* buffered for small pieces, direct for large */
int out_flush(struct out *o);
uint64_t out_bytes(const struct out *o);		/* given to out_write so far */
uint64_t out_hash(const struct out *o);			/* XXH3-64 of them; 0 unless out_hash_on() was called first */
void out_hash_on(struct out *o);
const char *out_error(const struct out *o);
int out_commit(struct out *o);				/* flush, close, rename; frees o also when it fails (errno) */
void out_abort(struct out *o);				/* remove the temporary file; frees o; accepts NULL */

/* A whole file at once (decompressed), for configuration and models: 0, or -1 and *why. */
int file_read(const char *path, struct buf *b, size_t max, const char **why);

#endif
