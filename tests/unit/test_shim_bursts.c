/*
 * Short holds that leave together: the state machine on a GIL with a buffer, and
 * the words that come out of it, unpacked and compared with what was put in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bursts.h"
#include "options.h"
#include "runtime_gil.h"
#include "state.h"

struct hold {
	int32_t tid;
	uint64_t seq, begin, end;
	uint16_t waiters;
	uint64_t wait_ns;
};

struct scene {
	struct runtime_gil runtime;
	struct gil gil;
	struct thread ann, bob;
	struct hold holds[4 * CYCLES_MOST]; /* as they left */
	unsigned count;
};

static int set_up(void **state)
{
	struct scene *scene = aligned_alloc(_Alignof(struct scene), sizeof(*scene));

	if (!scene)
		return -1;
	memset(scene, 0, sizeof(*scene));
	runtime_gil_begin(&scene->runtime, &scene->gil);
	scene->gil.keeps = true;
	scene->ann.tid = 101;
	scene->ann.generation = RECORDING;
	scene->bob.tid = 102;
	scene->bob.generation = RECORDING;
	/* No Python is found in here, and somebody has been told: places have no lines. */
	frames_missing_tell();
	options.stack_over_ns = UINT64_MAX;
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void left(struct scene *scene, struct hold hold)
{
	assert_true(scene->count < sizeof(scene->holds) / sizeof(scene->holds[0]));
	scene->holds[scene->count++] = hold;
}

static void unpack(struct scene *scene, const struct batch *batch)
{
	uint64_t places[CYCLES_PLACES] = {0}, seq = batch->seq, at = batch->at, wait_ns = 0;
	uint16_t waiters = 0;

	assert_true(batch->count >= 2 && batch->count <= CYCLES_WORDS);
	for (unsigned i = 0; i < batch->count; i++) {
		uint64_t word = batch->words[i], place = places[cycles_place(word)];
		unsigned two = cycles_kind(word) == CYCLES_TWO;

		if (cycles_kind(word) == CYCLES_PLACE) {
			assert_int_equal(cycles_site(word), 0);
			places[cycles_place(word)] = word;
			continue;
		}
		if (cycles_kind(word) == CYCLES_WAITERS) {
			assert_int_not_equal(cycles_waiters(word), waiters);
			waiters = cycles_waiters(word);
			continue;
		}
		if (cycles_kind(word) == CYCLES_WAIT) {
			assert_int_equal(cycles_wait_site(word), 0);
			assert_int_equal(wait_ns, 0);
			wait_ns = cycles_wait_ns(word);
			continue;
		}
		assert_true(two || cycles_kind(word) == CYCLES_ONE);
		assert_int_not_equal(place, 0);
		for (unsigned second = 0; second <= two; second++) {
			struct cycle cycle =
				two ? cycles_of_two(word, second) : cycles_of_one(word);
			uint64_t begin = at + cycle.gap_ns;

			at = begin + cycle.hold_ns;
			left(scene,
				(struct hold){cycles_tid(place), seq, begin, at, waiters, wait_ns});
			seq += 2;
			wait_ns = 0;
		}
	}
	assert_int_equal(wait_ns, 0);
}

/* What a thread writes after the unlock. */
static unsigned written(struct scene *scene, struct thread *thread)
{
	unsigned pending = thread->pending;

	thread->pending = 0;
	if (pending & PENDING_CYCLES)
		unpack(scene, &thread->batch);
	if (pending & PENDING_RELEASE)
		left(scene, (struct hold){thread->tid, thread->release.seq,
				    thread->release.at - thread->release.held_ns,
				    thread->release.at, thread->release.waiters,
				    pending & PENDING_ACQUIRE ? thread->acquire.wait_ns : 0});
	return pending;
}

static void acquire(struct scene *scene, struct thread *thread, uint64_t at)
{
	scene->runtime.locked = 1;
	state_acquired(&scene->gil, thread, RECORDING, at);
	state_leave(&scene->gil, thread);
}

static void release(struct scene *scene, struct thread *thread, uint64_t at)
{
	state_enter(&scene->gil, thread, RECORDING);
	scene->runtime.locked = 0;
	state_released(&scene->gil, thread, RECORDING, at);
	state_leave(&scene->gil, thread);
}

/* A hold that is not waited for. Returns what is written at its end. */
static unsigned hold(struct scene *scene, struct thread *thread, uint64_t begin, uint64_t end)
{
	state_enter(&scene->gil, thread, RECORDING);
	acquire(scene, thread, begin);
	assert_int_equal(written(scene, thread), 0);
	release(scene, thread, end);
	return written(scene, thread);
}

static void finish(struct scene *scene)
{
	if (bursts_take(&scene->gil, RECORDING, &scene->ann.batch))
		unpack(scene, &scene->ann.batch);
}

static void assert_holds(const struct scene *scene, const struct hold *expected, unsigned count)
{
	assert_int_equal(scene->count, count);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(scene->holds[i].tid, expected[i].tid);
		assert_int_equal(scene->holds[i].seq, expected[i].seq);
		assert_int_equal(scene->holds[i].begin, expected[i].begin);
		assert_int_equal(scene->holds[i].end, expected[i].end);
		assert_int_equal(scene->holds[i].waiters, expected[i].waiters);
		assert_int_equal(scene->holds[i].wait_ns, expected[i].wait_ns);
	}
}

