/*
 * What a smaller switch interval would have changed, counted wait by wait; see
 * struct forecast_report for what that means.
 */
#ifndef GILTRACE_STATS_FORECAST_H
#define GILTRACE_STATS_FORECAST_H

#include "model/model.h"
#include "stats/report.h"

/* Of the waits of one thread. All zero: none. */
struct forecast {
	uint64_t unanswered_waits;
	uint64_t unanswered_ns;
	struct {
		uint64_t changed_waits;
		uint64_t saved_ns;
		uint64_t other_waits;
		uint64_t other_ns;
	} with[FORECAST_INTERVALS];
};

/* `interval_us`: the one that the wait was under; 0 when there is none, or nobody knows it. */
void forecast_add(struct forecast *forecast, const struct model_wait *wait, uint32_t interval_us);
void forecast_merge(struct forecast *into, const struct forecast *from);

#endif /* GILTRACE_STATS_FORECAST_H */
