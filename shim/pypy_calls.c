/* Calls on the parts of PyPy's GIL; see pypy_calls.h. */
#include "pypy_calls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emit.h"
#include "recording.h"
#include "symbols.h"

static void write_pending(void)
{
	if (thread_self.pending)
		emit_pending(&thread_self);
}

#if defined(__x86_64__)
/*
 * A thread that gives the GIL up for the sake of others wants it back at once,
 * but may well be preempted by the one that it has just woken: then most of its
 * wait is over before it queues. Whether it queues in that same breath shows
 * where the call of pthread_cond_signal stored its return address: a later call
 * from the same function activation stores its own there, and any call from
 * elsewhere something else.
 */
enum { FUNCTION_BYTES = 1024, STACK_BYTES = 4096 };

static void note_caller(struct thread *self, const void *frame)
{
	self->gave_up = (const uintptr_t *)frame - 1;
	self->gave_up_return = *self->gave_up;
}

static bool wants_it_back(const struct thread *self)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t place = (uintptr_t)self->gave_up;
	uintptr_t address;

	if (place <= here || place - here > STACK_BYTES)
		return false;
	address = *(const volatile uintptr_t *)self->gave_up;
	return address != self->gave_up_return &&
	       address - self->gave_up_return + FUNCTION_BYTES < 2 * FUNCTION_BYTES;
}
#else
/* Return addresses have no such fixed place: the wait counts from where it is seen. */
static void note_caller(struct thread *self, const void *frame)
{
	(void)self;
	(void)frame;
}

static bool wants_it_back(const struct thread *self)
{
	(void)self;
	return false;
}
#endif

/* The wait is written before it begins to matter: the thread has none of the mutexes yet. */
int pypy_lock_stealer(pthread_mutex_t *mutex, unsigned generation)
{
	pypy_queue(&thread_self, generation, recording_now(), wants_it_back(&thread_self));
	thread_self.gave_up = NULL;
	write_pending();
	return symbols.mutex_lock(mutex);
}

int pypy_unlock(pthread_mutex_t *mutex, unsigned generation)
{
	int result;

	if (pypy_is_mutex(mutex)) {
		pypy_leave(&thread_self, generation, recording_now());
		return symbols.mutex_unlock(mutex);
	}
	result = symbols.mutex_unlock(mutex);
	write_pending();
	return result;
}

/*
 * Written before the thread that waits for it gets its signal, which is likely
 * to take the CPU from this one: the waiter would be told of at once, and what
 * it waited for much later. It costs the handoff a part of a microsecond.
 */
int pypy_signal(pthread_cond_t *cond, const void *frame)
{
	note_caller(&thread_self, frame);
	write_pending();
	return symbols.cond_signal(cond);
}