static void test_words(void **state)
{
	const struct cycle longest = {(1 << CYCLES_LONG_BITS) - 1, (1 << CYCLES_LONG_BITS) - 1};
	const struct cycle shortest = {0, 0}, first = {1, (1 << CYCLES_SHORT_BITS) - 1},
			   second = {(1 << CYCLES_SHORT_BITS) - 1, 2};
	uint64_t word;

	(void)state;
	assert_false(cycles_is_long(longest.gap_ns));
	assert_true(cycles_is_long(longest.gap_ns + 1));
	word = cycles_one(CYCLES_PLACES - 1, longest);
	assert_int_equal(cycles_kind(word), CYCLES_ONE);
	assert_int_equal(cycles_place(word), CYCLES_PLACES - 1);
	assert_int_equal(cycles_of_one(word).gap_ns, longest.gap_ns);
	assert_int_equal(cycles_of_one(word).hold_ns, longest.hold_ns);
	assert_int_equal(cycles_one(0, shortest), CYCLES_ONE);
	assert_true(cycles_is_short(first) && cycles_is_short(second));
	assert_false(cycles_is_short((struct cycle){second.gap_ns + 1, 0}));
	word = cycles_two(17, first, second);
	assert_int_equal(cycles_kind(word), CYCLES_TWO);
	assert_int_equal(cycles_place(word), 17);
	assert_int_equal(cycles_of_two(word, 0).gap_ns, first.gap_ns);
	assert_int_equal(cycles_of_two(word, 0).hold_ns, first.hold_ns);
	assert_int_equal(cycles_of_two(word, 1).gap_ns, second.gap_ns);
	assert_int_equal(cycles_of_two(word, 1).hold_ns, second.hold_ns);
	word = cycles_waiters_word(UINT16_MAX);
	assert_int_equal(cycles_kind(word), CYCLES_WAITERS);
	assert_int_equal(cycles_waiters(word), UINT16_MAX);
	word = cycles_wait_word(longest.hold_ns, UINT32_MAX);
	assert_int_equal(cycles_kind(word), CYCLES_WAIT);
	assert_int_equal(cycles_wait_ns(word), longest.hold_ns);
	assert_int_equal(cycles_wait_site(word), UINT32_MAX);
	assert_int_equal(cycles_kind(cycles_wait_word(0, 0)), CYCLES_WAIT);
	word = cycles_place_word(5, 0xFFFFFF, UINT32_MAX);
	assert_int_equal(cycles_kind(word), CYCLES_PLACE);
	assert_int_equal(cycles_place(word), 5);
	assert_int_equal(cycles_tid(word), 0xFFFFFF);
	assert_int_equal(cycles_site(word), UINT32_MAX);
}

