/* The report that the statistics fill: its order, its ratios, what it leaves to the caller. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

static struct trace t;

/* Two threads on one GIL, worked out by hand in the tests below. */
static void feed_two_threads(void)
{
	trace_process(&t, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_wait(&t, 100, 1150, 101);
	trace_contended_hold(&t, 101, 2, 1110, 1500, 1, 0);
	trace_acquire(&t, 100, 3, 1510, 360, 0);
	trace_contended_hold(&t, 100, 3, 1510, 1600, 1, 0);
	trace_acquire(&t, 101, 4, 1620, 70, 0);
	trace_hold(&t, 101, 4, 1620, 1800);
	trace_process(&t, PROCESS_EXITING, 2000, "prog");
}

static void test_figures(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	feed_two_threads();
	trace_end(&t);
	trace_check(&t.report, 0);
	gil = trace_only_gil(&t);
	assert_int_equal(t.report.events, 10);
	assert_int_equal(gil->span_ns, 1000);
	assert_int_equal(gil->held_ns, 760);
	assert_int_equal(gil->wait_ns, 430);
	assert_int_equal(gil->handoff_ns, 30);
	assert_true(fabs(gil->utilization - 0.76) < 1e-12);
	assert_true(fabs(gil->contention - 0.43) < 1e-12);
	assert_true(fabs(gil->load - 0.43) < 1e-12);
	assert_int_equal(gil->acquisitions, 4);
	assert_int_equal(gil->contended_acquisitions, 2);
	assert_int_equal(gil->wait.p50_ns, 70);
	assert_int_equal(gil->wait.max_ns, 360);
	assert_int_equal(gil->wait.mean_ns, 215);
	trace_release(&t);
}

static void test_order(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	feed_two_threads();
	trace_end(&t);
	gil = trace_only_gil(&t);
	assert_int_equal(gil->threads[0].tid, 101); /* 570 + 70 against 190 + 360 */
	assert_int_equal(gil->threads[1].tid, 100);
	assert_int_equal(gil->blame_count, 4);
	assert_int_equal(gil->blame[0].waiter, 1);
	assert_int_equal(gil->blame[0].holder, 0);
	assert_int_equal(gil->blame[0].wait_ns, 350);
	assert_int_equal(gil->blame[1].waiter, 0);
	assert_int_equal(gil->blame[1].holder, 1);
	assert_int_equal(gil->blame[1].wait_ns, 50);
	assert_int_equal(gil->blame[2].waiter, 0);
	assert_int_equal(gil->blame[2].holder, BLAME_HANDOFF);
	assert_int_equal(gil->blame[2].wait_ns, 20);
	assert_int_equal(gil->blame[3].wait_ns, 10);
	trace_release(&t);
}

/* Nothing of what only the reader of the trace knows is touched. */
static void test_leaves_the_rest(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	t.report.path = strdup("/trace");
	t.report.lost_events = 7;
	t.report.complete = true;
	t.report.doubts[DOUBT_LOST_EVENTS] = (struct doubt){7, true};
	t.report.doubts[DOUBT_TRUNCATED] = (struct doubt){1, true};
	feed_two_threads();
	trace_end(&t);
	assert_string_equal(t.report.path, "/trace");
	assert_int_equal(t.report.lost_events, 7);
	assert_true(t.report.complete);
	assert_int_equal(t.report.doubts[DOUBT_LOST_EVENTS].count, 7);
	assert_true(t.report.doubts[DOUBT_TRUNCATED].present);
	assert_false(t.report.doubts[DOUBT_SEQUENCE_GAP].present);
	trace_release(&t);
}

static void test_empty_trace(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	trace_end(&t);
	trace_check(&t.report, 0);
	assert_int_equal(t.report.events, 0);
	assert_int_equal(t.report.process_count, 0);
	trace_release(&t);
	trace_release(&t); /* once more does no harm */
}

static void test_unwanted_figures(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	feed_two_threads();
	stats_finish(t.stats, NULL);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_leaves_the_rest),
		cmocka_unit_test(test_empty_trace),
		cmocka_unit_test(test_unwanted_figures),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
