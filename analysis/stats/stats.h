/* The statistics: events in, the figures of a report out. One pass, memory bounded by threads and
 * GILs. */
#ifndef GILTRACE_STATS_STATS_H
#define GILTRACE_STATS_STATS_H

#include "event.h"
#include "model/model.h"
#include "selection.h"
#include "stats/report.h"

struct stats;
struct model_timeline;

/*
 * `selection`: only these processes; NULL: all. `regions`: those that get figures of
 * their own (region_report.gils) besides; NULL: none. `timeline`: is told, in the same
 * pass, when it all happened (model/timeline.h); NULL: nobody. All three are copied.
 * Ends with stats_finish.
 */
struct stats *stats_new(const struct selection *selection, const struct region_choice *regions,
	const struct model_timeline *timeline);

/* The next event, in the order of LTTng's timestamps. Never fails: what cannot be becomes a doubt.
 */
void stats_feed(struct stats *stats, const struct event *event);

/*
 * No more events: tells the timeline what was still open, frees `stats` and writes events,
 * processes and doubts of `report`, which then owns them. The other members, and the doubts
 * LOST_EVENTS and TRUNCATED, which only the reader of the trace knows, are left
 * as they are. `report` NULL: the figures are not wanted.
 */
void stats_finish(struct stats *stats, struct report *report);

#endif /* GILTRACE_STATS_STATS_H */
