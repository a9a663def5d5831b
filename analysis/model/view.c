/*
 * What happened inside of regions: the parts of holds, waits, handoffs and requests
 * that lie in the stays of their thread, or of all threads, told besides the whole.
 *
 * It is asked when a hold is settled: by then every mark that its thread made in it
 * has come, and so has one of another thread for all threads, if it was made with
 * the GIL, in one of the holds settled before.
 */
#include <stdlib.h>

#include "model/state.h"

/* Spans that are kept apart of the waits inside of one region. */
#define VIEW_SPANS (UINT32_C(1) << 14)

/* Drop requests whose time has not been settled; there is one for each interval and waiter. */
enum { REQUESTS_KEPT = 4096 };

struct request {
	uint64_t at;
	struct thread *sender;
	struct thread *receiver; /* NULL: not known */
};

/* Where in the parts of something those of one region begin and end. */
struct group {
	struct view *view;
	const struct span *first;
	guint count;
};

struct view *view_of(struct gil *gil, struct region *region)
{
	struct view *view = map_get(&gil->views, region->index);

	if (view)
		return view;
	view = g_new0(struct view, 1);
	view->facts.gil = &gil->facts;
	view->facts.region = &region->facts;
	view->region = region;
	view->cover.limit = VIEW_SPANS;
	map_set(&gil->views, region->index, view);
	g_ptr_array_add(gil->view_order, view);
	gil->sink->view_seen(gil->sink->user, &view->facts);
	return view;
}

/* Since when an open wait is inside without a break; UINT64_MAX: it is not. */
uint64_t view_open_since(const struct view *view, const struct open_wait *open)
{
	const struct stay *stay = &view->region->everywhere;

	if (!view->region->facts.everywhere)
		stay = map_get(&open->thread->task->stays, view->region->index);
	return stay && stay->depth > 0 ? MAX(open->since, stay->since) : UINT64_MAX;
}

static int by_region(const void *a, const void *b)
{
	const struct span *left = a, *right = b;

	if (left->region != right->region)
		return left->region->index < right->region->index ? -1 : 1;
	return (left->begin > right->begin) - (left->begin < right->begin);
}

/* Adds the parts of [begin, end) of a thread that were inside. */
static void add_parts(const struct thread *thread, uint64_t begin, uint64_t end)
{
	const struct process *process = thread->gil->process;
	bool all = stays_within(&process->when, begin, end, process->parts);
	bool own = stays_within(&thread->task->when, begin, end, process->parts);

	if (!all || !own)
		gil_anomaly(thread->gil, ANOMALY_FORGOTTEN_STAYS, 1);
}

/* What was added, in the order of regions and time. */
static GArray *sorted_parts(const struct thread *thread)
{
	GArray *parts = thread->gil->process->parts;

	if (parts->len > 1)
		qsort(parts->data, parts->len, sizeof(struct span), by_region);
	return parts;
}

static GArray *parts_of(const struct thread *thread, uint64_t begin, uint64_t end)
{
	g_array_set_size(thread->gil->process->parts, 0);
	add_parts(thread, begin, end);
	return sorted_parts(thread);
}

/* The next group behind `index`, which is moved. */
static bool next_group(struct gil *gil, const GArray *parts, guint *index, struct group *group)
{
	if (*index >= parts->len)
		return false;
	group->first = &g_array_index(parts, struct span, *index);
	group->view = view_of(gil, group->first->region);
	group->count = 0;
	while (*index < parts->len &&
		g_array_index(parts, struct span, *index).region == group->first->region) {
		group->count++;
		++*index;
	}
	return true;
}

static uint64_t length_of(const struct group *group)
{
	uint64_t ns = 0;

	for (guint i = 0; i < group->count; i++)
		ns += group->first[i].end - group->first[i].begin;
	return ns;
}

/*
 * Where a hold ended. After a region for all threads this is code that has nothing to
 * do with it any more; one thread's own region mostly ends within a function.
 */
static struct place *place_in(const struct group *group, struct place *place, bool here)
{
	if (here || !group->view->region->facts.everywhere)
		return place;
	return place_find(place->thread, SITE_UNKNOWN);
}

