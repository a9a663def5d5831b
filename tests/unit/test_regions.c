/*
 * Regions: what of a hold and which waits are inside, what a report of everything
 * says about them. By hand, and against a simulated GIL of which everything is
 * known.
 */
#include <string.h>

#include "model/stays.h"
#include "naive_region.h"
#include "naive_times.h"
#include "trace.h"

static struct trace t;

static void begin(const char *region)
{
	trace_begin_region(&t, region);
	trace_process(&t, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
}

static const struct gil_report *end(unsigned allowed)
{
	trace_process(&t, PROCESS_EXITING, 9000, "prog");
	trace_end(&t);
	trace_check(&t.report, allowed);
	return trace_only_gil(&t);
}

static void mark(int32_t tid, uint64_t at, enum mark_state state)
{
	trace_mark(&t, tid, at, state, "r");
}

/* Entered and left several times within one hold, once before it, and nested. */
static void test_hold_is_clipped(void **state)
{
	const struct gil_report *gil;
	const struct thread_report *thread;

	(void)state;
	begin("r");
	mark(100, 1000, MARK_BEGIN);
	trace_mark(&t, 100, 1050, MARK_BEGIN, "other");
	mark(100, 1150, MARK_BEGIN); /* the hold begins at 1100 */
	mark(100, 1160, MARK_END);
	mark(100, 1200, MARK_END);
	mark(100, 1300, MARK_BEGIN);
	mark(100, 1350, MARK_END);
	mark(100, 1400, MARK_BEGIN);
	trace_hold(&t, 100, 1, 1100, 1500);
	mark(100, 1600, MARK_END);
	trace_hold(&t, 100, 2, 1700, 1800); /* outside */
	gil = end(0);
	thread = trace_thread_of(gil, 100);
	assert_int_equal(gil->held_ns, 100 + 50 + 100);
	assert_int_equal(gil->acquisitions, 1);
	assert_int_equal(thread->all_acquisitions, 2);
	assert_int_equal(gil->hold.max_ns, 250);
	assert_int_equal(gil->span_ns, 200 + 50 + 200);
	assert_int_equal(thread->alive_ns, 450);
	assert_int_equal(t.report.processes[0].region_count, 2);
	assert_string_equal(t.report.processes[0].regions[0].name, "other"); /* until the end */
	assert_int_equal(t.report.processes[0].regions[0].total_ns, 9000 - 1050);
	assert_int_equal(t.report.processes[0].regions[0].unclosed, 1);
	assert_int_equal(t.report.processes[0].regions[1].count, 3);
	assert_int_equal(t.report.processes[0].regions[1].total_ns, 450);
	trace_release(&t);
}

/* Waits outside do not count, those inside are blamed on threads that are outside. */
static void test_waits(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin("r");
	trace_wait(&t, 101, 1100, 100);
	trace_contended_hold(&t, 100, 1, 1000, 1300, 1, 50);
	trace_acquire(&t, 101, 2, 1310, 210, 0); /* outside */
	trace_hold(&t, 101, 2, 1310, 1320);
	mark(101, 1330, MARK_BEGIN);
	trace_wait(&t, 101, 1400, 100);
	trace_acquire(&t, 100, 3, 1340, 0, 20); /* its forced switch: outside */
	trace_request(&t, 101, 1450, 100);
	trace_contended_hold(&t, 100, 3, 1340, 1500, 1, 50);
	trace_acquire(&t, 101, 4, 1510, 110, 0);
	trace_hold(&t, 101, 4, 1510, 1600);
	mark(101, 1700, MARK_END);
	gil = end(0);
	assert_int_equal(gil->wait_ns, 110);
	assert_int_equal(gil->contended_acquisitions, 1);
	assert_int_equal(gil->held_ns, 90);
	assert_int_equal(gil->span_ns, 370);
	assert_int_equal(trace_blame(gil, 101, 100), 100);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 10);
	assert_int_equal(gil->handoff_ns, 10);
	assert_int_equal(gil->drop_requests, 1);
	assert_int_equal(gil->drop_latency.count, 0);
	assert_int_equal(trace_thread_of(gil, 100)->held_ns, 0);
	assert_int_equal(trace_thread_of(gil, 100)->all_acquisitions, 2);
	assert_int_equal(trace_thread_of(gil, 100)->all_drop_requests_received, 1);
	trace_release(&t);
}

