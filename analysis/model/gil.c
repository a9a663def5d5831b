/* One GIL from its first event to its last: its threads, what is expected next, its end. */
#include "model/state.h"

struct gil *gil_new(struct model *model, struct process *process, uint16_t id)
{
	struct gil *gil = g_new0(struct gil, 1);

	gil->facts.process = &process->facts;
	gil->facts.id = id;
	gil->facts.kind = INTERPRETER_MAIN;
	gil->facts.begin_ns = UINT64_MAX;
	gil->sink = &model->sink;
	gil->process = process;
	gil->thread_order = g_ptr_array_new();
	gil->base = EVENT_UNKNOWN;
	gil->gap = true;
	gil->fold_from = UINT64_MAX;
	model->sink.gil_seen(model->sink.user, &gil->facts);
	return gil;
}

static struct thread *new_thread(struct gil *gil, int32_t tid)
{
	struct thread *thread = g_new0(struct thread, 1);

	thread->gil = gil;
	thread->task = process_task(gil->process, tid);
	thread->task->used = true;
	thread->first_seen = UINT64_MAX;
	thread->facts.gil = &gil->facts;
	thread->facts.index = gil->thread_order->len;
	thread->facts.tid = tid;
	g_ptr_array_add(gil->thread_order, thread);
	map_set(&gil->threads, (uint32_t)tid, thread);
	gil->sink->thread_seen(gil->sink->user, &thread->facts);
	return thread;
}

struct thread *gil_thread(struct gil *gil, int32_t tid)
{
	struct thread *thread = gil->recent_thread;

	if (thread && thread->facts.tid == tid)
		return thread;
	thread = map_get(&gil->threads, (uint32_t)tid);
	if (!thread || thread->retired)
		thread = new_thread(gil, tid);
	return gil->recent_thread = thread;
}

void gil_extend(struct gil *gil, uint64_t at)
{
	gil->facts.begin_ns = MIN(gil->facts.begin_ns, at);
	gil->facts.end_ns = MAX(gil->facts.end_ns, at);
}

void gil_anomaly(struct gil *gil, enum model_anomaly kind, uint64_t count)
{
	gil->sink->anomaly(gil->sink->user, &gil->facts, kind, count);
}

bool gil_is_active(const struct gil *gil)
{
	return gil->thread_order->len > 0;
}

void gil_expect(struct gil *gil, const struct event *event)
{
	uint64_t used = event->gil_info.seq / 2; /* holds ended, or never recorded */

	gil_extend(gil, event->at);
	gil->facts.kind = event->gil_info.kind;
	gil->facts.interval_us = event->gil_info.interval_us;
	switch (event->gil_info.state) {
	case GIL_CREATED:
		if (gil_is_active(gil))
			break;
		gil->settled = used;
		gil->gap = false;
		/* fall through */
	case GIL_PRESENT:
		/* Only forward: what is said again of a known GIL, even without a number, takes
		 * nothing back. */
		if (!event->gil_info.seq && event->gil_info.state == GIL_PRESENT)
			break;
		if (gil->base != EVENT_UNKNOWN && used < gil->base)
			break;
		gil->base = used + 1;
		gil->base_at = event->at;
		break;
	case GIL_DESTROYED:
		break;
	}
}

/* What is known of the time behind the last release, so that waits in it are blamed on the right
 * one. */
static void blame_tail(struct gil *gil)
{
	uint64_t end = gil->facts.end_ns, from = end;

	if (!gil->opens || gil->known_until >= end)
		return;
	if (gil->seen_holder && gil->seen_since >= gil->known_until)
		from = gil->seen_since;
	else if (gil->process->ending_seen && !gil->gap)
		return; /* nothing is missing: it was free */
	blame_hold(gil, gil->known_until, from, MODEL_UNKNOWN);
	if (from < end)
		blame_hold(gil, from, end, gil_thread(gil, gil->seen_holder)->facts.index);
}

void gil_finish(struct gil *gil)
{
	arrive_flush(gil);
	if (gil->facts.begin_ns > gil->facts.end_ns)
		gil->facts.begin_ns = gil->facts.end_ns;
	blame_tail(gil);
	wait_settle_all(gil);
	gil->facts.contended_ns = cover_length(&gil->cover);
	for (guint i = 0; i < gil->thread_order->len; i++) {
		struct thread *thread = g_ptr_array_index(gil->thread_order, i);

		thread->facts.name = thread->task->name;
		thread->facts.kind = thread->task->kind;
		thread->facts.alive_ns = task_alive_ns(thread);
	}
}

void gil_free(struct gil *gil)
{
	for (guint i = 0; i < gil->thread_order->len; i++) {
		struct thread *thread = g_ptr_array_index(gil->thread_order, i);

		g_free(thread->watch);
		g_free(thread);
	}
	g_ptr_array_free(gil->thread_order, TRUE);
	map_release(&gil->threads);
	window_release(&gil->window);
	ring_release(&gil->ring);
	cover_release(&gil->cover);
	g_free(gil);
}
