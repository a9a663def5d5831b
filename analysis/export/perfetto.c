/*
 * Perfetto's format: a track for each thread with its holds, waits and forced
 * switches as slices, its drop requests as instants and the regions that it was in
 * below; a counter of waiting threads for each GIL; a flow from each hold to the
 * next one whose thread had waited behind it.
 */
#include "export/perfetto.h"

#include <errno.h>
#include <string.h>

#include "export/exporters.h"
#include "export/waiters.h"

struct perfetto {
	struct packets packets;
	FILE *out;
};

/* A thread of a process, or all of them; `track` has its slices under the first GIL that it used.
 */
struct lane {
	uint64_t track;
	bool used;	   /* by a thread under a GIL, */
	GHashTable *below; /* names of regions -> struct spot; NULL before the first */
};

struct image {
	struct lane whole;
	int32_t pid;
	GHashTable *lanes; /* tid -> struct lane */
	GHashTable *names; /* number of a line -> interned name of a hold there */
};

struct under {
	uint64_t track; /* its number interned is the thread's name, too */
	uint64_t begun; /* of the wait that was announced; 0: none */
	bool first;	/* it has the track of the lane */
};

struct spot {
	uint64_t name;
	uint64_t thread; /* its track */
};

struct kept_hold {
	bool present;
	struct timeline_hold hold;
	struct spot spot;
	uint64_t flow; /* that ends with it; 0: none */
};

struct gil_tracks {
	struct perfetto *perfetto;
	uint64_t counter;
	struct waiters waiters;
	GArray *spots;	    /* struct spot, by index of the place */
	GPtrArray *threads; /* struct model_thread */
	/* The hold told last: what it leads to is known with the next one. */
	struct kept_hold last;
};

static struct lane *lane_of(struct perfetto *perfetto, struct image *image, int32_t tid)
{
	struct lane *lane = g_hash_table_lookup(image->lanes, GINT_TO_POINTER(tid));

	if (lane)
		return lane;
	lane = g_new0(struct lane, 1);
	lane->track = perfetto->packets.next_track++;
	g_hash_table_insert(image->lanes, GINT_TO_POINTER(tid), lane);
	return lane;
}

static void free_lane(void *data)
{
	struct lane *lane = data;

	if (lane->below)
		g_hash_table_destroy(lane->below);
	g_free(lane);
}

static void on_process_seen(void *user, struct model_process *process)
{
	struct perfetto *perfetto = user;
	struct image *image = g_new0(struct image, 1);

	image->whole.track = perfetto->packets.next_track++;
	image->pid = process->pid;
	image->lanes = g_hash_table_new_full(NULL, NULL, NULL, free_lane);
	image->names = g_hash_table_new(NULL, NULL);
	process->timeline = image;
}

static void on_waiters(void *user, uint64_t at, int64_t count)
{
	struct gil_tracks *gil = user;

	packets_count(&gil->perfetto->packets, at, gil->counter, (uint64_t)count);
}

static void on_gil_seen(void *user, struct model_gil *model)
{
	struct perfetto *perfetto = user;
	struct gil_tracks *gil = g_new0(struct gil_tracks, 1);

	gil->perfetto = perfetto;
	gil->counter = perfetto->packets.next_track++;
	gil->waiters = (struct waiters){.tell = on_waiters, .user = gil};
	gil->spots = g_array_new(FALSE, FALSE, sizeof(struct spot));
	gil->threads = g_ptr_array_new();
	model->timeline = gil;
}

static void on_thread_seen(void *user, struct model_thread *model)
{
	struct perfetto *perfetto = user;
	struct lane *lane = lane_of(perfetto, model->gil->process->timeline, model->tid);
	struct under *thread = g_new0(struct under, 1);

	thread->first = !lane->used;
	thread->track = thread->first ? lane->track : perfetto->packets.next_track++;
	lane->used = true;
	model->timeline = thread;
	g_ptr_array_add(((struct gil_tracks *)model->gil->timeline)->threads, model);
}

