/* sandbox_cgroup_where - where groups (cgroups) with a controller may be made
 *
 * Beneath our own group; in version 2, where one that has processes can have no groups with controllers, beside it,
 * unless that would get round a limit of it.
 */
#include "sandbox_job.h"

#include <limits.h>

static bool has_word(const char *text, const char *word)
{
	const size_t n = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += n)
		if ((at == text || strchr(", ", at[-1])) && strchr(", \n", at[n]))
			return true;
	return false;
}

/* The path of our group of a controller, NULL: of version 2. */
static bool own_group(const char *controller, char path[PATH_MAX])
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 256], names[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f)) {
		names[0] = '\0';
		if (sscanf(line, "%*d:%255[^:]:%4095[^\n]", names, path) != 2)
			found = !controller && sscanf(line, "0::%4095[^\n]", path) == 1;
		else
			found = controller && has_word(names, controller);
	}
	if (f)
		fclose(f);
	return found;
}

/* Does a file of this group say that? */
static bool says(const char *group, const char *file, const char *word)
{
	char path[PATH_MAX + 32], text[512];

	snprintf(path, sizeof path, "%s/%s", group, file);
	sandbox_slurp(path, text, sizeof text);
	return has_word(text, word);
}

/* Where this mount shows our own group. Mounts may begin below the root of the hierarchy, and our group be outside of what
 * namespaces let us see. */
static bool shown_at(const char *root, const char *mount, const char *own, char base[PATH_MAX])
{
	const size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strstr(own, "/..") || strncmp(own, root, n) != 0 || (own[n] && own[n] != '/'))
		return false;
	return snprintf(base, PATH_MAX, "%s%s", mount, strcmp(own + n, "/") == 0 ? "" : own + n) < PATH_MAX;
}

bool sandbox_group_base(const char *controller, char base[], bool *v2)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	static char line[4 * PATH_MAX];
	char root[PATH_MAX], mount[PATH_MAX], own[PATH_MAX], type[16], options[512];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f)) {
		const char *rest = strstr(line, " - cgroup");

		if (!rest || sscanf(line, "%*d %*d %*s %4095s %4095s", root, mount) != 2 ||
				sscanf(rest, " - %15s %*s %511s", type, options) != 2)
			continue;
		*v2 = strcmp(type, "cgroup2") == 0;
		if ((!*v2 && !has_word(options, controller)) || !own_group(*v2 ? NULL : controller, own) ||
				!shown_at(root, mount, own, base))
			continue;
		found = !*v2 || says(base, "cgroup.subtree_control", controller);
		if (!found && strlen(base) > strlen(mount) && says(base, "memory.max", "max")) {
			*strrchr(base, '/') = '\0';
			found = says(base, "cgroup.subtree_control", controller);
		}
	}
	if (f)
		fclose(f);
	return found;
}
