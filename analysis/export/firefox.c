/*
 * The Firefox Profiler's format: a lane for each thread with its holds, waits,
 * forced switches, drop requests and regions as markers, and its holds as samples that
 * weigh as much as they lasted; a lane for each GIL with the handoffs.
 */
#include "export/firefox.h"

#include <errno.h>
#include <string.h>

#include "export/exporters.h"

/* What is needed of a process while its events come. */
struct process_lanes {
	struct image *image;
	GHashTable *lanes; /* tid -> the first lane of the thread */
	GHashTable *lines; /* number of a site -> that of its text */
};

struct gil_place {
	struct lane *lane;
	uint32_t line;	/* text */
	uint32_t index; /* in the lane */
};

struct gil_lanes {
	struct lane *handoffs; /* NULL before the first */
	GArray *places;	       /* struct gil_place */
	GPtrArray *threads;    /* struct model_thread */
	/* A hold whose end is not known: it goes on if it is the last one. */
	struct lane *open_lane; /* NULL: none */
	struct mark open;
};

static void see(struct firefox *firefox, uint64_t at)
{
	if (at == EVENT_UNKNOWN)
		return;
	firefox->begin_ns = MIN(firefox->begin_ns, at);
	firefox->end_ns = MAX(firefox->end_ns, at);
}

static void add(struct firefox *firefox, struct lane *lane, const struct mark *mark)
{
	see(firefox, mark->begin_ns);
	see(firefox, mark->end_ns);
	marks_add(&firefox->file, &lane->marks, mark);
}

static struct lane *new_lane(struct firefox *firefox, struct image *image, char *tid)
{
	struct lane *lane = lane_new(&firefox->strings, tid);

	g_ptr_array_add(image->lanes, lane);
	return lane;
}

static struct lane *lane_of(struct firefox *firefox, struct process_lanes *process, int32_t tid)
{
	struct lane *lane = g_hash_table_lookup(process->lanes, GINT_TO_POINTER(tid));

	if (lane)
		return lane;
	lane = new_lane(firefox, process->image, g_strdup_printf("%d", tid));
	lane->main = tid == process->image->pid;
	g_hash_table_insert(process->lanes, GINT_TO_POINTER(tid), lane);
	return lane;
}

static void on_process_seen(void *user, struct model_process *model)
{
	struct firefox *firefox = user;
	struct process_lanes *process = g_new0(struct process_lanes, 1);
	struct image *image = g_new0(struct image, 1);
	const gpointer pid = GINT_TO_POINTER(model->pid);

	image->pid = model->pid;
	image->again = GPOINTER_TO_UINT(g_hash_table_lookup(firefox->pids, pid));
	g_hash_table_insert(firefox->pids, pid, GUINT_TO_POINTER(image->again + 1));
	image->lanes = g_ptr_array_new_with_free_func(lane_free);
	g_ptr_array_add(firefox->images, image);
	process->image = image;
	process->lanes = g_hash_table_new(NULL, NULL);
	process->lines = g_hash_table_new(NULL, NULL);
	model->timeline = process;
	/* The profiler shows a process as its main thread with all others below. */
	(void)lane_of(firefox, process, model->pid);
}

static void on_gil_seen(void *user, struct model_gil *model)
{
	struct gil_lanes *gil = g_new0(struct gil_lanes, 1);

	(void)user;
	gil->places = g_array_new(FALSE, FALSE, sizeof(struct gil_place));
	gil->threads = g_ptr_array_new();
	model->timeline = gil;
}

static void on_thread_seen(void *user, struct model_thread *model)
{
	struct firefox *firefox = user;
	struct process_lanes *process = model->gil->process->timeline;
	struct lane *lane = lane_of(firefox, process, model->tid);

	if (lane->known)
		lane = new_lane(firefox, process->image, g_strdup_printf("%d", model->tid));
	lane->known = true;
	model->timeline = lane;
	g_ptr_array_add(((struct gil_lanes *)model->gil->timeline)->threads, model);
}

static void on_place_seen(void *user, struct model_place *model)
{
	struct firefox *firefox = user;
	struct gil_lanes *gil = model->thread->gil->timeline;
	struct process_lanes *process = model->thread->gil->process->timeline;
	struct lane *lane = model->thread->timeline;
	const gpointer site = GUINT_TO_POINTER(model->site);
	struct gil_place place = {.lane = lane, .index = lane->spots->len};
	struct spot spot = {.site = model->site};

	place.line = GPOINTER_TO_UINT(g_hash_table_lookup(process->lines, site));
	if (!place.line) {
		place.line = strings_reserve(&firefox->strings);
		g_hash_table_insert(process->lines, site, GUINT_TO_POINTER(place.line));
	}
	g_array_append_val(gil->places, place);
	g_array_append_val(lane->spots, spot);
}

static const struct gil_place *place_at(const struct gil_lanes *gil, uint32_t index)
{
	return &g_array_index(gil->places, struct gil_place, index);
}

