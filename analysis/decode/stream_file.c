/* How much of a data stream file can be read; see stream_file.h. */
#include "decode/stream_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The begin of every packet that LTTng writes (its metadata: packet.header,
 * struct packet_context). Offsets in bytes; sizes in the file are bits.
 */
#define PACKET_MAGIC 0xc1fc1fc1u
enum {
	CLOCK_BEGIN_OFFSET = 32,
	CLOCK_END_OFFSET = 40,
	CONTENT_SIZE_OFFSET = 48,
	PACKET_SIZE_OFFSET = 56,
	PACKET_HEADER_SIZE = 84,
};

/* The index beside it (lttng-tools, ctf-index.h), as far as it is of use: big-endian, sizes in
 * bits. */
#define INDEX_MAGIC 0xc1f1dcc1u
struct index_header {
	uint32_t magic;
	uint32_t major;
	uint32_t minor;
	uint32_t entry_size;
};
struct index_entry {
	uint64_t offset;
	uint64_t packet_size;
};

struct packet {
	uint64_t size; /* bytes */
	uint64_t clock_begin;
	uint64_t clock_end;
	bool swapped;
};

static uint64_t load64(const char *bytes, bool swapped)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? GUINT64_SWAP_LE_BE(value) : value;
}

/* False when no packet begins at `offset`. */
static bool read_packet(struct packet *packet, int fd, uint64_t offset)
{
	char header[PACKET_HEADER_SIZE];
	uint64_t content;
	uint32_t magic;
	uint64_t bits;

	if (pread(fd, header, sizeof(header), (off_t)offset) != (ssize_t)sizeof(header))
		return false;
	memcpy(&magic, header, sizeof(magic));
	packet->swapped = magic != PACKET_MAGIC;
	if (packet->swapped && GUINT32_SWAP_LE_BE(magic) != PACKET_MAGIC)
		return false;
	packet->clock_begin = load64(header + CLOCK_BEGIN_OFFSET, packet->swapped);
	packet->clock_end = load64(header + CLOCK_END_OFFSET, packet->swapped);
	content = load64(header + CONTENT_SIZE_OFFSET, packet->swapped);
	bits = load64(header + PACKET_SIZE_OFFSET, packet->swapped);
	packet->size = bits / 8;
	return bits % 8 == 0 && content <= bits && packet->size >= sizeof(header);
}

/* Whether a file that is too short for a packet could have been the begin of one. */
static bool begins_like_packet(int fd, uint64_t size)
{
	const uint32_t magic = PACKET_MAGIC;
	uint32_t begin = 0;
	size_t wanted = MIN(size, sizeof(begin));

	return pread(fd, &begin, wanted, 0) == (ssize_t)wanted &&
	       (memcmp(&begin, &magic, wanted) == 0 || GUINT32_SWAP_LE_BE(begin) == magic);
}

/*
 * Looks at the begin of each packet, though the index has their sizes:
 * babeltrace2 2.1 takes whatever stands at those places for events.
 */
static void walk_packets(struct stream_file *file, int fd)
{
	struct packet packet;

	while (file->whole < file->size) {
		if (!read_packet(&packet, fd, file->whole)) {
			file->foreign = file->whole == 0 && !begins_like_packet(fd, file->size);
			return;
		}
		if (packet.size > file->size - file->whole) {
			file->partial = true;
			return;
		}
		if (file->whole == 0)
			file->first_clock = packet.clock_begin;
		file->last_clock = MAX(file->last_clock, packet.clock_end);
		file->whole += packet.size;
	}
}

/* Where the last packet that the index knows ends, in bytes; 0 when it knows none. */
static uint64_t promised_size(const char *index, size_t size)
{
	struct index_header header;
	uint64_t promised = 0;
	uint32_t entry_size;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, index, sizeof(header));
	entry_size = GUINT32_FROM_BE(header.entry_size);
	if (GUINT32_FROM_BE(header.magic) != INDEX_MAGIC || entry_size < sizeof(struct index_entry))
		return 0;
	for (size_t at = sizeof(header); at + entry_size <= size; at += entry_size) {
		struct index_entry entry;

		memcpy(&entry, index + at, sizeof(entry));
		promised = GUINT64_FROM_BE(entry.offset) + GUINT64_FROM_BE(entry.packet_size) / 8;
	}
	return promised;
}

static int open_stream(const char *path, struct stream_file *file)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0) {
		int code = -errno;

		close(fd);
		return code;
	}
	file->size = (uint64_t)status.st_size;
	return fd;
}

int stream_file_inspect(struct stream_file *file, const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *index_name = g_strconcat(name, ".idx", NULL);
	g_autofree char *index_path = g_build_filename(folder, "index", index_name, NULL);
	g_autofree char *index = NULL;
	uint64_t promised;
	gsize index_size;
	int fd;

	memset(file, 0, sizeof(*file));
	fd = open_stream(path, file);
	if (fd < 0)
		return fd;
	walk_packets(file, fd);
	close(fd);
	if (!g_file_get_contents(index_path, &index, &index_size, NULL))
		return 0;
	promised = promised_size(index, index_size);
	if (promised > file->size)
		file->missing = promised - file->size;
	return 0;
}

bool stream_file_is_whole(const struct stream_file *file)
{
	return file->whole == file->size && !file->foreign;
}

static int copy_range(int from, int to, uint64_t left)
{
	enum { PIECE = 1 << 16 };
	char piece[PIECE];

	while (left > 0) {
		ssize_t got = read(from, piece, MIN(left, PIECE));
		ssize_t done = 0;

		if (got < 0)
			return -errno;
		if (got == 0)
			return -EIO;
		while (done < got) {
			ssize_t put = write(to, piece + done, (size_t)(got - done));

			if (put < 0)
				return -errno;
			done += put;
		}
		left -= (uint64_t)got;
	}
	return 0;
}

/* Makes the last packet of `fd`, `file->whole` bytes in, say that it ends where the file ends. */
static int shorten_packet(const struct stream_file *file, int fd)
{
	uint64_t bits = (file->size - file->whole) * 8;
	struct packet packet;
	uint64_t sizes[2];
	uint64_t content;

	if (!read_packet(&packet, fd, file->whole) ||
		pread(fd, sizes, sizeof(sizes), (off_t)file->whole + CONTENT_SIZE_OFFSET) !=
			(ssize_t)sizeof(sizes))
		return -EIO;
	content = packet.swapped ? GUINT64_SWAP_LE_BE(sizes[0]) : sizes[0];
	content = MIN(content, bits);
	sizes[0] = packet.swapped ? GUINT64_SWAP_LE_BE(content) : content;
	sizes[1] = packet.swapped ? GUINT64_SWAP_LE_BE(bits) : bits;
	if (pwrite(fd, sizes, sizeof(sizes), (off_t)file->whole + CONTENT_SIZE_OFFSET) !=
		(ssize_t)sizeof(sizes))
		return -errno;
	return 0;
}

int stream_file_copy(const struct stream_file *file, const char *path, int fd)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int code;

	if (from < 0)
		return -errno;
	code = copy_range(from, fd, file->partial ? file->size : file->whole);
	close(from);
	if (code == 0 && file->partial)
		code = shorten_packet(file, fd);
	return code;
}
