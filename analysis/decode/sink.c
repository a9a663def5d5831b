/* The end of the babeltrace2 graph: merges the data streams and decodes; see sink.h. */
#include "decode/sink.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "decode/classes.h"
#include "decode/fields.h"
#include "decode/lane.h"
#include "decode/pages.h"

/* Events handed on by one call of consume(). */
enum { TURN = 4096 };

struct sink {
	struct sink_job *job;
	struct lane *lanes;
	uint64_t lane_count;
	struct lane **heap; /* earliest event first */
	uint64_t heap_count;
	uint64_t filled; /* lanes that have been asked for their first event */
	bool waiting;	 /* the first of the heap has none at hand */
	struct classes classes;
	struct pages pages;
	const bt_clock_class *first_clock;
	uint64_t first;
	const bt_clock_class *last_clock;
	uint64_t last;
};

static bool earlier(const struct lane *a, const struct lane *b)
{
	return a->time < b->time || (a->time == b->time && a->order < b->order);
}

/* Restores the order of the heap below `i`, whose lane has moved to a later event. */
static void sift_down(struct sink *sink, uint64_t i)
{
	struct lane **heap = sink->heap;

	for (;;) {
		uint64_t child = 2 * i + 1;
		struct lane *lane = heap[i];

		if (child >= sink->heap_count)
			return;
		if (child + 1 < sink->heap_count && earlier(heap[child + 1], heap[child]))
			child++;
		if (!earlier(heap[child], lane))
			return;
		heap[i] = heap[child];
		heap[child] = lane;
		i = child;
	}
}

/* False when a lane has nothing at hand: to be called again. */
static bool fill_heap(struct sink *sink)
{
	for (; sink->filled < sink->lane_count; sink->filled++) {
		struct lane *lane = &sink->lanes[sink->filled];
		enum lane_step step = lane_advance(lane, &sink->classes, sink->job);

		if (step == LANE_WAITING)
			return false;
		if (step == LANE_EVENT)
			sink->heap[sink->heap_count++] = lane;
	}
	for (uint64_t i = sink->heap_count / 2; i-- > 0;)
		sift_down(sink, i);
	return true;
}

/* Hands the event that a lane stands at on. Returns 0 or negative errno, which is also the job's
 * then. */
static int deliver(struct sink *sink, struct lane *lane)
{
	struct sink_job *job = sink->job;
	struct event event;

	job->time = lane->time;
	job->order = lane->order;
	job->code = layout_read(lane->class->layout, lane->event, &event, &job->error);
	if (job->code < 0)
		return job->code;
	event.timestamp = lane->time;
	if (job->events++ == 0) {
		sink->first = lane->time;
		sink->first_clock = lane->clock;
	}
	sink->last = lane->time;
	sink->last_clock = lane->clock;
	job->code = job->event(&event, job->user);
	return job->code;
}

static uint64_t since_epoch(const bt_clock_class *clock, uint64_t value)
{
	int64_t ns;

	if (!clock || bt_clock_class_cycles_to_ns_from_origin(clock, value, &ns) !=
			      BT_CLOCK_CLASS_CYCLES_TO_NS_FROM_ORIGIN_STATUS_OK)
		return 0;
	return (uint64_t)ns;
}

static struct sink *sink_of(bt_self_component_sink *self)
{
	return bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
}

/* Hands on the earliest event and puts its lane in its new place. 0, -EAGAIN when that has nothing
 * at hand, or another negative errno, which is the job's. */
static int take(struct sink *sink)
{
	struct lane *lane = sink->heap[0];
	enum lane_step step;

	if (!sink->waiting) {
		int code = deliver(sink, lane);

		if (code < 0)
			return code;
		bt_message_put_ref(lane->messages[lane->next++]);
	}
	step = lane_advance(lane, &sink->classes, sink->job);
	sink->waiting = step == LANE_WAITING;
	if (sink->waiting)
		return -EAGAIN;
	if (step == LANE_OVER)
		sink->heap[0] = sink->heap[--sink->heap_count];
	if (sink->heap_count > 1)
		sift_down(sink, 0);
	return 0;
}

