/*
 * PyPy's GIL: the state machine between its pthread calls and the records, as
 * state.h is CPython's. A process has one such GIL at most.
 *
 * PyPy takes a free GIL, and gives it up, by an atomic word: no call tells of
 * that, so how long anybody holds it cannot be known. What can be seen (checked
 * on PyPy 7.3 and 8, x86_64):
 *
 * - a thread that finds it taken: lock(stealer), lock(mutex), any number of
 *   timedwait(cond, mutex), unlock(mutex), unlock(stealer). The GIL is the
 *   thread's when it unlocks the mutex; only the thread that has the stealer
 *   looks for it, all others wait for the stealer.
 * - a thread that gives it up for the sake of those that wait: lock(mutex),
 *   unlock(mutex), signal(cond). Then the GIL is free until the next acquire,
 *   which is one of the above.
 *
 * Before it queues, a thread polls for some microseconds: a wait that ends so is
 * not seen.
 */
#ifndef GILTRACE_PYPY_H
#define GILTRACE_PYPY_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery.h"
#include "thread.h"

/* Where the parts lie relative to the mutex. `locked`, one byte: 0 only between such a release and
 * the acquire that follows. */
enum { PYPY_LOCKED = -8, PYPY_COND = sizeof(pthread_mutex_t) };

/* Addresses are 0 while there is no such GIL. */
struct pypy {
	uintptr_t mutex;
	uintptr_t stealer;
	struct gil gil;
};

extern struct pypy pypy;

static inline bool pypy_is_mutex(const void *mutex)
{
	return (uintptr_t)mutex == pypy.mutex;
}

static inline bool pypy_is_stealer(const void *mutex)
{
	return (uintptr_t)mutex == pypy.stealer;
}

static inline bool pypy_is_cond(const void *cond)
{
	return (uintptr_t)cond == pypy.mutex + PYPY_COND;
}

static inline bool pypy_is_found(void)
{
	return __atomic_load_n(&pypy.mutex, __ATOMIC_ACQUIRE) != 0;
}

/* From now on there is one, of these parts, in the recording `generation`. */
void pypy_begin(const struct pypy_parts *parts, unsigned generation);

/* There is none any more: the process ends, or is a new one after fork. */
void pypy_end(void);

/*
 * The GIL was found taken: the thread queues for the stealer. `again`: it has
 * done nothing since it gave the GIL up, so it waits since then.
 */
void pypy_queue(struct thread *self, unsigned generation, uint64_t now, bool again);

/*
 * The thread lets go of the mutex, with which it has taken the GIL or given it
 * up. With the mutex held. The record is in `pending`, to be written when the
 * thread has none of the mutexes any more.
 */
void pypy_leave(struct thread *self, unsigned generation, uint64_t now);

#endif /* GILTRACE_PYPY_H */