void view_hold(struct place *place, uint64_t begin, uint64_t end, bool released,
	uint64_t requested_ns, bool in_turn)
{
	struct thread *thread = place->thread;
	const struct model_sink *sink = thread->gil->sink;
	const GArray *parts;
	struct group group;
	guint index = 0;

	if (begin >= end)
		return;
	parts = parts_of(thread, begin, end);
	while (next_group(thread->gil, parts, &index, &group)) {
		bool here = released && group.first[group.count - 1].end == end;

		sink->hold(sink->user, &group.view->facts, &place_in(&group, place, here)->facts,
			length_of(&group), here);
		if (requested_ns)
			sink->drop_latency(sink->user, &group.view->facts, &thread->facts,
				requested_ns, in_turn);
	}
}

void view_open_hold(struct thread *thread, uint64_t at)
{
	const struct model_sink *sink = thread->gil->sink;
	const GArray *parts;
	struct group group;
	guint index = 0;

	parts = parts_of(thread, at, at);
	while (next_group(thread->gil, parts, &index, &group))
		sink->open_hold(sink->user, &group.view->facts, &thread->facts);
}

void view_handoff(struct thread *thread, uint64_t from, uint64_t to, bool waited)
{
	const struct model_sink *sink = thread->gil->sink;
	const GArray *parts;
	struct group group;
	guint index = 0;

	parts = parts_of(thread, from, to);
	while (next_group(thread->gil, parts, &index, &group)) {
		/* Of one thread it is only if it was that one which waited. */
		if (waited || group.view->region->facts.everywhere)
			sink->handoff(sink->user, &group.view->facts, length_of(&group));
	}
}

static void add_cover(struct gil *gil, struct view *view, uint64_t begin, uint64_t end)
{
	if (cover_is_full(&view->cover))
		wait_compact(gil, view);
	cover_add(&view->cover, begin, end);
}

/* The turns of the part that was inside; they are told of the whole only. */
static void clip_turns(const struct gil *gil, const struct wait_times *times, uint64_t begin,
	uint64_t end, struct model_wait *wait)
{
	struct turn first = {0};

	wait->turns = turns_within(&gil->turns, begin, end, &first);
	wait->first_turn_ns = wait->turns ? first.end - begin : 0;
	wait->first_latency_ns = wait->turns ? first.latency_ns : 0;
	wait->turn = wait->turn && end == times->until;
	wait->answered = wait->answered && wait->turn;
}

static void tell_yield(struct place *place, struct view *view, const struct wait_times *times,
	const struct span *part)
{
	if (!times->yield_known) {
		blame_unknown(&view->facts, place, part->end - part->begin);
		return;
	}
	blame_yield(&view->facts, place, times->yield_since, part->begin, part->end);
	add_cover(place->thread->gil, view, part->begin, part->end);
}

/* The forced switch comes before the wait. */
static void tell_wait(struct place *place, const struct group *group, const struct model_wait *wait,
	const struct wait_times *times, const struct open_wait *open)
{
	struct gil *gil = place->thread->gil;
	struct model_view *facts = &group->view->facts;
	struct model_wait inside = *wait;
	const struct span *first = NULL, *last = NULL;

	inside.wait_ns = inside.yield_ns = 0;
	for (guint i = 0; i < group->count; i++) {
		const struct span *part = &group->first[i];
		uint64_t ns = part->end - part->begin;

		if (part->begin < times->since) {
			tell_yield(place, group->view, times, part);
			inside.yield_ns += ns;
			continue;
		}
		blame_wait(facts, place, part->begin, part->end, ns == wait->wait_ns ? open : NULL);
		add_cover(gil, group->view, part->begin, part->end);
		inside.wait_ns += ns;
		first = first ? first : part;
		last = part;
	}
	if (inside.wait_ns != wait->wait_ns)
		clip_turns(gil, times, first ? first->begin : times->until,
			last ? last->end : times->until, &inside);
	gil->sink->wait(gil->sink->user, facts, &place->facts, &inside);
}

void view_wait(struct place *place, const struct model_wait *wait, const struct wait_times *times,
	const struct open_wait *open)
{
	struct thread *thread = place->thread;
	const GArray *parts;
	struct group group;
	guint index = 0;

	g_array_set_size(thread->gil->process->parts, 0);
	if (times->yield_since < times->yield_until)
		add_parts(thread, times->yield_since, times->yield_until);
	if (times->since < times->until)
		add_parts(thread, times->since, times->until);
	parts = sorted_parts(thread);
	while (next_group(thread->gil, parts, &index, &group))
		tell_wait(place, &group, wait, times, open);
}

void view_wait_unknown(struct place *place, const struct model_wait *wait, uint64_t until)
{
	struct thread *thread = place->thread;
	const struct model_sink *sink = thread->gil->sink;
	const GArray *parts;
	struct group group;
	guint index = 0;

	parts = parts_of(thread, until, until);
	while (next_group(thread->gil, parts, &index, &group))
		sink->wait(sink->user, &group.view->facts, &place->facts, wait);
}

