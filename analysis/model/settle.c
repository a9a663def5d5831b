/* Holds in the order of their numbers: what they mean for the GIL and the thread. */
#include "model/state.h"

static bool has_acquire(const struct slot *slot)
{
	return slot->flags & SLOT_ACQUIRED;
}

/* Are there numbers between the last hold settled and this one? */
static void note_missing(struct gil *gil, uint64_t number)
{
	uint64_t expected = gil->settled + 1;

	if (gil->base == EVENT_UNKNOWN) {
		gil->base = number;
		gil->gap = number > 1; /* the first of all has nothing before it */
	}
	if (number == expected)
		return;
	gil->gap = true;
	gil->gap_after = gil->settled;
	expected = MAX(expected, gil->base);
	if (number > expected)
		gil_anomaly(gil, ANOMALY_GAP, 2 * (number - expected));
}

/* Since when the hold can be blamed: its begin, or what is nearest to it. */
static uint64_t begin_of(struct gil *gil, const struct slot *slot)
{
	uint64_t begin = slot->at;

	if (slot->flags & SLOT_UNSEEN) {
		/* It is older than recording, which began or began again behind the last one known.
		 */
		if (!gil->any_settled || !gil->gap)
			return gil->known_until;
		return MAX(gil->known_until, MIN(gil->base_at, slot->at));
	}
	if (slot->flags & SLOT_RELEASED)
		begin -= slot->held_ns;
	if (begin >= gil->known_until)
		return begin;
	gil_anomaly(gil, ANOMALY_OVERLAP, 1);
	return gil->known_until;
}

/* Nobody knows who held the GIL in a gap, but for the part after the recording began with it free.
 */
static void blame_gap(struct gil *gil, uint64_t number, const struct slot *slot, uint64_t begin)
{
	if (!gil->gap || (slot->flags & SLOT_UNSEEN && !gil->any_settled))
		return;
	if (number == gil->base && gil->base_at)
		begin = MIN(begin, MAX(gil->base_at, gil->known_until));
	blame_hold(gil, gil->known_until, begin, MODEL_UNKNOWN);
}

/* The GIL was free before this hold; did somebody wait for it then? */
static void note_handoff(struct gil *gil, const struct slot *slot, uint64_t begin)
{
	uint64_t from = gil->known_until;

	if (!gil->last_waiters) {
		if (!has_acquire(slot) || !slot->wait_ns)
			return;
		if (slot->wait_ns != EVENT_UNKNOWN && slot->wait_ns < begin)
			from = MAX(from, begin - slot->wait_ns);
	}
	gil->sink->handoff(gil->sink->user, &gil->facts, begin - from);
}

/* All that the begin of a hold brings with it. Returns that begin. */
static uint64_t settle_begin(struct gil *gil, uint64_t number, struct slot *slot)
{
	struct thread *thread = slot->thread;
	bool follows, unseen = slot->flags & SLOT_UNSEEN;
	uint64_t begin;

	note_missing(gil, number);
	begin = begin_of(gil, slot);
	follows = gil->any_settled && !gil->gap;
	blame_gap(gil, number, slot, begin);
	if (!unseen) {
		gil_extend(gil, begin);
		thread->first_seen = MIN(thread->first_seen, begin);
		if (follows)
			note_handoff(gil, slot, begin);
	}
	if (gil->ending)
		wait_settle_ended(gil, begin);
	if (has_acquire(slot))
		wait_settle(gil, slot, begin, follows && gil->last_forced);
	if (thread->watch)
		blame_unwatch(thread);
	gil->settled = number;
	gil->any_settled = true;
	return begin;
}

void settle_hold(struct gil *gil, uint64_t number, struct slot *slot)
{
	const struct model_sink *sink = gil->sink;
	struct thread *thread = slot->thread;
	uint64_t begin = settle_begin(gil, number, slot), end;

	if (!(slot->flags & SLOT_RELEASED)) {
		if (number >= gil->base)
			gil_anomaly(gil, ANOMALY_GAP, 1);
		sink->open_hold(sink->user, &thread->facts);
		gil->known_until = begin;
		gil->gap = true;
		gil->gap_after = number;
		return;
	}
	end = MAX(slot->at, begin);
	gil_extend(gil, end);
	if (slot->flags & SLOT_UNSEEN)
		gil_anomaly(gil, ANOMALY_UNSEEN_ACQUIRE, 1);
	else
		sink->hold(sink->user, &thread->facts, begin, end);
	if (slot->requested_ns)
		sink->drop_latency(sink->user, &thread->facts, slot->requested_ns);
	blame_hold(gil, begin, end, thread->facts.index);
	thread->first_seen = MIN(thread->first_seen, end);
	thread->last_seen = MAX(thread->last_seen, end);
	thread->last_hold = number;
	thread->last_release = end;
	gil->known_until = end;
	gil->gap = false;
	gil->last_forced = slot->requested_ns > 0;
	gil->last_waiters = slot->waiters > 0;
	if (gil->last_forced)
		blame_watch(thread, end);
}

void settle_open_hold(struct gil *gil, uint64_t number, struct slot *slot)
{
	const struct model_sink *sink = gil->sink;
	uint64_t begin = settle_begin(gil, number, slot);

	/* The end of the process ends it; without one, how long it was is not known. */
	if (gil->process->ending_seen && gil->process->ended_at >= begin) {
		gil_extend(gil, gil->process->ended_at);
		sink->hold(sink->user, &slot->thread->facts, begin, gil->process->ended_at);
	} else {
		sink->open_hold(sink->user, &slot->thread->facts);
	}
	blame_hold(gil, begin, gil->facts.end_ns, slot->thread->facts.index);
	gil->known_until = MAX(begin, gil->facts.end_ns);
	slot->thread->last_seen = MAX(slot->thread->last_seen, gil->known_until);
}
