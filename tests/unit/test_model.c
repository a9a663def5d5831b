/* The model, holds: their order, what is missing, what cannot be, the span. */
#include <math.h>

#include "trace.h"

#define UNSEEN (1u << DOUBT_UNSEEN_ACQUIRE)
#define UNFINISHED (1u << DOUBT_UNFINISHED)

static struct trace t;

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, 900, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
}

/* The process ends at `at`. */
static const struct gil_report *end(uint64_t at)
{
	trace_process(&t, PROCESS_EXITING, at, "prog");
	trace_end(&t);
	return trace_only_gil(&t);
}

static void test_holds(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1400);
	trace_hold(&t, 100, 2, 1500, 1600);
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(gil->span_ns, 1000);
	assert_int_equal(gil->held_ns, 500);
	assert_int_equal(gil->acquisitions, 2);
	assert_int_equal(gil->contended_acquisitions, 0);
	assert_int_equal(gil->interval_us, 5000);
	assert_true(fabs(gil->utilization - 0.5) < 1e-12);
	assert_true(gil->contention == 0);
	assert_true(gil->load == 0);
	assert_int_equal(gil->hold.max_ns, 400);
	assert_int_equal(gil->handoff.count, 0);
	assert_int_equal(gil->thread_count, 1);
	assert_int_equal(gil->threads[0].kind, THREAD_MAIN);
	assert_int_equal(t.report.events, 5);
	trace_release(&t);
}

/* Arrival in any order gives the same figures. */
static void test_late_events(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 102, 3, 1300, 1400, 0, 0);
	trace_acquire(&t, 101, 2, 1210, 110, 0);
	trace_contended_hold(&t, 101, 2, 1210, 1300, 0, 0);
	trace_contended_hold(&t, 100, 1, 1000, 1200, 1, 0);
	gil = end(1400);
	trace_check(&t.report, 0);
	assert_int_equal(gil->held_ns, 390);
	assert_int_equal(gil->wait_ns, 110);
	assert_int_equal(gil->handoff_ns, 10);
	assert_int_equal(trace_blame(gil, 101, 100), 100);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 10);
	trace_release(&t);
}

/* A release whose acquire was not recorded makes no hold, but blame knows it. */
static void test_unseen_acquire(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 1000, "prog");
	trace_gil(&t, GIL_PRESENT, 1000, 7);
	trace_wait(&t, 101, 1100, 100);
	trace_unseen(&t, 100, 4, 1500);
	trace_acquire(&t, 101, 5, 1510, 410, 0);
	trace_hold(&t, 101, 5, 1510, 1600);
	gil = end(2000);
	trace_check(&t.report, UNSEEN);
	assert_int_equal(trace_doubt(&t, DOUBT_UNSEEN_ACQUIRE), 1);
	assert_int_equal(gil->held_ns, 90);
	assert_int_equal(gil->hold.count, 1);
	assert_int_equal(gil->acquisitions, 1);
	assert_int_equal(gil->span_ns, 1000);
	assert_int_equal(trace_blame(gil, 101, 100), 400);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 10);
	assert_int_equal(trace_thread_of(gil, 100)->acquisitions, 0);
	trace_release(&t);
}

/* The GIL is told of only after others were already seen to wait for the hold. */
static void test_unseen_acquire_told_late(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 1000, "prog");
	trace_wait(&t, 101, 1100, -1);
	trace_gil(&t, GIL_PRESENT, 1200, 8);
	trace_unseen(&t, 100, 5, 1500);
	trace_acquire(&t, 101, 6, 1510, 410, 0);
	trace_hold(&t, 101, 6, 1510, 1600);
	gil = end(2000);
	trace_check(&t.report, UNSEEN);
	assert_int_equal(gil->span_ns, 900);
	assert_int_equal(trace_blame(gil, 101, 100), 400);
	trace_release(&t);
}

/* A release that says it knows no acquire, though the trace has one: both ends are known. */
static void test_unseen_acquire_seen_after_all(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 101, 1, 1000, 1100, 1, 0);
	trace_acquire(&t, 100, 2, 1110, 50, 0);
	trace_unseen(&t, 100, 2, 1300);
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(gil->held_ns, 290);
	assert_int_equal(gil->wait_ns, 50);
	trace_release(&t);
}

