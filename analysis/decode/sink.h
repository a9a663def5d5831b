/*
 * The end of the babeltrace2 graph: takes the messages of every data stream,
 * merges them by time and hands on the events of giltrace.
 *
 * It has one input port for each data stream instead of standing behind
 * babeltrace2's muxer. That makes it faster, and a stream that breaks off in the
 * middle then ends alone: behind a muxer it takes all others with it.
 *
 * Streams are merged by the raw value of their clock, which is the same
 * CLOCK_MONOTONIC for every process of a machine.
 */
#ifndef GILTRACE_DECODE_SINK_H
#define GILTRACE_DECODE_SINK_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "event.h"

/* Name of the sink's input port `i`. Freed with g_free(). */
char *sink_port_name(uint64_t i);

/* What the sink is created with and leaves its results in; must outlive the graph. */
struct sink_job {
	uint64_t ports;
	const uint64_t *orders; /* of each port: the lower one's event is first of two at a time */
	bool live; /* streams come and go behind one port, and more may come at any time */
	int (*event)(const struct event *event, void *user); /* negative errno ends the run */
	bool (*tick)(uint64_t timestamp, void *user);	     /* now and then; false: enough */
	bool (*wait)(void *user); /* live: waits a moment for more; false: enough */
	void *user;

	uint64_t time;	/* of the event that is being handed on, raw clock value, */
	uint64_t order; /* and of its port */
	uint64_t now; /* raw clock value up to which everything has come, as far as that is known */
	int code;     /* why the run ended: 0, or negative errno with `error` */
	struct error error;
	uint64_t events;   /* handed on */
	uint64_t begin_ns; /* of the first and the last event handed on, since the epoch */
	uint64_t end_ns;
	uint64_t lost_events;	 /* that LTTng counted */
	uint64_t lost_packets;	 /* their events are not counted */
	uint64_t unknown_events; /* of the provider giltrace, not in the contract */
	char unknown_name[64];	 /* one of them, always the same one */
	GPtrArray *broken;	 /* char *: "NAME: reason" of streams that broke off */
	GPtrArray *ends;	 /* struct stream_end *, of each stream that has a name */
};

/* Takes the name of an unknown event for unknown_name, if it is the one to take. */
void sink_name_unknown(struct sink_job *job, const char *name);

/*
 * Adds the sink to `graph` (initialization data: the job) and returns it in
 * `*component`. False when babeltrace2 refuses: its error is the thread's.
 */
bool sink_add(struct sink_job *job, bt_graph *graph, const bt_component_sink **component);

#endif /* GILTRACE_DECODE_SINK_H */
