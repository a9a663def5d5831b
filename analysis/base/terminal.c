/* What the terminal behind a stream can show; see terminal.h. */
#include "base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_width(FILE *stream, int fallback)
{
	struct winsize size;

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return fallback;
	return size.ws_col;
}

bool terminal_color(FILE *stream)
{
	const char *refused = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (refused && *refused)
		return false;
	if (!term || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(stream)) == 1;
}