/* Numbers that were used before recording began are no loss; one that is late still counts. */
static void test_recording_begins_in_mid_run(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 1000, "prog");
	trace_gil(&t, GIL_PRESENT, 1000, 40);
	trace_hold(&t, 100, 22, 1300, 1400);
	trace_hold(&t, 101, 21, 1100, 1200);
	trace_hold(&t, 102, 20, 980, 990); /* recorded just before the statedump */
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(gil->held_ns, 210);
	assert_int_equal(gil->span_ns, 1020);
	trace_release(&t);
}

static void test_without_gil_event(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_hold(&t, 100, 11, 1100, 1200);
	trace_hold(&t, 101, 10, 1000, 1050);
	trace_hold(&t, 100, 12, 1300, 1400);
	trace_end(&t);
	gil = trace_only_gil(&t);
	trace_check(&t.report, UNFINISHED);
	assert_int_equal(gil->held_ns, 250);
	assert_int_equal(gil->span_ns, 400);
	assert_int_equal(gil->interval_us, 0);
	assert_int_equal(t.report.processes[0].gil_mode, GIL_MODE_UNKNOWN);
	assert_string_equal(t.report.processes[0].command, "");
	trace_release(&t);
}

static void test_missing_holds(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_acquire(&t, 101, 4, 1500, 450, 0);
	trace_hold(&t, 101, 4, 1500, 1600);
	gil = end(2000);
	trace_check(&t.report, 1u << DOUBT_SEQUENCE_GAP | 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 4);
	/* 50 while 100 held; then nobody knows. No handoff is made up. */
	assert_int_equal(trace_blame(gil, 101, 100), 50);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 400);
	assert_int_equal(trace_doubt(&t, DOUBT_UNATTRIBUTED_WAIT), 400);
	assert_int_equal(gil->handoff.count, 0);
	trace_release(&t);
}

/* The release is lost, the acquire is not. */
static void test_missing_release(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 100, 1, 1000, 1100, 1, 0);
	trace_acquire(&t, 101, 2, 1110, 50, 0);
	trace_hold(&t, 100, 3, 1200, 1300);
	gil = end(1300);
	trace_check(&t.report, 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 1);
	assert_int_equal(gil->acquisitions, 3);
	assert_int_equal(gil->hold.count, 2);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 50);
	trace_release(&t);
}

/* The acquire is lost, but the wait was announced: it ended where the hold began. */
static void test_missing_acquire(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_wait(&t, 101, 1050, 100);
	trace_contended_hold(&t, 100, 1, 1000, 1100, 1, 0);
	trace_hold(&t, 101, 2, 1110, 1200);
	gil = end(1300);
	trace_check(&t.report, 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 1);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 60);
	assert_int_equal(trace_thread_of(gil, 101)->contended_acquisitions, 1);
	trace_release(&t);
}

/* A loss that is larger than the window does not stop it. */
static void test_endless_gap(void **state)
{
	const struct gil_report *gil;
	uint64_t at = 2000;

	(void)state;
	begin();
	for (uint64_t hold = 5; hold < 400005; hold++, at += 10)
		trace_hold(&t, 100, hold, at, at + 5);
	trace_hold(&t, 100, 1000000000, at, at + 5);
	gil = end(at + 5);
	trace_check(&t.report, 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(gil->acquisitions, 400001);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 2 * (1000000000 - 400001));
	trace_release(&t);
}

/* Session statedumps repeat facts: numbers before one were never lost. */
static void test_recording_pauses(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_gil(&t, GIL_PRESENT, 5000, 40);
	trace_hold(&t, 100, 21, 5100, 5200);
	trace_gil(&t, GIL_PRESENT, 5300, 42);
	trace_hold(&t, 100, 22, 5400, 5500);
	gil = end(6000);
	trace_check(&t.report, 0);
	assert_int_equal(gil->acquisitions, 3);
	assert_int_equal(gil->span_ns, 5000);
	trace_release(&t);
}

