/* late - outside libraries that few runs need, loaded by the runs that do */
#include "late.h"

#include <dlfcn.h>

#include "base.h"

void late_load(const char *file, const char *const names[], void *table)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		die(EXIT_SYSTEM, "%s", dlerror());
	for (size_t i = 0; names[i]; i++) {
		const void *at = dlsym(library, names[i]);

		if (!at)
			die(EXIT_SYSTEM, "%s", dlerror());
		memcpy((char *)table + i * sizeof at, &at, sizeof at);
	}
}
