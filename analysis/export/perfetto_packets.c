/* Packets of Perfetto's trace format; see perfetto.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "export/perfetto.h"
#include "export/proto.h"
#include "export/temporary.h"

enum { SEQUENCE = 1 };
enum { CLOCK_OF_EVENTS = 3 }; /* CLOCK_MONOTONIC, among the builtin clocks */
enum { STATE_CLEARED = 1, STATE_NEEDED = 2 };
enum { UNIT_COUNT = 2 };

enum trace_field { TRACE_PACKET = 1 };
enum packet_field {
	PACKET_CLOCK_SNAPSHOT = 6,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_INTERNED_DATA = 12,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_TIMESTAMP_CLOCK = 58,
	PACKET_DEFAULTS = 59,
	PACKET_TRACK = 60,
	PACKET_FIRST = 87,
};
enum snapshot_field { SNAPSHOT_CLOCKS = 1, SNAPSHOT_PRIMARY = 2 };
enum clock_field { CLOCK_ID = 1, CLOCK_TIMESTAMP = 2 };
enum interned_field {
	INTERNED_CATEGORIES = 1,
	INTERNED_EVENT_NAMES = 2,
	INTERNED_NOTE_NAMES = 3,
	INTERNED_NOTE_STRINGS = 29,
};
enum string_field { STRING_NUMBER = 1, STRING_TEXT = 2 };
enum track_field {
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PROCESS = 3,
	TRACK_THREAD = 4,
	TRACK_PARENT = 5,
	TRACK_COUNTER = 8,
};
enum process_field { PROCESS_PID = 1, PROCESS_NAME = 6 };
enum thread_field { THREAD_PID = 1, THREAD_TID = 2, THREAD_NAME = 5 };
enum counter_field { COUNTER_UNIT = 3 };
enum event_field {
	EVENT_CATEGORY = 3,
	EVENT_NOTE = 4,
	EVENT_TYPE = 9,
	EVENT_NAME = 10,
	EVENT_TRACK = 11,
	EVENT_COUNTER_VALUE = 30,
	EVENT_FLOW = 47,
	EVENT_FLOW_END = 48,
};
enum note_field { NOTE_NAME = 1, NOTE_NUMBER = 3, NOTE_STRING = 17 };

static void intern(
	struct packets *packets, enum interned_field field, uint64_t number, const char *text)
{
	char *valid = utf8_valid(text);

	proto_number(packets->nested, STRING_NUMBER, number);
	proto_string(packets->nested, STRING_TEXT, valid);
	proto_message(packets->interned, field, packets->nested);
	g_free(valid);
}

static void intern_fixed(struct packets *packets)
{
	static const char *const categories[CATEGORIES] = {
		[CATEGORY_HOLD] = "hold",
		[CATEGORY_WAIT] = "wait",
		[CATEGORY_SWITCH] = "forced switch",
		[CATEGORY_REQUEST] = "drop request",
		[CATEGORY_REGION] = "region",
	};
	static const char *const names[NAMES] = {
		[NAME_HOLD] = "hold: (line not known)",
		[NAME_WAIT] = "wait: (line not known)",
		[NAME_SWITCH] = "forced switch",
		[NAME_REQUEST] = "drop request",
		[NAME_HOLD_UNSEEN] = "end of a hold that began before recording",
		[NAME_HOLD_UNENDED] = "begin of a hold of unknown length",
		[NAME_WAIT_UNSEEN] = "end of a wait of unknown length",
	};
	static const char *const notes[NOTES] = {
		[NOTE_BEHIND] = "behind",
		[NOTE_HOLDER] = "holder",
		[NOTE_WAITERS] = "waiters_left",
		[NOTE_REQUESTED] = "asked_ns_before_end",
	};

	for (int i = 1; i < CATEGORIES; i++)
		intern(packets, INTERNED_CATEGORIES, (uint64_t)i, categories[i]);
	for (int i = 1; i < NAMES; i++)
		intern(packets, INTERNED_EVENT_NAMES, (uint64_t)i, names[i]);
	for (int i = 1; i < NOTES; i++)
		intern(packets, INTERNED_NOTE_NAMES, (uint64_t)i, notes[i]);
}

