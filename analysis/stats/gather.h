/* What is counted while events come, and how it becomes the report; private to analysis/stats/. */
#ifndef GILTRACE_STATS_GATHER_H
#define GILTRACE_STATS_GATHER_H

#include <glib.h>

#include "model/map.h"
#include "model/model.h"
#include "stats/forecast.h"
#include "stats/histogram.h"
#include "stats/report.h"

/* Pairs of places that blame is kept for in one GIL; of the others it is kept for pairs of threads.
 */
#ifndef PAIRS_KEPT
#define PAIRS_KEPT (UINT32_C(1) << 16)
#endif

struct place_stats {
	const struct model_place *place;
	struct thread_stats *thread;
	uint32_t index;		     /* in gil_stats.places */
	struct site_figures figures; /* blocked_ns: only what `blame` does not have */
	struct tally blame;	     /* by `index` of the holder, MODEL_HANDOFF or MODEL_UNKNOWN */
};

struct thread_stats {
	const struct model_thread *thread;
	uint32_t index; /* in gil_stats.threads */
	uint64_t acquisitions;
	uint64_t releases;
	uint64_t contended_acquisitions;
	uint64_t drop_requests_sent;
	uint64_t drop_requests_received;
	struct histogram hold;
	struct histogram wait;
	struct histogram wait_turn;
	struct forecast forecast;
	struct tally blame_rest; /* by `index` of the holder; beyond PAIRS_KEPT */
};

/* Holds or waits with the same stack. */
struct stack_stats {
	const struct thread_stats *thread;
	enum stack_kind kind;
	bool whole;
	uint32_t *sites;
	size_t site_count;
	struct native_frame *native; /* without names */
	size_t native_count;
	uint64_t count;
	uint64_t known;
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t at_ns;
};

/* Stacks of one GIL that are told apart. */
#define STACKS_KEPT 4096

/* Of a GIL, or of a region under it: then only the threads and places that it has to do with. */
struct gil_stats {
	GPtrArray *threads; /* struct thread_stats */
	GPtrArray *places;  /* struct place_stats */
	/* Of a region: by the model's index. */
	struct map thread_map;
	struct map place_map;
	uint32_t pairs; /* in the blame of all places */
	uint64_t drop_requests;
	uint64_t forced_releases;
	uint64_t turns_in_a_row; /* forced releases of holds that began with one, soon answered */
	uint64_t doubts[DOUBT_KINDS];
	GHashTable *stacks; /* struct stack_stats, its own key, or by the GIL's; NULL before the
			       first */
	uint64_t stacks_left_out;
	struct histogram handoff;
	struct histogram drop_latency;
};

struct gil_stats *gather_new(void);

void gather_free(struct gil_stats *stats);

/* The parts of the next two for regions, and for what is new. */
struct thread_stats *gather_find_thread(
	const struct model_view *view, const struct model_thread *thread);
struct place_stats *gather_find_place(
	const struct model_view *view, const struct model_place *place);

/* A thread or place of the view's, new where it was not there yet. */
static inline struct thread_stats *gather_thread_of(
	const struct model_view *view, const struct model_thread *thread)
{
	return view->region || !thread->user ? gather_find_thread(view, thread) : thread->user;
}

static inline struct place_stats *gather_place_of(
	const struct model_view *view, const struct model_place *place)
{
	return view->region || !place->user ? gather_find_place(view, place) : place->user;
}

/* A wait at `waiter` while `holder` held: the index of a place_stats, MODEL_HANDOFF or
 * MODEL_UNKNOWN.
 */
void gather_blame(
	struct gil_stats *stats, struct place_stats *waiter, uint32_t holder, uint64_t ns);

/* Where in the report the thread, and the line of the place, with a given index stand. */
struct gather_order {
	const int *threads;
	const int *sites;
	int rest; /* the site for what there was no room for; -1: there was */
};

/* Fills line_blame and blame of `report`. */
void gather_pairs(
	const struct gil_stats *stats, const struct gather_order *order, struct gil_report *report);

/*
 * Fills sites, line_blame and blame of `report`, and the sites of its threads.
 * `order`: where in the report the thread with a given index stands, -1: nowhere.
 */
void gather_lines(const struct gil_stats *stats, const struct model_gil *gil, const int *order,
	struct gil_report *report);

/* A stack of `thread`; NULL when there is no room for more. */
struct stack_stats *gather_stack(struct gil_stats *stats, const struct thread_stats *thread,
	const struct event *event, const struct process_report *process);

/* One of the GIL's that was inside of the region; to be counted by gather_stack_length. */
struct stack_stats *gather_stack_inside(
	struct gil_stats *stats, const struct thread_stats *thread, struct stack_stats *stack);
void gather_stack_length(struct stack_stats *stack, uint64_t at, uint64_t ns);
void gather_stacks(const struct gil_stats *stats, const struct model_gil *gil, const int *order,
	struct gil_report *report);

/* Appends the module that `event` tells of to those of `process`. */
void gather_module(struct process_report *process, const struct event *event);

/*
 * Writes the figures of a GIL that is done, or of a region under it, into `report`
 * and frees what they were made of.
 */
void gather_gil(const struct model_view *view, struct gil_report *report);

/* Are the holds and waits possible within the time that the GIL was on? */
bool gather_fits(const struct gil_stats *stats, const struct model_gil *gil);

#endif /* GILTRACE_STATS_GATHER_H */
