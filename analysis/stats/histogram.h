/*
 * A distribution of durations in little memory: a histogram whose buckets are
 * at most 1/128 of their value wide, kept only where there are values.
 */
#ifndef GILTRACE_STATS_HISTOGRAM_H
#define GILTRACE_STATS_HISTOGRAM_H

#include <stdint.h>

#include "model/tally.h"
#include "stats/report.h"

#define HISTOGRAM_STEP_BITS 7

/* All zero: empty. `count`, `total_ns` and `max_ns` are exact (a total beyond 64 bits stays at the
 * limit). */
struct histogram {
	uint64_t count;
	uint64_t total_ns;
	uint64_t max_ns;
	struct tally buckets;
};

/* Below 128 each value has its own bucket; from there on every power of two has 128. */
static inline uint32_t histogram_bucket(uint64_t ns)
{
	unsigned shift;

	if (ns >> HISTOGRAM_STEP_BITS == 0)
		return (uint32_t)ns;
	shift = 63u - (unsigned)__builtin_clzll(ns) - HISTOGRAM_STEP_BITS;
	return (uint32_t)(shift << HISTOGRAM_STEP_BITS) + (uint32_t)(ns >> shift);
}

/* The largest value of a bucket. */
uint64_t histogram_upper_edge(uint32_t bucket);

static inline void histogram_add(struct histogram *histogram, uint64_t ns)
{
	histogram->count++;
	histogram->total_ns = tally_plus(histogram->total_ns, ns);
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
	tally_add(&histogram->buckets, histogram_bucket(ns), 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from);

/* The figures. */
void histogram_read(const struct histogram *histogram, struct distribution *distribution);

void histogram_release(struct histogram *histogram);

#endif /* GILTRACE_STATS_HISTOGRAM_H */
