/*
 * How long the analysis takes for one event, and that its memory does not grow
 * with their number: bench_model [EVENTS [THREADS]]. Prints ns per event and
 * the peak of resident memory for three kinds of program, for one of a thousand
 * regions whose figures are all wanted, and for holds that come in bursts, each of
 * which counts as an event there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../shim/cycles.h"
#include "stats/stats.h"

#define PID 1000

struct source {
	struct stats *stats;
	uint64_t now;
	uint64_t random;
	uint64_t seq;
	uint64_t events;
};

/* xorshift: cheap beside what is measured, and the same in every run. */
static uint64_t draw(struct source *source, uint64_t limit)
{
	source->random ^= source->random << 13;
	source->random ^= source->random >> 7;
	source->random ^= source->random << 17;
	return source->random % limit;
}

static void feed(struct source *source, struct event *event)
{
	event->pid = PID;
	event->gil = 1;
	event->timestamp = source->now;
	source->events++;
	stats_feed(source->stats, event);
}

static void release(struct source *source, int tid, uint64_t held_ns, bool forced)
{
	struct event event = {.kind = EVENT_RELEASE, .tid = tid};

	source->seq += 2;
	source->now += held_ns;
	event.at = source->now;
	event.release.seq = source->seq;
	event.release.held_ns = held_ns;
	event.release.acquired = 1;
	event.release.requested_ns = forced ? 40000 : 0;
	event.release.waiters = forced;
	feed(source, &event);
}

static void uncontended(struct source *source, unsigned threads)
{
	source->now += 200 + draw(source, 300);
	release(source, PID + (int)draw(source, threads), 500 + draw(source, 100000), false);
}

/* Threads take turns; each waits for all the others. */
static void turns(struct source *source, unsigned threads)
{
	int tid = PID + (int)(source->seq / 2 % threads);
	struct event acquire = {.kind = EVENT_ACQUIRE, .tid = tid};
	struct event wait = {.kind = EVENT_WAIT, .tid = tid};

	source->now += 5000 + draw(source, 20000);
	acquire.at = source->now;
	acquire.acquire.seq = source->seq + 1;
	acquire.acquire.wait_ns = 5000000 * (threads - 1);
	acquire.acquire.yield_ns = 20000;
	wait.at = acquire.at - acquire.acquire.wait_ns;
	wait.wait.holder = PID + (int)((source->seq / 2 + threads - 1) % threads);
	feed(source, &wait);
	feed(source, &acquire);
	release(source, tid, 5000000 + draw(source, 100000), true);
}

/* One thread waits all the time while the others run. */
static void starved(struct source *source, unsigned threads)
{
	struct event wait = {.kind = EVENT_WAIT, .tid = PID - 1, .at = source->now};

	if (source->seq == 0)
		feed(source, &wait);
	uncontended(source, threads);
}

/* A region of all threads after the other. */
static void regions(struct source *source, unsigned threads)
{
	uint64_t place = source->seq / 2 % 100;
	char name[32];
	struct event mark = {.kind = EVENT_MARK, .tid = PID, .mark.name = name};

	if (place == 0 || place == 99) {
		snprintf(name, sizeof(name), "region %" PRIu64, source->seq / 200 % 1000);
		mark.mark.state = place == 0 ? MARK_BEGIN_ALL : MARK_END_ALL;
		mark.at = source->now;
		feed(source, &mark);
	}
	uncontended(source, threads);
}

static void bursts(struct source *source, unsigned threads)
{
	uint64_t words[CYCLES_WORDS];
	struct event event = {.kind = EVENT_CYCLES, .tid = PID, .at = source->now};

	event.cycles.seq = source->seq + 2;
	event.cycles.words = (struct event_numbers){words, CYCLES_WORDS};
	words[0] = cycles_place_word(0, PID + (uint32_t)draw(source, threads), 0);
	for (unsigned i = 1; i < CYCLES_WORDS; i++) {
		struct cycle cycle = {200 + draw(source, 300), 150 + draw(source, 1000)};

		words[i] = cycles_two(0, cycle, cycle);
		source->now += 2 * (cycle.gap_ns + cycle.hold_ns);
	}
	source->seq += 2 * CYCLES_MOST;
	feed(source, &event);
	source->events += CYCLES_MOST - 1;
}

static void measure(const char *name, void (*step)(struct source *, unsigned), uint64_t events,
	unsigned threads)
{
	const struct region_choice every = {.every = true};
	struct source source = {.stats = stats_new(NULL, &every, NULL),
		.now = 1000000000000,
		.random = 88172645463325252u};
	struct event created = {.kind = EVENT_GIL, .tid = PID, .at = source.now};
	struct report report = {0};
	struct timespec begin, end;
	struct rusage usage;
	double ns;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	created.gil_info.state = GIL_CREATED;
	feed(&source, &created);
	while (source.events < events)
		step(&source, threads);
	stats_finish(source.stats, &report);
	clock_gettime(CLOCK_MONOTONIC, &end);
	getrusage(RUSAGE_SELF, &usage);
	ns = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
	printf("%-12s %3u threads %10" PRIu64 " events %6.1f ns/event %6ld KiB peak\n", name,
		threads, source.events, ns / (double)source.events, usage.ru_maxrss);
	report_release(&report);
}

int main(int argc, char **argv)
{
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
	unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 4;

	if (!events || !threads) {
		fprintf(stderr, "usage: bench_model [EVENTS [THREADS]]\n");
		return 2;
	}
	measure("uncontended", uncontended, events, 1);
	measure("uncontended", uncontended, events, threads);
	measure("turns", turns, events, threads);
	measure("starved", starved, events, threads);
	measure("regions", regions, events, threads);
	measure("bursts", bursts, events, threads);
	return 0;
}
