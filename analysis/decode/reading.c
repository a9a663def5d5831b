/* Reads an open trace from begin to end: trace_read() of trace.h. */
#include <errno.h>
#include <string.h>

#include "decode/ctf_folder.h"
#include "decode/graph.h"
#include "decode/open_trace.h"

/* A trace that is being written may change between our look at it and babeltrace2's. */
enum { ATTEMPTS = 3 };

/* One reading of it. */
struct reading {
	struct trace *trace;
	const struct trace_handler *handler;
	struct trace_info *info;
	struct sink_job job;
	uint64_t first_clock;
	uint64_t last_clock;
	bool handler_failed;
};

static void free_group(void *group)
{
	g_ptr_array_unref(group);
}

/* The views of the folders, those of one trace (equal UUID) together. */
static GPtrArray *group_views(const GPtrArray *folders)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(free_group);
	g_autoptr(GHashTable) by_uuid = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < folders->len; i++) {
		const struct ctf_folder *folder = g_ptr_array_index(folders, i);
		GPtrArray *group = NULL;

		if (folder->metadata.uuid[0])
			group = g_hash_table_lookup(by_uuid, folder->metadata.uuid);
		if (!group) {
			group = g_ptr_array_new();
			g_ptr_array_add(groups, group);
			g_hash_table_insert(by_uuid, (void *)folder->metadata.uuid, group);
		}
		g_ptr_array_add(group, folder->view);
	}
	return groups;
}

static int prepare(struct reading *reading, struct error *error)
{
	const struct trace *trace = reading->trace;
	GPtrArray *notes = reading->info->notes;
	int code = 0;

	g_ptr_array_set_size(notes, 0);
	for (guint i = 0; i < trace->notes->len; i++)
		g_ptr_array_add(notes, g_strdup(g_ptr_array_index(trace->notes, i)));
	for (guint i = 0; i < trace->folders->len && code == 0; i++) {
		struct ctf_folder *folder = g_ptr_array_index(trace->folders, i);

		code = ctf_folder_prepare(folder, notes, error);
		if (folder->last_clock &&
			(!reading->last_clock || folder->first_clock < reading->first_clock))
			reading->first_clock = folder->first_clock;
		reading->last_clock = MAX(reading->last_clock, folder->last_clock);
	}
	return code;
}

static int make_graph(
	struct graph **graph, const GPtrArray *folders, struct sink_job *job, struct error *error)
{
	g_autoptr(GPtrArray) groups = group_views(folders);

	return graph_new(graph, groups, job, error);
}

/* Gives babeltrace2 each data stream of a folder alone. Returns how many it takes; the others will
 * be left out. */
static int try_streams(struct ctf_folder *folder, struct error *error)
{
	g_autoptr(GPtrArray) alone = g_ptr_array_new();
	int taken = 0;

	g_ptr_array_add(alone, folder);
	for (guint i = 0; i < folder->streams->len; i++) {
		struct sink_job job = {.ports = 0};
		struct graph *graph = NULL;
		int code = ctf_folder_single_out(folder, i, error);

		if (code < 0)
			return code;
		if (make_graph(&graph, alone, &job, error) == -EIO)
			ctf_folder_exclude(folder, i, error->what);
		else
			taken++;
		graph_free(graph);
	}
	return taken;
}

/* Leaves out what babeltrace2 refuses: data streams, and folders of which it takes none. */
static int exclude_broken(struct trace *trace, struct error *error)
{
	guint i = 0;

	while (i < trace->folders->len) {
		struct ctf_folder *folder = g_ptr_array_index(trace->folders, i);
		int taken = try_streams(folder, error);

		if (taken < 0)
			return taken;
		if (taken > 0) {
			i++;
			continue;
		}
		g_ptr_array_add(trace->notes,
			g_strdup_printf("'%s' is left out: %s", folder->path,
				folder->metadata.damaged ? "its metadata is cut off or damaged, "
							   "the data cannot be read without"
							 : error->what));
		g_ptr_array_remove_index(trace->folders, i);
	}
	if (trace->folders->len > 0)
		return 0;
	return error_set(error, -EBADMSG, "%s", (const char *)g_ptr_array_index(trace->notes, 0));
}

static int open_graph(struct reading *reading, struct graph **graph, struct error *error)
{
	struct trace *trace = reading->trace;
	int code = -EIO;

	for (int i = 0; i < ATTEMPTS && code == -EIO; i++) {
		code = prepare(reading, error);
		if (code == 0)
			code = make_graph(graph, trace->folders, &reading->job, error);
	}
	if (code != -EIO)
		return code;
	code = exclude_broken(trace, error);
	if (code == 0)
		code = prepare(reading, error);
	return code < 0 ? code : make_graph(graph, trace->folders, &reading->job, error);
}