/* Of all lengths, by two threads; short ones of one thread share a word. */
static void test_what_goes_in_comes_out(void **state)
{
	static const struct hold holds[] = {
		{101, 2, 1000, 1300, 0, 0},
		{101, 4, 1301, 1301, 0, 0},
		{101, 6, 1400, 1400 + 16383, 0, 0},
		{101, 8, 20000, 20000 + 16384, 0, 0},
		{102, 10, 40000, 40001, 0, 0},
		{102, 12, 60000, 60001, 0, 0},
		{101, 14, 60002, 60003, 0, 0},
		{102, 16, 60004, 60005, 0, 0},
		{102, 18, 60006, 60007, 0, 0},
		{101, 20, 5060007, 9060007, 0, 0},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		assert_int_equal(hold(scene, holds[i].tid == 101 ? &scene->ann : &scene->bob,
					 holds[i].begin, holds[i].end),
			0);
	assert_false(bursts_is_empty(&scene->gil));
	finish(scene);
	assert_true(bursts_is_empty(&scene->gil));
	assert_holds(scene, holds, sizeof(holds) / sizeof(holds[0]));
}

/* Others wait at the end of some. */
static void test_waiters(void **state)
{
	static const struct hold holds[] = {
		{101, 2, 1000, 1300, 2, 0},
		{101, 4, 1301, 1302, 2, 0},
		{101, 6, 1400, 1500, 0, 0},
		{101, 8, 1600, 1700, 0, 0},
		{102, 10, 1800, 1900, UINT16_MAX, 0},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
		scene->gil.waiters = holds[i].waiters == UINT16_MAX ? 70000 : holds[i].waiters;
		assert_int_equal(hold(scene, holds[i].tid == 101 ? &scene->ann : &scene->bob,
					 holds[i].begin, holds[i].end),
			0);
	}
	assert_int_equal(scene->gil.burst.batch.count, 8);
	finish(scene);
	assert_holds(scene, holds, sizeof(holds) / sizeof(holds[0]));
}

/* Each hold another number of waiters and another place: none is cut off. */
static void test_full_of_changes(void **state)
{
	struct scene *scene = *state;
	unsigned holds = 100;

	for (unsigned i = 0; i < holds; i++) {
		scene->gil.waiters = i % 2;
		scene->bob.tid = 200 + (int)i;
		hold(scene, &scene->bob, 1000 + 10 * i, 1004 + 10 * i);
	}
	finish(scene);
	assert_int_equal(scene->count, holds);
	for (unsigned i = 0; i < holds; i++) {
		assert_int_equal(scene->holds[i].tid, 200 + i);
		assert_int_equal(scene->holds[i].waiters, i % 2);
	}
}

static void test_full_buffer_leaves(void **state)
{
	struct scene *scene = *state;
	unsigned holds = 3 * CYCLES_MOST, batches = 0;

	for (unsigned i = 0; i < holds; i++) {
		unsigned pending = hold(scene, &scene->ann, 1000 + 10 * i, 1004 + 10 * i);

		assert_true(pending == 0 || pending == PENDING_CYCLES);
		batches += pending != 0;
	}
	assert_int_equal(batches, 3);
	finish(scene);
	assert_int_equal(scene->count, holds);
	for (unsigned i = 0; i < holds; i++) {
		assert_int_equal(scene->holds[i].seq, 2 * (i + 1));
		assert_int_equal(scene->holds[i].begin, 1000 + 10 * i);
		assert_int_equal(scene->holds[i].end, 1004 + 10 * i);
	}
}

/* Ten milliseconds after it began, with the next operation. */
static void test_old_buffer_leaves(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(hold(scene, &scene->ann, 1000, 2000), 0);
	assert_int_equal(hold(scene, &scene->bob, 9000000, 10000999), 0);
	assert_int_equal(hold(scene, &scene->bob, 10001000, 10001001), PENDING_CYCLES);
	assert_int_equal(scene->count, 3);
	assert_true(bursts_is_empty(&scene->gil));
}

/* Longer than a word can say: what is before it leaves, a hold by itself, a gap begins anew. */
static void test_long_ones(void **state)
{
	struct scene *scene = *state;
	uint64_t longest = (1 << CYCLES_LONG_BITS) - 1;

	assert_int_equal(hold(scene, &scene->ann, 1000, 2000), 0);
	assert_int_equal(
		hold(scene, &scene->ann, 3000, 3001 + longest), PENDING_CYCLES | PENDING_RELEASE);
	assert_int_equal(scene->count, 2);
	assert_int_equal(hold(scene, &scene->bob, 4000 + longest, 5000 + longest), 0);
	assert_int_equal(
		hold(scene, &scene->bob, 5001 + 2 * longest, 5002 + 2 * longest), PENDING_CYCLES);
	assert_int_equal(scene->count, 3);
	assert_false(bursts_is_empty(&scene->gil));
	finish(scene);
	assert_int_equal(scene->count, 4);
}

/* Ann has it since 3000; Bob finds it taken at 3100, and sleeps. */
static void begin_wait(struct scene *scene)
{
	state_enter(&scene->gil, &scene->ann, RECORDING);
	acquire(scene, &scene->ann, 3000);
	assert_int_equal(state_enter(&scene->gil, &scene->bob, RECORDING), ENTRY_TAKEN);
	state_entered_at(&scene->bob, 3100);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 3200);
}

