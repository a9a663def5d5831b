/* The model, waits: their parts, who is blamed, handoffs, contention, waits that nothing ended. */
#include <math.h>

#include "trace.h"

#define UNFINISHED (1u << DOUBT_UNFINISHED)

static struct trace t;

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
}

static const struct gil_report *end(uint64_t at)
{
	trace_process(&t, PROCESS_EXITING, at, "prog");
	trace_end(&t);
	return trace_only_gil(&t);
}

static void assert_near(double value, double expected)
{
	assert_true(fabs(value - expected) <= 1e-12 * fmax(1, expected));
}

/* 103 waits while 100, nobody, 101, nobody held. */
static void test_blame_of_several(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_wait(&t, 103, 1100, 100);
	trace_contended_hold(&t, 100, 1, 1000, 1300, 1, 0);
	trace_contended_hold(&t, 101, 2, 1320, 1400, 1, 0);
	trace_acquire(&t, 103, 3, 1450, 350, 0);
	trace_hold(&t, 103, 3, 1450, 1500);
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(trace_blame(gil, 103, 100), 200);
	assert_int_equal(trace_blame(gil, 103, 101), 80);
	assert_int_equal(trace_blame(gil, 103, BLAME_HANDOFF), 70);
	assert_int_equal(gil->blame_count, 3);
	assert_int_equal(gil->blame[0].wait_ns, 200); /* largest first */
	assert_int_equal(gil->handoff.count, 2);
	assert_int_equal(gil->handoff_ns, 70);
	assert_near(gil->contention, 0.35);
	assert_near(gil->load, 0.35);
	trace_release(&t);
}

/* The forced switch is waiting, too: 100 gives up at 1500, is kept until 1530, waits again from
 * 1540. */
static void test_forced_switch(void **state)
{
	const struct gil_report *gil;
	const struct thread_report *thread;

	(void)state;
	begin();
	trace_wait(&t, 101, 1000, 100);
	trace_request(&t, 101, 1400, 100);
	trace_contended_hold(&t, 100, 1, 1000, 1500, 1, 100);
	trace_acquire(&t, 101, 2, 1510, 510, 0);
	trace_wait(&t, 100, 1540, 101);
	trace_contended_hold(&t, 101, 2, 1510, 1600, 1, 0);
	trace_acquire(&t, 100, 3, 1605, 65, 30);
	trace_hold(&t, 100, 3, 1605, 1700);
	gil = end(2000);
	trace_check(&t.report, 0);
	thread = trace_thread_of(gil, 100);
	assert_int_equal(thread->wait_ns, 95);
	assert_int_equal(thread->wait.count, 1);
	assert_int_equal(thread->contended_acquisitions, 1);
	assert_int_equal(thread->wait_turn.count, 0);
	assert_int_equal(thread->drop_requests_received, 1);
	assert_int_equal(trace_blame(gil, 100, BLAME_HANDOFF), 10 + 5);
	assert_int_equal(trace_blame(gil, 100, 101), 20 + 60);
	thread = trace_thread_of(gil, 101);
	assert_int_equal(thread->wait_turn.count, 1);
	assert_int_equal(thread->wait_turn.total_ns, 510);
	assert_int_equal(thread->drop_requests_sent, 1);
	assert_int_equal(gil->drop_requests, 1);
	assert_int_equal(gil->forced_releases, 1);
	assert_int_equal(gil->drop_latency.count, 1);
	assert_int_equal(gil->drop_latency.total_ns, 100);
	assert_int_equal(gil->contended_acquisitions, 2);
	/* [1000, 1510] and [1500, 1530] and [1540, 1605] of 1000 */
	assert_near(gil->contention, 0.595);
	trace_release(&t);
}

