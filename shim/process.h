/* Who this process is, gathered once, when its first GIL is created. */
#ifndef GILTRACE_PROCESS_H
#define GILTRACE_PROCESS_H

#include <sys/types.h>

#include "recorder.h"

/*
 * Reads the executable, the command line and the run id (GILTRACE_RUN).
 * `forked_by`: the traced process that this one is a copy of, 0: none.
 */
void process_gather(pid_t forked_by);

/* The strings of the record belong to this module. */
void process_describe(enum process_state state, struct process_record *record);

#endif /* GILTRACE_PROCESS_H */
