/* What the terminal behind a stream can show. */
#ifndef GILTRACE_TERMINAL_H
#define GILTRACE_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Columns of the terminal that `stream` writes to; `fallback` when it is none or does not say. */
int terminal_width(FILE *stream, int fallback);

/*
 * Whether to colour what goes to `stream`: only on a terminal, not on
 * TERM=dumb, and not when NO_COLOR is set to anything (https://no-color.org).
 */
bool terminal_color(FILE *stream);

#endif /* GILTRACE_TERMINAL_H */
