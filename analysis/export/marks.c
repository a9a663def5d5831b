/* Marks of lanes in a temporary file; see marks.h. */
#include "export/marks.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

#include "export/temporary.h"

enum { CHUNK = 64 };

struct chunk {
	uint64_t next; /* where the lane goes on, + 1; 0: not in the file */
	struct mark marks[CHUNK];
};

int marks_open(struct marks_file *file)
{
	*file = (struct marks_file){.fd = temporary_open()};
	return file->fd < 0 ? file->fd : 0;
}

void marks_close(struct marks_file *file)
{
	(void)close(file->fd);
}

static void write_at(struct marks_file *file, uint64_t at, const void *data, size_t size)
{
	const char *left = data;

	while (size && !file->code) {
		ssize_t count = pwrite(file->fd, left, size, (off_t)at);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			file->code = count < 0 ? -errno : -ENOSPC;
			return;
		}
		left += count;
		at += (uint64_t)count;
		size -= (size_t)count;
	}
}

static bool read_at(struct marks_file *file, uint64_t at, void *data, size_t size)
{
	char *left = data;

	while (size && !file->code) {
		ssize_t count = pread(file->fd, left, size, (off_t)at);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			file->code = count < 0 ? -errno : -EIO;
			return false;
		}
		left += count;
		at += (uint64_t)count;
		size -= (size_t)count;
	}
	return !file->code;
}

static void put_chunk(struct marks_file *file, struct marks *marks)
{
	const uint64_t at = file->end, none = 0, next = at + 1;

	write_at(file, at, &none, sizeof(none));
	write_at(file, at + offsetof(struct chunk, marks), marks->last, sizeof(struct mark[CHUNK]));
	if (marks->first_chunk)
		write_at(file, marks->last_chunk - 1, &next, sizeof(next));
	else
		marks->first_chunk = next;
	marks->last_chunk = next;
	marks->last_count = 0;
	file->end += sizeof(struct chunk);
}

void marks_add(struct marks_file *file, struct marks *marks, const struct mark *mark)
{
	if (!marks->last)
		marks->last = g_new(struct mark, CHUNK);
	marks->last[marks->last_count++] = *mark;
	marks->count++;
	if (marks->last_count == CHUNK)
		put_chunk(file, marks);
}

void marks_each(struct marks_file *file, const struct marks *marks,
	void (*tell)(void *user, const struct mark *mark), void *user)
{
	struct chunk *chunk = g_new(struct chunk, 1);
	uint64_t at;

	for (at = marks->first_chunk; at && read_at(file, at - 1, chunk, sizeof(*chunk));
		at = chunk->next)
		for (uint32_t i = 0; i < CHUNK; i++)
			tell(user, &chunk->marks[i]);
	for (uint32_t i = 0; i < marks->last_count; i++)
		tell(user, &marks->last[i]);
	g_free(chunk);
}

void marks_release(struct marks *marks)
{
	g_free(marks->last);
	*marks = (struct marks){0};
}
