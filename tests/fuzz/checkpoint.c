/* checkpoint - any bytes as a training run's checkpoint, with a checksum that fits: one that is refused changes nothing
 *
 * The last 8 bytes become the hash of those before, else none would come further than that.
 */
#include "fuzz.h"
#include "lm/checkpoint.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	float w[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }, m[4] = { 7, 8, 9, 10 }, v[4] = { 11, 12, 13, 14 };
	struct adam_part part[2] = { { .w = w[0], .n = 3 }, { .w = w[1], .n = 1 } };
	struct adam a = { .part = part, .parts = 2, .m = m, .v = v, .numbers = 4, .steps = 5 };
	struct checkpoint c = { .step = 6 };
	struct lm_error e = { .text = "" };
	struct buf file = { 0 };
	char path[64];
	uint64_t sum;
	int fd = memfd_create("fuzz", 0);

	buf_add(&file, (struct span){ (const char *)data, size });
	if (size >= sizeof sum) {
		sum = hash64((struct span){ file.p, size - sizeof sum }, 0);
		memcpy(file.p + size - sizeof sum, &sum, sizeof sum);
	}
	if (fd < 0 || write(fd, file.p, size) != (ssize_t)size)
		die(EXIT_SYSTEM, "memfd:");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (checkpoint_read(path, &c, &a, &e)) {
		LAW(memcmp(data, "PREFCKPT", 8) == 0 && memcmp(w[0], file.p + size - 12 * 4 - 8, sizeof w[0]) == 0);
		LAW(memcmp(v, file.p + size - 4 * 4 - 8, sizeof v) == 0);
	} else {
		LAW(*e.text && c.step == 6 && a.steps == 5 && w[0][0] == 1 && w[1][0] == 4 && m[0] == 7 && v[3] == 14);
	}
	LAW(w[1][1] == 5 && w[1][2] == 6 && a.numbers == 4 && a.parts == 2);
	buf_free(&file);
	close(fd);
	return 0;
}
