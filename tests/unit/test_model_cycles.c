/* Many holds in one event: what each is worth, words that cannot be, and bursts that come late. */
#include "../shim/cycles.h"
#include "trace.h"

static struct trace t;

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, 500, "prog");
	trace_gil(&t, GIL_CREATED, 500, 0);
}

static const struct gil_report *end(void)
{
	trace_process(&t, PROCESS_EXITING, UINT64_C(1) << 40, "prog");
	trace_end(&t);
	return trace_only_gil(&t);
}

static uint64_t one(unsigned place, uint64_t gap_ns, uint64_t hold_ns)
{
	return cycles_one(place, (struct cycle){gap_ns, hold_ns});
}

static uint64_t two(
	unsigned place, uint64_t gap_ns, uint64_t hold_ns, uint64_t gap2_ns, uint64_t hold2_ns)
{
	return cycles_two(
		place, (struct cycle){gap_ns, hold_ns}, (struct cycle){gap2_ns, hold2_ns});
}

#define CYCLES(tid, hold, at, ...)                                                                 \
	do {                                                                                       \
		const uint64_t words_[] = {__VA_ARGS__};                                           \
		trace_cycles(&t, tid, hold, at, words_, G_N_ELEMENTS(words_));                     \
	} while (0)

/* Two threads' holds, written by a third one that is no user of the GIL. */
static void test_words(void **state)
{
	const struct watched_hold *hold;
	const struct gil_report *gil;
	const GArray *holds;

	(void)state;
	begin();
	trace_site(&t, 7, 70);
	CYCLES(109, 1, 1000, cycles_place_word(63, 100, 7), one(63, 5, 100),
		two(63, 10, 20, 30, (1 << CYCLES_SHORT_BITS) - 1), cycles_place_word(0, 101, 0),
		one(0, (1 << CYCLES_LONG_BITS) - 1, (1 << CYCLES_LONG_BITS) - 1), one(63, 0, 0),
		cycles_waiters_word(2), cycles_place_word(63, 101, 7), one(63, 1, 2));
	holds = ((struct watched_gil *)g_ptr_array_index(t.watch.gils, 0))->holds;
	assert_int_equal(holds->len, 6);
	hold = &g_array_index(holds, struct watched_hold, 0);
	assert_int_equal(hold[0].hold.begin_ns, 1005);
	assert_int_equal(hold[0].hold.end_ns, 1105);
	assert_int_equal(hold[0].site, 7);
	assert_int_equal(hold[1].hold.begin_ns, 1115);
	assert_int_equal(hold[2].hold.begin_ns, 1165);
	assert_int_equal(hold[2].hold.held_ns, 16383);
	assert_int_equal(hold[3].tid, 101);
	assert_int_equal(hold[3].site, 0);
	assert_int_equal(hold[3].hold.held_ns, 268435455);
	assert_int_equal(hold[4].tid, 100);
	assert_int_equal(hold[4].hold.held_ns, 0);
	assert_int_equal(hold[5].tid, 101);
	assert_int_equal(hold[5].site, 7);
	assert_int_equal(hold[5].hold.number, 6);
	assert_int_equal(hold[4].hold.waiters, 0);
	assert_int_equal(hold[5].hold.waiters, 2);
	trace_hold(&t, 100, 7, hold[5].hold.end_ns + 10, hold[5].hold.end_ns + 20);
	gil = end();
	trace_check(&t.report, 0);
	assert_int_equal(gil->handoff.count, 1); /* behind the hold that two waited for */
	assert_int_equal(gil->handoff.total_ns, 10);
	assert_int_equal(gil->thread_count, 2);
	assert_int_equal(trace_thread_of(gil, 100)->acquisitions, 5);
	assert_int_equal(trace_thread_of(gil, 101)->releases, 2);
	assert_int_equal(trace_thread_of(gil, 100)->held_ns, 100 + 20 + 16383 + 10);
	trace_release(&t);
}

