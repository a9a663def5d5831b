/*
 * The shim's state machine where the interpreter is an unusual one: a
 * free-threaded build that switches its GIL on and off, one whose words nobody
 * knows, and threads that go from one GIL to another.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state.h"

enum { RECORDING = 3, LATER_RECORDING = 5 };

/* The GIL's struct of a free-threaded build, of which `enabled` is the first member. */
struct runtime_gil {
	int enabled;
	unsigned long interval;
	void *last_holder;
	int locked;
	unsigned long switch_number;
	pthread_cond_t cond;
	pthread_mutex_t mutex;
	pthread_cond_t switch_cond;
	pthread_mutex_t switch_mutex;
};

static struct runtime_gil first_runtime, second_runtime;
static struct gil *first, *second;
static struct thread ann, bob;

static struct gil *add(struct runtime_gil *runtime, uint8_t traits)
{
	struct gil *gil;

	*runtime = (struct runtime_gil){.enabled = INT_MAX, .interval = 5000};
	gil = gils_add(&runtime->cond, runtime == &first_runtime, traits);
	assert_non_null(gil);
	gil->generation = RECORDING;
	return gil;
}

static void set_up(uint8_t traits)
{
	gils_clear();
	first = add(&first_runtime, traits);
	second = add(&second_runtime, traits);
	ann = (struct thread){.tid = 101, .generation = RECORDING};
	bob = (struct thread){.tid = 102, .generation = RECORDING};
}

static int set_up_switchable(void **state)
{
	(void)state;
	set_up(TRAIT_SWITCHABLE);
	return 0;
}

static int set_up_plain(void **state)
{
	(void)state;
	set_up(0);
	return 0;
}

static int set_up_opaque(void **state)
{
	(void)state;
	set_up(TRAIT_OPAQUE);
	first_runtime.locked = 4711;
	first_runtime.interval = 1;
	return 0;
}

static struct runtime_gil *runtime_of(const struct gil *gil)
{
	return gil == first ? &first_runtime : &second_runtime;
}

/* What the hooks do for take_gil() and drop_gil() of a thread that meets nobody. */
static void acquire(struct gil *gil, struct thread *thread, unsigned generation, uint64_t now)
{
	state_enter(gil, thread, generation);
	runtime_of(gil)->locked = 1;
	state_acquired(gil, thread, generation, now);
	state_leave(gil, thread);
}

static void release(struct gil *gil, struct thread *thread, unsigned generation, uint64_t now)
{
	state_enter(gil, thread, generation);
	runtime_of(gil)->locked = 0;
	state_released(gil, thread, generation, now);
	state_leave(gil, thread);
}

static unsigned written(struct thread *thread)
{
	unsigned pending = thread->pending;

	thread->pending = 0;
	return pending;
}

static void test_switched_off_with_a_release(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	first_runtime.enabled = 0;
	release(first, &ann, RECORDING, 1500);
	assert_int_equal(written(&ann), PENDING_RELEASE | PENDING_GIL);
	assert_int_equal(ann.release.held_ns, 500);
	assert_int_equal(ann.gil.mode, GIL_DISABLED);
	assert_int_equal(ann.gil.at, 1500);
	assert_int_equal(ann.gil.seq, 0);
}

static void test_waiters_go_on_without_it(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	state_enter(first, &bob, RECORDING);
	state_sleep(first, &bob, RECORDING, 1200);
	assert_int_equal(written(&bob), PENDING_WAIT);
	first_runtime.enabled = 0;
	release(first, &ann, RECORDING, 1500);
	written(&ann);
	/* Bob wakes, sees that it is off, wakes the next one and leaves: he held nothing. */
	state_released(first, &bob, RECORDING, 1600);
	state_leave(first, &bob);
	assert_int_equal(written(&bob), 0);
	assert_int_equal(first->waiters, 0);
	assert_int_equal(first->holder, HOLDER_NONE);
	assert_int_equal(first->seq, 2);
}