int packets_begin(struct packets *packets)
{
	int fd = temporary_open();

	if (fd < 0)
		return fd;
	*packets = (struct packets){.spool = fdopen(fd, "w+"), .next_track = 1, .next_name = NAMES};
	if (!packets->spool) {
		int code = -errno;

		(void)close(fd);
		return code;
	}
	packets->head = g_byte_array_new();
	packets->packet = g_byte_array_new();
	packets->event = g_byte_array_new();
	packets->nested = g_byte_array_new();
	packets->interned = g_byte_array_new();
	intern_fixed(packets);
	return 0;
}

void packets_intern_line(struct packets *packets, uint64_t number, const char *line)
{
	char *hold = g_strconcat("hold: ", line, NULL), *wait = g_strconcat("wait: ", line, NULL);

	intern(packets, INTERNED_EVENT_NAMES, number, hold);
	intern(packets, INTERNED_EVENT_NAMES, number + 1, wait);
	g_free(hold);
	g_free(wait);
}

void packets_intern_name(struct packets *packets, uint64_t number, const char *name)
{
	intern(packets, INTERNED_EVENT_NAMES, number, name);
}

void packets_intern_text(struct packets *packets, uint64_t number, const char *text)
{
	intern(packets, INTERNED_NOTE_STRINGS, number, text);
}

/* The track in `event` becomes a packet of its own. */
static void put_track(struct packets *packets)
{
	proto_message(packets->packet, PACKET_TRACK, packets->event);
	proto_number(packets->packet, PACKET_SEQUENCE, SEQUENCE);
	proto_message(packets->head, TRACE_PACKET, packets->packet);
}

static void begin_track(struct packets *packets, uint64_t track, uint64_t parent, const char *name)
{
	char *valid = utf8_valid(name);

	proto_number(packets->event, TRACK_UUID, track);
	if (parent)
		proto_number(packets->event, TRACK_PARENT, parent);
	proto_string(packets->event, TRACK_NAME, valid);
	g_free(valid);
}

void packets_process(struct packets *packets, uint64_t track, int32_t pid, const char *name)
{
	char *valid = utf8_valid(name);

	begin_track(packets, track, 0, name);
	proto_number(packets->nested, PROCESS_PID, (uint64_t)pid);
	proto_string(packets->nested, PROCESS_NAME, valid);
	proto_message(packets->event, TRACK_PROCESS, packets->nested);
	put_track(packets);
	g_free(valid);
}

void packets_thread(struct packets *packets, uint64_t track, uint64_t parent, int32_t pid,
	int32_t tid, const char *name)
{
	char *valid = utf8_valid(name);

	begin_track(packets, track, parent, name);
	proto_number(packets->nested, THREAD_PID, (uint64_t)pid);
	proto_number(packets->nested, THREAD_TID, (uint64_t)tid);
	proto_string(packets->nested, THREAD_NAME, valid);
	proto_message(packets->event, TRACK_THREAD, packets->nested);
	put_track(packets);
	g_free(valid);
}

void packets_track(struct packets *packets, uint64_t track, uint64_t parent, const char *name)
{
	begin_track(packets, track, parent, name);
	put_track(packets);
}

void packets_counter(struct packets *packets, uint64_t track, uint64_t parent, const char *name)
{
	begin_track(packets, track, parent, name);
	proto_number(packets->nested, COUNTER_UNIT, UNIT_COUNT);
	proto_message(packets->event, TRACK_COUNTER, packets->nested);
	put_track(packets);
}

void packets_note(struct packets *packets, enum packet_note note, uint64_t value)
{
	proto_number(packets->nested, NOTE_NAME, note);
	proto_number(packets->nested, NOTE_NUMBER, value);
	proto_message(packets->event, EVENT_NOTE, packets->nested);
}

void packets_note_text(struct packets *packets, enum packet_note note, uint64_t text)
{
	proto_number(packets->nested, NOTE_NAME, note);
	proto_number(packets->nested, NOTE_STRING, text);
	proto_message(packets->event, EVENT_NOTE, packets->nested);
}

void packets_flow(struct packets *packets, uint64_t flow, bool ends)
{
	proto_fixed64(packets->event, ends ? EVENT_FLOW_END : EVENT_FLOW, flow);
}

