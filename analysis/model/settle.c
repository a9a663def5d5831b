/* Holds in the order of their numbers: what they mean for the GIL and the thread. */
#include "model/state.h"

static bool has_acquire(const struct slot *slot)
{
	return slot->flags & SLOT_ACQUIRED;
}

/*
 * A session that starts on a running process gets each event that is written
 * from then on. Of the holds that ended before, those whose thread came late to
 * write: what lies between them was not lost.
 */
static bool ended_before_session(const struct gil *gil)
{
	return gil->any_settled && gil->known_until < gil->told_at;
}

/*
 * In the same way, each thread may have one hold or burst to write when recording
 * ends, while others have already written what came after it.
 */
static uint64_t not_cut_off(struct gil *gil, uint64_t holds)
{
	uint64_t cut = MIN(holds, gil->cut);

	gil->cut -= cut;
	return holds - cut;
}

/* Are there numbers between the last hold settled and this one? */
static void note_missing(struct gil *gil, uint64_t number)
{
	uint64_t expected = gil->settled + 1, missing;

	if (gil->base == EVENT_UNKNOWN) {
		gil->base = number;
		gil->gap = number > 1; /* the first of all has nothing before it */
	}
	if (number == expected)
		return;
	gil->gap = true;
	gil->gap_after = gil->settled;
	if (ended_before_session(gil) && number > gil->base) {
		gil->base = number;
		gil->base_at = 0;
	}
	if (gil->rejoined >= expected && gil->rejoined >= gil->base) {
		gil->base = MIN(number, gil->rejoined + 1);
		gil->base_at = gil->rejoined_at;
	}
	expected = MAX(expected, gil->base);
	if (number <= expected)
		return;
	missing = not_cut_off(gil, number - expected);
	if (missing)
		gil_anomaly(gil, ANOMALY_GAP, 2 * missing);
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
	gil_handoff(gil, from, begin);
	if (gil->process->watched)
		view_handoff(slot->thread, from, begin, has_acquire(slot));
}

/* All that the begin of a hold brings with it. Returns that begin. */
static uint64_t settle_begin(struct gil *gil, uint64_t number, struct slot *slot)
{
	struct thread *thread = slot->thread;
	bool follows, unseen = slot->flags & SLOT_UNSEEN;
	uint64_t begin;

	note_missing(gil, number);
	if (slot->open && !has_acquire(slot))
		wait_recover(gil, slot);
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
		wait_settle(gil, number, slot, begin, follows);
	if (thread->watch)
		blame_unwatch(thread);
	gil->settled = number;
	gil->any_settled = true;
	return begin;
}

static bool is_timed(const struct gil *gil)
{
	return gil->timeline->hold != NULL;
}

static void tell_time(struct place *place, struct timeline_hold hold)
{
	const struct model_timeline *timeline = place->thread->gil->timeline;

	timeline->hold(timeline->user, &place->facts, &hold);
}

static void tell_open_hold(struct thread *thread, uint64_t number, uint64_t begin)
{
	struct gil *gil = thread->gil;

	gil->sink->open_hold(gil->sink->user, &gil->facts.everything, &thread->facts);
	if (gil->process->watched)
		view_open_hold(thread, begin);
	if (is_timed(gil))
		tell_time(place_find(thread, SITE_UNKNOWN), (struct timeline_hold){
								    .number = number,
								    .begin_ns = begin,
								    .end_ns = EVENT_UNKNOWN,
								    .counted = true,
							    });
}

/* A hold that was released, from `begin` to `end`. */
static struct timeline_hold times_of(
	const struct slot *slot, uint64_t number, uint64_t begin, uint64_t end)
{
	bool seen = !(slot->flags & SLOT_UNSEEN);

	return (struct timeline_hold){
		.number = number,
		.begin_ns = seen ? begin : EVENT_UNKNOWN,
		.end_ns = end,
		.requested_ns = slot->requested_ns,
		.waiters = slot->waiters,
		.counted = seen,
		.held_ns = seen ? end - begin : 0,
	};
}

