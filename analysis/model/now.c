/* What goes on while events still come; see now.h. */
#include "model/now.h"

#include "model/state.h"

static const struct gil *gil_of(const struct model_gil *facts)
{
	return (const struct gil *)facts;
}

/* Of the latest acquisition that has arrived, if no release of it has. */
static const struct slot *open_slot(const struct gil *gil)
{
	const struct window *window = &gil->window;
	const struct slot *last;

	if (window_is_empty(window) || pypy_is(gil))
		return NULL;
	last = window_peek(window, window->end - 1);
	if (last->flags != SLOT_ACQUIRED)
		return NULL;
	return early_is_empty(&gil->early) || early_last(&gil->early)->end < window->end ? last
											 : NULL;
}

void model_now(const struct model_gil *facts, struct model_now *now)
{
	const struct gil *gil = gil_of(facts);
	const struct slot *open = open_slot(gil);

	*now = (struct model_now){.told_until = gil->any_settled ? gil->known_until : 0};
	if (open) {
		now->holder = &open->thread->facts;
		now->holding_since = open->at;
		now->since_begin =
			gil->any_settled && !gil->gap && gil->window.end == gil->settled + 2;
		return;
	}
	/* Whom a wait that still lasts has seen. */
	if (!window_is_empty(&gil->window) || !early_is_empty(&gil->early) || !gil->seen_holder ||
		gil->seen_since < gil->known_until)
		return;
	for (const struct open_wait *wait = gil->opens; wait; wait = wait->next) {
		const struct thread *thread = map_get(&gil->threads, (uint32_t)gil->seen_holder);

		if (wait->end != EVENT_UNKNOWN || wait->cut != EVENT_UNKNOWN || !thread)
			continue;
		now->holder = (struct model_thread *)&thread->facts;
		now->holding_since = gil->seen_since;
		now->seen = true;
		return;
	}
}

void model_now_acquired(const struct model_gil *facts,
	void (*tell)(void *user, struct model_thread *thread, uint64_t at, uint64_t wait_ns,
		uint64_t yield_ns),
	void *user)
{
	const struct gil *gil = gil_of(facts);

	for (uint64_t number = gil->window.first; number < gil->window.end; number++) {
		const struct slot *slot = window_peek(&gil->window, number);

		if (!slot || !(slot->flags & SLOT_ACQUIRED))
			continue;
		tell(user, &slot->thread->facts,
			slot->flags & SLOT_RELEASED ? slot->at - slot->held_ns : slot->at,
			slot->wait_ns, slot->yield_ns);
	}
}

void model_now_thread(const struct model_thread *facts, struct model_thread_now *now)
{
	const struct thread *thread = (const struct thread *)facts;
	const struct open_wait *open = thread->open;

	now->name = thread->task->name;
	now->exited = thread->retired || thread->task->exited || thread->gil->process->ending_seen;
	now->waiting_since =
		open && open->cut == EVENT_UNKNOWN && !now->exited ? open->since : EVENT_UNKNOWN;
}

static void settle_before(struct gil *gil, uint64_t missing, uint64_t first)
{
	bool settled = true;

	while (settled)
		settled = order_settle_before(gil, gil->any_settled ? missing : first);
}

void model_now_settle(struct model *model, uint64_t missing, uint64_t first)
{
	for (guint i = 0; i < model->processes->len; i++) {
		struct process *process = g_ptr_array_index(model->processes, i);

		for (guint j = 0; j < process->gil_order->len; j++)
			settle_before(g_ptr_array_index(process->gil_order, j), missing, first);
	}
}
