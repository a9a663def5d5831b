/*
 * The shim's state machine, call by call, on memory laid out as CPython's GIL:
 * what each pthread call means, and what is written of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime_gil.h"
#include "state.h"

struct scene {
	struct runtime_gil runtime;
	struct gil gil;
	struct thread ann, bob;
};

static void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	runtime_gil_begin(&scene->runtime, &scene->gil);
	scene->ann.tid = 101;
	scene->ann.generation = RECORDING;
	scene->bob.tid = 102;
	scene->bob.generation = RECORDING;
}

static int set_up(void **state)
{
	struct scene *scene = aligned_alloc(_Alignof(struct scene), sizeof(*scene));

	if (!scene)
		return -1;
	scene_init(scene);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

/* What the hooks do for take_gil() and drop_gil() of a thread that meets nobody. */
static void acquire(struct scene *scene, struct thread *thread, unsigned generation, uint64_t now)
{
	state_enter(&scene->gil, thread, generation);
	scene->runtime.locked = 1;
	state_acquired(&scene->gil, thread, generation, now);
	state_leave(&scene->gil, thread);
}

static void release(struct scene *scene, struct thread *thread, unsigned generation, uint64_t now)
{
	state_enter(&scene->gil, thread, generation);
	scene->runtime.locked = 0;
	state_released(&scene->gil, thread, generation, now);
	state_leave(&scene->gil, thread);
}

static unsigned written(struct thread *thread)
{
	unsigned pending = thread->pending;

	thread->pending = 0;
	return pending;
}

static void test_uncontended_cycle_is_one_release(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	assert_int_equal(written(&scene->ann), 0);
	assert_int_equal(scene->gil.holder, 101);
	release(scene, &scene->ann, RECORDING, 1300);
	assert_int_equal(written(&scene->ann), PENDING_RELEASE);
	assert_int_equal(scene->ann.release.seq, 2);
	assert_int_equal(scene->ann.release.at, 1300);
	assert_int_equal(scene->ann.release.held_ns, 300);
	assert_int_equal(scene->ann.release.acquired, 1);
	assert_int_equal(scene->ann.release.requested_ns, 0);
	assert_int_equal(scene->gil.holder, HOLDER_NONE);
}

/* The short way of a thread that meets nobody; all others are refused, and nothing has happened. */
static void test_acquired_again(void **state)
{
	struct scene *scene = *state;
	struct gil before;

	assert_int_equal(state_enter_again(&scene->gil, &scene->ann, LATER_RECORDING), ENTRY_NEW);
	assert_ptr_equal(scene->ann.entered, NULL);
	assert_int_equal(state_enter_again(&scene->gil, &scene->ann, RECORDING), ENTRY_FREE);
	assert_true(state_acquires_alone(&scene->gil, &scene->ann));
	assert_true(state_acquired_again(&scene->gil, &scene->ann, RECORDING, 1000));
	assert_int_equal(scene->gil.seq, 1);
	assert_int_equal(scene->gil.holder, 101);
	assert_int_equal(scene->gil.acquired_at, 1000);
	state_leave(&scene->gil, &scene->ann);
	assert_true(state_releases_alone(&scene->gil, &scene->ann));
	assert_false(state_releases_alone(&scene->gil, &scene->bob));
	release(scene, &scene->ann, RECORDING, 1300);
	assert_int_equal(written(&scene->ann), PENDING_RELEASE);
	/* Ann was the last one, Bob was not. */
	assert_true(state_acquires_alone(&scene->gil, &scene->ann));
	assert_false(state_acquires_alone(&scene->gil, &scene->bob));
	before = scene->gil;
	assert_false(state_acquired_again(&scene->gil, &scene->ann, RECORDING, 2000));
	state_enter(&scene->gil, &scene->ann, RECORDING);
	assert_false(state_acquired_again(&scene->gil, &scene->ann, LATER_RECORDING, 2000));
	state_blocked(&scene->gil, &scene->ann, 1900);
	assert_false(state_acquires_alone(&scene->gil, &scene->ann));
	assert_false(state_acquired_again(&scene->gil, &scene->ann, RECORDING, 2000));
	before.waiters = 1;
	assert_memory_equal(&scene->gil, &before, sizeof(before));
}

