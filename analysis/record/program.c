/* The program that a command names; see program.h. */
#include "record/program.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 or what execve(2) would fail with. */
static int check(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return access(path, X_OK) < 0 ? -errno : 0;
}

static int complain(const char *name, int code, struct error *error)
{
	struct stat status;

	if (code == -ENOENT || code == -ENOTDIR)
		return error_set(error, -ENOENT, "cannot find command '%s'", name);
	if (stat(name, &status) == 0 && S_ISDIR(status.st_mode))
		return error_set(error, -EACCES, "cannot execute '%s': it is a folder", name);
	error_set(error, -EACCES, "cannot execute '%s': %s", name, strerror(-code));
	if (g_str_has_suffix(name, ".py"))
		error_next(error, "to have Python execute it: giltrace run -- python3 %s", name);
	return -EACCES;
}

int program_find(const char *name, char **path, struct error *error)
{
	const char *variable = getenv("PATH");
	g_auto(GStrv) folders = NULL;
	int worst = -ENOENT;

	if (strchr(name, '/') || !*name) {
		int code = *name ? check(name) : -ENOENT;

		if (code < 0)
			return complain(name, code, error);
		*path = g_strdup(name);
		return 0;
	}
	folders = g_strsplit(variable ? variable : "/bin:/usr/bin", ":", -1);
	for (char **folder = folders; *folder; folder++) {
		char *candidate = g_build_filename(**folder ? *folder : ".", name, NULL);
		int code = check(candidate);

		if (code == 0) {
			*path = candidate;
			return 0;
		}
		if (code == -EACCES)
			worst = code;
		g_free(candidate);
	}
	complain(name, worst, error);
	if (worst == -ENOENT && check(name) == 0)
		error_next(error, "there is one in this folder: ./%s", name);
	return worst;
}
