/* Waits: announced ones until they end, and what each finished one adds up to. */
#include "model/state.h"

/* Of the spans kept apart for forced switches that are not told yet; more would not leave room. */
#define KEPT_SPANS 128

void wait_announce(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct open_wait *open = thread->open;
	uint64_t since = event->at;

	if (since == EVENT_UNKNOWN) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		return;
	}
	if (open && open->since == since)
		return;
	if (open) {
		/* It never ended, as far as the trace tells. */
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		wait_discard(gil, open);
	}
	open = g_new0(struct open_wait, 1);
	open->thread = thread;
	open->since = since;
	open->end = EVENT_UNKNOWN;
	open->folded_from = MAX(since, gil->ring.floor);
	open->next = gil->opens;
	if (open->next)
		open->next->previous = open;
	gil->opens = open;
	gil->fold_from = MIN(gil->fold_from, since);
	thread->open = open;
	thread->first_seen = MIN(thread->first_seen, since);
	thread->last_seen = MAX(thread->last_seen, since);
	gil_extend(gil, since);
	if (event->wait.holder > HOLDER_NONE &&
		(gil->seen_holder != event->wait.holder || gil->seen_since < gil->known_until)) {
		gil->seen_holder = event->wait.holder;
		gil->seen_since = since;
	}
}

void wait_discard(struct gil *gil, struct open_wait *open)
{
	if (open->thread->open == open)
		open->thread->open = NULL;
	if (open->end != EVENT_UNKNOWN)
		gil->ending--;
	if (open->previous)
		open->previous->next = open->next;
	else
		gil->opens = open->next;
	if (open->next)
		open->next->previous = open->previous;
	if (!gil->opens)
		gil->fold_from = UINT64_MAX;
	tally_release(&open->folded);
	g_free(open);
}

void wait_end(struct gil *gil, struct thread *thread, uint64_t at)
{
	if (!thread->open)
		return;
	thread->open->end = MIN(MAX(at, thread->open->since), EVENT_UNKNOWN - 1);
	thread->open = NULL;
	gil->ending++;
}

/* The cover is full: what is going to be covered anyway, or lies far back, is joined or summed up.
 */
static void compact_cover(struct gil *gil)
{
	struct cover_span kept[KEPT_SPANS];
	uint32_t count = 0;
	uint64_t since = UINT64_MAX;

	for (struct open_wait *open = gil->opens; open; open = open->next) {
		if (open->end == EVENT_UNKNOWN)
			since = MIN(since, open->since);
	}
	if (since != UINT64_MAX)
		cover_bridge(&gil->cover, since);
	if (!cover_is_full(&gil->cover))
		return;
	for (guint i = 0; i < gil->thread_order->len; i++) {
		struct thread *thread = g_ptr_array_index(gil->thread_order, i);
		struct watch *watch = thread->watch;

		if (!watch || !watch->pending)
			continue;
		watch->kept = count < KEPT_SPANS;
		if (watch->kept)
			kept[count++] = (struct cover_span){watch->since, watch_horizon(watch)};
	}
	cover_compact(&gil->cover, kept, count);
}

static void add_cover(struct gil *gil, uint64_t begin, uint64_t end)
{
	if (cover_is_full(&gil->cover))
		compact_cover(gil);
	cover_add(&gil->cover, begin, end);
}

static void add_yield_cover(struct thread *thread, uint64_t begin, uint64_t end)
{
	struct gil *gil = thread->gil;
	const struct watch *watch = thread->watch;

	if (cover_is_full(&gil->cover))
		compact_cover(gil);
	if (begin >= gil->cover.floor || !watch || !watch->kept || watch->since != begin)
		cover_add(&gil->cover, begin, end);
	else
		cover_add_kept(&gil->cover, begin, MIN(end, watch_horizon(watch)));
}

/* The forced switch that began with the thread's last release. It ended before `limit`. */
static void settle_yield(struct thread *thread, uint64_t yield_ns, uint64_t limit)
{
	struct gil *gil = thread->gil;
	uint64_t begin = thread->last_release, room = limit > begin ? limit - begin : 0;

	if (thread->last_hold <= gil->gap_after) {
		blame_unknown(thread, yield_ns); /* that release may be among what is missing */
		return;
	}
	if (yield_ns > room) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		blame_unknown(thread, yield_ns - room);
		yield_ns = room;
	}
	blame_yield(thread, begin, begin + yield_ns);
	add_yield_cover(thread, begin, begin + yield_ns);
}

void wait_settle(struct gil *gil, struct slot *slot, uint64_t acquired_at, bool turn)
{
	struct thread *thread = slot->thread;
	struct model_wait wait = {slot->wait_ns, slot->yield_ns, true, turn};
	uint64_t since;

	if (wait.wait_ns != EVENT_UNKNOWN && wait.wait_ns > acquired_at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		wait.wait_ns = EVENT_UNKNOWN;
	}
	if (wait.wait_ns == EVENT_UNKNOWN) {
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		gil->sink->wait(gil->sink->user, &thread->facts, &wait);
	} else if (wait.wait_ns || wait.yield_ns) {
		since = acquired_at - wait.wait_ns;
		gil_extend(gil, since);
		thread->first_seen = MIN(thread->first_seen, since);
		/* In the order of time, which is the order that a cover takes best. */
		if (wait.yield_ns)
			settle_yield(thread, wait.yield_ns, since);
		if (wait.wait_ns) {
			blame_wait(thread, since, acquired_at, slot->open);
			add_cover(gil, since, acquired_at);
		}
		gil->sink->wait(gil->sink->user, &thread->facts, &wait);
	}
	if (slot->open)
		wait_discard(gil, slot->open);
	slot->open = NULL;
}

/* A wait that no acquire ended. */
static void settle_ended(struct gil *gil, struct open_wait *open, uint64_t end)
{
	struct thread *thread = open->thread;
	struct model_wait wait = {end - open->since, 0, false, false};

	if (wait.wait_ns) {
		blame_wait(thread, open->since, end, open);
		add_cover(gil, open->since, end);
	}
	thread->last_seen = MAX(thread->last_seen, end);
	gil->sink->wait(gil->sink->user, &thread->facts, &wait);
	wait_discard(gil, open);
}

void wait_settle_ended(struct gil *gil, uint64_t until)
{
	struct open_wait *next;

	for (struct open_wait *open = gil->opens; open; open = next) {
		next = open->next;
		if (open->end != EVENT_UNKNOWN && open->end <= until)
			settle_ended(gil, open, open->end);
	}
}

void wait_settle_all(struct gil *gil)
{
	struct open_wait *next;

	for (struct open_wait *open = gil->opens; open; open = next) {
		uint64_t end = MIN(open->end, gil->facts.end_ns);

		/* The longest of all would look like one of unknown length. */
		if (end - open->since == EVENT_UNKNOWN)
			end--;
		next = open->next;
		settle_ended(gil, open, end);
	}
}
