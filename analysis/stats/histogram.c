/* A distribution of durations in little memory; see histogram.h. */
#include "stats/histogram.h"

#include <glib.h>

#define STEPS (UINT32_C(1) << HISTOGRAM_STEP_BITS)

uint64_t histogram_upper_edge(uint32_t bucket)
{
	uint32_t shift;
	uint64_t step;

	if (bucket < 2 * STEPS)
		return bucket;
	shift = bucket / STEPS - 1;
	step = bucket - shift * STEPS;
	return (step << shift) + ((UINT64_C(1) << shift) - 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	into->count += from->count;
	into->total_ns = tally_plus(into->total_ns, from->total_ns);
	into->max_ns = MAX(into->max_ns, from->max_ns);
	tally_merge(&into->buckets, &from->buckets);
}

/* The smallest value that at least `percent` of all do not exceed. */
static uint64_t quantile(
	const struct histogram *histogram, const struct tally_entry *sorted, unsigned percent)
{
	uint64_t rank = histogram->count - histogram->count / 100 * (100 - percent) -
			histogram->count % 100 * (100 - percent) / 100;
	uint64_t seen = 0;

	for (uint32_t i = 0; i < histogram->buckets.used; i++) {
		seen += sorted[i].sum;
		if (seen >= rank)
			return MIN(histogram_upper_edge(sorted[i].tag - 1), histogram->max_ns);
	}
	return histogram->max_ns;
}

void histogram_read(const struct histogram *histogram, struct distribution *distribution)
{
	struct tally_entry *sorted;

	*distribution = (struct distribution){
		.count = histogram->count,
		.total_ns = histogram->total_ns,
		.mean_ns = FIGURE_UNKNOWN,
		.p50_ns = FIGURE_UNKNOWN,
		.p90_ns = FIGURE_UNKNOWN,
		.p95_ns = FIGURE_UNKNOWN,
		.p99_ns = FIGURE_UNKNOWN,
		.max_ns = FIGURE_UNKNOWN,
	};
	if (!histogram->count)
		return;
	sorted = tally_sorted(&histogram->buckets);
	distribution->mean_ns = histogram->total_ns / histogram->count;
	distribution->p50_ns = quantile(histogram, sorted, 50);
	distribution->p90_ns = quantile(histogram, sorted, 90);
	distribution->p95_ns = quantile(histogram, sorted, 95);
	distribution->p99_ns = quantile(histogram, sorted, 99);
	distribution->max_ns = histogram->max_ns;
	g_free(sorted);
}

void histogram_release(struct histogram *histogram)
{
	tally_release(&histogram->buckets);
	*histogram = (struct histogram){0};
}