/* What stands before a word that cannot be is counted, what is behind it is missing. */
static void test_impossible_words(void **state)
{
	const uint64_t place = cycles_place_word(1, 100, 0);
	const uint64_t bad[] = {cycles_waiters_word(0) | UINT64_C(1) << 18, one(2, 1, 1),
		two(2, 1, 1, 1, 1), cycles_place_word(1, 0, 3),
		cycles_wait_word(5, 0) | UINT64_C(1) << 62};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		begin();
		CYCLES(100, 1, 1000, place, one(1, 1, 10), bad[i], one(1, 1, 10));
		trace_hold(&t, 100, 3, 1100, 1200);
		assert_int_equal(end()->acquisitions, 2);
		assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
		assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 2);
		trace_release(&t);
	}
}

static void test_impossible_events(void **state)
{
	const uint64_t words[] = {cycles_place_word(1, 100, 0), one(1, 1, 10)};
	struct event event = {
		.kind = EVENT_CYCLES, .pid = TRACE_PID, .tid = 100, .gil = 1, .at = 1000};

	(void)state;
	begin();
	event.cycles.words = (struct event_numbers){words, 2};
	stats_feed(t.stats, &event); /* no release has the number 0, */
	event.cycles.seq = 3;
	stats_feed(t.stats, &event); /* or an odd one */
	event.cycles.seq = 2;
	event.at = UINT64_MAX - 11; /* its end would mean that it is not known, */
	stats_feed(t.stats, &event);
	event.at = UINT64_MAX - 10; /* or be in the past */
	stats_feed(t.stats, &event);
	event.cycles.words.count = 0;
	stats_feed(t.stats, &event);
	assert_int_equal(end()->acquisitions, 0);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 4);
	trace_release(&t);
}

static void test_pypy(void **state)
{
	struct event event = {.kind = EVENT_GIL, .pid = TRACE_PID, .tid = 100, .gil = 1, .at = 900};

	(void)state;
	trace_begin(&t, NULL);
	event.gil_info.state = GIL_PRESENT;
	event.gil_info.kind = INTERPRETER_PYPY;
	stats_feed(t.stats, &event);
	CYCLES(100, 1, 1000, cycles_place_word(1, 100, 0), one(1, 1, 10));
	trace_end(&t);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
	trace_release(&t);
}

/* Two holds with the waits before them, one of which began behind the other's thread. */
static void test_waits(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_site(&t, 8, 80);
	CYCLES(109, 1, 1000, cycles_place_word(1, 100, 0), one(1, 0, 500),
		cycles_place_word(2, 101, 0), cycles_wait_word(400, 8), two(2, 10, 90, 20, 80),
		cycles_wait_word(150, 0), one(1, 5, 45));
	gil = end();
	trace_check(&t.report, 0);
	assert_int_equal(gil->acquisitions, 4);
	assert_int_equal(gil->contended_acquisitions, 2);
	assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 400);
	assert_int_equal(trace_thread_of(gil, 101)->held_ns, 170);
	assert_int_equal(trace_thread_of(gil, 100)->wait_ns, 150);
	assert_int_equal(trace_blame(gil, 101, 100), 390);
	assert_int_equal(trace_blame(gil, 100, 101), 80 + 45);
	assert_int_equal(gil->handoff.count, 2);
	assert_int_equal(gil->handoff.total_ns, 15);
	trace_release(&t);
}

/*
 * Who stops the session looks who waits, and tells it, when its thread is about to have the
 * GIL: before the hold comes, between it and its turn, or when all is over.
 */
static void test_wait_told_twice(void **state)
{
	const struct gil_report *gil;

	(void)state;
	for (int late = 0; late < 3; late++) {
		begin();
		if (late == 0)
			trace_wait(&t, 101, 1100, 100);
		if (late != 1)
			trace_hold(&t, 100, 1, 1000, 1500);
		CYCLES(101, 2, 1500, cycles_place_word(2, 101, 0), cycles_wait_word(410, 0),
			one(2, 10, 90));
		if (late != 0)
			trace_wait(&t, 101, 1100, 100);
		if (late == 1)
			trace_hold(&t, 100, 1, 1000, 1500);
		trace_hold(&t, 101, 3, 1700, 1800);
		gil = end();
		trace_check(&t.report, 0);
		assert_int_equal(gil->acquisitions, 3);
		assert_int_equal(trace_thread_of(gil, 101)->wait_ns, 410);
		assert_int_equal(trace_blame(gil, 101, 100), 400);
		trace_release(&t);
	}
}