static bt_component_class_sink_consume_method_status consume(bt_self_component_sink *self)
{
	struct sink *sink = sink_of(self);
	struct sink_job *job = sink->job;
	int code = sink->filled < sink->lane_count && !fill_heap(sink) ? -EAGAIN : 0;

	for (int i = 0; i < TURN && sink->heap_count > 0 && code == 0; i++)
		code = take(sink);
	if (job->code < 0)
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_ERROR;
	job->begin_ns = since_epoch(sink->first_clock, sink->first);
	job->end_ns = since_epoch(sink->last_clock, sink->last);
	if (!job->live)
		pages_give_back(&sink->pages);
	if (job->tick && !job->tick(sink->last, job->user))
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END;
	if (code == -EAGAIN)
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_AGAIN;
	return sink->heap_count > 0 ? BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK
				    : BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END;
}

static bt_component_class_initialize_method_status initialize(bt_self_component_sink *self,
	bt_self_component_sink_configuration *configuration, const bt_value *params, void *data)
{
	struct sink_job *job = data;
	struct sink *sink;

	(void)configuration;
	(void)params;
	for (uint64_t i = 0; i < job->ports; i++) {
		g_autofree char *name = sink_port_name(i);

		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL) !=
			BT_SELF_COMPONENT_ADD_PORT_STATUS_OK)
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	sink = g_new0(struct sink, 1);
	sink->job = job;
	sink->lane_count = job->ports;
	sink->lanes = g_new0(struct lane, job->ports);
	pages_init(&sink->pages);
	for (uint64_t i = 0; i < job->ports; i++) {
		sink->lanes[i].order = job->orders[i];
		sink->lanes[i].pages = job->live ? NULL : &sink->pages;
	}
	sink->heap = g_new0(struct lane *, job->ports);
	classes_init(&sink->classes);
	bt_self_component_set_data(bt_self_component_sink_as_self_component(self), sink);
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static void finalize(bt_self_component_sink *self)
{
	struct sink *sink = sink_of(self);

	for (uint64_t i = 0; i < sink->lane_count; i++) {
		lane_close(&sink->lanes[i]);
		g_free(sink->lanes[i].name);
	}
	classes_release(&sink->classes);
	pages_release(&sink->pages);
	g_free(sink->heap);
	g_free(sink->lanes);
	g_free(sink);
}

static bt_component_class_sink_graph_is_configured_method_status configured(
	bt_self_component_sink *self)
{
	struct sink *sink = sink_of(self);

	for (uint64_t i = 0; i < sink->lane_count; i++) {
		bt_self_component_port_input *port =
			bt_self_component_sink_borrow_input_port_by_index(self, i);

		if (bt_message_iterator_create_from_sink_component(
			    self, port, &sink->lanes[i].iterator) !=
			BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK)
			return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

void sink_name_unknown(struct sink_job *job, const char *name)
{
	/* Not the first one that is met: that depends on how many threads read. */
	if (!job->unknown_name[0] || strcmp(name, job->unknown_name) < 0)
		g_strlcpy(job->unknown_name, name, sizeof(job->unknown_name));
}

char *sink_port_name(uint64_t i)
{
	return g_strdup_printf("in%" PRIu64, i);
}

bool sink_add(struct sink_job *job, bt_graph *graph, const bt_component_sink **component)
{
	bt_component_class_sink *class = bt_component_class_sink_create("giltrace", consume);
	bool added;

	if (!class)
		return false;
	bt_component_class_sink_set_initialize_method(class, initialize);
	bt_component_class_sink_set_finalize_method(class, finalize);
	bt_component_class_sink_set_graph_is_configured_method(class, configured);
	added = bt_graph_add_sink_component_with_initialize_method_data(graph, class, "sink", NULL,
			job, BT_LOGGING_LEVEL_NONE, component) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;
	bt_component_class_sink_put_ref(class);
	return added;
}
