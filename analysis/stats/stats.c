/* Counts what the model tells; see stats.h. */
#include "stats/stats.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "stats/gather.h"

/* Of a process; there are but a few in a trace that is not made to do harm. */
enum { REASONS_KEPT = 8 };

struct stats {
	struct model *model;
	uint64_t events;
	uint64_t doubts[DOUBT_KINDS];
	GArray *processes; /* struct process_report, in the order in which they appeared */
};

static struct gil_stats *gil_stats(const struct model_gil *gil)
{
	return gil->everything.user;
}

static struct process_report *process_report(
	struct stats *stats, const struct model_process *process)
{
	return &g_array_index(
		stats->processes, struct process_report, GPOINTER_TO_SIZE(process->user));
}

static void add_doubt(uint64_t *doubts, enum doubt_kind kind, uint64_t count)
{
	doubts[kind] = tally_plus(doubts[kind], count);
}

static void on_process_seen(void *user, struct model_process *process)
{
	struct stats *stats = user;
	struct process_report report = {.index = process->index, .pid = process->pid};

	process->user = GSIZE_TO_POINTER(stats->processes->len);
	g_array_append_val(stats->processes, report);
}

static void on_gil_seen(void *user, struct model_gil *gil)
{
	(void)user;
	gil->everything.user = gather_new();
}

static void on_view_seen(void *user, struct model_view *view)
{
	(void)user;
	view->user = gather_new();
}

static void on_thread_seen(void *user, struct model_thread *thread)
{
	(void)user;
	thread->user = gather_thread_of(&thread->gil->everything, thread);
}

static void on_place_seen(void *user, struct model_place *place)
{
	(void)user;
	place->user = gather_place_of(&place->thread->gil->everything, place);
}

static void on_hold(void *user, struct model_view *view, struct model_place *model_place,
	uint64_t ns, bool released)
{
	struct place_stats *place = gather_place_of(view, model_place);
	struct thread_stats *stats = place->thread;
	struct site_figures *here = &place->figures;

	(void)user;
	stats->acquisitions++;
	stats->releases += released;
	histogram_add(&stats->hold, ns);
	here->holds++;
	here->held_ns = tally_plus(here->held_ns, ns);
	here->hold_max_ns = MAX(here->hold_max_ns, ns);
}

static void on_open_hold(void *user, struct model_view *view, struct model_thread *thread)
{
	(void)user;
	gather_thread_of(view, thread)->acquisitions++;
}

static void on_present(void *user, struct model_view *view, struct model_thread *thread)
{
	(void)user;
	(void)gather_thread_of(view, thread);
}

static void on_wait(void *user, struct model_view *view, struct model_place *model_place,
	const struct model_wait *wait)
{
	struct place_stats *place = gather_place_of(view, model_place);
	struct thread_stats *stats = place->thread;
	struct site_figures *here = &place->figures;
	uint64_t ns;

	(void)user;
	if (wait->ended)
		stats->contended_acquisitions++;
	if (wait->wait_ns == EVENT_UNKNOWN)
		return;
	ns = tally_plus(wait->wait_ns, wait->yield_ns);
	histogram_add(&stats->wait, ns);
	forecast_add(&stats->forecast, wait, view->gil->interval_us);
	if (wait->turn)
		histogram_add(&stats->wait_turn, ns);
	here->waits++;
	here->wait_ns = tally_plus(here->wait_ns, ns);
	here->wait_max_ns = MAX(here->wait_max_ns, ns);
}

/* The index of the holder's place among those of the view. */
static uint32_t holder_in(const struct model_view *view, uint32_t holder)
{
	const struct place_stats *place;

	if (!view->region || holder >= MODEL_UNKNOWN)
		return holder;
	place = g_ptr_array_index(gil_stats(view->gil)->places, holder);
	return gather_place_of(view, place->place)->index;
}

static void on_blame(void *user, struct model_view *view, struct model_place *waiter,
	uint32_t holder, uint64_t ns)
{
	struct gil_stats *stats = view->user;

	(void)user;
	gather_blame(stats, gather_place_of(view, waiter), holder_in(view, holder), ns);
	/* Of PyPy it is never known: no fault of this trace. */
	if (holder == MODEL_UNKNOWN && view->gil->kind != INTERPRETER_PYPY)
		add_doubt(stats->doubts, DOUBT_UNATTRIBUTED_WAIT, ns);
}

static void on_handoff(void *user, struct model_view *view, uint64_t ns)
{
	struct gil_stats *stats = view->user;

	(void)user;
	histogram_add(&stats->handoff, ns);
}

