/* A file that is written as a whole or not at all; see output.h. */
#include "commands/output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(struct error *error, int code, const char *path)
{
	return error_set(error, code, "cannot write '%s': %s", path, strerror(-code));
}

int output_open(struct output *output, const char *path, struct error *error)
{
	char *target = realpath(path, NULL); /* a link to the file stays a link */
	struct stat status;
	int code;
	int fd;

	memset(output, 0, sizeof(*output));
	output->path = g_strdup(target ? target : path);
	free(target);
	if (stat(output->path, &status) == 0 && S_ISDIR(status.st_mode)) {
		fd = -1;
		errno = EISDIR;
	} else if (stat(output->path, &status) == 0 && !S_ISREG(status.st_mode)) {
		fd = open(output->path, O_WRONLY | O_CLOEXEC);
	} else {
		output->fresh = g_strconcat(output->path, ".XXXXXX", NULL);
		fd = g_mkstemp_full(output->fresh, O_WRONLY | O_CLOEXEC, 0666);
	}
	if (fd >= 0)
		output->stream = fdopen(fd, "w");
	if (output->stream)
		return 0;
	code = complain(error, -errno, path);
	g_clear_pointer(&output->fresh, g_free);
	output_discard(output);
	return code;
}

int output_finish(struct output *output, struct error *error)
{
	int failed = ferror(output->stream);
	int code = 0;

	if (fclose(output->stream) != 0 || failed)
		code = complain(error, errno ? -errno : -EIO, output->path);
	output->stream = NULL;
	if (code == 0 && output->fresh) {
		if (rename(output->fresh, output->path) < 0)
			code = complain(error, -errno, output->path);
		else
			g_clear_pointer(&output->fresh, g_free);
	}
	output_discard(output);
	return code;
}

void output_discard(struct output *output)
{
	if (output->stream)
		fclose(output->stream);
	if (output->fresh)
		unlink(output->fresh);
	g_free(output->fresh);
	g_free(output->path);
	memset(output, 0, sizeof(*output));
}
