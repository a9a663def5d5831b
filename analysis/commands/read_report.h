/* Reads a trace and makes the report of it: for every command that is about traces. */
#ifndef GILTRACE_COMMANDS_READ_REPORT_H
#define GILTRACE_COMMANDS_READ_REPORT_H

#include <stdbool.h>

#include "base/error.h"
#include "stats/report.h"

struct model_timeline;
struct region_choice;

struct read_options {
	const struct region_choice *regions; /* see stats_new(), also NULL */
	const struct model_timeline *timeline;
	/* Signals are blocked (record/signals.h); one that asks giltrace to end ends the reading.
	 */
	bool interruptible;
	/* Names for all native frames, not for those alone that labels and verdicts speak of. */
	bool every_frame;
};

/*
 * Fills `report`, zeroed before, from the trace at `path` (see decode/trace.h); after 0
 * report_release() is to follow. What is damaged or left out is said on stderr, and
 * the progress where that is a terminal. Else negative errno of trace_open() and
 * trace_read(), or -EINTR when interrupted.
 */
int read_report(struct report *report, const char *path, const struct read_options *options,
	struct error *error);

#endif /* GILTRACE_COMMANDS_READ_REPORT_H */
