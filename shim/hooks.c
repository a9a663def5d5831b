/*
 * The interposed functions. Each forwards its call at once unless a recording
 * is on and the object is part of a GIL; then it tells the state machine what
 * happened. Results and errno are those of the forwarded call.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "emit.h"
#include "ending.h"
#include "hot.h"
#include "lifecycle.h"
#include "listeners.h"
#include "pypy_calls.h"
#include "recording.h"
#include "registration.h"
#include "spawn.h"
#include "state.h"
#include "symbols.h"
#include "thread.h"

/* What is hot begins on a page of its own, and fits into it. */
__asm__(".pushsection .text.hot,\"ax\",@progbits\n"
	".p2align 12\n"
	".popsection\n");

#define HOOK __attribute__((visibility("default")))

/* The first call into this library may be any of these; see recording_current. */
static void resolve(void)
{
	if (!recording_off())
		recording_turn();
}

HOOK int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
	resolve();
	discovery_mutex_init(&thread_self.discovery, mutex);
	if (recording_pid() && gils_of_mutex(mutex))
		lifecycle_gil_destroyed(gils_of_mutex(mutex));
	return symbols.mutex_init(mutex, attributes);
}

HOOK int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
	struct pypy_parts parts;
	void *gil_cond;
	int result;

	resolve();
	result = symbols.cond_init(cond, attributes);
	if (discovery_pypy(&thread_self.discovery, cond, &parts) && result == 0)
		lifecycle_pypy_created(&parts, __builtin_return_address(0));
	if (discovery_cond_init(&thread_self.discovery, cond, &gil_cond) && result == 0)
		lifecycle_gil_created(gil_cond, __builtin_return_address(0));
	return result;
}

/*
 * The next three hooks have what a hold runs through that meets nobody, on the GIL that
 * the thread had to do with last. They end in jumps where they can, so that there is
 * hardly a register to save. All else goes the general way, `recorded_`.
 */

/* It is the mutex that was found taken: the thread waits. */
static __attribute__((noinline)) int lock_taken(pthread_mutex_t *mutex)
{
	struct thread *self = thread_own();

	state_blocked(self->recent, self, recording_now());
	return symbols.mutex_lock(mutex);
}

/*
 * Try first: on a free mutex it is the same operation as a lock. A look at the
 * clock is worth while only where a wait begins: the GIL is seen taken, or the
 * mutex is. Whether recording is still on, who sleeps or signals will ask.
 */
static int try_first(pthread_mutex_t *mutex)
{
	int result = symbols.mutex_trylock(mutex);

	return __builtin_expect(result != EBUSY, 1) ? result : lock_taken(mutex);
}

static __attribute__((noinline)) int recorded_lock(pthread_mutex_t *mutex)
{
	struct thread *self = thread_own();
	struct gil *gil = thread_gil_of(self, (uintptr_t)mutex - LAYOUT_MUTEX);
	unsigned generation;
	enum entry entry;

	if (!gil) {
		generation = recording_generation();
		return recording_on(generation) && pypy_is_stealer(mutex)
			       ? pypy_lock_stealer(mutex, generation)
			       : symbols.mutex_lock(mutex);
	}
	entry = state_enter(gil, self, recording_last());
	if (entry == ENTRY_RELEASE)
		return symbols.mutex_lock(mutex);
	if (entry == ENTRY_TAKEN)
		state_entered_at(self, recording_now());
	return try_first(mutex);
}

HOOK HOT_CODE int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	struct thread *self;
	uintptr_t key;

	if (recording_off())
		return symbols.mutex_lock(mutex);
	self = thread_own();
	key = thread_recent_key(self);
	/* Which is nobody's to wait for. */
	if (key == (uintptr_t)mutex - LAYOUT_SWITCH_MUTEX)
		return symbols.mutex_lock(mutex);
	if (__builtin_expect(key != (uintptr_t)mutex - LAYOUT_MUTEX, 0))
		return recorded_lock(mutex);
	switch (state_enter_again(self->recent, self, recording_last())) {
	case ENTRY_RELEASE:
		return symbols.mutex_lock(mutex);
	case ENTRY_FREE:
		return try_first(mutex);
	default:
		return recorded_lock(mutex);
	}
}

/* The GIL's, which the thread has left. */
static __attribute__((noinline)) int unlock_and_tell(pthread_mutex_t *mutex)
{
	int result = symbols.mutex_unlock(mutex);

	emit_pending(&thread_self);
	return result;
}

static int leave(pthread_mutex_t *mutex, struct gil *gil, struct thread *self)
{
	state_leave(gil, self);
	return __builtin_expect(!self->pending, 1) ? symbols.mutex_unlock(mutex)
						   : unlock_and_tell(mutex);
}

/* Whether recording is still on matters only to what is to be written: emit_pending asks. */
static __attribute__((noinline)) int recorded_unlock(pthread_mutex_t *mutex)
{
	struct thread *self = thread_own();
	struct gil *gil = thread_gil_of(self, (uintptr_t)mutex - LAYOUT_MUTEX);
	unsigned generation;

	if (gil)
		return leave(mutex, gil, self);
	generation = recording_generation();
	if (recording_on(generation) && (pypy_is_mutex(mutex) || pypy_is_stealer(mutex)))
		return pypy_unlock(mutex, generation);
	return symbols.mutex_unlock(mutex);
}

