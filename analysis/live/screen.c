/* The screen of a terminal, and its keys; see screen.h. */
#include "live/screen.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80, ROWS_DEFAULT = 24 };

/* Another screen without a cursor, on which long lines are cut; and back. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l\033[2J";
static const char leave[] = "\033[?7h\033[?25h\033[?1049l";

/* A terminal that is gone is noticed by the signal that comes with it. */
static void put(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		text += written;
		length -= (size_t)written;
	}
}

bool screen_resized(struct screen *screen)
{
	struct winsize size;
	int columns = COLUMNS_DEFAULT, rows = ROWS_DEFAULT;
	bool changed;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
		columns = size.ws_col;
		rows = size.ws_row;
	}
	changed = columns != screen->columns || rows != screen->rows;
	screen->columns = columns;
	screen->rows = rows;
	return changed;
}

void screen_enter(struct screen *screen)
{
	struct termios raw;

	screen->keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &screen->earlier) == 0;
	if (screen->keys) {
		raw = screen->earlier;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		/* Stopped, it would leave the terminal as it is. */
		raw.c_cc[VSUSP] = _POSIX_VDISABLE;
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	screen_resized(screen);
	put(enter, strlen(enter));
}

void screen_leave(const struct screen *screen)
{
	put(leave, strlen(leave));
	if (screen->keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->earlier);
}

void screen_draw(const struct screen *screen, const char *text)
{
	GString *out = g_string_new("\033[H");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	int count = (int)g_strv_length(lines), shown;

	if (count > 0 && !*lines[count - 1])
		count--;
	shown = count > screen->rows ? screen->rows - 1 : count;
	for (int i = 0; i < shown; i++)
		g_string_append_printf(
			out, "\033[2K%s%s", lines[i], i + 1 < screen->rows ? "\r\n" : "");
	if (shown < count)
		g_string_append_printf(out, "\033[2Kand %d more lines", count - shown);
	else if (shown < screen->rows)
		g_string_append(out, "\033[J");
	put(out->str, out->len);
	g_string_free(out, TRUE);
}

int screen_key(const struct screen *screen, int timeout_ms)
{
	struct pollfd input = {.fd = screen->keys ? STDIN_FILENO : -1, .events = POLLIN};
	unsigned char key = 0;

	if (poll(&input, 1, timeout_ms) <= 0 || !(input.revents & POLLIN))
		return 0;
	return read(STDIN_FILENO, &key, 1) == 1 ? key : 0;
}
