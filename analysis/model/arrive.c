/* Events of a GIL as they arrive: checked, and put into the order of their sequence numbers. */
#include "model/state.h"

/*
 * Numbers before the first recorded one are given up after so many holds, not
 * after a whole window: most often they do not exist, but some may be late.
 */
#define UNRECORDED_HOLDS (UINT32_C(1) << 14)

/* May the first hold of the window be settled: in order and complete, or waited for long enough? */
static bool is_ripe(const struct gil *gil)
{
	const struct window *window = &gil->window;
	bool released = window_first(window)->flags & SLOT_RELEASED;

	if (released && window->first == gil->settled + 1)
		return true;
	/* What is missing before it, or its own release, was perhaps never recorded. */
	if (window->first + !released <= gil->base)
		return window->end - window->first >= UNRECORDED_HOLDS;
	return window->end - window->first >= WINDOW_HOLDS;
}

static void settle_first(struct gil *gil)
{
	settle_hold(gil, gil->window.first, window_first(&gil->window));
	window_pop(&gil->window);
}

static void drop_slot(struct gil *gil, struct slot *slot)
{
	if (slot->open)
		wait_discard(gil, slot->open);
	slot->open = NULL;
}

/* A release joins the acquire of the same hold. */
static void join(struct gil *gil, struct slot *slot, const struct slot *released)
{
	struct slot joined = *released;

	if (slot->thread != released->thread) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		drop_slot(gil, slot);
		*slot = joined;
		return;
	}
	/* Whatever the release says of its acquire: here it is. */
	if (joined.flags & SLOT_UNSEEN && slot->at <= joined.at) {
		joined.held_ns = joined.at - slot->at;
		joined.flags &= ~SLOT_UNSEEN;
	} else if (joined.at - joined.held_ns != slot->at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	}
	joined.flags |= SLOT_ACQUIRED;
	joined.wait_ns = slot->wait_ns;
	joined.yield_ns = slot->yield_ns;
	joined.open = slot->open;
	*slot = joined;
}

/* The acquire that a process tells at its end may have been told when it happened. */
static bool is_repeated(const struct slot *slot, const struct slot *news)
{
	return news->flags == SLOT_ACQUIRED && slot->flags == SLOT_ACQUIRED && !news->open &&
	       !news->wait_ns && !news->yield_ns && slot->at == news->at &&
	       slot->thread == news->thread;
}

static void merge(struct gil *gil, struct slot *slot, struct slot *news)
{
	if (!slot->flags) {
		*slot = *news;
	} else if (slot->flags == SLOT_ACQUIRED && news->flags & SLOT_RELEASED) {
		drop_slot(gil, news);
		join(gil, slot, news);
	} else if (!is_repeated(slot, news)) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		drop_slot(gil, news);
	}
}

/* What an acquire or a release tells of hold `number`. */
static void arrive(struct gil *gil, uint64_t number, struct slot *news)
{
	struct window *window = &gil->window;
	struct slot *slot;

	if (number <= gil->settled) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		drop_slot(gil, news);
		return;
	}
	if (number == gil->settled + 1 && window_is_empty(window) && news->flags & SLOT_RELEASED) {
		settle_hold(gil, number, news); /* nearly always */
		return;
	}
	while (!(slot = window_at(window, number)) && number > window->first)
		settle_first(gil);
	if (slot)
		merge(gil, slot, news);
	else
		settle_hold(gil, number, news);
	while (!window_is_empty(window) && is_ripe(gil))
		settle_first(gil);
}

static void feed_acquire(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct slot slot = {
		.at = event->at,
		.wait_ns = event->acquire.wait_ns,
		.yield_ns = event->acquire.yield_ns,
		.thread = thread,
		.flags = SLOT_ACQUIRED,
	};

	if (event->acquire.seq % 2 == 0) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		return;
	}
	if (slot.wait_ns != EVENT_UNKNOWN && slot.wait_ns > slot.at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		slot.wait_ns = EVENT_UNKNOWN;
	}
	if (slot.yield_ns > slot.at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		slot.yield_ns = 0;
	}
	slot.open = thread->open;
	thread->open = NULL;
	arrive(gil, event->acquire.seq / 2 + 1, &slot);
}

/* A wait was announced and this hold followed, but its acquire got lost: it ended where the hold
 * began. */
static void recover_acquire(struct gil *gil, struct slot *slot)
{
	struct open_wait *open = slot->thread->open;
	uint64_t begin = slot->at - slot->held_ns;

	slot->thread->open = NULL;
	if (slot->flags & SLOT_UNSEEN || begin < open->since || gil->base_at > open->since) {
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		wait_discard(gil, open);
		return;
	}
	gil_anomaly(gil, ANOMALY_GAP, 1);
	slot->flags |= SLOT_ACQUIRED;
	slot->wait_ns = begin - open->since;
	slot->open = open;
}

static void feed_release(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct slot slot = {
		.at = event->at,
		.held_ns = event->release.held_ns,
		.requested_ns = event->release.requested_ns,
		.thread = thread,
		.waiters = event->release.waiters,
		.flags = SLOT_RELEASED,
	};

	if (!event->release.seq || event->release.seq % 2) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		return;
	}
	if (!event->release.acquired) {
		slot.flags |= SLOT_UNSEEN;
		slot.held_ns = 0;
	} else if (slot.held_ns > slot.at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		slot.flags |= SLOT_UNSEEN;
		slot.held_ns = 0;
	} else if (event->release.acquired != 1) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	}
	if (thread->open)
		recover_acquire(gil, &slot);
	arrive(gil, event->release.seq / 2, &slot);
}

static void feed_drop_request(struct gil *gil, struct thread *thread, const struct event *event)
{
	int32_t holder = event->drop_request.holder;
	struct thread *receiver = holder > HOLDER_NONE ? gil_thread(gil, holder) : NULL;

	gil_extend(gil, event->at);
	thread->first_seen = MIN(thread->first_seen, event->at);
	thread->last_seen = MAX(thread->last_seen, event->at);
	gil->sink->drop_request(
		gil->sink->user, &thread->facts, receiver ? &receiver->facts : NULL);
}

void arrive_feed(struct gil *gil, const struct event *event)
{
	struct thread *thread = gil_thread(gil, event->tid);

	switch (event->kind) {
	case EVENT_RELEASE:
		feed_release(gil, thread, event);
		break;
	case EVENT_ACQUIRE:
		feed_acquire(gil, thread, event);
		break;
	case EVENT_WAIT:
		wait_announce(gil, thread, event);
		break;
	case EVENT_DROP_REQUEST:
		feed_drop_request(gil, thread, event);
		break;
	default:
		break;
	}
}

void arrive_flush(struct gil *gil)
{
	while (!window_is_empty(&gil->window)) {
		struct slot *slot = window_first(&gil->window);
		uint64_t number = gil->window.first;

		if (number + 1 == gil->window.end && !(slot->flags & SLOT_RELEASED))
			settle_open_hold(gil, number, slot);
		else
			settle_hold(gil, number, slot);
		window_pop(&gil->window);
	}
}
