/* PyPy's GIL in the shim: how it is found, and what each pthread call on it means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pypy.h"
#include "python.h"

enum { RECORDING = 3, LATER_RECORDING = 5 };

/* As in PyPy: the byte, the mutex and the cond are one struct, the stealer lies anywhere. */
static struct {
	pthread_mutex_t other, stealer;
	char locked;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
} memory;

static struct thread ann, bob;

static int set_up(void **state)
{
	const struct pypy_parts parts = {(uintptr_t)&memory.stealer, (uintptr_t)&memory.mutex};

	(void)state;
	memset(&memory, 0, sizeof(memory));
	memory.locked = 1;
	ann = (struct thread){.tid = 101, .generation = RECORDING};
	bob = (struct thread){.tid = 102, .generation = RECORDING};
	pypy_begin(&parts, RECORDING);
	return 0;
}

static unsigned written(struct thread *thread)
{
	unsigned pending = thread->pending;

	thread->pending = 0;
	return pending;
}

static void give_up(struct thread *thread, unsigned generation, uint64_t now)
{
	memory.locked = 0;
	pypy_leave(thread, generation, now);
}

static void take(struct thread *thread, unsigned generation, uint64_t now)
{
	memory.locked = 1;
	pypy_leave(thread, generation, now);
}

static void test_found_by_its_initialisations(void **state)
{
	struct discovery discovery = {0};
	struct pypy_parts parts;

	(void)state;
	discovery_mutex_init(&discovery, &memory.stealer);
	assert_false(discovery_pypy(&discovery, &memory.cond, &parts));
	discovery_mutex_init(&discovery, &memory.mutex);
	assert_true(discovery_pypy(&discovery, &memory.cond, &parts));
	assert_true(parts.stealer == (uintptr_t)&memory.stealer);
	assert_true(parts.mutex == (uintptr_t)&memory.mutex);
	/* Any other cond ends the sequence. */
	assert_false(discovery_cond_init(&discovery, &memory, &(void *){NULL}));
	assert_false(discovery_pypy(&discovery, &memory.cond, &parts));
	discovery_mutex_init(&discovery, &memory.mutex);
	assert_false(discovery_pypy(&discovery, &memory.cond, &parts));
}

/* What calls this test is no PyPy, whatever it initialises. */
static void test_known_by_its_file(void **state)
{
	(void)state;
	assert_false(python_found_pypy(__builtin_return_address(0)));
	assert_string_equal(python_implementation(), "");
}

static void test_parts(void **state)
{
	(void)state;
	assert_true(pypy_is_found());
	assert_true(pypy_is_mutex(&memory.mutex));
	assert_true(pypy_is_stealer(&memory.stealer));
	assert_true(pypy_is_cond(&memory.cond));
	assert_false(pypy_is_mutex(&memory.stealer));
	pypy_end();
	assert_false(pypy_is_found());
	assert_false(pypy_is_mutex(&memory.mutex));
	assert_false(pypy_is_stealer(&memory.stealer));
	assert_false(pypy_is_cond(&memory.cond));
}

static void test_wait(void **state)
{
	(void)state;
	pypy_queue(&bob, RECORDING, 2000, false);
	assert_int_equal(written(&bob), PENDING_GIL | PENDING_WAIT);
	assert_int_equal(bob.gil.kind, INTERPRETER_PYPY);
	assert_int_equal(bob.gil.seq, 0);
	assert_int_equal(bob.wait.since, 2000);
	assert_int_equal(bob.wait.holder, HOLDER_UNKNOWN);
	assert_int_equal(pypy.gil.waiters, 1);
	take(&bob, RECORDING, 2700);
	assert_int_equal(written(&bob), PENDING_ACQUIRE);
	assert_int_equal(bob.acquire.seq, 1);
	assert_int_equal(bob.acquire.at, 2700);
	assert_int_equal(bob.acquire.wait_ns, 700);
	assert_int_equal(bob.acquire.waiters, 0);
	assert_int_equal(pypy.gil.waiters, 0);
}