/* Only the forced switch: it is told with the next acquire, however much later. */
static void test_late_forced_switch(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 2000, hold = 3;

	(void)state;
	begin();
	trace_contended_hold(&t, 100, 1, 1000, 1500, 1, 100);
	trace_acquire(&t, 101, 2, 1510, 200, 0);
	trace_hold(&t, 101, 2, 1510, 1600);
	/* So many that the ring has forgotten, each behind a short wait, so that the cover has,
	 * too. */
	for (; hold < 500000; hold++, at += 100) {
		trace_acquire(&t, 101, hold, at, 10, 0);
		trace_hold(&t, 101, hold, at, at + 50);
	}
	trace_acquire(&t, 100, hold, at, 0, 80);
	trace_hold(&t, 100, hold, at, at + 50);
	gil = end(at + 50);
	trace_check(&t.report, 0);
	assert_int_equal(trace_thread_of(gil, 100)->wait_ns, 80);
	assert_int_equal(trace_blame(gil, 100, 101), 70);
	assert_int_equal(trace_blame(gil, 100, BLAME_HANDOFF), 10);
	/* 101 from 1310 on, 100 until 1580, then 499997 times 10. */
	assert_near(gil->contention * (double)gil->span_ns, 270 + 499997 * 10);
	trace_release(&t);
}

/* An announced wait may be longer than the ring: nothing of it is forgotten. */
static void test_long_announced_wait(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 1000, hold = 1;

	(void)state;
	begin();
	trace_wait(&t, 103, 1004, 100);
	for (; hold <= 400000; hold++, at += 10)
		trace_contended_hold(&t, 100 + (int)(hold % 2), hold, at, at + 7, 1, 0);
	trace_acquire(&t, 103, hold, at, at - 1004, 0);
	trace_hold(&t, 103, hold, at, at + 7);
	gil = end(at + 7);
	trace_check(&t.report, 0);
	assert_int_equal(trace_blame(gil, 103, 100), 1400000);
	assert_int_equal(trace_blame(gil, 103, 101), 1400000 - 4);
	assert_int_equal(trace_blame(gil, 103, BLAME_HANDOFF), 1200000);
	assert_int_equal(gil->handoff.count, 400000);
	trace_release(&t);
}

