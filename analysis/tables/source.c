/* The text of source lines; see source.h. */
#include "tables/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "base/utf8.h"

/* No source is larger, and no line that anybody wrote is longer. */
#define FILE_LARGEST (32 * 1024 * 1024)
#define LINE_LONGEST 4096

/* The file of a trace can be anything: a pipe that never answers, a device. NULL unless a plain
 * file. */
static FILE *open_plain(const char *path, struct stat *stat)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, stat) == 0 && S_ISREG(stat->st_mode) && stat->st_size <= FILE_LARGEST)
		file = fdopen(fd, "r");
	if (!file)
		close(fd);
	return file;
}

static uint64_t changed_ns(const struct stat *stat)
{
	return (uint64_t)stat->st_mtim.tv_sec * 1000000000 + (uint64_t)stat->st_mtim.tv_nsec;
}

/* NULL when there is no such line, or it is not text. */
static char *read_line(FILE *file, int32_t line)
{
	char *buffer = NULL, *text = NULL;
	size_t size = 0;
	ssize_t length = -1;

	for (int32_t i = 0; i < line; i++) {
		length = getline(&buffer, &size, file);
		if (length < 0)
			break;
	}
	if (length >= 0 && !memchr(buffer, '\0', (size_t)length)) {
		if (length > LINE_LONGEST)
			buffer[LINE_LONGEST] = '\0';
		text = utf8_clean(g_strdelimit(g_strstrip(buffer), "\t\f\v\r", ' '));
	}
	free(buffer);
	if (text && !*text)
		g_clear_pointer(&text, g_free);
	return text;
}

enum source_status source_line(const char *path, int32_t line, uint64_t since_ns, char **text)
{
	struct stat stat;
	FILE *file;

	*text = NULL;
	file = *path == '/' && line > 0 ? open_plain(path, &stat) : NULL;
	if (!file)
		return SOURCE_MISSING;
	if (changed_ns(&stat) > since_ns) {
		fclose(file);
		return SOURCE_CHANGED;
	}
	*text = read_line(file, line);
	fclose(file);
	return *text ? SOURCE_FOUND : SOURCE_MISSING;
}