static void on_place_seen(void *user, struct model_place *place)
{
	struct perfetto *perfetto = user;
	struct gil_tracks *gil = place->thread->gil->timeline;
	struct image *image = place->thread->gil->process->timeline;
	struct spot spot = {NAME_HOLD, ((struct under *)place->thread->timeline)->track};
	const gpointer site = GUINT_TO_POINTER(place->site);

	if (place->site != SITE_UNKNOWN && place->site != MODEL_SITE_REST) {
		spot.name = GPOINTER_TO_SIZE(g_hash_table_lookup(image->names, site));
		if (!spot.name) {
			spot.name = perfetto->packets.next_name;
			perfetto->packets.next_name += 2;
			g_hash_table_insert(image->names, site, GSIZE_TO_POINTER(spot.name));
		}
	}
	g_array_append_val(gil->spots, spot);
}

static const struct spot *spot_at(const struct gil_tracks *gil, uint32_t index)
{
	return &g_array_index(gil->spots, struct spot, index);
}

/* Flows of different GILs are told apart by the counters of these. */
static uint64_t flow_of(const struct gil_tracks *gil, uint64_t number)
{
	return gil->counter << 40 ^ number;
}

/* `last`: of its GIL, so that one that never ended is shown as one that goes on. */
static void write_hold(struct gil_tracks *gil, bool flows, bool last)
{
	struct packets *packets = &gil->perfetto->packets;
	const struct kept_hold *kept = &gil->last;
	const struct timeline_hold *hold = &kept->hold;
	uint64_t track = kept->spot.thread;

	if (!kept->present)
		return;
	gil->last.present = false;
	if (hold->begin_ns == EVENT_UNKNOWN) {
		packets_event(packets, EVENT_INSTANT, hold->end_ns, track, CATEGORY_HOLD,
			NAME_HOLD_UNSEEN);
		return;
	}
	if (hold->end_ns == EVENT_UNKNOWN && !last) {
		packets_event(packets, EVENT_INSTANT, hold->begin_ns, track, CATEGORY_HOLD,
			NAME_HOLD_UNENDED);
		return;
	}
	if (hold->waiters)
		packets_note(packets, NOTE_WAITERS, hold->waiters);
	if (hold->requested_ns)
		packets_note(packets, NOTE_REQUESTED, hold->requested_ns);
	if (kept->flow)
		packets_flow(packets, kept->flow, true);
	if (flows)
		packets_flow(packets, flow_of(gil, hold->number), false);
	packets_event(packets, EVENT_BEGIN, hold->begin_ns, track, CATEGORY_HOLD, kept->spot.name);
	if (hold->end_ns != EVENT_UNKNOWN)
		packets_event(packets, EVENT_END, hold->end_ns, track, CATEGORY_HOLD, 0);
}

static void on_hold(void *user, struct model_place *place, const struct timeline_hold *hold)
{
	struct gil_tracks *gil = place->thread->gil->timeline;
	uint64_t flow = 0;

	(void)user;
	/* A wait that led here has written the last one, and has left the flow. */
	if (!gil->last.present && gil->last.flow)
		flow = gil->last.flow;
	write_hold(gil, false, false);
	gil->last = (struct kept_hold){true, *hold, *spot_at(gil, place->index), flow};
}

static void on_wait_begun(void *user, struct model_thread *model, uint64_t begin_ns)
{
	struct under *thread = model->timeline;
	struct gil_tracks *gil = model->gil->timeline;

	(void)user;
	/* One whose end was lost is taken back. */
	if (thread->begun)
		waiters_change(&gil->waiters, thread->begun, -1);
	thread->begun = begin_ns;
	waiters_change(&gil->waiters, begin_ns, 1);
}

static void count_wait(struct gil_tracks *gil, struct under *thread, uint64_t begin, uint64_t end)
{
	if (thread->begun && thread->begun != begin)
		waiters_change(&gil->waiters, thread->begun, -1);
	if (begin != EVENT_UNKNOWN && begin < end) {
		if (thread->begun != begin)
			waiters_change(&gil->waiters, begin, 1);
		waiters_change(&gil->waiters, end, -1);
	}
	thread->begun = 0;
}