static void test_switched_on_with_an_acquire(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	first_runtime.enabled = 0;
	release(first, &ann, RECORDING, 1500);
	written(&ann);
	first_runtime.enabled = 1;
	acquire(first, &bob, RECORDING, 9000);
	assert_int_equal(written(&bob), PENDING_GIL);
	assert_int_equal(bob.gil.mode, GIL_ENABLED);
	assert_int_equal(bob.gil.at, 9000);
	assert_int_equal(bob.gil.seq, 0);
	/* The numbers go on where they were. */
	release(first, &bob, RECORDING, 9100);
	assert_int_equal(written(&bob), PENDING_RELEASE);
	assert_int_equal(bob.release.seq, 4);
	assert_int_equal(bob.release.acquired, 1);
}

/* Woken when it goes off, but it is on again and taken before the thread has looked. */
static void test_interrupted_wait_goes_on_from_where_it_is_on_again(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	state_enter(first, &bob, RECORDING);
	state_sleep(first, &bob, RECORDING, 1200);
	written(&bob);
	first_runtime.enabled = 0;
	release(first, &ann, RECORDING, 1500);
	first_runtime.enabled = 1;
	acquire(first, &ann, RECORDING, 2000);
	written(&ann);
	state_sleep(first, &bob, RECORDING, 2100);
	assert_int_equal(written(&bob), PENDING_WAIT);
	assert_int_equal(bob.wait.since, 2000);
	release(first, &ann, RECORDING, 2500);
	state_acquired(first, &bob, RECORDING, 2600);
	state_leave(first, &bob);
	assert_int_equal(written(&bob), PENDING_ACQUIRE);
	assert_int_equal(bob.acquire.wait_ns, 600);
	assert_int_equal(first->waiters, 0);
}

static void test_interrupted_wait_that_sleeps_no_more(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	state_enter(first, &bob, RECORDING);
	state_sleep(first, &bob, RECORDING, 1200);
	first_runtime.enabled = 0;
	release(first, &ann, RECORDING, 1500);
	first_runtime.enabled = 1;
	acquire(first, &ann, RECORDING, 2000);
	release(first, &ann, RECORDING, 2500);
	state_acquired(first, &bob, RECORDING, 2600);
	assert_int_equal(bob.acquire.wait_ns, 600);
}

static void test_recording_begins_while_it_is_off(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	release(first, &ann, RECORDING, 1100);
	first_runtime.enabled = 0;
	/* A thread that was woken is the first that this recording sees. */
	state_released(first, &bob, LATER_RECORDING, 5000);
	assert_int_equal(written(&bob) & (PENDING_RELEASE | PENDING_GIL), PENDING_GIL);
	assert_int_equal(bob.gil.mode, GIL_DISABLED);
	first_runtime.enabled = 1;
	acquire(first, &bob, LATER_RECORDING, 6000);
	assert_int_equal(written(&bob), PENDING_GIL);
	assert_int_equal(bob.gil.mode, GIL_ENABLED);
	assert_int_equal(bob.gil.seq, 0);
	release(first, &bob, LATER_RECORDING, 6100);
	assert_int_equal(bob.release.held_ns, 100);
}

static void test_no_hold_is_open_while_it_is_off(void **state)
{
	struct acquire_record record;

	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	first_runtime.enabled = 0;
	release(first, &ann, RECORDING, 1500);
	assert_false(state_open_hold(first, RECORDING, &record));
}

