/* What is counted while events come, and how it becomes the report; private to analysis/stats/. */
#ifndef GILTRACE_STATS_GATHER_H
#define GILTRACE_STATS_GATHER_H

#include <glib.h>

#include "model/model.h"
#include "stats/histogram.h"
#include "stats/report.h"

struct thread_stats {
	const struct model_thread *thread;
	uint64_t acquisitions;
	uint64_t contended_acquisitions;
	uint64_t drop_requests_sent;
	uint64_t drop_requests_received;
	struct histogram hold;
	struct histogram wait;
	struct histogram wait_turn;
	struct tally blame; /* by index of the holder, MODEL_HANDOFF or MODEL_UNKNOWN */
};

struct gil_stats {
	GPtrArray *threads; /* struct thread_stats, by index */
	uint64_t drop_requests;
	uint64_t forced_releases;
	uint64_t doubts[DOUBT_KINDS];
	struct histogram handoff;
	struct histogram drop_latency;
};

struct gil_stats *gather_new(void);

void gather_free(struct gil_stats *stats);

/* Writes the figures of a GIL that is done into `report` and frees `stats`. */
void gather_gil(struct gil_stats *stats, const struct model_gil *gil, struct gil_report *report);

#endif /* GILTRACE_STATS_GATHER_H */