/* Also within a hold: its acquire was told before, its release has another number. */
static void test_recording_pauses_in_a_hold(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 101, 1, 1000, 1100, 1, 0);
	trace_acquire(&t, 100, 2, 1110, 50, 0);
	trace_gil(&t, GIL_PRESENT, 5000, 4);
	trace_wait(&t, 101, 5100, -1);
	trace_unseen(&t, 100, 3, 5300);
	trace_acquire(&t, 101, 4, 5310, 210, 0);
	trace_hold(&t, 101, 4, 5310, 5400);
	gil = end(6000);
	trace_check(&t.report, UNSEEN);
	assert_int_equal(gil->acquisitions, 3);
	assert_int_equal(gil->hold.count, 2);
	assert_int_equal(trace_blame(gil, 101, 100), 200);
	assert_int_equal(trace_blame(gil, 101, BLAME_HANDOFF), 10);
	trace_release(&t);
}

static void begin_attached(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 2000, "prog");
	trace_gil(&t, GIL_PRESENT, 2000, 0);
}

static const struct gil_report *end_attached(void)
{
	trace_end(&t);
	return trace_only_gil(&t);
}

/* A session starts while a thread is late to write: what lies behind its hold was before the
 * session. */
static void test_session_starts_between(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 1800, 1900);
	trace_acquire(&t, 101, 14, 2100, 350, 0);
	trace_hold(&t, 101, 14, 2100, 2200);
	gil = end_attached();
	trace_check(&t.report, UNFINISHED | 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(gil->acquisitions, 2);
	/* Who held it before and in between nobody knows. */
	assert_int_equal(trace_blame(gil, 101, 100), 100);
	assert_int_equal(trace_blame(gil, 101, BLAME_UNKNOWN), 250);
	trace_release(&t);
}

/* The same later is a loss. */
static void test_loss_after_session_start(void **state)
{
	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_hold(&t, 101, 12, 2300, 2400);
	trace_process(&t, PROCESS_EXITING, 2500, "prog");
	end_attached();
	trace_check(&t.report, 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 2);
	trace_release(&t);
}

/* Recording ends between a release and its event, while others write: one hold of each thread. */
static void test_session_ends_between(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_acquire(&t, 101, 11, 2210, 50, 0); /* its release was not written */
	trace_acquire(&t, 100, 13, 2400, 50, 0); /* nor anything of hold 12 */
	gil = end_attached();
	trace_check(&t.report, UNFINISHED | 1u << DOUBT_UNATTRIBUTED_WAIT);
	assert_int_equal(gil->acquisitions, 3);
	assert_int_equal(gil->hold.count, 1);
	trace_release(&t);
}

/* A thread waits when the session stops, and is gone when the next one starts. */
static void wait_over_a_pause(uint64_t exit_told)
{
	const struct gil_report *gil;

	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_wait(&t, 101, 2150, 100);
	trace_hold(&t, 100, 11, 2250, 2300);
	if (exit_told && exit_told < 5000)
		trace_thread(&t, THREAD_EXITED, 101, exit_told, "");
	trace_gil(&t, GIL_PRESENT, 5000, 40);
	trace_hold(&t, 100, 21, 5000, 5100);
	trace_hold(&t, 100, 22, 5200, 6000);
	if (exit_told > 5000)
		trace_thread(&t, THREAD_EXITED, 101, exit_told, "");
	gil = end_attached();
	assert_int_equal(gil->wait_ns, 2300 - 2150);
	assert_int_equal(trace_blame(gil, 101, 100), 2200 - 2150 + 2300 - 2250);
	assert_int_equal(gil->span_ns, 6000 - 2000);
	trace_release(&t);
}

static void test_wait_over_a_pause(void **state)
{
	(void)state;
	wait_over_a_pause(0);
	wait_over_a_pause(5500);
	wait_over_a_pause(4900); /* by the thread itself, before anybody used the GIL */
}

static void end_with_one_unknown_wait(void)
{
	const struct gil_report *gil = end_attached();

	assert_int_equal(trace_doubt(&t, DOUBT_UNKNOWN_WAIT), 1);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 0);
	assert_int_equal(gil->wait_ns, 0);
	trace_release(&t);
}

