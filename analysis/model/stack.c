/* Stacks: each belongs to a hold or wait whose length another event tells, before or after it. */
#include "model/state.h"

/* A stack of a hold has the number of its release, the others that of an acquire. */
static bool hold_number(const struct event *event, uint64_t *number)
{
	uint64_t seq = event->stack.seq;

	if (event->stack.kind == STACK_HOLD) {
		*number = seq / 2;
		return seq && seq % 2 == 0;
	}
	*number = seq / 2 + 1;
	return seq % 2 == 1;
}

static void tell(struct thread *thread, void *stack, uint64_t at, const struct length *length)
{
	const struct model_sink *sink = thread->gil->sink;

	sink->stack_length(sink->user, &thread->facts, stack, at, length->ns);
	if (thread->gil->process->watched)
		view_stack(thread, stack, at, length);
}

/* Of a region only what certainly belongs to it is told. */
static void tell_unknown(struct thread *thread, void *stack, uint64_t at)
{
	tell(thread, stack, at, &(struct length){.ns = EVENT_UNKNOWN});
}

/* Of which kind of length is it? */
static enum length_kind length_of(enum stack_kind kind)
{
	return kind == STACK_WAIT ? LENGTH_WAIT : LENGTH_HOLD;
}

void stack_feed(struct gil *gil, struct thread *thread, const struct event *event)
{
	const struct model_sink *sink = gil->sink;
	const enum length_kind kind = length_of(event->stack.kind);
	const struct length *latest = &thread->latest[kind];
	uint64_t number;
	void *stack;

	if (!hold_number(event, &number)) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		return;
	}
	stack = sink->stack(sink->user, &thread->facts, event);
	if (!stack)
		return;
	if (number == latest->number) {
		tell(thread, stack, event->at, latest);
	} else if (number < latest->number || thread->pending_count == PENDING_STACKS) {
		tell_unknown(thread, stack, event->at); /* too late, or too many */
	} else {
		thread->pending[thread->pending_count++] =
			(struct pending_stack){stack, event->at, number, kind};
	}
}

void stack_settle(struct thread *thread, enum length_kind kind, const struct length *length)
{
	const uint64_t number = length->number;
	unsigned count = 0;

	for (unsigned i = 0; i < thread->pending_count; i++) {
		const struct pending_stack *pending = &thread->pending[i];

		if (pending->kind != kind || pending->number > number)
			thread->pending[count++] = *pending;
		else if (pending->number < number)
			tell_unknown(thread, pending->stack, pending->at);
		else
			tell(thread, pending->stack, pending->at, length);
	}
	thread->pending_count = count;
}

void stack_flush(struct thread *thread)
{
	for (unsigned i = 0; i < thread->pending_count; i++)
		tell_unknown(thread, thread->pending[i].stack, thread->pending[i].at);
	thread->pending_count = 0;
}
