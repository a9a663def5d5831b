/* The report as JSON; see json.h. */
#include "render/json.h"

#include <errno.h>
#include <math.h>

#include <glib.h>
#include <jansson.h>

#include "base/utf8.h"
#include "render/json_layout.h"
#include "tables/doubts.h"
#include "tables/verdict.h"

/* Objects under construction; `failed` (no memory) is looked at once, at the end. */
struct builder {
	bool failed;
};

/* Takes over `value`. */
static void put(struct builder *b, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		b->failed = true;
}

static void put_integer(struct builder *b, json_t *object, const char *key, uint64_t value)
{
	put(b, object, key, value > INT64_MAX ? json_null() : json_integer((json_int_t)value));
}

static void put_real(struct builder *b, json_t *object, const char *key, double value)
{
	put(b, object, key, isfinite(value) ? json_real(value) : json_null());
}

static void put_string(struct builder *b, json_t *object, const char *key, const char *value)
{
	char *valid = utf8_valid(value);

	put(b, object, key, json_string(valid));
	g_free(valid);
}

/* An array under `key`; belongs to `object`. */
static json_t *put_array(struct builder *b, json_t *object, const char *key)
{
	json_t *array = json_array();

	put(b, object, key, array);
	return array;
}

/* An object at the end of `array`, which owns it. */
static json_t *append_object(struct builder *b, json_t *array)
{
	json_t *object = json_object();

	if (json_array_append_new(array, object))
		b->failed = true;
	return object;
}

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

static void put_tid(struct builder *b, json_t *object, const char *key,
	const struct gil_report *gil, int thread)
{
	bool known = gil && thread >= 0;

	put(b, object, key, known ? json_integer(gil->threads[thread].tid) : json_null());
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
	put(b, json, "figures", figures);
	put(b, object, "verdict", json);
	verdict_release(&verdict);
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
	put_integer(b, json, "contended_acquisitions", t->contended_acquisitions);
	put_integer(b, json, "held_ns", t->held_ns);
	put_integer(b, json, "wait_ns", t->wait_ns);
	put_integer(b, json, "alive_ns", t->alive_ns);
	put_integer(b, json, "drop_requests_sent", t->drop_requests_sent);
	put_integer(b, json, "drop_requests_received", t->drop_requests_received);
	put_distribution(b, json, "hold", &t->hold);
	put_distribution(b, json, "wait", &t->wait);
	put_distribution(b, json, "wait_turn", &t->wait_turn);
}

static void append_blame(struct builder *b, json_t *array, const struct gil_report *gil,
	const struct blame_report *blame)
{
	json_t *json = append_object(b, array);

	put_tid(b, json, "waiter", gil, blame->waiter);
	if (blame->holder == BLAME_HANDOFF)
		put_string(b, json, "holder", "handoff");
	else if (blame->holder == BLAME_UNKNOWN)
		put_string(b, json, "holder", "unknown");
	else
		put_tid(b, json, "holder", gil, blame->holder);
	put_integer(b, json, "wait_ns", blame->wait_ns);
}

static void append_gil(struct builder *b, json_t *array, const struct report *report,
	const struct process_report *process, const struct gil_report *gil)
{
	json_t *json = append_object(b, array);
	json_t *threads, *blame;

	put_integer(b, json, "id", gil->id);
	put_string(b, json, "kind", gil->kind == INTERPRETER_SUB ? "sub" : "main");
	put_integer(b, json, "interval_us", gil->interval_us ? gil->interval_us : FIGURE_UNKNOWN);
	put_verdict(b, json, report, process, gil);
	put_integer(b, json, "span_ns", gil->span_ns);
	put_integer(b, json, "held_ns", gil->held_ns);
	put_integer(b, json, "wait_ns", gil->wait_ns);
	put_integer(b, json, "handoff_ns", gil->handoff_ns);
	put_real(b, json, "utilization", gil->utilization);
	put_real(b, json, "contention", gil->contention);
	put_real(b, json, "load", gil->load);
	put_integer(b, json, "acquisitions", gil->acquisitions);
	put_integer(b, json, "contended_acquisitions", gil->contended_acquisitions);
	put_integer(b, json, "drop_requests", gil->drop_requests);
	put_integer(b, json, "forced_releases", gil->forced_releases);
	put_distribution(b, json, "hold", &gil->hold);
	put_distribution(b, json, "wait", &gil->wait);
	put_distribution(b, json, "handoff", &gil->handoff);
	put_distribution(b, json, "drop_latency", &gil->drop_latency);
	threads = put_array(b, json, "threads");
	for (size_t i = 0; i < gil->thread_count; i++)
		append_thread(b, threads, &gil->threads[i]);
	blame = put_array(b, json, "blame");
	for (size_t i = 0; i < gil->blame_count; i++)
		append_blame(b, blame, gil, &gil->blame[i]);
}

static void append_process(struct builder *b, json_t *array, const struct report *report,
	const struct process_report *process)
{
	static const char *const modes[] = {
		[GIL_ENABLED] = "enabled",
		[GIL_DISABLED] = "disabled",
		[GIL_NONE] = "none",
		[GIL_MODE_UNKNOWN] = "unknown",
	};
	json_t *json = append_object(b, array);
	json_t *gils;

	put(b, json, "pid", json_integer(process->pid));
	put(b, json, "ppid", process->ppid ? json_integer(process->ppid) : json_null());
	put_string(b, json, "command", process->command);
	put_string(b, json, "executable", process->executable);
	put_string(b, json, "implementation", process->implementation);
	put_string(b, json, "version", process->version);
	put_string(b, json, "gil", modes[process->gil_mode]);
	put(b, json, "exited", json_boolean(process->exited));
	if (process->gil_count == 0)
		put_verdict(b, json, report, process, NULL);
	gils = put_array(b, json, "gils");
	for (size_t i = 0; i < process->gil_count; i++)
		append_gil(b, gils, report, process, &process->gils[i]);
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

int render_json(const struct report *report, FILE *out)
{
	struct builder b = {false};
	json_t *root = json_object();
	json_t *processes;
	int result;

	put_string(&b, root, "schema", "giltrace-report/1");
	put_trace(&b, root, report);
	put_doubts(&b, root, report);
	processes = put_array(&b, root, "processes");
	for (size_t i = 0; i < report->process_count; i++)
		append_process(&b, processes, report, &report->processes[i]);
	result = b.failed ? -ENOMEM : json_layout_write(root, out);
	json_decref(root);
	return result;
}
