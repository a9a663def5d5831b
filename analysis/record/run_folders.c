/* The folder of several runs of a program; see run_folders.h. */
#include "record/run_folders.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "record/folder.h"
#include "record/manifest.h"

char *run_folders_name(const char *folder, unsigned number)
{
	g_autofree char *name = g_strdup_printf("%u", number);

	return g_build_filename(folder, name, NULL);
}

static bool is_number(const char *name)
{
	return *name && *name != '0' && !name[strspn(name, "0123456789")];
}

static int refuse_going_on(const char *path, struct error *error)
{
	error_set(error, -EBUSY, "folder '%s' is being recorded into", path);
	error_next(error, "name another one with -o");
	return -EBUSY;
}

/* One recording in the folder; those that may be removed are added to `removable`. */
static int look_at(const char *folder, const char *name, GPtrArray *removable, struct error *error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	switch (manifest_inspect(path)) {
	case MANIFEST_NONE:
		return 0;
	case MANIFEST_RUNNING:
		return refuse_going_on(path, error);
	case MANIFEST_OVER:
		break;
	}
	if (!is_number(name)) {
		error_set(error, -ENOTEMPTY,
			"folder '%s' holds recording '%s', which is no run of an earlier check",
			folder, name);
		error_next(error, "name another one with -o");
		return -ENOTEMPTY;
	}
	g_ptr_array_add(removable, g_steal_pointer(&path));
	return 0;
}

static int find_runs(const char *folder, GPtrArray *found, struct error *error)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	int code = 0;

	while (dir && code == 0 && (name = g_dir_read_name(dir)))
		code = look_at(folder, name, found, error);
	if (dir)
		g_dir_close(dir);
	return code;
}

static int remove_runs(const GPtrArray *runs, struct error *error)
{
	for (guint i = 0; i < runs->len; i++) {
		const struct folder run = {.path = g_ptr_array_index(runs, i), .created = true};
		int code = folder_discard(&run);

		if (code < 0)
			return error_set(error, code, "cannot remove the recording in '%s': %s",
				run.path, strerror(-code));
	}
	return 0;
}

/* That of a single run, where there are to be several below it. */
static int remove_single(const char *folder, bool replace, struct error *error)
{
	struct folder single;
	int code;

	if (manifest_inspect(folder) == MANIFEST_NONE)
		return 0;
	code = folder_prepare(&single, folder, replace, error);
	if (code == 0)
		folder_release(&single);
	return code;
}

int run_folders_prepare(const char *folder, bool several, bool replace, struct error *error)
{
	GPtrArray *runs = g_ptr_array_new_with_free_func(g_free);
	int code = find_runs(folder, runs, error);

	if (code == 0 && runs->len > 0 && !replace) {
		code = error_set(error, -EEXIST,
			"folder '%s' already holds the runs of an earlier check", folder);
		error_next(error, "name another one with -o, or replace them with --force");
	}
	if (code == 0)
		code = remove_runs(runs, error);
	if (code == 0 && several)
		code = remove_single(folder, replace, error);
	g_ptr_array_unref(runs);
	return code;
}
