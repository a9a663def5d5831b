/*
 * Writes the tracepoint `release` and prints how much processor time one took, in ns: what
 * a bare LTTng event of that payload costs, the measure of the shim's own. Twice: in a loop
 * of nothing else, and in one of 1-byte reads, as the programs' that the shim is measured in.
 * Usage: bench_event COUNT
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng/tracepoints.h"

#include <fcntl.h>
#include <stdbool.h>
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

/* Not the time of day: on a busy machine that has other programs' time in it. */
static uint64_t used_ns(void)
{
	return now_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void write_event(struct release_record *record)
{
	record->seq += 2;
	record->at += 1000;
	lttng_ust_tracepoint(giltrace, release, record);
}

/* With tracing off the same loop costs next to nothing, so nothing is subtracted. */
static double event_ns(struct release_record *record, unsigned long count)
{
	uint64_t begin = used_ns();

	for (unsigned long i = 0; i < count; i++)
		write_event(record);
	return (double)(used_ns() - begin) / (double)count;
}

/* The time of `count` reads, each with an event or without; 0 when they cannot be. */
static uint64_t reads_ns(
	struct release_record *record, unsigned long count, int device, bool events)
{
	uint64_t begin = used_ns();
	char byte;

	for (unsigned long i = 0; i < count; i++) {
		if (read(device, &byte, 1) != 1)
			return 0;
		if (events)
			write_event(record);
	}
	return used_ns() - begin;
}

/* In turns, for the machine may not be equally fast all the time. */
static double event_between_reads_ns(struct release_record *record, unsigned long count)
{
	enum { TURNS = 50 };
	const unsigned long each = count / TURNS;
	int device = open("/dev/zero", O_RDONLY);
	int64_t with = 0, without = 0;

	for (int turn = 0; turn < TURNS; turn++) {
		with += (int64_t)reads_ns(record, each, device, true);
		without += (int64_t)reads_ns(record, each, device, false);
	}
	close(device);
	return (double)(with - without) / (double)(each * TURNS);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct release_record record = {
		.pid = getpid(),
		.tid = gettid(),
		.at = now_ns(CLOCK_MONOTONIC),
		.held_ns = 1000,
		.acquired = 1,
	};

	if (count < 100) {
		fprintf(stderr, "usage: bench_event COUNT (at least 100)\n");
		return EXIT_FAILURE;
	}
	printf("%.1f", event_ns(&record, count));
	printf(" %.1f\n", event_between_reads_ns(&record, count));
	return EXIT_SUCCESS;
}
