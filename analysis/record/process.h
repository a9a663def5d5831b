/* Telling processes apart across the reuse of their numbers. */
#ifndef GILTRACE_PROCESS_H
#define GILTRACE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* When a process started, in clock ticks since boot (field 22 of /proc/PID/stat); 0 when there is
 * none. */
uint64_t process_start_time(pid_t pid);

/* The process that it is a child of now; 0 when there is none. */
pid_t process_parent(pid_t pid);

/* Whether process `pid` lives and is the one that started at `started`. */
bool process_is(pid_t pid, uint64_t started);

/* Whether there is no process `pid` any more, or only its exit status that nobody has asked for. */
bool process_is_gone(pid_t pid);

#endif /* GILTRACE_PROCESS_H */
