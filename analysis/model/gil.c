/* One GIL from its first event to its last: its threads, what is expected next, its end. */
#include "model/state.h"

struct gil *gil_new(struct model *model, struct process *process, uint16_t id)
{
	struct gil *gil = g_new0(struct gil, 1);

	gil->facts.process = &process->facts;
	gil->facts.index = process->gil_order->len;
	gil->facts.id = id;
	gil->facts.kind = INTERPRETER_MAIN;
	gil->facts.mode = process->facts.gil_mode;
	gil->facts.begin_ns = UINT64_MAX;
	gil->sink = &model->sink;
	gil->timeline = &model->timeline;
	gil->process = process;
	gil->facts.everything.gil = &gil->facts;
	gil->view_order = g_ptr_array_new();
	gil->thread_order = g_ptr_array_new();
	gil->places = g_ptr_array_new_with_free_func(g_free);
	gil->base = EVENT_UNKNOWN;
	gil->gap = true;
	gil->fold_from = UINT64_MAX;
	model->sink.gil_seen(model->sink.user, &gil->facts);
	if (model->timeline.gil_seen)
		model->timeline.gil_seen(model->timeline.user, &gil->facts);
	return gil;
}

static struct thread *new_thread(struct gil *gil, int32_t tid)
{
	struct thread *thread = g_new0(struct thread, 1);

	thread->gil = gil;
	thread->previous = map_get(&gil->threads, (uint32_t)tid);
	thread->task = process_task(gil->process, tid);
	thread->task->used = true;
	thread->first_seen = UINT64_MAX;
	thread->facts.gil = &gil->facts;
	thread->facts.index = gil->thread_order->len;
	thread->facts.tid = tid;
	g_ptr_array_add(gil->thread_order, thread);
	map_set(&gil->threads, (uint32_t)tid, thread);
	gil->sink->thread_seen(gil->sink->user, &thread->facts);
	if (gil->timeline->thread_seen)
		gil->timeline->thread_seen(gil->timeline->user, &thread->facts);
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

struct thread *gil_thread_at(struct gil *gil, int32_t tid, uint64_t at)
{
	struct thread *then = NULL;

