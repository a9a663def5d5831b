/*
 * The interposed functions. Each forwards its call at once unless a recording
 * is on and the object is part of a GIL; then it tells the state machine what
 * happened. Results and errno are those of the forwarded call.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "emit.h"
#include "lifecycle.h"
#include "recording.h"
#include "spawn.h"
#include "state.h"
#include "symbols.h"
#include "thread.h"

#define HOOK __attribute__((visibility("default")))
/* Apart from its hook, which then saves no register before it forwards. */
#define RECORDED static __attribute__((noinline))

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
	void *gil_cond;
	int result;

	resolve();
	result = symbols.cond_init(cond, attributes);
	if (discovery_cond_init(&thread_self.discovery, cond, &gil_cond) && result == 0)
		lifecycle_gil_created(gil_cond, __builtin_return_address(0));
	return result;
}

/*
 * Try first: on a free mutex it is the same operation as a lock. A look at the
 * clock is worth while only where a wait begins: the GIL is seen taken, or the
 * mutex is.
 */
RECORDED int recorded_lock(pthread_mutex_t *mutex)
{
	unsigned generation = recording_generation();
	struct gil *gil = gils_of_mutex(mutex);
	struct thread *self = &thread_self;
	enum entry entry;
	int result;

	if (!gil || !recording_on(generation))
		return symbols.mutex_lock(mutex);
	entry = state_enter(gil, self, generation);
	if (entry == ENTRY_TAKEN)
		state_entered_at(self, recording_now());
	result = symbols.mutex_trylock(mutex);
	if (result != EBUSY)
		return result;
	if (entry != ENTRY_RELEASE)
		state_blocked(gil, self, recording_now());
	return symbols.mutex_lock(mutex);
}

HOOK int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return recording_off() ? symbols.mutex_lock(mutex) : recorded_lock(mutex);
}

RECORDED int recorded_unlock(pthread_mutex_t *mutex)
{
	unsigned generation = recording_generation();
	struct gil *gil = gils_of_mutex(mutex);
	int result;

	if (!gil || !recording_on(generation))
		return symbols.mutex_unlock(mutex);
	state_leave(gil, &thread_self);
	result = symbols.mutex_unlock(mutex);
	if (thread_self.pending)
		emit_pending(&thread_self);
	return result;
}

HOOK int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	return recording_off() ? symbols.mutex_unlock(mutex) : recorded_unlock(mutex);
}

RECORDED int recorded_signal(pthread_cond_t *cond)
{
	unsigned generation = recording_generation();
	struct gil *gil;

	if (!recording_on(generation))
		return symbols.cond_signal(cond);
	if ((gil = gils_of_cond(cond)))
		state_released(gil, &thread_self, generation, recording_now());
	else if ((gil = gils_of_switch_cond(cond)))
		state_acquired(gil, &thread_self, generation, recording_now());
	return symbols.cond_signal(cond);
}

HOOK int pthread_cond_signal(pthread_cond_t *cond)
{
	return recording_off() ? symbols.cond_signal(cond) : recorded_signal(cond);
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
		if (!layout_locked(gil->cond))
			return 0;
	}
	result = symbols.cond_timedwait(cond, mutex, deadline);
	/* CPython's own condition for a drop request (take_gil). */
	if (result == ETIMEDOUT && layout_locked(gil->cond) &&
		layout_switch_number(gil->cond) == switches)
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
	return symbols.cond_timedwait(cond, mutex, deadline);
}

HOOK int pthread_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	resolve();
	/* LTTng's own threads, and any before the first GIL, are none of Python's. */
	if (!recording_pid())
		return symbols.create(id, attributes, start, argument);
	return spawn_thread(id, attributes, start, argument);
}

/* Children of multiprocessing end here, without destructors. */
HOOK void _exit(int status)
{
	resolve();
	lifecycle_exiting();
	symbols.exit_now(status);
}

HOOK void _Exit(int status)
{
	_exit(status);
}
