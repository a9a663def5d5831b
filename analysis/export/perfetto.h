/*
 * What the two halves of the Perfetto exporter share: perfetto.c hears what
 * happened, perfetto_packets.c puts it into packets.
 *
 * Numbers of fields are those of Perfetto's protos/perfetto/trace/: trace_packet,
 * interned_data, track_event, clock_snapshot. Events are written to a spool as they
 * come, names are kept and written to the output first, so that whatever refers to
 * a name comes behind it although names can come late.
 */
#ifndef GILTRACE_EXPORT_PERFETTO_H
#define GILTRACE_EXPORT_PERFETTO_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum packet_event { EVENT_BEGIN = 1, EVENT_END, EVENT_INSTANT, EVENT_COUNTER };

/* Interned: numbers of categories, and names that do not depend on the program. */
enum packet_category {
	CATEGORY_HOLD = 1,
	CATEGORY_WAIT,
	CATEGORY_SWITCH,
	CATEGORY_REQUEST,
	CATEGORY_REGION,
	CATEGORIES
};
enum packet_name {
	NAME_HOLD = 1, /* lines that are not known */
	NAME_WAIT,
	NAME_SWITCH,
	NAME_REQUEST,
	NAME_HOLD_UNSEEN,
	NAME_HOLD_UNENDED,
	NAME_WAIT_UNSEEN,
	NAMES, /* those of lines begin here */
};
enum packet_note { NOTE_BEHIND = 1, NOTE_HOLDER, NOTE_WAITERS, NOTE_REQUESTED, NOTES };

struct packets {
	FILE *spool;
	GByteArray *head; /* packets that come before those of the spool */
	GByteArray *packet;
	GByteArray *event;
	GByteArray *nested;
	GByteArray *interned;
	uint64_t begun_ns; /* the time of the clock snapshot */
	uint64_t next_track;
	uint64_t next_name;
};

/* 0 or -errno: there is no room for a temporary file. */
int packets_begin(struct packets *packets);

/* Everything to `out`; `out` NULL: it is of no use. Returns 0 or -errno. */
int packets_end(struct packets *packets, FILE *out);

/* Names of lines (two of them: number for the hold, the next one for the wait) and strings. */
void packets_intern_line(struct packets *packets, uint64_t number, const char *line);
void packets_intern_name(struct packets *packets, uint64_t number, const char *name);
void packets_intern_text(struct packets *packets, uint64_t number, const char *text);

/* A track; `parent` 0: none. */
void packets_process(struct packets *packets, uint64_t track, int32_t pid, const char *name);
void packets_thread(struct packets *packets, uint64_t track, uint64_t parent, int32_t pid,
	int32_t tid, const char *name);
void packets_track(struct packets *packets, uint64_t track, uint64_t parent, const char *name);
void packets_counter(struct packets *packets, uint64_t track, uint64_t parent, const char *name);

/* What the next event has beside. */
void packets_note(struct packets *packets, enum packet_note note, uint64_t value);
void packets_note_text(struct packets *packets, enum packet_note note, uint64_t text);
void packets_flow(struct packets *packets, uint64_t flow, bool ends);

/* `name`: interned; 0: none. */
void packets_event(struct packets *packets, enum packet_event type, uint64_t at, uint64_t track,
	enum packet_category category, uint64_t name);
void packets_count(struct packets *packets, uint64_t at, uint64_t track, uint64_t value);

#endif /* GILTRACE_EXPORT_PERFETTO_H */