/* `last`: of its GIL, so that it is shown as one that goes on. */
static void add_open(struct firefox *firefox, struct gil_lanes *gil, bool last)
{
	if (!gil->open_lane)
		return;
	if (!last) {
		gil->open.name = STRING_HOLD_UNENDED;
		gil->open.end_ns = gil->open.begin_ns;
	}
	add(firefox, gil->open_lane, &gil->open);
	gil->open_lane = NULL;
}

static void on_hold(void *user, struct model_place *model, const struct timeline_hold *hold)
{
	struct firefox *firefox = user;
	struct gil_lanes *gil = model->thread->gil->timeline;
	const struct gil_place *place = place_at(gil, model->index);
	struct mark mark = {
		.kind = MARK_HOLD,
		.name = STRING_HOLD,
		.begin_ns = hold->begin_ns,
		.end_ns = hold->end_ns,
		.number = hold->number,
		.asked_ns = hold->requested_ns,
		.line = place->line,
		.place = place->index,
		.waiters = hold->waiters,
	};

	add_open(firefox, gil, false);
	if (hold->begin_ns == EVENT_UNKNOWN) {
		mark.name = STRING_HOLD_UNSEEN;
		mark.begin_ns = mark.end_ns;
	} else if (hold->end_ns == EVENT_UNKNOWN) {
		gil->open_lane = place->lane;
		gil->open = mark;
		return;
	} else {
		place->lane->holds++;
	}
	add(firefox, place->lane, &mark);
}

static void add_switch(
	struct firefox *firefox, const struct gil_place *place, const struct timeline_wait *wait)
{
	struct mark mark = {
		.kind = MARK_SWITCH,
		.name = STRING_SWITCH,
		.line = place->line,
		.begin_ns = wait->yield_begin_ns,
		.end_ns = wait->yield_begin_ns + wait->yield_ns,
	};

	if (!wait->yield_ns)
		return;
	if (wait->yield_begin_ns == EVENT_UNKNOWN) {
		mark.name = STRING_SWITCH_UNSEEN;
		mark.begin_ns = wait->begin_ns == EVENT_UNKNOWN ? wait->end_ns : wait->begin_ns;
		mark.end_ns = mark.begin_ns;
		mark.length_ns = wait->yield_ns;
	}
	add(firefox, place->lane, &mark);
}

static void on_wait(void *user, struct model_place *model, const struct timeline_wait *wait)
{
	struct firefox *firefox = user;
	struct gil_lanes *gil = model->thread->gil->timeline;
	const struct gil_place *place = place_at(gil, model->index);
	struct mark mark = {
		.kind = MARK_WAIT,
		.name = STRING_WAIT,
		.begin_ns = wait->begin_ns,
		.end_ns = wait->end_ns,
		.number = wait->number,
		.line = place->line,
	};

	add_switch(firefox, place, wait);
	if (wait->begin_ns == wait->end_ns)
		return;
	if (wait->behind == MODEL_HANDOFF)
		mark.thread = STRING_FREE;
	else if (wait->behind != MODEL_UNKNOWN)
		mark.thread = place_at(gil, wait->behind)->lane->name;
	if (wait->begin_ns == EVENT_UNKNOWN) {
		mark.name = STRING_WAIT_UNSEEN;
		mark.begin_ns = wait->end_ns;
	}
	add(firefox, place->lane, &mark);
}

static void on_drop_request(
	void *user, struct model_thread *sender, struct model_thread *receiver, uint64_t at_ns)
{
	const struct mark mark = {
		.kind = MARK_REQUEST,
		.name = STRING_REQUEST,
		.begin_ns = at_ns,
		.end_ns = at_ns,
		.thread = receiver ? ((struct lane *)receiver->timeline)->name : STRING_NONE,
		.interval_us = sender->gil->interval_us,
	};

	add(user, sender->timeline, &mark);
}

static void on_handoff(void *user, struct model_gil *model, uint64_t begin_ns, uint64_t end_ns)
{
	struct firefox *firefox = user;
	struct gil_lanes *gil = model->timeline;
	const struct mark mark = {
		.kind = MARK_HANDOFF,
		.name = STRING_HANDOFF,
		.begin_ns = begin_ns,
		.end_ns = end_ns,
	};

	if (!gil->handoffs) {
		char *name = g_strdup_printf("GIL %u", model->id);

		gil->handoffs = lane_new(&firefox->strings, g_strdup_printf("\"%s\"", name));
		strings_fill(&firefox->strings, gil->handoffs->name, name);
		g_free(name);
	}
	add(firefox, gil->handoffs, &mark);
}

static void on_region(void *user, struct model_process *model, int32_t tid, const char *name,
	uint64_t begin_ns, uint64_t end_ns)
{
	struct firefox *firefox = user;
	struct process_lanes *process = model->timeline;
	struct lane *lane = lane_of(firefox, process, tid ? tid : process->image->pid);
	char *row = g_strconcat("region: ", name, NULL);
	const struct mark mark = {
		.kind = MARK_REGION,
		.name = strings_put(&firefox->strings, row),
		.begin_ns = begin_ns,
		.end_ns = end_ns,
	};

	add(firefox, lane, &mark);
	g_free(row);
}

