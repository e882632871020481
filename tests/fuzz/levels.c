/* levels - any bytes as a file of levels: what is read puts every response somewhere, what is not is placed */
#include "fuzz.h"
#include "levels.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct span responses[] = {
		S("{\"text\":\"<think>6*7</think><answer>42</answer>\",\"correct\":true,\"tests\":{\"pass\":1,\"of\":1}}"),
		S("{\"text\":\"\",\"correct\":false,\"tests\":{\"pass\":0,\"of\":0}}"),
		S("{\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\",\"x\":null}"),
	};
	struct arena a = { 0 };
	size_t line, col;
	char *why = NULL;
	struct levels *l = levels_read((struct span){ (const char *)data, size }, &line, &col, &why);

	LAW((l == NULL) == (why != NULL));
	LAW(l || (line == 0) == (col == 0));
	for (size_t i = 0; l && i < COUNT(responses); i++) {
		struct candidate c;
		struct value whole;
		struct scan_error e;
		int level;

		LAW(scan(responses[i], 0, NULL, &whole, &e));
		c = candidate_of(whole, &a);
		c.response = candidate_member(&c, S("text"));
		c.text = json_text(c.response, &a);
		level = levels_of(l, &c, &a);
		LAW(level >= LEVELS_UNKNOWN && level < (int)levels_count(l));
		LAW(level < 0 || *levels_name(l, (size_t)level));
		arena_reset(&a);
	}
	levels_free(l);
	free(why);
	arena_free(&a);
	return 0;
}