HOOK HOT_CODE int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	struct thread *self;
	uintptr_t key;

	if (recording_off())
		return symbols.mutex_unlock(mutex);
	self = thread_own();
	key = thread_recent_key(self);
	if (key == (uintptr_t)mutex - LAYOUT_SWITCH_MUTEX)
		return symbols.mutex_unlock(mutex);
	if (__builtin_expect(key != (uintptr_t)mutex - LAYOUT_MUTEX, 0))
		return recorded_unlock(mutex);
	return leave(mutex, self->recent, self);
}

/* When the thread acquires or releases it. */
static uint64_t time_of(struct thread *self, bool alone)
{
	return alone ? counter_now(&self->counter) : recording_now();
}

/* `frame`: of the caller, see pypy_calls.h. */
static HOT_CODE __attribute__((noinline)) int recorded_signal(
	pthread_cond_t *cond, const void *frame)
{
	unsigned generation = recording_generation();
	struct thread *self = thread_own();
	struct gil *gil;

	if (!recording_on(generation))
		return symbols.cond_signal(cond);
	if ((gil = thread_gil_of(self, (uintptr_t)cond)))
		state_released(
			gil, self, generation, time_of(self, state_releases_alone(gil, self)));
	else if ((gil = thread_gil_of(self, (uintptr_t)cond - LAYOUT_SWITCH_COND)))
		state_acquired(
			gil, self, generation, time_of(self, state_acquires_alone(gil, self)));
	else if (pypy_is_cond(cond))
		return pypy_signal(cond, frame);
	return symbols.cond_signal(cond);
}

/* False where that must go the general way. */
static bool acquired_alone(struct gil *gil, struct thread *self)
{
	uint64_t now = state_acquires_alone(gil, self) ? counter_peek(&self->counter) : 0;

	return now && state_acquired_again(gil, self, recording_last(), now);
}

static bool released_alone(struct gil *gil, struct thread *self)
{
	uint64_t now = state_releases_alone(gil, self) ? counter_peek(&self->counter) : 0;

	if (__builtin_expect(!now, 0))
		return false;
	state_released(gil, self, recording_last(), now);
	return true;
}

HOOK HOT_CODE int pthread_cond_signal(pthread_cond_t *cond)
{
	struct thread *self;
	uintptr_t key;
	bool done = false;

	if (recording_off())
		return symbols.cond_signal(cond);
	self = thread_own();
	key = thread_recent_key(self);
	if (__builtin_expect(recording_is_wanted(), 1)) {
		if (key == (uintptr_t)cond - LAYOUT_SWITCH_COND)
			done = acquired_alone(self->recent, self);
		else if (key == (uintptr_t)cond)
			done = released_alone(self->recent, self);
	}
	return __builtin_expect(done, 1) ? symbols.cond_signal(cond)
					 : recorded_signal(cond, __builtin_dwarf_cfa());
}

/* Only the forced switch waits without a time-out: on the switch cond, until another thread has the
 * GIL. */
HOOK int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	unsigned generation = recording_generation();
	struct gil *gil = recording_on(generation) ? gils_of_switch_cond(cond) : NULL;
	int result = symbols.cond_wait(cond, mutex);

	if (gil)
		state_yielded(gil, &thread_self, generation, recording_now());
	return result;
}

/* Who would return into an interpreter that is gone goes on waiting for a while: ending.h. */
static int wait_for_gil(
	pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline)
{
	int result = symbols.cond_timedwait(cond, mutex, deadline);

	if (result == ETIMEDOUT && ending_parks(cond))
		return ending_park(cond, mutex, deadline);
	return result;
}

/*
 * What is to be written is written with the mutex free, as everywhere. If the
 * GIL was released meanwhile, its signal reached nobody: then this is a spurious
 * wake-up, which CPython expects and answers by taking the GIL.
 */
static int sleep_on_gil(struct gil *gil, pthread_cond_t *cond, pthread_mutex_t *mutex,
	const struct timespec *deadline, unsigned generation)
{
	struct thread *self = &thread_self;
	unsigned long switches = layout_switch_number(gil->cond);
	int result;

	state_sleep(gil, self, generation, recording_now());
	if (self->pending) {
		symbols.mutex_unlock(mutex);
		emit_pending(self);
		symbols.mutex_lock(mutex);
		if (!gil_locked(gil))
			return 0;
	}
	result = wait_for_gil(cond, mutex, deadline);
	/* CPython's own condition for a drop request (take_gil). */
	if (result == ETIMEDOUT && gil_locked(gil) && layout_switch_number(gil->cond) == switches)
		state_timed_out(self, recording_now());
	return result;
}

HOOK int pthread_cond_timedwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline)
{
	unsigned generation = recording_generation();

	if (recording_on(generation)) {
		struct gil *gil = gils_of_cond(cond);

		if (gil)
			return sleep_on_gil(gil, cond, mutex, deadline, generation);
	}
	return wait_for_gil(cond, mutex, deadline);
}

HOOK int pthread_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	resolve();
	if (!recording_pid())
		lifecycle_thread_begins(__builtin_return_address(0));
	/* LTTng's own threads, and any before the first GIL, are none of Python's. */
	if (!recording_pid()) {
		listeners_see_creation(start);
		return registration_deferred ? registration_create(id, attributes, start, argument)
					     : symbols.create(id, attributes, start, argument);
	}
	return spawn_thread(id, attributes, start, argument);
}

HOOK int sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
	if (__builtin_expect(registration_deferred, 0))
		return registration_timedwait(semaphore, deadline);
	resolve();
	return symbols.semaphore_timedwait(semaphore, deadline);
}

HOOK int pthread_setname_np(pthread_t id, const char *name)
{
	int result;

	resolve();
	result = symbols.set_name(id, name);
	if (result == 0 && recording_pid())
		spawn_renamed(id);
	return result;
}
