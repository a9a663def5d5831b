/* How far a work is, on stderr; see progress.h. */
#include "commands/progress.h"

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

enum { DELAY_US = 1000000, PERIOD_US = 200000 };

void progress_begin(struct progress *progress, const char *what)
{
	progress->what = what;
	progress->wanted = isatty(STDERR_FILENO);
	progress->shown = false;
	progress->next_us = g_get_monotonic_time() + DELAY_US;
}

void progress_show(struct progress *progress, double share)
{
	int64_t now = progress->wanted ? g_get_monotonic_time() : 0;

	if (!progress->wanted || now < progress->next_us)
		return;
	fprintf(stderr, "\r%s: %3.0f %%", progress->what, share * 100);
	progress->shown = true;
	progress->next_us = now + PERIOD_US;
}

void progress_end(struct progress *progress)
{
	/* Blanks rather than an escape sequence: every terminal knows them. */
	if (progress->shown)
		fprintf(stderr, "\r%*s\r", (int)g_utf8_strlen(progress->what, -1) + 8, "");
	progress->shown = false;
}
