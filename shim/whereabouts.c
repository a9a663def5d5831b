/* Where threads are at the moments that are told of; see whereabouts.h. */
#include "whereabouts.h"

#include "frames.h"
#include "hot.h"
#include "layout.h"
#include "options.h"
#include "sites.h"
#include "stacks.h"

/*
 * The state of the thread that just acquired or releases the GIL, which names it
 * then; 0 where that word is not known to be one.
 */
static uintptr_t thread_state_of(const struct gil *gil)
{
	return __builtin_expect(gil->traits, 0) ? 0 : layout_last_holder(gil->cond);
}

static void locate(const struct gil *gil, struct thread *self)
{
	self->position = frames_here(thread_state_of(gil));
}

/* False when there is no room for it. */
static bool claim_stack(struct gil *gil, struct thread *self, enum stack_kind kind, uint64_t at)
{
	/* One may be left from a recording that ended before it was written. */
	struct stack *stack = self->stack ? self->stack : stacks_claim();

	if (!stack)
		return false;
	stack->kind = kind;
	stack->gil = gil;
	stack->tid = gil->holder;
	stack->at = at;
	stack->seq = gil->seq;
	stack->thread_state = thread_state_of(gil);
	self->stack = stack;
	return true;
}

/* The calling thread's own. */
static __attribute__((noinline)) void keep_stack(
	struct gil *gil, struct thread *self, enum stack_kind kind, uint64_t at)
{
	if (!claim_stack(gil, self, kind, at))
		return;
	self->stack->tid = self->tid;
	stacks_take_own(self->stack);
	self->pending |= PENDING_STACK;
}

static bool is_long(uint64_t ns)
{
	return __builtin_expect(ns >= options.stack_over_ns, 0) && ns != EVENT_UNKNOWN;
}

bool whereabouts_waited(struct gil *gil, struct thread *self, uint64_t wait_ns, uint32_t *site)
{
	if (is_long(wait_ns))
		return false;
	locate(gil, self);
	if (!self->position.code) {
		*site = SITE_UNKNOWN;
		return !frames_missing_untold();
	}
	*site = sites_find(&self->position);
	return *site != SITE_UNKNOWN;
}

void whereabouts_acquired(struct gil *gil, struct thread *self, uint64_t now)
{
	locate(gil, self);
	if (is_long(self->acquire.wait_ns) || is_long(self->acquire.yield_ns))
		keep_stack(gil, self, STACK_WAIT, now);
}

HOT_CODE void whereabouts_released(
	struct gil *gil, struct thread *self, uint64_t held_ns, uint64_t now)
{
	locate(gil, self);
	if (is_long(held_ns))
		keep_stack(gil, self, STACK_HOLD, now);
}

void whereabouts_requested(struct gil *gil, struct thread *self, uint64_t now)
{
	if (!gil->requested_at || gil->holder <= HOLDER_NONE || gil->captured == gil->seq ||
		now - gil->requested_at < options.unanswered_over_ns)
		return;
	gil->captured = gil->seq;
	if (claim_stack(gil, self, STACK_UNANSWERED, now))
		self->pending |= PENDING_UNANSWERED;
}
