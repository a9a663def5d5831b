/*
 * PyPy's GIL: its waits are in the trace, and the releases for the sake of
 * waiters, but no holds. The numbers count these events one by one. Between a
 * release and the next acquire the GIL is free; at any other time somebody may
 * hold it, nobody knows who.
 */
#include "model/state.h"

bool pypy_is(const struct gil *gil)
{
	return gil->facts.kind == INTERPRETER_PYPY;
}

static void arrive(struct gil *gil, uint64_t number, struct slot *slot)
{
	if (number) {
		order_slot(gil, number, slot);
		return;
	}
	gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	if (slot->open)
		wait_discard(gil, slot->open);
}

void pypy_acquire(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct slot slot = {
		.at = event->at,
		.wait_ns = event->acquire.wait_ns,
		.thread = thread,
		.open = thread->open,
		.flags = SLOT_ACQUIRED,
	};

	thread->open = NULL;
	arrive(gil, event->acquire.seq, &slot);
}

void pypy_release(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct slot slot = {.at = event->at, .thread = thread, .flags = SLOT_RELEASED};

	arrive(gil, event->release.seq, &slot);
}

/* How many of the missing numbers should be there; each thread may have one to write when recording
 * ends. */
static uint64_t not_cut_off(struct gil *gil, uint64_t missing)
{
	uint64_t cut = MIN(missing, gil->cut);

	gil->cut -= cut;
	return missing - cut;
}

/* Are there numbers between the last event settled and this one? */
static void note_missing(struct gil *gil, uint64_t number)
{
	uint64_t expected = gil->settled + 1, missing;

	if (gil->base == EVENT_UNKNOWN)
		gil->base = number;
	if (number == expected)
		return;
	gil->gap = true;
	/* From before the session, of a thread that came late to write: others' were never written.
	 */
	if (gil->any_settled && gil->known_until < gil->told_at)
		gil->base = MAX(gil->base, number);
	expected = MAX(expected, gil->base);
	if (number <= expected)
		return;
	missing = not_cut_off(gil, number - expected);
	if (missing)
		gil_anomaly(gil, ANOMALY_GAP, missing);
}

/* When it was; never before what came before it. */
static uint64_t time_of(struct gil *gil, const struct slot *slot)
{
	if (slot->at >= gil->known_until)
		return slot->at;
	gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	return gil->known_until;
}

static void settle_acquire(
	struct gil *gil, uint64_t number, struct slot *slot, uint64_t at, bool was_free)
{
	const struct model_sink *sink = gil->sink;

	if (was_free) {
		gil_handoff(gil, gil->known_until, at);
		if (gil->process->watched)
			view_handoff(slot->thread, gil->known_until, at, true);
	} else {
		blame_hold(gil, gil->known_until, at, MODEL_UNKNOWN);
	}
	if (gil->ending)
		wait_settle_ended(gil, at);
	wait_settle(gil, number, slot, at, was_free);
	sink->open_hold(sink->user, &gil->facts.everything, &slot->thread->facts);
	if (gil->process->watched)
		view_open_hold(slot->thread, at);
}

void pypy_settle(struct gil *gil, uint64_t number, struct slot *slot)
{
	struct thread *thread = slot->thread;
	bool was_free;
	uint64_t at;

	note_missing(gil, number);
	at = time_of(gil, slot);
	was_free = gil->any_settled && !gil->gap && gil->last_forced;
	gil_extend(gil, at);
	thread->first_seen = MIN(thread->first_seen, at);
	thread->last_seen = MAX(thread->last_seen, at);
	if (slot->flags & SLOT_ACQUIRED)
		settle_acquire(gil, number, slot, at, was_free);
	else
		blame_hold(gil, gil->known_until, at, MODEL_UNKNOWN);
	gil->settled = number;
	gil->any_settled = true;
	gil->gap = false;
	gil->last_forced = slot->flags & SLOT_RELEASED;
	gil->known_until = at;
	if (gil->requests)
		view_settle_requests(gil, at);
}
