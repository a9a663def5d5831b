/* Whether a trace on disk is whole; see intact.h. */
#include "record/intact.h"

#include <endian.h>
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Begin of an index file and of its entries, as lttng-tools writes them (ctf-index.h). Big endian.
 */
struct index_head {
	uint32_t magic;
	uint32_t major;
	uint32_t minor;
	uint32_t entry_bytes;
};
struct index_entry {
	uint64_t offset;      /* bytes, in the stream file */
	uint64_t packet_bits; /* size of the packet there */
	uint64_t content_bits;
	uint64_t begin, end; /* raw clock */
	uint64_t discarded;  /* events of this stream so far */
};

/* What an index says of its stream. */
struct promise {
	uint64_t bytes; /* that it needs to have */
	uint64_t discarded;
};
#define INDEX_MAGIC UINT32_C(0xC1F1DCC1)
#define INDEX_SUFFIX ".idx"

/* False when the index is cut off itself. */
static bool read_index(const char *path, struct promise *promise)
{
	g_autofree char *text = NULL;
	struct index_head head;
	struct index_entry entry;
	gsize length;
	gsize step;

	*promise = (struct promise){0, 0};
	if (!g_file_get_contents(path, &text, &length, NULL) || length < sizeof(head))
		return false;
	memcpy(&head, text, sizeof(head));
	step = be32toh(head.entry_bytes);
	if (be32toh(head.magic) != INDEX_MAGIC || step < sizeof(entry))
		return false;
	for (gsize at = sizeof(head); at < length; at += step) {
		if (length - at < step)
			return false;
		memcpy(&entry, text + at, sizeof(entry));
		promise->bytes =
			MAX(promise->bytes, be64toh(entry.offset) + be64toh(entry.packet_bits) / 8);
		promise->discarded = MAX(promise->discarded, be64toh(entry.discarded));
	}
	return true;
}

static uint64_t file_bytes(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	struct stat status;

	return stat(path, &status) < 0 ? 0 : (uint64_t)status.st_size;
}

/* `folder` holds streams, `index` their indexes. */
static bool streams_intact(const char *folder, const char *index, uint64_t *discarded)
{
	GDir *dir = g_dir_open(index, 0, NULL);
	const char *name;
	bool intact = true;

	while (dir && intact && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(index, name, NULL);
		g_autofree char *stream = g_strdup(name);
		struct promise promise;

		if (!g_str_has_suffix(name, INDEX_SUFFIX))
			continue;
		stream[strlen(name) - strlen(INDEX_SUFFIX)] = '\0';
		intact = read_index(path, &promise) && file_bytes(folder, stream) >= promise.bytes;
		*discarded += promise.discarded;
	}
	if (dir)
		g_dir_close(dir);
	return intact && file_bytes(folder, "metadata") > 0;
}

bool intact_check(const char *folder, uint64_t *discarded)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	bool intact = true;

	while (dir && intact && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (strcmp(name, "index") == 0)
			intact = streams_intact(folder, path, discarded);
		else if (g_file_test(path, G_FILE_TEST_IS_DIR) &&
			 !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			intact = intact_check(path, discarded);
	}
	if (dir)
		g_dir_close(dir);
	return intact;
}
