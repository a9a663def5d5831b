/*
 * The screen of a terminal, and its keys, by the escape sequences that all of them know.
 * What was on it comes back at the end.
 */
#ifndef GILTRACE_LIVE_SCREEN_H
#define GILTRACE_LIVE_SCREEN_H

#include <glib.h>
#include <stdbool.h>
#include <termios.h>

struct screen {
	int columns;
	int rows;
	bool keys; /* standard input is a terminal, too */
	struct termios earlier;
};

/* Standard output is a terminal. From here on only this writes to it, until screen_leave. */
void screen_enter(struct screen *screen);
void screen_leave(const struct screen *screen);

/* Asks for the size; whether it has changed. */
bool screen_resized(struct screen *screen);

/* Shows `text`, lines that end in \n; what has no room is cut. */
void screen_draw(const struct screen *screen, const char *text);

/* Waits up to `timeout_ms` for a key; 0: there was none. */
int screen_key(const struct screen *screen, int timeout_ms);

#endif /* GILTRACE_LIVE_SCREEN_H */