/* A counted time may be some ns early. */
static void test_no_hold_begins_before_the_last_ends(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	release(scene, &scene->ann, RECORDING, 990);
	assert_int_equal(written(&scene->ann), PENDING_RELEASE);
	assert_int_equal(scene->ann.release.held_ns, 0);
	assert_int_equal(scene->ann.release.at, 1000);
	acquire(scene, &scene->bob, RECORDING, 980);
	assert_int_equal(scene->gil.acquired_at, 1000);
}

static void test_sleeping_wait(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	state_enter(&scene->gil, &scene->bob, RECORDING);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 2000);
	assert_int_equal(written(&scene->bob), PENDING_WAIT);
	assert_int_equal(scene->bob.wait.since, 2000);
	assert_int_equal(scene->bob.wait.holder, 101);
	assert_int_equal(scene->gil.waiters, 1);
	release(scene, &scene->ann, RECORDING, 3000);
	assert_int_equal(scene->ann.release.waiters, 1);
	/* Bob wakes up within his call and takes the GIL, without a new entry. */
	state_acquired(&scene->gil, &scene->bob, RECORDING, 3500);
	state_leave(&scene->gil, &scene->bob);
	assert_int_equal(written(&scene->bob), PENDING_ACQUIRE);
	assert_int_equal(scene->bob.acquire.seq, 3);
	assert_int_equal(scene->bob.acquire.wait_ns, 1500);
	assert_int_equal(scene->bob.acquire.waiters, 0);
	assert_int_equal(scene->gil.waiters, 0);
}

static void test_queue_on_the_mutex_is_waiting(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(state_enter(&scene->gil, &scene->bob, RECORDING), ENTRY_FREE);
	state_blocked(&scene->gil, &scene->bob, 500);
	state_acquired(&scene->gil, &scene->bob, RECORDING, 720);
	assert_int_equal(written(&scene->bob), PENDING_ACQUIRE);
	assert_int_equal(scene->bob.acquire.wait_ns, 220);
}

static void test_releasing_thread_never_waits(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	assert_int_equal(state_enter(&scene->gil, &scene->ann, RECORDING), ENTRY_RELEASE);
	/* What is left of another recording says nothing. */
	assert_int_equal(state_enter(&scene->gil, &scene->ann, LATER_RECORDING), ENTRY_FREE);
}

static void test_wait_begins_at_the_entry(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	assert_int_equal(state_enter(&scene->gil, &scene->bob, RECORDING), ENTRY_TAKEN);
	state_entered_at(&scene->bob, 1900);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 2500);
	assert_int_equal(scene->bob.wait.since, 1900);
	release(scene, &scene->ann, RECORDING, 3000);
	state_acquired(&scene->gil, &scene->bob, RECORDING, 3500);
	state_leave(&scene->gil, &scene->bob);
	assert_int_equal(scene->bob.acquire.wait_ns, 1600);
	release(scene, &scene->bob, RECORDING, 3600);
	written(&scene->bob);
	/* Seen taken, but free when the mutex was had: no wait. */
	state_enter(&scene->gil, &scene->bob, RECORDING);
	state_entered_at(&scene->bob, 4000);
	state_acquired(&scene->gil, &scene->bob, RECORDING, 4050);
	assert_int_equal(written(&scene->bob), 0);
}

