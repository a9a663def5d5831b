/* Brings what is known of a GIL and of a thread into the recording in force; see resync.h. */
#include "resync.h"

#include <unistd.h>

#include "hot.h"

COLD_CODE void resync_announce(struct gil *gil, struct thread *self, uint64_t seq, uint64_t now)
{
	self->gil = (struct gil_record){
		.gil = gil->id,
		.at = now,
		.state = GIL_PRESENT,
		.kind = gil->kind,
		.mode = gil->generation & GIL_OFF ? GIL_DISABLED : GIL_ENABLED,
		.detail = gil_detail(gil),
		.seq = seq,
		.interval_us = gil->interval_us,
	};
	self->pending |= PENDING_GIL;
}

COLD_CODE void resync_stale_gil(
	struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	bool off = resync_is_switchable(gil) && !layout_enabled_word(gil->cond);

	if (gil->generation == (generation | GIL_OFF)) {
		/* One that waited when it was switched off leaves, or it is switched on again. */
		if (off)
			return;
		gil->generation = generation;
		*gil_on_since(gil) = now;
		resync_announce(gil, self, 0, now);
		return;
	}
	/* Recording (re)starts on this GIL: nothing that the state says still holds. */
	gil->generation = off ? generation | GIL_OFF : generation;
	gil->holder = off ? HOLDER_NONE : HOLDER_UNKNOWN;
	gil->requested_at = 0;
	gil->telling = TELLING_END;
	/* The next acquire is odd, a release whose acquire was not seen skips that number. */
	gil->seq += gil->seq & 1;
	/* Told now, with that number: a second announcement would take the first one's place. */
	if (!(gil->traits & TRAIT_OPAQUE))
		gil->interval_us = (uint32_t)layout_interval_us(gil->cond);
	__atomic_store_n(&gil->waiters, self->blocked_on == gil, __ATOMIC_RELAXED);
	resync_announce(gil, self, gil->seq, now);
}

void resync_note_switch(struct gil *gil, struct thread *self, uint64_t now)
{
	if (!resync_is_switchable(gil) || layout_enabled_word(gil->cond))
		return;
	gil->generation |= GIL_OFF;
	resync_announce(gil, self, 0, now);
}

COLD_CODE void resync_stale_thread(struct thread *self, unsigned generation)
{
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
	self->told = false;
	self->timed_out = false;
	self->released = NULL;
	self->yield_count = 0;
}
