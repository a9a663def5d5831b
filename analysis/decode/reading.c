/* Reads an open trace from begin to end: trace_read() of trace.h. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "decode/ctf_folder.h"
#include "decode/ends.h"
#include "decode/find.h"
#include "decode/graph.h"
#include "decode/open_trace.h"
#include "decode/readers.h"

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
	bool stopped; /* by the handler, with more to come */
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

static int begin(struct readers **readers, struct reading *reading, struct error *error)
{
	g_autoptr(GPtrArray) groups = group_views(reading->trace->folders);

	return readers_new(readers, groups, &reading->job, error);
}

static bool is_refused(const GPtrArray *folders, struct error *error)
{
	g_autoptr(GPtrArray) groups = group_views(folders);
	struct sink_job job = {.ports = 0};
	struct graph *graph = NULL;
	int code = graph_new(&graph, groups, NULL, &job, error);

	graph_free(graph);
	return code == -EIO;
}

/* Gives babeltrace2 each data stream of a folder alone. Returns how many it takes; the others will
 * be left out. */
static int try_streams(struct ctf_folder *folder, struct error *error)
{
	g_autoptr(GPtrArray) alone = g_ptr_array_new();
	int taken = 0;

	g_ptr_array_add(alone, folder);
	for (guint i = 0; i < folder->streams->len; i++) {
		int code = ctf_folder_single_out(folder, i, error);

		if (code < 0)
			return code;
		if (is_refused(alone, error))
			ctf_folder_exclude(folder, i, error->what);
		else
			taken++;
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
	error_set(error, -EBADMSG, "%s", (const char *)g_ptr_array_index(trace->notes, 0));
	error_next(error, FIND_BROKEN_NEXT);
	return -EBADMSG;
}

static int begin_or_exclude(struct readers **readers, struct reading *reading, struct error *error)
{
	struct trace *trace = reading->trace;
	int code = -EIO;

	for (int i = 0; i < ATTEMPTS && code == -EIO; i++) {
		code = prepare(reading, error);
		if (code == 0)
			code = begin(readers, reading, error);
	}
	if (code != -EIO)
		return code;
	code = exclude_broken(trace, error);
	if (code == 0)
		code = prepare(reading, error);
	return code < 0 ? code : begin(readers, reading, error);
}

static int hand_on(const struct event *event, void *user)
{
	struct reading *reading = user;
	int code = reading->handler->event(event, reading->handler->user);

	reading->handler_failed = code < 0;
	return code;
}

static bool tell_progress(uint64_t timestamp, void *user)
{
	struct reading *reading = user;
	uint64_t span = reading->last_clock - reading->first_clock;
	double share = span ? (double)(timestamp - reading->first_clock) / (double)span : 0;

	if (reading->handler->progress && timestamp >= reading->first_clock)
		reading->handler->progress(MIN(share, 1), reading->handler->user);
	return true;
}

static bool ask_handler(struct reading *reading, bool idle)
{
	const struct trace_handler *handler = reading->handler;
	const struct trace_state state = {
		.idle = idle,
		.now = reading->job.now,
		.lost_events = reading->job.lost_events,
		.lost_unknown = reading->job.lost_packets > 0,
	};

	reading->stopped = !handler->go_on(&state, handler->user);
	return !reading->stopped;
}

static bool go_on_busy(uint64_t timestamp, void *user)
{
	(void)timestamp;
	return ask_handler(user, false);
}

static bool go_on_idle(void *user)
{
	return ask_handler(user, true);
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

/* What giltrace saw go wrong while it recorded; the trace itself need not show it. */
static void recording_notes(const struct recording *recording, GPtrArray *notes)
{
	if (recording->stopped_early)
		g_ptr_array_add(notes, g_strdup("recording stopped before the command ended, "
						"as the disk was nearly full"));
	if (recording->crowded)
		g_ptr_array_add(notes, g_strdup("processes may be missing: /dev/shm was full "
						"while it was recorded"));
	if (recording->damaged)
		g_ptr_array_add(notes, g_strdup("LTTng could not write all of the trace"));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
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
	info->unfinished = reading->stopped || (recording->present && !recording->ended);
	info->live = reading->trace->live;
	/* See ends_note(). */
	g_ptr_array_sort(job->broken, compare_texts);
	for (guint i = 0; i < job->broken->len; i++) {
		const char *broken = g_ptr_array_index(job->broken, i);

		if (!is_known_damage(reading->trace, broken))
			g_ptr_array_add(info->notes, g_strdup_printf("broken off: %s", broken));
	}
	/* Of a trace that is damaged otherwise that is said already. */
	if (info->notes->len == 0 && !info->unfinished && !reading->trace->live)
		ends_note(job->ends, info->notes);
	recording_notes(recording, info->notes);
	info->truncated = info->notes->len > 0;
}

static int read_live(struct reading *reading, struct error *error)
{
	struct graph *graph = NULL;
	int code;

	reading->job.tick = go_on_busy;
	reading->job.wait = go_on_idle;
	code = graph_new_live(&graph, reading->trace->path, &reading->job, error);
	if (code == 0)
		code = graph_run(graph, error);
	graph_free(graph);
	return code;
}

/* `*opened`: whether what failed came later. */
static int read_folders(struct reading *reading, bool *opened, struct error *error)
{
	struct readers *readers = NULL;
	int code = begin_or_exclude(&readers, reading, error);

	*opened = code == 0;
	if (*opened)
		code = readers_run(readers, error);
	readers_free(readers);
	return code;
}

static int complain_no_event(const struct reading *reading, struct error *error)
{
	const struct trace_info *info = reading->info;

	if (info->notes->len > 0) {
		error_set(error, -ENODATA, "no event can be read from the trace '%s': %s",
			reading->trace->path, (const char *)g_ptr_array_index(info->notes, 0));
		error_next(error, FIND_BROKEN_NEXT);
		return -ENODATA;
	}
	if (reading->trace->live) {
		error_set(error, -ENODATA, "no event of giltrace came from the live session '%s'",
			reading->trace->path);
		error_next(error, "a viewer gets what is recorded while it looks: begin before the "
				  "session is started or the program runs");
		return -ENODATA;
	}
	error_set(error, -ENODATA, "the trace '%s' has no event of giltrace", reading->trace->path);
	error_next(error, "was the program a Python? 'giltrace doctor -- COMMAND' finds out");
	return -ENODATA;
}

static int read_events(struct reading *reading, struct error *error)
{
	bool opened = false;
	int code = reading->trace->live ? read_live(reading, error)
					: read_folders(reading, &opened, error);

	if (code < 0 && !reading->handler_failed) {
		struct error cause = *error;

		error_set(error, code, "cannot read the trace '%s': %.768s", reading->trace->path,
			cause.what);
		if (cause.next[0])
			error_next(error, "%s", cause.next);
		else if (opened)
			error_next(error, FIND_BROKEN_NEXT);
	}
	return code;
}

/* Every data stream is a file of its own, and a process has one for each CPU. Returns whether
 * `found`, which a program that is started later has to get, is to be put back. */
static bool allow_many_files(struct rlimit *found)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, found) < 0 || found->rlim_cur == found->rlim_max)
		return false;
	limit = *found;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
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
	struct rlimit found;
	bool raised;
	int code = 0;

	memset(info, 0, sizeof(*info));
	info->notes = g_ptr_array_new_with_free_func(g_free);
	reading.job.user = &reading;
	raised = allow_many_files(&found);
	reading.job.broken = g_ptr_array_new_with_free_func(g_free);
	reading.job.ends = g_ptr_array_new_with_free_func(stream_end_free);
	/* A command that was no Python leaves nothing to read. */
	if (trace->live || trace->folders->len > 0)
		code = read_events(&reading, error);
	if (code == 0) {
		conclude(&reading);
		if (info->events == 0 && (!trace->recording.program || info->notes->len > 0))
			code = complain_no_event(&reading, error);
	}
	g_ptr_array_unref(reading.job.broken);
	g_ptr_array_unref(reading.job.ends);
	if (raised)
		setrlimit(RLIMIT_NOFILE, &found);
	if (code < 0)
		trace_info_release(info);
	return code;
}

void trace_interrupt(void)
{
	graph_interrupt();
}

void trace_info_release(struct trace_info *info)
{
	if (info->notes)
		g_ptr_array_unref(info->notes);
	info->notes = NULL;
}
