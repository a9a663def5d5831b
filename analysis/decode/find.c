/* Finds the CTF folders of a trace; see find.h. */
#include "decode/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "decode/ctf_folder.h"
#include "decode/stream_file.h"

/* LTTng's deepest is 8: OUTPUT/archives/CHUNK/ust/uid/UID/64-bit, one more for pid buffers. */
enum { MAX_DEPTH = 16 };

static char *describe_failure(const char *path, int code)
{
	struct stat status;
	g_autofree char *metadata = g_build_filename(path, "metadata", NULL);

	if (code == -EBADMSG && stat(metadata, &status) == 0 && status.st_size == 0)
		return g_strdup_printf(
			"'%s' is empty: its session ended before LTTng described the "
			"events, or has just begun",
			metadata);
	if (code == -EBADMSG)
		return g_strdup_printf("'%s' is not the metadata of a CTF trace", metadata);
	if (code == -ENODATA)
		return g_strdup_printf(
			"'%s' is cut off near its begin: nothing of it can be used", metadata);
	return g_strdup_printf("cannot read '%s': %s", metadata, strerror(-code));
}

/* CHANNEL_CPU: to open each file of a folder that is no trace would take long. */
static bool is_named_like_stream(const char *name)
{
	const char *number = strrchr(name, '_');

	return number && number > name && number[1] &&
	       strspn(number + 1, "0123456789") == strlen(number + 1);
}

static bool has_data_stream(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	struct stream_file file;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *one = g_build_filename(path, name, NULL);

		if (is_named_like_stream(name) && g_file_test(one, G_FILE_TEST_IS_REGULAR) &&
			stream_file_inspect(&file, path, name) == 0 && file.size > 0 &&
			!file.foreign)
			return true;
	}
	return false;
}

static void take_folder(const char *path, GPtrArray *folders, GPtrArray *notes)
{
	g_autofree char *metadata = g_build_filename(path, "metadata", NULL);
	struct ctf_folder *folder;
	int code;

	if (!g_file_test(metadata, G_FILE_TEST_IS_REGULAR)) {
		if (has_data_stream(path))
			g_ptr_array_add(notes,
				g_strdup_printf("'%s' is missing: the data beside it cannot be "
						"read without",
					metadata));
		return;
	}
	folder = ctf_folder_open(path, &code);
	if (folder)
		g_ptr_array_add(folders, folder);
	else
		g_ptr_array_add(notes, describe_failure(path, code));
}

/* Subfolders, but neither hidden ones nor links, which could lead in circles. */
static int keep_subfolder(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

/* Returns 0, or negative errno when `path` itself cannot be opened. */
static int search(const char *path, int depth, GPtrArray *folders, GPtrArray *notes)
{
	struct dirent **entries;
	int count = scandir(path, &entries, keep_subfolder, alphasort);

	if (count < 0)
		return -errno;
	take_folder(path, folders, notes);
	for (int i = 0; i < count; i++) {
		g_autofree char *below = g_build_filename(path, entries[i]->d_name, NULL);
		struct stat status;
		int code = 0;

		if (depth < MAX_DEPTH && lstat(below, &status) == 0 && S_ISDIR(status.st_mode))
			code = search(below, depth + 1, folders, notes);
		if (code < 0)
			g_ptr_array_add(notes,
				g_strdup_printf("cannot open '%s': %s", below, strerror(-code)));
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static bool is_empty(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

	return dir && !g_dir_read_name(dir);
}

static int complain_no_folder(const char *path, struct error *error)
{
	error_set(error, -ENOTDIR, "'%s' is a file; a trace is a folder", path);
	error_next(error, "give the folder that 'giltrace record' or LTTng wrote");
	return -ENOTDIR;
}

static int complain_cannot_open(const char *path, int code, struct error *error)
{
	error_set(error, code, "cannot open '%s': %s", path, strerror(-code));
	if (code == -EACCES)
		error_next(error,
			"a recording belongs to the user who made it; try as that user or as root");
	else if (code == -ENOENT)
		error_next(
			error, "to record one: giltrace record -o '%s' -- python program.py", path);
	return code;
}

static int complain_nothing(const char *path, const GPtrArray *notes, struct error *error)
{
	if (notes->len > 0) {
		error_set(error, -EBADMSG, "cannot read the trace '%s': %s", path,
			(const char *)g_ptr_array_index(notes, 0));
		error_next(error, FIND_BROKEN_NEXT);
		return -EBADMSG;
	}
	if (is_empty(path))
		error_set(error, -ENODATA, "'%s' is empty", path);
	else
		error_set(error, -ENODATA,
			"'%s' is no CTF trace: neither it nor a folder in it has a file named "
			"'metadata'",
			path);
	error_next(error, "give the folder that 'giltrace record' or LTTng wrote");
	return -ENODATA;
}

int find_folders(const char *path, GPtrArray *folders, GPtrArray *notes, struct error *error)
{
	struct stat status;
	int code = stat(path, &status) < 0 ? -errno : 0;

	if (code == 0 && !S_ISDIR(status.st_mode))
		return complain_no_folder(path, error);
	if (code == 0)
		code = search(path, 0, folders, notes);
	if (code < 0)
		return complain_cannot_open(path, code, error);
	return folders->len > 0 ? 0 : complain_nothing(path, notes, error);
}
