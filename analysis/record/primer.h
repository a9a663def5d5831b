/*
 * A process that registers giltrace's events with the session daemon and ends.
 *
 * babeltrace2's viewer of live sessions fails when data reaches it before everything that
 * describes the data is at the relay daemon (up to 2.1, at least). After one process that
 * has a GIL, as far as libgiltrace.so can tell, has come and gone under a session whose
 * processes share their buffers, and the session has been paused, all of it is there.
 */
#ifndef GILTRACE_PRIMER_H
#define GILTRACE_PRIMER_H

#include "base/error.h"

/* What giltrace is started with then. */
#define PRIMER_COMMAND "--register-events"

/* Runs one under `library`, with `lttng_home` (may be NULL) for LTTNG_HOME. Returns 0 or -errno. */
int primer_run(const char *library, const char *lttng_home, struct error *error);

/* What it does; returns its exit status. */
int primer_main(void);

#endif /* GILTRACE_PRIMER_H */
