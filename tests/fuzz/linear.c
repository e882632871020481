/* linear - any bytes as a model file: as they are, and with the checksum that fits them put behind
 *
 * Law: a model that is accepted is written and read again to the same bytes.
 */
#include "judge_file.h"

#include "hash.h"
#include "linear_gpm.h"
#include "linear_mixture.h"

extern const struct judge judge_linear;

#define ROUND(kind) \
	do { \
		struct kind##_model m, again; \
		if (kind##_get(&m, buf_span(&sealed))) \
			break; \
		once.n = twice.n = 0; \
		kind##_put(&m, &once); \
		LAW(!kind##_get(&again, buf_span(&once))); \
		kind##_put(&again, &twice); \
		LAW(span_eq(buf_span(&once), buf_span(&twice))); \
		kind##_model_free(&again); \
		kind##_model_free(&m); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf sealed = { 0 }, once = { 0 }, twice = { 0 };
	uint64_t sum = hash64((struct span){ (const char *)data, size }, 0);

	judge_file(&judge_linear, data, size);
	buf_add(&sealed, (struct span){ (const char *)data, size });
	for (int i = 0; i < 8; i++)
		buf_addc(&sealed, (char)(sum >> 8 * i));
	judge_file(&judge_linear, (const uint8_t *)sealed.p, sealed.n);
	ROUND(linear);
	ROUND(gpm);
	ROUND(mixture);
	buf_free(&sealed);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
