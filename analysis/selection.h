/*
 * Which of the processes in a trace are meant. A session of LTTng records every
 * traced process of the user, also those of somebody else's interest.
 */
#ifndef GILTRACE_SELECTION_H
#define GILTRACE_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Without `run` and `pids`: all. Only one of the two is set. */
struct selection {
	const char *run;     /* those that were started with this recording's id */
	const int32_t *pids; /* these processes, each with whatever it execs; may be 0 of them */
	size_t pid_count;
	bool descendants; /* of `pids`, too, as far as their parents are traced */
};

#endif /* GILTRACE_SELECTION_H */
