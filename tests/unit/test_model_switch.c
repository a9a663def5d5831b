/* The model on GILs that are not there all the time: switched off and on, ended, forgotten. */
#include <stdlib.h>

#include "trace.h"

static struct trace t;

static void begin(enum gil_mode mode)
{
	trace_begin(&t, NULL);
	t.gil_mode = mode;
	trace_process(&t, PROCESS_STARTED, 1000, "prog");
	trace_gil_mode(&t, GIL_CREATED, 1000, mode, 0);
}

static const struct gil_report *end(uint64_t at, unsigned doubts)
{
	trace_process(&t, PROCESS_EXITING, at, "prog");
	trace_end(&t);
	trace_check(&t.report, doubts);
	return trace_only_gil(&t);
}

static void test_only_the_time_that_it_is_on_counts(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin(GIL_DISABLED);
	trace_thread(&t, THREAD_PRESENT, 100, 1000, "main");
	trace_gil_mode(&t, GIL_PRESENT, 5000, GIL_ENABLED, 0);
	trace_hold(&t, 100, 1, 5000, 5500);
	trace_gil_mode(&t, GIL_PRESENT, 6000, GIL_DISABLED, 0);
	trace_gil_mode(&t, GIL_PRESENT, 8000, GIL_ENABLED, 0);
	trace_hold(&t, 100, 2, 8000, 9000);
	gil = end(11000, 0);
	assert_int_equal(gil->lifetime_ns, 10000);
	assert_int_equal(gil->span_ns, 1000 + 3000);
	assert_int_equal(gil->held_ns, 1500);
	assert_true(gil->utilization == 1500.0 / 4000);
	assert_true(gil->switched);
	assert_int_equal(gil->mode, GIL_ENABLED);
	assert_int_equal(t.report.processes[0].gil_mode, GIL_DISABLED); /* as its end says */
	assert_int_equal(trace_thread_of(gil, 100)->alive_ns, 4000);
	trace_release(&t);
}

static void test_waits_end_when_it_goes_off(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin(GIL_ENABLED);
	trace_wait(&t, 101, 2000, 100);
	trace_hold(&t, 100, 1, 1500, 4000);
	trace_gil_mode(&t, GIL_PRESENT, 4000, GIL_DISABLED, 0);
	/* Told late: it was preempted on its way to sleep. */
	trace_wait(&t, 102, 3000, 100);
	gil = end(9000, 0);
	assert_int_equal(gil->span_ns, 3000);
	assert_int_equal(gil->wait_ns, 2000 + 1000);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 2000);
	assert_int_equal(trace_thread_of(gil, 102)->wait_ns, 1000);
	assert_int_equal(trace_blame(gil, 101, 100), 2000);
	assert_int_equal(gil->contended_acquisitions, 0);
	assert_true(gil->contention == 2000.0 / 3000);
	trace_release(&t);
}

/* The shim tells the second part of a wait that went on, as one of its own. */
static void test_wait_that_goes_on_when_it_is_on_again(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin(GIL_ENABLED);
	trace_wait(&t, 101, 2000, 100);
	trace_hold(&t, 100, 1, 1500, 4000);
	trace_gil_mode(&t, GIL_PRESENT, 4000, GIL_DISABLED, 0);
	trace_gil_mode(&t, GIL_PRESENT, 6000, GIL_ENABLED, 0);
	trace_wait(&t, 101, 6000, 100);
	trace_hold(&t, 100, 2, 6000, 7000);
	trace_acquire(&t, 101, 3, 7100, 1100, 0);
	trace_hold(&t, 101, 3, 7100, 7200);
	gil = end(9000, 0);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 2000 + 1100);
	assert_int_equal(trace_blame(gil, 101, 100), 3000);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 100);
	assert_int_equal(gil->contended_acquisitions, 1);
	trace_release(&t);
}

static void test_events_out_of_place_do_no_harm(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin(GIL_ENABLED);
	trace_gil_mode(&t, GIL_PRESENT, 4000, GIL_DISABLED, 0);
	trace_gil_mode(&t, GIL_PRESENT, 3000, GIL_ENABLED, 0);
	trace_gil_mode(&t, GIL_PRESENT, 2000, GIL_DISABLED, 0);
	trace_gil_mode(&t, GIL_PRESENT, 5000, GIL_DISABLED, 0);
	/* More holding than the GIL was on: one of them is wrong. */
	trace_hold(&t, 100, 1, 1000, 8000);
	gil = end(9000, 1u << DOUBT_IMPOSSIBLE);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
	assert_int_equal(gil->span_ns, 8000);
	trace_release(&t);
}

