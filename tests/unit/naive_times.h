/* What a timeline was told, against what happened: each hold, wait, request and stay in a region.
 */
#ifndef GILTRACE_TESTS_UNIT_NAIVE_TIMES_H
#define GILTRACE_TESTS_UNIT_NAIVE_TIMES_H

#include "simulator.h"
#include "watch.h"

/* Fails the test where they differ. The watch must have seen one GIL alone. */
void naive_times_compare(const struct simulation *simulation, const struct watch *watch);

#endif /* GILTRACE_TESTS_UNIT_NAIVE_TIMES_H */