static void put_event(struct packets *packets, uint64_t at)
{
	if (!packets->begun_ns || at < packets->begun_ns)
		packets->begun_ns = at;
	proto_number(packets->packet, PACKET_TIMESTAMP, at);
	proto_number(packets->packet, PACKET_SEQUENCE, SEQUENCE);
	proto_number(packets->packet, PACKET_SEQUENCE_FLAGS, STATE_NEEDED);
	proto_message(packets->packet, PACKET_TRACK_EVENT, packets->event);
	proto_message(packets->nested, TRACE_PACKET, packets->packet);
	(void)fwrite(packets->nested->data, 1, packets->nested->len, packets->spool);
	g_byte_array_set_size(packets->nested, 0);
}

void packets_event(struct packets *packets, enum packet_event type, uint64_t at, uint64_t track,
	enum packet_category category, uint64_t name)
{
	proto_number(packets->event, EVENT_TYPE, type);
	proto_number(packets->event, EVENT_TRACK, track);
	if (type != EVENT_END) {
		proto_number(packets->event, EVENT_CATEGORY, category);
		proto_number(packets->event, EVENT_NAME, name);
	}
	put_event(packets, at);
}

void packets_count(struct packets *packets, uint64_t at, uint64_t track, uint64_t value)
{
	proto_number(packets->event, EVENT_TYPE, EVENT_COUNTER);
	proto_number(packets->event, EVENT_TRACK, track);
	proto_number(packets->event, EVENT_COUNTER_VALUE, value);
	put_event(packets, at);
}

/* The first packet: what the clock is, and everything that others refer to. */
static void write_first(struct packets *packets, FILE *out)
{
	GByteArray *snapshot = packets->event;

	proto_number(packets->nested, CLOCK_ID, CLOCK_OF_EVENTS);
	proto_number(packets->nested, CLOCK_TIMESTAMP, packets->begun_ns);
	proto_message(snapshot, SNAPSHOT_CLOCKS, packets->nested);
	proto_number(snapshot, SNAPSHOT_PRIMARY, CLOCK_OF_EVENTS);
	proto_message(packets->packet, PACKET_CLOCK_SNAPSHOT, snapshot);
	proto_number(packets->packet, PACKET_SEQUENCE, SEQUENCE);
	proto_message(packets->nested, TRACE_PACKET, packets->packet);
	(void)fwrite(packets->nested->data, 1, packets->nested->len, out);
	g_byte_array_set_size(packets->nested, 0);

	proto_number(packets->nested, PACKET_TIMESTAMP_CLOCK, CLOCK_OF_EVENTS);
	proto_message(packets->packet, PACKET_DEFAULTS, packets->nested);
	proto_message(packets->packet, PACKET_INTERNED_DATA, packets->interned);
	proto_number(packets->packet, PACKET_SEQUENCE, SEQUENCE);
	proto_number(packets->packet, PACKET_SEQUENCE_FLAGS, STATE_CLEARED);
	proto_number(packets->packet, PACKET_FIRST, 1);
	proto_message(packets->nested, TRACE_PACKET, packets->packet);
	(void)fwrite(packets->nested->data, 1, packets->nested->len, out);
	g_byte_array_set_size(packets->nested, 0);
}

static int copy(FILE *from, FILE *out)
{
	static const size_t size = 1 << 16;
	char *buffer = g_malloc(size);
	size_t count;
	int code = 0;

	errno = 0;
	rewind(from);
	while ((count = fread(buffer, 1, size, from)) > 0 && fwrite(buffer, 1, count, out) == count)
		;
	if (ferror(from))
		code = errno ? -errno : -EIO;
	g_free(buffer);
	return code;
}

int packets_end(struct packets *packets, FILE *out)
{
	int code = 0;

	errno = 0;
	if (out && (fflush(packets->spool) != 0 || ferror(packets->spool)))
		code = errno ? -errno : -ENOSPC;
	if (out && code == 0) {
		write_first(packets, out);
		(void)fwrite(packets->head->data, 1, packets->head->len, out);
		code = copy(packets->spool, out);
	}
	(void)fclose(packets->spool);
	g_byte_array_free(packets->head, TRUE);
	g_byte_array_free(packets->packet, TRUE);
	g_byte_array_free(packets->event, TRUE);
	g_byte_array_free(packets->nested, TRUE);
	g_byte_array_free(packets->interned, TRUE);
	return code;
}
