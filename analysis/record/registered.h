/* Which processes have told the session daemon of giltrace's events: those a session can record. */
#ifndef GILTRACE_REGISTERED_H
#define GILTRACE_REGISTERED_H

#include <glib.h>

#include "base/error.h"

/* Asks the daemon. On 0 `*pids` has them (pid_t, each once); caller frees. -EIO. */
int registered_list(GArray **pids, struct error *error);

#endif /* GILTRACE_REGISTERED_H */
