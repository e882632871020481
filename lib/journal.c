/* journal - answers that were paid for, on disk before anybody uses them */
#include "journal.h"

#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 16 };		/* bytes read at a time; a line may be longer */

struct journal {
	char *path;
	int fd;
	uint64_t size, torn;
	pthread_mutex_t lock;		/* of what follows */
	struct keymap at;		/* key -> offset of the line */
	uint64_t answers;
	bool unsynced, broken;		/* broken: half a line may stand at the end */
};

static _Thread_local char reason[200];

/* ---- keys ---- */

bool journal_key(struct span text, struct key128 *key)
{
	uint64_t half[2] = { 0 };

	if (!text.p || text.n != 32)
		return false;
	for (size_t i = 0; i < 32; i++) {
		const char *digits = "0123456789abcdef", *d = text.p[i] ? strchr(digits, text.p[i]) : NULL;

		if (!d)
			return false;
		half[i / 16] = half[i / 16] << 4 | (uint64_t)(d - digits);
	}
	*key = (struct key128){ .hi = half[0], .lo = half[1] };
	return true;
}

/* ---- reading ---- */

static const struct member *member_of(const struct scan_index *ix, struct span name)
{
	for (size_t i = 0; i < ix->n; i++)
		if (span_eq(ix->v[i].key, name))
			return &ix->v[i];
	return NULL;
}

static const char *read_line(struct journal *j, struct span line, uint64_t at, struct scan_index *ix)
{
	const struct member *key, *answer;
	struct key128 k;
	struct value top;
	struct scan_error e;
	uint64_t *place;
	bool is_new;

	if (!scan(line, 0, ix, &top, &e) || top.kind != JSON_OBJECT)
		return "this is no journal";
	key = member_of(ix, S("key"));
	answer = member_of(ix, S("answer"));
	if (!key || key->val.raw.n != 34 || !journal_key(span_cut(key->val.raw, 1, 33), &k))
		return "this is no journal: there is no key";
	if (!answer) {
		if (!member_of(ix, S("error")))
			return "neither an answer nor an error";
		return NULL;
	}
	if (answer->val.kind != JSON_STRING)
		return "an answer that is no string";
	place = keymap_at(&j->at, k, &is_new);
	if (is_new) {
		*place = at;
		j->answers++;
	}
	return NULL;
}

