/* The report as text for a terminal: doubts first, then verdicts, then tables. */
#ifndef GILTRACE_TEXT_H
#define GILTRACE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "stats/report.h"

#define TEXT_WIDTH_DEFAULT 80
#define TEXT_WIDTH_LEAST 40

struct text_options {
	int width; /* columns; 0: the default; less than the least is taken as that; tables take 80
		    */
	bool color;
};

/*
 * Writes the report to `out` and flushes it. UTF-8; names from the trace cannot
 * send terminal escapes. Returns 0, or -errno when writing failed.
 */
int render_text(const struct report *report, FILE *out, const struct text_options *options);

#endif /* GILTRACE_TEXT_H */
