/* The shim's log; see log.h. No stdio stream: the host's buffers and locks are its own. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void log_write(const char *format, ...)
{
	int saved_errno = errno;
	const char *path = getenv("GILTRACE_LOG");
	char line[512];
	va_list args;
	int length, fd;

	if (!path || !*path)
		return;
	length = snprintf(line, sizeof(line), "giltrace[%d]: ", (int)getpid());
	va_start(args, format);
	length += vsnprintf(line + length, sizeof(line) - (size_t)length - 1, format, args);
	va_end(args);
	if (length > (int)sizeof(line) - 2)
		length = (int)sizeof(line) - 2;
	line[length++] = '\n';
	fd = strcmp(path, "-") == 0 ? STDERR_FILENO
				    : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	/* A log that cannot be written must not disturb the program either. */
	if (fd >= 0 && write(fd, line, (size_t)length) < 0)
		errno = 0;
	if (fd > STDERR_FILENO)
		close(fd);
	errno = saved_errno;
}
