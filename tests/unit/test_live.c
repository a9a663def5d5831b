/* Looks at what goes on: shares of windows, what runs, what nobody can know, what was lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "live/watch.h"
#include "stats/report.h"

#define PID 100
#define ANN 101
#define BOB 102
#define MS UINT64_C(1000000)
#define S (1000 * MS)

static void feed(struct watch *watch, struct event event)
{
	event.pid = PID;
	event.gil = 1;
	event.timestamp = event.at;
	watch_feed(watch, &event);
}

static void feed_gil(struct watch *watch, enum gil_state state, uint64_t at, uint64_t seq)
{
	feed(watch, (struct event){.kind = EVENT_GIL,
			    .tid = ANN,
			    .at = at,
			    .gil_info = {.state = state, .mode = GIL_ENABLED, .seq = seq}});
}

static void feed_wait(struct watch *watch, int32_t tid, uint64_t since, int32_t holder)
{
	feed(watch,
		(struct event){
			.kind = EVENT_WAIT, .tid = tid, .at = since, .wait = {.holder = holder}});
}

static void feed_acquire(
	struct watch *watch, int32_t tid, uint64_t hold, uint64_t at, uint64_t wait_ns)
{
	feed(watch,
		(struct event){.kind = EVENT_ACQUIRE,
			.tid = tid,
			.at = at,
			.acquire = {
				.seq = 2 * hold - 1, .wait_ns = wait_ns, .site = SITE_UNKNOWN}});
}

static void feed_release(
	struct watch *watch, int32_t tid, uint64_t hold, uint64_t at, uint64_t held_ns)
{
	feed(watch,
		(struct event){.kind = EVENT_RELEASE,
			.tid = tid,
			.at = at,
			.release = {
				.seq = 2 * hold, .held_ns = held_ns, .acquired = 1, .site = 1}});
}

static const struct live_gil *gil_of(const struct live_figures *figures)
{
	const struct live_process *process;

	assert_int_equal(figures->processes->len, 1);
	process = g_ptr_array_index(figures->processes, 0);
	assert_int_equal(process->gils->len, 1);
	return g_ptr_array_index(process->gils, 0);
}

static const struct live_thread *thread_of(const struct live_gil *gil, int32_t tid)
{
	for (guint i = 0; i < gil->threads->len; i++) {
		const struct live_thread *thread = g_ptr_array_index(gil->threads, i);

		if (thread->tid == tid)
			return thread;
	}
	fail_msg("no thread %d", tid);
	return NULL;
}

static void assert_share(double share, double expected)
{
	assert_true(fabs(share - expected) < 1e-9);
}

/* Ann holds from 0 to 100 ms, Bob waits for 60 ms of that, holds from there on. */
static void begin_two(struct watch *watch)
{
	feed_gil(watch, GIL_CREATED, S, 0);
	feed_wait(watch, BOB, S + 40 * MS, ANN);
	feed_release(watch, ANN, 1, S + 100 * MS, 100 * MS);
	feed_acquire(watch, BOB, 2, S + 100 * MS, 60 * MS);
}

static void test_what_goes_on_counts_up_to_now(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	begin_two(watch);
	figures = watch_look(watch, S + 200 * MS, false);
	gil = gil_of(figures);
	assert_int_equal(gil->window_ns, 200 * MS);
	assert_share(gil->held, 1);
	assert_share(gil->load, 0.3);
	assert_share(thread_of(gil, ANN)->held, 0.5);
	assert_share(thread_of(gil, BOB)->held, 0.5);
	assert_share(thread_of(gil, BOB)->waited, 0.3);
	assert_int_equal(thread_of(gil, BOB)->state, LIVE_HOLDS);
	assert_int_equal(thread_of(gil, BOB)->since_ns, 100 * MS);
	assert_int_equal(thread_of(gil, BOB)->longest_wait_ns, 60 * MS);
	assert_int_equal(thread_of(gil, BOB)->wait_ns, 60 * MS);
	assert_int_equal(thread_of(gil, BOB)->waits, 1);
	assert_ptr_equal(gil->holder, thread_of(gil, BOB));
	live_figures_free(figures);
	watch_free(watch);
}

