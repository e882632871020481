/* safetensors - any bytes as a safetensors file, and as a config.json: tensors lie in it, one behind the other */
#include "fuzz.h"
#include "lm/build.h"
#include "lm/safetensors.h"

static void as_file(struct span s)
{
	struct lm_tensors t = { 0 };
	struct lm_error e = { .text = "" };
	uint64_t bytes = 0;

	if (safetensors_read(s, &t, &e)) {
		for (size_t i = 0; i < t.n; i++) {
			LAW(t.v[i].data.n == 0 || (t.v[i].data.p > s.p && t.v[i].data.p + t.v[i].data.n <= s.p + s.n));
			bytes += t.v[i].data.n;
		}
		LAW(bytes + 8 <= s.n);
		LAW(lm_tensors_sort(&t, &e));
	} else {
		LAW(e.text[0]);
	}
	lm_tensors_free(&t);
}

static void as_config(struct span s)
{
	struct arena a = { 0 };
	struct lm_config c = { 0 };
	struct lm_error e = { .text = "" };

	if (lm_read_config(s, &c, &a, &e) && lm_config_check(&c, &e))
		LAW(c.heads % c.kv_heads == 0 && c.head_dim % 2 == 0 && c.layers > 0);
	else
		LAW(e.text[0]);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span s = { (const char *)data, size };

	as_file(s);
	as_config(s);
	return 0;
}
