/* What a command prints while the screen is in use; see captive.h. */
#include "commands/captive.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* On a disk where /tmp may be memory. Both kinds of output append, in the order in which they
 * come. */
static int open_nameless(void)
{
	const char *parent = getenv("TMPDIR");
	g_autofree char *path = NULL;
	int fd;

	if (!parent || parent[0] != '/')
		parent = "/var/tmp";
	path = g_build_filename(parent, "giltrace-XXXXXX", NULL);
	fd = g_mkstemp_full(path, O_RDWR | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int captive_open(struct captive *captive, const char *path, struct error *error)
{
	captive->named = path;
	captive->shown = 0;
	captive->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	captive->file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)
			     : open_nameless();
	if (captive->null < 0 || captive->file < 0)
		return error_set(error, -errno, "cannot write the command's output to '%s': %s",
			path ? path : "a temporary file", strerror(errno));
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		captive->streams[i] = isatty(i) || (path && i > 0) ? captive->file : i;
	if (captive->streams[STDIN_FILENO] != STDIN_FILENO)
		captive->streams[STDIN_FILENO] = captive->null;
	return 0;
}

void captive_show(struct captive *captive)
{
	char text[8192];
	ssize_t got;

	if (captive->named || captive->file < 0)
		return;
	while ((got = pread(captive->file, text, sizeof(text), captive->shown)) > 0) {
		fwrite(text, 1, (size_t)got, stdout);
		captive->shown += got;
	}
	fflush(stdout);
}

void captive_close(struct captive *captive)
{
	if (captive->null >= 0)
		close(captive->null);
	if (captive->file >= 0)
		close(captive->file);
}