static int hand_on(const struct event *event, void *user)
{
	struct reading *reading = user;
	int code = reading->handler->event(event, reading->handler->user);

	reading->handler_failed = code < 0;
	return code;
}

static void tell_progress(uint64_t timestamp, void *user)
{
	struct reading *reading = user;
	uint64_t span = reading->last_clock - reading->first_clock;
	double share = span ? (double)(timestamp - reading->first_clock) / (double)span : 0;

	if (reading->handler->progress && timestamp >= reading->first_clock)
		reading->handler->progress(MIN(share, 1), reading->handler->user);
}

/* Whether the stream `broken` ("PATH: reason") is one of a view: then its damage is noted already.
 */
static bool is_known_damage(const struct trace *trace, const char *broken)
{
	for (guint i = 0; i < trace->folders->len; i++) {
		const struct ctf_folder *folder = g_ptr_array_index(trace->folders, i);

		if (strcmp(folder->view, folder->path) != 0 &&
			g_str_has_prefix(broken, folder->view))
			return true;
	}
	return false;
}

static void conclude(struct reading *reading)
{
	const struct recording *recording = &reading->trace->recording;
	const struct sink_job *job = &reading->job;
	struct trace_info *info = reading->info;

	info->events = job->events;
	info->begin_ns = job->begin_ns;
	info->end_ns = job->end_ns;
	/* The session counted what was lost after the last packet too. */
	info->lost_events = MAX(job->lost_events, recording->lost_events);
	info->lost_unknown = job->lost_packets > 0 || recording->lost_packets > 0;
	info->unknown_events = job->unknown_events;
	g_strlcpy(info->unknown_name, job->unknown_name, sizeof(info->unknown_name));
	info->unfinished = recording->present && !recording->ended;
	for (guint i = 0; i < job->broken->len; i++) {
		const char *broken = g_ptr_array_index(job->broken, i);

		if (!is_known_damage(reading->trace, broken))
			g_ptr_array_add(info->notes, g_strdup_printf("broken off: %s", broken));
	}
	if (recording->stopped_early)
		g_ptr_array_add(info->notes, g_strdup("recording stopped before the command ended, "
						      "as the disk was nearly full"));
	info->truncated = info->notes->len > 0;
}

static int complain_no_event(const struct reading *reading, struct error *error)
{
	const struct trace_info *info = reading->info;

	if (info->notes->len > 0)
		return error_set(error, -ENODATA, "no event can be read from the trace '%s': %s",
			reading->trace->path, (const char *)g_ptr_array_index(info->notes, 0));
	error_set(error, -ENODATA, "the trace '%s' has no event of giltrace", reading->trace->path);
	error_next(error, "was the program a Python? 'giltrace doctor -- COMMAND' finds out");
	return -ENODATA;
}

static int read_graph(struct reading *reading, struct error *error)
{
	struct graph *graph = NULL;
	int code = open_graph(reading, &graph, error);

	if (code == 0)
		code = graph_run(graph, error);
	graph_free(graph);
	if (code < 0 && !reading->handler_failed) {
		struct error cause = *error;

		error_set(error, code, "cannot read the trace '%s': %.768s", reading->trace->path,
			cause.what);
		if (cause.next[0])
			error_next(error, "%s", cause.next);
	}
	return code;
}

int trace_read(struct trace *trace, const struct trace_handler *handler, struct trace_info *info,
	struct error *error)
{
	struct reading reading = {
		.trace = trace,
		.handler = handler,
		.info = info,
		.job = {.event = hand_on, .tick = tell_progress},
	};
	int code;

	memset(info, 0, sizeof(*info));
	info->notes = g_ptr_array_new_with_free_func(g_free);
	reading.job.user = &reading;
	reading.job.broken = g_ptr_array_new_with_free_func(g_free);
	code = read_graph(&reading, error);
	if (code == 0) {
		conclude(&reading);
		if (info->events == 0)
			code = complain_no_event(&reading, error);
	}
	g_ptr_array_unref(reading.job.broken);
	if (code < 0)
		trace_info_release(info);
	return code;
}

void trace_info_release(struct trace_info *info)
{
	if (info->notes)
		g_ptr_array_unref(info->notes);
	info->notes = NULL;
}