/* Fill b behind what it holds; false at the end of the file or (errno) after an error. */
static bool read_more(int fd, struct buf *b, uint64_t at)
{
	ssize_t n;

	buf_room(b, PIECE);
	do
		n = pread(fd, b->p + b->n, PIECE, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return false;
	errno = 0;
	b->n += (size_t)n;
	return n > 0;
}

/* All lines; what stands behind the last line end is cut off. */
static const char *read_all(struct journal *j)
{
	struct buf b = { 0 };
	struct scan_index ix = { 0 };
	uint64_t line = 1, at = 0;		/* at: offset of b.p[0] in the file */
	const char *why = NULL;

	while (!why && read_more(j->fd, &b, at + b.n)) {
		size_t from = 0;
		char *end;

		while (!why && (end = memchr(b.p + from, '\n', b.n - from))) {
			why = read_line(j, (struct span){ b.p + from, (size_t)(end - b.p) - from }, at + from, &ix);
			if (!why)
				line++;
			from = (size_t)(end - b.p) + 1;
		}
		memmove(b.p, b.p + from, b.n - from);
		b.n -= from;
		at += from;
	}
	j->size = at;
	j->torn = b.n;
	if (why) {
		snprintf(reason, sizeof reason, "line %ju: %s", (uintmax_t)line, why);
		why = reason;
	} else if (errno != 0) {
		why = strerror(errno);
	} else if (b.n && line == 1 && b.p[0] != '{') {
		why = "this is no journal";	/* a single line of something else: leave it alone */
	} else if (b.n && ftruncate(j->fd, (off_t)at) < 0) {
		why = strerror(errno);
	}
	buf_free(&b);
	scan_index_free(&ix);
	return why;
}

struct journal *journal_open(const char *path, const char **why)
{
	struct journal *j = xcalloc(1, sizeof *j);
	struct stat st;

	j->path = xstrdup(path);
	pthread_mutex_init(&j->lock, NULL);
	j->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (j->fd < 0)
		*why = strerror(errno);
	else if (fstat(j->fd, &st) < 0)
		*why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		*why = "a journal is a regular file";
	else if (flock(j->fd, LOCK_EX | LOCK_NB) < 0)
		*why = errno == EWOULDBLOCK ? "another process is using this journal" : strerror(errno);
	else if (!(*why = read_all(j)))
		return j;
	journal_close(j);
	return NULL;
}

int journal_find(struct journal *j, struct key128 key, struct buf *body)
{
	struct buf b = { 0 };
	struct arena a = { 0 };
	struct value top;
	struct scan_error e;
	const uint64_t *place;
	uint64_t at;
	const char *end = NULL;
	int got = -1;

	pthread_mutex_lock(&j->lock);
	place = keymap_find(&j->at, key);
	at = place ? *place : 0;
	pthread_mutex_unlock(&j->lock);
	if (!place)
		return 0;
	while (!end && read_more(j->fd, &b, at + b.n))
		end = memchr(b.p, '\n', b.n);
	if (end && scan((struct span){ b.p, (size_t)(end - b.p) }, 0, NULL, &top, &e)) {
		buf_add(body, json_text(scan_member(top, S("answer")), &a));
		got = 1;
	} else if (errno == 0) {
		errno = EIO;		/* it was there: somebody else changed the file */
	}
	buf_free(&b);
	arena_free(&a);
	return got;
}

bool journal_has(struct journal *j, struct key128 key)
{
	bool has;

	pthread_mutex_lock(&j->lock);
	has = keymap_find(&j->at, key) != NULL;
	pthread_mutex_unlock(&j->lock);
	return has;
}

/* ---- writing ---- */

static void put_entry(struct buf *b, struct key128 key, struct span body, const char *error, long status)
{
	char hex[33];

	key128_hex(key, hex);
	buf_addf(b, "{\"key\":\"%s\",\"at\":%jd,", hex, (intmax_t)time(NULL));
	if (error) {
		buf_adds(b, "\"error\":");
		json_put_text(b, span_of(error));
		if (status)
			buf_addf(b, ",\"status\":%ld", status);
		buf_adds(b, ",\"body\":");
	} else {
		buf_adds(b, "\"answer\":");
	}
	json_put_text(b, body);
	buf_adds(b, "}\n");
}

/* One write; what a full disk takes of it is taken back. */
static int append(struct journal *j, struct span line)
{
	ssize_t n;
	int e;

	if (j->broken) {
		errno = EIO;
		return -1;
	}
	do
		n = write(j->fd, line.p, line.n);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)line.n)
		return 0;
	e = n < 0 ? errno : ENOSPC;
	j->broken = n > 0 && ftruncate(j->fd, (off_t)j->size) < 0;
	errno = e;
	return -1;
}

int journal_add(struct journal *j, struct key128 key, struct span body, const char *error, long status)
{
	struct buf b = { 0 };
	bool is_new;
	int got;

	put_entry(&b, key, body, error, status);
	pthread_mutex_lock(&j->lock);
	got = append(j, buf_span(&b));
	if (got == 0) {
		if (!error) {
			uint64_t *place = keymap_at(&j->at, key, &is_new);

			if (is_new) {
				*place = j->size;
				j->answers++;
			}
		}
		j->size += b.n;
		j->unsynced = true;
	}
	pthread_mutex_unlock(&j->lock);
	buf_free(&b);
	return got;
}

int journal_sync(struct journal *j)
{
	bool need;

	pthread_mutex_lock(&j->lock);
	need = j->unsynced;
	j->unsynced = false;
	pthread_mutex_unlock(&j->lock);
	return need ? fdatasync(j->fd) : 0;
}

/* ---- the rest ---- */

uint64_t journal_answers(struct journal *j)
{
	uint64_t n;

	pthread_mutex_lock(&j->lock);
	n = j->answers;
	pthread_mutex_unlock(&j->lock);
	return n;
}

uint64_t journal_torn(const struct journal *j)
{
	return j->torn;
}

const char *journal_path(const struct journal *j)
{
	return j->path;
}

int journal_close(struct journal *j)
{
	int got = 0;

	if (!j)
		return 0;
	if (j->fd >= 0) {
		got = journal_sync(j);
		if (close(j->fd) < 0)
			got = -1;
	}
	keymap_free(&j->at);
	pthread_mutex_destroy(&j->lock);
	free(j->path);
	free(j);
	return got;
}