	for (struct thread *one = map_get(&gil->threads, (uint32_t)tid); one; one = one->previous)
		if (one->retired && at <= one->task->exited_at)
			then = one;
	return then ? then : gil_thread(gil, tid);
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

void gil_handoff(struct gil *gil, uint64_t begin, uint64_t end)
{
	gil->sink->handoff(gil->sink->user, &gil->facts.everything, end - begin);
	if (gil->timeline->handoff)
		gil->timeline->handoff(gil->timeline->user, &gil->facts, begin, end);
}

bool gil_is_active(const struct gil *gil)
{
	return gil->thread_order->len > 0;
}

/*
 * No use of the GIL that would extend it: it was over some time before, which
 * shows only when something else takes its place.
 */
static void note_end(struct gil *gil, const struct event *event)
{
	if (event->gil_info.state == GIL_FORGOTTEN) {
		gil->facts.forgotten = true;
		return;
	}
	gil->facts.ended = true;
	gil->ended_at = event->at;
}

static void note_told(struct gil *gil, const struct event *event)
{
	if (event->gil_info.state != GIL_CREATED && !gil->told_at && !gil->any_settled)
		gil->told_at = event->at;
}

static void note_joined(struct gil *gil, const struct event *event, uint64_t used)
{
	if (used > gil->rejoined) {
		gil->rejoined = used;
		gil->rejoined_at = event->at;
	}
}

/*
 * Recording was off in between. The thread of a wait that had not ended may be gone: if
 * nothing more is heard of it, its wait is known up to where recording stopped.
 */
static void note_restart(struct gil *gil, const struct event *event)
{
	if (event->gil_info.state == GIL_PRESENT && event->gil_info.seq)
		wait_cut(gil, gil->heard_at, event->at);
	gil->heard_at = MAX(gil->heard_at, event->at);
}

void gil_expect(struct gil *gil, const struct event *event)
{
	uint64_t used; /* holds ended, or never recorded */

	if (event->gil_info.state == GIL_DESTROYED || event->gil_info.state == GIL_FORGOTTEN) {
		note_end(gil, event);
		return;
	}
	note_restart(gil, event);
	gil_extend(gil, event->at);
	switch_feed(gil, event->gil_info.mode, event->at);
	gil->facts.kind = event->gil_info.kind;
	used = pypy_is(gil) ? event->gil_info.seq : event->gil_info.seq / 2;
	gil->facts.detail = event->gil_info.detail;
	gil->facts.interval_us = event->gil_info.interval_us;
	gil->used = used;
	switch (event->gil_info.state) {
	case GIL_CREATED:
		gil->facts.created = true;
		if (gil_is_active(gil))
			break;
		gil->settled = used;
		gil->gap = false;
		/* fall through */
	case GIL_JOINED:
	case GIL_PRESENT:
		if (event->gil_info.state == GIL_JOINED && gil_is_active(gil)) {
			note_joined(gil, event, used);
			break;
		}
		note_told(gil, event);
		/* Only forward: what is said again of a known GIL, even without a number, takes
		 * nothing back. */
		if (!event->gil_info.seq && event->gil_info.state != GIL_CREATED)
			break;
		if (gil->base != EVENT_UNKNOWN && used < gil->base)
			break;
		gil->base = used + 1;
		gil->base_at = event->at;
		break;
	case GIL_DESTROYED:
	case GIL_FORGOTTEN:
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
	else if (gil->process->ending_seen && !gil->gap && (!pypy_is(gil) || gil->last_forced))
		return; /* nothing is missing: it was free */
	blame_hold(gil, gil->known_until, from, MODEL_UNKNOWN);
	if (from < end)
		blame_hold(gil, from, end,
			place_find(gil_thread(gil, gil->seen_holder), SITE_UNKNOWN)->facts.index);
}

/*
 * May holds that its process kept back, or was about to write, be missing at the end? Not
 * when it was told to write them, and has used the GIL no more.
 */
static bool is_cut_short(const struct gil *gil)
{
	return gil->bursts && !gil->process->ending_seen && !gil->facts.ended &&
	       !gil->facts.forgotten && gil->settled != gil->used;
}

void gil_finish(struct gil *gil)
{
	order_flush(gil);
	if (is_cut_short(gil))
		gil->facts.process->cut_short = true;
	view_settle_requests(gil, UINT64_MAX);
	if (gil->facts.begin_ns > gil->facts.end_ns)
		gil->facts.begin_ns = gil->facts.end_ns;
	blame_tail(gil);
	wait_settle_all(gil);
	gil->facts.everything.contended_ns = cover_length(&gil->cover);
	gil->facts.on_ns = switch_on_ns(gil, gil->facts.begin_ns, gil->facts.end_ns);
	gil->facts.switched = gil->off;
	gil->facts.everything.span_ns = gil->facts.on_ns;
	for (guint i = 0; i < gil->thread_order->len; i++) {
		struct thread *thread = g_ptr_array_index(gil->thread_order, i);

		stack_flush(thread);
		task_finish(thread);
	}
	view_finish_all(gil);
}

void gil_free(struct gil *gil)
{
	for (guint i = 0; i < gil->thread_order->len; i++) {
		struct thread *thread = g_ptr_array_index(gil->thread_order, i);

		g_free(thread->watch);
		map_release(&thread->places);
		g_free(thread);
	}
	g_ptr_array_free(gil->thread_order, TRUE);
	g_ptr_array_free(gil->places, TRUE);
	map_release(&gil->threads);
	window_release(&gil->window);
	early_release(&gil->early);
	ring_release(&gil->ring);
	cover_release(&gil->cover);
	if (gil->off)
		g_array_free(gil->off, TRUE);
	turns_release(&gil->turns);
	g_free(gil);
}
