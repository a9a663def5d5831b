/* Reports on a trace: what `giltrace report` does, and `giltrace run` after recording. */
#ifndef GILTRACE_COMMANDS_REPORT_H
#define GILTRACE_COMMANDS_REPORT_H

#include <stdbool.h>
#include <argp.h>

#include "base/error.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_HTML };

struct report_options {
	enum report_format format;
	const char *output; /* file, replaced as a whole; NULL: stdout */
	const char *region; /* report on this one alone; NULL: on everything */
	bool each_region;   /* with the figures of each */
	bool temporary;	    /* the trace will be gone: its path is of no use */
};

/*
 * Reads the trace at `path` (see decode/trace.h) and writes the report. What is
 * damaged or left out is said on stderr, and the progress where that is a
 * terminal. Returns 0, or negative errno with `error`: those of trace_open() and
 * trace_read(), of writing the file, and -ENOENT without that region. Whether stdout took what was
 * written is for main to check.
 */
int report_trace(const char *path, const struct report_options *options, struct error *error);

/* For the parser of an option --format: 0, or EINVAL after saying what is wrong. */
error_t report_parse_format(struct argp_state *state, const char *name, enum report_format *format);

#endif /* GILTRACE_COMMANDS_REPORT_H */
