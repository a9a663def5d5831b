/* Small files, read as a whole; see file.h. */
#include "check/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

/* A configuration or report is smaller; a device without an end shall not fill the memory. */
#define LARGEST ((size_t)1 << 30)

static int read_all(FILE *file, GString *text)
{
	char buffer[65536];
	size_t got;

	errno = 0;
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0) {
		g_string_append_len(text, buffer, (gssize)got);
		if (text->len > LARGEST)
			return -EFBIG;
	}
	if (ferror(file))
		return errno ? -errno : -EIO;
	return strlen(text->str) == text->len ? 0 : -EINVAL;
}

int file_text(const char *path, char **text, struct error *error)
{
	FILE *file = fopen(path, "re");
	GString *content;
	int code;

	if (!file)
		return error_set(error, -errno, "cannot open '%s': %s", path, strerror(errno));
	content = g_string_new(NULL);
	code = read_all(file, content);
	fclose(file);
	if (code == 0) {
		*text = g_string_free(content, FALSE);
		return 0;
	}
	g_string_free(content, TRUE);
	if (code == -EINVAL)
		return error_set(error, code, "'%s' is not a text file", path);
	return error_set(error, code, "cannot read '%s': %s", path, strerror(-code));
}
