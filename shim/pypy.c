/* What each pthread call on PyPy's GIL means; see pypy.h. */
#include "pypy.h"

#include <string.h>

#include "recording.h"
#include "resync.h"
#include "state.h"

struct pypy pypy;

void pypy_begin(const struct pypy_parts *parts, unsigned generation)
{
	memset(&pypy.gil, 0, sizeof(pypy.gil));
	pypy.gil.kind = INTERPRETER_PYPY;
	pypy.gil.holder = HOLDER_UNKNOWN;
	pypy.gil.generation = generation;
	pypy.stealer = parts->stealer;
	__atomic_store_n(&pypy.mutex, parts->mutex, __ATOMIC_RELEASE);
}

void pypy_end(void)
{
	pypy.stealer = 0;
	__atomic_store_n(&pypy.mutex, 0, __ATOMIC_RELEASE);
}

/* `seq`: as in struct gil_record. */
static void announce(struct thread *self, uint64_t seq)
{
	self->gil = (struct gil_record){
		.gil = pypy.gil.id,
		.at = recording_now(),
		.state = GIL_PRESENT,
		.kind = INTERPRETER_PYPY,
		.seq = seq,
	};
	self->pending |= PENDING_GIL;
}

/*
 * Each thread says of which kind this GIL is before its first other event: who
 * reads the trace must not take the numbers for CPython's, and another thread's
 * word may come too late.
 */
static void freshen(struct thread *self, unsigned generation)
{
	bool fresh = self->generation == generation;

	if (!fresh)
		resync_thread(self, generation);
	if (!fresh || self->gil.kind != INTERPRETER_PYPY)
		announce(self, 0);
}

/* Recording (re)starts on this GIL. With the mutex held. */
static void resync(struct thread *self, unsigned generation)
{
	struct gil *gil = &pypy.gil;

	if (gil->generation == generation)
		return;
	gil->generation = generation;
	__atomic_store_n(&gil->waiters, self->blocked_on == gil, __ATOMIC_RELAXED);
	announce(self, gil->seq);
}

void pypy_queue(struct thread *self, unsigned generation, uint64_t now, bool again)
{
	freshen(self, generation);
	if (again && self->released == &pypy.gil)
		now = self->released_at;
	state_wait_begin(&pypy.gil, self, now);
	self->wait.gil = pypy.gil.id;
	self->wait.since = now;
	self->wait.holder = HOLDER_UNKNOWN;
	self->pending |= PENDING_WAIT;
}

static void acquired(struct thread *self, uint64_t now)
{
	struct gil *gil = &pypy.gil;
	bool waited = self->blocked_on == gil;

	if (waited)
		state_wait_end(gil, self);
	self->acquire.gil = gil->id;
	self->acquire.seq = ++gil->seq;
	self->acquire.at = now;
	self->acquire.wait_ns = waited ? now - self->since : EVENT_UNKNOWN;
	self->acquire.yield_ns = 0;
	self->acquire.waiters = state_waiters(gil);
	self->pending |= PENDING_ACQUIRE;
}

static void released(struct thread *self, uint64_t now)
{
	struct gil *gil = &pypy.gil;

	self->release.gil = gil->id;
	self->release.seq = ++gil->seq;
	self->release.at = now;
	self->release.held_ns = EVENT_UNKNOWN;
	self->release.acquired = 0;
	self->release.requested_ns = 0;
	self->release.waiters = state_waiters(gil);
	self->released = &pypy.gil;
	self->released_at = now;
	self->pending |= PENDING_RELEASE;
}

void pypy_leave(struct thread *self, unsigned generation, uint64_t now)
{
	freshen(self, generation);
	resync(self, generation);
	/* A waiter need not be known as one: it may have queued before the recording began. */
	if (self->blocked_on == &pypy.gil || *(const volatile char *)(pypy.mutex + PYPY_LOCKED))
		acquired(self, now);
	else
		released(self, now);
}
