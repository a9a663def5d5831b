/* Live figures as text, for a terminal or a log. */
#ifndef GILTRACE_LIVE_TOP_TEXT_H
#define GILTRACE_LIVE_TOP_TEXT_H

#include <glib.h>

#include "live/figures.h"
#include "live/viewing.h"

struct top_text_options {
	int width;
	bool color;
	size_t threads; /* of one GIL, at most; 0: all */
};

/* Appends what makes the figures doubtful, and a table for each GIL, the busiest threads first. */
void top_text(GString *out, const struct live_figures *figures, const struct viewing_state *state,
	const struct top_text_options *options);

#endif /* GILTRACE_LIVE_TOP_TEXT_H */
