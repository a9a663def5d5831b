/* Names for the native frames of a report. */
#ifndef GILTRACE_FRAMES_H
#define GILTRACE_FRAMES_H

#include "stats/report.h"

/* Fills in function, file and line of every native frame whose module is at hand. */
void frames_name(struct report *report);

#endif /* GILTRACE_FRAMES_H */
