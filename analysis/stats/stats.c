/* Counts what the model tells; see stats.h. */
#include "stats/stats.h"

#include <glib.h>

#include "model/model.h"
#include "stats/gather.h"

struct stats {
	struct model *model;
	uint64_t events;
	uint64_t doubts[DOUBT_KINDS];
	GArray *processes; /* struct process_report, in the order in which they appeared */
};

static struct gil_stats *gil_stats(const struct model_gil *gil)
{
	return gil->user;
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
	struct process_report report = {.pid = process->pid};

	process->user = GSIZE_TO_POINTER(stats->processes->len);
	g_array_append_val(stats->processes, report);
}

static void on_gil_seen(void *user, struct model_gil *gil)
{
	(void)user;
	gil->user = gather_new();
}

static void on_thread_seen(void *user, struct model_thread *thread)
{
	struct thread_stats *stats = g_new0(struct thread_stats, 1);

	(void)user;
	stats->thread = thread;
	thread->user = stats;
	g_ptr_array_add(gil_stats(thread->gil)->threads, stats);
}

static void on_hold(void *user, struct model_thread *thread, uint64_t begin_ns, uint64_t end_ns)
{
	struct thread_stats *stats = thread->user;

	(void)user;
	stats->acquisitions++;
	histogram_add(&stats->hold, end_ns - begin_ns);
}

static void on_open_hold(void *user, struct model_thread *thread)
{
	struct thread_stats *stats = thread->user;

	(void)user;
	stats->acquisitions++;
}

static void on_wait(void *user, struct model_thread *thread, const struct model_wait *wait)
{
	struct thread_stats *stats = thread->user;
	uint64_t ns;

	(void)user;
	if (wait->ended)
		stats->contended_acquisitions++;
	if (wait->wait_ns == EVENT_UNKNOWN)
		return;
	ns = tally_plus(wait->wait_ns, wait->yield_ns);
	histogram_add(&stats->wait, ns);
	if (wait->turn)
		histogram_add(&stats->wait_turn, ns);
}

static void on_blame(void *user, struct model_thread *waiter, uint32_t holder, uint64_t ns)
{
	struct thread_stats *thread = waiter->user;

	(void)user;
	tally_add(&thread->blame, holder, ns);
	if (holder == MODEL_UNKNOWN)
		add_doubt(gil_stats(waiter->gil)->doubts, DOUBT_UNATTRIBUTED_WAIT, ns);
}

static void on_handoff(void *user, struct model_gil *gil, uint64_t ns)
{
	(void)user;
	histogram_add(&gil_stats(gil)->handoff, ns);
}

static void on_drop_request(void *user, struct model_thread *sender, struct model_thread *receiver)
{
	struct thread_stats *stats = sender->user;

	(void)user;
	gil_stats(sender->gil)->drop_requests++;
	stats->drop_requests_sent++;
	if (!receiver)
		return;
	stats = receiver->user;
	stats->drop_requests_received++;
}

static void on_drop_latency(void *user, struct model_thread *thread, uint64_t ns)
{
	struct gil_stats *gil = gil_stats(thread->gil);

	(void)user;
	gil->forced_releases++;
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
	};
	struct stats *stats = user;

	add_doubt(gil ? gil_stats(gil)->doubts : stats->doubts, doubts[kind], count);
}

static void on_gil_done(void *user, struct model_gil *gil)
{
	struct stats *stats = user;
	struct process_report *process = process_report(stats, gil->process);

	/* A GIL that does not lock has a mutex, but neither figures nor doubts about them. */
	if (gil->process->gil_mode == GIL_DISABLED || gil->process->gil_mode == GIL_NONE) {
		gather_free(gil->user);
		return;
	}
	for (int kind = 0; kind < DOUBT_KINDS; kind++)
		add_doubt(stats->doubts, kind, gil_stats(gil)->doubts[kind]);
	process->gils = g_renew(struct gil_report, process->gils, process->gil_count + 1);
	gather_gil(gil->user, gil, &process->gils[process->gil_count++]);
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
	if (!process->exited)
		stats->doubts[DOUBT_UNFINISHED]++;
}

struct stats *stats_new(const char *run)
{
	struct stats *stats = g_new0(struct stats, 1);
	const struct model_sink sink = {
		.process_seen = on_process_seen,
		.gil_seen = on_gil_seen,
		.thread_seen = on_thread_seen,
		.hold = on_hold,
		.open_hold = on_open_hold,
		.wait = on_wait,
		.blame = on_blame,
		.handoff = on_handoff,
		.drop_request = on_drop_request,
		.drop_latency = on_drop_latency,
		.anomaly = on_anomaly,
		.gil_done = on_gil_done,
		.process_done = on_process_done,
		.user = stats,
	};

	stats->processes = g_array_new(FALSE, TRUE, sizeof(struct process_report));
	stats->model = model_new(run, &sink);
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
