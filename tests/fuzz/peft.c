/* peft - any bytes as an adapter: what is accepted is a model, what is not has a reason
 *
 * The input is adapter_config.json, a NUL, adapter_model.safetensors; the base is a tiny Llama (tests/lm_tiny.h).
 */
#include "fuzz.h"
#include "lm/model.h"

#include <unistd.h>

#include "../lm_tiny.h"

static char folder[] = "/tmp/pref-peft-XXXXXX";
static char *base, *adapter, *both;

static void forget(void)
{
	char *command = xasprintf("rm -r %s", folder);

	if (system(command))
		_exit(1);
	free(command);
	free(base);
	free(adapter);
	free(both);
}

static void set_up(void)
{
	if (!mkdtemp(folder))
		bug("no folder");
	base = xasprintf("%s/base", folder);
	adapter = xasprintf("%s/adapter", folder);
	both = xasprintf("%s+%s", base, adapter);
	tiny_write("llama", base);
	mkdir(adapter, 0777);
	atexit(forget);
}

static void put(const char *name, struct span s)
{
	char *path = xasprintf("%s/%s", adapter, name);
	FILE *f = fopen(path, "w");

	if (!f || (s.n && fwrite(s.p, 1, s.n, f) != s.n) || fclose(f))
		bug("%s", path);
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span s = { (const char *)data, size };
	const char *nul = size ? memchr(data, 0, size) : NULL;
	const size_t cut = nul ? (size_t)(nul - s.p) : size;
	struct lm_error e = { .text = "" };
	struct lm_model *m;

	if (!base)
		set_up();
	put("adapter_config.json", span_cut(s, 0, cut));
	put("adapter_model.safetensors", span_cut(s, cut + (nul != NULL), size));
	m = lm_open(both, LM_REWARDS, 1, &e);
	LAW(m ? m->adapter != NULL : e.text[0] != '\0');
	if (m && m->score.rows)
		LAW(m->score.parts == 1 && m->score.f);
	lm_free(m);
	return 0;
}
