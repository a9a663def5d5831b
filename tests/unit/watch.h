/*
 * A timeline that adds up what it is told, so that every report of a unit test is
 * compared with it: each figure that is a sum of holds, waits, blame, requests or
 * handoffs, and the order that model/timeline.h promises.
 */
#ifndef GILTRACE_TESTS_UNIT_WATCH_H
#define GILTRACE_TESTS_UNIT_WATCH_H

#include <glib.h>

#include "model/timeline.h"
#include "stats/report.h"

/* Kept for tests that want each of them. */
struct watched_hold {
	int32_t tid;
	uint32_t site;
	struct timeline_hold hold;
};

struct watched_wait {
	int32_t tid;
	uint32_t site;
	int32_t behind; /* a tid, BLAME_HANDOFF or BLAME_UNKNOWN */
	guint pieces;	/* the first of it in `pieces`, */
	guint piece_count;
	struct timeline_wait wait;
};

struct watched_piece {
	int32_t holder; /* a tid or BLAME_UNKNOWN */
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct watched_request {
	int32_t sender;
	int32_t receiver; /* 0: not known */
	uint64_t at_ns;
};

struct watched_stay {
	int32_t tid;
	char *name;
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct watched_gil {
	uint32_t process;
	uint32_t index;
	bool done;
	bool hostile; /* what it was told contradicts itself: no order is promised */
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t first_ns; /* earliest and latest time told */
	uint64_t last_ns;
	uint64_t held_until;
	uint64_t number; /* of the last hold */
	uint64_t handoffs, handoff_ns;
	uint64_t sums_only; /* pieces of blame without times */
	GPtrArray *threads; /* struct watched_thread */
	GArray *places;	    /* index of the thread of each */
	GArray *holds;	    /* struct watched_hold */
	GArray *waits;	    /* struct watched_wait */
	GArray *pieces;	    /* struct watched_piece */
	GArray *requests;   /* struct watched_request */
	GArray *begun;	    /* struct watched_request, receiver 0 */
};

struct watched_thread {
	int32_t tid;
	uint64_t acquisitions, contended_acquisitions;
	uint64_t holds, held_ns;
	uint64_t waits, wait_ns;
	uint64_t sent, received;
	uint64_t until;	  /* the end of what was told of it */
	uint64_t *blamed; /* by index of the holder; grows */
	guint blamed_count;
};

struct watch {
	GPtrArray *gils; /* struct watched_gil */
	GArray *stays;	 /* struct watched_stay */
	uint32_t processes;
};

void watch_begin(struct watch *watch, struct model_timeline *timeline);

/* Fails the test where the report says anything else. */
void watch_compare(const struct watch *watch, const struct report *report);

void watch_release(struct watch *watch);

#endif /* GILTRACE_TESTS_UNIT_WATCH_H */