/* A thread that ends inside is inside until then; ends that have no begin are counted. */
static void test_unclosed_and_unmatched(void **state)
{
	const struct region_report *region;
	const struct gil_report *gil;

	(void)state;
	begin("r");
	trace_thread(&t, THREAD_STARTED, 101, 1000, "worker");
	mark(101, 1100, MARK_END);
	mark(101, 1200, MARK_BEGIN);
	trace_hold(&t, 101, 1, 1300, 1400);
	trace_thread(&t, THREAD_EXITED, 101, 1500, "worker");
	mark(100, 2000, MARK_BEGIN);
	trace_acquire(&t, 100, 2, 3000, 0, 0); /* until the process ends */
	gil = end(1u << DOUBT_UNMATCHED_MARK);
	region = &t.report.processes[0].regions[0];
	assert_int_equal(trace_doubt(&t, DOUBT_UNMATCHED_MARK), 1);
	assert_int_equal(region->unmatched, 1);
	assert_int_equal(region->unclosed, 2);
	assert_int_equal(region->count, 2);
	assert_int_equal(region->threads, 2);
	assert_int_equal(region->total_ns, 300 + 7000);
	assert_int_equal(gil->span_ns, 7300);
	assert_int_equal(gil->held_ns, 100 + 6000);
	trace_release(&t);
}

/* Without an end of the process: until the last that is known of it. */
static void test_unclosed_in_a_cut_off_trace(void **state)
{
	(void)state;
	begin("r");
	mark(100, 2000, MARK_BEGIN);
	trace_hold(&t, 100, 1, 2500, 3000);
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNFINISHED);
	assert_int_equal(trace_only_gil(&t)->span_ns, 1000);
	assert_int_equal(trace_only_gil(&t)->held_ns, 500);
	trace_release(&t);
}

static void test_processes_without_the_region(void **state)
{
	(void)state;
	begin("r");
	mark(100, 2000, MARK_BEGIN);
	t.pid = 200;
	trace_process(&t, PROCESS_STARTED, 1000, "other");
	trace_mark(&t, 200, 3000, MARK_BEGIN, "s");
	mark(200, 3000, MARK_END); /* does not count */
	trace_process(&t, PROCESS_EXITING, 4000, "other");
	t.pid = TRACE_PID;
	trace_process(&t, PROCESS_EXITING, 9000, "prog");
	trace_end(&t);
	assert_int_equal(t.report.process_count, 1);
	assert_int_equal(t.report.processes[0].pid, TRACE_PID);
	assert_string_equal(t.report.region, "r");
	trace_release(&t);
}

/* More names than anybody would use: the region asked for is kept all the same. */
static void test_many_names(void **state)
{
	const struct process_report *process;

	(void)state;
	begin("last");
	for (int i = 0; i < 20000; i++) {
		char *name = i < 19999 ? g_strdup_printf("request %d", i) : g_strdup("last");

		trace_mark(&t, 100, 2000 + (uint64_t)i, MARK_BEGIN, name);
		trace_mark(&t, 100, 2001 + (uint64_t)i, MARK_END, name);
		g_free(name);
	}
	trace_hold(&t, 100, 1, 1000, 80000);
	assert_int_equal(end(0)->held_ns, 1);
	process = &t.report.processes[0];
	assert_true(process->region_count < 20000);
	assert_int_equal(process->regions_left_out, 2 * (20000 - process->region_count));
	trace_release(&t);
}

/* A hold with more stays than are remembered: what is told of it is too low, and that is said. */
static void test_more_stays_than_are_remembered(void **state)
{
	static const enum mark_state marks[][2] = {
		{MARK_BEGIN, MARK_END}, {MARK_BEGIN_ALL, MARK_END_ALL}};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		for (uint64_t count = STAYS_KEPT; count <= STAYS_KEPT + 1; count++) {
			uint64_t over = count - STAYS_KEPT;
			uint64_t at = 2000;

			begin("r");
			for (uint64_t stay = 0; stay < count; stay++, at += 10) {
				mark(100, at, marks[i][0]);
				mark(100, at + 5, marks[i][1]);
			}
			trace_hold(&t, 100, 1, 1000, at);
			/* One that does not reach back to what is forgotten is known. */
			mark(100, at + 10, marks[i][0]);
			mark(100, at + 15, marks[i][1]);
			trace_hold(&t, 100, 2, at + 8, at + 20);
			trace_process(&t, PROCESS_EXITING, at + 100, "prog");
			trace_end(&t);
			trace_check(&t.report, 1u << DOUBT_FORGOTTEN_STAYS);
			assert_int_equal(trace_doubt(&t, DOUBT_FORGOTTEN_STAYS), over);
			assert_int_equal(trace_only_gil(&t)->held_ns, 5 * (STAYS_KEPT + 1));
			trace_release(&t);
		}
	}
}