/* A short wait is told with the hold behind it. */
static void test_short_waits(void **state)
{
	static const struct hold holds[] = {
		{101, 2, 1000, 2000, 0, 0},
		{101, 4, 3000, 4000, 1, 0},
		{102, 6, 4100, 4200, 0, 1000},
		{102, 8, 4300, 4400, 0, 0},
		{102, 10, 4600, 4700, 0, 100},
		{101, 12, 4800, 4900, 0, 0},
	};
	struct scene *scene = *state;

	assert_int_equal(hold(scene, &scene->ann, 1000, 2000), 0);
	begin_wait(scene);
	assert_int_equal(written(scene, &scene->bob), 0);
	release(scene, &scene->ann, 4000);
	acquire(scene, &scene->bob, 4100);
	release(scene, &scene->bob, 4200);
	assert_int_equal(hold(scene, &scene->bob, 4300, 4400), 0);
	/* Only the mutex was taken: no sleep. */
	state_enter(&scene->gil, &scene->bob, RECORDING);
	state_blocked(&scene->gil, &scene->bob, 4500);
	acquire(scene, &scene->bob, 4600);
	release(scene, &scene->bob, 4700);
	assert_int_equal(hold(scene, &scene->ann, 4800, 4900), 0);
	assert_int_equal(written(scene, &scene->bob), 0);
	finish(scene);
	assert_holds(scene, holds, sizeof(holds) / sizeof(holds[0]));
}

/* One that goes on is told, takes along what others have left, and its hold leaves by itself. */
static void test_long_wait_leaves(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(hold(scene, &scene->ann, 1000, 2000), 0);
	begin_wait(scene);
	state_timed_out(&scene->bob, 5003200);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 5003300);
	assert_int_equal(
		written(scene, &scene->bob), PENDING_CYCLES | PENDING_WAIT | PENDING_DROP_REQUEST);
	assert_int_equal(scene->bob.wait.since, 3100);
	assert_int_equal(scene->bob.wait.holder, 101);
	assert_int_equal(scene->count, 1);
	release(scene, &scene->ann, 5004000);
	assert_int_equal(written(scene, &scene->ann), PENDING_RELEASE);
	acquire(scene, &scene->bob, 5004100);
	assert_int_equal(written(scene, &scene->bob), PENDING_ACQUIRE);
	assert_int_equal(scene->bob.acquire.wait_ns, 5001000);
	release(scene, &scene->bob, 5004200);
	assert_int_equal(written(scene, &scene->bob), PENDING_RELEASE);
}

/* Woken again and again, and always too late: nobody asks for the GIL. */
static void test_wait_without_request_leaves(void **state)
{
	struct scene *scene = *state;

	begin_wait(scene);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 3100 + WAITS_PATIENCE_NS - 1);
	assert_int_equal(written(scene, &scene->bob), 0);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 3100 + WAITS_PATIENCE_NS);
	assert_int_equal(written(scene, &scene->bob), PENDING_WAIT);
	state_sleep(&scene->gil, &scene->bob, RECORDING, 3200 + WAITS_PATIENCE_NS);
	assert_int_equal(written(scene, &scene->bob), 0);
}

