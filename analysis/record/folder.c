/* The folder of one recording; see folder.h. */
#include "record/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/manifest.h"

/* What LTTng creates in the folder of a session. */

/* The word of a command line that tells it from others: of `python -X dev x.py 5` it is x.py. */
static const char *telling_word(char *const *command)
{
	g_autofree char *program = g_path_get_basename(command[0]);

	if (!g_str_has_prefix(program, "python") && !g_str_has_prefix(program, "pypy"))
		return command[0];
	for (int i = 1; command[i]; i++) {
		if (strcmp(command[i], "-c") == 0)
			return command[0];
		if (strcmp(command[i], "-m") == 0)
			return command[i + 1] ? command[i + 1] : command[0];
		if (strcmp(command[i], "-X") == 0 || strcmp(command[i], "-W") == 0) {
			if (!command[++i])
				break;
		} else if (command[i][0] != '-') {
			return command[i];
		}
	}
	return command[0];
}

char *folder_name_for(char *const *command)
{
	g_autofree char *word = g_path_get_basename(telling_word(command));
	g_autofree char *name = NULL;
	char stamp[32];
	time_t now = time(NULL);
	struct tm local;

	if (g_str_has_suffix(word, ".py"))
		word[strlen(word) - strlen(".py")] = '\0';
	g_strcanon(word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-", '_');
	localtime_r(&now, &local);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
	name = g_strdup_printf("giltrace-%s-%s", word, stamp);
	if (access(name, F_OK) < 0)
		return g_steal_pointer(&name);
	for (int i = 2;; i++) {
		char *other = g_strdup_printf("%s-%d", name, i);

		if (access(other, F_OK) < 0)
			return other;
		g_free(other);
	}
}

static bool is_recording_part(const char *name)
{
	return strcmp(name, FOLDER_MANIFEST) == 0 || strcmp(name, FOLDER_TRACE) == 0;
}

/* What is in a folder, the worst of it deciding. */
enum content { CONTENT_NONE, CONTENT_RECORDING, CONTENT_OTHER };

static int look_into(const char *path, enum content *content)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return -errno;
	*content = CONTENT_NONE;
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!is_recording_part(entry->d_name))
			*content = CONTENT_OTHER;
		else if (*content == CONTENT_NONE)
			*content = CONTENT_RECORDING;
	}
	closedir(dir);
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *position)
{
	(void)status;
	(void)type;
	(void)position;
	return remove(path) < 0 ? -errno : 0;
}

static int remove_content(const char *path)
{
	g_autofree char *trace = g_build_filename(path, FOLDER_TRACE, NULL);
	g_autofree char *manifest = g_build_filename(path, FOLDER_MANIFEST, NULL);
	int code = nftw(trace, remove_entry, 16, FTW_DEPTH | FTW_PHYS);

	if (code == -1)
		code = -errno;
	if (code < 0 && code != -ENOENT)
		return code;
	if (unlink(manifest) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

int folder_discard(const struct folder *folder)
{
	int code = remove_content(folder->path);

	if (code == 0 && folder->created && rmdir(folder->path) < 0)
		code = -errno;
	return code;
}

static uint64_t size_below(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	uint64_t sum = 0;

	while (dir && (entry = readdir(dir))) {
		struct stat status;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(status.st_mode)) {
			g_autofree char *child = g_build_filename(path, entry->d_name, NULL);

			sum += size_below(child);
		} else {
			sum += (uint64_t)status.st_size;
		}
	}
	if (dir)
		closedir(dir);
	return sum;
}

uint64_t folder_size(const struct folder *folder)
{
	return size_below(folder->path);
}

bool folder_has_trace(const struct folder *folder)
{
	g_autofree char *trace = g_build_filename(folder->path, FOLDER_TRACE, NULL);

	return size_below(trace) > 0;
}

void folder_release(struct folder *folder)
{
	free(folder->path);
	folder->path = NULL;
}

/* Empties a folder for a new recording when that is allowed. */
static int make_room(const char *path, bool replace, struct error *error)
{
	enum content content = CONTENT_NONE;
	enum manifest_state state;
	int code = look_into(path, &content);

	if (code < 0)
		return error_set(error, code, "cannot read folder '%s': %s", path, strerror(-code));
	if (content == CONTENT_NONE)
		return 0;
	state = manifest_inspect(path);
	if (content == CONTENT_OTHER || state == MANIFEST_NONE) {
		error_set(error, -ENOTEMPTY,
			"folder '%s' is not empty and holds more than a recording", path);
		error_next(error, "name another one with -o");
		return -ENOTEMPTY;
	}
	if (state == MANIFEST_RUNNING) {
		error_set(error, -EBUSY, "folder '%s' is being recorded into", path);
		error_next(error, "name another one with -o");
		return -EBUSY;
	}
	if (!replace) {
		error_set(error, -EEXIST, "folder '%s' already holds a recording", path);
		error_next(error, "name another one with -o, or replace it with --force");
		return -EEXIST;
	}
	code = remove_content(path);
	if (code < 0)
		return error_set(error, code, "cannot remove the recording in '%s': %s", path,
			strerror(-code));
	return 0;
}

int folder_prepare(struct folder *folder, const char *name, bool replace, struct error *error)
{
	int code;

	folder->created = access(name, F_OK) < 0;
	if (g_mkdir_with_parents(name, 0777) < 0)
		return error_set(
			error, -errno, "cannot create folder '%s': %s", name, strerror(errno));
	folder->path = realpath(name, NULL);
	if (!folder->path)
		return error_set(
			error, -errno, "cannot open folder '%s': %s", name, strerror(errno));
	code = make_room(folder->path, replace, error);
	if (code == 0 && access(folder->path, W_OK | X_OK) < 0)
		code = error_set(
			error, -errno, "cannot write to folder '%s': %s", name, strerror(errno));
	if (code < 0)
		folder_release(folder);
	return code;
}

int folder_temporary(struct folder *folder, struct error *error)
{
	const char *parent = getenv("TMPDIR");
	int code;

	/* A trace can be large: /var/tmp is on a disk where /tmp may be memory. */
	if (!parent || parent[0] != '/')
		parent = "/var/tmp";
	folder->path = g_build_filename(parent, "giltrace-XXXXXX", NULL);
	folder->created = true;
	if (mkdtemp(folder->path))
		return 0;
	code = error_set(error, -errno, "cannot create a temporary folder in '%s': %s", parent,
		strerror(errno));
	error_next(error, "set TMPDIR, or name a folder to keep with -o");
	folder_release(folder);
	return code;
}
