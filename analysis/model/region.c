/* Named regions: how often and how long threads are inside of them. */
#include <string.h>

#include "model/state.h"

/* Names of a process that are told apart; a program that makes up names for ever has no use for
 * all of them. */
enum { REGIONS_KEPT = 16384 };

static bool is_wanted(const struct process *process, const char *name)
{
	return process->wanted->every || g_hash_table_contains(process->wanted->names, name);
}

/* NULL when there is no room for another one. */
static struct region *find_region(struct process *process, const char *name, bool everywhere)
{
	struct region *region;

	if (!process->regions)
		process->regions = g_hash_table_new(g_str_hash, g_str_equal);
	region = g_hash_table_lookup(process->regions, name);
	if (region)
		return region;
	if (process->region_order->len >= REGIONS_KEPT &&
		!g_hash_table_contains(process->wanted->names, name))
		return NULL;
	region = g_new0(struct region, 1);
	region->facts.name = g_strdup(name);
	region->facts.everywhere = everywhere;
	region->index = process->region_order->len;
	region->wanted = is_wanted(process, name);
	g_ptr_array_add(process->region_order, region);
	g_hash_table_insert(process->regions, region->facts.name, region);
	return region;
}

/* `task` NULL: of all threads. */
static struct stay *find_stay(struct task *task, struct region *region)
{
	struct stay *stay;

	if (!task)
		return &region->everywhere;
	stay = map_get(&task->stays, region->index);
	if (stay)
		return stay;
	stay = g_new0(struct stay, 1);
	stay->region = region;
	map_set(&task->stays, region->index, stay);
	return stay;
}

static uint64_t earliest_open(const struct process *process, const struct region *region)
{
	uint64_t since = UINT64_MAX;

	for (guint i = 0; i < process->task_order->len; i++) {
		const struct task *task = g_ptr_array_index(process->task_order, i);
		const struct stay *stay = map_get(&task->stays, region->index);

		if (stay && stay->depth > 0)
			since = MIN(since, stay->since);
	}
	return since;
}

/* Some thread was inside from `begin` to `end`. */
static void add_span(struct process *process, struct region *region, uint64_t begin, uint64_t end)
{
	if (cover_is_full(&region->span)) {
		uint64_t since = earliest_open(process, region);

		if (since != UINT64_MAX)
			cover_bridge(&region->span, since);
		if (cover_is_full(&region->span))
			cover_compact(&region->span, NULL, 0);
	}
	cover_add(&region->span, begin, end);
}

/* What a thread did before will not be asked for any more; all threads: that is never known. */
static uint64_t floor_of(const struct process *process, const struct task *task)
{
	uint64_t floor = UINT64_MAX;

	for (guint i = 0; task && i < process->gil_order->len; i++) {
		const struct gil *gil = g_ptr_array_index(process->gil_order, i);
		const struct thread *thread = map_get(&gil->threads, (uint32_t)task->tid);

		if (thread && thread->task == task)
			floor = MIN(floor, thread->last_release);
	}
	return floor == UINT64_MAX ? 0 : floor;
}

static void enter(struct process *process, struct task *task, struct stay *stay, uint64_t at)
{
	struct region *region = stay->region;
	struct stays *stays = task ? &task->when : &process->when;

	stay->since = at = MAX(at, stay->until);
	region->facts.count++;
	region->facts.threads += task && !stay->entered;
	stay->entered = true;
	if (!region->wanted)
		return;
	process->watched = true;
	stays_enter(stays, region, at);
}

static void leave(struct process *process, struct task *task, struct stay *stay, uint64_t at)
{
	struct region *region = stay->region;
	struct stays *stays = task ? &task->when : &process->when;

	stay->depth = 0;
	stay->until = at = MAX(at, stay->since);
	stay->total_ns = tally_plus(stay->total_ns, at - stay->since);
	region->facts.total_ns = tally_plus(region->facts.total_ns, at - stay->since);
	if (process->timeline->region)
		process->timeline->region(process->timeline->user, &process->facts,
			task ? task->tid : 0, region->facts.name, stay->since, at);
	if (!region->wanted)
		return;
	stays_leave(stays, region, at, stays_is_full(stays) ? floor_of(process, task) : 0);
	add_span(process, region, stay->since, at);
}

static bool is_begin(enum mark_state state)
{
	return state == MARK_BEGIN || state == MARK_BEGIN_ALL;
}

static bool is_everywhere(enum mark_state state)
{
	return state == MARK_BEGIN_ALL || state == MARK_END_ALL;
}

bool region_feed(struct process *process, const struct event *event)
{
	bool everywhere = is_everywhere(event->mark.state);
	struct task *task = process_task(process, event->tid);
	struct region *region = find_region(process, event->mark.name, everywhere);
	struct stay *stay;

	process->marked_at = MAX(process->marked_at, event->at);
	if (!region) {
		process->facts.regions_left_out++;
		return true;
	}
	/* A name stands for one kind of region, that of its first mark. */
	if (region->facts.everywhere != everywhere) {
		region->facts.unmatched++;
		return true;
	}
	if (everywhere)
		task = NULL;
	stay = find_stay(task, region);
	stay->region = region;
	if (is_begin(event->mark.state)) {
		if (stay->depth++ == 0)
			enter(process, task, stay, event->at);
		return true;
	}
	if (stay->depth == 0) {
		region->facts.unmatched++;
		return true;
	}
	if (--stay->depth == 0)
		leave(process, task, stay, event->at);
	return stay->since <= event->at;
}

void region_close(struct process *process, struct task *task, uint64_t at)
{
	for (uint32_t i = 0; task->stays.entries && i <= task->stays.mask; i++) {
		struct stay *stay = task->stays.entries[i].value;

		if (!stay || stay->depth == 0)
			continue;
		stay->region->facts.unclosed++;
		leave(process, task, stay, at);
	}
}

/* Whoever is still inside leaves with the process, or at the last of what the trace has of it. */
void region_close_all(struct process *process)
{
	uint64_t end = process->ending_seen ? process->ended_at : process->marked_at;

	if (process->region_order->len == 0)
		return;
	for (guint i = 0; !process->ending_seen && i < process->gil_order->len; i++)
		end = MAX(end,
			((struct gil *)g_ptr_array_index(process->gil_order, i))->facts.end_ns);
	for (guint i = 0; i < process->task_order->len; i++)
		region_close(process, g_ptr_array_index(process->task_order, i), end);
	for (guint i = 0; i < process->region_order->len; i++) {
		struct region *region = g_ptr_array_index(process->region_order, i);

		if (region->everywhere.depth == 0)
			continue;
		region->facts.unclosed++;
		leave(process, NULL, &region->everywhere, end);
	}
}

void region_free_task(struct task *task)
{
	for (uint32_t i = 0; task->stays.entries && i <= task->stays.mask; i++)
		g_free(task->stays.entries[i].value);
	map_release(&task->stays);
	stays_release(&task->when);
}

void region_tell_all(struct process *process, const struct model_sink *sink)
{
	for (guint i = 0; i < process->region_order->len; i++) {
		struct region *region = g_ptr_array_index(process->region_order, i);

		sink->region(sink->user, &process->facts, &region->facts);
		cover_release(&region->span);
		g_free(region->facts.name);
		g_free(region);
	}
	g_ptr_array_set_size(process->region_order, 0);
	if (process->regions)
		g_hash_table_destroy(process->regions);
	process->regions = NULL;
	stays_release(&process->when);
}
