/* lm_folder.h - a folder of tiny models (lm_tiny.h) for a unit test, made before it and removed behind it */
#ifndef PREF_LM_FOLDER_H
#define PREF_LM_FOLDER_H

#include <unistd.h>

#include "lm_tiny.h"

static char folder[64];

/* Setup and teardown of cmocka: FOLDER/NAME for each kind. */
static int make_models(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/pref-lm-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	for (size_t i = 0; i < COUNT(tiny_kinds); i++) {
		char *path = xasprintf("%s/%s", folder, tiny_kinds[i].name);

		tiny_write(tiny_kinds[i].name, path);
		free(path);
	}
	return 0;
}

static int remove_models(void **state)
{
	char *command = xasprintf("rm -r %s", folder);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

#endif
