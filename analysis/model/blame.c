/* Who held the GIL while a thread waited. */
#include "model/state.h"

static uint64_t tell(struct model_view *view, struct place *waiter, uint32_t holder, uint64_t ns)
{
	const struct model_sink *sink = waiter->thread->gil->sink;

	if (ns)
		sink->blame(sink->user, view, &waiter->facts, holder, ns);
	return ns;
}

void blame_unknown(struct model_view *view, struct place *waiter, uint64_t ns)
{
	tell(view, waiter, MODEL_UNKNOWN, ns);
}

static uint64_t overlap(const struct hold *hold, uint64_t begin, uint64_t end)
{
	begin = MAX(begin, hold->begin);
	end = MIN(end, hold->end);
	return end > begin ? end - begin : 0;
}

/* The part of [begin, end) in which it was held: `ns`, more than 0. */
static void tell_piece(struct place *waiter, const struct hold *hold, uint64_t begin, uint64_t ns)
{
	const struct model_timeline *timeline = waiter->thread->gil->timeline;

	begin = MAX(begin, hold->begin);
	timeline->blame(timeline->user, &waiter->facts, hold->holder, begin, begin + ns);
}

static inline uint64_t tell_overlap(struct model_view *view, struct place *waiter,
	const struct hold *hold, uint64_t begin, uint64_t end)
{
	uint64_t ns = overlap(hold, begin, end);

	if (!ns)
		return 0;
	if (!view->region && waiter->thread->gil->timeline->blame)
		tell_piece(waiter, hold, begin, ns);
	return tell(view, waiter, hold->holder, ns);
}

/* It was this one, nobody knows when: all that is left is the sum. */
static uint64_t tell_sum(
	struct model_view *view, struct place *waiter, uint32_t holder, uint64_t ns)
{
	const struct model_timeline *timeline = waiter->thread->gil->timeline;

	if (!view->region && timeline->blame && ns && holder != MODEL_UNKNOWN)
		timeline->blame(
			timeline->user, &waiter->facts, holder, EVENT_UNKNOWN, EVENT_UNKNOWN);
	return tell(view, waiter, holder, ns);
}

/* The part that the ring knows. Like all of these, returns how much was told. */
static uint64_t blame_ring(
	struct model_view *view, struct place *waiter, uint64_t begin, uint64_t end)
{
	const struct ring *ring = &waiter->thread->gil->ring;
	uint64_t told = 0;

	for (uint32_t back = 0; back < ring_count(ring); back++) {
		const struct hold *hold = ring_newest(ring, back);

		if (hold->end <= begin)
			break;
		told += tell_overlap(view, waiter, hold, begin, end);
	}
	return told;
}

/* The part before the ring's floor, from what was folded for an announced wait. */
static uint64_t blame_folded(
	struct model_view *view, struct place *waiter, uint64_t begin, const struct open_wait *open)
{
	uint64_t known = MIN(open->folded_from, waiter->thread->gil->ring.floor), told = 0;

	if (begin < known)
		told = tell(view, waiter, MODEL_UNKNOWN, known - begin);
	for (uint32_t i = 0; open->folded.entries && i <= open->folded.mask; i++) {
		const struct tally_entry *entry = &open->folded.entries[i];

		if (entry->tag)
			told += tell_sum(view, waiter, entry->tag - 1, entry->sum);
	}
	return told;
}

void blame_wait(struct model_view *view, struct place *waiter, uint64_t begin, uint64_t end,
	const struct open_wait *open)
{
	uint64_t floor = waiter->thread->gil->ring.floor, told = 0;

	if (begin < floor) {
		/* What was folded is of use only if it is all of this wait and nothing else. */
		if (open && begin <= open->folded_from && floor <= end)
			told = blame_folded(view, waiter, begin, open);
		else
			told = tell(view, waiter, MODEL_UNKNOWN, MIN(end, floor) - begin);
	}
	told += blame_ring(view, waiter, begin, end);
	tell(view, waiter, MODEL_HANDOFF, end - begin - told);
}

uint64_t watch_horizon(const struct watch *watch)
{
	return watch->count < WATCH_HOLDS ? UINT64_MAX : watch->holds[WATCH_HOLDS - 1].end;
}

void blame_yield(
	struct model_view *view, struct place *waiter, uint64_t since, uint64_t begin, uint64_t end)
{
	const struct watch *watch = waiter->thread->watch;
	uint64_t floor = waiter->thread->gil->ring.floor, told = 0, split;

	if (begin >= floor || !watch || !watch->pending || watch->since != since ||
		watch->count < WATCH_HOLDS) {
		blame_wait(view, waiter, begin, end, NULL);
		return;
	}
	split = MAX(begin, MIN(end, watch_horizon(watch)));
	for (uint32_t i = 0; i < watch->count; i++)
		told += tell_overlap(view, waiter, &watch->holds[i], begin, split);
	tell(view, waiter, MODEL_HANDOFF, split - begin - told);
	if (split < end)
		blame_wait(view, waiter, split, end, NULL);
}

/* The ring is about to forget `hold`: announced waits that need it take it over. */
static void fold(struct gil *gil, const struct hold *hold)
{
	uint64_t fold_from = UINT64_MAX;

	for (struct open_wait *open = gil->opens; open; open = open->next) {
		uint64_t ns = overlap(hold, open->folded_from, open->end);

		if (ns)
			tally_add(&open->folded, hold->holder, ns);
		fold_from = MIN(fold_from, open->since);
	}
	gil->fold_from = fold_from;
}

void blame_hold(struct gil *gil, uint64_t begin, uint64_t end, uint32_t holder)
{
	const struct hold *oldest = ring_oldest_of_full(&gil->ring);
	struct thread **link = &gil->watched;

	if (end <= begin)
		return;
	if (oldest && oldest->end > gil->fold_from)
		fold(gil, oldest);
	ring_push(&gil->ring, begin, end, holder);
	while (*link) {
		struct thread *thread = *link;
		struct watch *watch = thread->watch;

		watch->holds[watch->count++] = (struct hold){begin, end, holder};
		if (watch->count == WATCH_HOLDS)
			*link = thread->next_watched;
		else
			link = &thread->next_watched;
	}
}

void blame_watch(struct thread *thread, uint64_t since)
{
	struct watch *watch = thread->watch;

	if (!watch)
		watch = thread->watch = g_new0(struct watch, 1);
	else
		blame_unwatch(thread);
	watch->pending = true;
	watch->kept = false;
	watch->since = since;
	watch->count = 0;
	thread->next_watched = thread->gil->watched;
	thread->gil->watched = thread;
}

void blame_unwatch(struct thread *thread)
{
	struct thread **link = &thread->gil->watched;

	if (!thread->watch || !thread->watch->pending)
		return;
	thread->watch->pending = false;
	if (thread->watch->count == WATCH_HOLDS)
		return;
	while (*link && *link != thread)
		link = &(*link)->next_watched;
	if (*link)
		*link = thread->next_watched;
}
