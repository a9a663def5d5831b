/* What each pthread call on a GIL means; see state.h. */
#include "state.h"

#include <unistd.h>

/* Tells the trace of the GIL; `seq`: recording starts behind this number, 0: nothing new about
 * that. */
static void announce(struct gil *gil, struct thread *self, uint64_t seq)
{
	self->gil = (struct gil_record){
		.gil = gil->id,
		.state = GIL_PRESENT,
		.kind = gil->kind,
		.seq = seq,
		.interval_us = gil->interval_us,
	};
	self->pending |= PENDING_GIL;
}

/* Recording (re)starts on this GIL: nothing that the state says still holds. */
static void resync(struct gil *gil, struct thread *self, unsigned generation)
{
	if (__builtin_expect(gil->generation == generation, 1))
		return;
	gil->generation = generation;
	gil->holder = HOLDER_UNKNOWN;
	gil->requested_at = 0;
	gil->announced = false;
	/* The next acquire is odd, a release whose acquire was not seen skips that number. */
	gil->seq += gil->seq & 1;
	__atomic_store_n(&gil->waiters, self->blocked_on == gil, __ATOMIC_RELAXED);
	announce(gil, self, gil->seq);
}

/* The thread's first call in this recording: what it remembers is from before. */
static void freshen(struct thread *self, unsigned generation)
{
	if (__builtin_expect(self->generation == generation, 1))
		return;
	if (!self->tid) {
		self->tid = gettid();
		self->kind = THREAD_NATIVE;
	}
	self->generation = generation;
	self->pending = PENDING_THREAD;
	self->entered = NULL;
	self->entered_at = 0;
	self->blocked_on = NULL;
	self->slept = false;
	self->timed_out = false;
	self->released = NULL;
	self->yielded = NULL;
	self->yield_ns = 0;
}

static uint16_t waiters_of(const struct gil *gil)
{
	uint32_t waiters = __atomic_load_n(&gil->waiters, __ATOMIC_RELAXED);

	return waiters > UINT16_MAX ? UINT16_MAX : (uint16_t)waiters;
}

static void wait_begin(struct gil *gil, struct thread *self, uint64_t since)
{
	self->blocked_on = gil;
	self->since = since;
	self->slept = false;
	self->timed_out = false;
	__atomic_fetch_add(&gil->waiters, 1, __ATOMIC_RELAXED);
}

static void wait_end(struct gil *gil, struct thread *self)
{
	self->blocked_on = NULL;
	/* Not below zero: a waiter from before this recording was never counted. */
	if (__atomic_load_n(&gil->waiters, __ATOMIC_RELAXED))
		__atomic_fetch_sub(&gil->waiters, 1, __ATOMIC_RELAXED);
}

enum entry state_enter(struct gil *gil, struct thread *self, unsigned generation)
{
	pid_t holder = __atomic_load_n(&gil->holder, __ATOMIC_RELAXED);

	freshen(self, generation);
	self->entered = gil;
	self->entered_at = 0;
	if (holder <= HOLDER_NONE ||
		__atomic_load_n(&gil->generation, __ATOMIC_RELAXED) != generation)
		return ENTRY_FREE;
	return holder == self->tid ? ENTRY_RELEASE : ENTRY_TAKEN;
}

void state_entered_at(struct thread *self, uint64_t now)
{
	self->entered_at = now;
}

void state_blocked(struct gil *gil, struct thread *self, uint64_t now)
{
	wait_begin(gil, self, self->entered_at ? self->entered_at : now);
}