/* The GIL goes from one thread to another, and the first one queues again. */
static void test_given_up_for_a_waiter(void **state)
{
	(void)state;
	pypy_queue(&bob, RECORDING, 1000, false);
	written(&bob);
	give_up(&ann, RECORDING, 3000);
	assert_int_equal(written(&ann), PENDING_GIL | PENDING_RELEASE);
	assert_int_equal(ann.release.seq, 1);
	assert_int_equal(ann.release.at, 3000);
	assert_true(ann.release.held_ns == EVENT_UNKNOWN);
	assert_int_equal(ann.release.acquired, 0);
	assert_int_equal(ann.release.waiters, 1);
	take(&bob, RECORDING, 3100);
	assert_int_equal(bob.acquire.seq, 2);
	assert_int_equal(bob.acquire.wait_ns, 2100);
	/* Preempted right after it: it waits since then. */
	pypy_queue(&ann, RECORDING, 7000, true);
	assert_int_equal(written(&ann), PENDING_WAIT);
	assert_int_equal(ann.wait.since, 3000);
	written(&bob);
	give_up(&bob, RECORDING, 8000);
	take(&ann, RECORDING, 8100);
	assert_int_equal(ann.acquire.seq, 4);
	assert_int_equal(ann.acquire.wait_ns, 5100);
	/* Later it queues for another reason. */
	written(&ann);
	pypy_queue(&ann, RECORDING, 9000, false);
	assert_int_equal(ann.wait.since, 9000);
}

/* The recording begins while one thread polls and another gives the GIL up. */
static void test_recording_begins_in_between(void **state)
{
	(void)state;
	pypy_queue(&bob, RECORDING, 1000, false);
	written(&bob);
	memory.locked = 0;
	pypy_leave(&ann, LATER_RECORDING, 5000);
	assert_int_equal(written(&ann), PENDING_THREAD | PENDING_GIL | PENDING_RELEASE);
	assert_int_equal(ann.release.seq, 1);
	memory.locked = 1;
	pypy_leave(&bob, LATER_RECORDING, 5100);
	assert_int_equal(written(&bob), PENDING_THREAD | PENDING_GIL | PENDING_ACQUIRE);
	assert_int_equal(bob.acquire.seq, 2);
	assert_true(bob.acquire.wait_ns == EVENT_UNKNOWN);
}

/* A later recording goes on with the numbers, and says from which on. */
static void test_numbers_go_on(void **state)
{
	(void)state;
	pypy_queue(&bob, RECORDING, 1000, false);
	take(&bob, RECORDING, 1100);
	written(&bob);
	pypy_queue(&bob, LATER_RECORDING, 2000, false);
	assert_int_equal(written(&bob), PENDING_THREAD | PENDING_GIL | PENDING_WAIT);
	assert_int_equal(bob.gil.seq, 0);
	take(&bob, LATER_RECORDING, 2100);
	assert_int_equal(written(&bob), PENDING_GIL | PENDING_ACQUIRE);
	assert_int_equal(bob.gil.seq, 1);
	assert_int_equal(bob.acquire.seq, 2);
	assert_int_equal(bob.acquire.wait_ns, 100);
}

/* The word of this thread may be the first that the trace has of this GIL. */
static void test_each_thread_says_what_it_is(void **state)
{
	(void)state;
	give_up(&ann, RECORDING, 900);
	assert_int_equal(written(&ann), PENDING_GIL | PENDING_RELEASE);
	pypy_queue(&bob, RECORDING, 1000, false);
	assert_int_equal(written(&bob), PENDING_GIL | PENDING_WAIT);
	take(&bob, RECORDING, 1100);
	assert_int_equal(written(&bob), PENDING_ACQUIRE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_found_by_its_initialisations, set_up),
		cmocka_unit_test_setup(test_known_by_its_file, set_up),
		cmocka_unit_test_setup(test_parts, set_up),
		cmocka_unit_test_setup(test_wait, set_up),
		cmocka_unit_test_setup(test_given_up_for_a_waiter, set_up),
		cmocka_unit_test_setup(test_recording_begins_in_between, set_up),
		cmocka_unit_test_setup(test_numbers_go_on, set_up),
		cmocka_unit_test_setup(test_each_thread_says_what_it_is, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
