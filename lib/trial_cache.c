/* trial_cache - results that were found before */
#include "trial_cache.h"

#include "hash.h"
#include "stream.h"
#include "trial_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { FORMAT = 1 };			/* of keys and meaning: greater when results would be others */

struct trial_cache {
	int fd;
	pthread_mutex_t lock;
	struct keymap places;		/* of lines in `lines` */
	struct span *lines;
	size_t n, room, hits;
	struct buf file;		/* as read */
	struct arena added;
};

/* ---- keys ---- */

static struct span text(const char *s)
{
	return span_of(s ? s : "");
}

static struct key128 key_of(const struct trial *t, const struct trial_rules *rules, const char *sandbox, struct span code)
{
	const struct language *l = t->language;
	const uint64_t numbers[] = { FORMAT, t->form, t->n };
	const struct span parts[] = {
		{ (const char *)numbers, sizeof numbers }, { (const char *)&rules->limits, sizeof rules->limits }, text(sandbox),
		text(l->file), text(l->compile), text(l->run), text(l->done), text(l->bench),
		t->form == TRIAL_CHECK ? t->prompt : S(""), t->setup, t->entry, t->text, t->pass, t->fail,
		/* The tests follow each other in the record. */
		t->tests ? (struct span){ t->tests[0].raw.p, (size_t)(t->tests[t->n - 1].raw.p + t->tests[t->n - 1].raw.n -
			t->tests[0].raw.p) } : S(""),
		code,
	};

	return hash128_parts(parts, COUNT(parts), 0);
}

/* ---- lines: the key in hex, a letter a test, how many ran inside, why ---- */

static void put_line(struct buf *b, struct key128 key, const struct trial_result *r, size_t n)
{
	char hex[33];

	key128_hex(key, hex);
	buf_addf(b, "%s ", hex);
	for (size_t i = 0; i < n; i++)
		buf_addc(b, (char)('a' + r->status[i]));
	buf_addf(b, " %zu ", r->inside);
	json_put_text(b, r->why);
	buf_addc(b, '\n');
}

static bool read_key(struct span line, struct key128 *key)
{
	char hex[17];

	if (line.n < 36 || line.p[32] != ' ' || line.p[line.n - 1] != '"')
		return false;
	snprintf(hex, sizeof hex, "%.16s", line.p);
	key->hi = strtoull(hex, NULL, 16);
	snprintf(hex, sizeof hex, "%.16s", line.p + 16);
	key->lo = strtoull(hex, NULL, 16);
	return true;
}

/* False: the line is damaged. */
static bool read_result(struct span line, size_t n, struct trial_result *r, struct arena *a)
{
	struct span rest = span_cut(line, 33, line.n), why;
	struct scan_error e;
	struct value v;
	size_t blank;

	if (rest.n < n + 3 || rest.p[n] != ' ')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (rest.p[i] < 'a' || rest.p[i] > 'a' + TRIAL_VIOLATION)
			return false;
		r->status[i] = (enum trial_status)(rest.p[i] - 'a');
	}
	rest = span_cut(rest, n + 1, rest.n);
	blank = span_find(rest, S(" "));
	if (blank == (size_t)-1)
		return false;
	r->inside = strtoul(rest.p, NULL, 10);
	why = span_cut(rest, blank + 1, rest.n);
	if (!scan(why, 0, NULL, &v, &e) || v.kind != JSON_STRING)
		return false;
	r->why = arena_copy(a, json_text(v, a));
	trial_sum(r, n);
	return true;
}

static void add_line(struct trial_cache *c, struct span line)
{
	struct key128 key;

	if (!read_key(line, &key))
		return;
	GROW(c->lines, c->n, c->room);
	c->lines[c->n] = line;
	*keymap_at(&c->places, key, NULL) = c->n++;
}

/* ---- the file ---- */

struct trial_cache *trial_cache_open(const char *path, const char **why)
{
	struct trial_cache *c = xcalloc(1, sizeof *c);

	pthread_mutex_init(&c->lock, NULL);
	c->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (c->fd < 0) {
		*why = strerror(errno);
		trial_cache_close(c);
		return NULL;
	}
	*why = "a line that was cut off cannot be ended";
	if (file_read(path, &c->file, SIZE_MAX / 2, why) < 0 ||
			(c->file.n && c->file.p[c->file.n - 1] != '\n' && write(c->fd, "\n", 1) != 1)) {
		trial_cache_close(c);
		return NULL;
	}
	for (struct span rest = buf_span(&c->file); rest.n;) {
		const char *nl = memchr(rest.p, '\n', rest.n);

		if (!nl)
			break;
		add_line(c, span_cut(rest, 0, (size_t)(nl - rest.p)));
		rest = span_cut(rest, (size_t)(nl - rest.p) + 1, rest.n);
	}
	return c;
}

bool trial_cache_find(struct trial_cache *c, const struct trial *t, const struct trial_rules *rules, const char *sandbox,
	struct span code, struct trial_result *r, struct arena *a)
{
	const struct key128 key = key_of(t, rules, sandbox, code);
	uint64_t *place;
	bool found;

	pthread_mutex_lock(&c->lock);
	place = keymap_find(&c->places, key);
	found = place && read_result(c->lines[*place], t->n, r, a);
	c->hits += found;
	pthread_mutex_unlock(&c->lock);
	return found;
}

int trial_cache_put(struct trial_cache *c, const struct trial *t, const struct trial_rules *rules, const char *sandbox,
	struct span code, const struct trial_result *r)
{
	const struct key128 key = key_of(t, rules, sandbox, code);
	struct buf b = { 0 };
	ssize_t put;

	if (r->verdict == TRIAL_TIMEOUT && span_eq(r->why, S("wall")))
		return 0;
	put_line(&b, key, r, t->n);
	pthread_mutex_lock(&c->lock);
	put = write(c->fd, b.p, b.n);
	add_line(c, arena_copy(&c->added, (struct span){ b.p, b.n - 1 }));
	pthread_mutex_unlock(&c->lock);
	if (put >= 0 && (size_t)put != b.n)
		errno = ENOSPC;
	put = put == (ssize_t)b.n ? 0 : -1;
	buf_free(&b);
	return (int)put;
}

size_t trial_cache_hits(const struct trial_cache *c)
{
	return c->hits;
}

void trial_cache_close(struct trial_cache *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	pthread_mutex_destroy(&c->lock);
	keymap_free(&c->places);
	free(c->lines);
	buf_free(&c->file);
	arena_free(&c->added);
	free(c);
}