/* It is longer than all time before its hold. */
static void test_impossible_wait(void **state)
{
	(void)state;
	begin();
	CYCLES(100, 1, 1000, cycles_place_word(1, 100, 0), cycles_wait_word(1001, 0),
		one(1, 0, 10));
	assert_int_equal(end()->acquisitions, 1);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
	assert_int_equal(trace_doubt(&t, DOUBT_UNKNOWN_WAIT), 1);
	trace_release(&t);
}

enum { EACH = 250, PERIOD = 1000 };

/* Holds `hold` to `hold` + EACH - 1 of thread 100, each 100 long and PERIOD after the one before.
 */
static void burst(uint64_t hold)
{
	uint64_t words[CYCLES_WORDS] = {cycles_place_word(5, 100, 0)};

	for (unsigned i = 1; i < CYCLES_WORDS; i++)
		words[i] = two(5, 900, 100, 900, 100);
	trace_cycles(&t, 100, hold, hold * PERIOD, words, CYCLES_WORDS);
}

/*
 * One buffer comes after `holds` others, most of them in bursts: thread 101 takes it,
 * and it has holds of thread 102, which ends before, and waits once more before it does.
 */
static void late_burst(uint64_t holds)
{
	const uint64_t words[] = {cycles_place_word(1, 101, 0), one(1, 0, 50),
		cycles_place_word(2, 102, 0), two(2, 10, 50, 10, 50), one(1, 10, 50)};
	uint64_t hold = 4, since = 3 * PERIOD + 5;

	trace_begin_untimed(&t);
	trace_process(&t, PROCESS_STARTED, 500, "prog");
	trace_gil(&t, GIL_CREATED, 500, 0);
	trace_thread(&t, THREAD_STARTED, 102, 500, "one");
	trace_hold(&t, 100, 1, PERIOD, PERIOD + 100);
	trace_wait(&t, 102, since, 100); /* behind the first of the holds that are to come */
	hold = 6;
	trace_acquire(&t, 102, hold, since + 5000, 5000, 0);
	trace_hold(&t, 102, hold++, since + 5000, since + 5100);
	trace_thread(&t, THREAD_EXITED, 102, since + 5200, "one");
	while (hold < holds) {
		burst(hold + 10);
		hold += EACH;
		trace_hold(&t, 100, hold + 10, (hold + 10) * PERIOD, (hold + 10) * PERIOD + 5);
		hold++;
	}
	for (uint64_t late = 7; late < 17; late++)
		trace_hold(&t, 100, late, (late + 6) * PERIOD / 2 + 3000,
			(late + 6) * PERIOD / 2 + 3005);
	trace_cycles(&t, 101, 2, 2 * PERIOD, words, G_N_ELEMENTS(words));
}

static void test_late(void **state)
{
	const struct gil_report *gil;
	uint64_t given_up;

	(void)state;
	late_burst(1500000);
	gil = end();
	trace_check(&t.report, 0);
	assert_int_equal(trace_thread_of(gil, 102)->acquisitions, 3);
	assert_int_equal(trace_thread_of(gil, 102)->held_ns, 200);
	assert_int_equal(trace_thread_of(gil, 102)->wait_ns, 5000);
	assert_int_equal(trace_thread_of(gil, 101)->acquisitions, 2);
	assert_int_equal(trace_thread_of(gil, 100)->acquisitions, gil->acquisitions - 5);
	trace_release(&t);

	/* More do not wait: they are missing, and all else is as it was. */
	late_burst(3000000);
	gil = end();
	given_up = trace_doubt(&t, DOUBT_IMPOSSIBLE);
	assert_int_equal(given_up, 1 + 10);
	assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 2 * (4 + 10));
	assert_int_equal(trace_thread_of(gil, 102)->acquisitions, 1);
	assert_int_equal(trace_thread_of(gil, 102)->wait_ns, 5000);
	assert_int_equal(trace_thread_of(gil, 100)->held_ns,
		100 + (gil->acquisitions - 2) / (EACH + 1) * (EACH * 100 + 5));
	trace_release(&t);
}

/* A hold in a burst whose acquire had been told, by a process that seemed to end. */
static void test_told_acquire(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 900, 1000);
	trace_acquire(&t, 100, 3, 1110, 0, 0);
	CYCLES(100, 2, 1000, cycles_place_word(1, 100, 0), two(1, 10, 50, 50, 40), one(1, 10, 5));
	gil = end();
	trace_check(&t.report, 0);
	assert_int_equal(gil->acquisitions, 4);
	assert_int_equal(gil->held_ns, 195);
	trace_release(&t);
}

