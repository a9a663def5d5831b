/*
 * Reads a trace: a CTF folder that LTTng wrote, or the folder of `giltrace
 * record` around it, once from begin to end, and hands on the events of giltrace
 * in the order of time. What cannot be read of a damaged trace is left out and
 * said.
 *
 * Or a live session, "net://HOST[:PORT]/host/TARGET/SESSION", through the LTTng
 * relay daemon there: what it records from now on, until it is destroyed.
 */
#ifndef GILTRACE_DECODE_TRACE_H
#define GILTRACE_DECODE_TRACE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "event.h"
#include "selection.h"

struct trace;

/* How far the reading of a live session is. */
struct trace_state {
	bool idle;	      /* nothing is at hand */
	uint64_t now;	      /* raw clock value up to which everything has come, 0 before anything
				 did */
	uint64_t lost_events; /* that LTTng could not record, so far */
	bool lost_unknown;    /* whole packets were lost too */
};

struct trace_handler {
	/* Called for every event; negative errno, with the reason left to the callee, ends the
	 * reading. */
	int (*event)(const struct event *event, void *user);
	/* Called now and then with the share that is done, 0 to 1; may be NULL. */
	void (*progress)(double share, void *user);
	/*
	 * Of a live session: called every few thousand events, and idle when nothing is at hand:
	 * it is to wait a moment then. False ends the reading; NULL: it goes on to the end of the
	 * session.
	 */
	bool (*go_on)(const struct trace_state *state, void *user);
	void *user;
};

struct trace_info {
	uint64_t events;   /* handed on */
	uint64_t begin_ns; /* of the first and the last event, since the epoch */
	uint64_t end_ns;
	uint64_t lost_events;	 /* that LTTng could not record */
	bool lost_unknown;	 /* whole packets were lost too, with an unknown number of events */
	uint64_t unknown_events; /* of kinds that only a newer giltrace knows; left out */
	char unknown_name[64];	 /* one of these kinds */
	bool truncated;		 /* damaged or cut off; events may be missing anywhere */
	bool unfinished; /* giltrace has not ended the recording: it goes on, or giltrace was killed
			  */
	bool live;	 /* a live session's */
	GPtrArray *notes; /* char *: each thing that is damaged or left out, one sentence without
			     full stop */
};

/*
 * Opens the trace at `path`. On 0 the caller closes `*trace` with trace_close().
 * Errors: those of finding and opening files; -EBADMSG not CTF, or broken beyond
 * use; -ENODATA nothing of giltrace in it; those of live_session_check().
 */
int trace_open(struct trace **trace, const char *path, struct error *error);
void trace_close(struct trace *trace);

/* Whether it is a live session. */
bool trace_is_live(const struct trace *trace);

/* The processes that were to be recorded; all, when the trace is not a recording of giltrace. Lives
 * as long as the trace. */
const struct selection *trace_selection(const struct trace *trace);

struct recording;

/* What giltrace wrote beside it. */
const struct recording *trace_recording(const struct trace *trace);

/*
 * Reads it, once. `info` is set on 0 and released with trace_info_release().
 * -EBADMSG when another version of giltrace recorded it, -ENODATA without any
 * event of giltrace although nothing explains that (recording.h: program), -ENOENT when babeltrace2
 * is incomplete, or what the handler returned (then `error` is not set).
 */
int trace_read(struct trace *trace, const struct trace_handler *handler, struct trace_info *info,
	struct error *error);
void trace_info_release(struct trace_info *info);

/* Makes a trace_read() of a live session end that hangs in a connection. May be called by a signal
 * handler, which has to be one that interrupts system calls (no SA_RESTART). */
void trace_interrupt(void);

#endif /* GILTRACE_DECODE_TRACE_H */
