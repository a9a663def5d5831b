/* One CTF folder, its damage, and a view of it without; see ctf_folder.h. */
#include "decode/ctf_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "decode/stream_file.h"

/* One data stream file of a folder. */
struct stream {
	char *name;
	char *path;
	struct stream_file file;
};

static void free_stream(void *data)
{
	struct stream *stream = data;

	g_free(stream->name);
	g_free(stream->path);
	g_free(stream);
}

struct ctf_folder *ctf_folder_open(const char *path, int *code)
{
	struct ctf_folder *folder = g_new0(struct ctf_folder, 1);
	g_autofree char *metadata = g_build_filename(path, "metadata", NULL);

	*code = metadata_read(&folder->metadata, metadata);
	if (*code < 0) {
		g_free(folder);
		return NULL;
	}
	/* babeltrace2 names streams by their absolute path, symbolic links to it need one. */
	folder->path = g_canonicalize_filename(path, NULL);
	folder->streams = g_ptr_array_new_with_free_func(free_stream);
	folder->excluded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	folder->copies = g_array_new(FALSE, FALSE, sizeof(int));
	return folder;
}

static void remove_view(struct ctf_folder *folder)
{
	for (guint i = 0; i < folder->copies->len; i++)
		close(g_array_index(folder->copies, int, i));
	g_array_set_size(folder->copies, 0);
	if (folder->view && strcmp(folder->view, folder->path) != 0) {
		GDir *dir = g_dir_open(folder->view, 0, NULL);
		const char *name;

		while (dir && (name = g_dir_read_name(dir))) {
			g_autofree char *path = g_build_filename(folder->view, name, NULL);

			unlink(path);
		}
		if (dir)
			g_dir_close(dir);
		rmdir(folder->view);
	}
	g_clear_pointer(&folder->view, g_free);
}

void ctf_folder_free(struct ctf_folder *folder)
{
	if (!folder)
		return;
	remove_view(folder);
	metadata_release(&folder->metadata);
	g_array_unref(folder->copies);
	g_hash_table_unref(folder->excluded);
	g_ptr_array_unref(folder->streams);
	g_free(folder->path);
	g_free(folder);
}

static int compare_streams(const void *a, const void *b)
{
	const struct stream *const *left = a;
	const struct stream *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

/* The data stream files as CTF defines them: every file without a leading dot, but the metadata. */
static int list_streams(struct ctf_folder *folder, struct error *error)
{
	g_autoptr(GError) failure = NULL;
	GDir *dir = g_dir_open(folder->path, 0, &failure);
	const char *name;
	int code = 0;

	g_ptr_array_set_size(folder->streams, 0);
	if (!dir)
		return error_set(error, -EIO, "cannot read it: %s", failure->message);
	while (code == 0 && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder->path, name, NULL);
		struct stream *stream;

		if (name[0] == '.' || strcmp(name, "metadata") == 0 ||
			!g_file_test(path, G_FILE_TEST_IS_REGULAR))
			continue;
		stream = g_new0(struct stream, 1);
		stream->name = g_strdup(name);
		stream->path = g_steal_pointer(&path);
		g_ptr_array_add(folder->streams, stream);
		code = stream_file_inspect(&stream->file, folder->path, name);
		if (code < 0) {
			error_set(
				error, code, "cannot read '%s': %s", stream->path, strerror(-code));
			error_next(error, "a recording belongs to the user who made it; try as "
					  "that user or as root");
		}
	}
	g_dir_close(dir);
	g_ptr_array_sort(folder->streams, compare_streams);
	return code;
}

static bool has_packets(const struct ctf_folder *folder)
{
	for (guint i = 0; i < folder->streams->len; i++) {
		const struct stream *stream = g_ptr_array_index(folder->streams, i);

		if (stream->file.last_clock)
			return true;
	}
	return false;
}

/* Says what is wrong with a stream; nothing when all is well. */
static void note_damage(
	const struct ctf_folder *folder, const struct stream *stream, GPtrArray *notes)
{
	const struct stream_file *file = &stream->file;
	const char *reason = g_hash_table_lookup(folder->excluded, stream->name);
	uint64_t rest = file->size - file->whole;

	if (reason)
		g_ptr_array_add(
			notes, g_strdup_printf("'%s' is left out: %s", stream->path, reason));
	else if (file->foreign)
		g_ptr_array_add(notes,
			g_strdup_printf("'%s' is no data stream and is left out", stream->path));
	else if (rest > 0 && file->whole == 0 && !file->partial)
		g_ptr_array_add(notes, g_strdup_printf("'%s' is cut off or damaged at its begin: "
						       "nothing of it can be read",
					       stream->path));
	else if (file->partial)
		g_ptr_array_add(notes, g_strdup_printf("'%s' is cut off at byte %" PRIu64
						       ", inside a packet: what came before counts",
					       stream->path, file->size));
	else if (rest > 0)
		g_ptr_array_add(
			notes, g_strdup_printf("'%s' is cut off or damaged from byte %" PRIu64
					       " of %" PRIu64 " on: what came before counts",
				       stream->path, file->whole, file->size));
	else if (file->missing > 0)
		g_ptr_array_add(notes, g_strdup_printf("'%s' is cut off: %" PRIu64
						       " bytes are missing behind what it has",
					       stream->path, file->missing));
	else if (file->size == 0 && has_packets(folder)) /* see ends.h */
		g_ptr_array_add(notes,
			g_strdup_printf("'%s' is empty: a process was killed while it wrote there, "
					"and its first events are lost; or the session was not "
					"stopped",
				stream->path));
}

