/* What a smaller switch interval would have changed. The interval of these traces is 5 ms. */
#include "trace.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define BEGIN (100 * MS)

static struct trace t;

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, BEGIN, "prog");
	trace_gil(&t, GIL_CREATED, BEGIN, 0);
}

static const struct gil_report *end(void)
{
	trace_process(&t, PROCESS_EXITING, BEGIN + 900 * MS, "prog");
	trace_end(&t);
	trace_check(&t.report, 0);
	return trace_only_gil(&t);
}

/* Times from BEGIN on. A hold of 100; 101 waits for it from `since`, and has it 10 us later. */
static void wait_behind(uint64_t from, uint64_t to, uint64_t requested_ns, uint64_t since)
{
	trace_contended_hold(&t, 100, 1, BEGIN + from, BEGIN + to, 1, requested_ns);
	trace_acquire(&t, 101, 2, BEGIN + to + 10 * US, to + 10 * US - since, 0);
	trace_hold(&t, 101, 2, BEGIN + to + 10 * US, BEGIN + to + 20 * US);
}

static void check(const struct gil_report *gil, uint64_t saved_1ms, uint64_t saved_500us)
{
	const struct thread_report *thread = trace_thread_of(gil, 101);

	assert_int_equal(gil->forecast[0].interval_us, 1000);
	assert_true(gil->forecast[0].smaller);
	assert_int_equal(gil->forecast[0].saved_ns, saved_1ms);
	assert_int_equal(gil->forecast[0].changed_waits, saved_1ms > 0);
	assert_int_equal(gil->forecast[0].wait_ns, gil->wait_ns - saved_1ms);
	assert_int_equal(gil->forecast[1].interval_us, 500);
	assert_int_equal(gil->forecast[1].saved_ns, saved_500us);
	assert_int_equal(thread->forecast[0].saved_ns, saved_1ms);
	assert_int_equal(thread->forecast[0].wait_ns, thread->wait_ns - saved_1ms);
}

static void test_whole_turn(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	wait_behind(0, 7 * MS + 10 * US, 10 * US, 2 * MS);
	gil = end();
	check(gil, 4 * MS, 4500 * US);
	assert_int_equal(gil->unanswered_waits, 0);
	assert_int_equal(gil->forecast[0].other_waits, 0);
	assert_int_equal(gil->forecast[0].added_switches, 0);
	trace_release(&t);
}

/* Another thread asked; this one came later. */
static void test_end_of_a_turn(void **state)
{
	(void)state;
	begin();
	wait_behind(0, 5 * MS + 10 * US, 10 * US, 3 * MS);
	check(end(), 1 * MS, 1500 * US);
	trace_release(&t);
	begin();
	wait_behind(0, 5 * MS + 10 * US, 10 * US, 4600 * US);
	check(end(), 0, 0);
	trace_release(&t);
}

static void test_holder_that_does_not_answer(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	wait_behind(0, 50 * MS, 45 * MS, 0);
	gil = end();
	check(gil, 0, 0);
	assert_int_equal(gil->unanswered_waits, 1);
	assert_int_equal(gil->unanswered_ns, 50 * MS + 10 * US);
	trace_release(&t);
}

static void test_holder_that_lets_go_by_itself(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	wait_behind(0, 3 * MS, 0, 0);
	gil = end();
	check(gil, 0, 0);
	assert_int_equal(gil->forecast[0].other_waits, 1);
	assert_int_equal(gil->forecast[0].other_ns, 2 * MS + 10 * US);
	assert_int_equal(gil->forecast[1].other_ns, 2500 * US + 10 * US);
	trace_release(&t);
}

/* Two threads take turns; a third waits for both of them. */
static void test_turns(void **state)
{
	const struct gil_report *gil;
	uint64_t at = BEGIN;

	(void)state;
	begin();
	for (uint64_t hold = 1; hold <= 10; hold++) {
		int32_t tid = 102 + (int32_t)(hold % 2);

		if (hold > 2)
			trace_acquire(&t, tid, hold, at, 5 * MS + 20 * US, 10 * US);
		trace_contended_hold(&t, tid, hold, at, at + 5 * MS + 10 * US, 2, 10 * US);
		at += 5 * MS + 20 * US;
	}
	trace_acquire(&t, 101, 11, at, at - BEGIN, 0);
	trace_hold(&t, 101, 11, at, at + 10);
	gil = end();
	assert_int_equal(trace_thread_of(gil, 101)->forecast[0].saved_ns, 10 * 4 * MS);
	assert_int_equal(trace_thread_of(gil, 102)->forecast[0].saved_ns, 4 * 4 * MS);
	assert_int_equal(gil->forecast[0].added_switches, 9 * 4);
	assert_int_equal(gil->forecast[1].added_switches, 9 * 9);
	assert_true(gil->forecast[0].added_ns >= 36 * 20 * US);
	assert_true(gil->forecast[0].added_ns <= 36 * 21 * US);
	trace_release(&t);
}

static void test_interval_that_is_small_already(void **state)
{
	struct event event = {.kind = EVENT_GIL, .pid = TRACE_PID, .gil = 1, .at = BEGIN};
	const struct gil_report *gil;

	(void)state;
	begin();
	event.gil_info.state = GIL_PRESENT;
	event.gil_info.interval_us = 1000;
	stats_feed(t.stats, &event);
	wait_behind(0, 1 * MS + 10 * US, 10 * US, 0);
	gil = end();
	assert_false(gil->forecast[0].smaller);
	assert_int_equal(gil->forecast[0].saved_ns, 0);
	assert_true(gil->forecast[1].smaller);
	assert_int_equal(gil->forecast[1].saved_ns, 500 * US);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_turn),
		cmocka_unit_test(test_end_of_a_turn),
		cmocka_unit_test(test_holder_that_does_not_answer),
		cmocka_unit_test(test_holder_that_lets_go_by_itself),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_interval_that_is_small_already),
	};

	return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