static void test_drop_request_once_per_interval(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	state_enter(&scene->gil, &scene->bob, RECORDING);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 2000);
	written(&scene->bob);
	state_timed_out(&scene->bob, 7000);
	/* Not before CPython has set it and goes back to sleep. */
	assert_int_equal(scene->gil.requested_at, 0);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 7001);
	assert_int_equal(written(&scene->bob), PENDING_DROP_REQUEST);
	assert_int_equal(scene->bob.drop_request.at, 7000);
	assert_int_equal(scene->bob.drop_request.holder, 101);
	state_timed_out(&scene->bob, 12000);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 12001);
	assert_int_equal(written(&scene->bob), PENDING_DROP_REQUEST);
	/* Woken, not timed out: nothing new to say. */
	state_sleep(&scene->gil, &scene->bob, RECORDING, 12500);
	assert_int_equal(written(&scene->bob), 0);
	release(scene, &scene->ann, RECORDING, 13000);
	assert_int_equal(scene->ann.release.requested_ns, 6000);
	/* The next hold starts without one. */
	state_acquired(&scene->gil, &scene->bob, RECORDING, 13100);
	state_leave(&scene->gil, &scene->bob);
	release(scene, &scene->bob, RECORDING, 13200);
	assert_int_equal(scene->bob.release.requested_ns, 0);
}

static void test_forced_switch_is_part_of_the_next_acquire(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	release(scene, &scene->ann, RECORDING, 2000);
	written(&scene->ann);
	state_yielded(&scene->gil, &scene->ann, RECORDING, 2600);
	acquire(scene, &scene->ann, RECORDING, 4000);
	assert_int_equal(written(&scene->ann), PENDING_ACQUIRE);
	assert_int_equal(scene->ann.acquire.wait_ns, 0);
	assert_int_equal(scene->ann.acquire.yield_ns, 600);
	release(scene, &scene->ann, RECORDING, 4100);
	written(&scene->ann);
	acquire(scene, &scene->ann, RECORDING, 4200);
	assert_int_equal(written(&scene->ann), 0);
}

static void test_thread_that_must_exit_leaves_without_a_trace(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	state_enter(&scene->gil, &scene->bob, RECORDING);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 2000);
	state_timed_out(&scene->bob, 7000);
	written(&scene->bob);
	state_leave(&scene->gil, &scene->bob);
	assert_int_equal(written(&scene->bob), 0);
	assert_int_equal(scene->gil.waiters, 0);
	assert_null(scene->bob.blocked_on);
}

static void test_release_whose_acquire_was_not_seen(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	release(scene, &scene->ann, LATER_RECORDING, 90000);
	assert_int_equal(written(&scene->ann), PENDING_RELEASE | PENDING_GIL | PENDING_THREAD);
	assert_int_equal(scene->ann.gil.seq, 2);
	assert_int_equal(scene->ann.release.seq, 4);
	assert_int_equal(scene->ann.release.acquired, 0);
	assert_true(scene->ann.release.held_ns == EVENT_UNKNOWN);
}

static void test_wait_that_began_before_recording_is_unknown(void **state)
{
	struct scene *scene = *state;

	/* Bob slept when the session started; his first call that is seen is the acquire. */
	scene->bob.generation = RECORDING - 2;
	scene->runtime.locked = 1;
	state_acquired(&scene->gil, &scene->bob, RECORDING, 5000);
	assert_true(written(&scene->bob) & PENDING_ACQUIRE);
	assert_true(scene->bob.acquire.wait_ns == EVENT_UNKNOWN);
	/* The same when he first goes back to sleep. */
	scene->ann.generation = RECORDING - 2;
	state_sleep(&scene->gil, &scene->ann, RECORDING, 6000);
	assert_int_equal(scene->ann.wait.since, 6000);
	scene->gil.holder = HOLDER_NONE;
	state_acquired(&scene->gil, &scene->ann, RECORDING, 7000);
	assert_true(scene->ann.acquire.wait_ns == EVENT_UNKNOWN);
}

static void test_signal_of_another_thread_is_no_release(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	state_released(&scene->gil, &scene->bob, RECORDING, 1500);
	assert_int_equal(written(&scene->bob), 0);
	assert_int_equal(scene->gil.holder, 101);
	/* Nor is it one when nobody knows the holder, but CPython says that there is one. */
	scene->runtime.locked = 1;
	state_released(&scene->gil, &scene->bob, LATER_RECORDING, 1600);
	assert_false(written(&scene->bob) & PENDING_RELEASE);
	assert_int_equal(scene->gil.holder, HOLDER_UNKNOWN);
}