/* The thread goes on meanwhile, and who tells that recording has begun again comes late. */
static void test_wait_over_a_pause_told_late(void **state)
{
	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_wait(&t, 101, 2150, 100);
	trace_hold(&t, 101, 22, 5150, 5200);
	trace_gil(&t, GIL_PRESENT, 5100, 40);
	trace_unseen(&t, 100, 21, 5120);
	end_with_one_unknown_wait();
}

/* Of the recording before, by a thread that was late to write it. */
static void test_wait_told_after_a_pause(void **state)
{
	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_gil(&t, GIL_PRESENT, 5000, 40);
	trace_hold(&t, 100, 21, 5000, 5100);
	trace_wait(&t, 101, 2150, 100);
	trace_hold(&t, 101, 22, 5150, 5200);
	end_with_one_unknown_wait();
}

/* By another thread, which had seen it sleep: in the meantime the wait has ended. */
static void test_wait_told_late(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_acquire(&t, 101, 11, 2210, 60, 0);
	trace_wait(&t, 101, 2150, 100);
	trace_hold(&t, 101, 11, 2210, 2300);
	trace_hold(&t, 101, 12, 2400, 2500);
	gil = end_attached();
	trace_check(&t.report, UNFINISHED);
	assert_int_equal(gil->wait_ns, 60);
	trace_release(&t);
}

/* One that goes on after it is told by its acquire, as any other. */
static void test_wait_that_outlives_a_pause(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_wait(&t, 101, 2150, 100);
	trace_gil(&t, GIL_PRESENT, 2160, 18); /* written late, of the recording before */
	trace_acquire(&t, 101, 11, 2210, 60, 0);
	trace_hold(&t, 101, 11, 2210, 2300);
	gil = end_attached();
	assert_int_equal(gil->wait_ns, 60);
	trace_release(&t);
}

static void test_more_missing_than_an_end_cuts_off(void **state)
{
	(void)state;
	begin_attached();
	trace_hold(&t, 100, 10, 2100, 2200);
	trace_hold(&t, 101, 15, 2300, 2400);
	end_attached();
	trace_check(&t.report, UNFINISHED | 1u << DOUBT_SEQUENCE_GAP);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 2 * (4 - 2));
	trace_release(&t);
}

/* A statedump that knows no number says nothing about what is missing. */
static void test_statedump_without_number(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_PRESENT, 1000, "prog");
	trace_gil(&t, GIL_PRESENT, 1000, 0);
	trace_hold(&t, 100, 21, 1100, 1200);
	trace_gil(&t, GIL_PRESENT, 1250, 0);
	trace_hold(&t, 100, 22, 1300, 1400);
	gil = end(2000);
	trace_check(&t.report, 0);
	assert_int_equal(gil->acquisitions, 2);
	trace_release(&t);
}

static void test_overlap(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1200);
	trace_hold(&t, 101, 2, 1150, 1300);
	gil = end(1300);
	trace_check(&t.report, 1u << DOUBT_OVERLAP);
	assert_int_equal(trace_doubt(&t, DOUBT_OVERLAP), 1);
	assert_int_equal(gil->held_ns, 300);
	trace_release(&t);
}

static void test_impossible_events(void **state)
{
	struct event bad = {.kind = EVENT_RELEASE, .pid = 100, .tid = 100, .gil = 1, .at = 1250};
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1200);
	trace_hold(&t, 100, 1, 1000, 1200); /* again */
	bad.release.acquired = 1;
	bad.release.seq = 3; /* odd */
	stats_feed(t.stats, &bad);
	bad.release.seq = 0;
	stats_feed(t.stats, &bad);
	bad.release.seq = 4;
	bad.release.held_ns = 1251; /* began before time did */
	stats_feed(t.stats, &bad);
	bad = (struct event){.kind = EVENT_ACQUIRE, .pid = 100, .tid = 100, .gil = 1, .at = 1300};
	bad.acquire.seq = 6; /* even */
	stats_feed(t.stats, &bad);
	gil = end(1300);
	trace_check(&t.report, 1u << DOUBT_IMPOSSIBLE | UNSEEN);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 5);
	assert_int_equal(trace_doubt(&t, DOUBT_UNSEEN_ACQUIRE), 1);
	assert_int_equal(gil->acquisitions, 1);
	trace_release(&t);
}