static void tell_request(struct gil *gil, const struct request *request)
{
	const GArray *parts = parts_of(request->sender, request->at, request->at);
	struct group group;
	guint index = 0;

	while (next_group(gil, parts, &index, &group))
		gil->sink->drop_request(gil->sink->user, &group.view->facts,
			&request->sender->facts,
			request->receiver ? &request->receiver->facts : NULL);
}

void view_settle_requests(struct gil *gil, uint64_t until)
{
	GArray *requests = gil->requests;
	guint count = 0;

	for (guint i = 0; requests && i < requests->len; i++) {
		struct request request = g_array_index(requests, struct request, i);

		if (request.at < until)
			tell_request(gil, &request);
		else
			g_array_index(requests, struct request, count++) = request;
	}
	if (requests)
		g_array_set_size(requests, count);
}

void view_request(struct thread *sender, struct thread *receiver, uint64_t at)
{
	struct gil *gil = sender->gil;
	struct request request = {at, sender, receiver};

	if (!gil->requests)
		gil->requests = g_array_new(FALSE, FALSE, sizeof(struct request));
	else if (gil->requests->len == REQUESTS_KEPT)
		view_settle_requests(gil, UINT64_MAX);
	g_array_append_val(gil->requests, request);
}

void view_stack(struct thread *thread, void *stack, uint64_t at, const struct length *length)
{
	const struct model_sink *sink = thread->gil->sink;
	const GArray *parts;
	struct group group;
	guint index = 0;

	if (length->ns == EVENT_UNKNOWN)
		return;
	parts = parts_of(thread, length->until - MIN(length->until, length->ns), length->until);
	while (next_group(thread->gil, parts, &index, &group))
		sink->stack_inside(
			sink->user, &group.view->facts, &thread->facts, stack, at, length->ns);
}

/* Threads that were inside of regions of their own have to do with them, whatever they did there.
 */
static void tell_present(struct gil *gil, struct thread *thread)
{
	const struct map *stays = &thread->task->stays;

	for (uint32_t i = 0; stays->entries && i <= stays->mask; i++) {
		const struct stay *stay = stays->entries[i].value;

		if (stay && stay->region->wanted)
			gil->sink->present(gil->sink->user, &view_of(gil, stay->region)->facts,
				&thread->facts);
	}
}

void view_finish_all(struct gil *gil)
{
	const struct process *process = gil->process;

	for (guint i = 0; i < gil->thread_order->len; i++)
		tell_present(gil, g_ptr_array_index(gil->thread_order, i));
	/* Under the main interpreter's GIL a region has figures even if nothing happened in it. */
	for (guint i = 0; gil->facts.kind != INTERPRETER_SUB && i < process->region_order->len;
		i++) {
		struct region *region = g_ptr_array_index(process->region_order, i);

		if (region->wanted && region->facts.count > 0)
			view_of(gil, region);
	}
	for (guint i = 0; i < gil->view_order->len; i++) {
		struct view *view = g_ptr_array_index(gil->view_order, i);

		view->facts.contended_ns = cover_length(&view->cover);
		view->facts.span_ns =
			MAX(cover_length(&view->region->span), view->facts.contended_ns);
	}
}

void view_tell_all(struct gil *gil)
{
	for (guint i = 0; i < gil->view_order->len; i++) {
		struct view *view = g_ptr_array_index(gil->view_order, i);

		gil->sink->view_done(gil->sink->user, &view->facts);
		cover_release(&view->cover);
		g_free(view);
	}
	g_ptr_array_free(gil->view_order, TRUE);
	map_release(&gil->views);
	if (gil->requests)
		g_array_free(gil->requests, TRUE);
}

uint64_t model_alive_ns(const struct model_view *facts, const struct model_thread *thread_facts)
{
	const struct view *view = (const struct view *)facts;
	const struct thread *thread = (const struct thread *)thread_facts;
	const struct stay *stay;

	if (!facts->region)
		return thread_facts->alive_ns;
	if (facts->region->everywhere) {
		return MIN(cover_within(&view->region->span, thread_facts->begin_ns,
				   thread_facts->end_ns),
			facts->span_ns);
	}
	stay = map_get(&thread->task->stays, view->region->index);
	return stay ? MIN(stay->total_ns, facts->span_ns) : 0;
}