void state_sleep(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	bool entry_seen = self->generation == generation && self->entered == gil;
	uint32_t interval_us = (uint32_t)layout_interval_us(gil->cond);

	freshen(self, generation);
	resync(gil, self, generation);
	if (self->blocked_on != gil) {
		uint64_t since = self->entered_at ? self->entered_at : now;

		wait_begin(gil, self, entry_seen ? since : EVENT_UNKNOWN);
	}
	self->entered = gil;
	if (gil->interval_us != interval_us) {
		gil->interval_us = interval_us;
		announce(gil, self, 0);
	}
	if (!self->slept) {
		self->slept = true;
		self->wait.gil = gil->id;
		self->wait.since = self->since == EVENT_UNKNOWN ? now : self->since;
		self->wait.holder = gil->holder;
		self->pending |= PENDING_WAIT;
	} else if (self->timed_out) {
		if (!gil->requested_at)
			gil->requested_at = self->timed_out_at;
		self->drop_request.gil = gil->id;
		self->drop_request.at = self->timed_out_at;
		self->drop_request.holder = gil->holder;
		self->pending |= PENDING_DROP_REQUEST;
	}
	self->timed_out = false;
}

void state_timed_out(struct thread *self, uint64_t now)
{
	self->timed_out = true;
	self->timed_out_at = now;
}

void state_acquired(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	bool entry_seen = self->generation == generation && self->entered == gil;
	bool waited;

	freshen(self, generation);
	resync(gil, self, generation);
	gil->seq = (gil->seq + 1) | 1;
	gil->holder = self->tid;
	gil->acquired_at = now;
	gil->requested_at = 0;
	waited = self->blocked_on == gil;
	if (waited)
		wait_end(gil, self);
	gil->announced = waited || !entry_seen || self->yielded == gil;
	if (!gil->announced)
		return;
	self->acquire.gil = gil->id;
	self->acquire.seq = gil->seq;
	self->acquire.at = now;
	if (!waited)
		self->acquire.wait_ns = entry_seen ? 0 : EVENT_UNKNOWN;
	else
		self->acquire.wait_ns =
			self->since == EVENT_UNKNOWN ? EVENT_UNKNOWN : now - self->since;
	self->acquire.yield_ns = 0;
	if (self->yielded == gil) {
		self->acquire.yield_ns = self->yield_ns;
		self->yielded = NULL;
	}
	self->acquire.waiters = waiters_of(gil);
	self->pending |= PENDING_ACQUIRE;
}

void state_released(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	bool known;

	freshen(self, generation);
	resync(gil, self, generation);
	known = gil->holder == self->tid;
	/*
	 * A free-threaded build that switches its GIL off wakes the waiters without
	 * holding it: no release.
	 */
	if (!known && (gil->holder != HOLDER_UNKNOWN || layout_locked(gil->cond)))
		return;
	if (self->blocked_on == gil)
		wait_end(gil, self);
	gil->seq = (gil->seq | 1) + 1;
	gil->holder = HOLDER_NONE;
	self->release.gil = gil->id;
	self->release.seq = gil->seq;
	self->release.at = now;
	self->release.held_ns = known ? now - gil->acquired_at : EVENT_UNKNOWN;
	self->release.acquired = known ? 1 : 0;
	self->release.requested_ns = gil->requested_at ? now - gil->requested_at : 0;
	self->release.waiters = waiters_of(gil);
	gil->requested_at = 0;
	self->released = gil;
	self->released_at = now;
	self->pending |= PENDING_RELEASE;
}

void state_yielded(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	if (self->generation != generation || self->released != gil)
		return;
	self->yielded = gil;
	self->yield_ns = now - self->released_at;
}

void state_leave(struct gil *gil, struct thread *self)
{
	/* Neither acquired nor released: a thread that must exit, or one that only looked. */
	if (self->blocked_on == gil)
		wait_end(gil, self);
	self->entered = NULL;
}

bool state_open_hold(struct gil *gil, unsigned generation, struct acquire_record *record)
{
	if (gil->generation != generation || gil->holder <= HOLDER_NONE || gil->announced)
		return false;
	gil->announced = true;
	*record = (struct acquire_record){
		.tid = gil->holder,
		.gil = gil->id,
		.seq = gil->seq,
		.at = gil->acquired_at,
		.waiters = waiters_of(gil),
	};
	return true;
}
