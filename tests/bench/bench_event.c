/*
 * Writes the tracepoint `release` in a loop and prints how much processor time one took,
 * in ns: what a bare LTTng event of that payload costs, the measure of the shim's own.
 * Usage: bench_event COUNT
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng/tracepoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* With tracing off the same loop costs next to nothing, so nothing is subtracted. */
static double event_ns(unsigned long count)
{
	struct release_record record = {
		.pid = getpid(),
		.tid = gettid(),
		.at = now_ns(CLOCK_MONOTONIC),
		.held_ns = 1000,
		.acquired = 1,
	};
	/* Not the time of day: on a busy machine that has other programs' time in it. */
	uint64_t begin = now_ns(CLOCK_THREAD_CPUTIME_ID);

	for (unsigned long i = 0; i < count; i++) {
		record.seq += 2;
		record.at += 1000;
		lttng_ust_tracepoint(giltrace, release, &record);
	}
	return (double)(now_ns(CLOCK_THREAD_CPUTIME_ID) - begin) / (double)count;
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

	if (count == 0) {
		fprintf(stderr, "usage: bench_event COUNT\n");
		return EXIT_FAILURE;
	}
	printf("%.1f\n", event_ns(count));
	return EXIT_SUCCESS;
}
