/*
 * The report as JSON, schema "giltrace-report/1": what design.md lists, and
 *
 *   doubts             array of {kind, count, text} at the top, gravest first
 *   process            executable, exited; verdict only where no GIL was found
 *   gil                kind (main | sub), verdict
 *   verdict            {kind, severity, qualified, sentence, next, figures};
 *                      figures: tables/verdict.h, threads given by tid
 *   thread             kind (main | python | native), alive_ns, wait_turn
 *   blame              holder is a tid, "handoff" (the GIL was free) or "unknown"
 *
 * What is not known is null.
 */
#ifndef GILTRACE_JSON_H
#define GILTRACE_JSON_H

#include <stdio.h>

#include "stats/report.h"

/*
 * Writes the report to `out` and flushes it. Valid UTF-8 whatever names are
 * made of: invalid bytes become U+FFFD. Returns 0, or -errno when writing
 * failed.
 */
int render_json(const struct report *report, FILE *out);

#endif /* GILTRACE_JSON_H */
