/* The report as JSON; see json.h. */
#include "render/json.h"

#include <errno.h>

#include "render/json_build.h"
#include "render/json_layout.h"
#include "render/json_lines.h"
#include "render/json_stacks.h"
#include "render/json_tree.h"
#include "tables/doubts.h"
#include "tables/nature_words.h"
#include "tables/verdict.h"

/* Of nothing there is no mean and no largest. */
static void put_distribution(
	struct builder *b, json_t *object, const char *key, const struct distribution *d)
{
	json_t *json = json_object();
	bool none = d->count == 0;

	put_integer(b, json, "count", d->count);
	put_integer(b, json, "total_ns", d->total_ns);
	put_integer(b, json, "mean_ns", none ? FIGURE_UNKNOWN : d->mean_ns);
	put_integer(b, json, "p50_ns", none ? FIGURE_UNKNOWN : d->p50_ns);
	put_integer(b, json, "p90_ns", none ? FIGURE_UNKNOWN : d->p90_ns);
	put_integer(b, json, "p95_ns", none ? FIGURE_UNKNOWN : d->p95_ns);
	put_integer(b, json, "p99_ns", none ? FIGURE_UNKNOWN : d->p99_ns);
	put_integer(b, json, "max_ns", none ? FIGURE_UNKNOWN : d->max_ns);
	put(b, object, key, json);
}

static void put_verdict(struct builder *b, json_t *object, const struct report *report,
	const struct process_report *process, const struct gil_report *gil)
{
	json_t *json = json_object(), *figures = json_object();
	struct verdict verdict;
	const struct verdict_figures *f = &verdict.figures;

	verdict_init(&verdict, report, process, gil);
	put_string(b, json, "kind", verdict_kind_key(verdict.kind));
	put_string(b, json, "severity", verdict_severity_key(verdict.severity));
	put(b, json, "qualified", json_boolean(verdict.qualified));
	put_string(b, json, "sentence", verdict.sentence);
	put_string(b, json, "next", verdict.next);
	put_integer(b, figures, "threads", f->threads);
	put_real(b, figures, "demand", f->demand);
	put_real(b, figures, "wait_share", f->wait_share);
	put_real(b, figures, "mutual_share", f->mutual_share);
	put_integer(b, figures, "turn_ns", f->turn_ns);
	put_real(b, figures, "unanswered", f->unanswered);
	put_tid(b, figures, "holder", gil, f->holder);
	put_real(b, figures, "behind_holder", f->behind_holder);
	put_tid(b, figures, "victim", gil, f->victim);
	put_integer(b, figures, "victims", f->victims);
	put_integer(b, figures, "victim_waits", f->victim_waits);
	put_integer(b, figures, "victim_wait_ns", f->victim_wait_ns);
	put_integer(b, figures, "victim_hold_ns", f->victim_hold_ns);
	put_real(b, figures, "victim_lost", f->victim_lost);
	put_index(b, figures, "site", f->site);
	put_real(b, figures, "behind_site", f->behind_site);
	put_integer(b, figures, "site_hold_ns", f->site_hold_ns);
	put_index(b, figures, "unanswered_stack", f->unanswered_stack);
	put(b, json, "figures", figures);
	put(b, object, "verdict", json);
	verdict_release(&verdict);
}

static void append_forecast(struct builder *b, json_t *array, const struct forecast_report *f)
{
	json_t *json = append_object(b, array);

	put_integer(b, json, "interval_us", f->interval_us);
	put_integer(b, json, "wait_ns", f->wait_ns);
	put_integer(b, json, "saved_ns", f->saved_ns);
	put_integer(b, json, "changed_waits", f->changed_waits);
	put_integer(b, json, "other_waits", f->other_waits);
	put_integer(b, json, "other_ns", f->other_ns);
}

static void put_forecast(struct builder *b, json_t *object, const struct gil_report *gil)
{
	json_t *json = json_object(), *intervals, *threads;

	put(b, object, "switch_interval_forecast", json);
	put_integer(b, json, "unanswered_waits", gil->unanswered_waits);
	put_integer(b, json, "unanswered_ns", gil->unanswered_ns);
	intervals = put_array(b, json, "intervals");
	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		json_t *entry;

		if (!gil->forecast[i].smaller)
			continue;
		append_forecast(b, intervals, &gil->forecast[i]);
		entry = json_array_get(intervals, json_array_size(intervals) - 1);
		put_integer(b, entry, "added_switches", gil->forecast[i].added_switches);
		put_integer(b, entry, "added_ns", gil->forecast[i].added_ns);
		threads = put_array(b, entry, "threads");
		for (size_t k = 0; k < gil->thread_count; k++) {
			const struct thread_report *t = &gil->threads[k];

			if (t->wait.count == 0)
				continue;
			append_forecast(b, threads, &t->forecast[i]);
			put_tid(b, json_array_get(threads, json_array_size(threads) - 1), "thread",
				gil, (int)k);
		}
	}
}

