/* claim - which files a program is going to write */
#include "claim.h"

#include <stdlib.h>
#include <sys/stat.h>

static const char *const *inputs;
static size_t n_inputs;

/* The one name of a file, there yet or not (to be freed). */
static char *canonical(const char *path)
{
	char *whole = realpath(path, NULL), *folder, *joined;
	const char *slash = strrchr(path, '/');

	if (whole || strcmp(path, "-") == 0)
		return whole ? whole : xstrdup("-");
	folder = slash ? xasprintf("%.*s/", (int)(slash - path), path) : xstrdup(".");
	whole = realpath(folder, NULL);
	joined = xasprintf("%s/%s", whole ? whole : folder, slash ? slash + 1 : path);
	free(whole);
	free(folder);
	return joined;
}

static bool same_file(const char *a, const char *b)
{
	char *x = canonical(a), *y = canonical(b);
	struct stat s, t;
	bool same = strcmp(x, y) == 0 ||
		(stat(x, &s) == 0 && stat(y, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino);

	free(x);
	free(y);
	return same;
}

static struct {
	char **v;
	size_t n, room;
} claims;

void claim_inputs(const char *const *paths, size_t n)
{
	inputs = paths;
	n_inputs = n;
}

void claim_output(const char *path, bool may_be_input)
{
	const bool standard = path && strcmp(path, "-") == 0;
	struct stat st;

	if (!path || (!standard && stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
		return;
	for (size_t i = 0; i < claims.n; i++)
		if (same_file(claims.v[i], path))
			die(EXIT_USAGE, "two outputs would share %s", standard ? "standard output" : path);
	for (size_t i = 0; i < n_inputs && !may_be_input && !standard; i++)
		if (strcmp(inputs[i], "-") != 0 && same_file(inputs[i], path))
			die(EXIT_USAGE, "%s is an input; choose another file for what is written", inputs[i]);
	GROW(claims.v, claims.n, claims.room);
	claims.v[claims.n++] = xstrdup(path);
}

void claim_reading(const char *path)
{
	for (size_t i = 0; i < claims.n; i++)
		if (same_file(claims.v[i], path))
			die(EXIT_USAGE, "%s is read; choose another file for what is written", path);
}

void claim_free(void)
{
	for (size_t i = 0; i < claims.n; i++)
		free(claims.v[i]);
	free(claims.v);
}
