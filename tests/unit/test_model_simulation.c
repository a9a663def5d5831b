/*
 * The whole way from events to figures, against a simulated GIL of which
 * everything is known. Built three times: the second time the model remembers so
 * few holds and waits (RING_HOLDS, COVER_SPANS) that it forgets all the time.
 * Then only announced waits can be exact, and they must be. The third time there
 * is room for a few lines only (PLACES_KEPT, PAIRS_KEPT): figures by thread must
 * be exact all the same.
 */
#include "naive.h"
#include "naive_times.h"
#include "simulator.h"
#include "trace.h"

/* Not the last of them. */
static void feed_sites(struct trace *trace, uint32_t from, uint32_t sites)
{
	for (uint32_t site = from; site < sites; site++)
		trace_site(trace, site, simulated_line(site, 0));
}

static void feed(struct trace *trace, const struct simulation *simulation,
	const struct simulation_options *options)
{
	trace_process(trace, PROCESS_STARTED, SIMULATED_BEGIN, "prog");
	trace_gil(trace, GIL_CREATED, SIMULATED_BEGIN, 0);
	for (int i = 0; i < options->threads; i++)
		trace_thread(trace, THREAD_STARTED, SIMULATED_PID + i, SIMULATED_BEGIN, "thread");
	feed_sites(trace, 1, options->sites / 2);
	for (guint i = 0; i < simulation->events->len; i++)
		stats_feed(trace->stats, &g_array_index(simulation->events, struct event, i));
	feed_sites(trace, 1, options->sites); /* again, and those that were used before */
	trace_process(trace, PROCESS_EXITING, simulation->end, "prog");
	trace_end(trace);
	trace_check(&trace->report, 0);
	naive_compare(simulation, options->threads, trace_only_gil(trace));
#ifndef CROWDED
	naive_compare_lines(simulation, options, trace_only_gil(trace));
#endif
}

static void run(const struct simulation_options *options)
{
	struct simulation simulation;
	struct trace trace;

	simulate(&simulation, options);
	trace_begin(&trace, NULL);
	feed(&trace, &simulation, options);
#ifndef CROWDED
	naive_times_compare(&simulation, &trace.watch);
#endif
	trace_release(&trace);
	if (options->bursts) {
		/* Whose holds are settled by another way when nobody asks for the times. */
		trace_begin_untimed(&trace);
		feed(&trace, &simulation, options);
		trace_release(&trace);
	}
	simulation_release(&simulation);
}

static void test_announced_waits(void **state)
{
	(void)state;
	for (uint32_t seed = 5000; seed < 5100; seed++) {
		struct simulation_options options = {
			.seed = seed,
			.threads = 2 + (int)(seed % 9),
			.holds = 2000,
			.starve = seed % 3 == 0 && seed % 9 > 1,
			.announce = true,
			.sites = seed % 12,
			.open_end = seed % 2,
			.bursts = seed % 4 > 1,
		};

		run(&options);
	}
}

#ifndef FORGETFUL
static void test_short_runs(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 300; seed++) {
		struct simulation_options options = {
			.seed = seed,
			.threads = 1 + (int)(seed % 9),
			.holds = 20 + seed,
			.starve = seed % 3 == 0 && seed % 9 > 1,
			.open_end = seed % 2,
			.late_ns = seed % 5 ? 200000 : 3000000,
			.sites = seed % 7 * 3,
			.bursts = seed % 4 > 1,
		};

		run(&options);
	}
}

/* A thread that waits for nearly all of very many holds. */
static void test_long_runs(void **state)
{
	(void)state;
	for (uint32_t seed = 1000; seed < 1006; seed++) {
		struct simulation_options options = {
			.seed = seed,
			.threads = 3 + (int)(seed % 4) * 4,
			.holds = 50000,
			.starve = seed % 2,
			.open_end = seed % 3 == 0,
			.late_ns = 3000000,
			.sites = seed % 4 * 5,
			.bursts = seed > 1002,
		};

		run(&options);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_announced_waits),
#ifndef FORGETFUL
		cmocka_unit_test(test_short_runs),
		cmocka_unit_test(test_long_runs),
#endif
	};

	return cmocka_run_group_tests_name("model_simulation", tests, NULL, NULL);
}