static void append_thread(struct builder *b, json_t *array, const struct thread_report *t)
{
	static const char *const kinds[] = {
		[THREAD_MAIN] = "main", [THREAD_PYTHON] = "python", [THREAD_NATIVE] = "native"};
	json_t *json = append_object(b, array);

	put(b, json, "tid", json_integer(t->tid));
	put_string(b, json, "name", t->name);
	put_string(b, json, "kind", kinds[t->kind]);
	put_integer(b, json, "acquisitions", t->acquisitions);
	put_integer(b, json, "releases", t->releases);
	put_integer(b, json, "contended_acquisitions", t->contended_acquisitions);
	put_integer(b, json, "held_ns", t->held_ns);
	put_integer(b, json, "wait_ns", t->wait_ns);
	put_integer(b, json, "alive_ns", t->alive_ns);
	put_integer(b, json, "drop_requests_sent", t->drop_requests_sent);
	put_integer(b, json, "drop_requests_received", t->drop_requests_received);
	put_distribution(b, json, "hold", &t->hold);
	put_distribution(b, json, "wait", &t->wait);
	put_distribution(b, json, "wait_turn", &t->wait_turn);
	json_lines_put_thread(b, json, t);
}

static void append_blame(struct builder *b, json_t *array, const struct gil_report *gil,
	const struct blame_report *blame)
{
	json_t *json = append_object(b, array);

	put_tid(b, json, "waiter", gil, blame->waiter);
	put_holder(b, json, gil, blame->holder);
	put_integer(b, json, "wait_ns", blame->wait_ns);
}

static const char *const modes[] = {
	[GIL_ENABLED] = "enabled",
	[GIL_DISABLED] = "disabled",
	[GIL_NONE] = "none",
	[GIL_MODE_UNKNOWN] = "unknown",
};

static void append_gil(struct builder *b, json_t *array, const struct report *report,
	const struct process_report *process, const struct gil_report *gil)
{
	json_t *json = append_object(b, array);
	json_t *threads, *blame;

	put_integer(b, json, "id", gil->id);
	put_string(b, json, "kind", gil->kind == INTERPRETER_SUB ? "sub" : "main");
	put_string(b, json, "mode", modes[gil->mode]);
	put_string(b, json, "detail", gil->detail == GIL_DETAIL_TIMES ? "times" : "full");
	put(b, json, "created", json_boolean(gil->created));
	put(b, json, "ended", json_boolean(gil->ended));
	put_integer(b, json, "interval_us", gil->interval_us ? gil->interval_us : FIGURE_UNKNOWN);
	put_verdict(b, json, report, process, gil);
	put_integer(b, json, "begin_ns", gil->begin_ns);
	put_integer(b, json, "lifetime_ns", gil->lifetime_ns);
	put_integer(b, json, "span_ns", gil->span_ns);
	put_integer(b, json, "held_ns", gil->held_ns);
	put_integer(b, json, "wait_ns", gil->wait_ns);
	put_integer(b, json, "handoff_ns", gil->handoff_ns);
	put_real(b, json, "utilization", gil->utilization);
	put_real(b, json, "contention", gil->contention);
	put_real(b, json, "load", gil->load);
	put_integer(b, json, "acquisitions", gil->acquisitions);
	put_integer(b, json, "releases", gil->releases);
	put_integer(b, json, "contended_acquisitions", gil->contended_acquisitions);
	put_integer(b, json, "drop_requests", gil->drop_requests);
	put_integer(b, json, "forced_releases", gil->forced_releases);
	put_distribution(b, json, "hold", &gil->hold);
	put_distribution(b, json, "wait", &gil->wait);
	put_distribution(b, json, "handoff", &gil->handoff);
	put_distribution(b, json, "drop_latency", &gil->drop_latency);
	put_forecast(b, json, gil);
	threads = put_array(b, json, "threads");
	for (size_t i = 0; i < gil->thread_count; i++)
		append_thread(b, threads, &gil->threads[i]);
	blame = put_array(b, json, "blame");
	for (size_t i = 0; i < gil->blame_count; i++)
		append_blame(b, blame, gil, &gil->blame[i]);
	json_lines_put_gil(b, json, gil);
	json_stacks_put_gil(b, json, gil);
}

/* Why there is no GIL of it in the trace; null where there is one, or nobody knows. */
static void put_reason(struct builder *b, json_t *json, const struct process_report *process)
{
	char *reason = process->silent ? nature_reason(&process->nature) : NULL;

	if (reason)
		put_string(b, json, "gil_reason", reason);
	else
		put(b, json, "gil_reason", json_null());
	g_free(reason);
}