/* Where a time-out comes late, a wait is told at once. */
static void test_long_interval(void **state)
{
	struct scene *scene = *state;

	scene->gil.interval_us = 5001;
	scene->runtime.interval = 5001;
	begin_wait(scene);
	assert_int_equal(written(scene, &scene->bob), PENDING_WAIT);
}

/* The thread must exit instead. */
static void test_wait_for_nothing(void **state)
{
	struct scene *scene = *state;

	begin_wait(scene);
	state_leave(&scene->gil, &scene->bob);
	assert_int_equal(written(scene, &scene->bob), PENDING_WAIT);
	assert_int_equal(scene->bob.wait.since, 3100);
	assert_int_equal(scene->gil.waiters, 0);
}

/* The hold behind a short wait is asked to end: both are told then, as they would have been. */
static void test_requested_behind_short_wait(void **state)
{
	struct scene *scene = *state;

	begin_wait(scene);
	release(scene, &scene->ann, 4000);
	acquire(scene, &scene->bob, 4100);
	assert_int_equal(written(scene, &scene->bob), 0);
	state_enter(&scene->gil, &scene->ann, RECORDING);
	state_entered_at(&scene->ann, 4150);
	state_sleep(&scene->gil, &scene->ann, RECORDING, 4160);
	state_timed_out(&scene->ann, 5004160);
	state_sleep(&scene->gil, &scene->ann, RECORDING, 5004170);
	assert_int_equal(
		written(scene, &scene->ann), PENDING_CYCLES | PENDING_WAIT | PENDING_DROP_REQUEST);
	release(scene, &scene->bob, 5004200);
	assert_int_equal(written(scene, &scene->bob), PENDING_ACQUIRE | PENDING_RELEASE);
	assert_int_equal(scene->bob.acquire.seq, 3);
	assert_int_equal(scene->bob.acquire.at, 4100);
	assert_int_equal(scene->bob.acquire.wait_ns, 1000);
	assert_int_equal(scene->bob.acquire.waiters, 0);
	assert_int_equal(scene->bob.release.seq, 4);
	assert_int_equal(scene->bob.release.held_ns, 5000100);
}

/* The process ends in the hold behind a short wait. */
static void test_end_behind_short_wait(void **state)
{
	struct scene *scene = *state;
	struct acquire_record record;

	begin_wait(scene);
	release(scene, &scene->ann, 4000);
	acquire(scene, &scene->bob, 4100);
	assert_true(state_open_hold(&scene->gil, RECORDING, &record));
	assert_int_equal(record.tid, 102);
	assert_int_equal(record.seq, 3);
	assert_int_equal(record.at, 4100);
	assert_int_equal(record.wait_ns, 1000);
	assert_false(state_open_hold(&scene->gil, RECORDING, &record));
	release(scene, &scene->bob, 4200);
	assert_int_equal(written(scene, &scene->bob), PENDING_CYCLES | PENDING_RELEASE);
}

static void test_other_recording(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(hold(scene, &scene->ann, 1000, 2000), 0);
	assert_false(bursts_take(&scene->gil, LATER_RECORDING, &scene->ann.batch));
	assert_true(bursts_is_empty(&scene->gil));
}

static void test_ending(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(hold(scene, &scene->ann, 1000, 2000), 0);
	bursts_switch(false);
	assert_int_equal(hold(scene, &scene->ann, 3000, 3100), PENDING_CYCLES | PENDING_RELEASE);
	assert_int_equal(hold(scene, &scene->ann, 3200, 3300), PENDING_RELEASE);
	bursts_switch(true);
	assert_int_equal(hold(scene, &scene->ann, 3400, 3500), 0);
	finish(scene);
	assert_int_equal(scene->count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test_setup_teardown(test_what_goes_in_comes_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_waiters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_of_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_buffer_leaves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_old_buffer_leaves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_short_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_wait_leaves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_wait_without_request_leaves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_interval, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wait_for_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_requested_behind_short_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end_behind_short_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_recording, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ending, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
