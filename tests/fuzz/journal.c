/* journal - any bytes as a journal: if it opens, what it holds stays when entries are added and it is opened again */
#include "fuzz.h"
#include "journal.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct key128 key = { 1, 2 };
	const struct span bytes = { (const char *)data, size };
	struct buf first = { 0 }, again = { 0 };
	int fd = memfd_create("fuzz", 0), had;
	struct journal *j;
	const char *why = NULL;
	char path[64];
	uint64_t n;

	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		die(EXIT_SYSTEM, "memfd:");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	j = journal_open(path, &why);
	LAW(j || why);
	if (j) {
		n = journal_answers(j);
		had = journal_find(j, key, &first);
		LAW(had >= 0 && journal_add(j, key, bytes, NULL, 0) == 0);
		LAW(had || journal_find(j, key, &first) == 1);
		LAW(journal_add(j, (struct key128){ 3, 4 }, bytes, "why", 500) == 0);
		LAW(journal_close(j) == 0);
		j = journal_open(path, &why);
		LAW(j && journal_torn(j) == 0 && journal_answers(j) == n + !had);
		LAW(journal_find(j, key, &again) == 1 && span_eq(buf_span(&first), buf_span(&again)));
		journal_close(j);
	}
	close(fd);
	buf_free(&first);
	buf_free(&again);
	return 0;
}