/* A hold that was released; `in_turn`: it began with a forced release. */
static void tell_hold(
	struct place *place, const struct slot *slot, uint64_t begin, uint64_t end, bool in_turn)
{
	struct gil *gil = place->thread->gil;
	struct model_view *all = &gil->facts.everything;

	if (slot->requested_ns)
		gil->sink->drop_latency(
			gil->sink->user, all, &place->thread->facts, slot->requested_ns, in_turn);
	if (slot->flags & SLOT_UNSEEN) {
		gil_anomaly(gil, ANOMALY_UNSEEN_ACQUIRE, 1);
		return;
	}
	gil->sink->hold(gil->sink->user, all, &place->facts, end - begin, true);
	if (gil->process->watched)
		view_hold(place, begin, end, true, slot->requested_ns, in_turn);
}

void settle_hold(struct gil *gil, uint64_t number, struct slot *slot)
{
	struct thread *thread = slot->thread;
	uint64_t begin = settle_begin(gil, number, slot), end;
	bool in_turn = gil->last_forced && !gil->gap;
	struct place *place;

	if (!(slot->flags & SLOT_RELEASED)) {
		if (number >= gil->base && not_cut_off(gil, 1))
			gil_anomaly(gil, ANOMALY_GAP, 1);
		tell_open_hold(thread, number, begin);
		gil->known_until = begin;
		gil->gap = true;
		gil->gap_after = number;
		return;
	}
	end = MAX(slot->at, begin);
	place = place_at(thread, slot->site, &thread->held_at);
	gil_extend(gil, end);
	tell_hold(place, slot, begin, end, in_turn);
	if (is_timed(gil))
		tell_time(place, times_of(slot, number, begin, end));
	blame_hold(gil, begin, end, place->facts.index);
	thread->first_seen = MIN(thread->first_seen, end);
	thread->last_seen = MAX(thread->last_seen, end);
	thread->last_hold = number;
	thread->last_release = end;
	gil->known_until = end;
	gil->gap = false;
	gil->last_forced = slot->requested_ns > 0;
	gil->last_answered = gil->last_forced && slot->requested_ns <= MODEL_SOON_NS;
	if (gil->last_answered)
		turns_add(&gil->turns, end, slot->requested_ns);
	gil->last_waiters = slot->waiters > 0;
	if (gil->last_forced)
		blame_watch(thread, end);
	if (gil->requests)
		view_settle_requests(gil, end);
}

/*
 * When what was never released was over all the same, 0 when that is not known: the
 * end of a subinterpreter shows only some time after.
 */
static uint64_t end_of_use(const struct gil *gil)
{
	if (gil->facts.ended)
		return gil->facts.kind == INTERPRETER_MAIN ? gil->ended_at : 0;
	return gil->process->ending_seen ? gil->process->ended_at : 0;
}

void settle_open_hold(struct gil *gil, uint64_t number, struct slot *slot)
{
	uint64_t begin = settle_begin(gil, number, slot), end = end_of_use(gil);
	/* Its last line will never be known. */
	struct place *place = place_find(slot->thread, SITE_UNKNOWN);

	/* The end of the GIL or of the process ends it; without one, how long it was is not known.
	 */
	if (end && end >= begin) {
		gil_extend(gil, end);
		gil->sink->hold(
			gil->sink->user, &gil->facts.everything, &place->facts, end - begin, false);
		if (gil->process->watched)
			view_hold(place, begin, end, false, 0, false);
		if (is_timed(gil))
			tell_time(place, times_of(slot, number, begin, end));
	} else {
		tell_open_hold(slot->thread, number, begin);
	}
	blame_hold(gil, begin, gil->facts.end_ns, place->facts.index);
	gil->known_until = MAX(begin, gil->facts.end_ns);
	slot->thread->last_seen = MAX(slot->thread->last_seen, gil->known_until);
}
