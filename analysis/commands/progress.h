/* How far a work is, on stderr: only on a terminal, only after a second, and gone afterwards. */
#ifndef GILTRACE_COMMANDS_PROGRESS_H
#define GILTRACE_COMMANDS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "reading" */
	bool wanted;
	bool shown;
	int64_t next_us; /* when it may be shown again, monotonic */
};

/* `what` is not copied. */
void progress_begin(struct progress *progress, const char *what);

/* `share`: 0 to 1. May be called often. */
void progress_show(struct progress *progress, double share);

void progress_end(struct progress *progress);

#endif /* GILTRACE_COMMANDS_PROGRESS_H */
