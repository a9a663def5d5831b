/* Figures by line: which line a hold and a wait belong to, and what site numbers stand for. */
#include <string.h>

#include "trace.h"

static struct trace t;

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
}

/* Ends the trace, with no doubt but `allowed`. */
static const struct gil_report *end(unsigned allowed)
{
	trace_process(&t, PROCESS_EXITING, 3000, "prog");
	trace_end(&t);
	trace_check(&t.report, allowed);
	return &t.report.processes[0].gils[0];
}

/* The index of a line in the report, 0: that which is not known; -1 when there is none. */
static int site_of(const struct gil_report *gil, int32_t line)
{
	int found = -1;

	for (size_t i = 0; i < gil->site_count; i++) {
		if (gil->sites[i].line != line)
			continue;
		assert_int_equal(found, -1);
		assert_int_equal(gil->sites[i].kind, line ? SITE_LINE : SITE_NOT_KNOWN);
		assert_string_equal(gil->sites[i].file, line ? "file.py" : "");
		assert_string_equal(gil->sites[i].function, line ? "function" : "");
		found = (int)i;
	}
	return found;
}

static const struct site_figures *at_line(const struct gil_report *gil, int32_t line)
{
	assert_true(site_of(gil, line) >= 0);
	return &gil->sites[site_of(gil, line)].figures;
}

static uint64_t line_blame(const struct gil_report *gil, int32_t waiter, int32_t waiter_line,
	int32_t holder, int32_t holder_line)
{
	for (size_t i = 0; i < gil->line_blame_count; i++) {
		const struct line_blame_report *blame = &gil->line_blame[i];

		if (gil->threads[blame->waiter].tid == waiter &&
			blame->waiter_site == site_of(gil, waiter_line) && blame->holder >= 0 &&
			gil->threads[blame->holder].tid == holder &&
			blame->holder_site == site_of(gil, holder_line))
			return blame->wait_ns;
	}
	return 0;
}

/* 101 waits at line 20, first behind 100 at line 10, then behind 102 at line 11. */
static void test_lines_of_holds_and_waits(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_site(&t, 1, 10);
	trace_site(&t, 2, 11);
	trace_site(&t, 3, 20);
	trace_site(&t, 4, 21);
	t.site = 1;
	trace_hold(&t, 100, 1, 1000, 1200);
	t.site = 2;
	trace_hold(&t, 102, 2, 1210, 1500);
	t.site = 3;
	trace_acquire(&t, 101, 3, 1510, 400, 0); /* from 1110 on */
	t.site = 4;
	trace_hold(&t, 101, 3, 1510, 1550);
	gil = end(0);
	assert_int_equal(at_line(gil, 10)->held_ns, 200);
	assert_int_equal(at_line(gil, 10)->holds, 1);
	assert_int_equal(at_line(gil, 10)->blocked_ns, 90);
	assert_true(at_line(gil, 10)->wait_max_ns == FIGURE_UNKNOWN);
	assert_int_equal(at_line(gil, 11)->blocked_ns, 290);
	assert_int_equal(at_line(gil, 20)->wait_ns, 400);
	assert_int_equal(at_line(gil, 20)->waits, 1);
	assert_int_equal(at_line(gil, 20)->wait_max_ns, 400);
	assert_int_equal(at_line(gil, 20)->holds, 0);
	assert_int_equal(at_line(gil, 21)->held_ns, 40);
	assert_int_equal(at_line(gil, 21)->wait_ns, 0);
	assert_int_equal(line_blame(gil, 101, 20, 100, 10), 90);
	assert_int_equal(line_blame(gil, 101, 20, 102, 11), 290);
	assert_int_equal(gil->line_blame_count, 3); /* and the handoffs */
	/* Most harm first, then most holding. */
	assert_int_equal(site_of(gil, 11), 0);
	assert_int_equal(site_of(gil, 10), 1);
	assert_int_equal(site_of(gil, 21), 2);
	assert_int_equal(site_of(gil, 20), 3);
	assert_int_equal(trace_thread_of(gil, 101)->site_count, 2);
	trace_release(&t);
}

