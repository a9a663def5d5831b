/* The figures of a region, worked out plainly, with all of history at hand. */
#ifndef GILTRACE_TESTS_UNIT_NAIVE_REGION_H
#define GILTRACE_TESTS_UNIT_NAIVE_REGION_H

#include "simulator.h"
#include "stats/report.h"

/*
 * Fails the test where they differ. `gil` is of a report on the region of `stays`:
 * SIMULATED_REGION or SIMULATED_EVERYWHERE.
 */
void naive_region_compare(const struct simulation *simulation, const GArray *stays, int threads,
	const struct gil_report *gil);

/* What a report of everything says about that region. */
void naive_region_compare_entry(const GArray *stays, const struct region_report *region);

#endif /* GILTRACE_TESTS_UNIT_NAIVE_REGION_H */
