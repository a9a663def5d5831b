/* Holds put into the order of their numbers, whatever the order in which they arrive. */
#include "../shim/cycles.h"

#include "model/state.h"

/*
 * Numbers before the first recorded one are given up after so many holds, not
 * after a whole window: most often they do not exist, but some may be late.
 */
#define UNRECORDED_HOLDS (UINT32_C(1) << 14)
#define UNRECORDED_IN_BURSTS (UINT32_C(1) << 17)

/* Will no other event speak of what this slot has? */
static bool is_complete(const struct gil *gil, const struct slot *slot)
{
	return slot->flags & SLOT_RELEASED || pypy_is(gil);
}

static bool has_pending(const struct gil *gil)
{
	return !window_is_empty(&gil->window) || !early_is_empty(&gil->early);
}

/* The lowest number that has arrived and is not settled; UINT64_MAX: there is none. */
static uint64_t first_pending(const struct gil *gil)
{
	uint64_t first = window_is_empty(&gil->window) ? UINT64_MAX : gil->window.first;

	return early_is_empty(&gil->early) ? first : MIN(first, early_first(&gil->early)->first);
}

static uint64_t end_pending(const struct gil *gil)
{
	uint64_t end = window_is_empty(&gil->window) ? 0 : gil->window.end;

	return early_is_empty(&gil->early) ? end : MAX(end, early_last(&gil->early)->end);
}

/* Will no other event speak of what the first hold has? */
static bool is_first_complete(const struct gil *gil)
{
	const struct early *early = &gil->early;

	return (!early_is_empty(early) && early_first(early)->first == first_pending(gil)) ||
	       is_complete(gil, window_first(&gil->window));
}

/* May the first hold be settled: in order and complete, or waited for long enough? */
static bool is_ripe(const struct gil *gil)
{
	uint64_t number = first_pending(gil), kept = end_pending(gil) - number;
	bool released = is_first_complete(gil);

	if (released && number <= gil->settled + 1)
		return true;
	/* What is missing before it, or its own release, was perhaps never recorded. */
	if (number + !released <= gil->base)
		return kept >= (gil->bursts ? UNRECORDED_IN_BURSTS : UNRECORDED_HOLDS);
	return kept >= (gil->bursts ? WINDOW_SPAN : WINDOW_HOLDS);
}

static void settle(struct gil *gil, uint64_t number, struct slot *slot)
{
	if (pypy_is(gil))
		pypy_settle(gil, number, slot);
	else
		settle_hold(gil, number, slot);
}

static void settle_first_slot(struct gil *gil)
{
	settle(gil, gil->window.first, window_first(&gil->window));
	window_pop(&gil->window);
}

static void settle_first_burst(struct gil *gil)
{
	struct burst burst = early_take(&gil->early);

	if (burst.first <= gil->settled)
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	cycles_settle(gil, &burst);
	g_free((void *)(uintptr_t)burst.words.numbers);
}

static void settle_first(struct gil *gil)
{
	const struct early *early = &gil->early;

	if (!early_is_empty(early) && early_first(early)->first == first_pending(gil))
		settle_first_burst(gil);
	else
		settle_first_slot(gil);
}

static void settle_ripe(struct gil *gil)
{
	while (has_pending(gil) && is_ripe(gil))
		settle_first(gil);
}

static void drop_slot(struct gil *gil, struct slot *slot)
{
	if (slot->open)
		wait_discard(gil, slot->open);
	slot->open = NULL;
}

/* A release joins the acquire of the same hold. */
static void join(struct gil *gil, struct slot *slot, const struct slot *released)
{
	struct slot joined = *released;

	if (slot->thread != released->thread ||
		(joined.flags & SLOT_UNSEEN && slot->at > joined.at)) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		drop_slot(gil, slot);
		*slot = joined;
		return;
	}
	/* Whatever the release says of its acquire: here it is. */
	if (joined.flags & SLOT_UNSEEN) {
		joined.held_ns = joined.at - slot->at;
		joined.flags &= ~SLOT_UNSEEN;
	} else if (joined.at - joined.held_ns != slot->at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	}
	joined.flags |= SLOT_ACQUIRED;
	joined.wait_ns = slot->wait_ns;
	joined.yield_ns = slot->yield_ns;
	joined.open = slot->open;
	joined.wait_site = slot->wait_site;
	*slot = joined;
}

