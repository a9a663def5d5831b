/*
 * What happens to a process that is recorded: its GILs come and go, sessions
 * start, it forks, it ends. Loads the recorder when the first GIL is created.
 */
#ifndef GILTRACE_LIFECYCLE_H
#define GILTRACE_LIFECYCLE_H

#include "gils.h"

/* The GIL whose cond is at `cond` was created; `caller` is an address within the code that did it.
 */
void lifecycle_gil_created(void *cond, const void *caller);

/* What was a GIL is being initialised as something else, or as a GIL again. */
void lifecycle_gil_destroyed(struct gil *gil);

/* The process ends, by exit() or _exit(). Writes what is still open; may run more than once. */
void lifecycle_exiting(void);

#endif /* GILTRACE_LIFECYCLE_H */
