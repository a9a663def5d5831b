/* Where libgiltrace.so is; see preload.h. */
#include "record/preload.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Both relative to the folder of the executable; GILTRACE_LIBDIR comes from GNUInstallDirs. */
static const char *const places[] = {"../lib", GILTRACE_LIBDIR};

static char *own_folder(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		return NULL;
	path[length] = '\0';
	return g_path_get_dirname(path);
}

int preload_find(char **path, struct error *error)
{
	g_autofree char *folder = own_folder();

	if (!folder)
		return error_set(error, -errno, "cannot read /proc/self/exe: %s", strerror(errno));
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *candidate =
			g_build_filename(folder, places[i], PRELOAD_LIBRARY, NULL);
		char *real = realpath(candidate, NULL);

		if (!real)
			continue;
		if (strpbrk(real, ": ")) {
			error_set(error, -EINVAL, "cannot preload '%s'", real);
			error_next(error, "LD_PRELOAD has no way to write a path with a space or a "
					  "colon: move giltrace");
			free(real);
			return -EINVAL;
		}
		*path = real;
		return 0;
	}
	error_set(error, -ENOENT, "cannot find %s beside '%s'", PRELOAD_LIBRARY, folder);
	error_next(error, "giltrace is not installed completely: build or install it again");
	return -ENOENT;
}

char *preload_join(const char *library, const char *old)
{
	g_auto(GStrv) entries = g_strsplit_set(old ? old : "", ": ", -1);
	GString *joined = g_string_new(library);

	for (char **entry = entries; *entry; entry++) {
		g_autofree char *name = g_path_get_basename(*entry);

		if (**entry && strcmp(name, PRELOAD_LIBRARY) != 0)
			g_string_append_printf(joined, ":%s", *entry);
	}
	return g_string_free(joined, FALSE);
}
