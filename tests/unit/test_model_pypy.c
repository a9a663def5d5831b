/* The model, a GIL of PyPy: waits are known, holds are not. */
#include <math.h>

#include "trace.h"

static struct trace t;

static void feed(struct event *event)
{
	event->pid = t.pid;
	event->gil = t.gil;
	event->timestamp = event->at;
	stats_feed(t.stats, event);
}

static void tell_gil(enum gil_state state, uint64_t at, uint64_t seq)
{
	struct event event = {.kind = EVENT_GIL, .tid = t.pid, .at = at};

	event.gil_info.state = state;
	event.gil_info.kind = INTERPRETER_PYPY;
	event.gil_info.seq = seq;
	feed(&event);
}

static void acquire(int32_t tid, uint64_t seq, uint64_t at, uint64_t wait_ns)
{
	struct event event = {.kind = EVENT_ACQUIRE, .tid = tid, .at = at};

	event.acquire.seq = seq;
	event.acquire.wait_ns = wait_ns;
	feed(&event);
}

static void release(int32_t tid, uint64_t seq, uint64_t at)
{
	struct event event = {.kind = EVENT_RELEASE, .tid = tid, .at = at};

	event.release.seq = seq;
	event.release.held_ns = EVENT_UNKNOWN;
	feed(&event);
}

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, 900, "prog");
	tell_gil(GIL_CREATED, 1000, 0);
}

/* The process ends at `at`; what must hold of every trace. */
static const struct gil_report *end(uint64_t at, unsigned allowed)
{
	const struct gil_report *gil;

	trace_process(&t, PROCESS_EXITING, at, "prog");
	trace_end(&t);
	gil = trace_only_gil(&t);
	for (int kind = 0; kind < DOUBT_KINDS; kind++)
		assert_true(allowed & 1u << kind || !t.report.doubts[kind].count);
	for (size_t i = 0; i < gil->thread_count; i++) {
		uint64_t blamed = 0;

		for (size_t j = 0; j < gil->blame_count; j++) {
			assert_true(gil->blame[j].holder < 0);
			if (gil->blame[j].waiter == (int)i)
				blamed += gil->blame[j].wait_ns;
		}
		assert_true(blamed == gil->threads[i].wait_ns);
		assert_true(gil->threads[i].held_ns == FIGURE_UNKNOWN);
		assert_true(gil->threads[i].acquisitions == FIGURE_UNKNOWN);
		assert_true(gil->threads[i].hold.count == FIGURE_UNKNOWN);
	}
	assert_true(gil->held_ns == FIGURE_UNKNOWN);
	assert_true(gil->handoff_ns == FIGURE_UNKNOWN);
	assert_true(gil->acquisitions == FIGURE_UNKNOWN);
	assert_true(gil->hold.max_ns == FIGURE_UNKNOWN);
	assert_true(isnan(gil->utilization));
	return gil;
}

static void test_no_wait(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	gil = end(2000, 0);
	assert_int_equal(gil->span_ns, 1000);
	assert_int_equal(gil->wait_ns, 0);
	assert_true(gil->load == 0);
	assert_true(gil->contention == 0);
	trace_release(&t);
}

/* 1100 - 1500 nobody knows who held it; 1500 - 1520 it was free. */
static void test_handoff(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_wait(&t, 101, 1100, HOLDER_UNKNOWN);
	release(100, 1, 1500);
	acquire(101, 2, 1520, 420);
	gil = end(2000, 0);
	assert_int_equal(gil->wait_ns, 420);
	assert_int_equal(gil->contended_acquisitions, 1);
	assert_int_equal(gil->handoff.count, 1);
	assert_int_equal(gil->handoff.total_ns, 20);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 400);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 20);
	assert_true(fabs(gil->contention - 0.42) < 1e-12);
	assert_true(fabs(gil->load - 0.42) < 1e-12);
	assert_int_equal(trace_thread_of(gil, 101)->wait_turn.count, 1);
	trace_release(&t);
}