static void write_wait(struct gil_tracks *gil, const struct spot *spot,
	const struct timeline_wait *wait, bool behind)
{
	struct packets *packets = &gil->perfetto->packets;
	uint64_t track = spot->thread;

	if (wait->yield_ns && wait->yield_begin_ns != EVENT_UNKNOWN) {
		packets_event(packets, EVENT_BEGIN, wait->yield_begin_ns, track, CATEGORY_SWITCH,
			NAME_SWITCH);
		packets_event(packets, EVENT_END, wait->yield_begin_ns + wait->yield_ns, track,
			CATEGORY_SWITCH, 0);
	}
	if (wait->begin_ns == wait->end_ns)
		return;
	if (behind)
		packets_note_text(packets, NOTE_BEHIND, spot_at(gil, wait->behind)->thread);
	if (wait->begin_ns == EVENT_UNKNOWN) {
		packets_event(packets, EVENT_INSTANT, wait->end_ns, track, CATEGORY_WAIT,
			NAME_WAIT_UNSEEN);
		return;
	}
	packets_event(packets, EVENT_BEGIN, wait->begin_ns, track, CATEGORY_WAIT, spot->name + 1);
	packets_event(packets, EVENT_END, wait->end_ns, track, CATEGORY_WAIT, 0);
}

static void on_wait(void *user, struct model_place *place, const struct timeline_wait *wait)
{
	struct gil_tracks *gil = place->thread->gil->timeline;
	bool behind = wait->behind != MODEL_HANDOFF && wait->behind != MODEL_UNKNOWN;
	const struct kept_hold *last = &gil->last;
	bool flows = behind && last->present && wait->number == last->hold.number + 1 &&
		     last->hold.begin_ns != EVENT_UNKNOWN && last->hold.end_ns != EVENT_UNKNOWN;
	uint64_t flow = flow_of(gil, last->hold.number);

	(void)user;
	count_wait(gil, place->thread->timeline, wait->begin_ns, wait->end_ns);
	if (wait->number) {
		/* The forced switch before the wait may begin with the end of this hold. */
		write_hold(gil, flows, false);
		gil->last.flow = flows ? flow : 0;
	}
	write_wait(gil, spot_at(gil, place->index), wait, behind);
}

static void on_drop_request(
	void *user, struct model_thread *sender, struct model_thread *receiver, uint64_t at_ns)
{
	struct perfetto *perfetto = user;

	if (receiver)
		packets_note_text(&perfetto->packets, NOTE_HOLDER,
			((struct under *)receiver->timeline)->track);
	packets_event(&perfetto->packets, EVENT_INSTANT, at_ns,
		((struct under *)sender->timeline)->track, CATEGORY_REQUEST, NAME_REQUEST);
}

static const struct spot *region_spot(
	struct perfetto *perfetto, struct lane *lane, const char *name)
{
	struct packets *packets = &perfetto->packets;
	struct spot *spot;

	if (!lane->below)
		lane->below = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	spot = g_hash_table_lookup(lane->below, name);
	if (spot)
		return spot;
	spot = g_new0(struct spot, 1);
	*spot = (struct spot){.name = packets->next_name++, .thread = packets->next_track++};
	g_hash_table_insert(lane->below, g_strdup(name), spot);
	packets_track(packets, spot->thread, lane->track, name);
	packets_intern_name(packets, spot->name, name);
	return spot;
}

static void on_region(void *user, struct model_process *process, int32_t tid, const char *name,
	uint64_t begin_ns, uint64_t end_ns)
{
	struct perfetto *perfetto = user;
	struct image *image = process->timeline;
	struct lane *lane = tid ? lane_of(perfetto, image, tid) : &image->whole;
	const struct spot *spot = region_spot(perfetto, lane, name);

	packets_event(&perfetto->packets, EVENT_BEGIN, begin_ns, spot->thread, CATEGORY_REGION,
		spot->name);
	packets_event(&perfetto->packets, EVENT_END, end_ns, spot->thread, CATEGORY_REGION, 0);
}

static void write_thread(struct perfetto *perfetto, const struct model_thread *model)
{
	const struct under *thread = model->timeline;
	const struct image *image = model->gil->process->timeline;
	const struct lane *lane = g_hash_table_lookup(image->lanes, GINT_TO_POINTER(model->tid));
	char *name = *model->name ? g_strdup(model->name) : g_strdup_printf("tid %d", model->tid);

	packets_intern_text(&perfetto->packets, thread->track, name);
	if (thread->first) {
		packets_thread(&perfetto->packets, thread->track, image->whole.track, image->pid,
			model->tid, name);
	} else {
		char *below = g_strdup_printf("%s (GIL %u)", name, model->gil->id);

		packets_track(&perfetto->packets, thread->track, lane->track, below);
		g_free(below);
	}
	g_free(name);
}