/* 3.7 - 3.11 end while holding the GIL: the acquire comes without a wait, the exit ends the hold.
 */
static void test_hold_until_exit(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1100);
	trace_acquire(&t, 100, 2, 1200, 0, 0);
	gil = end(1500);
	trace_check(&t.report, 0);
	assert_int_equal(gil->acquisitions, 2);
	assert_int_equal(gil->contended_acquisitions, 0);
	assert_int_equal(gil->held_ns, 400);
	assert_int_equal(gil->hold.count, 2);
	assert_int_equal(gil->wait.count, 0);
	trace_release(&t);
}

/* The same, when that hold had waited and its acquire was told at once. */
static void test_hold_until_exit_after_wait(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 101, 1, 1000, 1100, 1, 0);
	trace_acquire(&t, 100, 2, 1120, 70, 0);
	trace_acquire(&t, 100, 2, 1120, 0, 0);
	gil = end(1500);
	trace_check(&t.report, 0);
	assert_int_equal(gil->acquisitions, 2);
	assert_int_equal(gil->held_ns, 480);
	assert_int_equal(gil->wait_ns, 70);
	trace_release(&t);
}

/* Killed: how long the last hold was is not known. */
static void test_hold_without_end(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_contended_hold(&t, 101, 1, 1000, 1100, 1, 0);
	trace_acquire(&t, 100, 2, 1120, 70, 0);
	trace_wait(&t, 101, 1300, 100);
	trace_end(&t);
	gil = trace_only_gil(&t);
	trace_check(&t.report, UNFINISHED);
	assert_int_equal(trace_doubt(&t, DOUBT_UNFINISHED), 1);
	assert_int_equal(gil->acquisitions, 2);
	assert_int_equal(gil->held_ns, 100);
	assert_int_equal(gil->hold.count, 1);
	assert_int_equal(gil->span_ns, 300);
	trace_release(&t);
}

static void test_span_unknown(void **state)
{
	const struct gil_report *gil;

	(void)state;
	trace_begin(&t, NULL);
	trace_gil(&t, GIL_CREATED, 1000, 0);
	trace_end(&t);
	gil = trace_only_gil(&t);
	assert_int_equal(gil->span_ns, 0);
	assert_true(isnan(gil->utilization));
	assert_true(isnan(gil->contention));
	assert_true(isnan(gil->load));
	assert_int_equal(gil->thread_count, 0);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_late_events),
		cmocka_unit_test(test_unseen_acquire),
		cmocka_unit_test(test_unseen_acquire_told_late),
		cmocka_unit_test(test_unseen_acquire_seen_after_all),
		cmocka_unit_test(test_recording_begins_in_mid_run),
		cmocka_unit_test(test_without_gil_event),
		cmocka_unit_test(test_missing_holds),
		cmocka_unit_test(test_missing_release),
		cmocka_unit_test(test_missing_acquire),
		cmocka_unit_test(test_endless_gap),
		cmocka_unit_test(test_recording_pauses),
		cmocka_unit_test(test_recording_pauses_in_a_hold),
		cmocka_unit_test(test_statedump_without_number),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_impossible_events),
		cmocka_unit_test(test_session_starts_between),
		cmocka_unit_test(test_loss_after_session_start),
		cmocka_unit_test(test_session_ends_between),
		cmocka_unit_test(test_wait_over_a_pause),
		cmocka_unit_test(test_wait_over_a_pause_told_late),
		cmocka_unit_test(test_wait_told_after_a_pause),
		cmocka_unit_test(test_wait_told_late),
		cmocka_unit_test(test_wait_that_outlives_a_pause),
		cmocka_unit_test(test_more_missing_than_an_end_cuts_off),
		cmocka_unit_test(test_hold_until_exit),
		cmocka_unit_test(test_hold_until_exit_after_wait),
		cmocka_unit_test(test_hold_without_end),
		cmocka_unit_test(test_span_unknown),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