/* Two numbers for one line, described before and after use and once more. */
static void test_equal_lines_are_one(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_site(&t, 1, 10);
	t.site = 1;
	trace_hold(&t, 100, 1, 1000, 1200);
	t.site = 2;
	trace_hold(&t, 100, 2, 1300, 1350);
	trace_site(&t, 2, 10);
	trace_site(&t, 1, 10);
	gil = end(0);
	assert_int_equal(gil->site_count, 1);
	assert_int_equal(at_line(gil, 10)->held_ns, 250);
	assert_int_equal(at_line(gil, 10)->hold_max_ns, 200);
	assert_int_equal(trace_thread_of(gil, 100)->site_count, 1);
	trace_release(&t);
}

static void test_unknown_lines(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_site(&t, 1, 10);
	trace_site(&t, 3, 30);
	trace_site(&t, 3, 31); /* cannot be: which is it? */
	trace_hold(&t, 100, 1, 1000, 1001);
	t.site = 1;
	trace_hold(&t, 100, 2, 1010, 1020);
	t.site = 2; /* never described */
	trace_hold(&t, 100, 3, 1100, 1200);
	t.site = 3;
	trace_hold(&t, 100, 4, 1300, 2300);
	gil = end(1u << DOUBT_IMPOSSIBLE);
	assert_int_equal(gil->site_count, 2);
	assert_int_equal(at_line(gil, 10)->held_ns, 10);
	assert_int_equal(at_line(gil, 0)->held_ns, 1101);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
	trace_release(&t);
}

/* A hold that the process's end ends did not let go at any line. */
static void test_open_hold(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_site(&t, 1, 10);
	t.site = 1;
	trace_acquire(&t, 100, 1, 2000, 100, 0);
	gil = end(0);
	assert_int_equal(at_line(gil, 0)->held_ns, 1000);
	assert_int_equal(at_line(gil, 10)->wait_ns, 100);
	trace_release(&t);
}

/* Each process, and each program image of it, has its own numbers. */
static void test_numbers_of_processes(void **state)
{
	const struct process_report *processes;

	(void)state;
	begin();
	trace_site(&t, 1, 10);
	t.site = 1;
	trace_hold(&t, 100, 1, 1000, 1200);
	trace_process(&t, PROCESS_STARTED, 1300, "other"); /* exec */
	trace_gil(&t, GIL_CREATED, 1300, 0);
	trace_hold(&t, 100, 1, 1300, 1400);
	t.pid = 200;
	trace_process(&t, PROCESS_FORKED, 1500, "prog");
	trace_gil(&t, GIL_CREATED, 1500, 0);
	trace_hold(&t, 200, 1, 1500, 1700);
	trace_site(&t, 1, 99);
	trace_process(&t, PROCESS_EXITING, 3000, "prog");
	t.pid = TRACE_PID;
	trace_process(&t, PROCESS_EXITING, 3000, "other");
	trace_end(&t);
	trace_check(&t.report, 0);
	processes = t.report.processes;
	assert_int_equal(t.report.process_count, 3);
	assert_int_equal(at_line(&processes[0].gils[0], 10)->held_ns, 200);
	assert_int_equal(processes[0].gils[0].site_count, 1);
	assert_int_equal(at_line(&processes[1].gils[0], 0)->held_ns, 100);
	assert_int_equal(at_line(&processes[2].gils[0], 99)->held_ns, 200);
	trace_release(&t);
}

static void test_unavailable(void **state)
{
	struct event event = {.kind = EVENT_UNAVAILABLE, .pid = TRACE_PID, .tid = TRACE_PID};
	const struct process_report *process;

	(void)state;
	begin();
	event.unavailable.facility = FACILITY_SITES;
	event.unavailable.reason = "an interpreter that is not known";
	stats_feed(t.stats, &event);
	stats_feed(t.stats, &event);
	event.unavailable.facility = FACILITY_STACKS;
	event.unavailable.reason = "no libunwind";
	stats_feed(t.stats, &event);
	end(0);
	process = &t.report.processes[0];
	assert_int_equal(process->unavailable_count, 2);
	assert_int_equal(process->unavailable[0].facility, FACILITY_SITES);
	assert_string_equal(process->unavailable[0].reason, "an interpreter that is not known");
	assert_string_equal(process->unavailable[1].reason, "no libunwind");
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_holds_and_waits),
		cmocka_unit_test(test_equal_lines_are_one),
		cmocka_unit_test(test_unknown_lines),
		cmocka_unit_test(test_open_hold),
		cmocka_unit_test(test_numbers_of_processes),
		cmocka_unit_test(test_unavailable),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
