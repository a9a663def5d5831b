/*
 * One data stream of the trace, or all of a live session, which come in one: its
 * messages are taken note of, and it stops at each event of giltrace.
 */
#ifndef GILTRACE_DECODE_LANE_H
#define GILTRACE_DECODE_LANE_H

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stdint.h>

#include "decode/classes.h"
#include "decode/pages.h"
#include "decode/sink.h"

enum lane_step {
	LANE_EVENT,   /* it stands at one */
	LANE_WAITING, /* there is none at hand, but more may come: to be asked again */
	LANE_OVER,    /* there is no more, and the lane is closed */
};

/* Starts zeroed, with an iterator, an order and, where it reads files, pages. */
struct lane {
	bt_message_iterator *iterator;
	uint64_t order;			 /* see sink.h */
	struct pages *pages;		 /* those of its file; NULL: live */
	bt_message_array_const messages; /* at hand; those from `next` on are owned */
	uint64_t count;
	uint64_t next;
	const bt_event *event;		 /* that it stands at, in the message `next`; */
	uint64_t time;			 /* its raw clock value, */
	const struct class_entry *class; /* its class, of use LAYOUT_KNOWN */
	const bt_clock_class *clock;
	uint64_t packet_end; /* of the last packet that was read, raw; 0: none, or not known */
	char *name;	     /* path of the data stream file; NULL when not known */
	bool over;	     /* nothing of use is behind the messages at hand */
};

/* Moves to the next event, the first one at first. */
enum lane_step lane_advance(struct lane *lane, struct classes *classes, struct sink_job *job);

/* Releases messages and iterator. */
void lane_close(struct lane *lane);

#endif /* GILTRACE_DECODE_LANE_H */
