/* What a watch remembers of each GIL, thread and line; private to watch.c and look.c. */
#ifndef GILTRACE_LIVE_WATCHED_H
#define GILTRACE_LIVE_WATCHED_H

#include <glib.h>

#include "model/model.h"
#include "live/watch.h"

struct watched_place {
	struct model_place *facts;
	bool touched;	  /* is in the list of its thread */
	uint64_t held_ns; /* these two in the window */
	uint64_t wait_ns;
};

struct watched_thread {
	struct model_thread *facts;
	GPtrArray *touched; /* struct watched_place, of the window */
	uint64_t held_ns;   /* these three in the window, of what has ended */
	uint64_t wait_ns;
	uint64_t longest_ns;
	uint64_t acquisitions; /* totals of what has ended */
	uint64_t waits;
	uint64_t total_held_ns;
	uint64_t total_wait_ns;
	uint64_t longest_ever_ns;
	uint64_t pending_ns; /* these two of a wait that is over and has not been told; set by a
				look */
	bool pending;
	uint64_t shown_held_ns; /* totals as last shown: they do not decrease */
	uint64_t shown_wait_ns;
};

struct watched_gil {
	struct model_gil *facts;
	uint64_t begin_ns;	/* of the window; 0: nothing is known yet */
	uint64_t lost;		/* events, in the window */
	uint64_t requests;	/* of drops, in the window */
	uint64_t drop_requests; /* total */
	GPtrArray *threads;
	GPtrArray *places;
};

struct watched_process {
	struct model_process *facts;
	GPtrArray *gils;
};

struct watch {
	struct model *model;
	GPtrArray *processes;
	uint64_t missing;
	uint64_t looked_at;
};

/* Part of [begin, end) that is behind `from`. */
static inline uint64_t watched_part(uint64_t begin, uint64_t end, uint64_t from)
{
	begin = MAX(begin, from);
	return end > begin ? end - begin : 0;
}

#endif /* GILTRACE_LIVE_WATCHED_H */
