/* Temporary files without a name; see temporary.h. */
#include "export/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

int temporary_open(void)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "giltrace-XXXXXX", NULL);
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	(void)unlink(path);
	return fd;
}
