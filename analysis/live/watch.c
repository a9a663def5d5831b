/* Looks at what goes on: what the model tells, summed up; see watch.h. */
#include "live/watch.h"

#include "live/watched.h"
#include "model/quiet.h"
#include "model/timeline.h"

static void free_thread(void *data)
{
	struct watched_thread *thread = data;

	g_ptr_array_unref(thread->touched);
	g_free(thread);
}

static void free_gil(void *data)
{
	struct watched_gil *gil = data;

	g_ptr_array_unref(gil->threads);
	g_ptr_array_unref(gil->places);
	g_free(gil);
}

static void free_process(void *data)
{
	struct watched_process *process = data;

	g_ptr_array_unref(process->gils);
	g_free(process);
}

static void process_seen(void *user, struct model_process *facts)
{
	struct watch *watch = user;
	struct watched_process *process = g_new0(struct watched_process, 1);

	process->facts = facts;
	process->gils = g_ptr_array_new_with_free_func(free_gil);
	facts->timeline = process;
	g_ptr_array_add(watch->processes, process);
}

static void gil_seen(void *user, struct model_gil *facts)
{
	struct watched_process *process = facts->process->timeline;
	struct watched_gil *gil = g_new0(struct watched_gil, 1);

	(void)user;
	gil->facts = facts;
	gil->threads = g_ptr_array_new_with_free_func(free_thread);
	gil->places = g_ptr_array_new_with_free_func(g_free);
	facts->timeline = gil;
	g_ptr_array_add(process->gils, gil);
}

static void thread_seen(void *user, struct model_thread *facts)
{
	struct watched_gil *gil = facts->gil->timeline;
	struct watched_thread *thread = g_new0(struct watched_thread, 1);

	(void)user;
	thread->facts = facts;
	thread->touched = g_ptr_array_new();
	facts->timeline = thread;
	g_ptr_array_add(gil->threads, thread);
}

static void place_seen(void *user, struct model_place *facts)
{
	struct watched_gil *gil = facts->thread->gil->timeline;
	struct watched_place *place = g_new0(struct watched_place, 1);

	(void)user;
	place->facts = facts;
	facts->timeline = place;
	g_ptr_array_add(gil->places, place);
}

static struct watched_place *touch(struct model_place *facts)
{
	struct watched_place *place = facts->timeline;
	struct watched_thread *thread = facts->thread->timeline;

	if (!place->touched)
		g_ptr_array_add(thread->touched, place);
	place->touched = true;
	return place;
}

/* When the first window begins: of a GIL that was there before, behind the first hold. */
static void begin_first(struct watched_gil *gil, uint64_t first_end)
{
	if (gil->begin_ns)
		return;
	gil->begin_ns = gil->facts->created ? gil->facts->begin_ns : first_end;
}

static void hold(void *user, struct model_place *facts, const struct timeline_hold *hold)
{
	struct watched_thread *thread = facts->thread->timeline;
	struct watched_gil *gil = facts->thread->gil->timeline;
	uint64_t part;

	(void)user;
	thread->acquisitions += hold->counted;
	if (hold->end_ns != EVENT_UNKNOWN)
		begin_first(gil, hold->end_ns);
	if (hold->begin_ns == EVENT_UNKNOWN || hold->end_ns == EVENT_UNKNOWN)
		return;
	thread->total_held_ns += hold->held_ns;
	part = watched_part(hold->begin_ns, hold->end_ns, gil->begin_ns);
	thread->held_ns += part;
	touch(facts)->held_ns += part;
}

static void wait(void *user, struct model_place *facts, const struct timeline_wait *wait)
{
	struct watched_thread *thread = facts->thread->timeline;
	struct watched_gil *gil = facts->thread->gil->timeline;
	uint64_t part = 0;

	(void)user;
	begin_first(gil, wait->end_ns);
	thread->waits++;
	thread->total_wait_ns += wait->waited_ns;
	thread->longest_ns = MAX(thread->longest_ns, wait->waited_ns);
	thread->longest_ever_ns = MAX(thread->longest_ever_ns, wait->waited_ns);
	if (wait->begin_ns != EVENT_UNKNOWN)
		part = watched_part(wait->begin_ns, wait->end_ns, gil->begin_ns);
	if (wait->yield_ns && wait->yield_begin_ns != EVENT_UNKNOWN)
		part += watched_part(
			wait->yield_begin_ns, wait->yield_begin_ns + wait->yield_ns, gil->begin_ns);
	thread->wait_ns += part;
	touch(facts)->wait_ns += part;
}

static void drop_request(
	void *user, struct model_thread *sender, struct model_thread *receiver, uint64_t at)
{
	struct watched_gil *gil = sender->gil->timeline;

	(void)user;
	(void)receiver;
	(void)at;
	gil->requests++;
	gil->drop_requests++;
}

static void process_done(void *user, struct model_process *facts)
{
	struct watch *watch = user;

	g_ptr_array_remove(watch->processes, facts->timeline);
}

static void gil_done(void *user, struct model_gil *facts)
{
	struct watched_process *process = facts->process->timeline;

	(void)user;
	g_ptr_array_remove(process->gils, facts->timeline);
}

/* What is told without times; only that something is missing is of interest here. */
static void anomaly(void *user, struct model_gil *gil, enum model_anomaly kind, uint64_t count)
{
	struct watch *watch = user;
	struct watched_gil *watched = gil ? gil->timeline : NULL;

	if (kind != ANOMALY_GAP)
		return;
	watch->missing += count;
	if (watched)
		watched->lost += count;
}

struct watch *watch_new(const struct selection *selection)
{
	struct watch *watch = g_new0(struct watch, 1);
	struct model_sink sink = model_quiet_sink;
	const struct model_timeline timeline = {
		.process_seen = process_seen,
		.gil_seen = gil_seen,
		.thread_seen = thread_seen,
		.place_seen = place_seen,
		.hold = hold,
		.wait = wait,
		.drop_request = drop_request,
		.gil_done = gil_done,
		.process_done = process_done,
		.user = watch,
	};

	sink.anomaly = anomaly;
	sink.user = watch;
	watch->processes = g_ptr_array_new_with_free_func(free_process);
	watch->model = model_new(selection, NULL, &sink, &timeline);
	return watch;
}

void watch_feed(struct watch *watch, const struct event *event)
{
	model_feed(watch->model, event);
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	model_finish(watch->model);
	g_ptr_array_unref(watch->processes);
	g_free(watch);
}
