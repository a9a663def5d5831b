/*
 * A process that runs already and is to be recorded: whether it can be, as far
 * as /proc tells, and if not, why.
 */
#ifndef GILTRACE_TARGET_H
#define GILTRACE_TARGET_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum target_state {
	TARGET_READY,	  /* preloaded, and a GIL was found in it */
	TARGET_OPAQUE,	  /* its memory map may not be read: perhaps */
	TARGET_GONE,	  /* no such process */
	TARGET_THREAD,	  /* a thread of another number's process */
	TARGET_ELSEWHERE, /* in another PID namespace: a container */
	TARGET_FOREIGN,	  /* another user's, whose session daemon this user cannot ask */
	TARGET_BARE,	  /* not preloaded */
	TARGET_NO_GIL,	  /* preloaded, but no GIL was found so far */
};

struct target {
	pid_t pid;
	enum target_state state;
	pid_t process; /* of TARGET_THREAD: the number to use */
	uid_t user;    /* of TARGET_FOREIGN */
};

void target_inspect(struct target *target, pid_t pid);

/* READY, or OPAQUE: only trying can tell. */
bool target_may_be_recorded(const struct target *target);

/* Why it cannot be recorded and what to do; returns -ESRCH, -EPERM or -ENOENT. */
int target_explain(const struct target *target, struct error *error);

/* Whether it may see other files than this process under the same names, LTTng's sockets included.
 */
bool target_has_own_files(pid_t pid);

/* Where its LTTng looks for a session daemon of its user: LTTNG_HOME or HOME of its environment;
 * NULL when that is not known. Caller frees. */
char *target_home(pid_t pid);

/* Its command line, ending in NULL; NULL when there is none. Free with g_strfreev. */
char **target_command(pid_t pid);

/* Appends the descendants of the processes in `family` (pid_t), as they are now. */
void target_add_descendants(GArray *family);

/* Preloaded processes that this user can look into, pid_t, in the order of /proc. Caller frees. */
GArray *target_list_preloaded(void);

#endif /* GILTRACE_TARGET_H */
