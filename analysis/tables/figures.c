/* Arithmetic on figures of which some are unknown; see figures.h. */
#include "tables/figures.h"

#include <math.h>

uint64_t figure_interval_ns(const struct gil_report *gil)
{
	return gil->interval_us ? gil->interval_us * UINT64_C(1000) : FIGURE_INTERVAL_NS;
}

double figure_ratio(uint64_t part, uint64_t whole)
{
	if (part == FIGURE_UNKNOWN || whole == FIGURE_UNKNOWN || whole == 0)
		return NAN;
	return (double)part / (double)whole;
}

uint64_t figure_sum(uint64_t a, uint64_t b)
{
	return a == FIGURE_UNKNOWN || b == FIGURE_UNKNOWN ? FIGURE_UNKNOWN : a + b;
}

uint64_t figure_mean(uint64_t total, uint64_t count)
{
	if (total == FIGURE_UNKNOWN || count == FIGURE_UNKNOWN || count == 0)
		return FIGURE_UNKNOWN;
	return total / count;
}
