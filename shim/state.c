/* What each pthread call on a GIL means; see state.h. */
#include "state.h"

#include <string.h>

#include "hot.h"
#include "resync.h"
#include "sites.h"
#include "whereabouts.h"

static COLD_CODE void move_burst(struct gil *gil, struct thread *self, unsigned generation)
{
	if (!(self->pending & PENDING_CYCLES) && bursts_take(gil, generation, &self->batch))
		self->pending |= PENDING_CYCLES;
}

/* What others have left in the GIL's buffer leaves before what this thread has to tell. */
static void take_burst(struct gil *gil, struct thread *self, unsigned generation)
{
	if (self->pending & PENDING_CYCLES || bursts_is_empty(gil) || !bursts_try_lock(gil))
		return;
	move_burst(gil, self, generation);
	bursts_unlock(gil);
}

static uint16_t waiters_of(const struct gil *gil)
{
	uint32_t waiters = __atomic_load_n(&gil->waiters, __ATOMIC_RELAXED);

	return waiters > UINT16_MAX ? UINT16_MAX : (uint16_t)waiters;
}

static void wait_begin(struct gil *gil, struct thread *self, uint64_t since)
{
	self->blocked_on = gil;
	self->slept = false;
	self->told = false;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	self->since = since;
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

static void tell_wait(struct thread *self)
{
	self->told = true;
	self->pending |= PENDING_WAIT;
}

/*
 * Can a wait be told with the hold that it ends in, should that come soon? Where threads
 * do not ask for the GIL until long after that, waits that go on would be seen too late.
 */
static bool may_keep_wait(const struct gil *gil, const struct thread *self)
{
	return gil->keeps && !bursts_are_off() && self->since != EVENT_UNKNOWN &&
	       gil->interval_us && gil->interval_us * UINT64_C(1000) <= WAITS_PATIENCE_NS &&
	       !resync_is_switchable(gil);
}

/* A wait that the GIL was off in goes on since it is on again; the trace has the end of the rest.
 */
static bool was_interrupted(const struct gil *gil, const struct thread *self)
{
	return resync_is_switchable(gil) && self->since < *gil_on_since(gil);
}

static void yield_drop(struct thread *self, unsigned place)
{
	memmove(&self->yields[place], &self->yields[place + 1],
		(--self->yield_count - place) * sizeof(self->yields[0]));
}

/* How long the thread was kept when it last gave this GIL up on request, if that is not told yet.
 */
static uint64_t yield_take(struct thread *self, uint16_t gil)
{
	for (unsigned i = self->yield_count; i-- > 0;) {
		uint64_t ns = self->yields[i].ns;

		if (self->yields[i].gil != gil)
			continue;
		yield_drop(self, i);
		return ns;
	}
	return 0;
}

enum entry state_enter_again(struct gil *gil, struct thread *self, unsigned generation)
{
	pid_t holder = __atomic_load_n(&gil->holder, __ATOMIC_RELAXED);

	if (__builtin_expect(self->generation != generation, 0))
		return ENTRY_NEW;
	self->entered = gil;
	self->entered_at = 0;
	if (__builtin_expect(holder <= HOLDER_NONE, 0) ||
		__atomic_load_n(&gil->generation, __ATOMIC_RELAXED) != generation)
		return ENTRY_FREE;
	return holder == self->tid ? ENTRY_RELEASE : ENTRY_TAKEN;
}

enum entry state_enter(struct gil *gil, struct thread *self, unsigned generation)
{
	resync_thread(self, generation);
	return state_enter_again(gil, self, generation);
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
	uint32_t interval_us = gil_interval_us(gil);

	resync_thread(self, generation);
	resync_gil(gil, self, generation, now);
	if (self->blocked_on != gil) {
		uint64_t since = self->entered_at ? self->entered_at : now;

		wait_begin(gil, self, entry_seen ? since : EVENT_UNKNOWN);
	} else if (was_interrupted(gil, self)) {
		self->since = *gil_on_since(gil);
		self->slept = false;
		self->told = false;
	}
	self->entered = gil;
	if (gil->interval_us != interval_us) {
		gil->interval_us = interval_us;
		resync_announce(gil, self, 0, now);
	}
	if (!self->slept) {
		self->wait.gil = gil->id;
		self->wait.since = self->since == EVENT_UNKNOWN ? now : self->since;
		self->wait.holder = gil->holder;
		/* Whoever sees that may read it: flush_waits. */
		__atomic_store_n(&self->slept, true, __ATOMIC_RELEASE);
	}
	if (!self->told && (self->timed_out || !may_keep_wait(gil, self) ||
				   now - self->since >= WAITS_PATIENCE_NS))
		tell_wait(self);
	if (self->timed_out) {
		if (!gil->requested_at)
			gil->requested_at = self->timed_out_at;
		self->drop_request.gil = gil->id;
		self->drop_request.at = self->timed_out_at;
		self->drop_request.holder = gil->holder;
		self->pending |= PENDING_DROP_REQUEST;
	}
	self->timed_out = false;
	whereabouts_requested(gil, self, now);
	if (self->pending)
		take_burst(gil, self, generation);
}

void state_timed_out(struct thread *self, uint64_t now)
{
	self->timed_out = true;
	self->timed_out_at = now;
}

/* The hold that begins now has an event of its own: how long it was waited for, if that is known.
 */
static __attribute__((noinline)) void announce_hold(struct gil *gil, struct thread *self,
	unsigned generation, uint64_t now, bool entry_seen, uint64_t yield_ns)
{
	bool waited = self->blocked_on == gil;

	if (waited)
		wait_end(gil, self);
	gil->telling = TELLING_REST;
	take_burst(gil, self, generation);
	self->acquire.gil = gil->id;
	self->acquire.seq = gil->seq;
	self->acquire.at = now;
	if (!waited)
		self->acquire.wait_ns = entry_seen ? 0 : EVENT_UNKNOWN;
	else if (self->since == EVENT_UNKNOWN)
		self->acquire.wait_ns = EVENT_UNKNOWN;
	else
		self->acquire.wait_ns =
			now - (was_interrupted(gil, self) ? *gil_on_since(gil) : self->since);
	self->acquire.yield_ns = yield_ns;
	self->acquire.waiters = waiters_of(gil);
	self->pending |= PENDING_ACQUIRE;
	whereabouts_acquired(gil, self, now);
}

/* How long the hold that begins now was waited for is told when it ends. */
static bool keep_wait(struct gil *gil, struct thread *self, uint64_t now)
{
	uint64_t wait_ns = now - self->since;
	uint32_t site;

	if (self->told || !may_keep_wait(gil, self) || cycles_is_long(wait_ns) ||
		!whereabouts_waited(gil, self, wait_ns, &site))
		return false;
	wait_end(gil, self);
	gil->telling = TELLING_WAIT;
	gil->waited = (struct waited){
		.ns = wait_ns,
		.site = site,
		.audience = sites_audience(),
		.waiters = waiters_of(gil),
	};
	return true;
}

/* Where it waited, as far as who listens now has heard of it. */
static uint32_t site_of_wait(const struct waited *waited)
{
	return waited->audience == sites_audience() ? waited->site : SITE_UNKNOWN;
}

/* The acquire of the hold that goes on, or has just ended: told late. */
static void describe_acquire(const struct gil *gil, struct acquire_record *record)
{
	bool waited = gil->telling == TELLING_WAIT;

	*record = (struct acquire_record){
		.gil = gil->id,
		.seq = (gil->seq - 1) | 1,
		.at = gil->acquired_at,
		.wait_ns = waited ? gil->waited.ns : 0,
		.waiters = waited ? gil->waited.waiters : waiters_of(gil),
		.site = waited ? site_of_wait(&gil->waited) : SITE_UNKNOWN,
	};
}

/* Counted times may be some ns off; but no hold begins before the last one has ended. */
static uint64_t not_before(uint64_t now, uint64_t then)
{
	return now < then ? then : now;
}

bool state_acquires_alone(const struct gil *gil, const struct thread *self)
{
	return self->released_at == gil->released_at && !self->blocked_on;
}

static void hold_begin(struct gil *gil, const struct thread *self, uint64_t now)
{
	gil->seq = (gil->seq + 1) | 1;
	gil->holder = self->tid;
	gil->acquired_at = not_before(now, gil->released_at);
	gil->requested_at = 0;
	gil->telling = TELLING_END;
}

bool state_acquired_again(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	if (__builtin_expect(self->generation != generation || gil->generation != generation ||
				     self->entered != gil || self->blocked_on || self->yield_count,
		    0))
		return false;
	hold_begin(gil, self, now);
	return true;
}

HOT_CODE __attribute__((noinline)) void state_acquired(
	struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	bool entry_seen = self->generation == generation && self->entered == gil;
	uint64_t yield_ns = 0;

	resync_thread(self, generation);
	resync_gil(gil, self, generation, now);
	hold_begin(gil, self, now);
	if (self->yield_count)
		yield_ns = yield_take(self, gil->id);
	if (!entry_seen || yield_ns ||
		(self->blocked_on == gil && !keep_wait(gil, self, gil->acquired_at)))
		announce_hold(gil, self, generation, gil->acquired_at, entry_seen, yield_ns);
}

/* Can all that is to be told of the hold that ends now be told with others? */
static bool is_own_choice(const struct gil *gil)
{
	return gil->telling != TELLING_REST && !gil->requested_at;
}

bool state_releases_alone(const struct gil *gil, const struct thread *self)
{
	return gil->holder == self->tid && is_own_choice(gil) && !waiters_of(gil);
}

/* Is there nothing more to say of the hold that ends now than how long it was, and where? */
static bool is_plain(const struct gil *gil, const struct thread *self)
{
	if (__builtin_expect(!is_own_choice(gil) || self->pending & PENDING_STACK, 0))
		return false;
	if (__builtin_expect(resync_is_switchable(gil), 0) && !layout_enabled_word(gil->cond))
		return false;
	return __builtin_expect(self->position.code != 0, 1) || !frames_missing_untold();
}

static bool add_to_burst(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	const struct waited *waited = NULL;

	if (bursts_are_off())
		return false;
	if (__builtin_expect(!bursts_has_room(gil, generation), 0)) {
		move_burst(gil, self, generation);
		if (!bursts_has_room(gil, generation))
			return false;
	}
	if (__builtin_expect(gil->telling == TELLING_WAIT, 0)) {
		gil->waited.site = site_of_wait(&gil->waited);
		waited = &gil->waited;
	}
	if (!bursts_add(gil, generation, self->tid, &self->position, waiters_of(gil), waited, now))
		return false;
	if (__builtin_expect(bursts_is_due(gil, now), 0))
		move_burst(gil, self, generation);
	return true;
}

/* The hold that ends now joins others in the GIL's buffer; false: it leaves by itself. */
static bool join_burst(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	bool joined;

	if (__builtin_expect(!gil->keeps || !is_plain(gil, self) || !bursts_try_lock(gil), 0))
		return false;
	joined = add_to_burst(gil, self, generation, now);
	bursts_unlock(gil);
	return joined;
}

/* The hold that ended now has an event of its own. */
static __attribute__((noinline)) void tell_release(
	struct gil *gil, struct thread *self, unsigned generation, uint64_t now, uint64_t held_ns)
{
	take_burst(gil, self, generation);
	if (gil->telling == TELLING_WAIT) {
		describe_acquire(gil, &self->acquire);
		self->pending |= PENDING_ACQUIRE;
	}
	self->release.gil = gil->id;
	self->release.seq = gil->seq;
	self->release.at = now;
	self->release.held_ns = held_ns;
	self->release.acquired = held_ns == EVENT_UNKNOWN ? 0 : 1;
	self->release.requested_ns = gil->requested_at ? now - gil->requested_at : 0;
	self->release.waiters = waiters_of(gil);
	gil->requested_at = 0;
	self->pending |= PENDING_RELEASE;
	if (__builtin_expect(gil->traits, 0))
		resync_note_switch(gil, self, now);
}

/*
 * By a thread that was not seen to acquire it. When a free-threaded build has switched
 * its GIL off, those who waited wake each other without holding it: no release.
 */
static COLD_CODE bool is_release_of_unknown(struct gil *gil, struct thread *self)
{
	if (gil->holder != HOLDER_UNKNOWN || gil_locked(gil))
		return false;
	if (self->blocked_on == gil)
		wait_end(gil, self);
	return true;
}

static void hold_end(struct gil *gil, struct thread *self, uint64_t held_ns, uint64_t now)
{
	gil->seq = (gil->seq | 1) + 1;
	gil->holder = HOLDER_NONE;
	self->released = gil;
	self->released_at = now;
	whereabouts_released(gil, self, held_ns, now);
}

/* By a thread that is not known to hold it in this recording. */
static COLD_CODE void release_of_another(
	struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	resync_thread(self, generation);
	resync_gil(gil, self, generation, now);
	if (!is_release_of_unknown(gil, self))
		return;
	hold_end(gil, self, EVENT_UNKNOWN, now);
	gil->released_at = now;
	tell_release(gil, self, generation, now, EVENT_UNKNOWN);
}

HOT_CODE __attribute__((noinline)) void state_released(
	struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	uint64_t held_ns;
	bool joined;

	now = not_before(now, gil->acquired_at);
	held_ns = now - gil->acquired_at;
	if (__builtin_expect(self->generation != generation || gil->generation != generation ||
				     gil->holder != self->tid,
		    0)) {
		release_of_another(gil, self, generation, now);
		return;
	}
	hold_end(gil, self, held_ns, now);
	joined = join_burst(gil, self, generation, now);
	gil->released_at = now;
	if (__builtin_expect(!joined, 0))
		tell_release(gil, self, generation, now, held_ns);
}

void state_yielded(struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	if (self->generation != generation || self->released != gil)
		return;
	/* A thread that goes from interpreter to interpreter is forced out of several, and comes
	 * back. */
	yield_take(self, gil->id);
	if (self->yield_count == YIELDS_KEPT)
		yield_drop(self, 0);
	self->yields[self->yield_count++] =
		(struct yield){.gil = gil->id, .ns = now - self->released_at};
}

void state_leave(struct gil *gil, struct thread *self)
{
	/* Neither acquired nor released: a thread that must exit, or one that only looked. */
	if (self->blocked_on == gil) {
		if (self->slept && !self->told)
			tell_wait(self);
		wait_end(gil, self);
	}
	self->entered = NULL;
}

bool state_open_hold(struct gil *gil, unsigned generation, struct acquire_record *record)
{
	if (gil->generation != generation || gil->holder <= HOLDER_NONE ||
		gil->telling == TELLING_REST)
		return false;
	describe_acquire(gil, record);
	record->tid = gil->holder;
	gil->telling = TELLING_REST;
	return true;
}

void state_wait_begin(struct gil *gil, struct thread *self, uint64_t since)
{
	wait_begin(gil, self, since);
}

void state_wait_end(struct gil *gil, struct thread *self)
{
	wait_end(gil, self);
}

uint16_t state_waiters(const struct gil *gil)
{
	return waiters_of(gil);
}