/* The system has given the number of a thread to another one, before its holds come. */
static void test_used_again(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_thread(&t, THREAD_STARTED, 102, 500, "one");
	trace_hold(&t, 102, 1, 900, 1000);
	trace_thread(&t, THREAD_EXITED, 102, 1300, "one");
	trace_thread(&t, THREAD_STARTED, 102, 2000, "two");
	trace_hold(&t, 102, 4, 2100, 2110);
	CYCLES(100, 2, 1000, cycles_place_word(1, 102, 0), two(1, 10, 50, 50, 40));
	gil = end();
	trace_check(&t.report, 0);
	assert_int_equal(gil->thread_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			gil->threads[i].held_ns, strcmp(gil->threads[i].name, "one") ? 10 : 190);
	trace_release(&t);
}

/*
 * A wait that was over while nothing was recorded. Its thread's next hold comes before one that it
 * has to wait for, which comes only when the thread has ended.
 */
static void test_wait_that_was_over(void **state)
{
	const struct gil_report *gil;

	(void)state;
	for (int late = 0; late < 2; late++) {
		begin();
		trace_thread(&t, THREAD_STARTED, 102, 500, "one");
		trace_hold(&t, 100, 1, 900, 1000);
		trace_wait(&t, 102, 1500, 100);
		trace_gil(&t, GIL_PRESENT, 5000, 8);
		if (!late)
			trace_hold(&t, 100, 5, 5500, 5600);
		CYCLES(102, 6, 6000, cycles_place_word(1, 102, 0), two(1, 0, 50, 50, 40));
		trace_thread(&t, THREAD_EXITED, 102, 6200, "one");
		if (late)
			trace_hold(&t, 100, 5, 5500, 5600);
		gil = end();
		trace_check(&t.report, 1U << DOUBT_UNKNOWN_WAIT);
		assert_int_equal(trace_doubt(&t, DOUBT_UNKNOWN_WAIT), 1);
		assert_int_equal(gil->wait_ns, 0);
		assert_int_equal(gil->acquisitions, 4);
		trace_release(&t);
	}
}

/* What was not written when a process was killed; of one that ended, nothing may be missing. */
static void test_cut_off(void **state)
{
	(void)state;
	for (int exited = 0; exited < 2; exited++) {
		begin();
		trace_hold(&t, 101, 1, PERIOD, PERIOD + 100);
		burst(2 + EACH);
		if (exited)
			trace_process(&t, PROCESS_EXITING, UINT64_C(1) << 40, "prog");
		trace_end(&t);
		assert_int_equal(trace_only_gil(&t)->acquisitions, 1 + EACH);
		assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), exited ? 2 * EACH : 0);
		assert_int_equal(t.report.processes[0].cut_short, !exited);
		trace_release(&t);
	}
}

/* Whether anything was kept back is known of a process that wrote all when the session stopped. */
static void test_written_at_the_stop(void **state)
{
	(void)state;
	for (uint64_t more = 0; more < 2; more++) {
		begin();
		trace_process(&t, PROCESS_PRESENT, 2000 * PERIOD, "prog");
		burst(1);
		trace_gil(&t, GIL_JOINED, 2000 * PERIOD, 2 * (EACH + more));
		trace_end(&t);
		assert_int_equal(t.report.processes[0].cut_short, more);
		assert_int_equal(trace_doubt(&t, DOUBT_SEQUENCE_GAP), 0);
		trace_release(&t);
	}
	/* Where each hold has its own event, there was nothing to keep. */
	begin();
	trace_hold(&t, 100, 1, PERIOD, PERIOD + 100);
	trace_end(&t);
	assert_false(t.report.processes[0].cut_short);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_impossible_words),
		cmocka_unit_test(test_impossible_events),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_wait_told_twice),
		cmocka_unit_test(test_impossible_wait),
		cmocka_unit_test(test_pypy),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_told_acquire),
		cmocka_unit_test(test_used_again),
		cmocka_unit_test(test_wait_that_was_over),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_written_at_the_stop),
	};

	return cmocka_run_group_tests_name("model_cycles", tests, NULL, NULL);
}
