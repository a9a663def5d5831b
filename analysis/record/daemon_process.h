/* The process of a session daemon: starting one, ending one. */
#ifndef GILTRACE_DAEMON_PROCESS_H
#define GILTRACE_DAEMON_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Starts `program` in a session of its own, where Ctrl-C does not reach it, and
 * returns when it answers. -ETIMEDOUT, -ECHILD (it ended; its last words are in
 * the error) or another -errno: nothing is left running.
 */
int daemon_process_start(const char *program, pid_t *pid, struct error *error);

/* Asks the process that started at `started` to end and waits until it has. 0 also when it is gone
 * already. */
int daemon_process_end(pid_t pid, uint64_t started, struct error *error);

#endif /* GILTRACE_DAEMON_PROCESS_H */
