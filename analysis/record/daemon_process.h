/* The process of a daemon of LTTng's: starting one, ending one. */
#ifndef GILTRACE_DAEMON_PROCESS_H
#define GILTRACE_DAEMON_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* What is to be started. Strings are borrowed. */
struct daemon_program {
	const char *what;	      /* "session daemon" */
	const char *name;	      /* "lttng-sessiond" */
	const char *const *arguments; /* the file of the program, what follows it, NULL */
	bool bound; /* it is asked to end when the thread that starts it does, whatever ended that
		     */
	bool (*answers)(const void *user);
	const void *user;
};

/*
 * Starts it in a session of its own, where Ctrl-C does not reach it, and returns when it
 * answers. -ETIMEDOUT, -ECHILD (it ended; its last words are in the error) or another
 * -errno: nothing is left running.
 */
int daemon_process_start(const struct daemon_program *program, pid_t *pid, struct error *error);

/*
 * Asks the process that started at `started` to end and waits until it has. `what` it is, for
 * messages. `by_force`: nothing would be lost with it, so it is killed when it does not end soon.
 * 0 also when it is gone already.
 */
int daemon_process_end(
	const char *what, pid_t pid, uint64_t started, bool by_force, struct error *error);

#endif /* GILTRACE_DAEMON_PROCESS_H */
