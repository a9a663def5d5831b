/*
 * Writes COUNT short holds of a made-up process as `cycles` events: a trace to
 * measure how long `giltrace report` takes for each. Holds and gaps vary, places
 * change now and then. To be recorded in a channel that waits for its reader.
 * Usage: bench_cycles COUNT
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng/tracepoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cycles.h"

enum { THREADS = 4, LINES = 8 };

struct source {
	uint64_t random;
	uint64_t at;
	uint64_t seq;
	uint32_t tid;
	uint32_t site;
};

/* xorshift, the same in every run */
static uint64_t draw(struct source *source, uint64_t limit)
{
	source->random ^= source->random << 13;
	source->random ^= source->random >> 7;
	source->random ^= source->random << 17;
	return source->random % limit;
}

static struct cycle draw_cycle(struct source *source)
{
	struct cycle cycle = {
		.gap_ns = 80 + draw(source, 200),
		.hold_ns = draw(source, 20) ? 150 + draw(source, 100) : draw(source, 12000),
	};

	source->at += cycle.gap_ns + cycle.hold_ns;
	source->seq += 2;
	return cycle;
}

/* Returns how many holds it wrote. */
static unsigned long write_event(struct source *source)
{
	uint64_t words[CYCLES_WORDS];
	struct cycles_record record = {
		.pid = getpid(),
		.tid = (int32_t)source->tid,
		.gil = 1,
		.seq = source->seq + 2,
		.at = source->at,
		.words = words,
		.count = CYCLES_WORDS,
	};
	uint64_t before = source->seq;
	unsigned place = 0;

	for (unsigned i = 0; i < CYCLES_WORDS; i++) {
		if (i == 0 || draw(source, 40) == 0) {
			source->site = 1 + (uint32_t)draw(source, LINES);
			source->tid = (uint32_t)getpid() + (uint32_t)draw(source, THREADS);
			place = (unsigned)draw(source, CYCLES_PLACES);
			words[i] = cycles_place_word(place, source->tid, source->site);
		} else {
			struct cycle first = draw_cycle(source);

			words[i] = cycles_two(place, first, draw_cycle(source));
		}
	}
	lttng_ust_tracepoint(giltrace, cycles, &record);
	return (source->seq - before) / 2;
}

static void write_begin(const struct source *source)
{
	const struct process_record process = {
		.pid = getpid(),
		.tid = getpid(),
		.at = source->at,
		.state = PROCESS_STARTED,
		.ppid = getppid(),
		.gil_mode = GIL_ENABLED,
		.run = "",
		.implementation = "cpython",
		.version = "3.13.0",
		.executable = "/usr/bin/python3",
		.command = "bench_cycles",
	};
	const struct gil_record gil = {
		.pid = getpid(),
		.tid = getpid(),
		.gil = 1,
		.at = source->at,
		.state = GIL_CREATED,
		.interval_us = 5000,
	};

	lttng_ust_tracepoint(giltrace, process, &process);
	lttng_ust_tracepoint(giltrace, gil, &gil);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct source source = {.random = 88172645463325252u, .at = 1000000000000};

	if (count == 0) {
		fprintf(stderr, "usage: bench_cycles COUNT\n");
		return EXIT_FAILURE;
	}
	write_begin(&source);
	for (unsigned long written = 0; written < count;)
		written += write_event(&source);
	return EXIT_SUCCESS;
}