static const struct region_report *region_of(const struct process_report *process, const char *name)
{
	for (size_t i = 0; i < process->region_count; i++)
		if (strcmp(process->regions[i].name, name) == 0)
			return &process->regions[i];
	return NULL;
}

/* By itself, and beside everything else. */
static void compare(
	const struct simulation *simulation, const GArray *stays, int threads, const char *name)
{
	const struct region_report *region = region_of(&t.report.processes[0], name);

	if (!region) {
		assert_int_equal(stays->len, 0);
		return;
	}
	naive_region_compare_entry(stays, region);
	if (stays->len == 0)
		return;
	assert_int_equal(region->gil_count, 1);
	naive_region_compare(simulation, stays, threads, &region->gils[0]);
}

/* What is all around has the figures of everything. */
static void compare_whole(const struct gil_report *all, const struct region_report *whole)
{
	const struct gil_report *gil = &whole->gils[0];

	assert_int_equal(whole->gil_count, 1);
	assert_true(gil->span_ns == all->span_ns);
	assert_true(gil->held_ns == all->held_ns);
	assert_true(gil->wait_ns == all->wait_ns);
	assert_true(gil->contention == all->contention);
	assert_true(gil->acquisitions == all->acquisitions);
	assert_true(gil->releases == all->releases);
	assert_true(gil->contended_acquisitions == all->contended_acquisitions);
	assert_true(gil->drop_requests == all->drop_requests);
	assert_true(gil->forced_releases == all->forced_releases);
	assert_memory_equal(&gil->hold, &all->hold, sizeof(gil->hold));
	assert_memory_equal(&gil->wait, &all->wait, sizeof(gil->wait));
	assert_memory_equal(&gil->handoff, &all->handoff, sizeof(gil->handoff));
	assert_memory_equal(&gil->drop_latency, &all->drop_latency, sizeof(gil->drop_latency));
	assert_memory_equal(&gil->forecast, &all->forecast, sizeof(gil->forecast));
	assert_int_equal(gil->site_count, all->site_count);
	assert_int_equal(gil->blame_count, all->blame_count);
	assert_int_equal(gil->line_blame_count, all->line_blame_count);
	for (size_t i = 0; i < all->site_count; i++)
		assert_memory_equal(&gil->sites[i].figures, &all->sites[i].figures,
			sizeof(all->sites[i].figures));
}

static void feed_simulated(const struct simulation *simulation)
{
	trace_process(&t, PROCESS_STARTED, SIMULATED_BEGIN, "prog");
	trace_gil(&t, GIL_CREATED, SIMULATED_BEGIN, 0);
	trace_mark(&t, SIMULATED_PID, SIMULATED_BEGIN, MARK_BEGIN_ALL, "whole");
	for (guint i = 0; i < simulation->events->len; i++)
		stats_feed(t.stats, &g_array_index(simulation->events, struct event, i));
	trace_process(&t, PROCESS_EXITING, simulation->end, "prog");
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNMATCHED_MARK);
}

static void simulate_and_compare(const struct simulation_options *options)
{
	const struct region_choice every = {.every = true};
	struct simulation simulation;

	simulate(&simulation, options);
	trace_begin_regions(&t, &every);
	feed_simulated(&simulation);
	naive_times_compare(&simulation, &t.watch);
	compare(&simulation, simulation.stays, options->threads, SIMULATED_REGION);
	compare(&simulation, simulation.all_stays, options->threads, SIMULATED_EVERYWHERE);
	compare_whole(trace_only_gil(&t), region_of(&t.report.processes[0], "whole"));
	trace_release(&t);
	trace_begin_region(&t, SIMULATED_REGION);
	feed_simulated(&simulation);
	if (simulation.stays->len)
		naive_region_compare(
			&simulation, simulation.stays, options->threads, trace_only_gil(&t));
	trace_release(&t);
	simulation_release(&simulation);
}

static void test_simulated(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 120; seed++) {
		struct simulation_options options = {
			.seed = seed,
			.threads = 1 + (int)(seed % 7),
			.holds = 20 + 3 * seed,
			.starve = seed % 3 == 0 && seed % 7 > 2,
			.open_end = seed % 2,
			.mark = true,
			.bursts = seed % 4 > 1,
			.sites = seed % 4 * 3,
			.late_ns = seed % 5 ? 200000 : 3000000,
		};

		simulate_and_compare(&options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold_is_clipped),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_unclosed_and_unmatched),
		cmocka_unit_test(test_unclosed_in_a_cut_off_trace),
		cmocka_unit_test(test_processes_without_the_region),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_more_stays_than_are_remembered),
		cmocka_unit_test(test_simulated),
	};

	return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
