/*
 * Rules that hold for a program as it is: figures that vary little from run to run,
 * with a limit as far beyond the worst run as the noise needs.
 */
#ifndef GILTRACE_CHECK_SUGGEST_H
#define GILTRACE_CHECK_SUGGEST_H

#include <glib.h>

/* Runs from which the noise can be seen; with fewer, nothing is proposed. */
enum { SUGGEST_RUNS_LEAST = 5 };

/*
 * Appends a configuration in TOML: a rule for each figure that is stable over
 * `runs` (struct run *, all with a report), and a comment for each that is not.
 * Returns the number of rules.
 */
unsigned suggest(GString *toml, const GPtrArray *runs);

#endif /* GILTRACE_CHECK_SUGGEST_H */
