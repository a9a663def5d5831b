/* How a terminal is told to emphasise; all "" where colour is not wanted. */
#ifndef GILTRACE_STYLE_H
#define GILTRACE_STYLE_H

#include <stdbool.h>

#define STYLE_BOLD(color) ((color) ? "\033[1m" : "")
#define STYLE_DIM(color) ((color) ? "\033[2m" : "")
#define STYLE_RED(color) ((color) ? "\033[1;31m" : "")
#define STYLE_GREEN(color) ((color) ? "\033[1;32m" : "")
#define STYLE_YELLOW(color) ((color) ? "\033[1;33m" : "")
#define STYLE_PLAIN(color) ((color) ? "\033[0m" : "")

#endif /* GILTRACE_STYLE_H */
