/* logp_cache - any bytes as a cache of log-probs (reference.bin): as they are, and as entries with checks that fit, torn here and there
 *
 * Laws: what is no cache is left as it was; what is put is found by the next who opens it, with all that was found before.
 */
#include "fuzz.h"
#include "lm/logp_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRY = 32, CHECKED = 24 };

static void read_one(struct span s)
{
	const struct key128 key = hash128(S("a key"), 0);
	struct logp_cache *c;
	const char *why;
	char path[64];
	int fd = memfd_create("fuzz", 0);
	struct stat st;
	size_t before;
	bool known;
	double x;

	if (fd < 0 || write(fd, s.p, s.n) != (ssize_t)s.n)
		die(EXIT_SYSTEM, "memfd:");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	c = logp_cache_open(path, &why);
	if (c) {
		before = logp_cache_size(c);
		LAW(before <= s.n / ENTRY);
		known = logp_cache_find(c, key, &x);
		LAW(logp_cache_put(c, key, -1.5));
		logp_cache_close(c);
		c = logp_cache_open(path, &why);
		LAW(c && logp_cache_find(c, key, &x) && x == -1.5);
		/* (What was put may begin with the bytes that a torn entry lacks.) */
		LAW(logp_cache_size(c) - before - !known <= 1);
		logp_cache_close(c);
	} else {
		LAW(why && fstat(fd, &st) == 0 && (size_t)st.st_size == s.n);
	}
	close(fd);
}

/* Each 24 bytes are an entry; the last of them says how many of its bytes are missing. */
static void read_sealed(struct span s)
{
	struct buf b = { 0 };

	buf_add(&b, S("PREFLOGP 1\n\0\0\0\0\0"));
	for (; s.n >= CHECKED; s = span_cut(s, CHECKED, s.n)) {
		const unsigned char torn = (unsigned char)s.p[CHECKED - 1];
		const uint64_t check = hash64(span_cut(s, 0, CHECKED), 0);

		buf_add(&b, span_cut(s, 0, CHECKED));
		buf_add(&b, (struct span){ (const char *)&check, sizeof check });
		b.n -= torn < ENTRY ? torn : 0;
	}
	read_one(buf_span(&b));
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span s = { (const char *)data, size };

	read_one(s.p ? s : S(""));
	read_sealed(s);
	return 0;
}