static void on_drop_request(void *user, struct model_view *view, struct model_thread *sender,
	struct model_thread *receiver)
{
	struct gil_stats *stats = view->user;

	(void)user;
	stats->drop_requests++;
	gather_thread_of(view, sender)->drop_requests_sent++;
	if (receiver)
		gather_thread_of(view, receiver)->drop_requests_received++;
}

static void on_drop_latency(
	void *user, struct model_view *view, struct model_thread *thread, uint64_t ns, bool again)
{
	struct gil_stats *gil = view->user;

	(void)user;
	(void)thread;
	gil->forced_releases++;
	gil->turns_in_a_row += again && ns <= MODEL_SOON_NS;
	histogram_add(&gil->drop_latency, ns);
}

static void on_anomaly(void *user, struct model_gil *gil, enum model_anomaly kind, uint64_t count)
{
	static const enum doubt_kind doubts[ANOMALY_KINDS] = {
		[ANOMALY_GAP] = DOUBT_SEQUENCE_GAP,
		[ANOMALY_OVERLAP] = DOUBT_OVERLAP,
		[ANOMALY_IMPOSSIBLE] = DOUBT_IMPOSSIBLE,
		[ANOMALY_UNSEEN_ACQUIRE] = DOUBT_UNSEEN_ACQUIRE,
		[ANOMALY_UNKNOWN_WAIT] = DOUBT_UNKNOWN_WAIT,
		[ANOMALY_FORGOTTEN_STAYS] = DOUBT_FORGOTTEN_STAYS,
	};
	struct stats *stats = user;

	add_doubt(gil ? gil_stats(gil)->doubts : stats->doubts, doubts[kind], count);
}

static void on_module(void *user, struct model_process *process, const struct event *event)
{
	gather_module(process_report(user, process), event);
}

static void *on_stack(void *user, struct model_thread *thread, const struct event *event)
{
	return gather_stack(gil_stats(thread->gil), thread->user, event,
		process_report(user, thread->gil->process));
}

static void on_stack_length(
	void *user, struct model_thread *thread, void *stack, uint64_t at, uint64_t ns)
{
	(void)user;
	(void)thread;
	gather_stack_length(stack, at, ns);
}

static void on_stack_inside(void *user, struct model_view *view, struct model_thread *thread,
	void *stack, uint64_t at, uint64_t ns)
{
	(void)user;
	gather_stack_length(
		gather_stack_inside(view->user, gather_thread_of(view, thread), stack), at, ns);
}

static void on_unavailable(
	void *user, struct model_process *process, enum facility facility, const char *reason)
{
	struct process_report *report = process_report(user, process);
	size_t count = report->unavailable_count;

	for (size_t i = 0; i < count; i++) {
		if (report->unavailable[i].facility == facility &&
			strcmp(report->unavailable[i].reason, reason) == 0)
			return;
	}
	if (count == REASONS_KEPT)
		return;
	report->unavailable = g_renew(struct unavailable_report, report->unavailable, count + 1);
	report->unavailable[report->unavailable_count++] =
		(struct unavailable_report){facility, g_strdup(reason)};
}

/* One more, and room for twice as many whenever it is used up: a program can name tens of thousands. */
static struct region_report *add_region(struct process_report *process)
{
	size_t count = process->region_count++;

	if ((count & (count - 1)) == 0) /* none, or a power of two */
		process->regions = g_renew(struct region_report, process->regions, count ? 2 * count : 1);
	return &process->regions[count];
}

static void on_region(void *user, struct model_process *process, const struct model_region *region)
{
	struct stats *stats = user;
	struct process_report *report = process_report(stats, process);
	GArray *gils = region->user;
	guint gil_count = gils ? gils->len : 0;

	add_doubt(stats->doubts, DOUBT_UNMATCHED_MARK, region->unmatched);
	*add_region(report) = (struct region_report){
		.name = g_strdup(region->name),
		.everywhere = region->everywhere,
		.count = region->count,
		.total_ns = region->total_ns,
		.threads = region->everywhere ? FIGURE_UNKNOWN : region->threads,
		.unclosed = region->unclosed,
		.unmatched = region->unmatched,
		.gil_count = gil_count,
		.gils = gils ? (struct gil_report *)(void *)g_array_free(gils, FALSE) : NULL,
	};
}

static int by_total(const void *a, const void *b)
{
	const struct region_report *left = a, *right = b;

	if (left->total_ns != right->total_ns)
		return left->total_ns < right->total_ns ? 1 : -1;
	return strcmp(left->name, right->name);
}