/* The figures of a region, in objects like those of the GILs of a report on it. */
static void put_region_gils(struct builder *b, json_t *object, const struct report *report,
	const struct process_report *process, const struct region_report *region)
{
	struct report of_region = *report;
	json_t *gils;

	if (!region->gils)
		return;
	of_region.region = region->name;
	gils = put_array(b, object, "gils");
	for (size_t i = 0; i < region->gil_count; i++)
		append_gil(b, gils, &of_region, process, &region->gils[i]);
}

static void put_regions(struct builder *b, json_t *object, const struct report *report,
	const struct process_report *process)
{
	json_t *regions = put_array(b, object, "regions");

	for (size_t i = 0; i < process->region_count; i++) {
		const struct region_report *region = &process->regions[i];
		json_t *json = append_object(b, regions);

		put_string(b, json, "name", region->name);
		put_string(b, json, "scope", region->everywhere ? "process" : "thread");
		put_integer(b, json, "count", region->count);
		put_integer(b, json, "total_ns", region->total_ns);
		put_integer(b, json, "threads", region->threads);
		put_integer(b, json, "unclosed", region->unclosed);
		put_integer(b, json, "unmatched", region->unmatched);
		put_region_gils(b, json, report, process, region);
	}
	put_integer(b, object, "regions_left_out", process->regions_left_out);
}

static void append_process(struct builder *b, json_t *array, const struct report *report,
	const struct process_report *process)
{
	json_t *json = append_object(b, array);
	json_t *gils;

	put(b, json, "pid", json_integer(process->pid));
	put(b, json, "ppid", process->ppid ? json_integer(process->ppid) : json_null());
	put_string(b, json, "command", process->command);
	put_string(b, json, "executable", process->executable);
	put_string(b, json, "implementation", process->implementation);
	put_string(b, json, "version", process->version);
	put_string(b, json, "gil", modes[process->gil_mode]);
	put_reason(b, json, process);
	put(b, json, "exited", json_boolean(process->exited));
	put_regions(b, json, report, process);
	json_lines_put_unavailable(b, json, process);
	json_stacks_put_modules(b, json, process);
	if (process->gil_count == 0)
		put_verdict(b, json, report, process, NULL);
	gils = put_array(b, json, "gils");
	for (size_t i = 0; i < process->gil_count; i++)
		append_gil(b, gils, report, process, &process->gils[i]);
}

static void put_program(struct builder *b, json_t *object, const struct program_end *end)
{
	json_t *json = json_object();
	bool exited = end->known && !end->signal;

	put(b, json, "exit_status", exited ? json_integer(end->exit_status) : json_null());
	put(b, json, "signal", end->signal ? json_integer(end->signal) : json_null());
	put(b, object, "program", json);
}

static void put_trace(struct builder *b, json_t *root, const struct report *report)
{
	json_t *json = json_object();

	if (report->path)
		put_string(b, json, "path", report->path);
	else
		put(b, json, "path", json_null());
	put_integer(b, json, "begin_ns", report->begin_ns);
	put_integer(b, json, "end_ns", report->end_ns);
	put_integer(b, json, "duration_ns", report->duration_ns);
	put_integer(b, json, "events", report->events);
	put_integer(b, json, "lost_events", report->lost_events);
	put(b, json, "complete", json_boolean(report->complete));
	put_program(b, json, &report->program_end);
	put(b, root, "trace", json);
}

static void put_doubts(struct builder *b, json_t *root, const struct report *report)
{
	json_t *array = put_array(b, root, "doubts");
	struct doubts doubts;

	doubts_init(&doubts, report);
	for (size_t i = 0; i < doubts.count; i++) {
		json_t *json = append_object(b, array);

		put_string(b, json, "kind", doubts.items[i].key);
		put_integer(b, json, "count", doubts.items[i].count);
		put_string(b, json, "text", doubts.items[i].sentence);
	}
	doubts_release(&doubts);
}

json_t *json_report(const struct report *report)
{
	struct builder b = {false};
	json_t *root = json_object();
	json_t *processes;

	put_string(&b, root, "schema", "giltrace-report/1");
	put_trace(&b, root, report);
	if (report->region)
		put_string(&b, root, "region", report->region);
	else
		put(&b, root, "region", json_null());
	put_doubts(&b, root, report);
	processes = put_array(&b, root, "processes");
	for (size_t i = 0; i < report->process_count; i++)
		append_process(&b, processes, report, &report->processes[i]);
	if (!b.failed)
		return root;
	json_decref(root);
	return NULL;
}

int render_json(const struct report *report, FILE *out)
{
	json_t *root = json_report(report);
	int result = root ? json_layout_write(root, out) : -ENOMEM;

	json_decref(root);
	return result;
}
