/* Stacks as text. */
#ifndef GILTRACE_TEXT_STACKS_H
#define GILTRACE_TEXT_STACKS_H

#include <stdbool.h>

#include <glib.h>

#include "stats/report.h"

/* Groups shown of each kind, and frames of each. */
#define STACKS_SHOWN 3
#define STACK_FRAMES_SHOWN 5

/* Appends the stacks of the longest holds and waits of a GIL; nothing when there are none. */
void text_stacks_draw(GString *out, const struct process_report *process,
	const struct gil_report *gil, int width, bool color);

#endif /* GILTRACE_TEXT_STACKS_H */