/* Taken by a thread that found it free: when that became so is not known. */
static void test_unseen_release(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	acquire(101, 1, 1400, 300);
	acquire(102, 2, 1600, 500);
	gil = end(2000, 0);
	assert_int_equal(gil->handoff.count, 0);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 300);
	assert_int_equal(trace_blame(gil, 102, BLAME_UNKNOWN), 500);
	assert_true(fabs(gil->contention - 0.5) < 1e-12);
	assert_true(fabs(gil->load - 0.8) < 1e-12);
	assert_int_equal(trace_thread_of(gil, 101)->wait_turn.count, 0);
	trace_release(&t);
}

static void test_late_events(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	acquire(102, 4, 1700, 100);
	acquire(101, 2, 1520, 420);
	release(101, 3, 1680);
	release(100, 1, 1500);
	gil = end(2000, 0);
	assert_int_equal(gil->handoff.count, 2);
	assert_int_equal(gil->handoff.total_ns, 40);
	assert_int_equal(trace_blame(gil, 102, BLAME_HANDOFF), 20);
	assert_int_equal(trace_blame(gil, 102, BLAME_UNKNOWN), 80);
	trace_release(&t);
}

/* A number is missing: then the release before it proves nothing. */
static void test_gap(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	release(100, 1, 1500);
	acquire(101, 3, 1620, 420);
	gil = end(2000, 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 1);
	assert_int_equal(gil->handoff.count, 0);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 420);
	trace_release(&t);
}

/* What was before a session began on a running process is no gap. */
static void test_recording_begins_late(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 900, "prog");
	tell_gil(GIL_PRESENT, 1000, 0);
	tell_gil(GIL_PRESENT, 1100, 77);
	acquire(101, 78, 1400, EVENT_UNKNOWN);
	acquire(101, 79, 1600, 50);
	gil = end(2000, 1u << DOUBT_UNKNOWN_WAIT);
	assert_int_equal(gil->wait_ns, 50);
	assert_int_equal(gil->contended_acquisitions, 2);
	trace_release(&t);
}

/* A thread writes late what came before the session; another's was written before that. */
static void test_session_begins_in_between(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 900, "prog");
	tell_gil(GIL_PRESENT, 1000, 0);
	release(100, 91, 990);
	release(102, 93, 1400);
	acquire(101, 94, 1410, 50);
	end(2000, 0);
	trace_release(&t);

	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 900, "prog");
	tell_gil(GIL_PRESENT, 1000, 0);
	release(100, 91, 1010);
	release(102, 93, 1400);
	end(2000, 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 1);
	trace_release(&t);
}

/* Recording ends before a thread has written what others' events follow. */
static void test_session_ends_in_between(void **state)
{
	(void)state;
	begin();
	acquire(101, 1, 1400, 300);
	acquire(102, 3, 1600, 100);
	trace_end(&t);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 0);
	trace_release(&t);
}

/* The process ends, and with it a wait, while nobody knows who had the GIL. */
static void test_wait_without_end(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	acquire(101, 1, 1400, 300);
	trace_wait(&t, 102, 1500, HOLDER_UNKNOWN);
	gil = end(2000, 0);
	assert_int_equal(trace_blame(gil, 102, BLAME_UNKNOWN), 500);
	assert_int_equal(trace_blame(gil, 102, BLAME_HANDOFF), 0);
	assert_int_equal(trace_thread_of(gil, 102)->contended_acquisitions, 0);
	trace_release(&t);
}

static void test_what_cannot_be(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	acquire(101, 0, 1200, 10); /* there is no number 0 */
	acquire(101, 1, 1400, 300);
	acquire(102, 1, 1450, 10); /* nor a number twice */
	acquire(102, 2, 1300, 10); /* nor a later one earlier */
	gil = end(2000, 1u << DOUBT_IMPOSSIBLE);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 3);
	assert_int_equal(gil->contended_acquisitions, 2);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_wait),
		cmocka_unit_test(test_handoff),
		cmocka_unit_test(test_unseen_release),
		cmocka_unit_test(test_late_events),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_recording_begins_late),
		cmocka_unit_test(test_session_begins_in_between),
		cmocka_unit_test(test_session_ends_in_between),
		cmocka_unit_test(test_wait_without_end),
		cmocka_unit_test(test_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
