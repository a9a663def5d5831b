/* Who this process is, gathered once, when its first GIL is created. */
#ifndef GILTRACE_PROCESS_H
#define GILTRACE_PROCESS_H

#include "recorder.h"

/* Reads the executable, the command line and the run id (GILTRACE_RUN). `gil_cond`: of its main
 * GIL. */
void process_gather(uintptr_t gil_cond);

/* The strings of the record belong to this module. */
void process_describe(enum process_state state, struct process_record *record);

#endif /* GILTRACE_PROCESS_H */
