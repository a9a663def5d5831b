/*
 * What happens to a process that is recorded: its GILs come and go, sessions
 * start, it forks. Loads the recorder when the first GIL is created. How it ends: ending.h.
 */
#ifndef GILTRACE_LIFECYCLE_H
#define GILTRACE_LIFECYCLE_H

#include "discovery.h"
#include "gils.h"

/* The GIL whose cond is at `cond` was created; `caller` is an address within the code that did it.
 */
void lifecycle_gil_created(void *cond, const void *caller);

/* The same, of what may be PyPy's GIL. */
void lifecycle_pypy_created(const struct pypy_parts *parts, const void *caller);

/* `caller` is about to create a thread in a process that is not recorded so far. */
void lifecycle_thread_begins(const void *caller);

/* What was a GIL is being initialised as something else, or as a GIL again. */
void lifecycle_gil_destroyed(struct gil *gil);

#endif /* GILTRACE_LIFECYCLE_H */