/* A GIL that was never on has a mutex, but neither figures nor doubts about them. */
static bool was_never_on(const struct model_gil *gil)
{
	return gil->process->gil_mode == GIL_NONE || (gil->switched && gil->on_ns == 0);
}

static void on_view_done(void *user, struct model_view *view)
{
	struct gil_report report;
	GArray *gils = view->region->user;

	(void)user;
	if (was_never_on(view->gil)) {
		gather_free(view->user);
		return;
	}
	if (!gils)
		gils = g_array_new(FALSE, FALSE, sizeof(report));
	gather_gil(view, &report);
	g_array_append_val(gils, report);
	view->region->user = gils;
}

static void on_gil_done(void *user, struct model_gil *gil)
{
	struct stats *stats = user;
	struct process_report *process = process_report(stats, gil->process);

	if (was_never_on(gil)) {
		gather_free(gil_stats(gil));
		return;
	}
	if (gil->switched && !gather_fits(gil_stats(gil), gil)) {
		add_doubt(stats->doubts, DOUBT_IMPOSSIBLE, 1);
		gil->on_ns = gil->end_ns - gil->begin_ns;
		gil->everything.span_ns = gil->on_ns;
	}
	stats->doubts[DOUBT_FORGOTTEN] += gil->forgotten;
	for (int kind = 0; kind < DOUBT_KINDS; kind++)
		add_doubt(stats->doubts, kind, gil_stats(gil)->doubts[kind]);
	process->gils = g_renew(struct gil_report, process->gils, process->gil_count + 1);
	gather_gil(&gil->everything, &process->gils[process->gil_count++]);
}

static void on_process_done(void *user, struct model_process *process)
{
	struct stats *stats = user;
	struct process_report *report = process_report(stats, process);

	report->ppid = process->ppid;
	report->command = g_strdup(process->command);
	report->executable = g_strdup(process->executable);
	report->implementation = g_strdup(process->implementation);
	report->version = g_strdup(process->version);
	report->gil_mode = process->gil_mode;
	report->exited = process->exited;
	report->cut_short = process->cut_short && !process->exited;
	report->regions_left_out = process->regions_left_out;
	if (report->region_count)
		qsort(report->regions, report->region_count, sizeof(*report->regions), by_total);
	if (!process->exited)
		stats->doubts[DOUBT_UNFINISHED]++;
}

struct stats *stats_new(const struct selection *selection, const struct region_choice *regions,
	const struct model_timeline *timeline)
{
	struct stats *stats = g_new0(struct stats, 1);
	const struct model_sink sink = {
		.process_seen = on_process_seen,
		.gil_seen = on_gil_seen,
		.view_seen = on_view_seen,
		.thread_seen = on_thread_seen,
		.place_seen = on_place_seen,
		.hold = on_hold,
		.open_hold = on_open_hold,
		.wait = on_wait,
		.blame = on_blame,
		.handoff = on_handoff,
		.drop_request = on_drop_request,
		.drop_latency = on_drop_latency,
		.present = on_present,
		.anomaly = on_anomaly,
		.module = on_module,
		.stack = on_stack,
		.stack_length = on_stack_length,
		.stack_inside = on_stack_inside,
		.unavailable = on_unavailable,
		.region = on_region,
		.gil_done = on_gil_done,
		.view_done = on_view_done,
		.process_done = on_process_done,
		.user = stats,
	};

	stats->processes = g_array_new(FALSE, TRUE, sizeof(struct process_report));
	stats->model = model_new(selection, regions, &sink, timeline);
	return stats;
}

void stats_feed(struct stats *stats, const struct event *event)
{
	if (model_feed(stats->model, event))
		stats->events++;
}

void stats_finish(struct stats *stats, struct report *report)
{
	struct report unwanted = {0};
	struct report *into = report ? report : &unwanted;

	model_finish(stats->model);
	into->events = stats->events;
	for (int kind = 0; kind < DOUBT_KINDS; kind++) {
		if (kind == DOUBT_LOST_EVENTS || kind == DOUBT_TRUNCATED)
			continue;
		into->doubts[kind].count = stats->doubts[kind];
		into->doubts[kind].present = stats->doubts[kind] > 0;
	}
	into->process_count = stats->processes->len;
	into->processes = (struct process_report *)(void *)g_array_free(stats->processes, FALSE);
	report_release(&unwanted);
	g_free(stats);
}
