/* What a smaller switch interval would have changed; see forecast.h. */
#include "stats/forecast.h"

#include <glib.h>

#include "model/tally.h"

const uint32_t forecast_intervals_us[FORECAST_INTERVALS] = {1000, 500};

/*
 * Each turn within the wait would have ended earlier by the difference between
 * the intervals: the waiter asks earlier, and the holder answers as soon as it
 * did. Of the first turn the waiter may have seen only the end.
 */
static uint64_t saved(const struct model_wait *wait, uint64_t now_ns, uint64_t then_ns)
{
	uint64_t earlier = now_ns - then_ns, sum;
	uint64_t first = wait->first_turn_ns, least = then_ns + wait->first_latency_ns;

	if (wait->turns == 0)
		return 0;
	sum = first > least ? MIN(first - least, earlier) : 0;
	sum = tally_plus(sum, (wait->turns - 1) * earlier);
	return MIN(sum, wait->wait_ns);
}

void forecast_add(struct forecast *forecast, const struct model_wait *wait, uint32_t interval_us)
{
	uint64_t now_ns = UINT64_C(1000) * interval_us;

	if (now_ns == 0)
		return;
	if (wait->turn && !wait->answered) {
		forecast->unanswered_waits++;
		forecast->unanswered_ns = tally_plus(forecast->unanswered_ns, wait->wait_ns);
	}
	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		uint64_t then_ns = UINT64_C(1000) * forecast_intervals_us[i], ns;

		if (then_ns >= now_ns)
			continue;
		ns = saved(wait, now_ns, then_ns);
		forecast->with[i].changed_waits += ns > 0;
		forecast->with[i].saved_ns = tally_plus(forecast->with[i].saved_ns, ns);
		if (!wait->turn && wait->turns == 0 && wait->wait_ns > then_ns) {
			forecast->with[i].other_waits++;
			forecast->with[i].other_ns =
				tally_plus(forecast->with[i].other_ns, wait->wait_ns - then_ns);
		}
	}
}

void forecast_merge(struct forecast *into, const struct forecast *from)
{
	into->unanswered_waits += from->unanswered_waits;
	into->unanswered_ns = tally_plus(into->unanswered_ns, from->unanswered_ns);
	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		into->with[i].changed_waits += from->with[i].changed_waits;
		into->with[i].saved_ns = tally_plus(into->with[i].saved_ns, from->with[i].saved_ns);
		into->with[i].other_waits += from->with[i].other_waits;
		into->with[i].other_ns = tally_plus(into->with[i].other_ns, from->with[i].other_ns);
	}
}
