/* logp_cache - log-probs that were computed once, in a file */
#include "lm/logp_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[16] = "PREFLOGP 1\n";

/* As in the file, in the machine's byte order. */
struct entry {
	struct key128 key;
	double sum;
	uint64_t check;			/* XXH3-64 of all before */
};

struct logp_cache {
	int fd;
	pthread_mutex_t lock;
	struct keymap at;		/* values are doubles' bits */
};

static uint64_t check_of(const struct entry *e)
{
	return hash64((struct span){ (const char *)e, offsetof(struct entry, check) }, 0);
}

static void remember(struct logp_cache *c, struct key128 key, double sum)
{
	memcpy(keymap_at(&c->at, key, NULL), &sum, sizeof sum);
}

/* All whole entries: behind a torn one the next is found where its check holds. If none follows a whole one, one may begin in
 * it: a torn entry that the first bytes of the next made whole. */
static void load(struct logp_cache *c, const char *p, size_t n)
{
	size_t whole = 0;		/* the end of a whole one */
	struct entry e;

	for (size_t i = sizeof magic; i + sizeof e <= n || i == whole;) {
		if (i + sizeof e <= n)
			memcpy(&e, p + i, sizeof e);
		if (i + sizeof e <= n && e.check == check_of(&e)) {
			remember(c, e.key, e.sum);
			whole = i += sizeof e;
		} else if (i == whole) {
			i -= sizeof e - 1;
			whole = 0;
		} else {
			i++;
		}
	}
}

static bool write_all(int fd, const void *p, size_t n)
{
	ssize_t got;

	do
		got = write(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)n;
}

/* False: *why. */
static bool start(struct logp_cache *c, const char **why)
{
	struct stat st;
	char *bytes;
	size_t n = 0;

	if (fstat(c->fd, &st) < 0) {
		*why = strerror(errno);
		return false;
	}
	bytes = xmalloc((size_t)st.st_size + 1);
	for (ssize_t got = 1; got > 0 && n < (size_t)st.st_size; n += got > 0 ? (size_t)got : 0)
		got = pread(c->fd, bytes + n, (size_t)st.st_size - n, (off_t)n);
	if (n >= sizeof magic ? memcmp(bytes, magic, sizeof magic) != 0 : memcmp(bytes, magic, n) != 0)
		*why = "is no cache of log-probs";
	else if (n < sizeof magic && !write_all(c->fd, magic + n, sizeof magic - n))
		*why = strerror(errno);
	else
		load(c, bytes, n);
	free(bytes);
	return !*why;
}

struct logp_cache *logp_cache_open(const char *path, const char **why)
{
	struct logp_cache *c;
	const int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	*why = NULL;
	if (fd < 0) {
		*why = strerror(errno);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->fd = fd;
	pthread_mutex_init(&c->lock, NULL);
	if (start(c, why))
		return c;
	logp_cache_close(c);
	return NULL;
}

void logp_cache_close(struct logp_cache *c)
{
	if (!c)
		return;
	close(c->fd);
	pthread_mutex_destroy(&c->lock);
	keymap_free(&c->at);
	free(c);
}

bool logp_cache_find(struct logp_cache *c, struct key128 key, double *sum)
{
	const uint64_t *at;

	pthread_mutex_lock(&c->lock);
	at = keymap_find(&c->at, key);
	if (at)
		memcpy(sum, at, sizeof *sum);
	pthread_mutex_unlock(&c->lock);
	return at != NULL;
}

bool logp_cache_put(struct logp_cache *c, struct key128 key, double sum)
{
	struct entry e = { .key = key, .sum = sum };
	bool good;

	e.check = check_of(&e);
	pthread_mutex_lock(&c->lock);
	remember(c, key, sum);
	good = write_all(c->fd, &e, sizeof e);
	pthread_mutex_unlock(&c->lock);
	return good;
}

size_t logp_cache_size(const struct logp_cache *c)
{
	return c->at.n;
}