/* Each forced switch is told with the next acquire of the same GIL. */
static void test_forced_out_of_two_gils(void **state)
{
	(void)state;
	acquire(first, &ann, RECORDING, 1000);
	release(first, &ann, RECORDING, 1100);
	state_yielded(first, &ann, RECORDING, 1250);
	acquire(second, &ann, RECORDING, 1300);
	release(second, &ann, RECORDING, 1400);
	state_yielded(second, &ann, RECORDING, 1420);
	written(&ann);
	acquire(second, &ann, RECORDING, 1500);
	assert_int_equal(written(&ann), PENDING_ACQUIRE);
	assert_int_equal(ann.acquire.yield_ns, 20);
	release(second, &ann, RECORDING, 1600);
	written(&ann);
	acquire(first, &ann, RECORDING, 1700);
	assert_int_equal(written(&ann), PENDING_ACQUIRE);
	assert_int_equal(ann.acquire.gil, first->id);
	assert_int_equal(ann.acquire.yield_ns, 150);
	release(first, &ann, RECORDING, 1800);
	written(&ann);
	acquire(first, &ann, RECORDING, 1900);
	assert_int_equal(written(&ann), 0);
}

static void test_forced_out_of_more_gils_than_are_kept(void **state)
{
	struct runtime_gil more[YIELDS_KEPT + 1];
	struct gil *deeper[YIELDS_KEPT + 1];

	(void)state;
	for (int i = 0; i <= YIELDS_KEPT; i++) {
		deeper[i] = add(&more[i], 0);
		state_enter(deeper[i], &ann, RECORDING);
		state_acquired(deeper[i], &ann, RECORDING, 1000);
		state_released(deeper[i], &ann, RECORDING, 2000);
		state_leave(deeper[i], &ann);
		state_yielded(deeper[i], &ann, RECORDING, 2100 + (uint64_t)i);
	}
	/* The latest ones are known, and what is not is not made up. */
	for (int i = YIELDS_KEPT; i >= 0; i--) {
		state_enter(deeper[i], &ann, RECORDING);
		state_acquired(deeper[i], &ann, RECORDING, 3000);
		state_leave(deeper[i], &ann);
		assert_int_equal(written(&ann) & PENDING_ACQUIRE, i ? PENDING_ACQUIRE : 0);
		if (i)
			assert_int_equal(ann.acquire.yield_ns, 100 + i);
	}
}

static void test_words_that_are_not_known_are_not_used(void **state)
{
	(void)state;
	assert_int_equal(first->interval_us, 0);
	acquire(first, &ann, RECORDING, 1000);
	first_runtime.locked = 4711;
	state_enter(first, &bob, RECORDING);
	state_sleep(first, &bob, RECORDING, 2000);
	assert_int_equal(written(&bob), PENDING_WAIT); /* no new interval */
	release(first, &ann, RECORDING, 3000);
	assert_int_equal(written(&ann), PENDING_RELEASE);
	assert_int_equal(ann.release.held_ns, 2000);
	/* Nor when a recording begins: the first release is one. */
	first_runtime.locked = 4711;
	state_released(first, &ann, LATER_RECORDING, 4000);
	assert_int_equal(written(&ann), PENDING_RELEASE | PENDING_GIL | PENDING_THREAD);
	assert_int_equal(ann.gil.detail, GIL_DETAIL_TIMES);
	assert_int_equal(ann.gil.interval_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_switched_off_with_a_release, set_up_switchable),
		cmocka_unit_test_setup(test_waiters_go_on_without_it, set_up_switchable),
		cmocka_unit_test_setup(test_switched_on_with_an_acquire, set_up_switchable),
		cmocka_unit_test_setup(
			test_interrupted_wait_goes_on_from_where_it_is_on_again, set_up_switchable),
		cmocka_unit_test_setup(
			test_interrupted_wait_that_sleeps_no_more, set_up_switchable),
		cmocka_unit_test_setup(test_recording_begins_while_it_is_off, set_up_switchable),
		cmocka_unit_test_setup(test_no_hold_is_open_while_it_is_off, set_up_switchable),
		cmocka_unit_test_setup(test_forced_out_of_two_gils, set_up_plain),
		cmocka_unit_test_setup(test_forced_out_of_more_gils_than_are_kept, set_up_plain),
		cmocka_unit_test_setup(test_words_that_are_not_known_are_not_used, set_up_opaque),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
