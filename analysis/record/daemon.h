/*
 * A session daemon that answers, for as long as a recording needs it.
 *
 * One that runs already is used and never ended, unless giltrace started it: of
 * all recordings that use such a daemon the last one ends it, provided that no
 * session of anybody else is in it. They find each other through a lock file in
 * the daemon's folder, whose locks the kernel takes back when a process dies,
 * and which names the daemon (number and start time) that giltrace started.
 */
#ifndef GILTRACE_DAEMON_H
#define GILTRACE_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "record/home.h"

struct daemon {
	struct home home;
	int lock; /* lock file, -1 where it cannot be opened: then the daemon is somebody else's */
	bool started; /* by giltrace, this process or another */
};

/* Path of lttng-sessiond; caller frees. -ENOENT, with the package to install, when there is none.
 */
int daemon_find_program(char **path, struct error *error);

/* Whether a daemon that this user can use answers now. daemon_join or home_init has set LTTNG_HOME
 * before. */
bool daemon_answers(void);

/* Joins the running daemon or starts one. On failure nothing is left running. */
int daemon_join(struct daemon *daemon, struct error *error);

/* Leaves it, and ends it when giltrace started it and nobody needs it any more. Returns 0 or
 * -errno. */
int daemon_leave(struct daemon *daemon, struct error *error);

#endif /* GILTRACE_DAEMON_H */