/* A file without a name, in the place for large temporary files; -errno when there is no room for
 * `size` bytes. */
static int open_scratch(uint64_t size)
{
	const char *place = g_getenv("TMPDIR");
	struct statvfs fs;
	int fd;

	if (!place || !place[0])
		place = "/var/tmp";
	if (statvfs(place, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize / 2 < size)
		return -ENOSPC;
	fd = open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		g_autofree char *path = g_build_filename(place, "giltrace-XXXXXX", NULL);

		fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlink(path);
	}
	return fd < 0 ? -errno : fd;
}

/*
 * Puts a repaired copy of `stream` at `link`. The copy has no name, so that
 * nothing large is left behind however the program ends.
 */
static int link_copy(struct ctf_folder *folder, const struct stream *stream, const char *link)
{
	g_autofree char *target = NULL;
	int fd = open_scratch(stream->file.size);
	int code;

	if (fd < 0)
		return fd;
	code = stream_file_copy(&stream->file, stream->path, fd);
	target = g_strdup_printf("/proc/self/fd/%d", fd);
	if (code == 0 && symlink(target, link) < 0)
		code = -errno;
	if (code < 0)
		close(fd);
	else
		g_array_append_val(folder->copies, fd);
	return code;
}

static int link_stream(struct ctf_folder *folder, const struct stream *stream, GPtrArray *notes)
{
	g_autofree char *link = g_build_filename(folder->view, stream->name, NULL);
	int code;

	if (stream_file_is_whole(&stream->file))
		return symlink(stream->path, link) < 0 ? -errno : 0;
	if (stream->file.foreign || (stream->file.whole == 0 && !stream->file.partial))
		return 0;
	code = link_copy(folder, stream, link);
	if (code < 0 && notes)
		g_ptr_array_add(
			notes, g_strdup_printf("'%s' is left out, as it cannot be repaired: %s",
				       stream->path, strerror(-code)));
	return 0;
}

/* Makes a temporary folder the view, with nothing but the metadata in it. */
static int begin_view(struct ctf_folder *folder, struct error *error)
{
	g_autoptr(GError) failure = NULL;
	g_autofree char *metadata = NULL;

	remove_view(folder);
	folder->view = g_dir_make_tmp("giltrace-XXXXXX", &failure);
	if (!folder->view)
		return error_set(
			error, -EIO, "cannot create a temporary folder: %s", failure->message);
	metadata = g_build_filename(folder->view, "metadata", NULL);
	if (!g_file_set_contents(metadata, folder->metadata.text, -1, &failure))
		return error_set(
			error, -EIO, "cannot write a temporary file: %s", failure->message);
	return 0;
}

static int make_view(struct ctf_folder *folder, GPtrArray *notes, struct error *error)
{
	int code = begin_view(folder, error);

	for (guint i = 0; i < folder->streams->len && code == 0; i++) {
		const struct stream *stream = g_ptr_array_index(folder->streams, i);

		if (g_hash_table_contains(folder->excluded, stream->name))
			continue;
		code = link_stream(folder, stream, notes);
		if (code < 0)
			error_set(error, code, "cannot write into '%s': %s", folder->view,
				strerror(-code));
	}
	return code;
}

/* Takes note of damage and time span; returns whether babeltrace2 needs a view without the damage.
 */
static bool survey(struct ctf_folder *folder, GPtrArray *notes)
{
	bool damaged = folder->metadata.damaged;

	if (damaged)
		g_ptr_array_add(notes,
			g_strdup_printf(
				"'%s/metadata' is cut off or damaged: kinds of events that it "
				"should describe may be missing",
				folder->path));
	for (guint i = 0; i < folder->streams->len; i++) {
		const struct stream *stream = g_ptr_array_index(folder->streams, i);
		const struct stream_file *file = &stream->file;

		note_damage(folder, stream, notes);
		damaged |= !stream_file_is_whole(file) ||
			   g_hash_table_contains(folder->excluded, stream->name);
		if (file->last_clock &&
			(!folder->last_clock || file->first_clock < folder->first_clock))
			folder->first_clock = file->first_clock;
		folder->last_clock = MAX(folder->last_clock, file->last_clock);
	}
	return damaged;
}

int ctf_folder_prepare(struct ctf_folder *folder, GPtrArray *notes, struct error *error)
{
	int code = list_streams(folder, error);

	if (code < 0)
		return code;
	if (survey(folder, notes))
		return make_view(folder, notes, error);
	remove_view(folder);
	folder->view = g_strdup(folder->path);
	return 0;
}

int ctf_folder_single_out(struct ctf_folder *folder, guint i, struct error *error)
{
	int code = begin_view(folder, error);

	if (code == 0)
		code = link_stream(folder, g_ptr_array_index(folder->streams, i), NULL);
	return code;
}

void ctf_folder_exclude(struct ctf_folder *folder, guint i, const char *reason)
{
	const struct stream *stream = g_ptr_array_index(folder->streams, i);

	g_hash_table_insert(folder->excluded, g_strdup(stream->name), g_strdup(reason));
}