static void test_gil_that_was_never_on_has_no_figures(void **state)
{
	(void)state;
	begin(GIL_DISABLED);
	trace_process(&t, PROCESS_EXITING, 2000, "prog");
	trace_end(&t);
	assert_int_equal(t.report.processes[0].gil_count, 0);
	assert_int_equal(t.report.processes[0].gil_mode, GIL_DISABLED);
	trace_release(&t);
}

static void sub_gil(enum gil_state state, uint64_t at)
{
	struct event event = {.kind = EVENT_GIL, .pid = TRACE_PID, .tid = 100, .gil = 2, .at = at};

	event.gil_info.state = state;
	event.gil_info.kind = INTERPRETER_SUB;
	event.gil_info.interval_us = 5000;
	stats_feed(t.stats, &event);
}

static void test_subinterpreter_that_ended(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin(GIL_ENABLED);
	sub_gil(GIL_CREATED, 2000);
	t.gil = 2;
	trace_hold(&t, 100, 1, 2000, 2500);
	/* Seen only when something else takes its place: it was not in use until then. */
	sub_gil(GIL_DESTROYED, 7000);
	t.gil = 1;
	trace_hold(&t, 100, 1, 8000, 9000);
	trace_process(&t, PROCESS_EXITING, 11000, "prog");
	trace_end(&t);
	trace_check(&t.report, 0);
	assert_int_equal(t.report.processes[0].gil_count, 2);
	gil = &t.report.processes[0].gils[1];
	assert_int_equal(gil->kind, INTERPRETER_SUB);
	assert_true(gil->created);
	assert_true(gil->ended);
	assert_int_equal(gil->span_ns, 500);
	assert_int_equal(t.report.processes[0].gils[0].span_ns, 10000);
	assert_false(t.report.processes[0].gils[0].ended);
	trace_release(&t);
}

/* Up to 3.11 Py_Finalize leaves the GIL taken. */
static void test_hold_that_the_end_of_the_gil_ends(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin(GIL_ENABLED);
	trace_acquire(&t, 100, 1, 2000, 0, 0);
	trace_gil(&t, GIL_DESTROYED, 5000, 0);
	t.gil = 3;
	trace_gil(&t, GIL_CREATED, 5000, 0);
	trace_hold(&t, 100, 1, 5500, 6000);
	trace_process(&t, PROCESS_EXITING, 9000, "prog");
	trace_end(&t);
	trace_check(&t.report, 0);
	gil = &t.report.processes[0].gils[0];
	assert_int_equal(gil->held_ns, 3000);
	assert_int_equal(gil->span_ns, 4000);
	assert_int_equal(t.report.processes[0].gils[1].span_ns, 4000);
	trace_release(&t);
}

static void test_forgotten_gil_is_a_doubt(void **state)
{
	(void)state;
	begin(GIL_ENABLED);
	trace_hold(&t, 100, 1, 2000, 2500);
	trace_gil(&t, GIL_FORGOTTEN, 5000, 0);
	end(9000, 1u << DOUBT_FORGOTTEN);
	assert_int_equal(trace_doubt(&t, DOUBT_FORGOTTEN), 1);
	trace_release(&t);
}

static void test_requests_of_an_unknown_layout(void **state)
{
	struct event event = {
		.kind = EVENT_GIL, .pid = TRACE_PID, .tid = 100, .gil = 1, .at = 1000};
	const struct gil_report *gil;

	(void)state;
	begin(GIL_ENABLED);
	event.gil_info.detail = GIL_DETAIL_TIMES;
	event.gil_info.state = GIL_PRESENT;
	stats_feed(t.stats, &event);
	trace_hold(&t, 100, 1, 2000, 2500);
	gil = end(9000, 0);
	assert_int_equal(gil->interval_us, 0);
	assert_int_equal(gil->held_ns, 500);
	assert_true(gil->drop_requests == FIGURE_UNKNOWN);
	assert_true(gil->forced_releases == FIGURE_UNKNOWN);
	assert_true(gil->drop_latency.count == FIGURE_UNKNOWN);
	assert_true(trace_thread_of(gil, 100)->drop_requests_sent == FIGURE_UNKNOWN);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_time_that_it_is_on_counts),
		cmocka_unit_test(test_waits_end_when_it_goes_off),
		cmocka_unit_test(test_wait_that_goes_on_when_it_is_on_again),
		cmocka_unit_test(test_events_out_of_place_do_no_harm),
		cmocka_unit_test(test_gil_that_was_never_on_has_no_figures),
		cmocka_unit_test(test_subinterpreter_that_ended),
		cmocka_unit_test(test_hold_that_the_end_of_the_gil_ends),
		cmocka_unit_test(test_forgotten_gil_is_a_doubt),
		cmocka_unit_test(test_requests_of_an_unknown_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
