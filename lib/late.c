/* late - outside libraries that few runs need, loaded by the runs that do */
#include "late.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base.h"

/* What a library does without memory as it is loaded may be exit(1), which is our word for bad records (libgfortran, which
 * OpenBLAS wants). */
static bool loading;

static void __attribute__((destructor)) end(void)
{
	if (loading)
		_Exit(EXIT_SYSTEM);
}

void late_load(const char *file, const char *const names[], void *table)
{
	void *library;

	loading = true;
	library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	loading = false;
	if (!library)
		die(EXIT_SYSTEM, "%s", dlerror());
	for (size_t i = 0; names[i]; i++) {
		const void *at = dlsym(library, names[i]);

		if (!at)
			die(EXIT_SYSTEM, "%s", dlerror());
		memcpy((char *)table + i * sizeof at, &at, sizeof at);
	}
}