/* The acquire that a process tells at its end may have been told when it happened. */
static bool is_repeated(const struct slot *slot, const struct slot *news)
{
	return news->flags == SLOT_ACQUIRED && slot->flags == SLOT_ACQUIRED && !news->open &&
	       !news->wait_ns && !news->yield_ns && slot->at == news->at &&
	       slot->thread == news->thread;
}

static void merge(struct gil *gil, struct slot *slot, struct slot *news)
{
	if (!slot->flags) {
		*slot = *news;
	} else if (slot->flags == SLOT_ACQUIRED && news->flags & SLOT_RELEASED && !pypy_is(gil)) {
		drop_slot(gil, news);
		join(gil, slot, news);
	} else if (!is_repeated(slot, news)) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		drop_slot(gil, news);
	}
}

void order_slot(struct gil *gil, uint64_t number, struct slot *news)
{
	struct slot *slot;

	if (number <= gil->settled) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		drop_slot(gil, news);
		return;
	}
	if (number == gil->settled + 1 && !has_pending(gil) && is_complete(gil, news)) {
		settle(gil, number, news); /* nearly always */
		return;
	}
	while (!(slot = window_at(&gil->window, number)) && first_pending(gil) < number)
		settle_first(gil);
	if (slot)
		merge(gil, slot, news);
	else
		settle(gil, number, news);
	settle_ripe(gil);
}

/* Is it the next one? If parts of it are settled, the rest is. */
static bool is_next(const struct gil *gil, const struct burst *burst)
{
	return burst->first <= gil->settled + 1 && burst->first <= first_pending(gil);
}

void order_burst(struct gil *gil, const struct burst *burst)
{
	struct early *early = &gil->early;

	while (!is_next(gil, burst) && early_is_full(early, burst->words.count) &&
		first_pending(gil) < burst->first)
		settle_first(gil);
	if (is_next(gil, burst) || early_is_full(early, burst->words.count))
		cycles_settle(gil, burst);
	else
		early_add(early, burst);
	settle_ripe(gil);
}

void order_cycle(struct gil *gil, uint64_t number, struct slot *slot)
{
	struct thread *thread = slot->thread;
	struct window *window = &gil->window;

	if (number > thread->latest[LENGTH_HOLD].number)
		stack_length(thread, LENGTH_HOLD, (struct length){number, slot->held_ns, slot->at});
	if (window_is_empty(window) || window->first > number) {
		settle_hold(gil, number, slot);
		return;
	}
	merge(gil, window_first(window), slot);
	settle_first_slot(gil);
}

/* When the hold behind the first slot of the window began; UINT64_MAX: there is none. */
static uint64_t second_begin(const struct gil *gil)
{
	const struct window *window = &gil->window;
	uint64_t begin = early_is_empty(&gil->early) ? UINT64_MAX : early_first(&gil->early)->at;

	for (uint64_t number = window->first + 1; number < window->end; number++) {
		const struct slot *slot = window_peek(window, number);

		if (slot)
			return MIN(begin, slot->at - slot->held_ns);
	}
	return begin;
}

static uint64_t first_begin(const struct gil *gil)
{
	const struct early *early = &gil->early;
	const struct slot *slot;

	if (!early_is_empty(early) && early_first(early)->first == first_pending(gil))
		return early_first(early)->at;
	slot = window_first(&gil->window);
	/* A hold that lasts is in order; its end is lost when another one has begun. */
	return is_complete(gil, slot) ? slot->at - slot->held_ns : second_begin(gil);
}

bool order_settle_before(struct gil *gil, uint64_t limit)
{
	if (!has_pending(gil) || first_begin(gil) >= limit)
		return false;
	settle_first(gil);
	settle_ripe(gil);
	return true;
}

void order_flush(struct gil *gil)
{
	if (!gil->process->ending_seen)
		gil->cut = gil->thread_order->len * (gil->bursts ? CYCLES_MOST : 1);
	while (has_pending(gil)) {
		uint64_t number = first_pending(gil);

		if (number + 1 < end_pending(gil) || is_first_complete(gil)) {
			settle_first(gil);
			continue;
		}
		settle_open_hold(gil, number, window_first(&gil->window));
		window_pop(&gil->window);
	}
}
