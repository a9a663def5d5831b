/* Events of a GIL as they arrive, checked before they are put into order. */
#include "model/state.h"

static void feed_acquire(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct slot slot = {
		.at = event->at,
		.wait_ns = event->acquire.wait_ns,
		.yield_ns = event->acquire.yield_ns,
		.thread = thread,
		.flags = SLOT_ACQUIRED,
		.wait_site = event->acquire.site,
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
	stack_length(thread, LENGTH_WAIT,
		(struct length){event->acquire.seq / 2 + 1,
			slot.wait_ns == EVENT_UNKNOWN ? EVENT_UNKNOWN
						      : tally_plus(slot.wait_ns, slot.yield_ns),
			slot.at});
	slot.open = thread->open;
	thread->open = NULL;
	thread->waited_until = MAX(thread->waited_until, event->at);
	order_slot(gil, event->acquire.seq / 2 + 1, &slot);
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
		.site = event->release.site,
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
	stack_length(thread, LENGTH_HOLD,
		(struct length){event->release.seq / 2,
			slot.flags & SLOT_UNSEEN ? EVENT_UNKNOWN : slot.held_ns, slot.at});
	slot.open = thread->open;
	thread->open = NULL;
	order_slot(gil, event->release.seq / 2, &slot);
}

static void feed_drop_request(struct gil *gil, struct thread *thread, const struct event *event)
{
	int32_t holder = event->drop_request.holder;
	struct thread *receiver = holder > HOLDER_NONE ? gil_thread(gil, holder) : NULL;

	gil_extend(gil, event->at);
	thread->first_seen = MIN(thread->first_seen, event->at);
	thread->last_seen = MAX(thread->last_seen, event->at);
	gil->sink->drop_request(gil->sink->user, &gil->facts.everything, &thread->facts,
		receiver ? &receiver->facts : NULL);
	if (gil->timeline->drop_request)
		gil->timeline->drop_request(gil->timeline->user, &thread->facts,
			receiver ? &receiver->facts : NULL, event->at);
	if (gil->process->watched)
		view_request(thread, receiver, event->at);
}

void arrive_feed(struct gil *gil, const struct event *event)
{
	struct thread *thread;

	if (event->kind == EVENT_CYCLES) {
		cycles_feed(gil, event);
		return;
	}
	thread = gil_thread(gil, event->tid);
	if (event->kind != EVENT_STACK && event->at != EVENT_UNKNOWN)
		gil->heard_at = MAX(gil->heard_at, event->at);
	switch (event->kind) {
	case EVENT_RELEASE:
		if (pypy_is(gil))
			pypy_release(gil, thread, event);
		else
			feed_release(gil, thread, event);
		break;
	case EVENT_ACQUIRE:
		if (pypy_is(gil))
			pypy_acquire(gil, thread, event);
		else
			feed_acquire(gil, thread, event);
		break;
	case EVENT_WAIT:
		wait_announce(gil, thread, event);
		break;
	case EVENT_DROP_REQUEST:
		feed_drop_request(gil, thread, event);
		break;
	case EVENT_STACK:
		stack_feed(gil, thread, event);
		break;
	default:
		break;
	}
}
