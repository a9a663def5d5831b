/* One data stream of the trace; see lane.h. */
#include "decode/lane.h"

#include "decode/bt_error.h"
#include "decode/ends.h"

static void note_unknown(struct sink_job *job, const bt_event_class *class)
{
	job->unknown_events++;
	sink_name_unknown(job, event_class_name(class));
}

static void note_discarded_events(struct sink_job *job, const bt_message *message)
{
	uint64_t count;

	if (bt_message_discarded_events_get_count(message, &count) ==
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		job->lost_events += count;
	else
		job->lost_packets++;
}

static void note_discarded_packets(struct sink_job *job, const bt_message *message)
{
	uint64_t count;

	if (bt_message_discarded_packets_get_count(message, &count) !=
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		count = 1;
	job->lost_packets += count;
}

static void note_time(struct sink_job *job, uint64_t time)
{
	job->now = MAX(job->now, time);
}

static bool has_giltrace_events(const bt_stream_class *class)
{
	uint64_t count = bt_stream_class_get_event_class_count(class);

	for (uint64_t i = 0; i < count; i++) {
		const char *name = event_class_name(
			bt_stream_class_borrow_event_class_by_index_const(class, i));

		if (g_str_has_prefix(name, FIELDS_PROVIDER ":"))
			return true;
	}
	return false;
}

static void begin_stream(struct lane *lane, const bt_message *message, const struct sink_job *job)
{
	const bt_stream *stream = bt_message_stream_beginning_borrow_stream_const(message);
	const char *name = bt_stream_get_name(stream);

	lane->clock =
		bt_message_stream_beginning_borrow_stream_class_default_clock_class_const(message);
	/* Of a live session other streams follow, and the events of this one may be described
	 * later. */
	lane->over = !job->live &&
		     (!lane->clock || !has_giltrace_events(bt_stream_borrow_class_const(stream)));
	if (name) {
		g_free(lane->name);
		lane->name = g_strdup(name);
		if (lane->pages)
			pages_add(lane->pages, name);
	}
}

static void end_packet(struct lane *lane, const bt_message *message)
{
	const bt_stream_class *class = bt_stream_borrow_class_const(
		bt_packet_borrow_stream_const(bt_message_packet_end_borrow_packet_const(message)));

	if (bt_stream_class_packets_have_end_default_clock_snapshot(class))
		lane->packet_end = bt_clock_snapshot_get_value(
			bt_message_packet_end_borrow_default_clock_snapshot_const(message));
}

/* Whether the message is an event of giltrace, which the lane then stops at. Takes note of all
 * others. */
static bool inspect(
	struct lane *lane, const bt_message *message, struct classes *classes, struct sink_job *job)
{
	const bt_event_class *class;

	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		lane->event = bt_message_event_borrow_event_const(message);
		class = bt_event_borrow_class_const(lane->event);
		lane->class = classes_find(classes, class);
		if (lane->class->use == LAYOUT_UNKNOWN)
			note_unknown(job, class);
		if (!lane->class->layout)
			return false;
		lane->time = bt_clock_snapshot_get_value(
			bt_message_event_borrow_default_clock_snapshot_const(message));
		note_time(job, lane->time);
		return true;
	case BT_MESSAGE_TYPE_STREAM_BEGINNING:
		begin_stream(lane, message, job);
		return false;
	case BT_MESSAGE_TYPE_MESSAGE_ITERATOR_INACTIVITY:
		note_time(job,
			bt_clock_snapshot_get_value(
				bt_message_message_iterator_inactivity_borrow_clock_snapshot_const(
					message)));
		return false;
	case BT_MESSAGE_TYPE_PACKET_END:
		end_packet(lane, message);
		return false;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		note_discarded_events(job, message);
		return false;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		note_discarded_packets(job, message);
		return false;
	default:
		return false;
	}
}

void lane_close(struct lane *lane)
{
	while (lane->next < lane->count)
		bt_message_put_ref(lane->messages[lane->next++]);
	BT_MESSAGE_ITERATOR_PUT_REF_AND_RESET(lane->iterator);
}

static void note_broken(struct lane *lane, struct sink_job *job, const char *reason)
{
	g_ptr_array_add(job->broken,
		g_strdup_printf("%s: %s", lane->name ? lane->name : "a data stream", reason));
	lane->over = true;
}

/* Gets more messages: LANE_EVENT. LANE_OVER at the end of the stream, be it the proper one or not.
 */
static enum lane_step refill(struct lane *lane, struct sink_job *job)
{
	g_autofree char *reason = NULL;
	bt_message_iterator_next_status status;

	if (lane->over)
		return LANE_OVER;
	status = bt_message_iterator_next(lane->iterator, &lane->messages, &lane->count);
	lane->next = 0;
	/*
	 * source.ctf.fs hands on the messages before an error as a success, or without
	 * any says that the stream ends, but has the error set already; babeltrace2
	 * aborts when another lane is asked then.
	 */
	reason = bt_error_take_reason();
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		lane->count = 0;
	if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN)
		return LANE_WAITING;
	if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_END && !reason)
		lane->over = true;
	else if (reason || lane->count == 0)
		note_broken(lane, job, reason ? reason : "babeltrace2 does not say why");
	return lane->count > 0 ? LANE_EVENT : LANE_OVER;
}

static void note_end(const struct lane *lane, struct sink_job *job)
{
	struct stream_end *end;

	if (!lane->name)
		return;
	end = g_new(struct stream_end, 1);
	*end = (struct stream_end){
		.path = g_strdup(lane->name),
		.last_event = lane->time,
		.packet_end = lane->packet_end,
	};
	g_ptr_array_add(job->ends, end);
}

enum lane_step lane_advance(struct lane *lane, struct classes *classes, struct sink_job *job)
{
	enum lane_step step;

	do {
		for (; lane->next < lane->count; lane->next++) {
			if (inspect(lane, lane->messages[lane->next], classes, job))
				return LANE_EVENT;
			bt_message_put_ref(lane->messages[lane->next]);
		}
		step = refill(lane, job);
	} while (step == LANE_EVENT);
	if (step == LANE_OVER) {
		note_end(lane, job);
		lane_close(lane);
	}
	return step;
}
