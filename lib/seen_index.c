/* seen_index - the kept records of one run, in a file for the next */
#include "seen_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct index_head {
	char magic[8];
	uint32_t version, order;	/* order: tells byte orders apart */
	uint32_t near, pair, ngram, permutations, bands, rows;
	double threshold;
	uint64_t reading;
	uint64_t count, bytes;		/* of the items */
};

static struct index_head head_of(const struct seen *s)
{
	const struct seen_rules *rules = seen_rules(s);
	struct index_head h = { .magic = "prefseen", .version = 2, .order = 0x01020304, .near = rules->near,
		.pair = rules->pair, .reading = rules->reading };

	if (rules->near) {
		h.ngram = rules->ngram;
		h.permutations = rules->permutations;
		h.threshold = rules->threshold;
		h.bands = seen_plan(s)->bands;
		h.rows = seen_plan(s)->rows;
	}
	return h;
}

static uint64_t chain(uint64_t sum, const void *bytes, size_t n)
{
	return hash64((struct span){ bytes, n }, sum);
}

static const char *check_head(const struct seen *s, const struct index_head *h)
{
	const struct index_head want = head_of(s);

	if (memcmp(h->magic, want.magic, sizeof h->magic) != 0)
		return "not an index of pref-dedup";
	if (h->order != want.order)
		return "an index made on a machine of another byte order";
	if (h->version != want.version)
		return "an index of another version";
	if (h->near && !want.near)
		return "an index of --near; this run is not";
	if (h->near != want.near)
		return "an index of exact matches; this run is --near";
	if (h->pair != want.pair || h->reading != want.reading)
		return "an index of another --key or --normalise";
	if (h->ngram != want.ngram)
		return "an index of another --ngram";
	if (h->permutations != want.permutations)
		return "an index of other --permutations";
	if (h->threshold != want.threshold || h->bands != want.bands || h->rows != want.rows)
		return "an index of another --threshold";
	return NULL;
}

static const char *load_items(struct seen *s, FILE *f, const struct index_head *h)
{
	static const char damaged[] = "a damaged index";
	uint64_t sum = chain(0, h, sizeof *h), left = h->bytes, want, at;
	struct seen_item *it = NULL;
	const char *why = NULL;
	size_t room = 0;

	for (uint64_t i = 0; !why && i < h->count; i++) {
		struct seen_item head;

		if (fread(&head, sizeof head, 1, f) != 1 || head.size > left ||
		    head.size != seen_item_size(s, &head)) {
			why = damaged;
			break;
		}
		if (room < head.size) {
			room = head.size;
			it = xrealloc(it, room);
		}
		memcpy(it, &head, sizeof head);
		if (fread((char *)it + sizeof head, 1, head.size - sizeof head, f) != head.size - sizeof head)
			why = damaged;
		else if (seen_add(s, it, &at) < 0)
			why = "cannot write a temporary file (is there room in $TMPDIR?):";
		else
			sum = chain(sum, it, head.size);
		left -= head.size;
	}
	if (!why && (left || fread(&want, sizeof want, 1, f) != 1 || want != sum || fgetc(f) != EOF))
		why = damaged;
	free(it);
	return why;
}

/* A new file can be put beside path: better known before hours of work than after. */
static bool can_replace(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? span_dup((struct span){ path, (size_t)(slash - path) + 1 }) : xstrdup(".");
	bool can = access(dir, W_OK | X_OK) == 0;

	free(dir);
	return can;
}

bool seen_load(struct seen *s, const char *path, const char **why)
{
	struct index_head h;
	FILE *f;

	*why = "cannot write:";
	if (!can_replace(path))
		return false;
	f = fopen(path, "rbe");
	*why = "cannot read:";
	if (!f)
		return errno == ENOENT;
	*why = fread(&h, sizeof h, 1, f) == 1 ? check_head(s, &h) : "not an index of pref-dedup";
	if (!*why)
		*why = load_items(s, f, &h);
	fclose(f);
	return !*why;
}

static bool save_items(struct seen *s, FILE *f)
{
	struct index_head h = head_of(s);
	const struct seen_item *it;
	bool fine = true;
	uint64_t sum;
	size_t n;
	uint64_t *places = seen_kept(s, &n);

	h.count = n;
	for (size_t i = 0; fine && i < n; i++) {
		fine = (it = seen_get(s, places[i])) != NULL;
		h.bytes += fine ? it->size : 0;
	}
	sum = chain(0, &h, sizeof h);
	fine = fine && fwrite(&h, sizeof h, 1, f) == 1;
	for (size_t i = 0; fine && i < n; i++) {
		fine = (it = seen_get(s, places[i])) && fwrite(it, it->size, 1, f) == 1;
		if (fine)
			sum = chain(sum, it, it->size);
	}
	free(places);
	return fine && fwrite(&sum, sizeof sum, 1, f) == 1 && fflush(f) == 0 && fsync(fileno(f)) == 0;
}

static void remove_file(void *path)
{
	unlink(path);
}

/* The mode that open() would have given a new file. */
static int usual_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

bool seen_save(struct seen *s, const char *path, const char **why)
{
	char *temp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(temp, O_CLOEXEC), e;
	FILE *f;
	bool fine = false;

	*why = "cannot write:";
	if (fd < 0)
		goto out;
	at_end(remove_file, temp);
	f = fdopen(fd, "wb");
	if (f) {
		fine = usual_mode(fd) == 0 && save_items(s, f);
		fine = fclose(f) == 0 && fine;
		fine = fine && rename(temp, path) == 0;
	} else {
		close(fd);
	}
	e = errno;
	at_end_cancel(remove_file, temp);
	if (!fine)
		unlink(temp);
	errno = e;
out:
	free(temp);
	return fine;
}
