/* Every figure of a report, worked out from what happened in the plainest way, and compared. */
#ifndef GILTRACE_TESTS_UNIT_NAIVE_H
#define GILTRACE_TESTS_UNIT_NAIVE_H

#include "simulator.h"
#include "stats/report.h"

/* Fails the test where they differ. */
void naive_compare_lines(const struct simulation *simulation,
	const struct simulation_options *options, const struct gil_report *gil);
void naive_compare(const struct simulation *simulation, int threads, const struct gil_report *gil);

#endif /* GILTRACE_TESTS_UNIT_NAIVE_H */