static void name_thread(struct firefox *firefox, const struct model_thread *model)
{
	const struct process_lanes *process = model->gil->process->timeline;
	struct lane *lane = model->timeline;
	char *name = *model->name ? g_strdup(model->name) : g_strdup_printf("tid %d", model->tid);

	if (g_hash_table_lookup(process->lanes, GINT_TO_POINTER(model->tid)) != lane) {
		char *of = g_strdup_printf("%s (GIL %u)", name, model->gil->id);

		g_free(name);
		name = of;
	}
	strings_fill(&firefox->strings, lane->name, name);
	lane->begin_ns = model->begin_ns;
	lane->end_ns = model->end_ns < model->gil->end_ns ? model->end_ns : 0;
	see(firefox, lane->begin_ns);
	g_free(name);
}

static void on_gil_done(void *user, struct model_gil *model)
{
	struct firefox *firefox = user;
	struct gil_lanes *gil = model->timeline;
	const struct process_lanes *process = model->process->timeline;
	struct image *image = process->image;

	add_open(firefox, gil, true);
	for (guint i = 0; i < gil->threads->len; i++)
		name_thread(firefox, g_ptr_array_index(gil->threads, i));
	if (gil->handoffs)
		g_ptr_array_add(image->lanes, gil->handoffs); /* below those of its threads */
	if (!image->begin_ns || model->begin_ns < image->begin_ns)
		image->begin_ns = model->begin_ns;
	image->end_ns = MAX(image->end_ns, model->end_ns);
	see(firefox, model->begin_ns);
	see(firefox, model->end_ns);
	g_ptr_array_free(gil->threads, TRUE);
	g_array_free(gil->places, TRUE);
	g_free(gil);
}

/* Threads that never used a GIL have no name that is known here. */
static void name_idle(gpointer tid, gpointer data, gpointer user)
{
	struct firefox *firefox = user;
	const struct lane *lane = data;
	char *name = g_strdup_printf("tid %d", GPOINTER_TO_INT(tid));

	if (!lane->known)
		strings_fill(&firefox->strings, lane->name, name);
	g_free(name);
}

static void on_process_done(void *user, struct model_process *model)
{
	struct firefox *firefox = user;
	struct process_lanes *process = model->timeline;
	struct image *image = process->image;
	GHashTableIter iter;
	gpointer site, text;

	image->name = g_strdup(*model->command ? model->command : model->executable);
	image->exited = model->exited;
	g_hash_table_iter_init(&iter, process->lines);
	while (g_hash_table_iter_next(&iter, &site, &text))
		strings_fill_site(
			&firefox->strings, GPOINTER_TO_UINT(text), model, GPOINTER_TO_UINT(site));
	for (guint i = 0; i < image->lanes->len; i++)
		lane_settle(g_ptr_array_index(image->lanes, i), model, &firefox->strings);
	g_hash_table_foreach(process->lanes, name_idle, firefox);
	g_hash_table_destroy(process->lanes);
	g_hash_table_destroy(process->lines);
	g_free(process);
}

static void free_image(void *data)
{
	struct image *image = data;

	g_ptr_array_free(image->lanes, TRUE);
	g_free(image->name);
	g_free(image);
}

static int begin(void **state, const struct export_options *options,
	struct model_timeline *timeline, struct error *error)
{
	struct firefox *firefox = g_new0(struct firefox, 1);
	int code = marks_open(&firefox->file);

	if (code < 0) {
		g_free(firefox);
		return error_set(
			error, code, "cannot create a temporary file: %s", strerror(-code));
	}
	firefox->out = options->stream;
	firefox->begin_ns = UINT64_MAX;
	strings_begin(&firefox->strings);
	firefox->images = g_ptr_array_new_with_free_func(free_image);
	firefox->pids = g_hash_table_new(NULL, NULL);
	*timeline = (struct model_timeline){
		.process_seen = on_process_seen,
		.gil_seen = on_gil_seen,
		.thread_seen = on_thread_seen,
		.place_seen = on_place_seen,
		.hold = on_hold,
		.wait = on_wait,
		.handoff = on_handoff,
		.drop_request = on_drop_request,
		.region = on_region,
		.gil_done = on_gil_done,
		.process_done = on_process_done,
		.user = firefox,
	};
	*state = firefox;
	return 0;
}

static int end(void *state, const struct report *report, struct error *error)
{
	struct firefox *firefox = state;
	int code;

	if (report && firefox->file.code == 0)
		firefox_write(firefox, report);
	code = report ? firefox->file.code : 0;
	marks_close(&firefox->file);
	g_ptr_array_free(firefox->images, TRUE);
	g_hash_table_destroy(firefox->pids);
	strings_end(&firefox->strings);
	g_free(firefox);
	if (code < 0)
		error_set(error, code, "cannot write a temporary file: %s", strerror(-code));
	return code;
}

const struct exporter export_firefox = {
	.name = "firefox", .target = EXPORT_STREAM, .begin = begin, .end = end};