/* What was counted while it went on is not counted again when it is told. */
static void test_windows_share_nothing(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	begin_two(watch);
	live_figures_free(watch_look(watch, S + 200 * MS, false));
	feed_wait(watch, ANN, S + 210 * MS, BOB);
	feed_release(watch, BOB, 2, S + 250 * MS, 150 * MS);
	feed_acquire(watch, ANN, 3, S + 250 * MS, 40 * MS);
	figures = watch_look(watch, S + 300 * MS, false);
	gil = gil_of(figures);
	assert_int_equal(gil->window_ns, 100 * MS);
	assert_share(gil->held, 1);
	assert_share(thread_of(gil, BOB)->held, 0.5);
	assert_share(thread_of(gil, BOB)->waited, 0);
	assert_share(thread_of(gil, ANN)->waited, 0.4);
	assert_int_equal(thread_of(gil, BOB)->held_ns, 150 * MS);
	assert_int_equal(thread_of(gil, ANN)->held_ns, 150 * MS);
	assert_int_equal(gil->wait_ns, 100 * MS);
	live_figures_free(figures);
	watch_free(watch);
}

/* Free or held, there is no telling: nothing is 0 then, and later all is. */
static void test_alone_is_unknown(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	feed_gil(watch, GIL_CREATED, S, 0);
	feed_release(watch, ANN, 1, S + 100 * MS, 100 * MS);
	live_figures_free(watch_look(watch, S + 100 * MS, false));
	figures = watch_look(watch, 3 * S, false);
	gil = gil_of(figures);
	assert_int_equal(gil->window_ns, 0);
	assert_true(isnan(gil->held));
	assert_true(isnan(thread_of(gil, ANN)->held) && isnan(thread_of(gil, ANN)->waited));
	assert_int_equal(gil->unknown_ns, 2 * S - 100 * MS);
	assert_null(gil->holder);
	live_figures_free(figures);

	/* It was held, all the time but the first tenth of a second. */
	feed_release(watch, ANN, 2, 3 * S + 100 * MS, 1900 * MS);
	figures = watch_look(watch, 3 * S + 200 * MS, false);
	gil = gil_of(figures);
	assert_int_equal(gil->window_ns, 2 * S);
	assert_share(gil->held, 0.95);
	live_figures_free(figures);
	watch_free(watch);
}

/* A waiter tells who has it; how long before that it was taken is not known. */
static void test_holder_that_a_waiter_saw(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	feed_gil(watch, GIL_CREATED, S, 0);
	feed_release(watch, ANN, 1, S + 100 * MS, 100 * MS);
	feed_wait(watch, BOB, S + 300 * MS, ANN);
	figures = watch_look(watch, S + 500 * MS, false);
	gil = gil_of(figures);
	assert_ptr_equal(gil->holder, thread_of(gil, ANN));
	assert_int_equal(gil->holder->since_ns, 200 * MS);
	assert_int_equal(thread_of(gil, BOB)->state, LIVE_WAITS);
	assert_int_equal(thread_of(gil, BOB)->longest_wait_ns, 200 * MS);
	/* Of the 300 ms of which that is known. */
	assert_share(gil->held, 1);
	assert_share(thread_of(gil, BOB)->waited, 200 / 300.);
	live_figures_free(figures);
	watch_free(watch);
}