static void test_numbers_alternate_over_a_pause(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	assert_int_equal(scene->gil.seq, 1);
	acquire(scene, &scene->bob, LATER_RECORDING, 9000);
	assert_int_equal(scene->gil.seq, 3);
	release(scene, &scene->bob, LATER_RECORDING, 9100);
	assert_int_equal(scene->gil.seq, 4);
}

/* A server changes the interval before anybody records: one announcement tells that and the number.
 */
static void test_recording_starts_after_interval_changed(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 100);
	release(scene, &scene->ann, RECORDING, 200);
	scene->runtime.interval = 500;
	scene->runtime.locked = 1;
	state_enter(&scene->gil, &scene->bob, LATER_RECORDING);
	state_sleep(&scene->gil, &scene->bob, LATER_RECORDING, 900);
	assert_true(scene->bob.pending & PENDING_GIL);
	assert_int_equal(scene->bob.gil.seq, 2);
	assert_int_equal(scene->bob.gil.interval_us, 500);
}

static void test_changed_switch_interval_is_told(void **state)
{
	struct scene *scene = *state;

	acquire(scene, &scene->ann, RECORDING, 1000);
	scene->runtime.interval = 500;
	state_enter(&scene->gil, &scene->bob, RECORDING);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 2000);
	assert_int_equal(written(&scene->bob), PENDING_WAIT | PENDING_GIL);
	assert_int_equal(scene->bob.gil.interval_us, 500);
	assert_int_equal(scene->bob.gil.seq, 0);
}

static void test_open_hold_is_written_once(void **state)
{
	struct scene *scene = *state;
	struct acquire_record record;

	assert_false(state_open_hold(&scene->gil, RECORDING, &record));
	acquire(scene, &scene->ann, RECORDING, 1000);
	assert_true(state_open_hold(&scene->gil, RECORDING, &record));
	assert_int_equal(record.tid, 101);
	assert_int_equal(record.seq, 1);
	assert_int_equal(record.at, 1000);
	assert_int_equal(record.wait_ns, 0);
	assert_false(state_open_hold(&scene->gil, RECORDING, &record));
	assert_false(state_open_hold(&scene->gil, LATER_RECORDING, &record));
}

static void test_thread_under_two_gils(void **state)
{
	struct scene *scene = *state;
	struct scene other;

	scene_init(&other);
	other.gil.id = 1;
	acquire(scene, &scene->ann, RECORDING, 1000);
	release(scene, &scene->ann, RECORDING, 1100);
	state_yielded(&scene->gil, &scene->ann, RECORDING, 1200);
	written(&scene->ann);
	acquire(&other, &scene->ann, RECORDING, 1300);
	/* The forced switch belongs to the first GIL. */
	assert_int_equal(written(&scene->ann), 0);
	release(&other, &scene->ann, RECORDING, 1400);
	assert_int_equal(scene->ann.release.held_ns, 100);
	assert_int_equal(scene->ann.release.seq, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_uncontended_cycle_is_one_release),
		TEST(test_acquired_again),
		TEST(test_no_hold_begins_before_the_last_ends),
		TEST(test_sleeping_wait),
		TEST(test_queue_on_the_mutex_is_waiting),
		TEST(test_releasing_thread_never_waits),
		TEST(test_wait_begins_at_the_entry),
		TEST(test_drop_request_once_per_interval),
		TEST(test_forced_switch_is_part_of_the_next_acquire),
		TEST(test_thread_that_must_exit_leaves_without_a_trace),
		TEST(test_release_whose_acquire_was_not_seen),
		TEST(test_wait_that_began_before_recording_is_unknown),
		TEST(test_signal_of_another_thread_is_no_release),
		TEST(test_numbers_alternate_over_a_pause),
		TEST(test_changed_switch_interval_is_told),
		TEST(test_recording_starts_after_interval_changed),
		TEST(test_open_hold_is_written_once),
		TEST(test_thread_under_two_gils),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