/* One that was not announced is known only as far back as the ring. */
static void test_long_unannounced_wait(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 1000, hold = 1, known = 131072 * 10;

	(void)state;
	begin();
	for (; hold <= 400000; hold++, at += 10)
		trace_contended_hold(&t, 100, hold, at, at + 10, 1, 0);
	trace_acquire(&t, 103, hold, at, at - 1000, 0);
	trace_hold(&t, 103, hold, at, at + 7);
	gil = end(at + 7);
	trace_check(&t.report, 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(trace_blame(gil, 103, 100), known);
	assert_int_equal(trace_blame(gil, 103, BLAME_UNKNOWN), 4000000 - known);
	assert_int_equal(trace_doubt(&t, DOUBT_UNATTRIBUTED_WAIT), 4000000 - known);
	trace_release(&t);
}

/* Nor does what it covers count twice, when what it covers was summed up before. */
static void test_contention_of_long_unannounced_wait(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 1000, hold = 1;

	(void)state;
	begin();
	for (; hold <= 400000; hold++, at += 100) {
		trace_acquire(&t, 100, hold, at + 90, 90, 0);
		trace_hold(&t, 100, hold, at + 90, at + 95);
	}
	trace_acquire(&t, 103, hold, at, at - 1000, 0);
	trace_hold(&t, 103, hold, at, at + 10);
	gil = end(at + 10);
	trace_check(&t.report, 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_true(gil->contention > 0.9 && gil->contention < 1);
	trace_release(&t);
}

/* Contention behind a long announced wait, with more separate waits in it than are kept. */
static void test_contention_under_long_wait(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 1000, hold = 1;

	(void)state;
	begin();
	for (; hold <= 100; hold++, at += 100) {
		trace_acquire(&t, 100, hold, at + 10, 10, 0);
		trace_hold(&t, 100, hold, at + 10, at + 50);
	}
	trace_wait(&t, 103, at, 100);
	for (; hold <= 500000; hold++, at += 100) {
		trace_acquire(&t, 100, hold, at + 10, 10, 0);
		trace_hold(&t, 100, hold, at + 10, at + 50);
	}
	trace_acquire(&t, 103, hold, at, 499900 * 100, 0);
	trace_hold(&t, 103, hold, at, at + 10);
	gil = end(at + 10);
	trace_check(&t.report, 0);
	assert_near(gil->contention * (double)gil->span_ns, 100 * 10 + 499900 * 100);
	trace_release(&t);
}

/* Also when so many separate waits are summed up that the oldest are no longer kept. */
static void test_contention_of_many(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 1000, hold = 1;

	(void)state;
	begin();
	for (; hold <= 400000; hold++, at += 100) {
		trace_acquire(&t, 100, hold, at + 10, 10, 0);
		trace_hold(&t, 100, hold, at + 10, at + 50);
	}
	gil = end(at);
	trace_check(&t.report, 0);
	assert_near(gil->contention * (double)gil->span_ns, 4000000);
	assert_int_equal(gil->wait_ns, 4000000);
	trace_release(&t);
}

static void test_handoff(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_hold(&t, 100, 2, 1200, 1300); /* nobody waited */
	trace_acquire(&t, 101, 3, 1360, 20, 0);
	trace_contended_hold(&t, 101, 3, 1360, 1400, 2, 0); /* since 1340 */
	trace_hold(&t, 102, 4, 1430, 1500);		    /* another one waited: all 30 */
	gil = end(1500);
	trace_check(&t.report, 0);
	assert_int_equal(gil->handoff.count, 2);
	assert_int_equal(gil->handoff_ns, 50);
	assert_int_equal(gil->handoff.max_ns, 30);
	trace_release(&t);
}

static void test_unknown_wait(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 1000, "prog");
	trace_gil(&t, GIL_PRESENT, 1000, 5);
	trace_unseen(&t, 100, 3, 1100);
	trace_acquire(&t, 101, 4, 1110, EVENT_UNKNOWN, 0);
	trace_hold(&t, 101, 4, 1110, 1200);
	gil = end(2000);
	trace_check(&t.report, 1u << DOUBT_UNSEEN_ACQUIRE | 1u << DOUBT_UNKNOWN_WAIT);
	assert_int_equal(trace_doubt(&t, DOUBT_UNKNOWN_WAIT), 1);
	assert_int_equal(gil->contended_acquisitions, 1);
	assert_int_equal(gil->wait_ns, 0);
	assert_int_equal(gil->wait.count, 0);
	trace_release(&t);
}

/* 3.9 - 3.11: a daemon thread that must end leaves take_gil by pthread_exit. */
static void test_wait_ends_with_thread(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_thread(&t, THREAD_STARTED, 101, 1000, "daemon");
	trace_wait(&t, 101, 1100, 100);
	trace_thread(&t, THREAD_EXITED, 101, 1350, "");
	trace_hold(&t, 100, 1, 1000, 1300);
	trace_hold(&t, 100, 2, 1320, 1600);
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 250);
	assert_int_equal(trace_thread_of(gil, 101)->wait.count, 1);
	assert_int_equal(trace_thread_of(gil, 101)->acquisitions, 0);
	assert_int_equal(trace_thread_of(gil, 101)->contended_acquisitions, 0);
	assert_int_equal(trace_thread_of(gil, 101)->alive_ns, 350);
	assert_int_equal(trace_blame(gil, 101, 100), 230);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 20);
	assert_near(gil->contention, 0.25);
	trace_release(&t);
}

/* A wait until the process ends, behind the hold that ends with it. */
static void test_wait_until_exit(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_wait(&t, 101, 1300, 100);
	trace_acquire(&t, 100, 2, 1200, 0, 0);
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 700);
	assert_int_equal(trace_blame(gil, 101, 100), 700);
	assert_int_equal(trace_thread_of(gil, 100)->held_ns, 900);
	trace_release(&t);
}

