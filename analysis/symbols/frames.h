/* Names for the native frames of a report. */
#ifndef GILTRACE_FRAMES_H
#define GILTRACE_FRAMES_H

#include "stats/report.h"

/* The only native frame of a stack that is to have a name, by its index; -1: none is. */
typedef int frames_choice(const struct process_report *process, const struct stack_report *stack);

/*
 * Fills in function, file and line of the native frames whose module is at hand: of those
 * chosen, or with NULL of all. A debug file of a module is opened for the first frame of it,
 * and to unpack that of an interpreter takes longer than to read a short trace.
 */
void frames_name(struct report *report, frames_choice *choice);

#endif /* GILTRACE_FRAMES_H */