/* A hold whose event is late ends the window before it, and is in the next one. */
static void test_what_is_late_is_in_the_next_window(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	feed_gil(watch, GIL_CREATED, S, 0);
	feed_release(watch, ANN, 1, S + 100 * MS, 100 * MS);
	feed_wait(watch, ANN, S + 110 * MS, BOB);
	feed_acquire(watch, ANN, 3, S + 200 * MS, 90 * MS);
	figures = watch_look(watch, S + 300 * MS, false);
	gil = gil_of(figures);
	assert_int_equal(gil->window_ns, 100 * MS);
	assert_share(thread_of(gil, ANN)->held, 1);
	assert_share(thread_of(gil, ANN)->waited, 0);
	assert_ptr_equal(gil->holder, thread_of(gil, ANN));
	live_figures_free(figures);
	feed_release(watch, BOB, 2, S + 200 * MS, 100 * MS);
	figures = watch_look(watch, S + 300 * MS, false);
	gil = gil_of(figures);
	assert_int_equal(gil->window_ns, 200 * MS);
	assert_share(thread_of(gil, ANN)->held, 0.5);
	assert_share(thread_of(gil, ANN)->waited, 0.45);
	assert_share(thread_of(gil, BOB)->held, 0.5);
	assert_int_equal(figures->missing_events, 0);
	live_figures_free(figures);
	watch_free(watch);
}

static void test_what_is_lost_is_unknown(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	feed_gil(watch, GIL_CREATED, S, 0);
	feed_release(watch, ANN, 1, S + 100 * MS, 100 * MS);
	live_figures_free(watch_look(watch, S + 100 * MS, false));
	feed_release(watch, ANN, 3, S + 400 * MS, 100 * MS);
	/* It may be late: nothing is given up so soon. */
	figures = watch_look(watch, S + 500 * MS, false);
	assert_int_equal(figures->missing_events, 0);
	live_figures_free(figures);
	figures = watch_look(watch, 5 * S, false);
	gil = gil_of(figures);
	assert_int_equal(figures->missing_events, 2);
	assert_true(gil->lost && isnan(gil->held) && isnan(gil->load));
	assert_true(isnan(thread_of(gil, ANN)->held) && isnan(thread_of(gil, ANN)->waited));
	live_figures_free(figures);
	/* The next window has nothing to do with it. */
	feed_release(watch, ANN, 4, 5 * S, S);
	figures = watch_look(watch, 5 * S, false);
	assert_share(gil_of(figures)->held, 1 / 3.6);
	live_figures_free(figures);
	watch_free(watch);
}

/* Of a GIL that was there before, all of the holds that have come are told by the second look. */
static void test_joins_in_mid_run(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;

	(void)state;
	feed_gil(watch, GIL_PRESENT, S, 2000);
	for (uint64_t i = 1; i <= 40; i++)
		feed_release(watch, i % 2 ? ANN : BOB, 1000 + i, S + i * 10 * MS, 10 * MS);
	figures = watch_look(watch, S + 400 * MS, false);
	assert_int_equal(gil_of(figures)->acquisitions, 40);
	assert_share(gil_of(figures)->held, 1);
	assert_int_equal(figures->missing_events, 0);
	live_figures_free(figures);
	watch_free(watch);
}

/* Of PyPy waits are known, and no holds. */
static void test_pypy(void **state)
{
	struct watch *watch = watch_new(NULL);
	struct live_figures *figures;
	const struct live_gil *gil;

	(void)state;
	feed(watch, (struct event){.kind = EVENT_GIL,
			    .tid = ANN,
			    .at = S,
			    .gil_info = {.state = GIL_CREATED,
				    .kind = INTERPRETER_PYPY,
				    .mode = GIL_ENABLED}});
	feed_wait(watch, BOB, S + 100 * MS, HOLDER_UNKNOWN);
	figures = watch_look(watch, S + 400 * MS, false);
	gil = gil_of(figures);
	assert_true(isnan(gil->held) && isnan(thread_of(gil, BOB)->held));
	assert_int_equal(gil->held_ns, FIGURE_UNKNOWN);
	assert_share(thread_of(gil, BOB)->waited, 0.75);
	live_figures_free(figures);
	watch_free(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_on_counts_up_to_now),
		cmocka_unit_test(test_windows_share_nothing),
		cmocka_unit_test(test_alone_is_unknown),
		cmocka_unit_test(test_holder_that_a_waiter_saw),
		cmocka_unit_test(test_what_is_late_is_in_the_next_window),
		cmocka_unit_test(test_what_is_lost_is_unknown),
		cmocka_unit_test(test_joins_in_mid_run),
		cmocka_unit_test(test_pypy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