/* Killed while waiting for a hold that no event tells of: the waiter saw who had it. */
static void test_wait_until_kill(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_wait(&t, 101, 1300, 100);
	trace_wait(&t, 102, 1400, 100);
	trace_request(&t, 101, 2000, 100);
	trace_end(&t);
	gil = trace_only_gil(&t);
	trace_check(&t.report, UNFINISHED);
	assert_int_equal(trace_blame(gil, 101, 100), 700);
	assert_int_equal(trace_blame(gil, 102, 100), 600);
	assert_int_equal(gil->held_ns, 100);
	trace_release(&t);
}

/* The same, but nobody saw the holder. */
static void test_wait_until_kill_holder_unknown(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_wait(&t, 101, 1050, -1);
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_request(&t, 101, 2000, -1);
	trace_end(&t);
	gil = trace_only_gil(&t);
	trace_check(&t.report, UNFINISHED | 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(trace_blame(gil, 101, 100), 50);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 900);
	trace_release(&t);
}

/* A forced switch begins at the thread's last release, which may be among what is lost. */
static void test_forced_switch_after_gap(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 100, 1, 1000, 1100, 1, 10);
	trace_hold(&t, 101, 2, 1110, 1200);
	trace_acquire(&t, 100, 4, 1300, 20, 30);
	trace_hold(&t, 100, 4, 1300, 1400);
	gil = end(2000);
	trace_check(&t.report, 1u << DOUBT_SEQUENCE_GAP | 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(gil->wait_ns, 50);
	assert_int_equal(trace_blame(gil, 100, BLAME_UNKNOWN), 50);
	assert_near(gil->contention, 0.02); /* the wait alone: when the switch was is not known */
	trace_release(&t);
}

/* Recording began with the GIL free: what is waited until the first hold is no one's. */
static void test_wait_before_first_hold(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 1000, "prog");
	trace_gil(&t, GIL_PRESENT, 1100, 4);
	trace_acquire(&t, 101, 3, 1150, 80, 0);
	trace_hold(&t, 101, 3, 1150, 1200);
	gil = end(2000);
	trace_check(&t.report, 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 50);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 30);
	trace_release(&t);
}

/* Impossible: the forced switch cannot last into the wait that follows it. Sums stay whole. */
static void test_forced_switch_too_long(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 100, 1, 1000, 1100, 1, 10);
	trace_hold(&t, 101, 2, 1110, 1200);
	trace_acquire(&t, 100, 3, 1300, 150, 200);
	trace_hold(&t, 100, 3, 1300, 1400);
	gil = end(1400);
	trace_check(&t.report, 1u << DOUBT_IMPOSSIBLE | 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(gil->wait_ns, 350);
	assert_int_equal(trace_blame(gil, 100, BLAME_UNKNOWN), 150);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blame_of_several),
		cmocka_unit_test(test_forced_switch),
		cmocka_unit_test(test_late_forced_switch),
		cmocka_unit_test(test_long_announced_wait),
		cmocka_unit_test(test_long_unannounced_wait),
		cmocka_unit_test(test_contention_of_long_unannounced_wait),
		cmocka_unit_test(test_contention_under_long_wait),
		cmocka_unit_test(test_contention_of_many),
		cmocka_unit_test(test_handoff),
		cmocka_unit_test(test_unknown_wait),
		cmocka_unit_test(test_wait_ends_with_thread),
		cmocka_unit_test(test_wait_until_exit),
		cmocka_unit_test(test_wait_until_kill),
		cmocka_unit_test(test_wait_until_kill_holder_unknown),
		cmocka_unit_test(test_forced_switch_after_gap),
		cmocka_unit_test(test_wait_before_first_hold),
		cmocka_unit_test(test_forced_switch_too_long),
	};

	return cmocka_run_group_tests_name("model_blame", tests, NULL, NULL);
}