static void write_threads(struct perfetto *perfetto, GPtrArray *threads)
{
	for (guint i = 0; i < threads->len; i++) {
		const struct model_thread *model = g_ptr_array_index(threads, i);

		write_thread(perfetto, model);
		g_free(model->timeline);
	}
}

static void on_gil_done(void *user, struct model_gil *model)
{
	struct perfetto *perfetto = user;
	struct gil_tracks *gil = model->timeline;
	const struct image *image = model->process->timeline;
	char *name = g_strdup_printf("GIL %u: threads waiting", model->id);

	write_hold(gil, false, true);
	waiters_end(&gil->waiters);
	packets_counter(&perfetto->packets, gil->counter, image->whole.track, name);
	write_threads(perfetto, gil->threads);
	g_ptr_array_free(gil->threads, TRUE);
	g_array_free(gil->spots, TRUE);
	g_free(gil);
	g_free(name);
}

static void intern_lines(struct perfetto *perfetto, const struct model_process *process)
{
	const struct image *image = process->timeline;
	GHashTableIter iter;
	gpointer key, name;

	g_hash_table_iter_init(&iter, image->names);
	while (g_hash_table_iter_next(&iter, &key, &name)) {
		const struct model_site *site = model_site(process, GPOINTER_TO_UINT(key));
		char *line =
			site ? g_strdup_printf("%s (%s:%d)", site->function, site->file, site->line)
			     : g_strdup("(line not known)");

		packets_intern_line(&perfetto->packets, GPOINTER_TO_SIZE(name), line);
		g_free(line);
	}
}

/* Threads that were in regions, but never used a GIL, have no name that is known here. */
static void write_idle_lanes(struct perfetto *perfetto, const struct image *image)
{
	GHashTableIter iter;
	gpointer tid, data;

	g_hash_table_iter_init(&iter, image->lanes);
	while (g_hash_table_iter_next(&iter, &tid, &data)) {
		const struct lane *lane = data;
		char *name = g_strdup_printf("tid %d", GPOINTER_TO_INT(tid));

		if (!lane->used)
			packets_thread(&perfetto->packets, lane->track, image->whole.track,
				image->pid, GPOINTER_TO_INT(tid), name);
		g_free(name);
	}
}

static void on_process_done(void *user, struct model_process *process)
{
	struct perfetto *perfetto = user;
	struct image *image = process->timeline;
	const char *command = *process->command ? process->command : process->executable;

	packets_process(&perfetto->packets, image->whole.track, image->pid, command);
	intern_lines(perfetto, process);
	write_idle_lanes(perfetto, image);
	if (image->whole.below)
		g_hash_table_destroy(image->whole.below);
	g_hash_table_destroy(image->lanes);
	g_hash_table_destroy(image->names);
	g_free(image);
}

static int begin(void **state, const struct export_options *options,
	struct model_timeline *timeline, struct error *error)
{
	struct perfetto *perfetto = g_new0(struct perfetto, 1);
	int code = packets_begin(&perfetto->packets);

	if (code < 0) {
		g_free(perfetto);
		return error_set(
			error, code, "cannot create a temporary file: %s", strerror(-code));
	}
	perfetto->out = options->stream;
	*timeline = (struct model_timeline){
		.process_seen = on_process_seen,
		.gil_seen = on_gil_seen,
		.thread_seen = on_thread_seen,
		.place_seen = on_place_seen,
		.hold = on_hold,
		.wait_begun = on_wait_begun,
		.wait = on_wait,
		.drop_request = on_drop_request,
		.region = on_region,
		.gil_done = on_gil_done,
		.process_done = on_process_done,
		.user = perfetto,
	};
	*state = perfetto;
	return 0;
}

static int end(void *state, const struct report *report, struct error *error)
{
	struct perfetto *perfetto = state;
	int code = packets_end(&perfetto->packets, report ? perfetto->out : NULL);

	g_free(perfetto);
	if (code < 0)
		error_set(error, code, "cannot write a temporary file: %s", strerror(-code));
	return code;
}

const struct exporter export_perfetto = {
	.name = "perfetto", .target = EXPORT_STREAM, .binary = true, .begin = begin, .end = end};
